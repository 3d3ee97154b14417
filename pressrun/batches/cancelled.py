"""Batches whose run was cancelled while no process worked on it: concluded by whoever looks.

Prefect ends a run that waits, is paused or begins without anything of ours that could run, so that
the ledger alone does not know. The desk looks, every running batch, and ``make up`` when it starts.
"""

import logging
from collections.abc import Callable

from pressrun.batches.control import RunServer
from pressrun.batches.finish import conclude_orphan
from pressrun.batches.lease import is_held
from pressrun.errors import PressrunError
from pressrun.ledger import Ledger
from pressrun.ledger.listing import read_batches
from pressrun.ledger.records import OPEN, Batch
from pressrun.stores.factory import Target

#: From one look to the next.
LOOK_S = 30.0
_MOST = 1000

logger = logging.getLogger(__name__)


def conclude_cancelled(
    runs: RunServer, ledger: Ledger, target_of: Callable[[Batch], Target | None]
) -> list[str]:
    """Concludes them all: what is made is delivered, the rest is marked; returns their names.

    One that cannot be concluded now is left for the next look, with a line in the log.

    Args:
        runs: Where the runs are.
        ledger: Where the batches stand.
        target_of: Gives what reaching a batch's destination takes; None for a plain folder.
    """
    listed = read_batches(ledger.database, statuses=(*OPEN, "paused"), most=_MOST)
    concluded = []
    for batch_id in (batch.id for batch in listed):
        try:
            if is_held(ledger, batch_id) or not _is_cancelled(runs, batch_id):
                continue
            batch = ledger.batches.find(batch_id)
            if batch and conclude_orphan(batch, target_of(batch), patience_s=0.0):
                logger.warning("%s was cancelled; it is concluded now.", batch.name)
                concluded.append(batch.name)
        except PressrunError as error:
            logger.info("A cancelled batch is not concluded now: %s", error)
    return concluded


def _is_cancelled(runs: RunServer, batch_id: str) -> bool:
    state = runs.state(batch_id)
    return state is not None and state.type == "CANCELLED"
