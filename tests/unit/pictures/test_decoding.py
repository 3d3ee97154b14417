"""How many pictures are decoded at the same time, and how many pixels."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from pressrun.pictures import decoding
from tests.support.waiting import until


class Inside:
    """Threads that decode pictures until they are let go."""

    def __init__(self, pool: ThreadPoolExecutor):
        self.now, self._pool, self._go = 0, pool, threading.Event()
        self._lock = threading.Lock()

    def decode(self, pixels: int) -> None:
        with decoding.decoding(pixels), decoding.decoding(pixels):  # the second never waits
            with self._lock:
                self.now += 1
            assert self._go.wait(120)

    def begin(self, count: int, pixels: int) -> list[Future[None]]:
        return [self._pool.submit(self.decode, pixels) for _ in range(count)]

    def end(self, begun: list[Future[None]]) -> None:
        self._go.set()
        for future in begun:
            future.result(120)


@pytest.mark.parametrize(
    ("pixels", "together"),
    [(1_000_000, lambda: decoding.MOST_PICTURES), (40_000_000, lambda: 1), (10**9, lambda: 1)],
)
def test_others_wait_and_all_are_decoded(pixels: int, together: Callable[[], int]) -> None:
    with ThreadPoolExecutor(decoding.MOST_PICTURES + 3) as pool:
        inside = Inside(pool)
        begun = inside.begin(decoding.MOST_PICTURES + 3, pixels)
        try:
            assert until(lambda: inside.now >= together(), 120)
            assert inside.now == together()
        finally:
            inside.end(begun)
        assert inside.now == decoding.MOST_PICTURES + 3
