"""The ways to each model of a batch, with the pace that holds for them; which lead nowhere.

Knows models, accesses and engines, and nothing of items.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pressrun.calls.admission import Turnstile
from pressrun.calls.breaker import UNBROKEN, Breaker
from pressrun.engines.account import Access, Account, require_access
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.factory import open_engine
from pressrun.errors import PressrunError, SettingError
from pressrun.ledger.breakers import Breakers
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Priority

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in to a model: the access that is billed, and the engine that speaks over it."""

    access: str
    engine: Engine


@dataclass(frozen=True, slots=True)
class Lane:
    """A model, every way in to it, and the pace that holds for each.

    Attributes:
        account: Gives the account as it stands now: its limits may change while a batch runs.
        turns: Lets a few callers at a time reserve, so that batches share the quota fairly.
        breaker: Leaves the model alone while it fails.
    """

    model: Model
    ways: tuple[Way, ...]
    account: Callable[[], Account]
    turns: Turnstile
    breaker: Breaker = UNBROKEN

    def quotas(self) -> list[Quota]:
        """The quota of every way."""
        limits = None if self.model.free else self.account().limits_of(self.model)
        return [Quota(way.access, self.model.name, limits) for way in self.ways]


class Lanes:
    """The lanes of one batch, by the names of its models.

    Args:
        models: Those that the batch calls.
        account: Gives who pays, as it stands now.
        concurrency: Most calls at the same time.
        priority: The batch's weight among those that share a quota.
        breakers: Where models stand apart from each other: one that cannot be asked is refused
            and the others are not, and one that fails is left alone. None where a batch needs all.

    Raises:
        SettingError: A model that the batch needs cannot be asked.
    """

    def __init__(
        self,
        models: Iterable[str],
        account: Callable[[], Account],
        concurrency: int,
        priority: Priority,
        breakers: Breakers | None = None,
    ):
        self._account, self._priority, self._breakers = account, priority, breakers
        self._engines = _Engines(account(), concurrency)
        self._refused: dict[str, PressrunError] = {}
        self.by_model: dict[str, Lane] = {}
        for name in models:
            self._open(name)

    def refused(self, model: str) -> PressrunError | None:
        """Why nothing more is asked of a model; None if it may be asked."""
        return self._refused.get(model)

    def refuse(self, model: str, error: PressrunError) -> None:
        """Lets nothing more be asked of a model."""
        if model not in self._refused:
            logger.warning("Nothing more is made with %s: %s", model, error)
            self._refused[model] = error

    def held_up_s(self, model: str) -> float:
        """Seconds between calls where callers wait for their turns already; else zero.

        Args:
            model: The one in question; empty for the slowest of all.
        """
        asked = [self.by_model.get(model)] if model else self.by_model.values()
        return max((lane.turns.held_up_s for lane in asked if lane), default=0.0)

    def weigh(self, priority: Priority) -> None:
        """Changes the batch's weight."""
        for lane in self.by_model.values():
            lane.turns.weigh(priority)

    def close(self) -> None:
        """Ends the engines' connections."""
        self._engines.close()

    def _open(self, name: str) -> None:
        try:
            self.by_model[name] = self._lane(catalogue()[name])
        except SettingError as error:
            if self._breakers is None:
                raise
            self.refuse(name, error)

    def _lane(self, model: Model) -> Lane:
        require_access(self._account(), model.name)
        ways, turns = self._engines.ways(model), Turnstile(self._priority)
        return Lane(model, ways, self._account, turns, Breaker(model.name, self._breakers))


class _Engines:
    """The engines of a batch: one for each provider and access."""

    def __init__(self, account: Account, concurrency: int):
        self._account, self._concurrency = account, concurrency
        self._opened: dict[tuple[str, str], Engine] = {}

    def ways(self, model: Model) -> tuple[Way, ...]:
        """Every way in to a model; an offline one needs no access."""
        accesses = self._account.accesses_of(model)
        return tuple(Way(access.name, self._engine(model.engine, access)) for access in accesses)

    def _engine(self, name: str, access: Access) -> Engine:
        of = name, access.name
        if of not in self._opened:
            self._opened[of] = open_engine(name, access, self._concurrency)
        return self._opened[of]

    def close(self) -> None:
        """Ends their connections."""
        for engine in self._opened.values():
            engine.close()
