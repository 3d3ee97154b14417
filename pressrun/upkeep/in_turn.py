"""Work on many files of a batch, several at the same time."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
#: Told how many of how many are done.
Step = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """The step of whoever wants to hear nothing."""


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
