"""One process works on a batch: a lease, held for as long as the process lives.

On one machine the kernel shows at once that a process is dead, since its file lock is free; across
machines the ledger does, by a heartbeat.
"""

import fcntl
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path

from pressrun.batches.background import repeating
from pressrun.boundary.files import make_private
from pressrun.ledger import Ledger
from pressrun.settings import settings

BEAT_S = 10.0
_ASK_S = 0.5
_WAITING = "Another process still works on this batch; waiting for its end."

logger = logging.getLogger(__name__)


def is_held(ledger: Ledger, batch_id: str) -> bool:
    """Says whether a process that lives works on a batch."""
    here = _is_locked(batch_id)
    holder = None if here else ledger.leases.find(batch_id)
    if holder is None or holder.dead:
        return bool(here)
    # One on this machine would have the lock, if that can be seen.
    return here is None or holder.host != socket.gethostname()


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
    """

    def __init__(self, ledger: Ledger, batch_id: str, lost: Callable[[], None] = lambda: None):
        self._ledger, self._batch_id, self._lost = ledger, batch_id, lost
        self._token, self._host = str(uuid.uuid4()), socket.gethostname()
        self.taken_over = False
        self._file: int | None = None
        self._beating = ExitStack()

    def acquire(self, patience_s: float) -> bool:
        """Waits until the batch is free; False if it is not after ``patience_s``."""
        deadline, told = time.monotonic() + patience_s, False
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            if not told:
                logger.warning(_WAITING)
                self._ledger.waits.note(self._batch_id, "", patience_s, _WAITING)
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
        other = self._ledger.leases.acquire(self._batch_id, self._token, self._host)
        self.taken_over = other is not None and other.dead
        if other and not other.dead:
            self._unlock()
            return False
        return True

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
        logger.error("Another process has taken over this batch; this one ends.")
        self._lost()
        return inf
