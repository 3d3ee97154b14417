"""The routes from a batch to its models: endpoints, quotas, refused models.

Knows models, accesses and engines, and nothing of items.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pressrun.calls.admission import Admission
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
class Endpoint:
    """One endpoint of a model: the access that is billed, and the engine that calls it."""

    access: str
    engine: Engine


@dataclass(frozen=True, slots=True)
class Route:
    """The route to a model: its endpoints, and the quota of each.

    Attributes:
        account: Gives the account as it stands now: its limits may change while a batch runs.
        admission: Lets a few callers at a time reserve, so that batches share the quota fairly.
        breaker: Leaves the model alone while it fails.
    """

    model: Model
    endpoints: tuple[Endpoint, ...]
    account: Callable[[], Account]
    admission: Admission
    breaker: Breaker = UNBROKEN

    def quotas(self) -> list[Quota]:
        """Gives the quota of every endpoint."""
        limits = None if self.model.free else self.account().limits_of(self.model)
        return [Quota(endpoint.access, self.model.name, limits) for endpoint in self.endpoints]


class Routes:
    """Holds the routes of one batch, by the names of its models.

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
        self.by_model: dict[str, Route] = {}
        for name in models:
            self._open(name)

    def refused(self, model: str) -> PressrunError | None:
        """Says why nothing more is asked of a model; None if it may be asked."""
        return self._refused.get(model)

    def refuse(self, model: str, error: PressrunError) -> None:
        """Refuses further calls of a model."""
        if model not in self._refused:
            logger.warning("Nothing more is made with %s: %s", model, error)
            self._refused[model] = error

    def held_up_s(self, model: str) -> float:
        """Gives the seconds between calls where callers wait for admission already; else zero.

        Args:
            model: Its name; empty for the slowest of all.
        """
        asked = [self.by_model.get(model)] if model else self.by_model.values()
        return max((route.admission.held_up_s for route in asked if route), default=0.0)

    def set_priority(self, priority: Priority) -> None:
        """Changes the batch's weight."""
        for route in self.by_model.values():
            route.admission.set_priority(priority)

    def close(self) -> None:
        """Closes the engines' connections."""
        self._engines.close()

    def _open(self, name: str) -> None:
        try:
            self.by_model[name] = self._route(catalogue()[name])
        except SettingError as error:
            if self._breakers is None:
                raise
            self.refuse(name, error)

    def _route(self, model: Model) -> Route:
        require_access(self._account(), model.name)
        endpoints, admission = self._engines.endpoints(model), Admission(self._priority)
        return Route(
            model, endpoints, self._account, admission, Breaker(model.name, self._breakers)
        )


class _Engines:
    """The engines of a batch: one for each provider and access."""

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
