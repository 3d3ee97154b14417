"""The way of made items to their destination, beside the making of others.

The only place that retries a delivery. What the destination refuses stays in the vault, paid,
and its item says why it waits; what comes of a file is in the ledger before anything else.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue

from pressrun.errors import StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.batches import Batch
from pressrun.ledger.deliveries import Delivery as File
from pressrun.pace import Pace
from pressrun.stores.base import Parcel, Store
from pressrun.vault import Vault

logger = logging.getLogger(__name__)

#: Refusals that concern one file. Any other that no waiting helps against concerns them all.
_OF_ONE_FILE = frozenset({"conflict", "bad_path", "damaged_source", "no_source", "folder_full"})
#: How often a pause doubles: 2 s become 64 s, Google's advice for Drive.
_DOUBLINGS = 5
#: Arrivals in a row before one more file is sent at the same time.
_STREAK = 20


@dataclass(slots=True)
class _Item:
    """An item on its way: how often it was refused, since when, and how this try goes."""

    key: str
    refusals: int = 0
    refused_at: float = 0.0
    flying: int = 0
    error: StoreError | None = None


class _Senders:
    """How many files are on their way at the same time: fewer after a refusal, then more again."""

    def __init__(self, most: int):
        self.allowed = self._most = most
        self._streak = 0

    def arrived(self) -> None:
        """Counts a success."""
        self._streak += 1
        if self._streak >= _STREAK:
            self._streak, self.allowed = 0, min(self._most, self.allowed + 1)

    def refused(self) -> None:
        """Halves."""
        self._streak, self.allowed = 0, max(1, self.allowed // 2)


class Delivery:
    """Delivers one batch's made items.

    Args:
        batch: The batch.
        ledger: Where deliveries are noted.
        vault: Where the files' bytes lie.
        store: Where they go.
        senders: Most files on their way at the same time.
        pace: When the next file may go.
        patience_s: How long a destination that is away is waited for once everything is made.
        pause_s: Before a refused item is tried again; doubles with its next refusals.
    """

    def __init__(
        self,
        batch: Batch,
        ledger: Ledger,
        vault: Vault,
        store: Store,
        *,
        senders: int,
        pace: Pace,
        patience_s: float,
        pause_s: float = 2.0,
    ):
        self._batch, self._ledger, self._vault, self._store = batch, ledger, vault, store
        self._senders, self._pace = _Senders(senders), pace
        self._patience_s, self._pause_s = patience_s, pause_s
        self._pool = ThreadPoolExecutor(senders, "deliver")
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ready: list[tuple[float, int, _Item]] = []
        self._order = count()
        self._flying = 0
        self._arrived_at = 0.0
        self._over_at: float | None = None
        self._stopped: StoreError | None = None

    def hand(self, key: str) -> None:
        """Takes a made item; any thread may call it."""
        self._news.put(lambda: self._queue(_Item(key), time.monotonic()))

    def generation_over(self) -> None:
        """Says that no further item comes; any thread may call it."""
        self._news.put(self._end)

    def run(self) -> int:
        """Delivers until generation is over and nothing is left that waiting helps.

        Returns how many items the destination refused; they stay made, for the next run.
        """
        with self._pool:
            while True:
                self._send()
                if self._over_at is not None and not self._flying and not self._ready:
                    return len(self._ledger.batches.keys(self._batch.id, "made"))
                self._listen()

    def _send(self) -> None:
        while self._stopped and self._ready:
            self._ledger.batches.wait(self._batch.id, heappop(self._ready)[2].key, self._stopped)
        now = time.monotonic()
        while self._ready and self._flying < self._senders.allowed and self._ready[0][0] <= now:
            self._begin(heappop(self._ready)[2])

    def _begin(self, item: _Item) -> None:
        """Gives an item's files to the free senders: to one if others have items of their own."""
        files = self._ledger.deliveries.all(self._batch.id, item.key)
        left = [file for file in files if file.status != "verified"]
        loads = min(self._senders.allowed - self._flying, max(1, len(left)))
        item.flying, item.error = loads, None
        self._flying += loads
        for load in range(loads):
            self._pool.submit(self._carry, item, left[load::loads])

    def _listen(self) -> None:
        """Waits for news, or until the next refused item is due."""
        timeout_s = None
        if self._ready and self._flying < self._senders.allowed:
            timeout_s = max(0.0, self._ready[0][0] - time.monotonic())
        try:
            self._news.get(timeout=timeout_s)()
        except Empty:
            return

    def _queue(self, item: _Item, due: float) -> None:
        heappush(self._ready, (due, next(self._order), item))

    def _end(self) -> None:
        self._over_at = time.monotonic()

    def _carry(self, item: _Item, load: Sequence[File]) -> None:
        """Delivers files of an item on a thread of the pool, and tells what came of them."""
        try:
            self._deliver(item.key, load)
        except BaseException as error:  # noqa: BLE001 - told, and logged if it is a bug
            self._news.put(partial(self._refused, item, _refusal(error)))
        else:
            self._news.put(partial(self._arrived, item))

    def _deliver(self, key: str, load: Sequence[File]) -> None:
        seen: list[tuple[str, str]] = []
        try:
            for file in load:
                seen.append((file.path, self._put(key, file)))  # noqa: PERF401 - some may arrive
        finally:
            # Also what arrived before a refusal: it is not sent again.
            self._ledger.deliveries.verify(self._batch.id, key, seen)

    def _put(self, key: str, file: File) -> str:
        parcel = Parcel(
            f"{self._batch.root}/{file.path}",
            self._vault.path(file.sha256),
            file.media_type,
            file.sha256,
            {"batch": self._batch.id, "item": key},
        )
        try:
            return self._store.put(parcel, turn=self._pace.wait)
        except StoreError as error:
            if error.kind == "throttled":
                self._pace.refused(error.retry_after_s)  # it knows by the thread whose turn it was
            raise

    def _arrived(self, item: _Item) -> None:
        self._arrived_at = time.monotonic()
        self._senders.arrived()
        self._landed(item)

    def _refused(self, item: _Item, error: StoreError) -> None:
        if item.error is None or not error.retryable:
            item.error = error
        if error.retryable:
            self._senders.refused()
        elif error.kind not in _OF_ONE_FILE and not self._stopped:
            logger.error("Delivery stops: %s", error)
            self._stopped = error
        self._landed(item)

    def _landed(self, item: _Item) -> None:
        self._flying -= 1
        item.flying -= 1
        if item.error and not item.flying:
            self._wait(item, item.error)

    def _wait(self, item: _Item, error: StoreError) -> None:
        """Lets the next try of an item wait, if there is to be one, and says why."""
        self._ledger.batches.wait(self._batch.id, item.key, error)
        now = time.monotonic()
        item.refusals += 1
        item.refused_at = item.refused_at or now
        due = now + max(self._pause_after(item.refusals), error.retry_after_s or 0.0)
        if error.retryable and self._is_worth_waiting(item, due):
            logger.warning("%s waits for its delivery: %s", item.key, error)
            self._queue(item, due)
        else:
            logger.error("%s is not delivered: %s", item.key, error)

    def _pause_after(self, refusals: int) -> float:
        return self._pause_s * (2.0 ** min(refusals - 1, _DOUBLINGS) + random.random() / 2)

    def _is_worth_waiting(self, item: _Item, until: float) -> bool:
        # While items are still made there is no hurry to give one up.
        if self._over_at is None:
            return True
        # What takes others' files is not away.
        waits_since = max(self._over_at, item.refused_at, self._arrived_at)
        return until - waits_since <= self._patience_s


def _refusal(error: BaseException) -> StoreError:
    """What a thread tells of its failure; a bug is one that concerns all files."""
    if isinstance(error, StoreError):
        return error
    logger.error("A delivery failed.", exc_info=error)
    return StoreError(repr(error), kind="bug", retryable=False)
