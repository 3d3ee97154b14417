"""What Google's refusals mean: from a status and a reason to one error and one sentence.

A table, tested as one. It knows Drive's words (developers.google.com, "Resolve errors" of the
Drive API) but neither the client library nor the store.
"""

import json
from collections.abc import Mapping
from typing import Any

from pressrun.boundary.answers import AnswerRefused
from pressrun.boundary.text import one_line
from pressrun.errors import StoreError
from pressrun.stores.base import ErrorTemplate
from pressrun.stores.retry import capped_wait_s

#: A file of this id was made before: our own earlier try, or another process's.
ID_TAKEN = "id_taken"
#: Kinds that may pass by themselves, and are final only where they last.
MAY_PASS = frozenset({"clock_skew"})
#: No such file or folder, or one that this account may not know of.
NOT_FOUND = "not_found"

ROBOT_STORAGE = (
    "A service account has no storage of its own in Google Drive. Deliver into a folder of a "
    "shared drive and set its id, or sign in as a person, or let the service account act for a "
    "person (domain-wide delegation)."
)


_SLOW = ErrorTemplate(
    "throttled", "Google Drive takes no more files so fast; delivery slows down.", True
)
_FULL = ErrorTemplate(
    "no_storage",
    "The Google Drive of this account is full. Free some space there, its bin included, or choose "
    "another account, then retry: nothing is paid again.",
)
_NO_SCOPE = ErrorTemplate(
    "missing_scope",
    "The Google sign-in does not allow writing to Drive. Sign in again with the scope "
    "https://www.googleapis.com/auth/drive or …/drive.file.",
)
_NO_PERMISSION = ErrorTemplate(
    "no_permission",
    "This Google account may read that place in Drive and not write to it. Share the folder with "
    "it as an editor (in a shared drive: as a content manager).",
)
_API_OFF = ErrorTemplate(
    "api_disabled",
    "The Google Drive API is switched off in the project of these credentials. Enable it in the "
    "Google Cloud console (APIs and services), wait a few minutes and retry.",
)
_DAY = ErrorTemplate(
    "quota_exhausted",
    "The day's quota of Google Drive is used up. What is paid stays in the vault; retry tomorrow.",
)
_BAD_CREDENTIALS = ErrorTemplate(
    "bad_credentials",
    "Google does not accept the sign-in: it has expired, was revoked or is incomplete. Sign in "
    "again, or put a fresh key into the credentials block.",
)
_POLICY = ErrorTemplate(
    "policy",
    "The rules of this Google Workspace forbid that. Ask its administrator, or switch the batch "
    "folder's sharing off.",
)
_TOO_MANY = ErrorTemplate(
    "folder_full",
    "That folder in Drive holds as many files as Drive allows (500,000). Choose another folder, "
    "or a path template with more folders.",
)
_DRIVE_FULL = ErrorTemplate(
    "no_storage",
    "The shared drive holds as many files as Drive allows. Empty its bin or choose another one.",
)
_CLOCK = ErrorTemplate(
    "clock_skew",
    "This machine's clock is wrong, so Google refuses the key. Set it and retry.",
    True,
)
_NOT_DELEGATED = ErrorTemplate(
    "not_delegated",
    "The service account may not act for that person. A Workspace administrator allows "
    "it under Security, API controls, Domain-wide delegation, with the Drive scope.",
)
_SIGN_IN_AWAY = ErrorTemplate(
    "unavailable",
    "Google's sign-in service does not answer as it should. If it lasts, check token_uri in the "
    "credentials, and look for a proxy in between.",
    True,
)
_PAGE = ErrorTemplate(
    "unavailable",
    "A web page came in place of Google Drive's answer ({status}): of a proxy in between, or of "
    "Google, which asks this network to slow down. It is tried again.",
    True,
)
_SESSION_GONE = ErrorTemplate(
    "unavailable", "Google Drive has given up the upload; it is begun anew.", True
)
_TAKEN = ErrorTemplate(
    ID_TAKEN, "A file of this id is already in Drive; retry to compare it.", True
)
_ABSENT = ErrorTemplate(NOT_FOUND, "There is no such file or folder in Drive for this account.")

_FAILED = ErrorTemplate("unavailable", "Google Drive has failed ({status}).", True)

REASONS: Mapping[str, ErrorTemplate] = {
    "userRateLimitExceeded": _SLOW,
    "RATE_LIMIT_EXCEEDED": _SLOW,
    "rateLimitExceeded": _SLOW,
    "sharingRateLimitExceeded": _SLOW,
    "dailyLimitExceeded": _DAY,
    "uploadLimitExceeded": _DAY,
    "downloadQuotaExceeded": _DAY,
    "storageQuotaExceeded": _FULL,
    "quotaExceeded": _FULL,
    "teamDriveFileLimitExceeded": _DRIVE_FULL,
    "activeItemCreationLimitExceeded": _DRIVE_FULL,
    "numChildrenInNonRootLimitExceeded": _TOO_MANY,
    "teamDriveHierarchyTooDeep": ErrorTemplate(
        "too_deep", "Drive allows no more folders inside folders. Use a flatter path template."
    ),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _NO_SCOPE,
    "insufficientPermissions": _NO_SCOPE,
    "insufficientScopes": _NO_SCOPE,
    "insufficientFilePermissions": _NO_PERMISSION,
    "insufficientParentPermissions": _NO_PERMISSION,
    "forbidden": _NO_PERMISSION,
    "teamDriveMembershipRequired": _NO_PERMISSION,
    "appNotAuthorizedToFile": ErrorTemplate(
        "no_permission",
        "This application was not given access to that file or folder. Sign in with the scope "
        "https://www.googleapis.com/auth/drive, or choose a folder that Pressrun made.",
    ),
    "fileOwnerNotMemberOfTeamDrive": _NO_PERMISSION,
    "teamDrivesFolderSharingNotSupported": _POLICY,
    "domainPolicy": _POLICY,
    "shareOutNotPermitted": _POLICY,
    "fileOrganizerOnFoldersInSharedDriveOnly": _POLICY,
    "publishOutNotPermitted": _POLICY,
    "cannotShareTeamDriveWithNonGoogleAccounts": _POLICY,
    "accessNotConfigured": _API_OFF,
    "SERVICE_DISABLED": _API_OFF,
    "API_DISABLED": _API_OFF,
    "backendError": _FAILED,
    "internalError": _FAILED,
    "transientError": _FAILED,
    "authError": _BAD_CREDENTIALS,
    "fileIdInUse": _TAKEN,
    "parentNotAFolder": ErrorTemplate(
        "wrong_folder", "The id of the destination is a file's. Give the id of a folder."
    ),
    "notFound": _ABSENT,
}
STATUSES: Mapping[int, ErrorTemplate] = {
    401: _BAD_CREDENTIALS,
    404: _ABSENT,
    409: _TAKEN,
    429: _SLOW,
    408: ErrorTemplate("unavailable", "Google Drive did not answer in time.", True),
    410: _SESSION_GONE,
}
#: OAuth's errors that are not the credentials' fault.
_SIGN_INS: Mapping[str, ErrorTemplate] = {
    "unauthorized_client": _NOT_DELEGATED,
    "access_denied": _NOT_DELEGATED,
    "invalid_scope": _NO_SCOPE,
    **dict.fromkeys(
        ("internal_failure", "server_error", "temporarily_unavailable", "rate_limit_exceeded"),
        _SIGN_IN_AWAY,
    ),
}
#: Of google-auth's signed requests for a token: the times that a wrong clock makes wrong.
_CLOCK_WORDS = ("reasonable timeframe", "check your iat")


def from_answer(
    status: int, body: bytes, headers: Mapping[str, str], *, robot: bool = False
) -> StoreError:
    """Makes the error of an HTTP answer that is no success.

    Args:
        status: Of HTTP.
        body: Google's JSON, or anything that a proxy put in its place.
        headers: Names in lower case.
        robot: Whether a service account asked for itself.
    """
    reasons, message = _reasons(body)
    template = _PAGE if _is_page(body) and status in {401, 403} else _template_of(status, reasons)
    sentence = ROBOT_STORAGE if robot and template is _FULL else template.sentence
    return _error(
        template,
        message,
        sentence=sentence.format(status=status),
        wait_s=capped_wait_s(headers),
    )


def session_gone() -> StoreError:
    """Makes the error of an upload in pieces that Drive has forgotten; the next try begins anew."""
    return _error(_SESSION_GONE)


def odd(what: str) -> StoreError:
    """Makes the error of a success in which something is missing or wrong."""
    return StoreError(
        f"Google Drive sent an answer that cannot be used ({what}). If it lasts, look for a proxy "
        "or gateway in between; what is paid stays in the vault.",
        kind="unavailable",
    )


def from_sign_in(code: str, description: str, *, retryable: bool = False) -> StoreError:
    """Makes the error of a refused token.

    Args:
        code: OAuth's ``error``; empty if the answer was none of OAuth's (a proxy's page).
        description: OAuth's ``error_description``; only it says that a clock is wrong.
        retryable: Whether google-auth takes it for a passing failure.
    """
    said = f"{code}: {description}" if description else code
    if retryable or not code:
        return _error(_SIGN_IN_AWAY)
    if any(words in description.lower() for words in _CLOCK_WORDS):
        return _error(_CLOCK)
    return _error(_SIGN_INS.get(code, _BAD_CREDENTIALS), said)


def from_connection(error: Exception) -> StoreError:
    """Makes the error of an answer that did not come, or came broken."""
    late, endless = isinstance(error, TimeoutError), isinstance(error, AnswerRefused)
    words = "did not answer in time" if late else "cannot be reached"
    reason = str(error) if endless else type(error).__name__
    return StoreError(
        f"Google Drive {words} ({reason}). What is paid stays in the vault and is "
        "sent when Drive is back.",
        kind="unavailable",
    )


def _error(
    template: ErrorTemplate, message: str = "", *, sentence: str = "", wait_s: float | None = None
) -> StoreError:
    """Makes an error; Google's words follow our own where a person has to act."""
    said = one_line(message, 300)
    has_reason = not template.retryable or template is _FAILED
    told = f" It says: {said}" if said and has_reason else ""
    return StoreError(
        (sentence or template.sentence) + told,
        kind=template.kind,
        retryable=template.retryable,
        retry_after_s=wait_s,
    )


def _template_of(status: int, reasons: list[str]) -> ErrorTemplate:
    """Finds the first reason that is known; the status decides where the reason does not fit it."""
    known = next((REASONS[reason] for reason in reasons if reason in REASONS), None)
    if status == 429:
        return known if known is _DAY else _SLOW
    if status >= 500 or status < 400:  # below 400: a success without what makes it one
        return known if known and known.retryable else _FAILED
    if known or status in STATUSES:
        return known or STATUSES[status]
    return ErrorTemplate("refused", "Google Drive refused the request ({status}).")


def _reasons(body: bytes) -> tuple[list[str], str]:
    """Reads Google's reasons, the most exact first, and its message; nothing from other answers."""
    try:
        answer = json.loads(body)
    except ValueError:
        return [], ""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping):
        return [], error if isinstance(error, str) else ""
    told = [entry for name in ("details", "errors") for entry in _listed(error.get(name))]
    reasons = [str(entry["reason"]) for entry in told if entry.get("reason")]
    message = error.get("message")
    return reasons, message if isinstance(message, str) else ""


def _is_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"


def _listed(value: Any) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]
