"""Batches and their items: what was planned, where each item stands."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pressrun.engines.limits import NANO
from pressrun.errors import InputError, PressrunError
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import batches, calls, deliveries, items, waits
from pressrun.ledger.records import MENDING, Batch, Item, MadeFile, PlannedItem, Status
from pressrun.ledger.requesters import Requests

#: Items that are read at a time.
PAGE = 500
_ITEM = (items.c.batch_id == bindparam("batch")) & (items.c.key == bindparam("item"))
_KEYS = Statement(
    select(items.c.key)
    .where((items.c.batch_id == bindparam("batch")) & (items.c.status == bindparam("is")))
    .order_by(items.c.position)
)
_START = Statement(
    update(items)
    .where(_ITEM)
    .values(
        status="processing",
        attempts=items.c.attempts + 1,
        started_at=bindparam("at"),
        ended_at=None,
        error_kind=None,
        error_message=None,
    )
    .returning(*(items.c[name] for name in Item.__slots__))
)
_MADE = Statement(update(items).where(_ITEM).values(status="made"))
_WAIT = (
    update(items)
    .where(_ITEM)
    .values(error_kind=bindparam("new_error_kind"), error_message=bindparam("new_error_message"))
)
_FAIL = _WAIT.values(status="failed", ended_at=bindparam("at"))
_DROP_FILES = Statement(
    delete(deliveries).where(
        (deliveries.c.batch_id == bindparam("batch")) & (deliveries.c.item_key == bindparam("item"))
    )
)
_ADD_FILES = Statement(insert(deliveries), ("batch_id", "item_key", "status", *MadeFile.__slots__))


class Batches:
    """The record of batches and items."""

    def __init__(self, database: Database, requests: Requests):
        self._database, self._requests = database, requests

    def create(self, batch: Batch, planned: Sequence[PlannedItem]) -> Batch:
        """Writes a batch with all its items at once; returns it with its place fixed.

        If another batch at the same destination has the root, a number is added to it.

        Raises:
            RequestLimit: A limit leaves no room for the batch; nothing was written.
        """
        asked = sum(1 for item in planned if not item.error)
        for number in range(1, 1000):
            root = batch.root if number == 1 else f"{batch.root} ({number})"
            values = asdict(batch) | {"root": root}
            try:
                with self._database.write() as connection:
                    self._requests.admit(
                        connection, batch.id, batch.requested_by, asked, time.time()
                    )
                    connection.execute(insert(batches), values)
                    if planned:
                        connection.execute(insert(items), _rows(batch.id, planned))
            except IntegrityError:
                if self.find(batch.id):
                    raise
                continue
            return Batch(**values)
        raise InputError(f"A thousand batches are called {batch.root!r}. Choose another title.")

    def replace(
        self,
        batch_id: str,
        key: str,
        planned: Sequence[PlannedItem],
        words: Mapping[str, str] | None = None,
    ) -> bool:
        """Replaces an item that could not be made by items, or by none.

        A retry of that item alone makes those.

        Args:
            batch_id: The batch.
            key: Of the item.
            planned: What takes its place.
            words: Of a mended item, what it was planned with.

        Returns:
            Whether it is done: not if a person has changed the words meanwhile.
        """
        mine = batches.c.id == batch_id
        with self._database.write() as connection:
            if words is not None:
                query = select(items.c.spec).where(_ITEM)
                spec = connection.execute(query, {"batch": batch_id, "item": key}).scalar()
                if spec is None or spec.get(MENDING) != words:
                    return False
            connection.execute(delete(items).where(_ITEM), {"batch": batch_id, "item": key})
            if planned:
                connection.execute(insert(items), _rows(batch_id, planned))
            only = connection.execute(select(batches.c.only).where(mine)).scalar()
            if only and key in only:
                new = [one for one in only if one != key] + [item.key for item in planned]
                connection.execute(update(batches).where(mine).values(only=new))
        return True

    def mend(self, batch_id: str, words: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Notes what a person changed of failed items, by their keys; returns the keys.

        An item that has not failed any more is left as it is.
        """
        failed = (items.c.batch_id == batch_id) & (items.c.status == "failed")
        query = select(items.c.key, items.c.spec).where(failed & items.c.key.in_(list(words)))
        noted = []
        with self._database.write() as connection:
            for key, spec in connection.execute(query).all():
                new = {**spec, MENDING: dict(words[key])}
                change = update(items).where(failed & (items.c.key == key)).values(spec=new)
                connection.execute(change)
                noted.append(key)
        return noted

    def revise(self, batch: Batch, planned: Sequence[PlannedItem]) -> None:
        """Replaces the old plan by a changed one, and the batch by the batch as it is now.

        What was made by the old plan is made again.
        """
        values = asdict(batch)
        mine = {"batch": values.pop("id")}
        with self._database.write() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.batch_id == batch.id))
            connection.execute(delete(items).where(items.c.batch_id == batch.id))
            connection.execute(insert(items), _rows(batch.id, planned))
            connection.execute(
                update(batches).where(batches.c.id == bindparam("batch")).values(values), mine
            )

    def find(self, batch_id: str) -> Batch | None:
        """Reads the batch of that id, if there is one."""
        with self._database.read() as connection:
            row = connection.execute(select(batches).where(batches.c.id == batch_id)).one_or_none()
        return Batch(**row._mapping) if row else None

    def match(self, prefix: str, owner: str = "") -> Batch:
        """Finds the batch whose id starts so, or the newest for ``latest``.

        If an owner is named, only that owner's batches are searched.

        Raises:
            InputError: None does, or several do.
        """
        query = select(batches).order_by(batches.c.created_at.desc()).limit(2)
        if owner:
            query = query.where(batches.c.owner == owner)
        if prefix != "latest":
            query = query.where(batches.c.id.startswith(prefix, autoescape=True))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            whose = f" of {owner!r}" if owner else ""
            raise InputError(f"No batch {prefix!r}{whose} is in the ledger.")
        if len(rows) > 1 and prefix not in ("latest", rows[0].id, rows[1].id):
            raise InputError(f"Several batches start with {prefix!r}: give more of the id.")
        exact = [row for row in rows if row.id == prefix] or rows
        return Batch(**exact[0]._mapping)

    def items(self, batch_id: str, *statuses: Status) -> list[Item]:
        """Reads the items in their order, all or those of the statuses."""
        return list(self.each(batch_id, *statuses))

    def each(self, batch_id: str, *statuses: Status) -> Iterator[Item]:
        """Reads the items in their order, a page at a time: a batch may have very many.

        Each page is a reading of its own, so that the ledger is not held while the caller works.
        An item that gets or loses one of the statuses meanwhile may be among them or not.
        """
        for page in self.pages(batch_id, *statuses):
            yield from page

    def pages(self, batch_id: str, *statuses: Status) -> Iterator[list[Item]]:
        """Reads the same items, page by page."""
        query = select(*(items.c[name] for name in Item.__slots__))
        query = query.where(items.c.batch_id == batch_id).order_by(items.c.position, items.c.key)
        if statuses:
            query = query.where(items.c.status.in_(statuses))
        after: tuple[int, str] | None = None
        while True:
            page = query if after is None else query.where(_behind(*after))
            with self._database.read() as connection:
                found = [_item(row) for row in connection.execute(page.limit(PAGE))]
            if found:
                yield found
            if len(found) < PAGE:
                return
            after = found[-1].position, found[-1].key

    def keys(self, batch_id: str, status: Status) -> list[str]:
        """Reads the keys of the items of that status, in their order."""
        with self._database.read() as connection:
            return [key for (key,) in _KEYS.run(connection, {"batch": batch_id, "is": status})]

    def start(self, batch_id: str, key: str) -> Item:
        """Marks an item as processing and counts the attempt."""
        binds = {"batch": batch_id, "item": key, "at": time.time()}
        (row,) = self._database.run(_START, binds)
        return _item(row)

    def finish(self, batch_id: str, key: str, files: Sequence[MadeFile]) -> None:
        """Marks an item as made, and its files as waiting for their delivery."""
        rows = [
            {
                "batch_id": batch_id,
                "item_key": key,
                "status": "waiting",
                "path": file.path,
                "media_type": file.media_type,
                "bytes": file.bytes,
                "sha256": file.sha256,
                # As text: what the drivers make of a mapping differs, and SQLite's makes nothing.
                "provenance": json.dumps(dict(file.provenance)) if file.provenance else None,
            }
            for file in files
        ]
        binds = {"batch": batch_id, "item": key}
        with self._database.write_at_once() as connection:
            _DROP_FILES.run(connection, binds)
            _ADD_FILES.run_each(connection, rows)
            _MADE.run(connection, binds)

    def fail(self, batch_id: str, key: str, error: PressrunError) -> None:
        """Marks an item as failed with the reason."""
        self._explain(_FAIL, batch_id, key, error, at=time.time())

    def release(self, batch_id: str, key: str) -> None:
        """Puts an item back that was begun and not made; the attempt does not count."""
        values = {"status": "pending", "attempts": items.c.attempts - 1, "started_at": None}
        with self._database.write() as connection:
            mine = _ITEM & (items.c.status == "processing")
            query = update(items).where(mine).values(values)
            connection.execute(query, {"batch": batch_id, "item": key})

    def abandon(self, batch_id: str) -> None:
        """Puts items back that a process left in work when it died; their attempts count."""
        left = (items.c.batch_id == batch_id) & (items.c.status == "processing")
        with self._database.write() as connection:
            connection.execute(update(items).where(left).values(status="pending"))

    def cancel(self, batch_id: str) -> int:
        """Marks what is neither made nor failed as cancelled; returns how many items."""
        gone = (items.c.batch_id == batch_id) & items.c.status.in_(("pending", "processing"))
        values = {"status": "cancelled", "ended_at": time.time()}
        with self._database.write() as connection:
            return connection.execute(update(items).where(gone).values(values)).rowcount

    def reopen(self, batch_id: str, keys: Sequence[str]) -> None:
        """Marks failed items as pending, so that they are made after all."""
        again = (items.c.batch_id == batch_id) & items.c.key.in_(keys)
        with self._database.write() as connection:
            connection.execute(update(items).where(again).values(status="pending"))

    def wait(self, batch_id: str, key: str, error: PressrunError) -> None:
        """Notes why a made item is not delivered yet; it stays made."""
        self._explain(_WAIT, batch_id, key, error)

    def unmake(self, batch_id: str, key: str, error: PressrunError) -> None:
        """Puts a made item back whose bytes are gone, so that it is made anew; notes why."""
        mine = _ITEM & (items.c.status == "made")
        self._explain(
            update(items)
            .where(mine)
            .values(
                status="pending",
                error_kind=bindparam("new_error_kind"),
                error_message=bindparam("new_error_message"),
            ),
            batch_id,
            key,
            error,
        )

    def statuses(self, batch_ids: Sequence[str]) -> dict[str, str]:
        """Reads the statuses of those of these batches that the ledger knows."""
        query = select(batches.c.id, batches.c.status).where(batches.c.id.in_(batch_ids))
        with self._database.read() as connection:
            return {row.id: row.status for row in connection.execute(query)}

    def mark(self, batch_id: str, **values: Any) -> None:
        """Changes columns of the batch itself (``status``, ``ended_at``)."""
        with self._database.write() as connection:
            connection.execute(update(batches).where(batches.c.id == batch_id).values(values))

    def remove(self, batch_id: str) -> None:
        """Forgets a batch with its items and files. Its calls stay: they are the bill."""
        with self._database.write() as connection:
            for table in (deliveries, items, waits):
                connection.execute(delete(table).where(table.c.batch_id == batch_id))
            connection.execute(delete(batches).where(batches.c.id == batch_id))

    def counts(self, batch_id: str) -> dict[str, int]:
        """Counts the items of each status."""
        query = (
            select(items.c.status, func.count().label("n"))
            .where(items.c.batch_id == batch_id)
            .group_by(items.c.status)
        )
        with self._database.read() as connection:
            return {row.status: row.n for row in connection.execute(query)}

    def costs(self, batch_id: str, keys: Sequence[str] | None = None) -> dict[str, float]:
        """Sums the USD spent on each item, or on each of these, by its key."""
        query = (
            select(calls.c.item_key, func.sum(calls.c.cost_nusd))
            .where(calls.c.batch_id == batch_id)
            .group_by(calls.c.item_key)
        )
        if keys is not None:
            query = query.where(calls.c.item_key.in_(keys))
        with self._database.read() as connection:
            return {key: int(cost) / NANO for key, cost in connection.execute(query)}

    def _explain(
        self, statement: Update, batch_id: str, key: str, error: PressrunError, **binds: float
    ) -> None:
        reason = {f"new_{name}": value for name, value in _reason(error).items()}
        with self._database.write() as connection:
            connection.execute(statement, reason | binds | {"batch": batch_id, "item": key})


def _behind(position: int, key: str) -> ColumnElement[bool]:
    same = (items.c.position == position) & (items.c.key > key)
    return (items.c.position > position) | same


def _rows(batch_id: str, planned: Sequence[PlannedItem]) -> list[dict[str, Any]]:
    return [
        {
            "batch_id": batch_id,
            "key": item.key,
            "position": item.position,
            "title": item.title,
            "spec": item.spec,
            "status": "failed" if item.error else "pending",
            "attempts": 0,
            "ended_at": time.time() if item.error else None,
            **(_reason(item.error) if item.error else {"error_kind": None, "error_message": None}),
        }
        for item in planned
    ]


def _reason(error: PressrunError) -> dict[str, Any]:
    return {"error_kind": error.kind[:32], "error_message": str(error)[:2000]}


def _item(row: Sequence[Any]) -> Item:
    values = dict(zip(Item.__slots__, row, strict=True))
    if isinstance(values["spec"], str):  # SQLite's driver gives JSON as text, psycopg parses it
        values["spec"] = json.loads(values["spec"])
    return Item(**values)
