"""Limits of processor time in tests, in seconds of a quiet machine.

Processor time, too, grows where other processes share the core, by half and more. So a limit is
held against a fixed piece of work that is measured before and after.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WORDS = re.compile(r"(\w+)[ ,]")
_TEXT = "a fixed piece, of work " * 2000
#: What the work takes on two quiet cores.
_QUIET_S = 0.1
_ROUNDS = 40


def slowness() -> float:
    """How many times longer a fixed piece of work takes now than on a quiet machine; at least 1."""
    before = time.thread_time()
    for _ in range(_ROUNDS):
        counts = dict[str, int]()
        for word in _WORDS.findall(_TEXT):
            counts[word] = counts.get(word, 0) + len(word)
    return max(1.0, (time.thread_time() - before) / _QUIET_S)


@contextmanager
def within(cpu_s: float) -> Iterator[None]:
    """Fails where the block takes this thread more than ``cpu_s`` of a quiet machine.

    Raises:
        AssertionError: It took longer.
    """
    slow, before = slowness(), time.thread_time()
    yield
    taken = time.thread_time() - before
    slow = max(slow, slowness())
    assert taken < cpu_s * slow, f"{taken:.1f} s, where all takes {slow:.1f} times as long"
