"""The batches of a ledger in a list: whose they are, how far they are, what they cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, cast, func, or_, select

from pressrun.engines.limits import NANO
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import batches, calls, deliveries, items
from pressrun.ledger.records import OVER, batch_name


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch in a list; moments in Unix seconds."""

    id: str
    kind: str
    title: str
    owner: str
    status: str
    destination: str
    root: str
    created_at: float
    ended_at: float | None
    items: int
    completed: int
    failed: int
    cost_usd: float

    @property
    def name(self) -> str:
        """As :attr:`pressrun.ledger.records.Batch.name`."""
        return batch_name(self.id, self.title, self.root, self.created_at)


def read_batches(
    database: Database,
    status: str = "",
    owner: str = "",
    most: int = 100,
    destination: str = "",
    *,
    statuses: Sequence[str] = (),
    kind: str = "",
    words: str = "",
    machine: str = "",
) -> list[Listed]:
    """Reads batches, newest first: all, or those that fit everything that is given.

    Args:
        database: The ledger's.
        status: The only one.
        owner: Whose they are.
        most: At most so many.
        destination: Where they go.
        statuses: Those of one of these.
        kind: What is made.
        words: Each stands in the title, the owner or the id, in capitals or not.
        machine: The id of the one that has the destination; others may have a folder so called.
    """
    of_batch = Listed.__slots__[:9]
    query = select(*(batches.c[name] for name in of_batch)).order_by(batches.c.created_at.desc())
    for column, value in ((batches.c.status, status), (batches.c.owner, owner)):
        if value:
            query = query.where(column == value)
    if statuses:
        query = query.where(batches.c.status.in_(statuses))
    if kind:
        query = query.where(batches.c.kind == kind)
    for word in words.split():
        places = (batches.c.title, batches.c.owner, batches.c.id)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if destination:
        # An address may be written with a slash behind it.
        query = query.where(func.rtrim(batches.c.destination, "/") == destination.rstrip("/"))
    if machine:
        query = query.where(batches.c.machine.in_(("", machine)))
    with database.read() as connection:
        rows = connection.execute(query.limit(most)).all()
        ids = [row.id for row in rows]
        counts, costs = _counts(connection, ids), _costs(connection, ids)
    return [_listed(row, counts.get(row.id, {}), costs.get(row.id, 0.0)) for row in rows]


def read_owners(database: Database) -> list[str]:
    """Reads who owns a batch, in alphabetical order; nobody is left out."""
    query = select(batches.c.owner).where(batches.c.owner != "").distinct()
    with database.read() as connection:
        return sorted(connection.execute(query).scalars(), key=str.casefold)


def read_known(database: Database, batch_ids: Sequence[str]) -> set[str]:
    """Reads which of these ids are batches of the ledger."""
    with database.read() as connection:
        found = connection.execute(select(batches.c.id).where(batches.c.id.in_(batch_ids)))
        return set(found.scalars())


def read_stamp(database: Database) -> tuple[Any, ...]:
    """Reads what changes when a batch begins, ends, is paused or is removed; cheap to ask."""
    query = select(batches.c.status, func.count(), func.max(batches.c.ended_at))
    with database.read() as connection:
        rows = connection.execute(query.group_by(batches.c.status).order_by(batches.c.status))
        return tuple(map(tuple, rows))


def read_links(database: Database, batch_ids: Sequence[str], path: str) -> dict[str, str]:
    """Reads the links of one report of each batch, by the batch's id, where it has arrived."""
    query = select(deliveries.c.batch_id, deliveries.c.url).where(
        deliveries.c.batch_id.in_(batch_ids)
        & (deliveries.c.path == path)
        & (deliveries.c.item_key == "")
        & (deliveries.c.status == "verified")
    )
    with database.read() as connection:
        return {batch_id: url or "" for batch_id, url in connection.execute(query)}


def _listed(row: Sequence[Any], counts: dict[str, int], cost_usd: float) -> Listed:
    known = dict(zip(Listed.__slots__, row, strict=False))
    return Listed(
        **known,
        items=sum(counts.values()),
        completed=counts.get("completed", 0),
        # As all reports count what is made and did not arrive.
        failed=counts.get("failed", 0) + (counts.get("made", 0) if known["status"] in OVER else 0),
        cost_usd=cost_usd,
    )


def _counts(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    query = (
        select(items.c.batch_id, items.c.status, func.count())
        .where(items.c.batch_id.in_(ids))
        .group_by(items.c.batch_id, items.c.status)
    )
    found: dict[str, dict[str, int]] = {}
    for batch_id, status, count in connection.execute(query):
        found.setdefault(batch_id, {})[status] = count
    return found


def _costs(connection: Connection, ids: Sequence[str]) -> dict[str, float]:
    query = (
        select(calls.c.batch_id, func.sum(calls.c.cost_nusd))
        .where(calls.c.batch_id.in_(ids))
        .group_by(calls.c.batch_id)
    )
    return {batch_id: int(cost) / NANO for batch_id, cost in connection.execute(query)}


def read_mentions(database: Database, word: str) -> Iterator[str]:
    """Yields, as JSON, the parameters, reviews and items in which a word stands."""
    columns = (batches.c.parameters, batches.c.reviews, items.c.spec)
    with database.read() as connection:
        for column in columns:
            text = cast(column, Text)
            query = select(text).where(text.contains(word, autoescape=True))
            yield from connection.execute(query).scalars()
