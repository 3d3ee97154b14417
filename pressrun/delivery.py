"""The way of made items to their destination, beside the making of others.

The only place that retries a delivery. What the destination refuses stays in the vault, paid,
and its item says why it waits; what comes of a file is in the ledger before anything else.
"""

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue

from pressrun.errors import StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.batches import Batch
from pressrun.pace import Pace
from pressrun.stores.base import Parcel, Store
from pressrun.vault import Vault

logger = logging.getLogger(__name__)

#: Refusals that concern one file. Any other that no waiting helps against concerns them all.
_OF_ONE_FILE = frozenset({"conflict", "bad_path", "damaged_source", "no_source", "folder_full"})
#: Google's advice for Drive: min(2^n + up to 1 s, 64).
_LONGEST_PAUSE_S = 64.0
#: Files in a row that arrive before one more is sent at the same time.
_STREAK = 20


@dataclass(slots=True)
class _Parcel:
    """An item on its way: how often it was refused, and since when."""

    key: str
    refusals: int = 0
    refused_at: float = 0.0


class _Senders:
    """How many items are on their way at the same time: fewer after a refusal, then more again."""

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
        senders: Most items on their way at the same time.
        pace: When the next file may go.
        patience_s: How long a destination that is away is waited for once everything is made.
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
    ):
        self._batch, self._ledger, self._vault, self._store = batch, ledger, vault, store
        self._senders, self._pace, self._patience_s = _Senders(senders), pace, patience_s
        self._most = senders
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ready: list[tuple[float, int, _Parcel]] = []
        self._order = count()
        self._flying = 0
        self._over_at: float | None = None
        self._stopped: StoreError | None = None

    def hand(self, key: str) -> None:
        """Takes a made item; any thread may call it."""
        self._news.put(lambda: self._queue(_Parcel(key), 0.0))

    def generation_over(self) -> None:
        """Says that no further item comes; any thread may call it."""
        self._news.put(self._end)

    def run(self) -> int:
        """Delivers until generation is over and nothing is left that waiting helps.

        Returns how many items the destination refused; they stay made, for the next run.
        """
        with ThreadPoolExecutor(self._most, "deliver") as pool:
            while True:
                self._send(pool)
                if self._over_at is not None and not self._flying and not self._ready:
                    return len(self._ledger.batches.keys(self._batch.id, "made"))
                self._listen()

    def _send(self, pool: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        while self._ready and self._flying < self._senders.allowed and self._ready[0][0] <= now:
            parcel = heappop(self._ready)[2]
            if self._stopped:
                self._ledger.batches.wait(self._batch.id, parcel.key, self._stopped)
                continue
            self._flying += 1
            pool.submit(self._carry, parcel)

    def _listen(self) -> None:
        """Waits for news, or until the next refused item is due."""
        timeout_s = None
        if self._ready and self._flying < self._senders.allowed:
            timeout_s = max(0.0, self._ready[0][0] - time.monotonic())
        try:
            self._news.get(timeout=timeout_s)()
        except Empty:
            return

    def _queue(self, parcel: _Parcel, due: float) -> None:
        heappush(self._ready, (due, next(self._order), parcel))

    def _end(self) -> None:
        self._over_at = time.monotonic()

    def _carry(self, parcel: _Parcel) -> None:
        """Delivers one item on a thread of the pool, and tells what came of it."""
        try:
            self._deliver(parcel.key)
        except StoreError as error:
            refusal = error
            self._news.put(lambda: self._refused(parcel, refusal))
        except BaseException as error:
            bug = StoreError(repr(error), kind="bug", retryable=False)
            logger.exception("%s could not be delivered.", parcel.key)
            self._news.put(lambda: self._refused(parcel, bug))
        else:
            self._news.put(self._arrived)

    def _deliver(self, key: str) -> None:
        batch = self._batch
        seen: list[tuple[str, str]] = []
        try:
            for file in self._ledger.deliveries.all(batch.id, key):
                if file.status != "verified":
                    self._pace.wait()
                    parcel = Parcel(
                        f"{batch.root}/{file.path}",
                        self._vault.path(file.sha256),
                        file.media_type,
                        file.sha256,
                        {"batch": batch.id, "item": key},
                    )
                    seen.append((file.path, self._store.put(parcel)))
        finally:
            # Also what arrived before a refusal: it is not sent again.
            self._ledger.deliveries.verify(batch.id, key, seen)

    def _arrived(self) -> None:
        self._flying -= 1
        self._senders.arrived()

    def _refused(self, parcel: _Parcel, error: StoreError) -> None:
        self._flying -= 1
        now = time.monotonic()
        self._ledger.batches.wait(self._batch.id, parcel.key, error)
        if error.kind == "throttled":
            self._pace.refused(error.retry_after_s)
        if error.retryable:
            self._senders.refused()
            parcel.refusals += 1
            parcel.refused_at = parcel.refused_at or now
            pause_s = min(2.0**parcel.refusals, _LONGEST_PAUSE_S) + random.random()
            if self._is_worth_waiting(parcel, now + pause_s):
                logger.warning("%s waits for its delivery: %s", parcel.key, error)
                self._queue(parcel, now + max(pause_s, error.retry_after_s or 0.0))
                return
        elif error.kind not in _OF_ONE_FILE and not self._stopped:
            logger.error("Delivery stops: %s", error)
            self._stopped = error
            return
        logger.error("%s is not delivered: %s", parcel.key, error)

    def _is_worth_waiting(self, parcel: _Parcel, until: float) -> bool:
        # While items are still made there is no hurry to give one up.
        if self._over_at is None:
            return True
        waits_since = max(self._over_at, parcel.refused_at)
        return until - waits_since <= self._patience_s
