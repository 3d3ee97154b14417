"""Which item of a batch is made next, and how many are in work at the same time.

Where items are for several models, each model has a line of its own and an equal share of
the items in work, and no other takes its place: so one that hangs, waits for its quota or
fails holds up its own line alone. Knows threads, not how items are made.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from pressrun.ledger.records import Item

#: After so many seconds a waiting line looks whether more items may be in work by now.
_LOOK_S = 0.5
#: The global concurrency limit of the Prefect server that caps the items of all batches together.
LIMIT = "pressrun-items"


class Lines:
    """The items of a batch, each waiting in the line of its model.

    Args:
        items: In the order in which they should begin.
        lane_of: Names the model of an item; the same for all where there is just one line.
        allowed: Gives how many items of all lines may be in work now.
    """

    def __init__(
        self, items: Sequence[Item], lane_of: Callable[[Item], str], allowed: Callable[[], int]
    ):
        self._lane_of, self._allowed = lane_of, allowed
        self._lines: dict[str, deque[tuple[int, Item]]] = {}
        for place, item in enumerate(items):
            self._lines.setdefault(lane_of(item), deque()).append((place, item))
        self._working: Counter[str] = Counter()
        self._changed = threading.Condition()

    def take(self) -> Item | None:
        """The next item whose model has a place, waited for; None if all have been taken."""
        with self._changed:
            while any(self._lines.values()):
                if ready := self._ready():
                    lane = min(ready, key=lambda name: self._lines[name][0][0])
                    self._working[lane] += 1
                    return self._lines[lane].popleft()[1]
                self._changed.wait(_LOOK_S)
        return None

    def leave(self, item: Item) -> None:
        """Says that an item is no longer in work."""
        with self._changed:
            self._working[self._lane_of(item)] -= 1
            self._changed.notify()

    def _ready(self) -> list[str]:
        waiting = [name for name, line in self._lines.items() if line]
        if len(self._lines) == 1:
            return waiting  # whoever gives the places out bounds it
        share = max(1, self._allowed() // len(self._lines))
        return [name for name in waiting if self._working[name] < share]


class Slots:
    """A counter of items in work that lets in as many as are allowed now.

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
        """Changes the number; who is in work stays, and nobody new comes while it is too many."""
        with self._changed:
            self._allowed = max(1, allowed)
            self._changed.notify_all()

    def take(self) -> None:
        """Waits until one more item may be in work."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken < self._allowed)
            self._taken += 1

    def give_back(self) -> None:
        """Says that an item is no longer in work."""
        with self._changed:
            self._taken -= 1
            self._changed.notify()
