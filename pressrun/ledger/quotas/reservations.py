"""Reservations: who may send when, for all processes that share this ledger.

A reservation takes its moment in one transaction, so that nobody polls: the caller sleeps until
then, checks once whether it still holds, and sends. The arithmetic is that of
:mod:`~pressrun.ledger.quotas.gcra` and :mod:`~pressrun.ledger.quotas.adaptive`; this module reads
and writes the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.engines.limits import Limits, Load
from pressrun.errors import QuotaExhausted
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import quotas
from pressrun.ledger.quotas import adaptive, gcra, state
from pressrun.ledger.quotas.state import QuotaState, Reservation

#: No provider closes a model for so long.
FAR = datetime.max.replace(tzinfo=UTC)

_MINE = (quotas.c.account == bindparam("of")) & (quotas.c.model == bindparam("named"))
_TAKEN: dict[str, BindParameter[Any]] = {
    name: bindparam(f"new_{name}") for name in QuotaState._fields
}
_ROW = select(*(quotas.c[name] for name in _TAKEN)).where(_MINE)
_LOOK = Statement(_ROW)
# On SQLite the transaction has the write lock already.
_LOCK = Statement(_ROW.with_for_update())
_EPOCH = Statement(select(quotas.c.epoch).where(_MINE))
_WRITE = Statement(update(quotas).where(_MINE).values(_TAKEN))


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one model in one account, or of the files to one destination.

    Attributes:
        limits: As configured; None if it has none, as an offline model.
    """

    account: str
    model: str
    limits: Limits | None


class Rate(NamedTuple):
    """Requests a second that a model takes, and whether a refusal has taught that."""

    per_s: float
    is_learned: bool


class Quotas:
    """Reservations in the ledger. Moments (``now``, ``until``) are Unix seconds."""

    def __init__(self, database: Database):
        self._database = database

    def take(self, connection: Connection, quota: Quota, load: Load, now: float) -> Reservation:
        """Takes the next moment that is free in every limit, inside the caller's transaction.

        Raises:
            QuotaExhausted: The model is closed (spent credits), or its day's requests are spent.
        """
        known = _read(connection, quota.account, quota.model)
        reservation = gcra.reserve(known, quota.limits or Limits(), load, now)
        _write(connection, quota.account, quota.model, reservation.after)
        return reservation

    def take_first(
        self, connection: Connection, endpoints: Sequence[Quota], load: Load, now: float
    ) -> tuple[int, Reservation | None]:
        """Takes a moment as :meth:`take` does, over the endpoint whose moment comes first.

        Returns:
            The endpoint's number, and its reservation; None where nothing limits the rate.

        Raises:
            QuotaExhausted: As :meth:`take`, if that holds for every endpoint.
        """
        taken: list[tuple[float, int, Reservation]] = []
        refusals: list[QuotaExhausted] = []
        # Always in the same order, against deadlocks: PostgreSQL locks row by row.
        for number in sorted(range(len(endpoints)), key=lambda number: endpoints[number].account):
            quota = endpoints[number]
            if quota.limits is None:
                return number, None
            known = _read(connection, quota.account, quota.model)
            try:
                mine = gcra.reserve(known, quota.limits, load, now)
                taken.append((mine.send_at, number, mine))
            except QuotaExhausted as refusal:
                refusals.append(refusal)
        if not taken:
            raise min(refusals, key=lambda refusal: refusal.until or FAR)
        _, number, mine = min(taken)
        _write(connection, endpoints[number].account, endpoints[number].model, mine.after)
        return number, mine

    def holds(self, quota: Quota, reservation: Reservation, now: float) -> bool:
        """Says whether the reservation still holds: asked once, right before the call is sent.

        It does not if limits were changed, or the provider refused a call or closed the model
        since, or the caller comes far too late. Then its moment is lost, and the caller has to
        reserve again.
        """
        rows = self._database.run(_EPOCH, {"of": quota.account, "named": quota.model})
        return len(rows) == 1 and reservation.holds(rows[0][0], now)

    def rate(self, quota: Quota, now: float) -> Rate:
        """Gives the rate at which the model may be called at this moment."""
        rows = self._database.run(_LOOK, {"of": quota.account, "named": quota.model})
        known = state.in_clock(QuotaState(*rows[0]) if rows else QuotaState(), now)
        per_s = adaptive.working_rate(known, quota.limits or Limits())
        return Rate(per_s, is_learned=known.wall > 0)

    def give_back(self, connection: Connection, quota: Quota, unused: Reservation) -> None:
        """Frees the moment of a call that was never sent, if nobody has reserved since."""
        known = _read(connection, quota.account, quota.model)
        _write(connection, quota.account, quota.model, gcra.give_back(known, unused))

    def refused(
        self, quota: Quota, refused: Reservation, retry_after_s: float | None, now: float
    ) -> None:
        """Learns from a refusal for the minute: everybody waits, and then sends more slowly."""
        self._change(
            quota.account,
            quota.model,
            lambda known: adaptive.refuse(
                known, quota.limits or Limits(), refused, retry_after_s, now
            ),
        )

    def hold(self, quota: Quota, seconds: float, now: float) -> None:
        """Lets nobody send for so many seconds; learns nothing about the rate."""

        def held(known: QuotaState) -> QuotaState:
            known, until = state.in_clock(known, now), now + seconds
            later = until > known.held_until
            return adaptive.hold(known, quota.limits or Limits(), until) if later else known

        self._change(quota.account, quota.model, held)

    def close(self, account: str, model: str, until: float, why: str) -> None:
        """Lets nobody reserve before ``until``."""
        self._change(account, model, lambda known: state.close(known, until, why))

    def _change(self, account: str, model: str, change: Callable[[QuotaState], QuotaState]) -> None:
        with self._database.write() as connection:
            _write(connection, account, model, change(_read(connection, account, model)))


def _read(connection: Connection, account: str, model: str) -> QuotaState:
    """Reads and locks the row; makes it at its first use."""
    mine = {"of": account, "named": model}
    rows = _LOCK.run(connection, mine)
    if not rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        new = {"account": account, "model": model, **QuotaState()._asdict()}
        connection.execute(insert(quotas).values(new).on_conflict_do_nothing())
        rows = _LOCK.run(connection, mine)
    return QuotaState(*rows[0])


def _write(connection: Connection, account: str, model: str, known: QuotaState) -> None:
    values = {f"new_{name}": value for name, value in known._asdict().items()}
    _WRITE.run(connection, values | {"of": account, "named": model})
