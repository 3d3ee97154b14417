"""Every item of a batch with its status, as people are shown it, and its place in the queue."""

from dataclasses import dataclass

from pressrun.ledger import Ledger
from pressrun.ledger.records import RUNNING, Batch, Item


@dataclass(frozen=True, slots=True)
class Queued:
    """An item; ``queue_position`` is 1 for the next one, and None for one that does not wait.

    ``status`` is ``pending`` until the batch was approved, then ``queued``, ``processing``, and at
    last ``completed``, ``failed`` or ``cancelled``.
    """

    key: str
    title: str
    status: str
    attempts: int
    queue_position: int | None
    error: str | None


def read_queue(ledger: Ledger, batch: Batch) -> list[Queued]:
    """All items in their order, which is the order in which they are made."""
    waiting, listed = 0, []
    for item in ledger.batches.items(batch.id):
        status = _shown(item, batch)
        waiting += status == "queued"
        place = waiting if status == "queued" else None
        listed.append(
            Queued(item.key, item.title, status, item.attempts, place, item.error_message)
        )
    return listed


def _shown(item: Item, batch: Batch) -> str:
    if item.status == "pending" and batch.status in RUNNING:
        return "queued"
    return "processing" if item.status == "made" else item.status
