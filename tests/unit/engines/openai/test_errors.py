"""Every refusal that OpenAI's API is known to send, and what Pressrun makes of it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import openai
import pytest

from pressrun.engines.openai.errors import from_status
from pressrun.errors import Blocked, EngineError, QuotaExhausted, Refused, Throttled, Unavailable

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def meaning(status: int, code: str | None = None, kind: str = "", **response: Any) -> EngineError:
    """As the SDK raises it for a response of this status and error."""
    response = response or {"json": {"error": {"message": "Told.", "type": kind, "code": code}}}
    client = openai.OpenAI(
        api_key="sk-1",
        base_url="http://x/v1",
        max_retries=0,
        http_client=httpx2.Client(
            transport=httpx2.MockTransport(lambda _: httpx2.Response(status, **response))
        ),
    )
    with client, pytest.raises(openai.APIStatusError) as raised:
        client.images.generate(prompt="a cat", model="m")
    return from_status(raised.value, model="some-model", now=NOON)


REQUEST = "invalid_request_error"
USER = "image_generation_user_error"
ERRORS = [
    (400, "moderation_blocked", USER, Blocked, "blocked"),
    (400, "content_policy_violation", REQUEST, Blocked, "blocked"),
    (400, "content_filter", REQUEST, Blocked, "blocked"),
    (400, "billing_hard_limit_reached", REQUEST, QuotaExhausted, "quota_exhausted"),
    (400, "invalid_value", USER, Refused, "bad_request"),
    (400, None, "", Refused, "bad_request"),
    (401, "invalid_api_key", REQUEST, Refused, "bad_key"),
    (402, None, "", QuotaExhausted, "quota_exhausted"),
    (403, "unsupported_country_region_territory", "request_forbidden", Refused, "no_permission"),
    (404, "model_not_found", REQUEST, Refused, "unknown_model"),
    (400, "model_not_found", REQUEST, Refused, "unknown_model"),
    (408, None, "", Unavailable, "unavailable"),
    (409, None, "", Unavailable, "unavailable"),
    (422, None, REQUEST, Refused, "bad_request"),
    (429, "rate_limit_exceeded", "requests", Throttled, "throttled"),
    (429, "rate_limit_exceeded", "input-images", Throttled, "throttled"),
    (429, None, "", Throttled, "throttled"),
    (429, "insufficient_quota", "insufficient_quota", QuotaExhausted, "quota_exhausted"),
    (429, "credit_balance_exhausted", "insufficient_quota", QuotaExhausted, "quota_exhausted"),
    (500, None, "server_error", Unavailable, "unavailable"),
    (502, None, "", Unavailable, "unavailable"),
    (503, "slow_down", "service_unavailable_error", Unavailable, "unavailable"),
]


@pytest.mark.parametrize(("status", "code", "kind", "expected", "ours"), ERRORS)
def test_an_error_is_classified_by_its_codes(
    status: int, code: str | None, kind: str, expected: type[EngineError], ours: str
) -> None:
    error = meaning(status, code, kind)
    assert (type(error), error.kind) == (expected, ours)
    assert error.retryable is (expected in {Throttled, Unavailable})
    assert str(error).endswith(".")


def test_a_page_of_another_web_server_is_a_wrong_address() -> None:
    error = meaning(404, text="<html>Not Found</html>")
    assert error.kind == "bad_address"
    assert "html" not in str(error)


def test_words_that_may_quote_a_key_are_left_out() -> None:
    told = {"error": {"message": "Incorrect API key provided: sk-ab***yz.", "code": "x"}}
    assert "sk-ab" not in str(meaning(401, json=told))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        (format_datetime(NOON + timedelta(seconds=20), usegmt=True), 20.0),
        (format_datetime(NOON - timedelta(seconds=20), usegmt=True), 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_the_wait_is_read_from_the_header(header: str, seconds: float | None) -> None:
    for status in (429, 503):
        error = meaning(status, json={"error": {}}, headers={"retry-after": header})
        assert error.retry_after_s == seconds
