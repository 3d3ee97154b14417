"""The ledger away for a while: who can wait asks again, or writes again, until it is back."""

import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pressrun.errors import LedgerError

P = ParamSpec("P")
T = TypeVar("T")

#: It is given up after so long, and asked again so often until then.
PATIENCE_S, PAUSE_S = 90.0, 2.0
logger = logging.getLogger(__name__)


def outlast(ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the ledger answers, as soon as it does.

    Args:
        ask: A question, or a write that may as well be made twice: it can be made and the answer
            still be lost.
        *arguments: What it is asked with,
        **named: also by name.

    Raises:
        LedgerError: No waiting helps, or it has lasted too long.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask(*arguments, **named)
        except LedgerError as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
            logger.warning("%s Trying again.", error)
            time.sleep(PAUSE_S)
