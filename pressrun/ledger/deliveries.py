"""Which files are to be where, and which were seen there with the right digest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from pressrun.ledger.database import Database
from pressrun.ledger.schema import deliveries, items

_FILE = (deliveries.c.batch_id == bindparam("batch")) & (deliveries.c.path == bindparam("at"))

_VERIFY = (
    update(deliveries)
    .where(_FILE)
    .values(status="verified", url=bindparam("link"), delivered_at=bindparam("then"))
)
_OPEN = select(deliveries.c.path).where(
    (deliveries.c.batch_id == bindparam("batch"))
    & (deliveries.c.item_key == bindparam("item"))
    & (deliveries.c.status != "verified")
)
_COMPLETE = (
    update(items)
    .where(items.c.batch_id == bindparam("batch"))
    .where(items.c.key == bindparam("item"))
    .where(items.c.status == "made")
    .where(~_OPEN.exists())
    .values(status="completed", ended_at=bindparam("then"), error_kind=None, error_message=None)
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file on its way, or there (``status`` verified)."""

    path: str
    item_key: str
    media_type: str
    bytes: int
    sha256: str
    status: str
    url: str | None = None


_ALL = (
    select(*(deliveries.c[name] for name in Delivery.__slots__))
    .where(deliveries.c.batch_id == bindparam("batch"))
    .order_by(deliveries.c.path)
)
_OF_ITEM = _ALL.where(deliveries.c.item_key == bindparam("item"))


class Deliveries:
    """The record of deliveries."""

    def __init__(self, database: Database):
        self._database = database

    def all(self, batch_id: str, item_key: str | None = None) -> list[Delivery]:
        """The files of a batch, or of one item, by path."""
        query = _ALL if item_key is None else _OF_ITEM
        with self._database.read() as connection:
            rows = connection.execute(query, {"batch": batch_id, "item": item_key})
            return [Delivery(**row._mapping) for row in rows]

    def verify(self, batch_id: str, item_key: str, seen: Sequence[tuple[str, str]]) -> None:
        """Notes files, as (path, url), as standing at their destination with the right digest.

        An item whose last file this is becomes completed in the same transaction.
        """
        now = time.time()
        rows: list[dict[str, Any]] = [
            {"batch": batch_id, "at": path, "link": url, "then": now} for path, url in seen
        ]
        with self._database.write() as connection:
            if rows:
                connection.execute(_VERIFY, rows)
            connection.execute(_COMPLETE, {"batch": batch_id, "item": item_key, "then": now})
