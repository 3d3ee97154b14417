"""Several files at a time, in their order."""

import threading

import pytest

from pressrun.batches.delivered import map_bounded
from pressrun.errors import StoreError


def test_things_come_back_in_their_order_and_so_many_at_a_time() -> None:
    lock, busy, most = threading.Lock(), 0, 0
    gate = threading.Barrier(4, timeout=10)

    def work(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        gate.wait()  # passes only if four are at it together
        with lock:
            busy -= 1
        return number * 2

    assert list(map_bounded(work, range(40), 4)) == [number * 2 for number in range(40)]
    assert most == 4


def test_nothing_more_is_begun_after_an_error() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise StoreError("no")

    with pytest.raises(StoreError):
        list(map_bounded(work, range(100), 2))
    assert max(begun) < 3 + 2 * 2 + 1
