"""What follows when somebody cancels or rejects a run.

The cancelled process concludes its batch if that has the time; else a fresh one does, as
Prefect's hook.
"""

import logging
from typing import Any

from prefect.client.schemas.objects import FlowRun, State
from prefect.flows import Flow
from prefect.states import Cancelled

from pressrun.blocks import target_named
from pressrun.conclude import conclude_orphan, drop
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.report.notice import End
from tasks.leftovers import end_all
from tasks.logs import quiet_logs
from tasks.notify import notifier_of

#: Prefect gives a cancelled process 30 s; its heir waits a little longer for its end.
HEIR_PATIENCE_S = 60.0

logger = logging.getLogger(__name__)


def reject(batch: Batch) -> State[Any]:
    """The state of a run whose plan a person has rejected: nothing of it was made."""
    gone = drop(batch)
    return Cancelled(name="Rejected", message=f"The plan was rejected: none of {gone} was made.")


def conclude_cancelled(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's names
    """Prefect's ``on_cancellation``: concludes a batch whose process was killed before it could."""
    quiet_logs()
    batch = open_ledger().batches.find(str(flow_run.id))
    if batch is None or batch.status == "cancelled":
        return
    target = target_named(batch.store, batch.destination)
    if not conclude_orphan(batch, target, HEIR_PATIENCE_S):
        logger.warning("Another process still works on %s and will conclude it.", batch.root)
        return
    end_all(flow_run.id)
    notifier_of(batch).tell(End("Cancelled"))
