"""Values that change while they are used: read anew in time, and never waited for long."""

import logging
import threading

import pytest

from pressrun.blocks.refreshed import Refreshed
from tests.support.waiting import until


class Source:
    """Something to read: counts, blocks and fails as it is told."""

    def __init__(self) -> None:
        self.value, self.readings, self.now = "old", 0, 1000.0
        self.open = threading.Event()
        self.open.set()
        self.error: Exception | None = None

    def load(self) -> str:
        self.readings += 1
        assert self.open.wait(10)
        if self.error:
            raise self.error
        return self.value

    def refreshed(self, patience_s: float = 5.0) -> Refreshed[str]:
        return Refreshed(
            "first", self.load, "The thing", patience_s=patience_s, clock=lambda: self.now
        )


def test_the_first_value_holds_until_it_is_old() -> None:
    source = Source()
    refreshed = source.refreshed()
    source.now += 14.9
    assert [refreshed() for _ in range(3)] == ["first"] * 3
    assert source.readings == 0


def test_an_old_value_is_read_anew_before_it_is_given() -> None:
    source = Source()
    refreshed = source.refreshed()
    source.now += 15
    assert [refreshed() for _ in range(3)] == ["old"] * 3
    source.value = "new"
    source.now += 15
    assert refreshed() == "new"
    assert source.readings == 2


def test_a_reading_that_takes_long_is_not_waited_for_and_begun_once() -> None:
    source = Source()
    refreshed = source.refreshed(patience_s=0.01)
    source.open.clear()
    for _ in range(3):
        source.now += 15
        assert refreshed() == "first"
    assert source.readings == 1
    source.open.set()
    until(lambda: refreshed() == "old")


def test_a_value_that_cannot_be_read_stays_and_is_said_once_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Source()
    source.error = ConnectionError("secret-key")
    refreshed = source.refreshed()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            source.now += 15
            assert refreshed() == "first"
    assert [r.getMessage() for r in caplog.records] == [
        "The thing cannot be read (ConnectionError)."
    ]
    source.error = None
    source.now += 15
    assert refreshed() == "old"
