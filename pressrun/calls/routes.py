"""The routes from a batch to its models: when a call may be sent, and over which endpoint.

A route owns the moment: the quotas of its endpoints, the batch's share of them, the spending caps,
the breaker. The caller asks, keeps and pays. Knows nothing of items.
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pressrun.calls.admission import AHEAD, Admission
from pressrun.calls.breaker import UNBROKEN, Breaker
from pressrun.calls.endpoints import Endpoint, Engines
from pressrun.calls.refusals import SAY_AFTER_S, SAY_EVERY_S, Refusals, longest_wait_s
from pressrun.calls.unusable import Unusable
from pressrun.engines.account import Account, require_access
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.limits import Load
from pressrun.errors import (
    BudgetSpent,
    EngineError,
    PressrunError,
    QuotaExhausted,
    SettingError,
    Throttled,
    Unavailable,
)
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.budgets import Cap
from pressrun.ledger.calls import CallLoad, Intent, ReservedCall, free_call
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Priority
from pressrun.settings import settings

logger = logging.getLogger(__name__)

#: Gives the spending caps that hold at a moment (Unix seconds).
Caps = Callable[[float], Sequence[Cap]]
#: Raises what stops a batch, if something does.
RaiseIfStopped = Callable[[], None]

#: Most seconds after which a sleeping caller notices that the batch is stopped.
HEAR_S = 0.5
#: Seconds to wait until calls in flight may have left room under a cap.
ROOM_S = 0.5
#: So long in all: twice the longest time of a call. What is set aside for longer belongs to a
#: process that has died.
ROOM_MOST_S = 600.0


def sleep(seconds: float, raise_if_stopped: RaiseIfStopped) -> None:
    """Sleeps in short pieces; raises what stops the batch meanwhile.

    The monotonic clock counts: a clock that is set back must not lengthen a wait.
    """
    over = time.monotonic() + seconds
    while (wait_s := over - time.monotonic()) > 0:
        time.sleep(min(wait_s, HEAR_S))
        raise_if_stopped()


@dataclass(frozen=True, slots=True)
class DueCall:
    """A reserved call whose moment has come: it is sent now, with this engine.

    Attributes:
        at: When it is sent, as far as prices depend on it.
    """

    reserved: ReservedCall
    quota: Quota
    engine: Engine
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def id(self) -> str:
        """The call's row in the ledger."""
        return self.reserved.call_id


@dataclass(frozen=True, slots=True)
class Route:
    """The route to a model: its endpoints, and the quota of each.

    Attributes:
        account: Gives the account as it stands now: its limits may change while a batch runs.
        admission: Lets a few callers at a time reserve, so that batches share the quota fairly.
        breaker: Leaves the model alone while it fails.
        ledger: Where calls and quotas stand.
        refusals: Those in a row, and
        unusable: useless answers in a row.
    """

    model: Model
    endpoints: tuple[Endpoint, ...]
    account: Callable[[], Account]
    admission: Admission
    breaker: Breaker = UNBROKEN
    ledger: Ledger = field(default_factory=open_ledger)
    refusals: Refusals = field(init=False)
    unusable: Unusable = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refusals", Refusals(self.model.name))
        object.__setattr__(self, "unusable", Unusable(self.model))

    def reserve(
        self, intent: Intent, load: Load, caps: Caps, raise_if_stopped: RaiseIfStopped
    ) -> DueCall:
        """Reserves a call; returns when its moment has come and it still holds.

        Waits for room under a cap for ten minutes, if calls in flight may leave some, and for a
        quota that is filled again soon. The caller has to :meth:`report` the outcome of the call.

        Raises:
            BudgetSpent: A cap has no room for it.
            QuotaExhausted: No endpoint takes calls within ``PRESSRUN_WAIT_FOR_QUOTA_S``.
            Unavailable: The model failed so often that it is left alone.
        """
        no_room_since = math.inf
        while True:
            try:
                with self.admission.admitted():
                    while True:
                        if due := self._reserved(intent, load, caps, raise_if_stopped):
                            if time.monotonic() - no_room_since >= SAY_AFTER_S:
                                self.ledger.waits.end(intent.batch_id, self.model.name)
                            return due
            except BudgetSpent as spent:
                no_room_since = min(no_room_since, time.monotonic())
                self._wait_for_room(intent, spent, no_room_since, raise_if_stopped)
            except QuotaExhausted as closed:
                self._wait_for_reset(intent, closed, raise_if_stopped)

    def report(self, due: DueCall, error: EngineError | None = None) -> bool:
        """Learns from what came of a call; returns whether to reserve again at once.

        That is so where the quota now knows why there was no answer, and so when to ask again.

        Raises:
            QuotaExhausted: The model has only refused for longer than
                ``PRESSRUN_WAIT_FOR_QUOTA_S``.
            BadReply: Its answers are of no use, the same way again and again.
        """
        self.breaker.record(error)
        quota, quotas, reservation = due.quota, self.ledger.quotas, due.reserved.reservation
        if isinstance(error, Throttled):
            if reservation:
                quotas.refused(quota, reservation, error.retry_after_s, time.time())
            self.refusals.add(error)
            return True
        self.refusals.end(error if isinstance(error, Unavailable) else None)
        self.unusable.record(error)
        if isinstance(error, Unavailable) and error.retry_after_s and reservation:
            # Everybody waits so long, and so does Prefect's next try of the item.
            quotas.hold(quota, error.retry_after_s, time.time())
        if isinstance(error, QuotaExhausted) and error.until:
            quotas.close(quota.account, quota.model, error.until.timestamp(), str(error))
            return True
        return False

    def _reserved(
        self, intent: Intent, load: Load, caps: Caps, raise_if_stopped: RaiseIfStopped
    ) -> DueCall | None:
        """Reserves the next free moment and sleeps until then; None if it has become invalid."""
        raise_if_stopped()
        self.breaker.require_closed()
        quotas, now = self._quotas(), time.time()
        if self.model.free:
            reserved = free_call(intent, quotas[0].account)
        else:
            reserved = self.ledger.calls.intend(intent, quotas, CallLoad(load, caps(now)), now)
        quota, mine = quotas[reserved.endpoint], reserved.reservation
        try:
            if mine:
                self.admission.set_pace(mine.gap_s)
                self._wait_for_moment(intent, mine.send_at, quota, raise_if_stopped)
            if mine is None or self.ledger.quotas.holds(quota, mine, time.time()):
                self.breaker.require_allowed()
                return DueCall(reserved, quota, self.endpoints[reserved.endpoint].engine)
        except BaseException:
            self.ledger.calls.withdraw(reserved, quota)
            raise
        self.ledger.calls.withdraw(reserved, quota)
        return None

    def _wait_for_moment(
        self, intent: Intent, moment: float, quota: Quota, raise_if_stopped: RaiseIfStopped
    ) -> None:
        """Sleeps until a call may be sent.

        Raises:
            QuotaExhausted: That is later than ``PRESSRUN_WAIT_FOR_QUOTA_S`` and a few calls at
                the quota's own rate.
        """
        wait_s = moment - time.time()
        gap_s = quota.limits.request_gap_s() if quota.limits else 0.0
        if wait_s > longest_wait_s() + AHEAD["high"] * gap_s:
            at = datetime.fromtimestamp(moment, UTC)
            raise QuotaExhausted(
                f"{quota.model} takes the next call at {at:%Y-%m-%d %H:%M:%S} UTC, which is longer "
                f"than is waited for (PRESSRUN_WAIT_FOR_QUOTA_S).{self.refusals.why} Retry the run "
                "then.",
                until=at,
            )
        self.refusals.waits(wait_s)
        self._note_wait(intent, wait_s, self.refusals.why.strip() or "Its quota is in use.")
        sleep(wait_s, raise_if_stopped)

    def _wait_for_room(
        self, intent: Intent, spent: BudgetSpent, since: float, raise_if_stopped: RaiseIfStopped
    ) -> None:
        """Sleeps until calls in flight may have left room under a cap.

        Raises:
            BudgetSpent: They leave none, or have not ended in time.
        """
        if not spent.waiting:
            raise spent
        waited_s = time.monotonic() - since
        if waited_s > ROOM_MOST_S:
            raise BudgetSpent(
                f"{spent} The rest is set aside for calls in flight that did not end within "
                f"{ROOM_MOST_S / 60:.0f} minutes: if their process has died, retry or cancel "
                "its run."
            )
        words = f"{self.model.name} waits for calls in flight to end: {spent}"
        if waited_s >= SAY_AFTER_S and self.refusals.say(words):
            self._note_wait(intent, SAY_EVERY_S, f"Calls in flight have to end. {spent}")
        sleep(ROOM_S, raise_if_stopped)

    def _wait_for_reset(
        self, intent: Intent, closed: QuotaExhausted, raise_if_stopped: RaiseIfStopped
    ) -> None:
        """Sleeps until the model is open again, if that is soon.

        Raises:
            QuotaExhausted: It is not.
        """
        wait_s = closed.until.timestamp() - time.time() if closed.until else float("inf")
        if wait_s > settings().wait_for_quota_s:
            raise closed
        logger.warning("Waiting for the quota: %s", closed)
        self._note_wait(intent, wait_s, str(closed))
        sleep(wait_s, raise_if_stopped)

    def _note_wait(self, intent: Intent, seconds: float, reason: str) -> None:
        self.ledger.waits.note(intent.batch_id, self.model.name, seconds, reason)

    def _quotas(self) -> list[Quota]:
        limits = None if self.model.free else self.account().limits_of(self.model)
        return [Quota(endpoint.access, self.model.name, limits) for endpoint in self.endpoints]


class Routes:
    """Holds the routes of one batch, by the names of its models.

    Args:
        models: Those that the batch calls.
        account: Gives who pays, as it stands now.
        concurrency: Most calls at the same time.
        priority: The batch's weight among those that share a quota.
        ledger: Where calls and quotas stand.
        apart: Whether models stand apart from each other: one that cannot be asked is refused and
            the others are not, and one that fails is left alone. Else the batch needs all.

    Raises:
        SettingError: A model that the batch needs cannot be asked.
    """

    def __init__(
        self,
        models: Iterable[str],
        account: Callable[[], Account],
        concurrency: int,
        priority: Priority,
        ledger: Ledger,
        *,
        apart: bool = False,
    ):
        self._account, self._priority, self._ledger = account, priority, ledger
        self._apart = apart
        self._engines = Engines(account(), concurrency, ledger)
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
        """Gives the seconds between calls, where callers already wait for admission; else zero.

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
            if not self._apart:
                raise
            self.refuse(name, error)

    def _route(self, model: Model) -> Route:
        require_access(self._account(), model.name)
        return Route(
            model,
            self._engines.endpoints(model),
            self._account,
            Admission(self._priority),
            Breaker(model.name, self._ledger.breakers) if self._apart else UNBROKEN,
            self._ledger,
        )
