"""Spending caps: the worst case of a call is set aside before it is sent, and corrected after.

What is set aside and what is spent never pass the cap together, with any number of threads and
processes, because one statement looks and takes. What a call that was lost in a crash set aside
stays taken: the provider may have billed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.engines.limits import NANO
from pressrun.errors import BudgetSpent
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import budgets, holds

_ROW = budgets.c.scope == bindparam("within")
_ROOM = budgets.c.spent_nusd + budgets.c.held_nusd + bindparam("worst") <= bindparam("most")
_TAKE = Statement(
    update(budgets)
    .where(_ROW & _ROOM)
    .values(held_nusd=budgets.c.held_nusd + bindparam("worst"))
    .returning(budgets.c.scope)
)
_LOOK = Statement(select(budgets.c.spent_nusd, budgets.c.held_nusd).where(_ROW))
_HOLD = Statement(insert(holds), ("call_id", "scope", "nusd"))
_OF_CALL = holds.c.call_id == bindparam("call")
_LET_GO = Statement(delete(holds).where(_OF_CALL).returning(holds.c.scope, holds.c.nusd))
_CORRECT = Statement(
    update(budgets)
    .where(_ROW)
    .values(
        held_nusd=budgets.c.held_nusd - bindparam("worst"),
        spent_nusd=budgets.c.spent_nusd + bindparam("cost"),
    )
)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent in a scope.

    Attributes:
        scope: What it holds for: one batch, or an account's day or month.
        usd: The amount.
        words: How a message names it ("the batch's budget").
    """

    scope: str
    usd: float
    words: str

    @property
    def nusd(self) -> int:
        """The amount in nano-dollars."""
        return round(self.usd * NANO)


@dataclass(frozen=True, slots=True)
class Budget:
    """The caps of a batch and of the account that pays for it; None is no cap."""

    batch_usd: float | None = None
    daily_usd: float | None = None
    monthly_usd: float | None = None

    def caps(self, batch_id: str, account: str, now: float) -> list[Cap]:
        """Lists the caps that hold for a call sent now; days and months are those of UTC."""
        day = datetime.fromtimestamp(now, UTC)
        wanted = (
            (batch_scope(batch_id), self.batch_usd, "the batch's budget"),
            (f"day:{account}:{day:%Y-%m-%d}", self.daily_usd, "the account's day (UTC)"),
            (f"month:{account}:{day:%Y-%m}", self.monthly_usd, "the account's month (UTC)"),
        )
        return [Cap(scope, usd, words) for scope, usd, words in wanted if usd is not None]


def batch_scope(batch_id: str) -> str:
    """Names the scope of a batch's own cap."""
    return f"batch:{batch_id}"


def hold(connection: Connection, call_id: str, caps: Sequence[Cap], worst_nusd: int) -> None:
    """Sets a call's worst case aside under every cap, inside the caller's transaction.

    Raises:
        BudgetSpent: One has no room for it. ``retryable`` says whether calls in flight may leave
            room once they are settled. The caller's transaction has to be rolled back.
    """
    for cap in caps:
        binds = {"within": cap.scope, "worst": worst_nusd, "most": cap.nusd}
        if not _TAKE.run(connection, binds):
            _open(connection, cap.scope)
            if not _TAKE.run(connection, binds):
                raise _spent(connection, cap, worst_nusd)
    held = [{"call_id": call_id, "scope": cap.scope, "nusd": worst_nusd} for cap in caps]
    _HOLD.run_each(connection, held)


def settle(connection: Connection, call_id: str, cost_nusd: int | None) -> None:
    """Replaces what was set aside for a call by what it did cost.

    Without a cost, as for a call that was in flight at a crash, the worst case is spent.
    """
    # In the order in which they were taken, against deadlocks: PostgreSQL locks row by row.
    let_go = sorted(_LET_GO.run(connection, {"call": call_id}))
    corrected = [
        {"within": scope, "worst": worst, "cost": worst if cost_nusd is None else cost_nusd}
        for scope, worst in let_go
    ]
    _CORRECT.run_each(connection, corrected)


def books(connection: Connection, scope: str) -> tuple[float, float]:
    """Reads how many USD are spent and set aside in a scope."""
    rows = _LOOK.run(connection, {"within": scope}) or [(0, 0)]
    spent, held = rows[0]
    return spent / NANO, held / NANO


def _open(connection: Connection, scope: str) -> None:
    put = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"scope": scope, "spent_nusd": 0, "held_nusd": 0}
    connection.execute(put(budgets).values(row).on_conflict_do_nothing())


def _spent(connection: Connection, cap: Cap, worst_nusd: int) -> BudgetSpent:
    spent, held = books(connection, cap.scope)
    return BudgetSpent(
        f"${spent:.4f} of {cap.words} (${cap.usd:.2f}) are spent, and the next call "
        f"may cost ${worst_nusd / NANO:.4f}. Raise it and retry: what is made stays.",
        waiting=held > 0,
    )
