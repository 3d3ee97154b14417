"""Fewer moments in which a batch's process stands still.

Python's search for cyclic garbage holds every thread until it has walked all objects: in a
process of some hundred items at work, full of imported modules, 0.2 to 0.6 s every ten seconds.
Calls whose moment comes meanwhile are sent late and in a bunch, which a strict provider refuses,
and nobody reserves the moments after them. Garbage in cycles is rare here, so it can wait.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects after which the young ones are searched, and searches after which older ones are.
_RARELY = (50_000, 20, 50)


@contextmanager
def rare_pauses() -> Iterator[None]:
    """Leaves out what is there already, and looks seldom at what comes."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
