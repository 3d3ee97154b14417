"""``status.json`` at a batch's destination, kept current while the batch is in work.

From a thread of its own, so that no item waits for it. What cannot be written now is written
next time; the last one, with the batch's end, is written with its reports.
"""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from pressrun.errors import PressrunError
from pressrun.ledger.deliveries import Delivery
from pressrun.report.manifest import read_record
from pressrun.report.pages import pages_of
from pressrun.report.status import MEDIA_TYPE, NAME, current_status
from pressrun.run import BatchRun
from pressrun.stores.base import Parcel

#: Seconds from one look to the next: a folder is near, others count every request.
FOLDER_S, ELSEWHERE_S = 1.0, 5.0

logger = logging.getLogger(__name__)


@contextmanager
def status_kept(run: BatchRun) -> Iterator[None]:
    """Keeps the file current, where the batch's kind has one."""
    if NAME not in pages_of(run.batch.kind):
        yield
        return
    writer, over = _Writer(run), threading.Event()
    pause_s = ELSEWHERE_S if "://" in run.batch.destination else FOLDER_S

    def keep_writing() -> None:
        writer.write()
        while not over.wait(pause_s):
            writer.write()
        writer.write()

    thread = threading.Thread(target=keep_writing, name="status", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Writer:
    """Writes the file if anything has changed since it did."""

    def __init__(self, run: BatchRun):
        self._run = run
        self._written: object = None

    def write(self) -> None:
        """Brings the destination up to date; raises nothing that a later try mends."""
        run = self._run
        try:
            record = read_record(run.ledger, run.batch, time.time())
            shown = [(entry.item, entry.cost_usd, entry.files) for entry in record.items]
            if shown != self._written:
                self._deliver(current_status(record))
                self._written = shown
        except (PressrunError, OSError) as error:
            logger.debug("%s is not written this time: %s", NAME, error)

    def _deliver(self, data: bytes) -> None:
        run, digest = self._run, hashlib.sha256(data).hexdigest()
        place = f"{run.batch.root}/{NAME}"
        # On its way until the reports say otherwise: meanwhile nobody misses an older state.
        noted = Delivery(NAME, "", MEDIA_TYPE, len(data), digest, "waiting")
        run.ledger.deliveries.note_report(run.batch.id, noted)
        # Not in the vault, which keeps what it is given; and a new file each time, since a folder
        # may take it as it is, by a link.
        with NamedTemporaryFile() as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(data)
            file.flush()
            labels = {"batch": run.batch.id}
            parcel = Parcel(place, Path(file.name), MEDIA_TYPE, digest, labels)
            run.store.put(parcel, replace=True)
