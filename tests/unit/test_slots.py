"""Slots let in as many as are allowed now."""

import threading
import time

from pressrun.slots import Slots


def test_no_more_are_in_work_than_are_allowed_also_when_that_changes() -> None:
    slots, lock = Slots(2), threading.Lock()
    inside, most = 0, 0
    entered = threading.Semaphore(0)
    leave = threading.Event()

    def work() -> None:
        nonlocal inside, most
        slots.take()
        with lock:
            inside += 1
            most = max(most, inside)
        entered.release()
        leave.wait(10)
        with lock:
            inside -= 1
        slots.give_back()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert entered.acquire(timeout=10)
    assert not entered.acquire(timeout=0.2)
    slots.allow(5)
    for _ in range(3):
        assert entered.acquire(timeout=10)
    slots.allow(0)  # at least one
    leave.set()
    deadline = time.monotonic() + 10
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive()
    assert most == 5
    assert slots.allowed == 1
