"""Fair shares of a quota: admits only a few callers of a batch between reserving and sending.

The ledger gives moments in the order in which they are reserved. A batch of thousands that
reserved for all its items at once would be served first; one that reserves a few moments, however
many items it has, gets its share beside the others. So the shares of batches are as the numbers
that they may reserve: their priorities. Knows threads, and nothing of calls.
"""

import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from pressrun.ledger.records import Priority

#: Callers that a batch has between reserving and sending.
AHEAD: dict[Priority, int] = {"low": 2, "normal": 4, "high": 8}
#: At a higher rate than a call in so many seconds, there are more callers in proportion: else
#: they would be sent before their followers, which need a thread and a transaction for it,
#: have reserved, and moments would be lost.
_EASY_S = 0.1
#: Enough callers wait if they last so long: on a busy machine the next one takes as long to come.
_ENOUGH_S = 1.0


class Admission:
    """Admits callers of one batch to one quota: in order, a few at a time.

    Args:
        priority: The batch's weight among those that share the quota.
    """

    def __init__(self, priority: Priority = "normal"):
        self._priority_callers = self._places = AHEAD[priority]
        self._gap_s = _EASY_S
        self._inside = 0
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Waits for admission; holds it from the reservation until the call is about to be sent."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @property
    def waiting(self) -> int:
        """Callers that are not admitted yet."""
        return len(self._waiting)

    @property
    def places(self) -> int:
        """Most callers that are admitted at once."""
        return self._places

    @property
    def idle(self) -> bool:
        """Whether nobody is admitted and nobody waits."""
        return not (self._inside or self._waiting)

    def set_pace(self, gap_s: float) -> None:
        """Adapts the number of callers to the quota's rate, a call in ``gap_s`` seconds."""
        with self._lock:
            self._gap_s = gap_s
            self._fit_places()

    @property
    def held_up_s(self) -> float:
        """Seconds from one admission to the next while enough callers wait; else zero."""
        return self._gap_s if self.waiting * self._gap_s >= _ENOUGH_S else 0.0

    def set_priority(self, priority: Priority) -> None:
        """Changes the batch's weight."""
        with self._lock:
            self._priority_callers = AHEAD[priority]
            self._fit_places()

    def _fit_places(self) -> None:
        self._places = self._priority_callers * max(1, math.ceil(_EASY_S / self._gap_s))
        self._admit()

    def _enter(self) -> None:
        called = threading.Event()
        with self._lock:
            self._waiting.append(called)
            self._admit()
        try:
            called.wait()
        except BaseException:  # Ctrl-C while waiting: the next caller gets the place
            with self._lock:
                if called.is_set():
                    self._inside -= 1
                else:
                    self._waiting.remove(called)
                self._admit()
            raise

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._places:
            self._inside += 1
            self._waiting.popleft().set()
