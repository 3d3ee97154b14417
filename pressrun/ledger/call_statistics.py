"""How calls went, by model, batch or day: success, attempts, latency, cost, failures by kind.

Queries only. Being throttled is shown among the failures, and is neither a failure of a call nor
an attempt: the call was sent again when the quota had room.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from pressrun.engines.limits import NANO
from pressrun.ledger.costs import (
    GROUP,
    PAID,
    By,
    ended_at,
    group_of,
    grouped,
    named,
    of_owner,
    whole_sum,
)
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import calls

_PERCENTILES = (50, 90, 99)
_IS_PAID = calls.c.status.in_(PAID)
_IS_FAILED = and_(calls.c.status == "failed", calls.c.error_kind != "throttled")
_ENDED = calls.c.status != "intent"


@dataclass(frozen=True, slots=True)
class Stat:
    """How the calls of one model, batch or day went.

    Attributes:
        of: The model's name, the batch's id, or the day (ISO, UTC).
        title: The batch's title, while the ledger has it.
        calls: All that were sent and came to an end.
        settled: Of these, those that gave what was asked.
        success_rate: Share of settled ones among those and the failed ones; None without any.
        attempts: How often a call was tried until it was settled, on average.
        latency_p50_s: Half of the settled calls took no longer; the next two likewise.
        failures: How many calls failed, by the kind of the reason; ``lost`` are those
            that were in flight when their process ended.
        tiers: How many calls were served in a tier of service other than the usual one, by its
            name; their price is another too.
    """

    of: str
    title: str
    calls: int
    settled: int
    success_rate: float | None
    attempts: float | None
    latency_p50_s: float | None
    latency_p90_s: float | None
    latency_p99_s: float | None
    cost_usd: float
    failures: Mapping[str, int]
    tiers: Mapping[str, int] = field(default_factory=dict)


def read_stats(
    database: Database, by: By, since: float = 0.0, batch_id: str = "", owner: str = ""
) -> list[Stat]:
    """Reads how calls went, for every model, batch or day, in the order of their first calls.

    Args:
        database: The ledger's.
        by: What calls are grouped by.
        since: Calls that ended before this moment (Unix seconds) do not count.
        batch_id: Only calls of this batch count, if one is named.
        owner: Only calls of this owner's batches count, if one is named.
    """
    of_batch = [calls.c.batch_id == batch_id] if batch_id else []
    which = and_(ended_at >= since, _ENDED, *of_batch, *of_owner(owner))
    paid_keys = select(calls.c.call_key).where(_IS_PAID)
    tried_again = and_(_IS_FAILED, calls.c.call_key.in_(paid_keys))
    counts = (_count(condition) for condition in (_IS_PAID, _IS_FAILED, tried_again))
    query = grouped(database, by, func.count(), *counts, whole_sum(calls.c.cost_nusd))
    with database.read() as connection:
        rows = connection.execute(query.where(which).order_by(func.min(ended_at))).all()
        latencies = _latencies(connection, database, by, which)
        kind = func.coalesce(calls.c.error_kind, calls.c.status)
        failed = which & calls.c.status.in_(("failed", "lost"))
        failures = _counted_by(connection, database, by, kind, failed)
        tiers = _counted_by(connection, database, by, calls.c.tier, which & (calls.c.tier != ""))
    return [
        Stat(
            of=named(by, group),
            title=title,
            calls=count,
            settled=paid,
            success_rate=paid / (paid + failed) if paid + failed else None,
            attempts=1 + again / paid if paid else None,
            latency_p50_s=latencies.get((group, 50)),
            latency_p90_s=latencies.get((group, 90)),
            latency_p99_s=latencies.get((group, 99)),
            cost_usd=cost / NANO,
            failures=failures[group],
            tiers=tiers[group],
        )
        for group, title, count, paid, failed, again, cost in rows
    ]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return whole_sum(case((condition, 1), else_=0))


def _latencies(
    connection: Connection, database: Database, by: By, which: ColumnElement[bool]
) -> dict[tuple[object, int], float]:
    """Reads exact percentiles (nearest rank) of the latencies of settled calls, by group."""
    group, latency = group_of(database, by), calls.c.latency_s
    ranks = func.row_number().over(partition_by=group.element, order_by=latency)
    sizes = func.count().over(partition_by=group.element)
    ranked = (
        select(group, latency, ranks.label("place"), sizes.label("of"))
        .where(which & _IS_PAID)
        .subquery()
    )
    columns = ranked.c
    wanted = or_(*(columns.place == _place(columns.of, p) for p in _PERCENTILES))
    query = select(columns[GROUP], columns.place, columns.of, columns.latency_s).where(wanted)
    return {
        (key, percentile): value
        for key, place, of, value in connection.execute(query)
        for percentile in _PERCENTILES
        if place == _place(of, percentile)
    }


def read_work_s(database: Database, batch_id: str) -> float:
    """Reads the seconds in which at least one call of a batch was under way."""
    query = (
        select(calls.c.send_at, calls.c.settled_at)
        .where((calls.c.batch_id == batch_id) & calls.c.settled_at.is_not(None))
        .order_by(calls.c.send_at)
    )
    work_s, until = 0.0, 0.0
    with database.read() as connection:
        for begun, ended in connection.execute(query):
            work_s += max(0.0, ended - max(begun, until))
            until = max(until, ended)
    return round(work_s, 3)


def _place(of: Any, percentile: int) -> Any:
    """Computes the nearest rank, from whole numbers here or columns in the database."""
    return (of * percentile + 99) // 100


def _counted_by(
    connection: Connection,
    database: Database,
    by: By,
    column: ColumnElement[str],
    which: ColumnElement[bool],
) -> dict[object, dict[str, int]]:
    """Counts calls by group and a column's values; the most frequent value first."""
    query = (
        select(group_of(database, by), column.label("name"), func.count())
        .where(which)
        .group_by(GROUP, "name")
        .order_by(func.count().desc(), "name")
    )
    found: dict[object, dict[str, int]] = defaultdict(dict)
    for group, name, count in connection.execute(query):
        found[group][name] = count
    return found
