"""What refusals of Amazon Bedrock mean: every exception as one of Pressrun's errors.

Classified by AWS's error code and HTTP status. AWS's prose is read only where it sends nothing
else: content filters and unknown models, which are plain ValidationExceptions. Knows nothing of
clients, requests or retries. Source:
https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    Throttled,
    Unavailable,
    retry_after_s,
)
from pressrun.text import one_line

_THROTTLED = {"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
_WRONG_KEY = {
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "InvalidClientTokenId",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "ExpiredTokenException",
    "ExpiredToken",
}
_PASSING = {
    "InternalServerException",
    "ServiceUnavailableException",
    "ModelNotReadyException",
    "ModelErrorException",
}
_WHERE_CREDENTIALS_ARE = (
    "See the AWS Credentials block that the model account names, or the worker's environment."
)


def from_response(response: Mapping[str, Any], *, model: str, now: datetime) -> EngineError:
    """The meaning of an error that AWS answered with.

    Args:
        response: botocore's ``ClientError.response``.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
    """
    code = str(response.get("Error", {}).get("Code", ""))
    told = response.get("ResponseMetadata", {})
    status, headers = int(told.get("HTTPStatusCode") or 0), told.get("HTTPHeaders") or {}
    said = _said(response)
    if code == "ServiceQuotaExceededException":
        return QuotaExhausted(
            f"The AWS account's quota for {model} is used up ({said}). Ask for more in AWS's "
            "Service Quotas, then resume the batch."
        )
    if code == "ModelTimeoutException":
        # AWS gave up, not we: nothing was drawn, so it is not counted at its worst.
        return Unavailable(f"{model} took too long for Bedrock ({said}). Try again.")
    if code in _PASSING or status >= 500:
        return Unavailable(
            f"Bedrock failed to answer ({said}). It usually recovers: try again.",
            retry_after_s=retry_after_s(headers, now),
        )
    if code in _THROTTLED or status == 429:
        return Throttled(
            f"Bedrock takes no more calls of {model} for the moment ({said}).",
            retry_after_s=retry_after_s(headers, now),
        )
    return _wrong_request(code, status, said, model)


def _wrong_request(code: str, status: int, said: str, model: str) -> EngineError:
    prose = said.lower()
    if code in _WRONG_KEY:
        return Refused(
            f"AWS does not accept the credentials ({said}). {_WHERE_CREDENTIALS_ARE}",
            kind="bad_key",
        )
    if code == "AccessDeniedException" or status in {401, 403}:
        return Refused(
            f"AWS denies these credentials the use of {model} ({said}). Allow "
            "bedrock:InvokeModel, and see the model's access in Bedrock's console.",
            kind="no_permission",
        )
    if code == "ResourceNotFoundException" or "model identifier is invalid" in prose:
        return Refused(
            f"Bedrock has no model {model} in this region ({said}). The image models are in "
            "us-west-2; or choose another model for the batch.",
            kind="unknown_model",
        )
    if status == 404:
        return wrong_address()
    if "content filter" in prose or "content policy" in prose:
        return blocked(said)
    return Refused(
        f"Bedrock finds the request wrong ({said}). Change the batch's settings.",
        kind="bad_request",
    )


def blocked(said: str, usage: object | None = None) -> Blocked:
    """The prompt or the picture offends a rule. Final: the rules do not change."""
    return Blocked(
        f"Bedrock refuses the prompt ({one_line(said, 300)}). Change the text of this item.",
        usage=usage,
    )


def wrong_address() -> Refused:
    """Something answered that does not speak the protocol."""
    return Refused(
        "What answers at the account's address is not Amazon Bedrock. Correct the endpoint URL in "
        "the model account block, or leave it empty.",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """The region's list of models does not have this one."""
    return Refused(
        f"Bedrock does not list {model} in this region. The image models are in us-west-2.",
        kind="unknown_model",
    )


def no_credentials(error: Exception) -> Refused:
    """AWS was not even asked."""
    return Refused(
        f"There are no usable AWS credentials ({type(error).__name__}). {_WHERE_CREDENTIALS_ARE}",
        kind="bad_key",
    )


def unreadable(usage: object | None = None) -> BadReply:
    """An answer that is not the model's JSON."""
    return BadReply(
        "Bedrock's answer is not the JSON it should be. Try again.", kind="bad_json", usage=usage
    )


def _said(response: Mapping[str, Any]) -> str:
    error = response.get("Error", {})
    return f"{error.get('Code', '')}: {one_line(str(error.get('Message') or ''), 300)}"
