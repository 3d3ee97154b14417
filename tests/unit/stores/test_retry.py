"""A destination is asked again where waiting helps."""

import time

import pytest

from pressrun.errors import StoreError
from pressrun.stores.retry import GracePeriod, retry_store


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
    assert retry_store(ask) == "yes"
    short, long = ask.waited_s
    assert 1 <= short <= 1.25
    assert 30 <= long <= 37.5


def test_a_refusal_is_final_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answers(monkeypatch, StoreError("no", kind="bad_key", retryable=False))
    with pytest.raises(StoreError, match="no"):
        retry_store(ask)
    assert ask.waited_s == []


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answers(monkeypatch, *(StoreError(f"away {n}") for n in range(10)))
    with pytest.raises(StoreError, match="away 4"):
        retry_store(ask)


def test_nobody_is_held_for_longer_than_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answers(monkeypatch, StoreError("come back tomorrow", retry_after_s=601.0))
    with pytest.raises(StoreError, match="tomorrow"):
        retry_store(ask)
    assert ask.waited_s == []


class Clock:
    """Time as a test sets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def judged(self, grace: GracePeriod, kind: str, after_s: float) -> bool:
        """Whether a refusal that is heard after a while is worth another try."""
        self.now += after_s
        return grace.judge(StoreError("no", kind=kind)).retryable


def test_a_refusal_that_may_pass_is_final_once_it_has_lasted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, grace = Clock(monkeypatch), GracePeriod({"clock_skew"})
    assert [clock.judged(grace, "clock_skew", s) for s in (0, 30, 29, 1)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_proper_answer_in_between_begins_the_grace_period_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, grace = Clock(monkeypatch), GracePeriod({"clock_skew"})
    assert clock.judged(grace, "clock_skew", 0)
    grace.clear()
    assert clock.judged(grace, "clock_skew", 90)


def test_a_refusal_after_a_long_silence_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, grace = Clock(monkeypatch), GracePeriod({"clock_skew"})
    assert clock.judged(grace, "clock_skew", 0)
    assert clock.judged(grace, "clock_skew", 301)


def test_what_cannot_pass_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    grace = GracePeriod({"clock_skew"}, lasts_s=0.0)
    assert not grace.judge(StoreError("no", kind="bad_key", retryable=False)).retryable
    assert grace.judge(StoreError("away", kind="unavailable")).retryable
