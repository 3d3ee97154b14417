"""Delivers made items to their destination, while others are still being made.

The only place that retries a delivery. What the destination refuses stays in the vault, paid,
and its item says why it waits; what comes of a file is in the ledger before anything else.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue

from opentelemetry.context import Context, get_current

from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.boundary.telemetry import work
from pressrun.boundary.telemetry.traces import BatchSpans
from pressrun.errors import PressrunError, StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.database.connection import retry_while_unavailable
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.ledger.vault import Vault
from pressrun.stores.base import Parcel, Store

logger = logging.getLogger(__name__)

#: Refusals that concern one file. Any other one against which no waiting helps concerns all.
_OF_ONE_FILE = frozenset({"conflict", "bad_path", "damaged_source", "no_source", "folder_full"})
#: How often a pause doubles: 2 s become 64 s, Google's advice for Drive.
_DOUBLINGS = 5
#: Arrivals in a row before one more file is sent at the same time.
_STREAK = 20
#: Another sender helps with an item that has so many files left. For fewer it gains next to
#: nothing, since other items wait for it too, and every item would cost one more thread's start.
_WORTH_HELP = 2


@dataclass(slots=True)
class _Item:
    """An item on its way: how often it was refused, since when, and the state of this try.

    Attributes:
        made_in: The context in which it was made, for those who follow it.
    """

    key: str
    made_in: Context = field(default_factory=Context)
    refusals: int = 0
    refused_at: float = 0.0
    files: deque[DeliveredFile] = field(default_factory=deque)
    flying: int = 0
    error: StoreError | None = None

    @property
    def wants_help(self) -> bool:
        """Whether so many files are left that another sender gains something."""
        return len(self.files) >= _WORTH_HELP

    def take(self) -> DeliveredFile | None:
        """Takes a file that nobody has taken yet, if there is one; any thread may call it."""
        try:
            return self.files.popleft()
        except IndexError:
            return None


class _Senders:
    """How many files are on their way at the same time: fewer after a refusal, then more again."""

    def __init__(self, most: int):
        self.allowed = self._most = most
        self._streak = 0

    def arrived(self) -> None:
        """Counts a file that has arrived."""
        self._streak += 1
        if self._streak >= _STREAK:
            self._streak, self.allowed = 0, min(self._most, self.allowed + 1)

    def refused(self) -> None:
        """Halves the number after a refusal."""
        self._streak, self.allowed = 0, max(1, self.allowed // 2)


class DeliveryWorker:
    """Delivers one batch's made items.

    Args:
        batch: The batch.
        ledger: Where deliveries are noted.
        vault: Where the files' bytes lie.
        store: Where they go.
        senders: Most files on their way at the same time.
        rate: When the next file may go.
        patience_s: How long an unavailable destination is waited for after everything is made.
        pause_s: Before a refused item is tried again; doubles with its next refusals.
        spans: What those who watch see of the batch; None for nothing.
    """

    def __init__(
        self,
        batch: Batch,
        ledger: Ledger,
        vault: Vault,
        store: Store,
        *,
        senders: int,
        rate: DeliveryRate,
        patience_s: float,
        pause_s: float = 2.0,
        spans: BatchSpans | None = None,
    ):
        self._batch, self._ledger, self._vault, self._store = batch, ledger, vault, store
        self._spans = spans or BatchSpans(batch.id, batch.kind)
        self._senders, self._rate = _Senders(senders), rate
        self._most, self._patience_s, self._pause_s = senders, patience_s, pause_s
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ready: list[tuple[float, int, _Item]] = []
        self._order = count()
        self._begun: deque[_Item] = deque()
        self._flying = 0
        self._arrived_at = 0.0
        self._over_at: float | None = None
        self._stopped: StoreError | None = None
        self._abandoned = False

    def submit(self, key: str) -> None:
        """Queues a made item for delivery; any thread may call it."""
        item = _Item(key, get_current())
        self._news.put(lambda: self._queue(item, time.monotonic()))

    def generation_over(self) -> None:
        """Says that no further item comes; any thread may call it."""
        self._news.put(self._end)

    def abandon(self) -> None:
        """Sends no further file and notes no more: another process has the batch by now."""
        self._abandoned = True

    def run(self) -> int:
        """Delivers until generation is over and nothing is left that waiting helps.

        Returns how many items the destination refused; they stay made, for the next run. May be
        called again when further items come.
        """
        self._over_at = self._stopped = None
        with ThreadPoolExecutor(self._most, "deliver") as pool:
            while True:
                self._send(pool)
                # News: an item that came after an earlier end is delivered before a later one.
                if self._is_over and self._news.empty():
                    return len(
                        retry_while_unavailable(self._ledger.batches.keys, self._batch.id, "made")
                    )
                self._listen()

    @property
    def _is_over(self) -> bool:
        return self._over_at is not None and not self._flying and not self._ready

    def _send(self, pool: ThreadPoolExecutor) -> None:
        if self._stopped:
            self._give_up(self._stopped)
            return
        while self._flying < self._senders.allowed and (load := self._next()):
            item, file = load
            self._flying += 1
            item.flying += 1
            pool.submit(self._carry, item, file)

    def _next(self) -> tuple[_Item, DeliveredFile | None] | None:
        """Takes the next item that is due, with its first file; else a file to help a sender."""
        if self._ready and self._ready[0][0] <= time.monotonic():
            item = heappop(self._ready)[2]
            files = retry_while_unavailable(self._ledger.deliveries.all, self._batch.id, item.key)
            item.files = deque(file for file in files if file.status != "verified")
            item.error = None
            file = item.take()
            # Whatever nobody can help with is forgotten: a lone sender never looks for more.
            while self._begun and not self._begun[0].wants_help:
                self._begun.popleft()
            if item.wants_help:
                self._begun.append(item)
            return item, file
        while self._begun:
            item = self._begun[0]
            if item.wants_help and (file := item.take()):
                return item, file
            self._begun.popleft()
        return None

    def _give_up(self, why: StoreError) -> None:
        while self._ready:
            self._note(heappop(self._ready)[2].key, why)

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

    def _carry(self, item: _Item, file: DeliveredFile | None) -> None:
        """Delivers files of an item on a thread of the pool, and reports what came of them."""
        work.item.set(item.key)
        try:
            with self._spans.delivery(item.key, item.made_in):
                self._deliver(item, file)
        except BaseException as error:  # noqa: BLE001 - recorded, and logged if it is a bug
            item.files.clear()
            self._news.put(partial(self._refused, item, _refusal(error)))
        else:
            self._news.put(partial(self._arrived, item))

    def _deliver(self, item: _Item, file: DeliveredFile | None) -> None:
        seen: list[tuple[str, str]] = []
        try:
            while file:
                seen.append((file.path, self._put(item.key, file)))
                file = item.take()
        finally:
            # Also files that arrived before a refusal: they are not sent again.
            self._ledger.deliveries.verify(self._batch.id, item.key, seen)

    def _put(self, key: str, file: DeliveredFile) -> str:
        parcel = Parcel(
            f"{self._batch.root}/{file.path}",
            self._vault.path(file.sha256),
            file.media_type,
            file.sha256,
            {"batch": self._batch.id, "item": key},
        )
        if self._abandoned:
            raise StoreError("Another process has the batch.", kind="taken_over", retryable=False)
        try:
            return self._store.put(parcel, throttle=self._rate.wait)
        except StoreError as error:
            if error.kind == "throttled":
                self._rate.refused(error.retry_after_s)  # it knows by the thread which file it was
            raise

    def _arrived(self, item: _Item) -> None:
        self._arrived_at = time.monotonic()
        self._senders.arrived()
        self._landed(item)

    def _refused(self, item: _Item, error: StoreError) -> None:
        if item.error is None or not error.retryable:
            item.error = error
        if error.retryable:
            # Where the rate goes down, fewer senders could not keep up with it.
            if not (error.kind == "throttled" and self._rate.keeps_rate):
                self._senders.refused()
        elif error.kind not in _OF_ONE_FILE and not self._stopped:
            logger.warning("Delivery stops: %s", error)
            self._stopped = error
        self._landed(item)

    def _landed(self, item: _Item) -> None:
        self._flying -= 1
        item.flying -= 1
        if item.error and not item.flying:
            self._wait(item, item.error)

    def _wait(self, item: _Item, error: StoreError) -> None:
        """Lets the next try of an item wait, if there is to be one, and says why."""
        self._note(item.key, error)
        now = time.monotonic()
        item.refusals += 1
        item.refused_at = item.refused_at or now
        due = now + max(self._pause_after(item.refusals), error.retry_after_s or 0.0)
        if error.retryable and self._is_worth_waiting(item, due):
            logger.warning("%s waits for its delivery: %s", item.key, error)
            self._queue(item, due)
        else:
            logger.warning("%s is not delivered: %s", item.key, error)

    def _note(self, key: str, why: StoreError) -> None:
        if not self._abandoned:
            retry_while_unavailable(self._ledger.batches.wait, self._batch.id, key, why)

    def _pause_after(self, refusals: int) -> float:
        return self._pause_s * (2.0 ** min(refusals - 1, _DOUBLINGS) + random.random() / 2)

    def _is_worth_waiting(self, item: _Item, until: float) -> bool:
        # While items are still being made, none has to be given up yet.
        if self._over_at is None:
            return True
        # A destination that takes other files is available.
        waits_since = max(self._over_at, item.refused_at, self._arrived_at)
        return until - waits_since <= self._patience_s


def _refusal(error: BaseException) -> StoreError:
    """Makes a refusal of a thread's failure; a bug is one that concerns all files."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, PressrunError) and error.retryable:  # the ledger is unavailable
        return StoreError(str(error), kind=error.kind)
    logger.error("A delivery failed.", exc_info=error)
    return StoreError(repr(error), kind="bug", retryable=False)
