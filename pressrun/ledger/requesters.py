"""Who asks for how much: limits on batches, on items and on a month's spending.

A batch is let in inside the transaction that writes it, so that two processes cannot both take
the last place. A batch that is known (a retry, a resumed run) is never counted again, and one that
is removed stays counted: limits hold for what was asked for, not for what is left of it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

from pressrun.boundary.text import fold_name
from pressrun.engines.limits import NANO
from pressrun.errors import RequestLimit
from pressrun.ledger import budgets
from pressrun.ledger.budgets import Cap
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import calls, requests

#: The requester where nobody is named; all of these count as one.
ANONYMOUS = "anonymous"
HOUR_S, DAY_S = 3600.0, 86_400.0
_LOCK = 7370726573737276  # any number, the same for every process on PostgreSQL


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The most that may be asked for; None is no limit.

    Attributes:
        batches_an_hour: Of all requesters together; likewise ``items_an_hour``.
        batches_a_day: Of one requester in 24 hours; likewise ``items_a_day``.
        monthly_usd: What one requester's batches may cost in a month (UTC).
        exempt: Keys of requesters for whom no limit holds; their batches use up nobody's limit.
    """

    batches_an_hour: int | None = None
    items_an_hour: int | None = None
    batches_a_day: int | None = None
    items_a_day: int | None = None
    monthly_usd: float | None = None
    exempt: frozenset[str] = field(default_factory=frozenset)

    @property
    def are_none(self) -> bool:
        """Whether anybody may ask for anything."""
        told = (self.batches_an_hour, self.items_an_hour, self.batches_a_day, self.items_a_day)
        return self.monthly_usd is None and not any(told)


@dataclass(frozen=True, slots=True)
class _Window:
    """One sliding window: what counts in it, and how much of it is allowed."""

    who: str
    span_s: float
    counts: ColumnElement[bool]
    batches: int | None
    items: int | None

    @property
    def words(self) -> str:
        return "hour" if self.span_s == HOUR_S else "24 hours"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a batch is not let in, and when it would be (Unix seconds)."""

    until: float
    why: str


class Requests:
    """The record of requests.

    Args:
        database: The ledger's.
        limits: Gives the limits as they stand.
    """

    def __init__(self, database: Database, limits: Callable[[], RequestLimits]):
        self._database, self._limits = database, limits

    def admit(
        self, connection: Connection, batch_id: str, requester: str, items: int, now: float
    ) -> None:
        """Counts a new batch, inside the transaction that writes it.

        Args:
            connection: The caller's, in its transaction.
            batch_id: The batch; one that was counted before is let in again.
            requester: Who asks; empty for nobody known.
            items: How many the batch will make.
            now: Unix seconds.

        Raises:
            RequestLimit: A limit leaves no room for it. The transaction has to be rolled back.
        """
        limits = self._limits()
        if not (self._database.is_sqlite or limits.are_none):
            # SQLite has one writer; here the next one waits until this one is counted.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        if _is_known(connection, batch_id):
            return
        key = requester_key(requester)
        _require_room(connection, limits, key, items, now)
        row = {"batch_id": batch_id, "requester": key, "item_count": items, "at": now}
        connection.execute(insert(requests), row)

    def check(self, batch_id: str, requester: str, now: float) -> None:
        """Refuses early what :meth:`admit` would, before a plan fetches or pays anything.

        Raises:
            RequestLimit: Not even a batch of one item has room.
        """
        limits = self._limits()
        if limits.are_none:
            return
        with self._database.read() as connection:
            if not _is_known(connection, batch_id):
                _require_room(connection, limits, requester_key(requester), 1, now)

    def caps(self, requester: str, now: float) -> list[Cap]:
        """Gives the cap of a requester's month, to be kept by every call (none without a limit)."""
        limits, key = self._limits(), requester_key(requester)
        if limits.monthly_usd is None or key in limits.exempt:
            return []
        scope = _month_scope(key, now)
        return [Cap(scope, limits.monthly_usd, f"the month (UTC) of {key}")]


def requester_key(name: str) -> str:
    """Makes the name that a requester is counted under: names that look alike are one."""
    return fold_name(name)[:100] or ANONYMOUS


def _is_known(connection: Connection, batch_id: str) -> bool:
    query = select(requests.c.batch_id).where(requests.c.batch_id == batch_id)
    return connection.scalar(query) is not None


def _require_room(
    connection: Connection, limits: RequestLimits, key: str, items: int, now: float
) -> None:
    if key in limits.exempt:
        return
    refusals = [
        refusal
        for window in _windows(limits, key)
        if (refusal := _refusal(connection, window, items, now))
    ]
    if refusal := _spent(connection, limits, key, now):
        refusals.append(refusal)
    if not refusals:
        return
    last = max(refusals, key=lambda refusal: refusal.until)
    if math.isinf(last.until):
        raise RequestLimit(f"{last.why} Split it.")
    # Rounded up to the second: a request at the stated time finds the place free.
    until = datetime.fromtimestamp(math.ceil(last.until), UTC)
    raise RequestLimit(
        f"{last.why} The next place is free at {until:%Y-%m-%d %H:%M:%S} UTC. "
        "Nothing was made or paid.",
        until=until,
    )


def _windows(limits: RequestLimits, key: str) -> list[_Window]:
    everybody = requests.c.requester.not_in(sorted(limits.exempt))
    return [
        _Window("Everybody", HOUR_S, everybody, limits.batches_an_hour, limits.items_an_hour),
        _Window(key, DAY_S, requests.c.requester == key, limits.batches_a_day, limits.items_a_day),
    ]


def _refusal(connection: Connection, window: _Window, items: int, now: float) -> _Refusal | None:
    if window.batches is None and window.items is None:
        return None
    query = select(requests.c.at, requests.c.item_count).where(
        window.counts & (requests.c.at > now - window.span_s)
    )
    rows = [(at, count) for at, count in connection.execute(query.order_by(requests.c.at))]
    found = [
        _too_much(window, "batches", window.batches, [(at, 1) for at, _ in rows], 1),
        _too_much(window, "items", window.items, rows, items),
    ]
    return max(filter(None, found), key=lambda refusal: refusal.until, default=None)


def _too_much(
    window: _Window, what: str, most: int | None, taken: Sequence[tuple[float, int]], wanted: int
) -> _Refusal | None:
    """Says why the wanted ones do not fit beside the taken ones, and when they would."""
    if most is None:
        return None
    if wanted > most:
        why = f"The batch has {wanted:,} {what}; {most:,} are taken in {_a(window.words)}."
        return _Refusal(math.inf, why)
    have = sum(count for _, count in taken)
    left, until = have, 0.0
    for at, count in taken:
        if left + wanted <= most:
            break
        left, until = left - count, at + window.span_s
    if not until:
        return None
    why = (
        f"{window.who} may start {most:,} {what} in {_a(window.words)}; "
        f"{have:,} were started, and {wanted:,} would come on top."
    )
    return _Refusal(until, why)


def _a(words: str) -> str:
    return f"an {words}" if words == "hour" else words


def _spent(connection: Connection, limits: RequestLimits, key: str, now: float) -> _Refusal | None:
    if limits.monthly_usd is None:
        return None
    day = datetime.fromtimestamp(now, UTC)
    begin = datetime(day.year, day.month, 1, tzinfo=UTC)
    query = (
        select(func.coalesce(func.sum(calls.c.cost_nusd), 0))
        .select_from(calls.join(requests, requests.c.batch_id == calls.c.batch_id))
        .where((requests.c.requester == key) & (calls.c.send_at >= begin.timestamp()))
    )
    spent = int(connection.scalar(query) or 0) / NANO
    # What calls in flight have set aside may be spent in a moment.
    _, held = budgets.books(connection, _month_scope(key, now))
    if spent + held < limits.monthly_usd:
        return None
    after = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
    why = f"{key} has spent ${spent + held:.2f} of ${limits.monthly_usd:.2f} a month."
    return _Refusal(after.timestamp(), why)


def _month_scope(key: str, now: float) -> str:
    return f"requester:{key}:{datetime.fromtimestamp(now, UTC):%Y-%m}"
