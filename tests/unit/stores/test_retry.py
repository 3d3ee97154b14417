"""A destination is asked again where waiting helps."""

import time

import pytest

from pressrun.errors import StoreError
from pressrun.stores.retry import retry_store


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
