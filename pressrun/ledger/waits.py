"""What a batch waits for, where that is long: noted by whoever waits, shown to whoever looks."""

import time
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import waits

#: Shorter waits are the usual course of things.
LONG_S = 10.0


@dataclass(frozen=True, slots=True)
class LongWait:
    """A wait of a batch that is not over.

    Attributes:
        model: The one that is waited for; empty where the whole batch waits.
        until: When it ends, as far as that is known (Unix seconds).
        reason: What is waited for, as a sentence.
    """

    model: str
    until: float
    reason: str


class Waits:
    """The record of long waits: of each batch, and each of its models, the next to end."""

    def __init__(self, database: Database):
        self._database = database

    def note(self, batch_id: str, model: str, seconds: float, reason: str) -> None:
        """Notes that a caller waits so long from now, if that is long and none ends before."""
        if seconds < LONG_S:
            return
        now = time.time()
        row = {"batch_id": batch_id, "model": model, "until": now + seconds, "reason": reason}
        put = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(waits).values(row)
        note = put.on_conflict_do_update(
            index_elements=["batch_id", "model"],
            set_=row,
            where=or_(waits.c.until <= now, waits.c.until > put.excluded.until),
        )
        with self._database.write() as connection:
            connection.execute(note)

    def end(self, batch_id: str, model: str = "") -> None:
        """Forgets a wait that ended before it had to."""
        mine = (waits.c.batch_id == batch_id) & (waits.c.model == model)
        with self._database.write() as connection:
            connection.execute(delete(waits).where(mine))

    def read(self, batch_id: str, now: float) -> list[LongWait]:
        """Reads the waits of a batch that are not over, by model."""
        query = (
            select(waits.c.model, waits.c.until, waits.c.reason)
            .where((waits.c.batch_id == batch_id) & (waits.c.until > now))
            .order_by(waits.c.model)
        )
        with self._database.read() as connection:
            return [LongWait(*row) for row in connection.execute(query)]
