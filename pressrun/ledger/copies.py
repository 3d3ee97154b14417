"""Which bytes of a batch every machine can read: texts as they are, others by their digest.

A row without a body says that the bytes lie in a shared place, or were about to be written there.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import copies

_OF_BATCH = copies.c.batch_id == bindparam("batch")
_ONE = _OF_BATCH & (copies.c.sha256 == bindparam("digest"))
#: Digests in one statement.
_AT_ONCE = 500
_PUT_SQLITE, _PUT_POSTGRESQL = (
    Statement(insert(copies).on_conflict_do_nothing(), ("batch_id", "sha256", "body"))
    for insert in (sqlite.insert, postgresql.insert)
)


@dataclass(frozen=True, slots=True)
class CopyFound:
    """Bytes that every machine can read: a text as it is, None for what the shared place has."""

    text: bytes | None


class Copies:
    """The record of bytes that outlive the machine that has made them."""

    def __init__(self, database: Database):
        self._database = database

    def put(self, batch_id: str, digest: str, body: bytes | None) -> None:
        """Keeps a text, or (without a body) notes that bytes lie in the shared place."""
        put = _PUT_SQLITE if self._database.is_sqlite else _PUT_POSTGRESQL
        self._database.run(put, {"batch_id": batch_id, "sha256": digest, "body": body})

    def find(self, batch_id: str, digest: str) -> CopyFound | None:
        """Finds where bytes lie; None if they are no text and in no shared place."""
        with self._database.read() as connection:
            query = select(copies.c.body).where(_ONE)
            row = connection.execute(query, {"batch": batch_id, "digest": digest}).one_or_none()
        return CopyFound(None if row.body is None else bytes(row.body)) if row else None

    def texts(self, batch_id: str) -> list[bytes]:
        """Reads all texts of a batch, in the order of their digests."""
        query = select(copies.c.body).where(_OF_BATCH, copies.c.body.is_not(None))
        with self._database.read() as connection:
            found = connection.scalars(query.order_by(copies.c.sha256), {"batch": batch_id})
            return [bytes(body) for body in found if body is not None]

    def elsewhere(self, batch_id: str) -> list[str]:
        """Lists the digests of what lies in the shared place."""
        query = select(copies.c.sha256).where(_OF_BATCH, copies.c.body.is_(None))
        with self._database.read() as connection:
            return list(connection.scalars(query, {"batch": batch_id}))

    def forget(self, batch_id: str, digests: Collection[str]) -> None:
        """Removes rows by their digests."""
        left = list(digests)
        while left:
            some, left = left[:_AT_ONCE], left[_AT_ONCE:]
            with self._database.write() as connection:
                query = delete(copies).where(_OF_BATCH, copies.c.sha256.in_(some))
                connection.execute(query, {"batch": batch_id})

    def forget_texts(self, batch_id: str, keep: Collection[str] = ()) -> None:
        """Removes the texts of a batch, but for those of these digests."""
        query = select(copies.c.sha256).where(_OF_BATCH, copies.c.body.is_not(None))
        with self._database.read() as connection:
            known = set(connection.scalars(query, {"batch": batch_id}))
        self.forget(batch_id, known - set(keep))
