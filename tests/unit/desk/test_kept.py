"""Answers that are read once for all who ask, and in a time that people wait."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pressrun.desk.kept import Kept, LastLook, TooSlow
from pressrun.errors import LedgerError


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept = Kept("It does not answer.", patience_s=0.2)
    yield kept
    kept.close()


def test_a_look_that_takes_long_is_taken_less_often() -> None:
    large = LastLook("ten thousand items", "running", 1, at=100.0, took_s=0.2)
    small = LastLook("ten items", "running", 1, at=100.0, took_s=0.01)
    assert [large.rests(101.0), small.rests(101.0)] == [True, False]
    assert not large.rests(104.1)
    # However long it took, and though nothing happened, waits are shown in the end.
    assert not LastLook("", "", 1, at=100.0, took_s=9.0).rests(108.1)
    assert [small.is_old(107.0), small.is_old(108.1)] == [False, True]


def test_what_many_ask_at_once_is_read_once_and_an_error_is_not_kept(kept: Kept) -> None:
    read, go = [], threading.Event()

    def once() -> int:
        go.wait(10)
        read.append(1)
        return len(read)

    with ThreadPoolExecutor(10) as tabs:
        answers = [tabs.submit(kept.get, "page", 60, once) for _ in range(10)]
        go.set()
        assert [answer.result() for answer in answers] == [1] * 10

    def fail() -> int:
        raise LedgerError("away")

    for _ in range(2):
        with pytest.raises(LedgerError, match="away"):
            kept.get("other", 60, fail)
    assert kept.get("other", 60, lambda: 5) == 5


def test_a_page_waits_no_longer_than_a_person(kept: Kept) -> None:
    go = threading.Event()
    began = time.monotonic()
    with pytest.raises(TooSlow, match="does not answer"):
        kept.get("page", 60, lambda: go.wait(30))
    assert time.monotonic() - began < 20
    go.set()
