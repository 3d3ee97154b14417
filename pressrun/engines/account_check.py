"""Whether an account works, what it reaches and which limits apply: checked without paying."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from pressrun.engines.account import Access, Account
from pressrun.engines.catalogue import catalogue
from pressrun.engines.factory import open_engine
from pressrun.engines.limits import Limits
from pressrun.errors import EngineError, SettingError


@runtime_checkable
class Reaching(Protocol):
    """An engine that can check what it reaches. Not of its Protocol: sketches reach nothing."""

    def reach(self, models: Collection[str]) -> dict[str, EngineError | None]:
        """Says why each of these models cannot be asked, or None if it can; costs nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ModelReach:
    """Whether one model can be asked.

    Attributes:
        error: Why not, and what to do; None if it can.
    """

    model: str
    error: str | None = None
    error_kind: str | None = None


@dataclass(frozen=True, slots=True)
class AccessReach:
    """What one access reaches: a key, a Vertex AI project, or Bedrock in a region.

    Attributes:
        way: For people; reveals nothing of the key.
        models: Of the catalogue; empty if none could be asked for.
        error: Why nothing can be asked, and what to do; None if something can.
        version: Of Gemini's API; empty if Google's library takes it, or for other providers.
    """

    way: str
    seconds: float
    models: tuple[ModelReach, ...] = ()
    error: str | None = None
    error_kind: str | None = None
    version: str = ""

    @property
    def reached(self) -> list[str]:
        """Names of the models that can be asked."""
        return [model.model for model in self.models if model.error is None]


@dataclass(frozen=True, slots=True)
class ModelPace:
    """The limits of a model in each access.

    Attributes:
        told: Whether the account sets them; else calls begin as the catalogue says.
    """

    model: str
    told: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """An account, as it was found.

    Attributes:
        needless: Models that limits are set for, and that the catalogue does not have.
        notes: What its owner should know, although it works.
    """

    name: str
    accesses: tuple[AccessReach, ...]
    paces: tuple[ModelPace, ...]
    needless: tuple[str, ...]
    daily_usd: float | None
    monthly_usd: float | None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every access reaches a model."""
        return all(access.reached for access in self.accesses)


def check_account(account: Account) -> AccountCheck:
    """Asks every access, once and for free, which of the catalogue's models it reaches.

    Raises:
        SettingError: The account has nothing to ask with.
    """
    usable = [access for access in account.accesses if access.usable]
    if not usable:
        raise SettingError(
            "There is no key to check. Give the name of a Model account block, or set "
            "GEMINI_API_KEY (for Vertex AI GOOGLE_CLOUD_PROJECT), OPENAI_API_KEY or "
            "PRESSRUN_BEDROCK_REGION."
        )
    engines = {access.engine for access in usable}
    models = {name: model for name, model in catalogue().items() if model.engine in engines}
    return AccountCheck(
        account.name,
        tuple(_reach(access, number) for number, access in enumerate(usable, 1)),
        tuple(
            ModelPace(name, name in account.limits, account.limits_of(model))
            for name, model in models.items()
        ),
        tuple(name for name in account.limits if name not in catalogue()),
        account.daily_usd,
        account.monthly_usd,
        tuple(account.notes(models)),
    )


def _reach(access: Access, number: int) -> AccessReach:
    version = access.version if access.engine == "gemini" else ""
    return replace(_asked(access, number), version=version)


def _asked(access: Access, number: int) -> AccessReach:
    way, begun = name_access(access, number), time.monotonic()
    models = [name for name, model in catalogue().items() if model.engine == access.engine]
    try:
        found = tuple(
            ModelReach(model, str(error), error.kind) if error else ModelReach(model)
            for model, error in _ask(access, models).items()
        )
    except (EngineError, SettingError) as error:
        return AccessReach(way, _since(begun), error=str(error), error_kind=error.kind)
    if all(model.error for model in found):
        # One reason stands for all: a role that is missing, a location without these models.
        return AccessReach(way, _since(begun), found, found[0].error, found[0].error_kind)
    return AccessReach(way, _since(begun), found)


def name_access(access: Access, number: int) -> str:
    """Names an access for people, with its number; reveals nothing of its key."""
    if access.engine == "bedrock":
        return f"Amazon Bedrock in {access.region}"
    if access.project:
        return f"Vertex AI project {access.project} in {access.location}"
    return f"OpenAI API key {number}" if access.engine == "openai" else f"API key {number}"


def _ask(access: Access, models: list[str]) -> dict[str, EngineError | None]:
    engine = open_engine(access.engine, access, connections=1)
    try:
        if not isinstance(engine, Reaching):
            raise SettingError(f"What {access.engine} reaches cannot be asked without paying.")
        return engine.reach(models)
    finally:
        engine.close()


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
