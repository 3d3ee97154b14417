"""Progress on the server while a batch runs: a log line, a progress bar, one page in place.

It looks at the ledger from a thread of its own, so that no item ever waits for the server.
"""

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from httpx import HTTPError
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_progress_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.exceptions import PrefectException

from pressrun.errors import LedgerError
from pressrun.report.markdown import progress_page
from pressrun.report.progress import Progress, read_progress
from pressrun.run import BatchRun
from pressrun.settings import settings
from tasks.artifacts import artifact_key

#: Of a processor's time, at most: in a batch of ten thousand each look takes longer.
_SHARE = 0.05


@contextmanager
def progress_shown(run: BatchRun) -> Iterator[None]:
    """Shows where the batch stands every few seconds, and once more at the end."""
    # One client for the batch's life: making one costs as much CPU as ten items.
    with get_client(sync_client=True) as client:
        display = _Display(run, client)
        try:
            with _kept_current(display):
                yield
        finally:
            display.show()


@contextmanager
def _kept_current(display: "_Display") -> Iterator[None]:
    over = threading.Event()

    def keep_showing() -> None:
        pause_s = settings().progress_s
        while not over.wait(pause_s):
            before = time.thread_time()
            display.show()
            worked_s = time.thread_time() - before
            pause_s = max(settings().progress_s, worked_s / _SHARE)

    # The thread's log lines and artifacts belong to this flow run.
    thread = threading.Thread(
        target=contextvars.copy_context().run, args=(keep_showing,), name="progress", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Display:
    """The two artifacts of a batch, made once and then updated in place."""

    def __init__(self, run: BatchRun, client: SyncPrefectClient):
        self._run, self._client = run, client
        self._logger = get_run_logger()
        self._line = ""
        self._artifacts: tuple[UUID, UUID] | None = None

    def show(self) -> None:
        """Logs and updates; what cannot be shown now is shown next time."""
        try:
            progress = read_progress(self._run.ledger, self._run.refresh())
            if progress.line() != self._line:
                self._line = progress.line()
                self._logger.info(self._line)
            self._update(progress, progress_page(progress, self._run))
        except (HTTPError, PrefectException, LedgerError, OSError) as error:
            self._logger.debug("Progress is not shown this time: %s", error)

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
