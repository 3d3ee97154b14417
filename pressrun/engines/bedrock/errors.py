"""What refusals of Amazon Bedrock mean, with the advice for Bedrock.

Knows nothing of clients, requests or retries. Source:
https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pressrun.boundary.text import one_line
from pressrun.engines.base import Usage
from pressrun.engines.lenient_json import count, mapping
from pressrun.engines.refusals.errors import Provider, error_of
from pressrun.engines.refusals.parsing import parse_error_response
from pressrun.engines.refusals.reasons import Reason
from pressrun.errors import Blocked, EngineError, Refused, Unavailable

_WHERE_CREDENTIALS_ARE = (
    "See the AWS Credentials block that the model account names, or the worker's environment."
)
_BEDROCK = Provider(
    "Bedrock",
    "these credentials",
    {
        Reason.BAD_KEY: _WHERE_CREDENTIALS_ARE,
        Reason.KEY_GONE: _WHERE_CREDENTIALS_ARE,
        Reason.DENIED: "Allow bedrock:InvokeModel, and see the model's access in Bedrock's "
        "console; a new AWS account may have to be verified by AWS first.",
        Reason.BILLING: "See the account's way to pay in AWS's billing console.",
        Reason.NO_QUOTA: "Ask for quota in AWS's Service Quotas, or choose another model for the "
        "batch.",
        Reason.SPENT: "Ask for more in AWS's Service Quotas, then resume the batch.",
        Reason.UNKNOWN_MODEL: "The image models are in us-west-2: set that region, or choose "
        "another model for the batch.",
        Reason.WRONG_ADDRESS: "Correct the endpoint URL in the model account block, or leave it "
        "empty.",
    },
)


def from_response(response: Mapping[str, Any], *, model: str, now: datetime) -> EngineError:
    """Makes the error of a refusal by AWS.

    Args:
        response: botocore's ``ClientError.response``.
        model: The model that was asked, for the sentence.
        now: The present moment, with a time zone.
    """
    answer = mapping(response.get("ResponseMetadata"))
    status = count(answer.get("HTTPStatusCode")) or 500
    headers = mapping(answer.get("HTTPHeaders"))
    refusal = parse_error_response(status, headers, mapping(response.get("Error")), now)
    return error_of(refusal, _BEDROCK, model=model, now=now)


def blocked(said: str, usage: object | None = None) -> Blocked:
    """Makes the error of a prompt or picture that breaks a rule. Final: rules do not change."""
    return Blocked(
        f"Bedrock refuses the prompt ({one_line(said, 300)}). Change the text of this item.",
        usage=usage,
    )


def wrong_address(error: ValueError) -> Refused:
    """Makes the error of an address that can be none, whatever the network is like."""
    return Refused(
        f"The endpoint URL of Bedrock in the account is none ({one_line(str(error), 200)}). "
        f"{_BEDROCK.advice[Reason.WRONG_ADDRESS]}",
        kind="bad_address",
    )


def not_listed(model: str) -> Refused:
    """Makes the error of a model that the region's list of models does not have."""
    return Refused(
        f"Bedrock does not list {model} in this region. The image models are in us-west-2.",
        kind="unknown_model",
    )


def no_credentials(error: Exception) -> Refused:
    """Makes the error of credentials that are missing or not usable; AWS was not even asked."""
    return Refused(
        f"There are no usable AWS credentials ({type(error).__name__}). {_WHERE_CREDENTIALS_ARE}",
        kind="bad_key",
    )


def credentials_away(error: Exception) -> Unavailable:
    """Makes the error of credentials that cannot be fetched for now: nobody judged them.

    The machine's role gave some before, or its service fails.
    """
    return Unavailable(
        f"AWS's credentials of this machine cannot be fetched ({type(error).__name__}: "
        f"{one_line(str(error), 200)}). It may be over by the next try; if not, see the machine's "
        "role.",
        kind="connection",
        usage=Usage(),  # the model was not even asked
    )
