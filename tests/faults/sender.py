"""A process that makes and delivers one batch, to be killed at any moment and started again.

Each starts as a fork of a process that has loaded everything, so that it dies at its work and
not at its imports.
"""

import logging
import sys
import threading
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pressrun.batches.delivery import DeliveryWorker
from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.ledger import Ledger
from pressrun.ledger.vault import Vault
from pressrun.stores.factory import SENDERS, Scheme, open_store
from tests.support.blank_batches import make
from tests.support.processes import forks
from tests.support.targets import About, target_at

_PAUSE_S = 0.005
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Job:
    """What a sender is told."""

    ledger_url: str
    vault: Path
    batch_id: str
    scheme: Scheme
    about: About


def start(job: Job) -> ForkServerProcess:
    """Starts a sender; it exits with 0 once everything is delivered."""
    # The last two are what a store loads when it first sends.
    context = forks(__name__, "pressrun.stores.drive.client", "boto3")
    process = context.Process(target=_work, args=(job,))
    process.start()
    return process


def _work(job: Job) -> None:
    logging.disable()  # a fault a line is no news
    ledger, vault = Ledger(job.ledger_url), Vault(job.vault)
    batch = ledger.batches.match(job.batch_id)
    store = open_store(target_at(job.scheme, job.about), ledger.remote_ids)
    delivery = DeliveryWorker(
        batch,
        ledger,
        vault,
        store,
        senders=SENDERS[job.scheme],
        rate=DeliveryRate(ledger, store.destination, None, pause_s=_PAUSE_S),
        patience_s=_PATIENCE_S,
        pause_s=_PAUSE_S,
    )
    for key in ledger.batches.keys(batch.id, "made"):
        delivery.submit(key)

    def generate() -> None:
        for item in ledger.batches.items(batch.id, "pending", "processing"):
            make(ledger, vault, item, batch)
            delivery.submit(item.key)
        delivery.generation_over()

    generation = threading.Thread(target=generate)
    generation.start()
    left = delivery.run()
    generation.join()
    sys.exit(1 if left else 0)
