"""What is counted over all batches, for those who watch an installation.

Queries only, but for one empty transaction that shows how long writers wait. What only grows is
read once when it is final, and after that only the last minutes are read again: a reading costs the
same with a thousand calls as with millions.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, case, func, literal, select

from pressrun.engines.limits import NANO
from pressrun.ledger.costs import PAID, whole_sum
from pressrun.ledger.database.connection import PATIENCE_S, Database
from pressrun.ledger.database.schema import (
    batches,
    calls,
    deliveries,
    holders,
    items,
    quotas,
    waits,
)
from pressrun.ledger.leases import DEAD_S

#: Upper bounds of the groups in which durations of calls are counted, in seconds.
BUCKETS_S = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
#: The outcome of calls that gave what was asked; others are named by the kind of their failure.
ANSWERED = "answered"
#: What has a moment longer ago than this is final: whoever writes while the ledger is unavailable
#: tries for ``PATIENCE_S``, and clocks of machines may differ.
_LATE_S = 3 * PATIENCE_S
#: Batches whose items are still to be made, or may be.
_UNFINISHED = ("draft", "ready", "running", "paused")
_QUOTA_MOMENTS = tuple(
    quotas.c[name]
    for name in (
        "requests_tat",
        "images_tat",
        "tokens_tat",
        "spend_tat",
        "held_until",
        "closed_until",
    )
)


@dataclass(frozen=True, slots=True)
class CallFigures:
    """The calls of one model that came to one end.

    Attributes:
        within: How many took no longer than each of ``BUCKETS_S``, and
        duration_s: how long they took together; both of answered calls alone.
    """

    model: str
    outcome: str
    count: int
    cost_usd: float
    duration_s: float
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeliveryFigures:
    """What was delivered to stores of one kind (``folder``, ``s3``, ``drive``)."""

    store: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """What the ledger says of all batches at one moment.

    Attributes:
        batches: How many there are, by kind and status.
        items: Of batches that are not over, likewise.
        orphans: Batches in work of which no process sends heartbeats.
        waiting: Batches that wait for long, by the model that they wait for; empty for another
            reason.
        in_flight: Calls that are sent and not answered, by model.
        queued: Calls that have reserved a later moment, by model.
        lost: Calls that were in flight when their process ended, by model.
        quota_wait_s: Seconds until a model has room again, in the account where that is longest.
        read_s: How long all of this took to read, and
        write_s: until a transaction that writes could begin and end.
    """

    batches: Mapping[tuple[str, str], int]
    items: Mapping[tuple[str, str], int]
    orphans: int
    waiting: Mapping[str, int]
    in_flight: Mapping[str, int]
    queued: Mapping[str, int]
    lost: Mapping[str, int]
    quota_wait_s: Mapping[str, float]
    calls: Sequence[CallFigures]
    deliveries: Sequence[DeliveryFigures]
    read_s: float
    write_s: float


class _Growing:
    """Sums of rows by group, which never become less: not where a batch is deleted either."""

    def __init__(
        self,
        groups: Sequence[ColumnElement[str]],
        sums: Sequence[ColumnElement[Any]],
        moment: ColumnElement[float],
        source: FromClause,
    ):
        self._query = select(*groups, *sums).select_from(source).group_by(*groups)
        self._size, self._moment = len(groups), moment
        self._final: dict[tuple[str, ...], tuple[float, ...]] = {}
        self._until = 0.0
        self._shown: dict[tuple[str, ...], tuple[float, ...]] = {}

    def read(self, connection: Connection, now: float) -> dict[tuple[str, ...], tuple[float, ...]]:
        """Reads the sums as of now."""
        if now - _LATE_S > self._until:
            which = (self._moment >= self._until) & (self._moment < now - _LATE_S)
            _combine(self._final, self._rows(connection, which), lambda a, b: a + b)
            self._until = now - _LATE_S
        seen = dict(self._final)
        _combine(seen, self._rows(connection, self._moment >= self._until), lambda a, b: a + b)
        _combine(self._shown, seen, max)
        return self._shown

    def _rows(
        self, connection: Connection, which: ColumnElement[bool]
    ) -> dict[tuple[str, ...], tuple[float, ...]]:
        rows = map(list, connection.execute(self._query.where(which)))
        return {tuple(row[: self._size]): tuple(row[self._size :]) for row in rows}


def _combine(
    into: dict[tuple[str, ...], tuple[float, ...]],
    more: Mapping[tuple[str, ...], tuple[float, ...]],
    how: Callable[[float, float], float],
) -> None:
    for group, sums in more.items():
        known = into.get(group)
        into[group] = tuple(map(how, known, sums)) if known else sums


class LedgerMetrics:
    """Reads the figures of a ledger, again and again.

    Args:
        database: The ledger's.
        clock: Gives Unix seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time):
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        is_paid = calls.c.status.in_(PAID)
        kind = func.coalesce(calls.c.error_kind, calls.c.status)
        outcome = case((is_paid, ANSWERED), else_=kind)
        within = (_count(is_paid & (calls.c.latency_s <= bound)) for bound in BUCKETS_S)
        duration = func.sum(case((is_paid, calls.c.latency_s), else_=0.0))
        cost = whole_sum(calls.c.cost_nusd)
        self._calls = _Growing(
            [calls.c.model, outcome],
            [func.count(), cost, duration, *within],
            calls.c.settled_at,
            calls,
        )
        self._deliveries = _Growing(
            [_store()],
            [func.count(), whole_sum(deliveries.c.bytes)],
            deliveries.c.delivered_at,
            deliveries.join(batches, batches.c.id == deliveries.c.batch_id),
        )

    def read(self) -> LedgerFigures:
        """Reads them.

        Raises:
            LedgerError: The ledger is unavailable.
        """
        with self._lock:
            now, begun = self._clock(), time.monotonic()
            with self._database.read() as connection:
                figures = self._read(connection, now)
            read_s, begun = time.monotonic() - begun, time.monotonic()
            with self._database.write() as connection:
                connection.execute(select(1))
            return LedgerFigures(**figures, read_s=read_s, write_s=time.monotonic() - begun)

    def _read(self, connection: Connection, now: float) -> dict[str, Any]:
        return {
            "batches": _by_status(connection, batches, batches.c.status),
            "items": _by_status(
                connection,
                items.join(batches, batches.c.id == items.c.batch_id),
                items.c.status,
                batches.c.status.in_(_UNFINISHED),
            ),
            "orphans": _orphans(connection, now),
            "waiting": _waiting(connection, now),
            **_unanswered(connection, now),
            "quota_wait_s": _quota_waits(connection, now),
            "calls": [
                CallFigures(model, outcome, int(count), cost / NANO, took, tuple(map(int, within)))
                for (model, outcome), (count, cost, took, *within) in self._calls.read(
                    connection, now
                ).items()
            ],
            "deliveries": [
                DeliveryFigures(store, int(files), int(size))
                for (store,), (files, size) in self._deliveries.read(connection, now).items()
            ],
        }


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return whole_sum(case((condition, 1), else_=0))


def _store() -> ColumnElement[str]:
    """Builds the kind of a batch's store: an address without a scheme is a folder."""
    schemes = ((batches.c.destination.startswith(f"{one}://"), one) for one in ("s3", "drive"))
    return case(*schemes, else_="folder")


def _by_status(
    connection: Connection,
    source: FromClause,
    status: ColumnElement[str],
    which: ColumnElement[bool] | None = None,
) -> dict[tuple[str, str], int]:
    query = select(batches.c.kind, status, func.count()).select_from(source)
    query = query if which is None else query.where(which)
    rows = connection.execute(query.group_by(batches.c.kind, status))
    return {(kind, status): count for kind, status, count in rows}


def _orphans(connection: Connection, now: float) -> int:
    beat = func.coalesce(holders.c.beat_at, literal(0.0))
    query = (
        select(func.count())
        .select_from(batches.outerjoin(holders, holders.c.batch_id == batches.c.id))
        .where((batches.c.status == "running") & (beat < now - 2 * DEAD_S))
    )
    return int(connection.execute(query).scalar_one())


def _waiting(connection: Connection, now: float) -> dict[str, int]:
    query = select(waits.c.model, func.count()).where(waits.c.until > now).group_by(waits.c.model)
    return {str(model): int(count) for model, count in connection.execute(query)}


def _unanswered(connection: Connection, now: float) -> dict[str, dict[str, int]]:
    open_, later = calls.c.status == "intent", calls.c.send_at > now
    counts = (open_ & later, open_ & ~later, calls.c.status == "lost")
    query = (
        select(calls.c.model, *map(_count, counts))
        .where(calls.c.settled_at.is_(None))
        .group_by(calls.c.model)
    )
    rows = connection.execute(query).all()
    return {
        "queued": {model: queued for model, queued, _, _ in rows},
        "in_flight": {model: sent for model, _, sent, _ in rows},
        "lost": {model: lost for model, _, _, lost in rows},
    }


def _quota_waits(connection: Connection, now: float) -> dict[str, float]:
    waits_s: dict[str, float] = {}
    for model, *until in connection.execute(select(quotas.c.model, *_QUOTA_MOMENTS)):
        waits_s[model] = max(0.0, waits_s.get(model, 0.0), *(moment - now for moment in until))
    return waits_s
