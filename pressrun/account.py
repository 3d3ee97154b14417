"""Who pays: a provider's key and address. Comes from a block or the environment."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from pressrun.errors import SettingError


@dataclass(frozen=True, slots=True)
class Account:
    """The access to one provider.

    Attributes:
        api_key: Never shown, logged or written.
        limits: Requests a minute of a model, in place of the catalogue's.
    """

    api_key: str = field(default="", repr=False)
    base_url: str | None = None
    api_version: str = "v1"
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A stable name that tells nothing of the key; quotas are kept under it."""
        return hashlib.sha256(f"{self.base_url}|{self.api_key}".encode()).hexdigest()[:16]


def account_from_environment(limits: Mapping[str, float]) -> Account:
    """The account that the provider's own variables describe.

    ``GOOGLE_API_KEY`` goes before ``GEMINI_API_KEY``, as in Google's library.

    Args:
        limits: Requests a minute of a model, in place of the catalogue's.
    """
    key = os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY") or ""
    return Account(key, os.environ.get("GOOGLE_GEMINI_BASE_URL") or None, limits=limits)


def require_key(account: Account, model: str) -> None:
    """Refuses an account without a key before anything is tried.

    Raises:
        SettingError: With what to do.
    """
    if not account.api_key:
        raise SettingError(
            f"{model} needs a key: choose a Model account block as `account`, or set "
            "GEMINI_API_KEY where the worker runs. The model `sketch` needs none."
        )
