"""The errors of the local Drive, in Drive's own words and shape."""

from typing import Any

from tests.servers.gemini_http import Answer

Json = dict[str, Any]


class DriveFault(Exception):
    """A request that Drive refuses."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        details: list[Json] | None = None,
        retry_after_s: float | None = None,
    ):
        super().__init__(message)
        self.status, self.reason, self.message, self.domain = status, reason, message, domain
        self.details, self.retry_after_s = details, retry_after_s

    def answer(self) -> Answer:
        """The response that carries it."""
        entry = {"message": self.message, "domain": self.domain, "reason": self.reason}
        error: Json = {"code": self.status, "message": self.message, "errors": [entry]}
        if self.details:
            error["details"] = self.details
        headers: tuple[tuple[str, str], ...] = ()
        if self.retry_after_s is not None:
            headers = (("Retry-After", f"{self.retry_after_s:.0f}"),)
        return Answer.of({"error": error}, status=self.status, headers=headers)


def not_found(file_id: str) -> DriveFault:
    """There is no such file, or the caller may not know of it."""
    return DriveFault(404, "notFound", f"File not found: {file_id}.")


def id_taken() -> DriveFault:
    """A file of this id was made before."""
    return DriveFault(409, "fileIdInUse", "A file already exists with the provided ID.")


def id_not_ours() -> DriveFault:
    """The id was not generated for this caller."""
    return DriveFault(400, "invalid", "The provided file ID is not usable.")


def bad_request(message: str) -> DriveFault:
    """A parameter or body that makes no sense."""
    return DriveFault(400, "invalid", message)


def unauthorized() -> DriveFault:
    """No token, an unknown one, or one that has expired."""
    return DriveFault(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    )


def missing_scope() -> DriveFault:
    """The token was given for less than this."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "drive.googleapis.com"},
    }
    message = "Request had insufficient authentication scopes."
    return DriveFault(403, "insufficientPermissions", message, details=[info])


def no_permission(file_id: str) -> DriveFault:
    """The caller sees the file and may not do that to it."""
    message = f"The user does not have sufficient permissions for file {file_id}."
    return DriveFault(403, "insufficientFilePermissions", message)


def service_account_storage() -> DriveFault:
    """A service account owns no bytes."""
    message = (
        "Service Accounts do not have storage quota. Leverage shared drives, or use OAuth "
        "delegation instead."
    )
    return DriveFault(403, "storageQuotaExceeded", message, domain="usageLimits")


def storage_full() -> DriveFault:
    """The account's storage is used up."""
    message = "The user's Drive storage quota has been exceeded."
    return DriveFault(403, "storageQuotaExceeded", message, domain="usageLimits")


def too_many_children() -> DriveFault:
    """A folder holds no more."""
    message = "The limit for the number of children (files and folders) in a folder was exceeded."
    return DriveFault(403, "numChildrenInNonRootLimitExceeded", message)


def too_fast(reason: str, retry_after_s: float | None = None) -> DriveFault:
    """A rate refusal; ``reason`` is ``429`` or Drive's own word."""
    if reason == "429":
        message = "Too many requests."
        return DriveFault(429, "rateLimitExceeded", message, retry_after_s=retry_after_s)
    message = "User Rate Limit Exceeded. Rate of requests for user exceed configured quota."
    return DriveFault(403, reason, message, domain="usageLimits", retry_after_s=retry_after_s)


def broken(status: int) -> DriveFault:
    """The service has failed."""
    messages = {500: "Internal Error", 502: "Bad Gateway", 503: "Transient failure."}
    reason = "internalError" if status == 500 else "backendError"
    return DriveFault(status, reason, messages.get(status, "Backend Error"))
