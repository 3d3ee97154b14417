"""Waiting in tests for what other threads and processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

from pressrun.errors import InputError

T = TypeVar("T")


def until(look: Callable[[], T | None], patience_s: float = 60.0, *, every_s: float = 0.02) -> T:
    """What ``look`` gives as soon as that is something; nothing named yet is nothing.

    Raises:
        AssertionError: It did not come within ``patience_s``.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            if found := look():
                return found
        except InputError:
            pass
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(every_s)
