"""Turnstiles: a few callers at a time, in order, and fair shares of one quota by priority."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from pressrun.calls.admission import AHEAD, Turnstile
from pressrun.engines.limits import Limits, Load
from pressrun.ledger import Ledger
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Priority
from tests.waiting import until


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(64) as pool:
        yield pool


@pytest.mark.parametrize("priority", AHEAD)
def test_as_many_are_inside_as_the_priority_says(
    threads: ThreadPoolExecutor, priority: Priority
) -> None:
    turnstile, inside, leave = Turnstile(priority), [], threading.Event()

    def call(number: int) -> None:
        with turnstile.turn():
            inside.append(number)
            leave.wait(10)

    calls = [threads.submit(call, n) for n in range(20)]
    until(lambda: len(inside) == AHEAD[priority] and len(turnstile._waiting) == 20 - len(inside))
    leave.set()
    for done in calls:
        done.result(10)
    assert sorted(inside) == list(range(20))


def test_who_came_first_goes_first(threads: ThreadPoolExecutor) -> None:
    turnstile, order = Turnstile("low"), []

    def call(number: int) -> None:
        with turnstile.turn():
            order.append(number)

    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(turnstile.turn())
        calls = []
        for number in range(10):
            calls.append(threads.submit(call, number))
            until(lambda: len(turnstile._waiting) == len(calls))
        # One place only, so that those who are let through cannot overtake each other.
        turnstile._places = 1
    for done in calls:
        done.result(10)
    assert order == list(range(10))


def test_a_caller_that_fails_inside_leaves_its_place() -> None:
    turnstile = Turnstile("low")
    for _ in range(5):
        with pytest.raises(ValueError), turnstile.turn():
            raise ValueError
    with turnstile.turn(), turnstile.turn():
        pass


def test_a_caller_that_is_interrupted_while_it_waits_leaves_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turnstile = Turnstile("low")

    def interrupt(_: threading.Event) -> None:
        raise KeyboardInterrupt

    with turnstile.turn(), turnstile.turn():
        monkeypatch.setattr(threading.Event, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            turnstile._enter()
        monkeypatch.undo()
    with turnstile.turn(), turnstile.turn():
        assert not turnstile._waiting


def test_a_fast_quota_has_more_places_in_the_same_proportion() -> None:
    low, high = Turnstile("low"), Turnstile("high")
    for turnstile in (low, high):
        turnstile.fit(1.0)
    assert (low._places, high._places) == (2, 8)
    for turnstile in (low, high):
        turnstile.fit(0.01)
    assert (low._places, high._places) == (20, 80)


def test_more_places_let_in_who_waits(threads: ThreadPoolExecutor) -> None:
    turnstile = Turnstile("low")
    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(turnstile.turn())
        waiting = threads.submit(turnstile._enter)
        turnstile.fit(0.01)
        waiting.result(10)


def test_callers_are_held_up_while_enough_for_a_second_wait(threads: ThreadPoolExecutor) -> None:
    turnstile = Turnstile("low")
    turnstile.fit(0.5)
    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(turnstile.turn())
        waiting = [threads.submit(turnstile._enter)]
        until(lambda: len(turnstile._waiting) == 1)
        assert turnstile.held_up_s == 0
        waiting.append(threads.submit(turnstile._enter))
        until(lambda: turnstile.held_up_s == 0.5)
    for caller in waiting:
        caller.result(10)
    assert turnstile.held_up_s == 0


class Batch:
    """A batch in a process of its own: its ledger and turnstile, and a caller an item."""

    def __init__(self, url: str, priority: Priority, items: int, sent: list[tuple[float, str]]):
        self.priority, self._items, self._sent = priority, items, sent
        self._ledger, self._turnstile = Ledger(url), Turnstile(priority)
        self._stopped = threading.Event()

    def start(self) -> None:
        self._pool = ThreadPoolExecutor(min(self._items, 100))
        self._calls = [self._pool.submit(self._call) for _ in range(self._items)]

    def finish(self) -> None:
        for call in self._calls:
            call.result(60)

    def stop(self) -> None:
        self._stopped.set()
        self._pool.shutdown()
        self._ledger.close()

    def _call(self) -> None:
        quota = Quota("account", "model", Limits(requests_per_minute=60 * 60))
        with self._turnstile.turn():
            if self._stopped.is_set():
                return
            with self._ledger.database.write() as connection:
                mine = self._ledger.quotas.take(connection, quota, Load(), time.time())
            self._turnstile.fit(mine.gap_s)
            self._stopped.wait(max(0.0, mine.send_at - time.time()))
        self._sent.append((mine.send_at, self.priority))


def test_shares_are_as_the_priorities_whatever_the_sizes(tmp_path: Path) -> None:
    sent: list[tuple[float, str]] = []
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    sizes: dict[Priority, int] = {"low": 5000, "normal": 400, "high": 400}
    batches = [Batch(url, priority, items, sent) for priority, items in sizes.items()]
    for batch in batches:
        batch.start()
    # The first moments went to whoever started first.
    until(lambda: all([who for _, who in sent].count(priority) >= 20 for priority in AHEAD))
    begun = len(sent)
    until(lambda: len(sent) >= begun + 240)
    for batch in batches:
        batch.stop()
    order = [priority for _, priority in sorted(sent)][begun : begun + 240]
    for priority, weight in AHEAD.items():
        share = order.count(priority) / len(order)
        # Equal shares would be a third each. On a busy machine SQLite's own locks blur them.
        assert share == pytest.approx(weight / sum(AHEAD.values()), rel=0.3)


def test_a_batch_of_five_beside_one_of_five_thousand_is_served_soon(tmp_path: Path) -> None:
    sent: list[tuple[float, str]] = []
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    large, small = Batch(url, "high", 5000, sent), Batch(url, "normal", 5, sent)
    large.start()
    until(lambda: len(sent) >= 50)
    before = len(sent)
    small.start()
    small.finish()
    small.stop()
    large.stop()
    others = [n for n, (_, who) in enumerate(sorted(sent)[before:]) if who == "normal"]
    # Two of the large one's go between two of the small one's, after those that stood there.
    assert len(others) == 5
    assert others[-1] < 120
