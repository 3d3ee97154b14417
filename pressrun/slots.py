"""How many items of a batch are in work at the same time; may change while it runs."""

import threading

#: The global concurrency limit of the Prefect server that caps the items of all batches together.
LIMIT = "pressrun-items"
#: Items of one batch at the same time, at most.
MOST_AT_ONCE = 500


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
