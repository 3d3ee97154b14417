"""Models that have only refused a batch's calls since they last answered one."""

from dataclasses import dataclass

from sqlalchemy import func, select

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import calls

#: The kind of a refusal because calls came too fast (``errors.Throttled``).
_THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """A row of refusals.

    Attributes:
        since: When the first one came (Unix seconds).
        calls: How many there were.
        reason: What was said the last time.
    """

    model: str
    since: float
    calls: int
    reason: str


def read_refusals(database: Database, batch_id: str) -> list[RefusedCalls]:
    """Reads the rows of refusals that nothing has ended yet, by model."""
    mine = (calls.c.batch_id == batch_id) & calls.c.settled_at.is_not(None)
    refused = (calls.c.status == "failed") & (calls.c.error_kind == _THROTTLED)
    ended = (
        select(calls.c.model, func.max(calls.c.settled_at).label("at"))
        .where(mine & ~refused)
        .group_by(calls.c.model)
        .subquery()
    )
    query = (
        select(calls.c.model, calls.c.settled_at, calls.c.error_message)
        .outerjoin(ended, ended.c.model == calls.c.model)
        .where(mine & refused & (calls.c.settled_at > func.coalesce(ended.c.at, 0)))
        .order_by(calls.c.settled_at)
    )
    rows: dict[str, list[tuple[float, str]]] = {}
    with database.read() as connection:
        for model, at, message in connection.execute(query):
            rows.setdefault(model, []).append((at, message or ""))
    return [
        RefusedCalls(model, heard[0][0], len(heard), heard[-1][1]) for model, heard in rows.items()
    ]
