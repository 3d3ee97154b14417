"""What a batch has spent and what it has begun, read in one look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Float, cast, func, literal, select, union_all

from pressrun.errors import BudgetSpent
from pressrun.ledger.budgets import Cap, batch_scope, books
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import budgets, calls, items

_MADE = ("made", "completed")


@dataclass(frozen=True, slots=True)
class Spending:
    """What is spent, and for which calls, at one moment.

    Attributes:
        spent_nusd: Under each cap, by its scope; calls in flight do not count.
        paid_at: When each settled call of the items asked about was paid (Unix seconds), by the
            item's key and the call's slot.
    """

    spent_nusd: Mapping[str, int]
    paid_at: Mapping[tuple[str, str], float]


def read_spending(
    database: Database, caps: Sequence[Cap], batch_id: str, keys: Collection[str]
) -> Spending:
    """Reads what is spent under caps, and the settled calls of these items of a batch.

    One statement, so that a call which is settled meanwhile counts in both or in neither.
    """
    spent = select(
        budgets.c.scope, literal(""), budgets.c.spent_nusd, cast(literal(0.0), Float)
    ).where(budgets.c.scope.in_([cap.scope for cap in caps]))
    paid = select(
        calls.c.item_key, calls.c.slot, cast(literal(0), BigInteger), calls.c.settled_at
    ).where(
        (calls.c.batch_id == batch_id)
        & calls.c.item_key.in_(list(keys))
        & (calls.c.status == "settled")
    )
    with database.read() as connection:
        rows = connection.execute(union_all(spent, paid)).all()
    return Spending(
        {of: nusd for of, slot, nusd, _ in rows if not slot},
        {(of, slot): at for of, slot, _, at in rows if slot},
    )


def read_spent_usd(database: Database, batch_id: str) -> float:
    """Reads what a batch has spent of its cap so far."""
    with database.read() as connection:
        spent, _ = books(connection, batch_scope(batch_id))
    return spent


def read_begun(database: Database, batch_id: str) -> frozenset[str]:
    """Reads the keys of the items that are paid in part and not made yet."""
    query = (
        select(calls.c.item_key)
        .join(items, (items.c.batch_id == calls.c.batch_id) & (items.c.key == calls.c.item_key))
        .where(calls.c.batch_id == batch_id, calls.c.status == "settled")
        .where(items.c.status.not_in(_MADE))
        .distinct()
    )
    with database.read() as connection:
        return frozenset(connection.scalars(query))


@dataclass(frozen=True, slots=True)
class KeptBack:
    """The items of a batch that a cap has kept back.

    Attributes:
        reason: What was said of the last one.
    """

    count: int
    reason: str = ""


def read_kept_back(database: Database, batch_id: str) -> KeptBack:
    """Reads the items that a cap has kept back, or stopped on the way."""
    query = select(items.c.error_message).where(
        (items.c.batch_id == batch_id)
        & (items.c.status == "failed")
        & (items.c.error_kind == BudgetSpent.kind)
    )
    with database.read() as connection:
        count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        last = query.order_by(items.c.ended_at.desc()).limit(1)
        return KeptBack(count, connection.execute(last).scalar() or "")
