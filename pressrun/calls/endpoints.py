"""The ways from a batch to a model: an engine for each access of its account."""

from dataclasses import dataclass

from pressrun.engines.account import Access, Account
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import Model
from pressrun.engines.factory import open_engine


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a model: the access that is billed, and the engine that calls it."""

    access: str
    engine: Engine


class Engines:
    """Opens the engines of a batch: one for each provider and access.

    Args:
        account: Whose accesses are used.
        concurrency: Most calls at the same time.
    """

    def __init__(self, account: Account, concurrency: int):
        self._account, self._concurrency = account, concurrency
        self._opened: dict[tuple[str, str], Engine] = {}

    def endpoints(self, model: Model) -> tuple[Endpoint, ...]:
        """Gives every endpoint of a model; an offline one needs no access."""
        accesses = self._account.accesses_of(model)
        return tuple(
            Endpoint(access.name, self._engine(model.engine, access)) for access in accesses
        )

    def _engine(self, name: str, access: Access) -> Engine:
        of = name, access.name
        if of not in self._opened:
            self._opened[of] = open_engine(name, access, self._concurrency)
        return self._opened[of]

    def close(self) -> None:
        """Closes their connections."""
        for engine in self._opened.values():
            engine.close()
