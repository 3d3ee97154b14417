"""How fast files may be sent to a destination: all senders of all processes share one rate."""

import threading
import time

from pressrun.engines.limits import Limits, Load
from pressrun.ledger import Ledger
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.quotas.state import Reservation

_FILES = "files"
#: Destinations count by the second.
_WINDOW_S = 1.0
#: Of the configured rate. A network delays one file and not the next: exact spacing would put one
#: too many into a window.
_SHARE = 0.98
#: How long a configured rate is taken to have been kept before the first refusal, see Limits.
_TRUST_S = 60.0


class DeliveryRate:
    """Limits the rate of deliveries to one destination.

    Args:
        ledger: Where senders of other processes see it too.
        destination: The store's address.
        files_per_minute: Most files in a minute; None if the destination names no limit, then
            only its refusals slow the senders.
        pause_s: Waited after a refusal that names no time.
    """

    def __init__(
        self,
        ledger: Ledger,
        destination: str,
        files_per_minute: float | None,
        *,
        pause_s: float = 0.5,
    ):
        self._ledger, self._pause_s = ledger, pause_s
        rate = files_per_minute and files_per_minute * _SHARE
        limits = Limits(requests_per_minute=rate, window_s=_WINDOW_S, trust_s=_TRUST_S)
        self._quota = Quota(destination[:255], _FILES, limits if rate else None)
        self._paused_until = 0.0
        self._lock = threading.Lock()
        self._mine = threading.local()

    @property
    def keeps_rate(self) -> bool:
        """Whether files go at a rate, which refusals lower; else they only make everybody wait."""
        return self._quota.limits is not None

    def wait(self) -> None:
        """Sleeps until the next file may go."""
        if not self.keeps_rate:
            time.sleep(max(0.0, self._paused_until - time.time()))
            return
        while True:
            with self._ledger.database.write() as connection:
                mine = self._ledger.quotas.take(connection, self._quota, Load(), time.time())
            time.sleep(max(0.0, mine.send_at - time.time()))
            if self._ledger.quotas.holds(self._quota, mine, time.time()):
                self._mine.reservation = mine
                return

    def refused(self, retry_after_s: float | None) -> None:
        """Makes everybody wait as long as the destination asks to, and then go more slowly.

        Called by the thread whose file was refused.
        """
        pause_s = self._pause_s if retry_after_s is None else retry_after_s
        mine: Reservation | None = getattr(self._mine, "reservation", None)
        if mine:
            self._ledger.quotas.refused(self._quota, mine, pause_s, time.time())
        with self._lock:
            self._paused_until = max(self._paused_until, time.time() + pause_s)
