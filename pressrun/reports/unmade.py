"""The items of a batch that are not made yet, with the calls that they have still to make.

Displays ask every few seconds, of batches of ten thousand items. So only items that are not made
are read, what each of them calls is kept, and items that are alike share one record.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson
from sqlalchemy import Text, cast, select

from pressrun.kinds.base import Chain
from pressrun.ledger import Ledger
from pressrun.ledger.costs import read_settled
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import items
from pressrun.ledger.records import UNMADE, Batch
from pressrun.reports.time_left import Unmade

#: Rows that are turned into chains at a time: their specs are never in memory together.
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Queues:
    """Unmade items by the queue that they wait in: their model's, where each model has one.

    Attributes:
        count: How many queues share the batch's slots, also those that are empty by now.
    """

    unmade: Mapping[str, Sequence[Unmade]]
    count: int


def read_unmade(ledger: Ledger, batch: Batch, sent: Mapping[str, float]) -> Queues:
    """Reads the unmade items, in their order.

    Args:
        ledger: Where the batch stands.
        batch: The batch.
        sent: When an item's call without an answer was, or will be, sent (Unix seconds), by key.
    """
    statuses = read_statuses(ledger.database, batch.id, *UNMADE)
    chains, apart = _known_chains(ledger, batch, statuses), _apart(batch)
    settled: dict[str, set[str]] = {}
    for key, slot in read_settled(ledger.database, batch.id, unmade=True):
        settled.setdefault(key, set()).add(slot)
    queues: dict[str, list[Unmade]] = {}
    alike: dict[Chain, Unmade] = {}
    for key, status in statuses.items():
        if key not in chains:  # made in between
            continue
        chain, done = chains[key], settled.get(key, ())
        queue = queues.setdefault(chain[0][1] if apart else "", [])
        if status == "pending" and not done:
            queue.append(alike.get(chain) or alike.setdefault(chain, _left_of(chain)))
        else:
            queue.append(_left_of(chain, done, begun=status == "processing", at=sent.get(key)))
    return Queues(queues, _count(batch) if apart else 1)


def read_queues(ledger: Ledger, batch: Batch, keys: Collection[str]) -> dict[str, str]:
    """Names the queue that each of these unmade items waits in; empty where there is just one."""
    if not _apart(batch):
        return dict.fromkeys(keys, "")
    chains = _known_chains(ledger, batch, keys)
    return {key: chains[key][0][1] for key in keys if key in chains}


def read_statuses(database: Database, batch_id: str, *wanted: str) -> dict[str, str]:
    """Reads the items of these statuses, in their order."""
    query = (
        select(items.c.key, items.c.status)
        .where((items.c.batch_id == batch_id) & items.c.status.in_(wanted))
        .order_by(items.c.position)
    )
    with database.read() as connection:
        return dict(connection.execute(query).all())


def _left_of(
    chain: Chain, done: Collection[str] = (), *, begun: bool = False, at: float | None = None
) -> Unmade:
    return Unmade(tuple(model for slot, model in chain if slot not in done), begun, at)


def _apart(batch: Batch) -> bool:
    # Imported late: a batch that has ended is shown without it.
    from pressrun.kinds.registry import has_models_apart  # noqa: PLC0415

    return has_models_apart(batch.kind)


def _count(batch: Batch) -> int:
    from pressrun.kinds.registry import find_recipe  # noqa: PLC0415

    return max(1, len({*find_recipe(batch.kind).models(batch.parameters)}))


def _known_chains(ledger: Ledger, batch: Batch, keys: Collection[str]) -> Mapping[str, Chain]:
    chains = _chains(ledger, batch.id)
    # Some that had failed, or were blocked at first, are to be made since.
    if any(key not in chains for key in keys):
        _chains.cache_clear()
        chains = _chains(ledger, batch.id)
    return chains


@lru_cache(maxsize=16)  # the desk shows several batches in work
def _chains(ledger: Ledger, batch_id: str) -> Mapping[str, Chain]:
    """Lists the calls that each unmade item takes, by its key; an item's calls stay the same."""
    from pressrun.kinds.registry import find_recipe  # noqa: PLC0415

    batch = ledger.batches.match(batch_id)
    chain_of = find_recipe(batch.kind).chain
    # As text: made into objects by the ledger's own means, they take ten times as long.
    query = select(items.c.key, cast(items.c.spec, Text)).where(
        (items.c.batch_id == batch_id) & items.c.status.in_(UNMADE)
    )
    alike: dict[Chain, Chain] = {}
    chains = {}
    with ledger.database.read() as connection:
        for key, spec in connection.execution_options(yield_per=_ROWS).execute(query):
            chain = tuple(chain_of(orjson.loads(spec), batch.parameters))
            chains[key] = alike.setdefault(chain, chain)
    return chains
