"""A value that a person may change while a batch uses it. Does not know where it is read."""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Refreshed(Generic[T]):
    """Gives, when called, the value as it stands now, or as it was last read.

    It is read anew, on a thread of its own, when it is asked for and the last reading began
    ``every_s`` ago. A caller then waits for the answer, but never longer than ``patience_s``, all
    callers together: an unavailable server costs a batch no speed, and the last value holds.

    Args:
        value: The first one.
        load: Reads it anew; whatever it raises, the last value holds.
        what: Its name in the log.
    """

    def __init__(
        self,
        value: T,
        load: Callable[[], T],
        what: str,
        *,
        every_s: float = 15.0,
        patience_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._value, self._load, self._what = value, load, what
        self._every_s, self._patience_s, self._clock = every_s, patience_s, clock
        self._lock = threading.Lock()
        self._begun_at = clock()
        self._read = threading.Event()
        self._read.set()
        self._away = False

    def __call__(self) -> T:
        """Gives the value as it stands now, or as it was last read."""
        with self._lock:
            now = self._clock()
            if now - self._begun_at >= self._every_s and self._read.is_set():
                self._begin(now)
            left_s = self._begun_at + self._patience_s - now
        if left_s > 0:
            self._read.wait(left_s)
        return self._value

    def _begin(self, now: float) -> None:
        self._begun_at = now
        self._read.clear()
        # With the caller's context: Prefect keeps in it which server it calls.
        run = copy_context().run
        threading.Thread(target=run, args=(self._reload,), name="refresh", daemon=True).start()

    def _reload(self) -> None:
        try:
            self._value = self._load()
            self._away = False
        except Exception as error:  # noqa: BLE001 - a server's absence has many shapes
            # Without its message, which may show the value; and once, not at every reading.
            if not self._away:
                logger.warning("%s cannot be read (%s).", self._what, type(error).__name__)
            self._away = True
        finally:
            self._read.set()
