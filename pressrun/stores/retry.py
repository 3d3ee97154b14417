"""Retries of calls to a destination, for callers that have nothing else to do meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import stop_after_attempt, wait_chain, wait_fixed, wait_random

from pressrun.errors import retry

T = TypeVar("T")

#: Waited before a call that failed is tried again, and up to a quarter longer.
PAUSES_S = (1.0, 3.0, 9.0, 27.0)


def retry_store(ask: Callable[[], T]) -> T:
    """Calls a destination; retries where it says that waiting helps.

    Raises:
        StoreError: It refuses, or it is still away after the last pause.
    """
    pauses = (wait_fixed(pause_s) + wait_random(0, pause_s / 4) for pause_s in PAUSES_S)
    return retry(ask, wait=wait_chain(*pauses), stop=stop_after_attempt(len(PAUSES_S) + 1))
