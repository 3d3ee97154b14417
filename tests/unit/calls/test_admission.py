"""Admission: a few callers at a time, in order, and fair shares of one quota by priority."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from pressrun.calls.admission import AHEAD, Admission
from pressrun.engines.limits import Limits, Load
from pressrun.ledger import Ledger
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Priority
from tests.support.waiting import until


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(64) as pool:
        yield pool


def enter(admission: Admission) -> None:
    with admission.admitted():
        pass


@pytest.mark.parametrize("priority", AHEAD)
def test_as_many_are_inside_as_the_priority_says(
    threads: ThreadPoolExecutor, priority: Priority
) -> None:
    admission, inside, leave = Admission(priority), [], threading.Event()

    def call(number: int) -> None:
        with admission.admitted():
            inside.append(number)
            leave.wait(10)

    calls = [threads.submit(call, n) for n in range(20)]
    until(lambda: len(inside) == AHEAD[priority] and admission.waiting == 20 - len(inside))
    leave.set()
    for done in calls:
        done.result(10)
    assert sorted(inside) == list(range(20))


def test_who_came_first_goes_first(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One place only, so that those who are let through cannot overtake each other.
    monkeypatch.setitem(AHEAD, "low", 1)
    admission, order = Admission("low"), []

    def call(number: int) -> None:
        with admission.admitted():
            order.append(number)

    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(admission.admitted())
        calls = []
        for number in range(10):
            calls.append(threads.submit(call, number))
            until(lambda: admission.waiting == len(calls))
    for done in calls:
        done.result(10)
    assert order == list(range(10))


def test_a_caller_that_fails_inside_leaves_its_place() -> None:
    admission = Admission("low")
    for _ in range(5):
        with pytest.raises(ValueError), admission.admitted():
            raise ValueError
    with admission.admitted(), admission.admitted():
        pass


def test_a_caller_that_is_interrupted_while_it_waits_leaves_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admission = Admission("low")

    def interrupt(_: threading.Event) -> None:
        raise KeyboardInterrupt

    with admission.admitted(), admission.admitted():
        monkeypatch.setattr(threading.Event, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            enter(admission)
        monkeypatch.undo()
    with admission.admitted(), admission.admitted():
        assert admission.waiting == 0


def test_a_fast_quota_has_more_places_in_the_same_proportion() -> None:
    low, high = Admission("low"), Admission("high")
    for admission in (low, high):
        admission.set_pace(1.0)
    assert (low.places, high.places) == (2, 8)
    for admission in (low, high):
        admission.set_pace(0.01)
    assert (low.places, high.places) == (20, 80)


def test_more_places_let_in_who_waits(threads: ThreadPoolExecutor) -> None:
    admission = Admission("low")
    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(admission.admitted())
        waiting = threads.submit(enter, admission)
        admission.set_pace(0.01)
        waiting.result(10)


def test_callers_are_held_up_while_enough_for_a_second_wait(threads: ThreadPoolExecutor) -> None:
    admission = Admission("low")
    admission.set_pace(0.5)
    with ExitStack() as held:
        for _ in range(AHEAD["low"]):
            held.enter_context(admission.admitted())
        waiting = [threads.submit(enter, admission)]
        until(lambda: admission.waiting == 1)
        assert admission.held_up_s == 0
        waiting.append(threads.submit(enter, admission))
        until(lambda: admission.held_up_s == 0.5)
    for caller in waiting:
        caller.result(10)
    assert admission.held_up_s == 0


class Batch:
    """A batch in a process of its own: its ledger and admission, and a caller an item."""

    def __init__(self, url: str, priority: Priority, items: int, sent: list[tuple[float, str]]):
        self.priority, self._items, self._sent = priority, items, sent
        self._ledger, self._admission = Ledger(url), Admission(priority)
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
        with self._admission.admitted():
            if self._stopped.is_set():
                return
            with self._ledger.database.write() as connection:
                mine = self._ledger.quotas.take(connection, quota, Load(), time.time())
            self._admission.set_pace(mine.gap_s)
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
