"""Which item of a batch is made next, and how many are in work at the same time.

Where items are for several models, each model has a queue of its own and an equal share of
the items in work, which no other model takes: so one that hangs, waits for its quota or
fails holds up its own queue alone. Knows threads, not how items are made.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: After so many seconds a waiting caller looks whether more items may be in work by now.
_LOOK_S = 0.5
#: The global concurrency limit of the Prefect server that caps the items of all batches together.
LIMIT = "pressrun-items"


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item that is still to be made: no more of it than a queue needs, of which many wait.

    Attributes:
        model: The one that it depends on; empty where a failure stops the whole batch.
    """

    key: str
    title: str
    model: str = ""


class ItemQueue:
    """Queues the items of a batch by model.

    Args:
        items: In the order in which they should begin.
        allowed: Gives how many items of all queues may be in work now.
    """

    def __init__(self, items: Iterable[WaitingItem], allowed: Callable[[], int]):
        self._allowed = allowed
        self._queues: dict[str, deque[tuple[int, WaitingItem]]] = {}
        for place, item in enumerate(items):
            self._queues.setdefault(item.model, deque()).append((place, item))
        self._working: Counter[str] = Counter()
        self._changed = threading.Condition()

    def next(self) -> WaitingItem | None:
        """Waits for the next item whose model has a free slot; None if all have been given out."""
        with self._changed:
            while any(self._queues.values()):
                if ready := self._ready():
                    model = min(ready, key=lambda name: self._queues[name][0][0])
                    self._working[model] += 1
                    return self._queues[model].popleft()[1]
                self._changed.wait(_LOOK_S)
        return None

    def done(self, item: WaitingItem) -> None:
        """Notes that an item is no longer in work."""
        with self._changed:
            self._working[item.model] -= 1
            self._changed.notify()

    def _ready(self) -> list[str]:
        waiting = [name for name, queue in self._queues.items() if queue]
        if len(self._queues) == 1:
            return waiting  # the slots bound it
        share = max(1, self._allowed() // len(self._queues))
        return [name for name in waiting if self._working[name] < share]


class ItemSlots:
    """Limits how many items are in work: a semaphore whose size can change.

    Args:
        allowed: Items at the same time, at least one.
    """

    def __init__(self, allowed: int):
        self._allowed, self._taken = max(1, allowed), 0
        self._changed = threading.Condition()

    @property
    def allowed(self) -> int:
        """Items that may be in work at the same time."""
        return self._allowed

    def allow(self, allowed: int) -> None:
        """Changes the number; items in work go on, and none begins while there are too many."""
        with self._changed:
            self._allowed = max(1, allowed)
            self._changed.notify_all()

    def acquire(self) -> None:
        """Waits until one more item may be in work."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken < self._allowed)
            self._taken += 1

    def release(self) -> None:
        """Notes that an item is no longer in work."""
        with self._changed:
            self._taken -= 1
            self._changed.notify()
