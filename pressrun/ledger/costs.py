"""What calls cost, by model, batch, day or owner, and what earlier calls teach about later ones.

Queries only. Every call that was billed counts, whatever became of it: one that failed, one that
was asked twice, and one whose bytes were lost. A batch that was deleted keeps its bill.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Label,
    Select,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from pressrun.engines.limits import NANO
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import batches, calls, items
from pressrun.ledger.records import UNMADE

By = Literal["model", "batch", "day", "owner"]

#: Statuses of calls that gave what was asked.
PAID = ("settled", "repeated", "voided")
#: When a call was answered; one that was lost in a crash counts from when it was sent.
ended_at = func.coalesce(calls.c.settled_at, calls.c.send_at)
#: The column that calls are grouped by.
GROUP = "counted_by"
_SUMMED = ("cost_nusd", "input_tokens", "output_tokens", "image_tokens", "thought_tokens")
_DAY_S = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
#: So many of a model's last calls show how it is now.
_RECENT = 200


@dataclass(frozen=True, slots=True)
class Bill:
    """What one model, batch, day or owner came to.

    Attributes:
        of: The model's name, the batch's id, the day (ISO, UTC) on which calls were answered, or
            the batch's owner: empty for batches of nobody, and for those that were deleted.
        title: The batch's title, while the ledger has it.
        unused: How many of the calls were billed although nothing came of them: they failed, were
            asked twice, or their bytes were lost.
        output_tokens: Of pictures too, without thoughts.
    """

    of: str
    title: str
    calls: int
    cost_nusd: int
    input_tokens: int
    output_tokens: int
    image_tokens: int
    thought_tokens: int
    unused: int = 0
    unused_nusd: int = 0

    @property
    def cost_usd(self) -> float:
        """The cost in USD."""
        return self.cost_nusd / NANO

    @property
    def unused_usd(self) -> float:
        """What the unused calls among them did cost, in USD."""
        return self.unused_nusd / NANO


@dataclass(frozen=True, slots=True)
class RecentCalls:
    """A model's last calls: their latencies in seconds, and the tokens of their thoughts."""

    latencies_s: tuple[float, ...]
    thought_tokens: tuple[int, ...]


def read_bills(
    database: Database, by: By, since: float = 0.0, owner: str = "", until: float | None = None
) -> list[Bill]:
    """Reads the bill of every model, batch, day or owner, in the order of their first calls.

    Args:
        database: The ledger's.
        by: What calls are grouped by.
        since: Calls answered before this moment (Unix seconds) do not count.
        owner: Only calls of this owner's batches count, if one is named.
        until: Nor do those answered at this moment or later.
    """
    sums = (whole_sum(calls.c[name]) for name in _SUMMED)
    unused = case((calls.c.status == "settled", 0), else_=1)
    wasted = (whole_sum(unused), whole_sum(unused * calls.c.cost_nusd))
    query = (
        grouped(database, by, func.count(), *sums, *wasted)
        .where(calls.c.settled_at >= since, *([calls.c.settled_at < until] if until else []))
        .where(or_(calls.c.status.in_(PAID), calls.c.cost_nusd > 0), *of_owner(owner))
        .order_by(func.min(calls.c.settled_at))
    )
    with database.read() as connection:
        return [Bill(named(by, group), *rest) for group, *rest in connection.execute(query)]


def read_recent(database: Database, models: Iterable[str]) -> dict[str, RecentCalls]:
    """Reads what the last calls of each model took; leaves out a model that was never called."""
    found = {}
    with database.read() as connection:
        for model in set(models):
            query = (
                select(calls.c.latency_s, calls.c.thought_tokens)
                .where((calls.c.model == model) & (calls.c.status == "settled"))
                .order_by(calls.c.settled_at.desc())
                .limit(_RECENT)
            )
            if rows := connection.execute(query).all():
                latencies, thoughts = zip(*rows, strict=True)
                found[model] = RecentCalls(latencies, thoughts)
    return found


def read_settled(
    database: Database, batch_id: str, *, unmade: bool = False
) -> frozenset[tuple[str, str]]:
    """Reads which calls of a batch are paid and kept: key of the item, and slot.

    Args:
        database: The ledger's.
        batch_id: The batch.
        unmade: Only those of items that are not made yet: few, however large the batch is.
    """
    query = select(calls.c.item_key, calls.c.slot).where(
        (calls.c.batch_id == batch_id) & (calls.c.status == "settled")
    )
    if unmade:
        mine = (items.c.batch_id == batch_id) & (items.c.key == calls.c.item_key)
        query = query.join(items, mine).where(items.c.status.in_(UNMADE))
    with database.read() as connection:
        return frozenset((key, slot) for key, slot in connection.execute(query))


def of_owner(owner: str) -> list[ColumnElement[bool]]:
    """Builds the condition that a call is of an owner's batch; none for no owner."""
    theirs = select(batches.c.id).where(batches.c.owner == owner)
    return [calls.c.batch_id.in_(theirs)] if owner else []


def grouped(database: Database, by: By, *columns: Any) -> Select[Any]:
    """Builds a query by groups of calls, with the group and its title as first columns."""
    if by != "batch":
        return select(group_of(database, by), literal(""), *columns).group_by(GROUP)
    title = func.coalesce(func.min(batches.c.title), "")
    of_batch = calls.outerjoin(batches, batches.c.id == calls.c.batch_id)
    return (
        select(calls.c.batch_id.label(GROUP), title, *columns).select_from(of_batch).group_by(GROUP)
    )


def group_of(database: Database, by: By) -> Label[Any]:
    """Builds the column that calls are grouped by; days as whole days since 1970, of UTC."""
    if by == "owner":
        theirs = select(batches.c.owner).where(batches.c.id == calls.c.batch_id)
        return func.coalesce(theirs.scalar_subquery(), "").label(GROUP)
    if by != "day":
        return (calls.c.model if by == "model" else calls.c.batch_id).label(GROUP)
    days = ended_at / _DAY_S
    # A cast cuts off in SQLite, which may lack floor(), and rounds in PostgreSQL.
    return cast(days if database.is_sqlite else func.floor(days), Integer).label(GROUP)


def named(by: By, group: Any) -> str:
    """Writes a group as text."""
    return date.fromordinal(_EPOCH_DAY + group).isoformat() if by == "day" else str(group)


def whole_sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Builds a sum as a whole number; PostgreSQL would make a decimal number of it."""
    return cast(func.sum(column), BigInteger)
