"""One process works on a batch: a lease, held for as long as the process lives.

On one machine the kernel shows at once that a process is dead, since its file lock is free; across
machines the ledger does, by a heartbeat that stays away while others look. A holder that lives is
never dispossessed, whatever clocks and names of machines say.
"""

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path

from pressrun.batches.background import repeating
from pressrun.batches.machine import machine_id, machine_name
from pressrun.boundary.files import make_private
from pressrun.ledger import Ledger
from pressrun.settings import settings

BEAT_S = 10.0
#: A heartbeat is watched for so long, while the ledger answers, before its process counts as dead.
WATCH_S = 1.5 * BEAT_S
_ASK_S = 0.5
#: An answer of the ledger that takes longer may have come after it was away.
_SLOW_S = 5.0
_WAITING = "Another process{} still works on this batch; waiting for its end."

logger = logging.getLogger(__name__)


def is_held(ledger: Ledger, batch_id: str) -> bool:
    """Says whether a process that lives works on a batch."""
    here = _is_locked(batch_id)
    holder = None if here else ledger.leases.find(batch_id)
    if holder is None or holder.dead:
        return bool(here)
    # One on this machine would have the lock, if that can be seen.
    return here is None or holder.machine != machine_id()


def _is_locked(batch_id: str) -> bool | None:
    """Says whether a process on this machine has a batch's lock; None if there is none to see."""
    try:
        file = os.open(_lock_file(batch_id), os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _lock_file(batch_id: str) -> Path:
    return settings().data.expanduser() / "locks" / f"{batch_id}.lock"


class Lease:
    """The lease of one batch, from :meth:`acquire` to :meth:`release`.

    Args:
        ledger: Where leases are written.
        batch_id: The batch.
        lost: Called once if another process has taken the batch, because this one seemed dead.

    Attributes:
        taken_over: Whether the last process died while it held the lease.
        is_lost: Whether another process has the batch by now.
    """

    def __init__(self, ledger: Ledger, batch_id: str, lost: Callable[[], None] = lambda: None):
        self._ledger, self._batch_id, self._lost = ledger, batch_id, lost
        self._token = str(uuid.uuid4())
        self.taken_over = self.is_lost = False
        self._watched: tuple[float, float] | None = None
        self._holder = ""
        self._file: int | None = None
        self._beating = ExitStack()

    def acquire(self, patience_s: float) -> bool:
        """Waits until the batch is free; False if it is not after ``patience_s``."""
        deadline, told = time.monotonic() + patience_s, False
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            if not told:
                said = _WAITING.format(self._holder)
                logger.warning("%s", said)
                self._ledger.waits.note(self._batch_id, "", patience_s, said)
            told = True
            time.sleep(_ASK_S)
        if told:
            self._ledger.waits.end(self._batch_id)
        self._beating.callback(self._ledger.leases.release, self._batch_id, self._token)
        self._beating.enter_context(repeating(self._beat, BEAT_S, "lease"))
        return True

    def release(self) -> None:
        """Ends the lease, so that another process can work on the batch."""
        self._beating.close()
        self._unlock()

    def _try(self) -> bool:
        if not self._lock():
            return False
        asked = time.monotonic()
        try:
            other = self._ledger.leases.acquire(
                self._batch_id, self._token, machine_name(), machine_id(), self._silent()
            )
        except BaseException:
            self._unlock()
            raise
        if time.monotonic() - asked > _SLOW_S:
            self._watched = None  # perhaps nobody could write a heartbeat meanwhile
        self.taken_over = other is not None and other.dead
        if other and not other.dead:
            self._holder = f" (on {other.host})"
            if self._watched is None or self._watched[0] != other.beat_at:
                self._watched = other.beat_at, time.monotonic()
            self._unlock()
            return False
        return True

    def _silent(self) -> float | None:
        """Gives the heartbeat that was the last one for as long as it was watched."""
        if self._watched and time.monotonic() - self._watched[1] >= WATCH_S:
            return self._watched[0]
        return None

    def _lock(self) -> bool:
        place = _lock_file(self._batch_id)
        make_private(place.parent)
        self._file = os.open(place, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._unlock()
            return False
        return True

    def _unlock(self) -> None:
        # The file stays: removing it would let two processes lock two files of one name.
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _beat(self) -> float | None:
        try:
            if self._ledger.leases.beat(self._batch_id, self._token):
                return None
        except Exception as error:  # noqa: BLE001 - the ledger may be unavailable for a while
            logger.warning("The heartbeat cannot be written to the ledger: %s", error)
            return None
        self.is_lost = True
        logger.error("Another process has taken over this batch; this one ends.")
        self._lost()
        return inf
