"""What an S3 service's refusal means, and what a person can do about it.

Reads the AWS SDK's exceptions by code and status, never by their prose. Knows no file, no
batch and no connection. Importing it loads botocore, so only the S3 store does, when it asks.

What each code means is in :mod:`pressrun.stores.s3.refusals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any

from botocore import exceptions as sdk

from pressrun.boundary.answers import AnswerRefused
from pressrun.boundary.text import one_line
from pressrun.errors import StoreError
from pressrun.stores.base import ErrorTemplate
from pressrun.stores.retry import capped_wait_s
from pressrun.stores.s3 import refusals

#: What a call needs to be allowed. HEAD needs no permission of its own.
_PERMISSIONS = {
    "PutObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "DeleteObject": "s3:DeleteObject",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """What sentences name: the bucket, where it is asked for, and the region that is set."""

    name: str
    endpoint: str
    region: str


def from_sdk(error: Exception, bucket: Bucket) -> StoreError:
    """Makes the error of our tree for whatever a call of the SDK raises.

    That includes what it raises by accident, because an answer has another form than S3's.
    """
    if isinstance(error, sdk.ClientError):
        return _from_answer(error, bucket)
    return _from_connection(error, bucket)


def not_s3(status: int, bucket: Bucket) -> StoreError:
    """Makes the error of a success that came from something else than an S3 service."""
    return _error(refusals.NOT_S3, bucket, status=status)


def odd(what: str, bucket: Bucket) -> StoreError:
    """Makes the error of a success in which something is missing or wrong."""
    return _error(refusals.ODD, bucket, code=what)


def is_web_page(headers: Mapping[str, Any]) -> bool:
    """Says whether an answer is made for a browser; S3 speaks XML."""
    return "html" in str(headers.get("content-type", "")).lower()


def _error(
    template: ErrorTemplate,
    bucket: Bucket,
    *,
    says: str = "",
    wait_s: float | None = None,
    **words: Any,
) -> StoreError:
    place = {"bucket": bucket.name, "endpoint": bucket.endpoint, "region": bucket.region}
    told = f" It says: {says}" if says and template not in refusals.WORDLESS else ""
    return StoreError(
        template.sentence.format(**place, **words) + told,
        kind=template.kind,
        retryable=template.retryable,
        retry_after_s=wait_s,
    )


def _from_answer(error: Any, bucket: Bucket) -> StoreError:
    code, status, operation = _code(error), _status(error), str(error.operation_name)
    headers = _headers(error)
    return _error(
        _template_of(code, status, operation, headers),
        bucket,
        right=_right_region(error),
        permission=_PERMISSIONS.get(operation, operation),
        says="" if code == str(status) else _message(error),
        code=one_line(code or str(status), 60),
        status=status,
        moved=one_line(headers.get("location", "another address"), 200),
        wait_s=capped_wait_s(headers),
    )


def _template_of(
    code: str, status: int, operation: str, headers: Mapping[str, str]
) -> ErrorTemplate:
    """Finds what an answer means.

    The status decides where the code does not fit it, or is not known.
    """
    known = refusals.CODES.get(code)
    if operation not in _PERMISSIONS:
        return _signing_in(known, status)
    if status == 429:
        return refusals.THROTTLED
    if status >= 500:
        known = known or refusals.CODES.get(str(status))
        fits = known and (known.retryable or known in refusals.FINAL_FAILURES)
        return known if known and fits else refusals.DOWN
    if status < 400:
        return known if known and code != str(status) else _sent_on(status, headers)
    return _client_side(code, status, operation, headers)


def _client_side(
    code: str, status: int, operation: str, headers: Mapping[str, str]
) -> ErrorTemplate:
    """Finds what an answer with a status from 400 to 499 means."""
    told = code not in {"", str(status)}
    if not told and operation != "HeadObject" and is_web_page(headers):
        return refusals.NOT_S3
    by_status = "" if status == 400 and told else str(status)
    template = refusals.CODES.get(code) or refusals.CODES.get(by_status, refusals.REFUSED)
    # No file is looked for where one is written or listed.
    if template is refusals.MISSING and operation in {"PutObject", "ListObjectsV2", "HeadBucket"}:
        return refusals.NO_BUCKET
    return template


def _sent_on(status: int, headers: Mapping[str, str]) -> ErrorTemplate:
    """Finds what a redirect means, or a success that the SDK does not take for one."""
    if status < 300:
        return refusals.DOWN
    if "location" in headers and "x-amz-bucket-region" not in headers:
        return refusals.MOVED
    return refusals.REGION if status in {301, 302, 307, 308} else refusals.ODD


def _signing_in(known: ErrorTemplate | None, status: int) -> ErrorTemplate:
    """Finds what the refusal of a service means that was asked for credentials (STS, SSO)."""
    if status >= 500 or status == 429:
        return refusals.DOWN
    meant = (refusals.EXPIRED, refusals.CLOCK, refusals.DOWN, refusals.THROTTLED)
    return known if known and known in meant else refusals.NO_ROLE


def _from_connection(error: Exception, bucket: Bucket) -> StoreError:
    if endless := _endless(error):
        return _error(refusals.ODD, bucket, code=endless)
    template = _of_class(error)
    # What the SDK says of a broken connection is in our own words already.
    has_reason = not template.retryable or template is refusals.NO_ROLE
    says = one_line(str(error), 300) if has_reason else ""
    return _error(template, bucket, code=type(error).__name__, status=0, says=says)


def _endless(error: Any) -> str:
    """Says what is wrong with an answer that our own connections refused; nothing of others."""
    wrapped = getattr(getattr(error, "kwargs", {}).get("error"), "args", ())
    return next((str(one) for one in (error, *wrapped) if isinstance(one, AnswerRefused)), "")


def _of_class(error: Exception) -> ErrorTemplate:
    if isinstance(error, sdk.ConnectionClosedError):
        return _closed(error)
    for classes, template in refusals.CONNECTIONS:
        if isinstance(error, classes):
            return template
    return refusals.UNSENDABLE if isinstance(error, sdk.BotoCoreError) else refusals.ODD


def _closed(error: Any) -> ErrorTemplate:
    """Finds whether a connection was closed, was late, or spoke another protocol."""
    causes = getattr(error.kwargs.get("error"), "args", ())
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return refusals.DOWN
    lines = [cause for cause in causes if isinstance(cause, BadStatusLine)]
    if any(not isinstance(line, RemoteDisconnected) for line in lines):
        return refusals.NOT_HTTP
    return refusals.CLOSED


def _code(error: Any) -> str:
    """Reads the service's error code; the HTTP status where an answer has no body (HEAD)."""
    return str(error.response.get("Error", {}).get("Code") or "") or str(_status(error))


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _headers(error: Any) -> Mapping[str, str]:
    return error.response.get("ResponseMetadata", {}).get("HTTPHeaders") or {}


def _right_region(error: Any) -> str:
    region = _headers(error).get("x-amz-bucket-region") or error.response.get("Error", {}).get(
        "Region"
    )
    return f" but to {one_line(str(region), 40)!r}" if region else ""


def _message(error: Any) -> str:
    return one_line(str(error.response.get("Error", {}).get("Message") or ""), 300)
