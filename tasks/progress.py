"""Progress while a batch runs: a log line, a progress bar, one page in place, ``status.json``.

Looked at and written from threads of their own, so that no item ever waits for the server or
the destination. What cannot be written now is written next time; the last ``status.json``,
with the batch's end, is written with its reports.
"""

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import cast
from uuid import UUID

from httpx import HTTPError
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_progress_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.exceptions import PrefectException

from pressrun.batches.background import repeating
from pressrun.batches.run import BatchRun
from pressrun.errors import LedgerError, PressrunError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports.artifacts.progress import progress_page
from pressrun.reports.manifest import read_record
from pressrun.reports.pages import pages_of
from pressrun.reports.progress import Progress, read_progress
from pressrun.reports.status import MEDIA_TYPE, NAME, current_status
from pressrun.stores.base import Parcel
from tasks.artifacts import artifact_key

#: The most of a processor's time: in a batch of ten thousand each look takes longer.
_SHARE = 0.05
#: Seconds until the first line of progress, and between any two after it: a page costs the run as
#: much as an item or two, and the desk, which people watch, has counts of its own.
FIRST_S, PROGRESS_S = 5.0, 10.0
#: Seconds from one update of the file to the next: other stores than folders count every request.
FOLDER_S, ELSEWHERE_S = 1.0, 5.0

logger = logging.getLogger(__name__)


@contextmanager
def progress_shown(run: BatchRun) -> Iterator[None]:
    """Shows where the batch stands every few seconds, and once more at the end."""
    # One client for the whole batch: to make one costs as much CPU time as ten items.
    with get_client(sync_client=True) as client:
        display = _Display(run, client)
        try:
            with repeating(display.show, FIRST_S, "progress"):
                yield
        finally:
            display.show()


class _Display:
    """The two artifacts of a batch, made once and then updated in place."""

    def __init__(self, run: BatchRun, client: SyncPrefectClient):
        self._run, self._client = run, client
        self._logger = get_run_logger()
        self._line = ""
        self._artifacts: tuple[UUID, UUID] | None = None

    def show(self) -> float:
        """Logs and updates; what cannot be shown now is shown next time.

        Returns:
            Seconds until it is worth showing again: looks take a small share of a processor.
        """
        before = time.thread_time()
        self._show()
        return max(PROGRESS_S, (time.thread_time() - before) / _SHARE)

    def _show(self) -> None:
        try:
            progress = read_progress(self._run.ledger, self._run.refresh())
            if progress.line() != self._line:
                self._line = progress.line()
                self._logger.info(self._line)
            self._update(progress, self._page(progress))
        except (HTTPError, PrefectException, LedgerError, OSError) as error:
            self._logger.debug("Progress is not shown this time: %s", error)

    def _page(self, progress: Progress) -> str:
        run = self._run
        files_of = partial(run.ledger.deliveries.all, run.batch.id)
        return progress_page(progress, files_of, run.vault.held)

    def _update(self, progress: Progress, page: str) -> None:
        words = progress.line()
        if self._artifacts is None:
            bar = create_progress_artifact(
                progress.percent, key=artifact_key("progress-bar"), description=words
            )
            shown = create_markdown_artifact(page, key=artifact_key("progress"), description=words)
            self._artifacts = (cast("UUID", bar), cast("UUID", shown))
            return
        for artifact, data in zip(self._artifacts, (progress.percent, page), strict=True):
            update = ArtifactUpdate(data=data, description=words)
            self._client.update_artifact(artifact, update)


@contextmanager
def status_kept(run: BatchRun) -> Iterator[None]:
    """Keeps the file current, where the batch's kind has one."""
    if NAME not in pages_of(run.batch.kind):
        yield
        return
    writer = _StatusWriter(run)
    pause_s = ELSEWHERE_S if "://" in run.batch.destination else FOLDER_S
    try:
        with repeating(writer.write, pause_s, "status", at_once=True):
            yield
    finally:
        writer.write()


class _StatusWriter:
    """Writes the file if anything has changed since the last time."""

    def __init__(self, run: BatchRun):
        self._run = run
        self._written: object = None

    def write(self) -> None:
        """Updates the destination; raises nothing that a later try can repair."""
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
        # Noted as waiting until the reports are written: no audit misses an older state till then.
        noted = DeliveredFile(NAME, "", MEDIA_TYPE, len(data), digest, "waiting")
        run.ledger.deliveries.note_report(run.batch.id, noted)
        # Not in the vault, which keeps what it is given; and a new file each time, since a folder
        # may take it as it is, by a link.
        with NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            labels = {"batch": run.batch.id}
            parcel = Parcel(place, Path(file.name), MEDIA_TYPE, digest, labels)
            run.store.put(parcel, replace=True)
