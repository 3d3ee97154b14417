"""Work on a batch's delivered files that takes longer than a page: done behind it, and told.

One job a batch at a time. What came of the last one is told until the next one, or until the desk
ends.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pressrun.batches.delivered import Step
from pressrun.errors import InputError, PressrunError

logger = logging.getLogger(__name__)
_AT_ONCE = 4


class DeskEnds(PressrunError):
    """The desk is stopped while a job goes on."""

    kind = "stopped"
    retryable = True


@dataclass(frozen=True, slots=True)
class JobDone:
    """What came of a job: a sentence, and what a person should know besides."""

    words: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DeskJob:
    """Where a job stands.

    Attributes:
        doing: What it does, such as ``Changing words``.
        count: How many are done, of ``total``.
        done: What came of it; None until it has ended well.
        error: Why it has ended early; empty if it has not.
    """

    doing: str
    count: int
    total: int
    done: JobDone | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.done is not None or bool(self.error)


class Jobs:
    """Does jobs on threads of their own."""

    def __init__(self) -> None:
        self._jobs, self._lock = dict[str, DeskJob](), threading.Lock()
        self._pool, self._ends = ThreadPoolExecutor(_AT_ONCE, "job"), threading.Event()

    def start(self, batch_id: str, doing: str, total: int, work: Callable[[Step], JobDone]) -> None:
        """Begins a job.

        Args:
            batch_id: The batch that it works on.
            doing: What it does, for people.
            total: Of how many.
            work: Does it; calls what it is given with how many are done.

        Raises:
            InputError: Another one works on the batch.
        """
        with self._lock:
            now = self._jobs.get(batch_id)
            if now and not now.is_over:
                raise InputError("The last changes of this batch are still being made. Wait.")
            self._jobs[batch_id] = DeskJob(doing, 0, total)
        self._pool.submit(self._do, batch_id, work)

    def of(self, batch_id: str) -> DeskJob | None:
        """Tells where the last job of a batch stands."""
        return self._jobs.get(batch_id)

    def close(self) -> None:
        """Lets what goes on end after the file that it is at."""
        self._ends.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, batch_id: str, work: Callable[[Step], JobDone]) -> None:
        def step(count: int, total: int) -> None:
            self._tell(batch_id, count=count, total=total)
            if self._ends.is_set() and count < total:
                raise DeskEnds("The desk was stopped. What was done stays; do the rest again.")

        try:
            self._tell(batch_id, done=work(step))
        except PressrunError as error:
            self._tell(batch_id, error=str(error))
        except Exception as error:
            logger.exception("A job on batch %s failed", batch_id)
            words = f"The desk itself failed ({type(error).__name__}); its log says more."
            self._tell(batch_id, error=words)

    def _tell(self, batch_id: str, **news: object) -> None:
        with self._lock:
            self._jobs[batch_id] = replace(self._jobs[batch_id], **news)  # type: ignore[arg-type]
