"""The end of a cancelled batch: what is made is delivered, the rest is marked, reports are written.

Runs in the cancelled process if that has the time, else in a fresh one as Prefect's hook.
"""

import logging
import time
from typing import Any

from prefect.client.schemas.objects import FlowRun, State
from prefect.flows import Flow
from prefect.states import Cancelled

from pressrun.account import Account
from pressrun.blocks import target_named
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch
from pressrun.report.finish import finish
from pressrun.run import BatchRun
from tasks.logs import quiet_logs

#: Prefect gives a cancelled process 30 s; its heir waits a little longer for its end.
HEIR_PATIENCE_S = 60.0

logger = logging.getLogger(__name__)


def conclude(run: BatchRun) -> str:
    """Marks what is not made as cancelled and writes the reports; returns the sum in words."""
    run.ledger.batches.cancel(run.batch.id)
    outcome = finish(run)
    run.ledger.batches.mark(run.batch.id, status="cancelled")
    return outcome.record.summary()


def reject(batch: Batch) -> State[Any]:
    """The state of a run whose plan a person has rejected: nothing of it was made."""
    batches = open_ledger().batches
    gone = batches.cancel(batch.id)
    batches.mark(batch.id, status="cancelled", ended_at=time.time())
    return Cancelled(name="Rejected", message=f"The plan was rejected: none of {gone} was made.")


def conclude_cancelled(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's names
    """Prefect's ``on_cancellation``: concludes a batch whose process was killed before it could."""
    quiet_logs()
    ledger = open_ledger()
    batch = ledger.batches.find(str(flow_run.id))
    if batch is None or batch.status == "cancelled":
        return
    target = target_named(batch.store, batch.destination)
    run = BatchRun(batch, _offline, batch.concurrency, target, offline=True)
    try:
        if not run.begin(patience_s=HEIR_PATIENCE_S):
            logger.warning("Another process still works on %s and will conclude it.", batch.root)
            return
        run.generation_over()
        run.deliver()
        conclude(run)
    finally:
        run.close()


def _offline() -> Account:
    return Account()
