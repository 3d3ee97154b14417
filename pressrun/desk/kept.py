"""Answers that are read once for all who ask at the same time, and in a time that people wait.

Ten tabs that follow a batch cost one reading. A ledger that is locked keeps a question for a
minute: the page says so after seconds, and the answer is there when the next one asks.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pressrun.errors import PressrunError

T = TypeVar("T")

#: How long a person waits for a page.
_PATIENCE_S = 6.0
_MOST = 500
#: Seconds for which what has not changed is not read anew; its waits show then.
_SAME_S = 8.0
#: The most of a processor's time for what was read, however large it is and many follow it.
_SHARE = 0.05


class TooSlow(PressrunError):
    """What was asked takes longer than a person waits for a page."""

    kind = "too_slow"
    retryable = True


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    future: Future[T]
    until: float


@dataclass(frozen=True, slots=True)
class LastLook(Generic[T]):
    """What was read last of something that changes all the time.

    Attributes:
        stands: What is always shown as it is now: where there is another, it is read anew.
        counts: What changes with everything that happens.
        at: When it was read (seconds of the monotonic clock).
        took_s: What that took of a processor.
    """

    view: T
    stands: object
    counts: object
    at: float
    took_s: float

    def rests(self, now: float) -> bool:
        """Says whether it is shown although things happened since.

        A look at very many items takes longer, so it is taken less often.
        """
        return now < self.at + min(self.took_s / _SHARE, _SAME_S)

    def is_old(self, now: float) -> bool:
        """Says whether it is to be read anew although nothing has happened."""
        return now > self.at + _SAME_S


class Kept:
    """Answers by what was asked.

    Args:
        slow: What a person is told who has waited for long enough.
        patience_s: How long that is.
    """

    def __init__(self, slow: str, patience_s: float = _PATIENCE_S):
        self._slow, self._patience_s = slow, patience_s
        self._answers: OrderedDict[Hashable, _Answer[Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(4, "desk")

    def get(self, asked: Hashable, fresh_s: float, read: Callable[[], T]) -> T:
        """Gives what ``read`` gives, or gave to somebody within the last ``fresh_s`` seconds.

        Raises:
            TooSlow: There is no answer yet.
            Exception: What ``read`` raises, for all who asked meanwhile.
        """
        with self._lock:
            known = self._answers.get(asked)
            if known is None or (known.future.done() and known.until <= time.monotonic()):
                known = _Answer(self._pool.submit(read), time.monotonic() + fresh_s)
                self._answers[asked] = known
                self._answers.move_to_end(asked)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
        try:
            answer: T = known.future.result(self._patience_s)
            return answer
        except NotYet as error:
            if known.future.done():
                raise  # what it read took too long for itself
            raise TooSlow(self._slow) from error
        except Exception:
            self.forget(asked)
            raise

    def __len__(self) -> int:
        return len(self._answers)

    def forget(self, asked: Hashable) -> None:
        """Lets the next one who asks read anew."""
        with self._lock:
            self._answers.pop(asked, None)

    def close(self) -> None:
        """Ends the threads; what they read is of no use any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
