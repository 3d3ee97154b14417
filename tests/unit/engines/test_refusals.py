"""What refusals mean, whoever passes them on: answer in; class, kind, again, wait and words out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressrun.engines.refusals.errors import Provider, error_of
from pressrun.engines.refusals.parsing import ErrorResponse, error_in_success, parse_error_response
from pressrun.engines.refusals.reasons import Reason, reason_of
from pressrun.errors import EngineError, QuotaExhausted

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
VENDOR = Provider("Vendor")
T = "type.googleapis.com/google.rpc."


def told(status: int, body: Any, headers: dict[str, str] | None = None) -> ErrorResponse:
    return parse_error_response(status, headers or {}, body, NOON)


def meaning(status: int, body: Any, headers: dict[str, str] | None = None) -> EngineError:
    return error_of(told(status, body, headers), VENDOR, model="m", now=NOON)


def google(status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"status": status, "message": message, "details": list(details)}}


def openai(message: str, code: str | None = None, kind: str = "x_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def info(reason: str) -> dict[str, Any]:
    return {"@type": T + "ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def nested(body: Any) -> dict[str, Any]:
    """As gateways put an error into the message of their own."""
    return {"error": {"message": json.dumps(body), "code": 403, "status": "Forbidden"}}


def printed(body: Any) -> str:
    """As Python prints an answer, and SDKs put it into the words of their errors."""
    return f"x.APIError: Error code: 400 - {body!r}. Received Model Group=m {{'a': 1}}"


def openai_with(name: str, value: Any) -> dict[str, Any]:
    """An error with a field of its own."""
    return {"error": openai("No.", "500")["error"] | {name: value}}


LIMIT_0 = "Quota exceeded for metric: x/free_tier_requests, limit: 0, model: m"
SUSPENDED = "Permission denied: Consumer 'api_key:AIzaSyAbcdefgh' has been suspended."
UNKNOWN = "Invalid JSON payload received. Unknown name \"responseModalities\" at 'c'."
TPM = "Request too large for m on tokens per min (TPM): Limit 30000, Requested 45000."
BUSY = "Rate limit reached for m on tokens per min (TPM): Limit 10000, Used 6701, Requested 4497."
EXHAUSTED = "RESOURCE_EXHAUSTED"
REFERER = "Requests from referer <empty> are blocked."
NO_INFERENCE = "Invocation of model ID x with on-demand throughput isn\u2019t supported."

FILTERED = {"error": {"message": "The response was filtered.", "code": "content_filter"}}
RESPONSIBLE = {"innererror": {"code": "ResponsibleAIPolicyViolation"}}
SECURITY = "Prompt blocked due to security configurations"
SHUT_OUT = {"error": {"code": "Forbidden", "message": "Your resource has been temporarily blocked"}}
NO_DEPLOYMENT = {"error": {"code": "DeploymentNotFound", "message": "It does not exist."}}
A_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}

ROWS: list[tuple[str, int, Any, Reason]] = [
    # A plan without the model, whatever quota is named and however long one should wait.
    ("limit 0", 429, google(EXHAUSTED, LIMIT_0), Reason.NO_QUOTA),
    ("limit 0, a gateway", 429, nested(google(EXHAUSTED, LIMIT_0)), Reason.NO_QUOTA),
    ("no free tier", 429, google("", "m doesn't have a free quota tier."), Reason.NO_QUOTA),
    ("images 0", 429, openai("input-images per min: Limit 0, Used 0."), Reason.NO_QUOTA),
    ("limit 0.5", 429, openai("Limit 0.5 / min. Slow down."), Reason.THROTTLED),
    ("limit 10", 429, google(EXHAUSTED, "limit: 10, model: m"), Reason.THROTTLED),
    ("bedrock", 400, {"message": NO_INFERENCE}, Reason.NO_QUOTA),
    # One request that is larger than the limit.
    ("tpm", 429, openai(TPM, "rate_limit_exceeded", "tokens"), Reason.TOO_LARGE),
    ("tpm of others", 429, openai(BUSY, "rate_limit_exceeded", "tokens"), Reason.THROTTLED),
    ("asks for more", 429, openai("Limit 10, Requested 20."), Reason.TOO_LARGE),
    ("context", 400, openai("Too long.", "context_length_exceeded"), Reason.TOO_LARGE),
    ("payload", 400, google("", "Request payload size exceeds the limit."), Reason.TOO_LARGE),
    ("a picture", 400, openai("Image size of 70 MB exceeds the maximum allowed size"),
     Reason.TOO_LARGE),
    ("413", 413, "<html>Request Entity Too Large</html>", Reason.TOO_LARGE),
    # Money.
    ("openai", 429, openai("You exceeded your quota.", "insufficient_quota"), Reason.SPENT),
    ("gateway", 402, {"error": {"code": 402, "message": "Add credits."}}, Reason.SPENT),
    ("words", 403, {"detail": "Insufficient balance"}, Reason.SPENT),
    ("litellm", 400, openai("Budget has been exceeded! Spend: 9"), Reason.SPENT),
    ("aws", 400, {"Code": "ServiceQuotaExceededException", "Message": "Q"}, Reason.SPENT),
    ("litellm's user", 429, openai("User: a, exceeded budget for model=m", "429"), Reason.SPENT),
    ("a gateway's code", 400, openai("No.", "400", "budget_exceeded"), Reason.SPENT),
    ("deployments", 429, openai("No deployments available - crossed budget"), Reason.SPENT),
    ("openai, words only", 400, openai("Billing hard limit has been reached"), Reason.SPENT),
    ("new-api's user", 403, openai("No.", "insufficient_user_quota"), Reason.SPENT),
    ("new-api's token", 403, openai("No.", "pre_consume_token_quota_failed"), Reason.SPENT),
    # Credentials, and what else a key is refused for.
    ("suspended", 403, google("", SUSPENDED, info("CONSUMER_SUSPENDED")), Reason.KEY_GONE),
    ("leaked", 403, google("", "Your API key was reported as leaked."), Reason.KEY_GONE),
    ("deactivated", 401, openai("Deactivated.", "account_deactivated"), Reason.KEY_GONE),
    (
        "azure shut out",
        403,
        openai("Your resource has been temporarily blocked: it may violate our content policy."),
        Reason.KEY_GONE,
    ),
    ("not found", 400, google("", "API Key not found.", info("API_KEY_INVALID")), Reason.BAD_KEY),
    ("in a list", 400, [google("", "No.", info("API_KEY_INVALID"))], Reason.BAD_KEY),
    ("words only", 400, {"message": "Incorrect API key provided: sk-x."}, Reason.BAD_KEY),
    ("scopes", 401, openai("Missing scopes: api.model.images.request."), Reason.SCOPES),
    (
        "google's scopes",
        403,
        google("", "", info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
        Reason.SCOPES,
    ),
    ("ip", 403, google("", "", info("API_KEY_IP_ADDRESS_BLOCKED")), Reason.RESTRICTED),
    ("ip at openai", 401, openai("Your IP is not allowed", "ip_not_authorized"), Reason.RESTRICTED),
    ("referer", 403, google("PERMISSION_DENIED", REFERER), Reason.RESTRICTED),
    ("service", 403, google("", "", info("API_KEY_SERVICE_BLOCKED")), Reason.RESTRICTED),
    ("disabled", 403, google("", "", info("SERVICE_DISABLED")), Reason.API_DISABLED),
    ("billing", 403, google("", "", info("BILLING_DISABLED")), Reason.BILLING),
    (
        "payment",
        403,
        {"message": "INVALID_PAYMENT_INSTRUMENT: A payment instrument."},
        Reason.BILLING,
    ),
    ("verified", 403, openai("Your organization must be verified to use m."), Reason.UNVERIFIED),
    ("aws account", 400, {"message": "Operation not allowed"}, Reason.DENIED),
    (
        "vertex",
        400,
        google("FAILED_PRECONDITION", "Project `p` is not allowed to use Publisher Model `m`"),
        Reason.DENIED,
    ),
    (
        "location",
        400,
        google("FAILED_PRECONDITION", "User location is not supported"),
        Reason.COUNTRY,
    ),
    (
        "clock",
        403,
        {"Code": "InvalidSignatureException", "Message": "Signature expired: 20261121"},
        Reason.CLOCK,
    ),
    # What is asked, and where.
    ("field", 400, google("INVALID_ARGUMENT", UNKNOWN), Reason.UNKNOWN_FIELD),
    (
        "field at openai",
        400,
        openai("Unknown parameter: 'x'.", "unknown_parameter"),
        Reason.UNKNOWN_FIELD,
    ),
    (
        "field at bedrock",
        400,
        {"message": "Malformed input request: extraneous key [seed] is not permitted"},
        Reason.UNKNOWN_FIELD,
    ),
    (
        "field at fastapi",
        422,
        {"detail": [{"msg": "Extra inputs are not permitted", "loc": ["b"]}]},
        Reason.UNKNOWN_FIELD,
    ),
    (
        "model",
        404,
        google("NOT_FOUND", "models/m is not found for API version v1."),
        Reason.UNKNOWN_MODEL,
    ),
    ("ollama", 404, {"error": 'model "m" not found, try pulling it first'}, Reason.UNKNOWN_MODEL),
    (
        "azure's",
        404,
        openai("The API deployment for this resource does not exist.", "DeploymentNotFound"),
        Reason.UNKNOWN_MODEL,
    ),
    ("azure's through a gateway", 500, openai(printed(NO_DEPLOYMENT)), Reason.UNKNOWN_MODEL),
    ("azure's path", 404, openai("Resource not found", "404"), Reason.WRONG_ADDRESS),
    ("new-api's channel", 503, openai("No channel for m", "model_not_found"), Reason.UNKNOWN_MODEL),
    ("express", 404, {"message": "Cannot POST /v1/images", "error": "Not Found"},
     Reason.WRONG_ADDRESS),
    ("openrouter's modalities", 404, openai("No endpoints found that support image", "404"),
     Reason.UNKNOWN_MODEL),
    ("bedrock's end of life", 400, {"message": "This model has reached the end of its life."},
     Reason.UNKNOWN_MODEL),
    ("bedrock's resellers", 400, {"message": "Access to this model is not available for channels"},
     Reason.DENIED),
    ("path", 404, openai("Invalid URL (POST /v1/v1/images)"), Reason.WRONG_ADDRESS),
    ("fastapi", 404, {"detail": "Not Found"}, Reason.WRONG_ADDRESS),
    ("page", 404, "<html>Our models are not here</html>", Reason.WRONG_ADDRESS),
    ("method", 405, {"detail": "Method Not Allowed"}, Reason.WRONG_ADDRESS),
    ("moved", 301, "", Reason.WRONG_ADDRESS),
    # The prompt, as gateways pass a block on.
    (
        "litellm",
        400,
        openai("BadRequestError: rejected by the safety system.", "400"),
        Reason.BLOCKED,
    ),
    (
        "azure",
        400,
        openai(
            "The response was filtered due to the prompt triggering Azure OpenAI's "
            "content management policy."
        ),
        Reason.BLOCKED,
    ),
    (
        "openrouter",
        403,
        {"error": {"code": 403, "message": "Input was flagged by moderation."}},
        Reason.BLOCKED,
    ),
    ("new-api", 400, openai("Gemini blocked [IMAGE_SAFETY]: change the prompt."), Reason.BLOCKED),
    ("google", 400, google("", "No.", info("PUBLIC_ERROR_UNSAFE_GENERATION")), Reason.BLOCKED),
    # The same as an error of the gateway itself: a code decides at every status, words do not.
    ("litellm's 500", 500, openai(printed(FILTERED)), Reason.BLOCKED),
    ("its exception", 500, openai("x.ContentPolicyViolationError: Filtered."), Reason.BLOCKED),
    ("azure within", 500, openai_with("provider_specific_fields", RESPONSIBLE), Reason.BLOCKED),
    ("azure's inner error", 400, openai_with("inner_error", RESPONSIBLE["innererror"]),
     Reason.BLOCKED),
    ("new-api's 500", 500, openai("Generation blocked [IMAGE_SAFETY]: x.", "channel:failed"),
     Reason.BLOCKED),
    ("new-api's words", 500, openai("No.", "sensitive_words_detected"), Reason.BLOCKED),
    ("new-api's prompt", 503, openai("No.", "prompt_blocked"), Reason.BLOCKED),
    ("sub2api", 502, openai("No picture.", "moderation_blocked", "image_generation_user_error"),
     Reason.BLOCKED),
    ("portkey", 446, openai("The checks failed.", kind="hooks_failed"), Reason.BLOCKED),
    ("cloudflare", 424, {"error": [{"code": 2016, "message": SECURITY}]}, Reason.BLOCKED),
    ("dashscope", 500, {"code": "DataInspectionFailed", "message": "No."}, Reason.BLOCKED),
    ("mimo", 400, openai("Moderation Block", "421", "content_filter"), Reason.BLOCKED),
    ("litellm's guardrail", 400, openai("{'error': 'Violated guardrail policy'}"), Reason.BLOCKED),
    ("openai's usage policy", 400, openai("It may violate our usage policy.", "invalid_prompt"),
     Reason.BLOCKED),
    ("words of a 500", 500, openai("The image was filtered by safety policy."), Reason.UNAVAILABLE),
    # An account that is shut out in the words of a block is not one, however it is wrapped.
    ("pollinations", 422, openai(f"Moderation. (Reason: {json.dumps(SHUT_OUT)})",
     "content_policy_violation"), Reason.KEY_GONE),
    # Passing.
    ("per minute", 429, google(EXHAUSTED, "Slow down."), Reason.THROTTLED),
    ("plain text", 429, "slow down", Reason.THROTTLED),
    (
        "bedrock's day",
        429,
        {"message": "Too many tokens per day, please wait before trying again."},
        Reason.DAY,
    ),
    (
        "overloaded",
        529,
        {"type": "error", "error": {"type": "overloaded_error"}},
        Reason.UNAVAILABLE,
    ),
    (
        "cloudflare",
        520,
        "<html>Web server is returning an unknown error</html>",
        Reason.UNAVAILABLE,
    ),
    ("early", 425, "", Reason.UNAVAILABLE),
    # The name of a status decides where a gateway has put another number.
    ("flattened, busy", 400, google("UNAVAILABLE", "The model is overloaded."), Reason.UNAVAILABLE),
    ("flattened, late", 500, google("DEADLINE_EXCEEDED", "Late."), Reason.TIMED_OUT),
    ("flattened, too fast", 500, google(EXHAUSTED, "Slow down."), Reason.THROTTLED),
    ("litellm, too fast", 500, openai("litellm.RateLimitError: Slow down."), Reason.THROTTLED),
    ("groq's flex", 498, openai("Full.", "capacity_exceeded"), Reason.UNAVAILABLE),
    ("no account free", 503, openai("auth_not_found: no auth", "internal_server_error"),
     Reason.UNAVAILABLE),
    ("a scanner's end", 500, openai("bufio.Scanner: token too long"), Reason.UNAVAILABLE),
    ("google's day", 429, openai(printed(google(EXHAUSTED, "No.", A_DAY))), Reason.DAY),
    ("vertex, shared", 429, google("", "Resource exhausted. Please try again later."),
     Reason.THROTTLED),
    ("null", 500, None, Reason.UNAVAILABLE),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "reason"), [row[1:] for row in ROWS])
def test_a_refusal_has_one_reason_whoever_passes_it_on(
    status: int, body: Any, reason: Reason
) -> None:
    assert reason_of(told(status, body)) is reason
    error = meaning(status, body)
    assert str(error).endswith(".")
    assert "html" not in str(error)
    assert "{" not in str(error)


#: Reason; class, kind, whether another try helps, whether the model's route stops.
ENDS = [
    (429, google(EXHAUSTED, LIMIT_0), "QuotaExhausted", "no_quota", False, True),
    (429, openai(TPM), "Refused", "too_large", False, False),
    (401, {}, "Refused", "bad_key", False, True),
    (403, {}, "Refused", "no_permission", False, True),
    (404, {}, "Refused", "bad_address", False, True),
    (400, google("", UNKNOWN), "Refused", "unknown_field", False, True),
    (400, {}, "Refused", "bad_request", False, False),
    (400, openai("", "moderation_blocked"), "Blocked", "blocked", False, False),
    (403, {"Code": "RequestExpired"}, "Unavailable", "clock_skew", True, False),
    (429, {}, "Throttled", "throttled", True, False),
    (503, {}, "Unavailable", "unavailable", True, False),
]


@pytest.mark.parametrize(("status", "body", "name", "kind", "again", "stops"), ENDS)
def test_what_a_reason_ends(
    *, status: int, body: Any, name: str, kind: str, again: bool, stops: bool
) -> None:
    error = meaning(status, body)
    assert (type(error).__name__, error.kind) == (name, kind)
    assert (error.retryable, error.stops_route) == (again, stops)
    assert error.repeats == (1 if kind == "clock_skew" else None)


def test_a_plan_without_the_model_promises_no_reset() -> None:
    daily = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
    midnight = Provider("Vendor", day_ends=lambda now: now + timedelta(hours=9))
    for words, until in ((LIMIT_0, None), ("limit: 20, model: m", NOON + timedelta(hours=9))):
        body = google(EXHAUSTED, words, daily, {"retryDelay": "39s"})
        error = error_of(told(429, body), midnight, model="m", now=NOON)
        assert isinstance(error, QuotaExhausted)
        assert error.until == until


WAITS: list[tuple[Any, dict[str, str], float | None]] = [
    ({}, {"Retry-After": "7"}, 7.0),
    ({}, {"retry-after-ms": "12500", "retry-after": "13"}, 12.5),
    ({}, {"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
    ({}, {"Retry-After": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
    ({}, {"Retry-After": "Sat, 21 Nov 2126 11:00:00 GMT"}, None),
    ({}, {"Retry-After": "soon"}, None),
    ({}, {"Retry-After": "9" * 400}, None),
    ({}, {"Retry-After": "-4"}, None),
    ({"error": {"details": [{"retryDelay": "39.5s"}]}}, {"Retry-After": "7"}, 39.5),
    ({"error": {"details": [{"retryDelay": {"seconds": 39}}]}}, {}, 39.0),
    (openai(printed(google("", "", {"retryDelay": "23s"}))), {}, 23.0),
    ({"error": {"details": [{"retryDelay": "a while"}]}}, {"Retry-After": "7"}, 7.0),
    ({}, {"x-ratelimit-reset-requests": "6m0s"}, 360.0),
    ({}, {"x-ratelimit-reset-requests": "20ms"}, 0.02),
    (
        {},
        {
            "x-ratelimit-remaining-requests": "9",
            "x-ratelimit-reset-requests": "9s",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "1m30s",
        },
        90.0,
    ),
    ({}, {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "40"}, None),
    ({}, {"x-ratelimit-reset": str(NOON.timestamp() + 40)}, 40.0),
    ({}, {"x-ratelimit-reset": str(int(NOON.timestamp() + 40) * 1000)}, 40.0),
    (openai("Rate limit reached. Please try again in 7.188s. Visit us."), {}, 7.188),
    (openai("Please retry in 39s."), {}, 39.0),
    (openai("Please try again in a moment."), {}, None),
    (openai("Please retry after 20 seconds. Please contact support."), {}, 20.0),
    (openai("No deployments available, Try again in 1 minute."), {}, 60.0),
]


@pytest.mark.parametrize(("body", "headers", "wait_s"), WAITS)
def test_a_wait_is_heard_wherever_it_is_told(
    body: Any, headers: dict[str, str], wait_s: float | None
) -> None:
    for status in (429, 503):
        assert meaning(status, body, headers).retry_after_s == pytest.approx(wait_s)


WORDS = [
    ([google("", "The reason.")], "The reason."),
    ({"error": "The reason."}, "The reason."),
    ({"detail": "The reason."}, "The reason."),
    ({"detail": [{"msg": "The reason.", "loc": ["body"]}]}, "The reason."),
    ({"errors": [{"message": "The reason."}]}, "The reason."),
    ({"errors": ["The reason."], "name": "bad_request"}, "The reason."),
    ({"error": {"message": 'A: {"error": {"message": "The reason."}} at x {1}'}}, "The reason."),
    ({"message": "The reason."}, "The reason."),
    ({"__type": "com.aws#ValidationException", "message": "The reason."}, "validationexception"),
    ("The reason.", "The reason."),
    (nested(google("", "The reason.")), "The reason."),
    ({"error": {"message": "Provider error", "metadata": {"raw": "The reason."}}}, "The reason."),
    ({"error": {"message": 'Upstream said: {"error": {"message": "The reason."}}'}}, "The reason."),
    (openai(printed(google("", "The reason."))), "The reason."),
    (openai("The reason: {[]: 1} {{}} {'a': {'\\d', ((("), "The reason"),
    (openai("The reason: " + "{" * 500 + "}" * 500), "The reason"),
    ("<html>secret</html>", "a web page"),
    ({"error": {"message": "<html>secret</html>"}}, "a web page"),
]


@pytest.mark.parametrize(("body", "says"), WORDS)
def test_the_vendor_s_own_reason_reaches_the_person(body: Any, says: str) -> None:
    said = str(meaning(400, body))
    assert says.rstrip(".") in said
    assert "secret" not in said


def test_a_key_in_a_reason_is_not_shown() -> None:
    for words in ("Incorrect API key provided: sk-ab***yz.", SUSPENDED, "key abc****def is wrong"):
        said = str(meaning(401, openai(words)))
        assert "[key]" in said
        assert not {"sk-ab", "AIza", "abc*"} & {
            part for part in ("sk-ab", "AIza", "abc*") if part in said
        }


def test_a_redirect_is_a_wrong_address_and_says_where_it_leads() -> None:
    error = meaning(302, "", {"Location": "https://user:pw@login.example/sso?ticket=1"})
    assert error.kind == "bad_address"
    assert "it leads to https://login.example/sso" in str(error)
    assert "pw" not in str(error)


def test_an_error_that_comes_with_status_200_is_one() -> None:
    spent = error_in_success({"error": {"code": 402, "message": "No credits."}}, NOON)
    assert spent is not None
    assert reason_of(spent) is Reason.SPENT
    odd = error_in_success({"error": {"code": "?", "message": "Broken."}}, NOON)
    assert odd is not None
    assert reason_of(odd) is Reason.UNAVAILABLE
    assert error_in_success({"error": None, "data": []}, NOON) is None
    assert error_in_success([1], NOON) is None
