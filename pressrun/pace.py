"""How fast files may go to a destination: all senders of all processes share one pace."""

import threading
import time

from pressrun.ledger import Ledger
from pressrun.ledger.quotas import Quota

_FILES = "files"
#: Waited after a refusal that names no time.
_PAUSE_S = 5.0


class Pace:
    """The pace of one destination.

    Args:
        ledger: Where senders of other processes see it too.
        destination: The store's address.
        files_per_minute: Most files in a minute; None if the destination names no limit, then
            only its refusals slow the senders.
    """

    def __init__(self, ledger: Ledger, destination: str, files_per_minute: float | None):
        self._ledger = ledger
        self._quota = files_per_minute and Quota(destination[:64], _FILES, files_per_minute)
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleeps until the next file may go."""
        send_at = self._paused_until
        if self._quota:
            with self._ledger.database.write() as connection:
                send_at = self._ledger.quotas.reserve(connection, self._quota, time.time())
        time.sleep(max(0.0, send_at - time.time()))

    def refused(self, retry_after_s: float | None) -> None:
        """Makes everybody wait as long as the destination asks to."""
        until = time.time() + (retry_after_s or _PAUSE_S)
        if self._quota:
            self._ledger.quotas.push(self._quota.account, _FILES, until)
        with self._lock:
            self._paused_until = max(self._paused_until, until)
