"""Batches after their end, as the maintenance commands find them."""

from collections.abc import Callable

from pressrun.batches.delivered import Delivered
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.stores.factory import Target

#: Makes and delivers a batch; ``keep_vault`` keeps its bytes on this machine.
Deliver = Callable[..., Delivered]


def opened(batch: Batch, target: Target | None = None) -> Delivered:
    """The batch as the ledger has it by now."""
    ledger = open_ledger()
    return Delivered.open(ledger, ledger.batches.match(batch.id), target)
