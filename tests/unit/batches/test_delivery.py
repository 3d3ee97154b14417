"""What becomes of made items: in a real folder, behind a gate that refuses as it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pressrun.batches.delivery import DeliveryWorker
from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.errors import StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.database import connection as database
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.vault import Vault
from pressrun.stores.base import Parcel, unthrottled
from pressrun.stores.factory import folder_target
from pressrun.stores.folder import FolderStore
from tests.support.blank_batches import Blank, make, plan

DEADLINE_S = 20.0
SLOWLY = StoreError("Too fast.", kind="throttled", retry_after_s=0.3)
FULL = StoreError("The disk is full. Free some space.", kind="no_storage", retryable=False)
ELSEWHERE = StoreError("Something else stands there.", kind="conflict", retryable=False)
AWAY = StoreError("The folder is away.", kind="unavailable")


class Gate(FolderStore):
    """A folder store whose door is watched: what is put when, and what is refused."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.refusals: dict[str, list[StoreError]] = {}
        self.open_for_all = True
        self.seen: list[tuple[float, str]] = []

    def refuse(self, end: str, *errors: StoreError) -> None:
        """Refuses the next puts of the path that ends so, one for each error."""
        self.refusals[end] = list(errors)

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        throttle()
        self.seen.append((time.monotonic(), parcel.path))
        for end, errors in self.refusals.items():
            if parcel.path.endswith(end) and errors:
                raise errors.pop(0)
        if not self.open_for_all:
            raise AWAY
        return super().put(parcel, replace=replace)

    def puts(self, end: str) -> list[float]:
        """When the path that ends so was put."""
        return [at for at, path in list(self.seen) if path.endswith(end)]


class Bench:
    """A batch of items of a few files each, and its delivery."""

    def __init__(self, home: Path):
        self.home = home
        self.ledger = Ledger(f"sqlite:///{home}/ledger.db")
        self.vault = Vault(home / "vault")
        self.store = Gate(home / "delivered")
        self.batch: Batch
        self._pool = ThreadPoolExecutor(1)

    def plan(self, items: int, files: str = "ab") -> None:
        blanks = [
            [Blank(f"item-{n}/{file}.jpg", 100, f"{n}{file}") for file in files]
            for n in range(items)
        ]
        self.batch = plan(self.ledger, folder_target(self.store.folder), "Batch", blanks)

    def delivery(
        self, *, senders: int = 2, patience_s: float = 60.0, files_per_minute: float | None = None
    ) -> DeliveryWorker:
        rate = DeliveryRate(self.ledger, self.store.destination, files_per_minute, pause_s=0.01)
        return DeliveryWorker(
            self.batch,
            self.ledger,
            self.vault,
            self.store,
            senders=senders,
            rate=rate,
            patience_s=patience_s,
            pause_s=0.01,
        )

    def run(self, delivery: DeliveryWorker) -> Future[int]:
        return self._pool.submit(delivery.run)

    def make(self, delivery: DeliveryWorker) -> None:
        """Makes and hands every item."""
        for item in self.items():
            make(self.ledger, self.vault, item, self.batch)
            delivery.submit(item.key)

    def execute(self, sql: str) -> None:
        """Changes the ledger behind everybody's back."""
        with self.ledger.database.write() as connection:
            connection.execute(text(sql))

    def items(self) -> list[Item]:
        return self.ledger.batches.items(self.batch.id)

    def item(self, number: int) -> Item:
        return self.items()[number]

    def statuses(self) -> list[str]:
        return [item.status for item in self.items()]

    def close(self) -> None:
        self._pool.shutdown()
        self.ledger.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def delivered(bench: Bench) -> set[str]:
    root = bench.store.folder / bench.batch.root
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_items_are_delivered_while_others_are_still_made(bench: Bench) -> None:
    bench.plan(2)
    delivery = bench.delivery()
    running = bench.run(delivery)
    make(bench.ledger, bench.vault, bench.item(0), bench.batch)
    delivery.submit("item-0")
    wait_until(lambda: bench.statuses() == ["completed", "pending"])
    assert delivered(bench) == {"item-0/a.jpg", "item-0/b.jpg"}
    delivery.generation_over()
    assert running.result(DEADLINE_S) == 0


def test_generation_over_with_nothing_to_do_returns(bench: Bench) -> None:
    bench.plan(1)
    delivery = bench.delivery()
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    assert bench.store.seen == []


def test_what_is_made_after_generation_was_over_is_delivered_by_the_next_run(bench: Bench) -> None:
    bench.plan(1)
    delivery = bench.delivery()
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    delivery.generation_over()  # a second end, of the same stop
    make(bench.ledger, bench.vault, bench.item(0), bench.batch)
    delivery.submit("item-0")
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    assert bench.statuses() == ["completed"]


def test_a_retryable_refusal_is_tried_again_and_the_item_says_why_it_waits(bench: Bench) -> None:
    bench.plan(1)
    bench.store.open_for_all = False
    delivery = bench.delivery()
    running = bench.run(delivery)
    bench.make(delivery)
    delivery.generation_over()
    wait_until(lambda: bench.item(0).error_message is not None)
    waiting = bench.item(0)
    assert (waiting.status, waiting.error_kind) == ("made", "unavailable")
    assert waiting.error_message == "The folder is away."

    bench.store.open_for_all = True
    assert running.result(DEADLINE_S) == 0
    arrived = bench.item(0)
    assert (arrived.status, arrived.error_kind, arrived.error_message) == ("completed", None, None)


def test_a_ledger_that_is_away_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "PAUSE_S", 0.01)
    bench.plan(3)
    delivery = bench.delivery()
    bench.make(delivery)
    delivery.generation_over()
    bench.execute("ALTER TABLE items RENAME TO not_here")
    bench.execute("ALTER TABLE deliveries RENAME TO nor_here")
    running = bench.run(delivery)
    wait_until(lambda: "no such table: deliveries. Trying again in" in caplog.text)
    bench.execute("ALTER TABLE nor_here RENAME TO deliveries")
    # Files arrive, and nothing can be noted of it.
    wait_until(lambda: "no such table: items. Trying again in" in caplog.text)
    bench.execute("ALTER TABLE not_here RENAME TO items")
    assert running.result(DEADLINE_S) == 0
    assert bench.statuses() == ["completed"] * 3


def test_a_refusal_of_one_file_does_not_stop_the_others(bench: Bench) -> None:
    bench.plan(5)
    bench.store.refuse("item-1/b.jpg", ELSEWHERE)
    delivery = bench.delivery()
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 1
    assert bench.statuses() == ["completed", "made", *["completed"] * 3]
    assert bench.item(1).error_message == "Something else stands there."
    assert len(bench.store.puts("item-1/b.jpg")) == 1


def test_a_final_refusal_of_the_store_stops_sending_and_every_item_left_has_the_reason(
    bench: Bench,
) -> None:
    bench.plan(6)
    bench.store.refuse("item-0/a.jpg", AWAY, AWAY)  # waits for its next try when the store fills
    bench.store.refuse("item-2/a.jpg", FULL)
    delivery = bench.delivery(senders=1)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 5
    assert bench.statuses() == ["made", "completed", *["made"] * 4]
    left = [item for item in bench.items() if item.status == "made"]
    assert {item.error_message for item in left} == {"The disk is full. Free some space."}
    assert bench.store.seen[-1][1].endswith("item-2/a.jpg")


def test_being_throttled_slows_all_senders(bench: Bench) -> None:
    bench.plan(8)
    bench.store.refuse("item-0/a.jpg", SLOWLY)
    delivery = bench.delivery(senders=4)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    (refused_at, _) = bench.store.puts("item-0/a.jpg")
    # What was on its way at the refusal arrives; most of the 16 files wait, whoever sends them.
    waited = sum(at >= refused_at + 0.3 for at, _ in bench.store.seen)
    assert waited >= 8


def test_a_file_that_arrived_before_its_item_was_refused_is_not_sent_again(bench: Bench) -> None:
    bench.plan(1)
    bench.store.refuse("b.jpg", AWAY, AWAY)
    delivery = bench.delivery()
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    assert len(bench.store.puts("a.jpg")) == 1
    assert len(bench.store.puts("b.jpg")) == 3


def test_senders_that_have_nothing_to_do_help_with_the_files_of_an_item(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, put = threading.Barrier(2), bench.store.put

    def put_with_another(*given: Any, **how: Any) -> str:
        both.wait(DEADLINE_S)
        return put(*given, **how)

    bench.plan(1, "abcd")
    monkeypatch.setattr(bench.store, "put", put_with_another)
    delivery = bench.delivery(senders=2)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(2 * DEADLINE_S) == 0
    assert len(bench.store.seen) == 4


def test_an_item_of_two_files_is_one_senders(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    senders, put = set[int](), bench.store.put

    def put_noted(*given: Any, **how: Any) -> str:
        senders.add(threading.get_ident())
        time.sleep(0.05)  # long enough for another to come
        return put(*given, **how)

    bench.plan(1)
    monkeypatch.setattr(bench.store, "put", put_noted)
    delivery = bench.delivery(senders=2)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0
    assert len(senders) == 1


def test_a_lone_sender_keeps_nothing_of_items_that_are_delivered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.plan(9, files="abcd")
    delivery, kept = bench.delivery(senders=1), list[int]()
    put = bench.store.put

    def watched(parcel: Parcel, **options: Any) -> str:
        kept.append(len(delivery._begun))
        return put(parcel, **options)

    monkeypatch.setattr(bench.store, "put", watched)
    bench.make(delivery)  # all wait, so that the sender finds the next one at once
    delivery.generation_over()
    assert delivery.run() == 0
    assert max(kept) == 1


def test_patience_ends_once_everything_is_made_and_a_later_run_delivers(bench: Bench) -> None:
    bench.plan(2)
    bench.store.open_for_all = False
    delivery = bench.delivery(patience_s=0.2)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 2
    assert bench.statuses() == ["made", "made"]
    assert bench.item(0).error_message == "The folder is away."
    assert len(bench.store.seen) > 2

    bench.store.open_for_all = True
    later = bench.delivery()
    for key in bench.ledger.batches.keys(bench.batch.id, "made"):
        later.submit(key)
    later.generation_over()
    assert bench.run(later).result(DEADLINE_S) == 0
    assert bench.statuses() == ["completed", "completed"]


def test_while_items_are_still_made_nothing_is_given_up(bench: Bench) -> None:
    bench.plan(1)
    bench.store.open_for_all = False
    delivery = bench.delivery(patience_s=0.0)
    running = bench.run(delivery)
    bench.make(delivery)
    wait_until(lambda: len(bench.store.seen) >= 4)
    bench.store.open_for_all = True
    wait_until(lambda: bench.statuses() == ["completed"])
    delivery.generation_over()
    assert running.result(DEADLINE_S) == 0


def test_a_destination_that_takes_other_files_is_not_given_up(bench: Bench) -> None:
    bench.plan(12)
    bench.store.refuse("item-0/a.jpg", AWAY, AWAY)  # at first, and after the 2.2 s of the others
    delivery = bench.delivery(senders=1, patience_s=1.5, files_per_minute=600)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 0


def test_a_wait_that_the_destination_asks_for_beyond_patience_is_not_waited_for(
    bench: Bench,
) -> None:
    bench.plan(1)
    bench.store.refuse("a.jpg", StoreError("In an hour.", kind="unavailable", retry_after_s=3600))
    delivery = bench.delivery(patience_s=5.0)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 1
    assert bench.item(0).error_message == "In an hour."


def test_items_handed_from_many_threads_are_all_delivered(bench: Bench) -> None:
    bench.plan(60)
    delivery = bench.delivery(senders=4)
    running = bench.run(delivery)
    barrier = threading.Barrier(6)

    def generate(share: list[Item]) -> None:
        barrier.wait(DEADLINE_S)
        for item in share:
            make(bench.ledger, bench.vault, item, bench.batch)
            delivery.submit(item.key)

    items = bench.items()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(generate, [items[n::6] for n in range(6)]))
    delivery.generation_over()
    assert running.result(DEADLINE_S) == 0
    assert set(bench.statuses()) == {"completed"}
    assert len(bench.store.seen) == 120


def test_a_bug_in_a_store_is_a_reason_and_no_silence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError("a bug")

    bench.plan(2)
    monkeypatch.setattr(bench.store, "put", broken)
    delivery = bench.delivery(senders=1)
    bench.make(delivery)
    delivery.generation_over()
    assert bench.run(delivery).result(DEADLINE_S) == 2
    assert {item.error_kind for item in bench.items()} == {"bug"}
