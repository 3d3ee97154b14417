"""Every refusal that Amazon Bedrock is known to send, and what Pressrun makes of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pressrun.engines.bedrock.errors import from_response
from pressrun.errors import Blocked, EngineError, QuotaExhausted, Refused, Throttled, Unavailable

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FILTERED = "This request has been blocked by our content filters. Please adjust your text prompt."
ENDED = "This model version has reached the end of its life."
UNKNOWN = "The provided model identifier is invalid."


def meaning(code: str, status: int, message: str = "Told.", **headers: str) -> EngineError:
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }
    return from_response(response, model="some-model", now=NOON)


ERRORS = [
    ("ThrottlingException", 429, "Too many requests.", Throttled, "throttled"),
    ("TooManyRequestsException", 429, "", Throttled, "throttled"),
    ("ModelNotReadyException", 429, "Loading.", Unavailable, "unavailable"),
    ("ModelTimeoutException", 408, "Late.", Unavailable, "unavailable"),
    ("ModelErrorException", 424, "Broken.", Unavailable, "unavailable"),
    ("InternalServerException", 500, "Broken.", Unavailable, "unavailable"),
    ("ServiceUnavailableException", 503, "Later.", Unavailable, "unavailable"),
    ("502", 502, "Bad Gateway", Unavailable, "unavailable"),
    ("ServiceQuotaExceededException", 400, "Quota.", QuotaExhausted, "quota_exhausted"),
    ("AccessDeniedException", 403, "No bedrock:InvokeModel.", Refused, "no_permission"),
    ("403", 403, "Forbidden", Refused, "no_permission"),
    ("UnrecognizedClientException", 403, "Invalid token.", Refused, "bad_key"),
    ("InvalidSignatureException", 403, "Mismatch.", Refused, "bad_key"),
    ("ExpiredTokenException", 403, "Expired.", Refused, "bad_key"),
    ("ResourceNotFoundException", 404, ENDED, Refused, "unknown_model"),
    ("ValidationException", 400, UNKNOWN, Refused, "unknown_model"),
    ("ValidationException", 400, FILTERED, Blocked, "blocked"),
    ("ValidationException", 400, "aspect_ratio is wrong.", Refused, "bad_request"),
    ("404", 404, "Not Found", Refused, "bad_address"),
    ("NeverHeardOf", 400, "", Refused, "bad_request"),
]


@pytest.mark.parametrize(("code", "status", "message", "expected", "kind"), ERRORS)
def test_an_error_is_classified_by_its_code(
    code: str, status: int, message: str, expected: type[EngineError], kind: str
) -> None:
    error = meaning(code, status, message)
    assert (type(error), error.kind) == (expected, kind)
    assert error.retryable is (expected in {Throttled, Unavailable})
    assert str(error).endswith(".")


def test_the_wait_is_read_from_the_header() -> None:
    for code, status in (("ThrottlingException", 429), ("ServiceUnavailableException", 503)):
        assert meaning(code, status, **{"retry-after": "4"}).retry_after_s == 4.0
        assert meaning(code, status).retry_after_s is None


def test_a_quota_of_aws_has_no_known_end() -> None:
    error = meaning("ServiceQuotaExceededException", 400)
    assert isinstance(error, QuotaExhausted)
    assert error.until is None
