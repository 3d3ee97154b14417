"""What Google's refusals mean: from a status and a reason to one error and one sentence.

A table, tested as one. It knows Drive's words (developers.google.com, "Resolve errors" of the
Drive API) but neither the client library nor the store.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pressrun.errors import StoreError

#: A file of this id was made before: our own earlier try, or another process's.
ID_TAKEN = "id_taken"
#: No such file or folder, or one that this account may not know of.
NOT_FOUND = "not_found"

ROBOT_STORAGE = (
    "A service account has no storage of its own in Google Drive. Deliver into a folder of a "
    "shared drive and set its id, or sign in as a person, or let the service account act for a "
    "person (domain-wide delegation)."
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal comes to: a kind for machines, a sentence for people."""

    kind: str
    sentence: str
    retryable: bool = False


_SLOW = Meaning("throttled", "Google Drive takes no more files so fast; delivery slows down.", True)
_FULL = Meaning(
    "no_storage",
    "The Google Drive of this account is full. Free some space there, its bin included, or choose "
    "another account, then retry: nothing is paid again.",
)
_NO_SCOPE = Meaning(
    "missing_scope",
    "The Google sign-in does not allow writing to Drive. Sign in again with the scope "
    "https://www.googleapis.com/auth/drive or …/drive.file.",
)
_NO_PERMISSION = Meaning(
    "no_permission",
    "This Google account may read that place in Drive and not write to it. Share the folder with "
    "it as an editor (in a shared drive: as a content manager).",
)
_API_OFF = Meaning(
    "api_disabled",
    "The Google Drive API is switched off in the project of these credentials. Enable it in the "
    "Google Cloud console (APIs and services), wait a few minutes and retry.",
)
_DAY = Meaning(
    "quota_exhausted",
    "The day's quota of Google Drive is used up. What is paid stays in the vault; retry tomorrow.",
)
_BAD_CREDENTIALS = Meaning(
    "bad_credentials",
    "Google does not accept the sign-in: it has expired, was revoked or is incomplete. Sign in "
    "again, or put a fresh key into the credentials block.",
)
_POLICY = Meaning(
    "policy",
    "The rules of this Google Workspace forbid that. Ask its administrator, or switch the batch "
    "folder's sharing off.",
)
_TOO_MANY = Meaning(
    "folder_full",
    "That folder in Drive holds as many files as Drive allows (500,000). Choose another folder, "
    "or a path template with more folders.",
)
_DRIVE_FULL = Meaning(
    "no_storage",
    "The shared drive holds as many files as Drive allows. Empty its bin or choose another one.",
)
_TAKEN = Meaning(ID_TAKEN, "A file of this id is already in Drive; retry to compare it.", True)
_ABSENT = Meaning(NOT_FOUND, "There is no such file or folder in Drive for this account.")

REASONS: Mapping[str, Meaning] = {
    "userRateLimitExceeded": _SLOW,
    "rateLimitExceeded": _SLOW,
    "sharingRateLimitExceeded": _SLOW,
    "dailyLimitExceeded": _DAY,
    "uploadLimitExceeded": _DAY,
    "storageQuotaExceeded": _FULL,
    "quotaExceeded": _FULL,
    "teamDriveFileLimitExceeded": _DRIVE_FULL,
    "activeItemCreationLimitExceeded": _DRIVE_FULL,
    "numChildrenInNonRootLimitExceeded": _TOO_MANY,
    "teamDriveHierarchyTooDeep": Meaning(
        "too_deep", "Drive allows no more folders inside folders. Use a flatter path template."
    ),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _NO_SCOPE,
    "insufficientPermissions": _NO_SCOPE,
    "insufficientScopes": _NO_SCOPE,
    "insufficientFilePermissions": _NO_PERMISSION,
    "insufficientParentPermissions": _NO_PERMISSION,
    "forbidden": _NO_PERMISSION,
    "teamDriveMembershipRequired": _NO_PERMISSION,
    "appNotAuthorizedToFile": Meaning(
        "no_permission",
        "This application was not given access to that file or folder. Sign in with the scope "
        "https://www.googleapis.com/auth/drive, or choose a folder that Pressrun made.",
    ),
    "domainPolicy": _POLICY,
    "publishOutNotPermitted": _POLICY,
    "cannotShareTeamDriveWithNonGoogleAccounts": _POLICY,
    "accessNotConfigured": _API_OFF,
    "SERVICE_DISABLED": _API_OFF,
    "authError": _BAD_CREDENTIALS,
    "fileIdInUse": _TAKEN,
    "parentNotAFolder": Meaning(
        "wrong_folder", "The id of the destination is a file's. Give the id of a folder."
    ),
    "notFound": _ABSENT,
}
STATUSES: Mapping[int, Meaning] = {
    401: _BAD_CREDENTIALS,
    404: _ABSENT,
    409: _TAKEN,
    429: _SLOW,
    408: Meaning("unavailable", "Google Drive did not answer in time.", True),
}


def from_answer(
    status: int, body: bytes, headers: Mapping[str, str], *, robot: bool = False
) -> StoreError:
    """The error of an HTTP answer that is no success.

    Args:
        status: As HTTP has it.
        body: Google's JSON, or anything that a proxy put in its place.
        headers: Names in lower case.
        robot: Whether a service account asked for itself.
    """
    reasons, message = _reasons(body)
    meaning = _meaning(status, reasons, message)
    sentence = meaning.sentence
    if robot and meaning is _FULL:
        sentence = ROBOT_STORAGE
    return StoreError(
        sentence,
        kind=meaning.kind,
        retryable=meaning.retryable,
        retry_after_s=_seconds(headers.get("retry-after")),
    )


def from_sign_in(code: str, description: str, *, retryable: bool = False) -> StoreError:
    """The error of a refused token.

    Args:
        code: OAuth's ``error``.
        description: OAuth's ``error_description``; the only place that tells a wrong clock.
        retryable: Whether google-auth takes it for a passing failure.
    """
    if retryable:
        return StoreError("Google's sign-in service does not answer.", kind="unavailable")
    if "reasonable timeframe" in description:
        text = "This machine's clock is wrong, so Google refuses the key. Set it and retry."
        return StoreError(text, kind="clock_skew", retryable=False)
    if code in {"unauthorized_client", "access_denied"}:
        text = (
            "The service account may not act for that person. A Workspace administrator allows "
            "it under Security, API controls, Domain-wide delegation, with the Drive scope."
        )
        return StoreError(text, kind="not_delegated", retryable=False)
    meaning = _NO_SCOPE if code == "invalid_scope" else _BAD_CREDENTIALS
    return StoreError(meaning.sentence, kind=meaning.kind, retryable=False)


def from_connection(error: Exception) -> StoreError:
    """The error of an answer that did not come, or came broken."""
    words = "did not answer in time" if isinstance(error, TimeoutError) else "cannot be reached"
    return StoreError(
        f"Google Drive {words} ({type(error).__name__}). What is paid stays in the vault and is "
        "sent when Drive is back.",
        kind="unavailable",
    )


def _meaning(status: int, reasons: list[str], message: str) -> Meaning:
    for reason in reasons:
        if reason in REASONS:
            return REASONS[reason]
    if status in STATUSES:
        return STATUSES[status]
    said = f" It says: {message}" if message else ""
    if status >= 500 or status < 400:  # below 400: a success without what makes it one
        return Meaning("unavailable", f"Google Drive has failed ({status}).{said}", True)
    return Meaning("refused", f"Google Drive refused the request ({status}).{said}")


def _reasons(body: bytes) -> tuple[list[str], str]:
    """Google's reasons, the most exact first, and its message."""
    try:
        error = json.loads(body)["error"]
        told: list[Any] = [*error.get("details", ()), *error.get("errors", ())]
        reasons = [str(entry["reason"]) for entry in told if "reason" in entry]
        return reasons, str(error.get("message", ""))[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [], ""


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
