"""Which process works on a batch: one at a time, known to live by its heartbeat.

On PostgreSQL the moments are the server's: clocks of machines may differ by more than a heartbeat.
"""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import holders

#: A process without a heartbeat for so long counts as dead.
DEAD_S = 45.0

_ROW = holders.c.batch_id == bindparam("batch")
_MINE = _ROW & (holders.c.token == bindparam("mine"))
_SERVER_NOW = text("SELECT extract(epoch FROM clock_timestamp())::float8")


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """A process that works on a batch, or did until it died.

    Attributes:
        host: What its machine calls itself, for people.
        beat_at: Its last heartbeat (Unix seconds).
        machine: The id of its machine.
    """

    token: str
    host: str
    machine: str
    beat_at: float
    dead: bool


class Leases:
    """Records which process works on which batch."""

    def __init__(self, database: Database):
        self._database = database

    def acquire(
        self, batch_id: str, token: str, host: str, machine: str, watched: float | None = None
    ) -> LeaseHolder | None:
        """Takes the lease; returns who had it: a living holder keeps it, a dead one loses it.

        The caller has the machine's own lock of the batch, so another holder there is dead.

        Args:
            batch_id: The batch.
            token: Of the process that wants it.
            host: What its machine calls itself.
            machine: The id of its machine.
            watched: The heartbeat after which the caller has waited for another one, with the
                ledger at hand, for longer than a living holder takes. Only then an old heartbeat
                means death: while the ledger was away, nobody could write one.
        """
        with self._database.write() as connection:
            now = self._now(connection)
            row = {"batch_id": batch_id, "token": token, "host": host, "beat_at": now}
            row["machine"] = machine
            insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
            connection.execute(insert(holders).values(row).on_conflict_do_nothing())
            query = select(holders).where(_ROW)
            if not self._database.is_sqlite:
                query = query.with_for_update()
            found = connection.execute(query, {"batch": batch_id}).one()
            if found.token == token:
                return None
            silent = found.beat_at < now - DEAD_S and found.beat_at == watched
            dead = silent or found.machine == machine
            if dead:
                connection.execute(update(holders).where(_ROW).values(row), {"batch": batch_id})
        return LeaseHolder(found.token, found.host, found.machine, found.beat_at, dead)

    def find(self, batch_id: str) -> LeaseHolder | None:
        """Reads who has a batch, or had it until it died."""
        with self._database.read() as connection:
            found = connection.execute(select(holders).where(_ROW), {"batch": batch_id}).first()
            now = self._now(connection)
        if found is None:
            return None
        dead = found.beat_at < now - DEAD_S
        return LeaseHolder(found.token, found.host, found.machine, found.beat_at, dead)

    def beat(self, batch_id: str, token: str) -> bool:
        """Renews the heartbeat; False if another process has taken the batch over."""
        with self._database.write() as connection:
            beaten = connection.execute(
                update(holders).where(_MINE).values(beat_at=self._now(connection)),
                {"batch": batch_id, "mine": token},
            )
        return beaten.rowcount == 1

    def release(self, batch_id: str, token: str) -> None:
        """Ends the lease."""
        with self._database.write() as connection:
            connection.execute(delete(holders).where(_MINE), {"batch": batch_id, "mine": token})

    def _now(self, connection: Connection) -> float:
        if self._database.is_sqlite:
            return time.time()
        return float(connection.scalar(_SERVER_NOW))
