"""What a destination calls a path: Drive's ids, claimed before the upload that uses them.

A claim is made once, by whoever comes first of all threads and processes; the others get the id
that stands. So an upload whose reply was lost finds its own file again.
"""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import places

_AT = (places.c.destination == bindparam("within")) & (places.c.path == bindparam("at"))
_FIND = select(places.c.remote_id).where(_AT)
_DROP = delete(places).where(_AT & (places.c.remote_id == bindparam("known_as")))


class RemoteIds:
    """Keeps the claimed ids of one destination."""

    def __init__(self, database: Database, destination: str):
        self._database, self._destination = database, destination

    def find(self, path: str) -> str | None:
        """Reads the id of a path, if one was claimed."""
        with self._database.read() as connection:
            found: str | None = connection.scalar(_FIND, {"within": self._destination, "at": path})
        return found

    def claim(self, path: str, remote_id: str) -> str:
        """Takes the id for the path unless one stands already; returns the one that stands."""
        row = {"destination": self._destination, "path": path, "remote_id": remote_id}
        with self._database.write() as connection:
            insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
            connection.execute(insert(places).values(row).on_conflict_do_nothing())
            stands = connection.scalar(_FIND, {"within": self._destination, "at": path})
        return stands or remote_id

    def drop(self, path: str, remote_id: str) -> None:
        """Forgets a claim whose file is gone, unless somebody has claimed anew meanwhile."""
        binds = {"within": self._destination, "at": path, "known_as": remote_id}
        with self._database.write() as connection:
            connection.execute(_DROP, binds)
