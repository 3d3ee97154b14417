"""How a destination is asked: again after a pause, and for several files at the same time."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from pressrun.errors import StoreError

T = TypeVar("T")
R = TypeVar("R")
#: Told how many of how many are done.
Step = Callable[[int, int], None]

#: Waited before a question that failed is asked again.
PAUSES_S = (1.0, 2.0, 4.0, 8.0)
logger = logging.getLogger(__name__)


def silent(_done: int, _total: int) -> None:
    """The step of whoever wants to hear nothing."""


def patiently(ask: Callable[[], T]) -> T:
    """The answer, asked for again where the destination says that waiting helps.

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


def in_turn(
    work: Callable[[T], R], things: Sequence[T], at_once: int, step: Step = silent
) -> Generator[R, None, None]:
    """What comes of each thing, in their order, ``at_once`` worked on at the same time.

    Nothing is begun far ahead of what is taken, and nothing more after an error.
    """
    todo = iter(things)
    with ThreadPoolExecutor(at_once, "upkeep") as pool:
        running = deque(pool.submit(work, thing) for thing in islice(todo, 2 * at_once))
        try:
            for done in range(1, len(things) + 1):
                result = running.popleft().result()
                running.extend(pool.submit(work, thing) for thing in islice(todo, 1))
                step(done, len(things))
                yield result
        finally:
            for future in running:
                future.cancel()
