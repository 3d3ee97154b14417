"""Retries of calls to a destination, for callers that have nothing else to do meanwhile."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from pressrun.errors import StoreError

T = TypeVar("T")

#: Waited before a call that failed is tried again.
PAUSES_S = (1.0, 3.0, 9.0, 27.0)
logger = logging.getLogger(__name__)


def retry_store(ask: Callable[[], T]) -> T:
    """Calls a destination; retries where it says that waiting helps.

    Raises:
        StoreError: It refuses, or it is still away after the last pause.
    """
    for pause_s in PAUSES_S:
        try:
            return ask()
        except StoreError as error:
            if not error.retryable:
                raise
            wait_s = max(pause_s, error.retry_after_s or 0.0) * (1 + random.random() / 4)
            logger.warning("%s Asked again in %.0f s.", error, wait_s)
            time.sleep(wait_s)
    return ask()
