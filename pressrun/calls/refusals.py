"""A model that only says "too fast": logged where a person looks, and ended after a while.

One refusal is a provider's usual way to limit the rate. A row of them that no answer breaks may
be a quota of zero, which no waiting fills.
"""

import logging
import math
import threading
import time
from datetime import UTC, datetime

from pressrun.errors import EngineError, QuotaExhausted, Throttled
from pressrun.ledger.waits import LONG_S
from pressrun.settings import settings

logger = logging.getLogger(__name__)

#: A row of refusals is logged once it lasts so long, and a wait that is longer at once.
SAY_AFTER_S = LONG_S
#: Seconds until it is logged again.
SAY_EVERY_S = 60.0


#: A quota of the minute opens again within it, so that it is waited for in any case.
MINUTE_S = 60.0


def longest_wait_s() -> float:
    """Gives how long a quota is waited for, and a model that only refuses is asked."""
    return max(settings().wait_for_quota_s, MINUTE_S)


class Refusals:
    """The refusals of one model in a row, as one batch gets them. Thread-safe.

    Args:
        model: Its name.
    """

    def __init__(self, model: str):
        self._model = model
        self._words, self._calls = "", 0
        self._begun, self._begun_at = 0.0, 0.0
        self._said = -math.inf
        self._lock = threading.Lock()

    def add(self, refusal: Throttled) -> None:
        """Adds a refusal to the row.

        Raises:
            QuotaExhausted: The row lasts longer than ``PRESSRUN_WAIT_FOR_QUOTA_S``.
        """
        with self._lock:
            first, self._words = not self._calls, str(refusal)
            if first:
                self._begun, self._begun_at = time.monotonic(), time.time()
            self._calls += 1
            lasted_s = time.monotonic() - self._begun
        if first:  # several a second would fill the log
            logger.info("%s asks to slow down: %s", self._model, refusal)
        if lasted_s > longest_wait_s():
            raise QuotaExhausted(
                f"{self} Nothing more is asked of it now. See what the provider allows of this "
                "model, then retry the run.",
                kind="only_refused",
            )
        if lasted_s >= SAY_AFTER_S:
            self.say(str(self))

    def end(self, failure: EngineError | None = None) -> None:
        """Ends the row: the model has answered, or failed for another reason."""
        with self._lock:
            self._calls, self._words = 0, str(failure or "")

    @property
    def why(self) -> str:
        """What the model said last if it was no answer, as the end of a sentence about a wait."""
        if self._calls:
            return f" {self}"
        return f" It said: {self._words}" if self._words else ""

    def waits(self, seconds: float) -> None:
        """Logs that a caller waits so long for its moment, where that is long."""
        if seconds >= SAY_AFTER_S:
            self.say(f"{self._model} is asked again in {seconds:.0f} s.{self.why}")

    def __str__(self) -> str:
        """Says ``gemini-3.8-flash has refused every call since 14:03:12 UTC (7 calls). …``."""
        since = datetime.fromtimestamp(self._begun_at, UTC)
        calls = f"{self._calls} calls" if self._calls != 1 else "1 call"
        return (
            f"{self._model} has refused every call since {since:%H:%M:%S} UTC ({calls}). The last "
            f"time: {self._words}"
        )

    def say(self, words: str) -> bool:
        """Logs why callers wait; not, and returns that, within a minute of the last time."""
        with self._lock:
            if time.monotonic() - self._said < SAY_EVERY_S:
                return False
            self._said = time.monotonic()
        logger.warning("%s", words)
        return True
