"""Every refusal of Google Drive becomes one kind, one verdict on retrying, one sentence."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pressrun.stores.drive.errors import ROBOT_STORAGE, from_answer, from_connection, from_sign_in

TABLE = [
    # status, reason, kind, retryable, words in the sentence
    (403, "userRateLimitExceeded", "throttled", True, "slows down"),
    (403, "rateLimitExceeded", "throttled", True, "slows down"),
    (403, "sharingRateLimitExceeded", "throttled", True, "slows down"),
    (429, "rateLimitExceeded", "throttled", True, "slows down"),
    (403, "dailyLimitExceeded", "quota_exhausted", False, "tomorrow"),
    (403, "storageQuotaExceeded", "no_storage", False, "Free some space"),
    (403, "teamDriveFileLimitExceeded", "no_storage", False, "shared drive"),
    (403, "numChildrenInNonRootLimitExceeded", "folder_full", False, "500,000"),
    (403, "insufficientPermissions", "missing_scope", False, "scope"),
    (403, "insufficientFilePermissions", "no_permission", False, "as an editor"),
    (403, "appNotAuthorizedToFile", "no_permission", False, "given access"),
    (403, "domainPolicy", "policy", False, "administrator"),
    (403, "accessNotConfigured", "api_disabled", False, "Enable it"),
    (403, "somethingNew", "refused", False, "It says: words"),
    (400, "invalid", "refused", False, "It says: words"),
    (401, "authError", "bad_credentials", False, "Sign in again"),
    (404, "notFound", "not_found", False, "no such file"),
    (409, "fileIdInUse", "id_taken", True, "already in Drive"),
    (500, "internalError", "unavailable", True, "has failed (500). It says: words"),
    (502, "backendError", "unavailable", True, "has failed (502)"),
    (503, "backendError", "unavailable", True, "has failed (503)"),
    (429, "dailyLimitExceeded", "quota_exhausted", False, "tomorrow"),
    (403, "downloadQuotaExceeded", "quota_exhausted", False, "tomorrow"),
    (429, "forbidden", "throttled", True, "slows down"),  # the status goes before an odd reason
    (429, "", "throttled", True, "slows down"),
    (503, "authError", "unavailable", True, "has failed (503)"),
    (500, "storageQuotaExceeded", "unavailable", True, "has failed (500)"),
    (503, "userRateLimitExceeded", "throttled", True, "slows down"),
    (403, "RATE_LIMIT_EXCEEDED", "throttled", True, "slows down"),
    (403, "backendError", "unavailable", True, "has failed (403)"),
    (400, "internalError", "unavailable", True, "has failed (400)"),
    (403, "SERVICE_DISABLED", "api_disabled", False, "It says: words"),
    (403, "shareOutNotPermitted", "policy", False, "administrator"),
    (301, "", "unavailable", True, "has failed (301)"),
    (408, "", "unavailable", True, "in time"),
    (410, "gone", "unavailable", True, "begun anew"),
    (200, "", "unavailable", True, "has failed (200)"),  # a resumable upload without an address
]


def _body(reason: str) -> bytes:
    entry = {"domain": "global", "reason": reason, "message": "words"}
    return json.dumps({"error": {"code": 1, "message": "words", "errors": [entry]}}).encode()


@pytest.mark.parametrize(("status", "reason", "kind", "retryable", "words"), TABLE)
def test_each_refusal_has_its_kind_and_its_sentence(
    status: int, reason: str, kind: str, retryable: bool, words: str
) -> None:
    error = from_answer(status, _body(reason), {})
    assert (error.kind, error.retryable, error.retry_after_s) == (kind, retryable, None)
    assert words in str(error)


def test_a_service_account_hears_where_it_can_store() -> None:
    error = from_answer(403, _body("storageQuotaExceeded"), {}, robot=True)
    assert (error.kind, error.retryable) == ("no_storage", False)
    assert str(error) == f"{ROBOT_STORAGE} It says: words"


def test_a_full_drive_is_a_full_drive_for_a_service_account_too() -> None:
    error = from_answer(403, _body("teamDriveFileLimitExceeded"), {}, robot=True)
    assert "shared drive holds" in str(error)


def test_the_exact_reason_in_the_details_wins() -> None:
    details = [{"@type": "ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    errors = [{"reason": "forbidden"}]
    body = json.dumps({"error": {"details": details, "errors": errors}}).encode()
    assert from_answer(403, body, {}).kind == "missing_scope"


ODD = [
    b"",
    b"[]",
    b"null",
    b"7",
    b"\xff",
    b'{"error": "gone"}',
    b'{"error": null}',
    b'{"error": {"errors": null, "details": "x", "message": null}}',
    b'{"error": {"errors": [null, {"reason": null}, {"reason": 7}, "x"], "message": {}}}',
]


@pytest.mark.parametrize("body", ODD)
def test_a_body_that_is_not_googles_leaves_the_status_to_speak(body: bytes) -> None:
    assert from_answer(503, body, {}).kind == "unavailable"
    assert from_answer(403, body, {}).kind == "refused"


@pytest.mark.parametrize("status", [401, 403, 502])
def test_a_web_page_is_no_judgement_of_google_s(status: int) -> None:
    error = from_answer(status, b" <html>automated queries</html>", {})
    assert (error.kind, error.retryable) == ("unavailable", True)
    assert "automated" not in str(error)


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7.0), ("soon", None), ("-1", None), ("9" * 400, 3600.0)]
)
def test_a_wait_that_google_asks_for_is_passed_on(said: str, seconds: float | None) -> None:
    error = from_answer(429, b"", {"retry-after": said})
    assert (error.kind, error.retry_after_s) == ("throttled", seconds)


@pytest.mark.parametrize(("ahead_s", "least", "most"), [(60, 50, 60), (-60, 0, 0)])
def test_the_wait_may_be_a_date(ahead_s: float, least: float, most: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead_s), usegmt=True)
    wait_s = from_answer(503, b"", {"retry-after": date}).retry_after_s
    assert wait_s is not None
    assert least <= wait_s <= most


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        ("invalid_grant", "Token has been expired or revoked.", "bad_credentials"),
        ("invalid_grant", "Invalid JWT Signature.", "bad_credentials"),
        ("invalid_client", "The OAuth client was not found.", "bad_credentials"),
        ("unauthorized_client", "Client is unauthorized", "not_delegated"),
        ("invalid_scope", "", "missing_scope"),
    ],
)
def test_a_refused_sign_in_says_what_to_mend(code: str, description: str, kind: str) -> None:
    error = from_sign_in(code, description)
    assert (error.kind, error.retryable) == (kind, False)
    assert str(error).endswith(f" It says: {code}: {description}" if description else code)


@pytest.mark.parametrize(
    ("code", "description", "retryable"),
    [
        ("", "", True),
        ("", "", False),  # a proxy's page
        ("server_error", "", False),
        ("temporarily_unavailable", "", False),
        ("internal_failure", "", True),
    ],
)
def test_a_sign_in_service_that_is_down_is_worth_a_retry(
    code: str, description: str, *, retryable: bool
) -> None:
    error = from_sign_in(code, description, retryable=retryable)
    assert (error.kind, error.retryable) == ("unavailable", True)
    assert "sign-in service" in str(error)


@pytest.mark.parametrize(
    "description",
    [
        "Invalid JWT: Token must be short-lived and in a reasonable timeframe.",
        "Invalid JWT: Check your iat and exp values.",
    ],
)
def test_a_clock_that_one_answer_calls_wrong_is_worth_a_retry(description: str) -> None:
    error = from_sign_in("invalid_grant", description)
    assert (error.kind, error.retryable) == ("clock_skew", True)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out"), "did not answer in time"),
        (ConnectionResetError(), "cannot be reached"),
    ],
)
def test_a_lost_connection_is_worth_a_retry(error: Exception, words: str) -> None:
    translated = from_connection(error)
    assert (translated.kind, translated.retryable) == ("unavailable", True)
    assert words in str(translated)
