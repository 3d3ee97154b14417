"""The end of a batch, completed or cancelled: what is made arrives, the rest is marked.

Knows nothing of Prefect: the process that worked on the batch calls this, the one that follows it
after its death, or the command line.
"""

import logging
import time

from pressrun.batches.machine import is_elsewhere
from pressrun.batches.run import BatchRun
from pressrun.engines.account import Account
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.gallery.store_page import write_store_index
from pressrun.reports.writing import Outcome, clean, write_reports
from pressrun.settings import settings
from pressrun.stores.factory import Target

logger = logging.getLogger(__name__)


def finish(run: BatchRun) -> Outcome:
    """Writes the reports, closes the batch in the ledger and lists it at the store's root.

    Raises:
        StoreError: The destination refuses the reports. Items that are delivered stay so.
    """
    now = time.time()
    outcome = write_reports(run.ledger, run.batch, run.store, run.vault, now)
    run.ledger.batches.mark(run.batch.id, status=outcome.record.status, ended_at=now, only=None)
    write_store_index(run.ledger, run.batch.destination, run.store, run.batch.machine)
    if outcome.whole and not settings().keep_vault:
        clean(run.ledger, run.batch, run.vault)
    return outcome


def conclude(run: BatchRun) -> str:
    """Delivers what is made, marks the rest as cancelled and writes the reports.

    Nothing may be in work any more. Returns the summary.
    """
    # Calls that were under way when the delivery ended have made items since: paid, and to arrive.
    run.delivery.generation_over()
    run.delivery.run()
    run.ledger.batches.cancel(run.batch.id)
    outcome = finish(run)
    run.ledger.batches.mark(run.batch.id, status="cancelled")
    return outcome.record.summary()


def conclude_orphan(batch: Batch, target: Target | None, patience_s: float) -> bool:
    """Concludes a batch whose process is gone; False if one still works on it after all.

    Args:
        batch: As the ledger has it.
        target: What reaching its destination takes.
        patience_s: Longest wait for the end of its process.
    """
    if batch.status == "draft":  # nothing was made: its place stays empty
        drop(batch)
        return True
    if is_elsewhere(batch):
        drop(batch)
        logger.warning(
            "%s is cancelled. What is made lies on the machine %s, without reports; pressrun audit "
            "--repair writes them there.",
            batch.name,
            batch.machine_name,
        )
        return True
    run = BatchRun(batch, Account(), batch.concurrency, target, offline=True)
    try:
        if not run.begin(patience_s=patience_s):
            return False
        conclude(run)
    finally:
        run.close()
    return True


def drop(batch: Batch) -> int:
    """Closes a batch of which nothing was made; returns how many items it had."""
    batches = open_ledger().batches
    gone = batches.cancel(batch.id)
    batches.mark(batch.id, status="cancelled", ended_at=time.time())
    return gone
