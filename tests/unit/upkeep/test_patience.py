"""How a destination is asked: patiently, and several files at a time."""

import threading
import time

import pytest

from pressrun.errors import StoreError
from pressrun.upkeep.patience import in_turn, patiently


class Answers:
    """Raises what it is given, then says yes; remembers how long was waited."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *errors: StoreError):
        self._errors = list(errors)
        self.waited_s: list[float] = []
        monkeypatch.setattr(time, "sleep", self.waited_s.append)

    def __call__(self) -> str:
        if self._errors:
            raise self._errors.pop(0)
        return "yes"


def test_what_waiting_helps_against_is_asked_again_after_as_long_as_the_destination_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = Answers(monkeypatch, StoreError("away"), StoreError("slow down", retry_after_s=30.0))
    assert patiently(ask) == "yes"
    short, long = ask.waited_s
    assert 1 <= short <= 1.25
    assert 30 <= long <= 37.5


def test_a_refusal_is_final_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answers(monkeypatch, StoreError("no", kind="bad_key", retryable=False))
    with pytest.raises(StoreError, match="no"):
        patiently(ask)
    assert ask.waited_s == []


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answers(monkeypatch, *(StoreError(f"away {n}") for n in range(10)))
    with pytest.raises(StoreError, match="away 4"):
        patiently(ask)


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

    assert list(in_turn(work, range(40), 4)) == [number * 2 for number in range(40)]
    assert most == 4


def test_nothing_more_is_begun_after_an_error() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise StoreError("no")

    with pytest.raises(StoreError):
        list(in_turn(work, range(100), 2))
    assert max(begun) < 3 + 2 * 2 + 1
