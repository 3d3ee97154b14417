"""Every error and block that the Gemini API is known to send, and what Pressrun makes of it."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from google.auth import exceptions
from google.genai import errors

from pressrun.engines.gemini import errors as gemini_errors
from pressrun.errors import (
    EngineError,
    QuotaExhausted,
    Refused,
    Throttled,
    Unavailable,
)

NOON_IN_NOVEMBER = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
MIDNIGHT_AFTER = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
IN_TEN_MINUTES = datetime(2026, 11, 21, 20, 10, tzinfo=UTC)

KEY_INFO = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "39s"}


def quota(*quota_ids: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaMetric": "m", "quotaId": quota_id} for quota_id in quota_ids],
    }


def api_error(
    code: int, status: str, message: str, *details: Any, headers: dict[str, str] | None = None
) -> errors.APIError:
    """As the SDK raises it for a response of this code and body."""
    body: dict[str, Any] = {"error": {"code": code, "message": message, "status": status}}
    if details:
        body["error"]["details"] = list(details)
    try:
        errors.APIError.raise_for_response(httpx2.Response(code, json=body, headers=headers))
    except errors.APIError as error:
        return error
    raise AssertionError("the SDK took the response for a good one")


def meaning(error: errors.APIError) -> EngineError:
    return said_to("some-model", error)


def said_to(model: str, error: errors.APIError, **asked: Any) -> EngineError:
    told = gemini_errors.parse_refusal(error, NOON_IN_NOVEMBER)
    return gemini_errors.from_refusal(told, model=model, now=NOON_IN_NOVEMBER, **asked)


PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel"
SPEND_RATE = "You exceeded your spend-based rate limit. Please retry later."
PREPAID = "Your prepayment credits are depleted. Please go to AI Studio."
MONTHLY = "Your project has exceeded its monthly spending cap."

ERRORS = [
    (400, "INVALID_ARGUMENT", "API key not valid.", [KEY_INFO], Refused, "bad_key"),
    (400, "INVALID_ARGUMENT", "API key expired.", [KEY_INFO], Refused, "bad_key"),
    (400, "INVALID_ARGUMENT", "Wrong argument.", [], Refused, "bad_request"),
    (400, "INVALID_ARGUMENT", 'Unknown name "x": Cannot find.', [], Refused, "unknown_field"),
    (400, "FAILED_PRECONDITION", "Location not supported.", [], Refused, "no_permission"),
    (413, "INVALID_ARGUMENT", "Too large.", [], Refused, "too_large"),
    (401, "UNAUTHENTICATED", "Bad credentials.", [], Refused, "bad_key"),
    (403, "PERMISSION_DENIED", "Denied.", [], Refused, "no_permission"),
    (404, "NOT_FOUND", "models/x is not found.", [], Refused, "unknown_model"),
    (429, "RESOURCE_EXHAUSTED", "Quota.", [quota(PER_MINUTE), RETRY_INFO], Throttled, "throttled"),
    (429, "RESOURCE_EXHAUSTED", "Quota.", [quota(PER_MINUTE)], Throttled, "throttled"),
    (429, "RESOURCE_EXHAUSTED", "Quota.", [quota("NeverHeardOf")], Throttled, "throttled"),
    (429, "RESOURCE_EXHAUSTED", "Slow down.", [], Throttled, "throttled"),
    (
        429,
        "RESOURCE_EXHAUSTED",
        "Quota.",
        [quota(PER_DAY), RETRY_INFO],
        QuotaExhausted,
        "quota_exhausted",
    ),
    (
        429,
        "RESOURCE_EXHAUSTED",
        "Quota.",
        [quota(PER_MINUTE, PER_DAY), RETRY_INFO],
        QuotaExhausted,
        "quota_exhausted",
    ),
    (429, "RESOURCE_EXHAUSTED", SPEND_RATE, [], QuotaExhausted, "spend_cap"),
    (429, "RESOURCE_EXHAUSTED", MONTHLY, [], QuotaExhausted, "spend_cap"),
    (429, "RESOURCE_EXHAUSTED", PREPAID, [], QuotaExhausted, "prepayment_depleted"),
    # With details the structure speaks, whatever the prose says.
    (429, "RESOURCE_EXHAUSTED", SPEND_RATE, [quota(PER_MINUTE)], Throttled, "throttled"),
    (408, "DEADLINE_EXCEEDED", "Late.", [], Unavailable, "unavailable"),
    (499, "CANCELLED", "Cancelled.", [], Unavailable, "unavailable"),
    (500, "INTERNAL", "Broken.", [], Unavailable, "unavailable"),
    (502, "", "Bad gateway.", [], Unavailable, "unavailable"),
    (503, "UNAVAILABLE", "Overloaded.", [], Unavailable, "unavailable"),
    (504, "DEADLINE_EXCEEDED", "Late.", [], Unavailable, "unavailable"),
]


@pytest.mark.parametrize(("code", "status", "message", "details", "expected", "kind"), ERRORS)
def test_an_error_is_classified_by_its_structure(
    *,
    code: int,
    status: str,
    message: str,
    details: list[Any],
    expected: type[EngineError],
    kind: str,
) -> None:
    error = meaning(api_error(code, status, message, *details))

    assert type(error) is expected
    assert error.kind == kind
    assert error.retryable is (expected in {Throttled, Unavailable})
    assert str(error).endswith((".", ")."))


DENIED = "Permission 'aiplatform.endpoints.predict' denied on resource."


@pytest.mark.parametrize(
    ("code", "status", "message", "kind", "says"),
    [
        (401, "UNAUTHENTICATED", "Invalid credentials.", "bad_key", "application-default login"),
        (403, "PERMISSION_DENIED", DENIED, "no_permission", "role Vertex AI User"),
        (404, "NOT_FOUND", "Publisher Model `p` was not found.", "unknown_model", "Publisher"),
    ],
)
def test_vertex_is_not_told_to_change_its_key(
    code: int, status: str, message: str, kind: str, says: str
) -> None:
    error = said_to("m", api_error(code, status, message), vertex=True)

    assert error.kind == kind
    assert says in str(error)
    assert "API key" not in str(error)


def test_a_page_of_another_web_server_is_a_wrong_address() -> None:
    page = httpx2.Response(404, text="<html>Not Found</html>")
    with pytest.raises(errors.APIError) as raised:
        errors.APIError.raise_for_response(page)

    error = meaning(raised.value)

    assert (type(error), error.kind) == (Refused, "bad_address")
    assert "html" not in str(error)


sign_in: Any = exceptions  # has no types


@pytest.mark.parametrize(
    ("error", "expected", "kind"),
    [
        (
            sign_in.RefreshError("invalid_grant: revoked", {"error": "invalid_grant", "x": "hush"}),
            Refused,
            "bad_key",
        ),
        (sign_in.RefreshError("Reauthentication is needed."), Refused, "bad_key"),
        (sign_in.RefreshError("<html>502 Bad Gateway</html>"), Unavailable, "connection"),
        (sign_in.RefreshError("Bad Gateway"), Unavailable, "connection"),
        (sign_in.RefreshError("", {"message": "internal"}), Unavailable, "connection"),
        (sign_in.RefreshError("", {"error": {"code": 503}}), Unavailable, "connection"),
        (sign_in.RefreshError(sign_in.TransportError("metadata: 503")), Unavailable, "connection"),
        (
            sign_in.RefreshError(
                "invalid_grant: Invalid JWT: Token must be in a reasonable timeframe.",
                {"error": "invalid_grant"},
            ),
            Unavailable,
            "clock_skew",
        ),
        (sign_in.RefreshError("later", retryable=True), Unavailable, "connection"),
        (sign_in.TransportError("no route"), Unavailable, "connection"),
    ],
)
def test_a_sign_in_that_fails_is_wrong_credentials_or_no_network(
    error: exceptions.GoogleAuthError, expected: type[EngineError], kind: str
) -> None:
    failure = gemini_errors.from_sign_in(error)

    assert (type(failure), failure.kind) == (expected, kind)
    assert "hush" not in str(failure)


def test_a_minute_quota_carries_the_wait_that_google_asks_for() -> None:
    error = meaning(api_error(429, "RESOURCE_EXHAUSTED", "Q", quota(PER_MINUTE), RETRY_INFO))

    assert error.retry_after_s == 39.0


@pytest.mark.parametrize(
    ("message", "details", "until"),
    [
        ("Quota.", [quota(PER_DAY), RETRY_INFO], MIDNIGHT_AFTER),
        (SPEND_RATE, [], IN_TEN_MINUTES),
        (MONTHLY, [], None),
        (PREPAID, [], None),
    ],
)
def test_a_spent_quota_says_until_when(
    message: str, details: list[Any], until: datetime | None
) -> None:
    error = meaning(api_error(429, "RESOURCE_EXHAUSTED", message, *details))

    assert isinstance(error, QuotaExhausted)
    assert error.until == until


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Sat, 21 Nov 2026 20:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 19:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_kept_as_seconds_or_date(header: str, seconds: float | None) -> None:
    error = meaning(api_error(503, "UNAVAILABLE", "Busy", headers={"Retry-After": header}))

    assert error.retry_after_s == seconds


def test_retry_info_goes_before_the_header() -> None:
    late = {**RETRY_INFO, "retryDelay": "1.5s"}
    error = meaning(api_error(503, "UNAVAILABLE", "Busy", late, headers={"Retry-After": "9"}))

    assert error.retry_after_s == 1.5


@pytest.mark.parametrize("body", [[], "text", {"error": "text"}, {"error": {"details": [1]}}])
def test_an_error_with_a_strange_body_is_still_an_error_of_the_tree(body: Any) -> None:
    error = errors.ServerError(500, {}, None)
    error.details = body

    assert isinstance(meaning(error), Unavailable)


def test_an_error_page_of_a_proxy_is_unavailable() -> None:
    page = httpx2.Response(502, text="<html>Bad gateway</html>")
    with pytest.raises(errors.APIError) as caught:
        errors.APIError.raise_for_response(page)

    assert isinstance(meaning(caught.value), Unavailable)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-01-15T07:59:59Z", "2026-01-15T08:00:00Z"),
        ("2026-01-15T08:00:00Z", "2026-01-16T08:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"),
        # The clocks go forward on 8 March 2026 at 2:00: a day of 23 hours.
        ("2026-03-08T07:59:00Z", "2026-03-08T08:00:00Z"),
        ("2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z"),
        ("2026-03-08T10:30:00Z", "2026-03-09T07:00:00Z"),
        # And back on 1 November 2026 at 2:00: a day of 25 hours.
        ("2026-11-01T06:59:00Z", "2026-11-01T07:00:00Z"),
        ("2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z"),
        ("2026-11-01T09:30:00Z", "2026-11-02T08:00:00Z"),
        ("2026-12-31T23:00:00+09:00", "2027-01-01T08:00:00Z"),
    ],
)
def test_the_next_pacific_midnight_knows_daylight_saving(now: str, midnight: str) -> None:
    given = datetime.fromisoformat(now)

    assert gemini_errors.next_pacific_midnight(given) == datetime.fromisoformat(midnight)
