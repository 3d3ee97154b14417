"""How a local server begins and ends: in a test by ``with``, by hand at a signal."""

import signal
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Served(ABC):
    """What serves from ``start`` to ``stop``, and so in a ``with``."""

    @abstractmethod
    def start(self) -> Self:
        """Begins to serve; returns itself."""

    @abstractmethod
    def stop(self) -> None:
        """Ends it, and every connection."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()


def ended_by_signal() -> threading.Event:
    """An event that SIGINT or SIGTERM sets, from now on."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended
