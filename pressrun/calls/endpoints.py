"""The ways from a batch to a model: an engine for each access of its account."""

import logging
from dataclasses import dataclass, replace

from pressrun.engines.account import Access, Account
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import Model
from pressrun.engines.factory import open_engine
from pressrun.ledger import Ledger
from pressrun.ledger.remote_ids import RemoteIds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a model: the access that is billed, and the engine that calls it."""

    access: str
    engine: Engine


class Engines:
    """Opens the engines of a batch: one for each provider and access.

    Where an engine has gone over to another version of the provider's API, because the one that is
    configured did not know a field, the next batch begins with that other one.

    Args:
        account: Whose accesses are used.
        concurrency: Most calls at the same time.
        ledger: Where the versions are kept.
    """

    def __init__(self, account: Account, concurrency: int, ledger: Ledger):
        self._account, self._concurrency, self._ledger = account, concurrency, ledger
        self._opened: dict[tuple[str, str], tuple[Access, str, Engine]] = {}

    def endpoints(self, model: Model) -> tuple[Endpoint, ...]:
        """Gives every endpoint of a model; an offline one needs no access."""
        accesses = self._account.accesses_of(model)
        return tuple(
            Endpoint(access.name, self._engine(model.engine, access)) for access in accesses
        )

    def _engine(self, name: str, access: Access) -> Engine:
        of = name, access.name
        if of not in self._opened:
            known = self._versions(access).find(access.version)
            if known:
                said = access.version or "that is usual"
                logger.info("API version %s is asked: %s did not know a field.", known, said)
            opened = replace(access, api_version=known) if known else access
            engine = open_engine(name, opened, self._concurrency)
            self._opened[of] = access, _version(engine), engine
        _, _, engine = self._opened[of]
        return engine

    def close(self) -> None:
        """Closes their connections, and keeps the versions that they have gone over to."""
        for access, before, engine in self._opened.values():
            engine.close()
            if (now := _version(engine)) != before:
                versions = self._versions(access)
                versions.drop(access.version, before)
                versions.claim(access.version, now)

    def _versions(self, access: Access) -> RemoteIds:
        """Gives the versions that stand for others: what this provider is asked at."""
        return self._ledger.remote_ids(f"api-version://{access.name}")


def _version(engine: Engine) -> str:
    return str(getattr(engine, "api_version", ""))
