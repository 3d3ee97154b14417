"""Whether and when a destination is asked again.

Stores ask once; their errors say whether another try is worth it. :func:`retry_store` is for
callers that have nothing else to do meanwhile.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from tenacity import (
    RetryCallState,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
    wait_random,
)

from pressrun.errors import StoreError, retry
from pressrun.errors.waits import retry_after_s

T = TypeVar("T")

#: Pauses before a call that failed is tried again; each is up to a quarter longer.
PAUSES_S = (1.0, 3.0, 9.0, 27.0)
#: If a destination asks for a longer wait, the caller gets the error and does not wait.
LONGEST_HELD_S = 600.0
#: If a destination asks for a longer wait, it is asked again after this time all the same.
LONGEST_TOLD_S = 3600.0
#: A refusal that may pass is final when it still comes after so long …
GRACE_S = 60.0
#: … unless it did not come for longer than this in between: then it is a new one.
_FORGOTTEN_S = 300.0


def retry_store(ask: Callable[[], T]) -> T:
    """Calls a destination; retries where it says that waiting helps.

    Raises:
        StoreError: It refuses, asks for more than ten minutes, or is still away after the last
            pause.
    """
    pauses = (wait_fixed(pause_s) + wait_random(0, pause_s / 4) for pause_s in PAUSES_S)
    enough = stop_after_attempt(len(PAUSES_S) + 1)
    return retry(
        ask,
        wait=wait_chain(*pauses),
        stop=lambda state: enough(state) or _asks_for_too_long(state),
    )


def _asks_for_too_long(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, StoreError) and (error.retry_after_s or 0.0) > LONGEST_HELD_S


def capped_wait_s(headers: Mapping[str, str]) -> float | None:
    """Reads the seconds that an answer asks to wait, an hour at most; None if it does not say.

    Args:
        headers: Of the answer, their names in lower case.
    """
    told_s = retry_after_s(headers, datetime.now(UTC))
    return None if told_s is None else min(told_s, LONGEST_TOLD_S)


class GracePeriod:
    """A grace period for refusals that may pass by themselves; those that outlast it are final.

    One of a service's many servers may have a wrong clock, or a proxy may answer while the service
    behind it restarts. Such a refusal proves nothing at first; if it lasts, it is believed.

    Args:
        kinds: Of errors that are given time to pass.
        lasts_s: The time, in seconds.
    """

    def __init__(self, kinds: Collection[str], lasts_s: float = GRACE_S):
        self._kinds, self._grace_s = kinds, lasts_s
        self._lock = threading.Lock()
        self._heard: dict[str, tuple[float, float]] = {}

    def judge(self, error: StoreError) -> StoreError:
        """Makes an error of these kinds final if it has lasted, else retryable; returns it."""
        if error.kind in self._kinds:
            error.retryable = not self._lasts(error.kind)
        return error

    def clear(self) -> None:
        """Forgets all refusals: the destination has answered properly."""
        if self._heard:
            with self._lock:
                self._heard.clear()

    def _lasts(self, kind: str) -> bool:
        now = time.monotonic()
        with self._lock:
            first, last = self._heard.get(kind, (now, now))
            if now - last > _FORGOTTEN_S:
                first = now
            self._heard[kind] = first, now
        return now - first >= self._grace_s
