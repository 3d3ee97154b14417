"""Every error and block that the Gemini API is known to send, and what Pressrun makes of it."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from google.auth import exceptions
from google.genai import errors, types

from pressrun.engines.base import Usage
from pressrun.engines.gemini import errors as gemini_errors
from pressrun.errors import (
    BadReply,
    Blocked,
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
    return gemini_errors.from_api_error(error, model="some-model", now=NOON_IN_NOVEMBER)


PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel"
SPEND_RATE = "You exceeded your spend-based rate limit. Please retry later."
PREPAID = "Your prepayment credits are depleted. Please go to AI Studio."
MONTHLY = "Your project has exceeded its monthly spending cap."

ERRORS = [
    (400, "INVALID_ARGUMENT", "API key not valid.", [KEY_INFO], Refused, "bad_key"),
    (400, "INVALID_ARGUMENT", "API key expired.", [KEY_INFO], Refused, "bad_key"),
    (400, "INVALID_ARGUMENT", "Unknown field.", [], Refused, "bad_request"),
    (400, "FAILED_PRECONDITION", "Location not supported.", [], Refused, "no_permission"),
    (413, "INVALID_ARGUMENT", "Too large.", [], Refused, "bad_request"),
    (401, "UNAUTHENTICATED", "Bad credentials.", [], Refused, "no_permission"),
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
        (401, "UNAUTHENTICATED", "Invalid credentials.", "no_permission", "role Vertex AI User"),
        (403, "PERMISSION_DENIED", DENIED, "no_permission", "role Vertex AI User"),
        (404, "NOT_FOUND", "Publisher Model `p` was not found.", "unknown_model", "Publisher"),
    ],
)
def test_vertex_is_not_told_to_change_its_key(
    code: int, status: str, message: str, kind: str, says: str
) -> None:
    error = gemini_errors.from_api_error(
        api_error(code, status, message), model="m", now=NOON_IN_NOVEMBER, vertex=True
    )

    assert error.kind == kind
    assert says in str(error)
    assert "API key" not in str(error)


UNKNOWN = "Invalid JSON payload received. Unknown name \"x\" at 'generation_config': Cannot find."


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"version": "v1"}, "Gemini's API version v1 does not know.*: then v1beta is asked"),
        ({"version": "v1beta"}, "API version v1beta does not know.*Set another API version in the"),
        ({"version": "v1", "vertex": True}, "Vertex AI's API version v1 .*: then Google's own cho"),
        ({"version": "", "vertex": True}, "Vertex AI's API does not.*Set another API version in"),
    ],
)
def test_a_field_that_the_version_does_not_know_names_the_version_and_where_it_is_set(
    asked: dict[str, Any], says: str
) -> None:
    error = gemini_errors.from_api_error(
        api_error(400, "INVALID_ARGUMENT", UNKNOWN), model="m", now=NOON_IN_NOVEMBER, **asked
    )

    assert (type(error), error.kind) == (Refused, "bad_request")
    assert re.search(says, str(error))
    assert "Model account block or in PRESSRUN_GEMINI_API_VERSION" in str(error)
    assert 'Unknown name "x"' in str(error)


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
            sign_in.RefreshError("invalid_grant: revoked", {"refresh_token": "hush"}),
            Refused,
            "bad_key",
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


COUNTED = {"promptTokenCount": 12, "candidatesTokenCount": 0}


def reply(**fields: Any) -> types.GenerateContentResponse:
    return types.GenerateContentResponse.model_validate({"usageMetadata": COUNTED, **fields})


@pytest.mark.parametrize(
    "reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"]
)
def test_a_blocked_prompt_is_final(reason: str) -> None:
    with pytest.raises(Blocked, match=reason) as caught:
        gemini_errors.finished_candidate(reply(promptFeedback={"blockReason": reason}))

    assert (caught.value.kind, caught.value.retryable) == ("blocked", False)
    assert caught.value.usage == Usage(input_tokens=12)


FINISHES = [
    ("SAFETY", Blocked, "blocked"),
    ("RECITATION", Blocked, "blocked"),
    ("LANGUAGE", Blocked, "blocked"),
    ("BLOCKLIST", Blocked, "blocked"),
    ("PROHIBITED_CONTENT", Blocked, "blocked"),
    ("SPII", Blocked, "blocked"),
    ("IMAGE_SAFETY", Blocked, "blocked"),
    ("IMAGE_PROHIBITED_CONTENT", Blocked, "blocked"),
    ("IMAGE_RECITATION", Blocked, "blocked"),
    ("NO_IMAGE", Blocked, "blocked"),
    ("MAX_TOKENS", BadReply, "truncated"),
    ("CONTINUATION", BadReply, "truncated"),
    ("OTHER", BadReply, "bad_reply"),
    ("IMAGE_OTHER", BadReply, "bad_reply"),
    ("MALFORMED_RESPONSE", BadReply, "bad_reply"),
    ("PUP_LIMITED_DISABLED", Refused, "no_permission"),
]


@pytest.mark.parametrize(("reason", "expected", "kind"), FINISHES)
@pytest.mark.parametrize("content", [{}, {"parts": None}, None])
def test_a_finish_that_is_no_end_is_an_error_with_its_usage(
    reason: str, expected: type[EngineError], kind: str, content: Any
) -> None:
    candidate = {"content": content, "finishReason": reason, "finishMessage": "because"}

    with pytest.raises(EngineError, match=f"{reason}: because") as caught:
        gemini_errors.finished_candidate(reply(candidates=[candidate]))

    assert (type(caught.value), caught.value.kind) == (expected, kind)
    assert caught.value.usage == Usage(input_tokens=12)


def test_a_reason_that_google_invents_tomorrow_is_final() -> None:
    with pytest.warns(UserWarning, match="IMAGE_BOREDOM"):
        invented = reply(candidates=[{"content": {}, "finishReason": "IMAGE_BOREDOM"}])

    with pytest.raises(Blocked, match="IMAGE_BOREDOM"):
        gemini_errors.finished_candidate(invented)


@pytest.mark.parametrize("candidates", [None, []])
def test_an_answer_without_candidates_is_a_bad_reply(candidates: Any) -> None:
    with pytest.raises(BadReply) as caught:
        gemini_errors.finished_candidate(reply(candidates=candidates))

    assert caught.value.kind == "empty"


@pytest.mark.parametrize("reason", ["STOP", "FINISH_REASON_UNSPECIFIED", None])
def test_a_regular_end_gives_the_candidate(reason: str | None) -> None:
    candidate = {"content": {"parts": [{"text": "hello"}]}, "finishReason": reason}

    assert gemini_errors.finished_candidate(reply(candidates=[candidate])).content is not None


def test_usage_tells_pictures_from_words_and_thoughts() -> None:
    counted = types.GenerateContentResponse.model_validate(
        {
            "usageMetadata": {
                "promptTokenCount": 530,
                "candidatesTokenCount": 1150,
                "thoughtsTokenCount": 40,
                "candidatesTokensDetails": [
                    {"modality": "IMAGE", "tokenCount": 1120},
                    {"modality": "TEXT", "tokenCount": 30},
                ],
            }
        }
    )

    assert gemini_errors.usage_of(counted) == Usage(530, 1150, 1120, 40)
    assert gemini_errors.usage_of(types.GenerateContentResponse()) == Usage()
