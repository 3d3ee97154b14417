"""The one loop for all that a running batch looks at every few seconds."""

import contextvars
import logging
import threading
from math import inf

import pytest

from pressrun.batches.background import repeating

DEADLINE_S = 30.0
#: No look comes after so long within a test.
NEVER_S = 10_000.0


def test_looks_come_again_and_the_last_one_is_waited_for() -> None:
    thrice, looks = threading.Event(), list[str]()

    def look() -> None:
        looks.append(threading.current_thread().name)
        if len(looks) >= 3:
            thrice.set()

    with repeating(look, 0.001, "looker"):
        assert thrice.wait(DEADLINE_S)
    seen = len(looks)
    assert set(looks) == {"looker"}
    assert not [thread for thread in threading.enumerate() if thread.name == "looker"]
    assert len(looks) == seen


def test_the_first_look_waits_unless_it_is_asked_for_at_once() -> None:
    looked = threading.Event()
    with repeating(looked.set, NEVER_S, "looker"):
        pass
    assert not looked.is_set()
    with repeating(looked.set, NEVER_S, "looker", at_once=True):
        assert looked.wait(DEADLINE_S)


def test_a_look_says_when_the_next_one_is_worth_it() -> None:
    looks, twice = list[float](), threading.Event()

    def look() -> float:
        looks.append(0.0)
        if len(looks) == 2:
            twice.set()
        return 0.001 if len(looks) == 1 else inf

    with repeating(look, NEVER_S, "looker", at_once=True):
        assert twice.wait(DEADLINE_S)
    assert len(looks) == 2


def test_what_a_look_raises_is_logged_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks, twice = list[int](), threading.Event()

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise KeyError("gone")
        twice.set()

    with caplog.at_level(logging.ERROR), repeating(look, 0.001, "looker"):
        assert twice.wait(DEADLINE_S)
    assert "The look of 'looker' failed" in caplog.text


def test_a_look_has_the_context_of_its_caller() -> None:
    run_id = contextvars.ContextVar("run_id", default="none")
    run_id.set("mine")
    seen, looked = list[str](), threading.Event()

    def look() -> float:
        seen.append(run_id.get())
        looked.set()
        return inf

    with repeating(look, NEVER_S, "looker", at_once=True):
        assert looked.wait(DEADLINE_S)
    assert seen == ["mine"]
