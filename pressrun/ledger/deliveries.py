"""Which files belong where, and which were seen there with the right digest."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, bindparam, cast, delete, func, insert, null, select, update

from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import deliveries, items
from pressrun.ledger.records import MadeFile

#: Paths that are read at a time.
_ROWS = 2000
#: The folder in an item's folder with pictures that other words can be set on.
WITHOUT_WORDS = "without_words"

_FILE = (deliveries.c.batch_id == bindparam("batch")) & (deliveries.c.path == bindparam("at"))

_VERIFY = Statement(
    update(deliveries)
    .where(_FILE)
    .values(status="verified", url=bindparam("link"), delivered_at=bindparam("then"))
)
_RELINK = Statement(update(deliveries).where(_FILE).values(url=bindparam("link")))
_DROP = delete(deliveries).where(_FILE)
_OPEN = select(deliveries.c.path).where(
    (deliveries.c.batch_id == bindparam("batch"))
    & (deliveries.c.item_key == bindparam("item"))
    & (deliveries.c.status != "verified")
)
_ITEM = (items.c.batch_id == bindparam("batch")) & (items.c.key == bindparam("item"))
# PostgreSQL's transactions run side by side: two that each deliver one of an item's last files
# would not see each other's, and neither would complete it.
_LOCK = Statement(select(items.c.key).where(_ITEM).with_for_update())
_COMPLETE = Statement(
    update(items)
    .where(_ITEM)
    .where(items.c.status == "made")
    .where(~_OPEN.exists())
    .values(status="completed", ended_at=bindparam("then"), error_kind=None, error_message=None)
)


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file on its way, or there (``status`` verified); a report has no ``item_key``."""

    path: str
    item_key: str
    media_type: str
    bytes: int
    sha256: str
    status: str
    url: str | None = None
    provenance: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def is_bare(self) -> bool:
        """Whether it is a picture that is kept to set other words on."""
        folder = self.path.rpartition("/")[0].rpartition("/")[2]
        return self.media_type.startswith("image/") and WITHOUT_WORDS in folder

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture to look at."""
        return self.media_type.startswith("image/") and not self.is_bare


_ALL = (
    select(*(deliveries.c[name] for name in DeliveredFile.__slots__))
    .where(deliveries.c.batch_id == bindparam("batch"))
    .order_by(deliveries.c.path)
)
_NAMED = Statement(_ALL.where(deliveries.c.path == bindparam("at")))
_OF_ITEM = Statement(_ALL.where(deliveries.c.item_key == bindparam("item")))
_OF_BATCH = Statement(_ALL)
_PICTURES = (
    select(*(deliveries.c[name] for name in DeliveredFile.__slots__))
    .where(deliveries.c.batch_id == bindparam("batch"))
    .where(deliveries.c.status == "verified")
    .where(deliveries.c.media_type.startswith("image/"))
    .where(~deliveries.c.path.contains(f"/{WITHOUT_WORDS}", autoescape=True))
    .order_by(deliveries.c.delivered_at.desc(), deliveries.c.path.desc())
    .limit(bindparam("n"))
)
_COUNT = (
    select(func.count(), func.sum(deliveries.c.bytes))
    .where(deliveries.c.batch_id == bindparam("batch"))
    .where(deliveries.c.status == "verified")
)


class Deliveries:
    """The record of deliveries."""

    def __init__(self, database: Database):
        self._database = database

    def all(self, batch_id: str, item_key: str | None = None) -> list[DeliveredFile]:
        """Reads the files of a batch, or of one item, by path."""
        if item_key is None:
            rows = self._database.run(_OF_BATCH, {"batch": batch_id})
        else:
            rows = self._database.run(_OF_ITEM, {"batch": batch_id, "item": item_key})
        return [_file(row) for row in rows]

    def find(self, batch_id: str, path: str) -> DeliveredFile | None:
        """Reads the file that lies at a path below the batch's root, if the batch has one."""
        rows = self._database.run(_NAMED, {"batch": batch_id, "at": path})
        return next(map(_file, rows), None)

    def path_of(self, batch_id: str, digest: str) -> str | None:
        """Finds a path at which the bytes of that digest stand, or may: it is not checked."""
        query = select(deliveries.c.path).where(
            deliveries.c.batch_id == batch_id, deliveries.c.sha256 == digest
        )
        with self._database.read() as connection:
            return connection.scalar(query.limit(1))

    def pictures(self, batch_id: str, most: int) -> list[DeliveredFile]:
        """Reads pictures that stand at their destination, the last that arrived first."""
        with self._database.read() as connection:
            return [
                _file(row) for row in connection.execute(_PICTURES, {"batch": batch_id, "n": most})
            ]

    def of_items(self, batch_id: str, keys: Sequence[str]) -> dict[str, list[DeliveredFile]]:
        """Reads the files of some items by path, by the item's key; as few keys as a page has."""
        query = _ALL.where(deliveries.c.item_key.in_(keys))
        found: dict[str, list[DeliveredFile]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query, {"batch": batch_id}):
                file = _file(row)
                found.setdefault(file.item_key, []).append(file)
        return found

    def tops(self, batch_id: str) -> list[str]:
        """Reads the names of the folders right below the batch's root, in alphabetical order."""
        query = select(deliveries.c.path).where(deliveries.c.batch_id == batch_id)
        with self._database.read() as connection:
            paths = connection.execution_options(yield_per=_ROWS).execute(query).scalars()
            return sorted({path.partition("/")[0] for path in paths if "/" in path})

    def provenance_values(self, batch_id: str, name: str) -> list[tuple[str, Any]]:
        """Lists item and value of each file in whose provenance a name stands."""
        has = cast(deliveries.c.provenance, Text).contains(f'"{name}"', autoescape=True)
        columns = deliveries.c.item_key, deliveries.c.provenance
        query = select(*columns).where(deliveries.c.batch_id == batch_id, has)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        told = ((item, _provenance(value) or {}) for item, value in found)
        return [(item, values[name]) for item, values in told if name in values]

    def count(self, batch_id: str) -> tuple[int, int]:
        """Counts the files that stand at their destination, and their bytes."""
        with self._database.read() as connection:
            files, size = connection.execute(_COUNT, {"batch": batch_id}).one()
        return int(files), int(size or 0)

    def verify(self, batch_id: str, item_key: str, seen: Sequence[tuple[str, str]]) -> None:
        """Notes files, as (path, url), as standing at their destination with the right digest.

        An item whose last file this is becomes completed in the same transaction.
        """
        now = time.time()
        rows = [{"batch": batch_id, "at": path, "link": url, "then": now} for path, url in seen]
        with self._database.write_at_once() as connection:
            if not self._database.is_sqlite:
                _LOCK.run_each(connection, [{"batch": batch_id, "item": item_key}])
            _VERIFY.run_each(connection, rows)
            _COMPLETE.run(connection, {"batch": batch_id, "item": item_key, "then": now})

    def replace(self, batch_id: str, item_key: str, seen: Sequence[tuple[MadeFile, str]]) -> None:
        """Notes other files, each with its URL, for those of a completed item.

        They stand at their destination already. The item stays as it is, with the moment at which
        it was made: nothing of it was made again.
        """
        now = time.time()
        rows = [
            {
                "batch_id": batch_id,
                "item_key": item_key,
                "status": "verified",
                "url": url,
                "delivered_at": now,
                **{name: getattr(file, name) for name in MadeFile.__slots__},
                "provenance": dict(file.provenance) if file.provenance else null(),
            }
            for file, url in seen
        ]
        mine = (deliveries.c.batch_id == batch_id) & (deliveries.c.item_key == item_key)
        with self._database.write() as connection:
            connection.execute(delete(deliveries).where(mine))
            for row in rows:
                connection.execute(insert(deliveries).values(row))

    def change(self, batch_id: str, changed: DeliveredFile) -> None:
        """Notes other bytes for a file that was delivered, before they are sent.

        Whoever dies in between leaves a file that an audit finds changed, and can mend.
        """
        told = dict(changed.provenance) if changed.provenance else null()
        query = update(deliveries).where(
            deliveries.c.batch_id == batch_id, deliveries.c.path == changed.path
        )
        values = {"bytes": changed.bytes, "sha256": changed.sha256, "provenance": told}
        with self._database.write() as connection:
            connection.execute(query.values(values))

    def note_report(self, batch_id: str, report: DeliveredFile) -> None:
        """Notes a report of the batch, a file of no item, instead of an older one."""
        row = {name: getattr(report, name) for name in DeliveredFile.__slots__}
        row |= {"batch_id": batch_id, "item_key": "", "delivered_at": time.time()}
        with self._database.write() as connection:
            connection.execute(_DROP, {"batch": batch_id, "at": report.path})
            connection.execute(insert(deliveries), row)

    def relink(self, batch_id: str, links: Mapping[str, str]) -> None:
        """Notes the links under which files are found now, by path."""
        rows = [{"batch": batch_id, "at": path, "link": url} for path, url in links.items()]
        with self._database.write() as connection:
            _RELINK.run_each(connection, rows)

    def drop(self, batch_id: str, path: str) -> None:
        """Forgets a file, which was removed."""
        with self._database.write() as connection:
            connection.execute(_DROP, {"batch": batch_id, "at": path})


def _file(row: Sequence[Any]) -> DeliveredFile:
    values = dict(zip(DeliveredFile.__slots__, row, strict=True))
    values["provenance"] = _provenance(values["provenance"])
    return DeliveredFile(**values)


def _provenance(value: Any) -> dict[str, Any] | None:
    """Reads what SQLite's driver gives as text; changed files of earlier versions hold it twice."""
    while isinstance(value, str):
        value = json.loads(value)
    return value  # type: ignore[no-any-return]
