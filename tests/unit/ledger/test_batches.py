"""Batches and items: one place each, statuses that follow the work."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from pressrun.errors import InputError, SourceError, StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, MadeFile, PlannedItem

ITEMS = [
    PlannedItem("link_001/variation_1", 1001, "Link 001 @a · variation 1/2", {"slides": ["x"]}),
    PlannedItem("link_001/variation_2", 1002, "Link 001 @a · variation 2/2", {"slides": ["x"]}),
    PlannedItem(
        "link_002", 2000, "Link 002", {"link": 2}, SourceError("It is gone.", kind="post_gone")
    ),
]
KEY = ITEMS[0].key


def batch(batch_id: str = "b1", root: str = "Demo 2026-11-22 10-00-00") -> Batch:
    return Batch(batch_id, "slideshow", "Demo", "/out", root, {"size": "1K"}, created_at=1000.0)


def file(path: str, digest: str = "d" * 64) -> MadeFile:
    return MadeFile(path, "image/jpeg", 10, digest)


def test_items_come_back_in_their_order_with_what_they_need(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    items = ledger.batches.items("b1")
    assert [item.key for item in items] == [item.key for item in ITEMS]
    assert items[0].spec == {"slides": ["x"]}
    assert (items[0].status, items[0].attempts) == ("pending", 0)


def test_an_item_that_cannot_be_made_is_failed_from_the_start(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    (failed,) = ledger.batches.items("b1", "failed")
    assert (failed.key, failed.error_kind, failed.error_message) == (
        "link_002",
        "post_gone",
        "It is gone.",
    )


def test_two_batches_of_one_second_get_two_folders(ledger: Ledger) -> None:
    roots = [ledger.batches.create(batch(f"b{n}"), []).root for n in range(3)]
    first = "Demo 2026-11-22 10-00-00"
    assert roots == [first, f"{first} (2)", f"{first} (3)"]


def test_what_is_known_of_a_file_beside_it_is_kept(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    ledger.batches.start("b1", KEY)
    signed = replace(file("a.jpg"), provenance={"content_credentials": "kept", "model": "m"})
    ledger.batches.finish("b1", KEY, [signed, file("b.jpg")])
    report = DeliveredFile("manifest.json", "", "application/json", 2, "d" * 64, "verified")
    ledger.deliveries.note_report("b1", report)
    known = {one.path: one.provenance for one in ledger.deliveries.all("b1")}
    assert known == {"a.jpg": signed.provenance, "b.jpg": None, "manifest.json": None}


def test_an_item_is_completed_only_when_its_last_file_is_verified(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    ledger.batches.start("b1", KEY)
    ledger.batches.finish("b1", KEY, [file("a.jpg"), file("b.jpg")])
    ledger.deliveries.verify("b1", KEY, [("a.jpg", "file:///out/a.jpg")])
    assert ledger.batches.counts("b1")["made"] == 1
    ledger.deliveries.verify("b1", KEY, [("b.jpg", "file:///out/b.jpg")])
    (done,) = ledger.batches.items("b1", "completed")
    assert done.key == KEY
    assert [f.url for f in ledger.deliveries.all("b1", KEY)] == [
        "file:///out/a.jpg",
        "file:///out/b.jpg",
    ]


def test_every_start_counts_an_attempt_and_forgets_the_old_reason(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    ledger.batches.start("b1", KEY)
    ledger.batches.fail("b1", KEY, StoreError("No."))
    item = ledger.batches.start("b1", KEY)
    assert (item.attempts, item.status, item.error_kind) == (2, "processing", None)


def test_a_waiting_item_stays_made_with_its_reason(ledger: Ledger) -> None:
    ledger.batches.create(batch(), ITEMS)
    ledger.batches.start("b1", KEY)
    ledger.batches.finish("b1", KEY, [file("a.jpg")])
    ledger.batches.wait("b1", KEY, StoreError("The disk is full."))
    (item,) = ledger.batches.items("b1", "made")
    assert item.error_message == "The disk is full."


def test_a_batch_is_found_by_the_beginning_of_its_id(ledger: Ledger) -> None:
    ledger.batches.create(batch("aaa1"), [])
    ledger.batches.create(batch("aab2"), [])
    assert ledger.batches.match("aab").id == "aab2"
    assert ledger.batches.match("latest").id in ("aaa1", "aab2")
    with pytest.raises(InputError, match="Several batches"):
        ledger.batches.match("aa")
    with pytest.raises(InputError, match="No batch '%'"):
        ledger.batches.match("%")


def test_an_item_whose_files_arrive_at_the_same_time_is_completed(ledger: Ledger) -> None:
    # Each of two transactions that cannot see each other would leave the end to the other one.
    keys = [f"item-{number}" for number in range(20)]
    planned = [PlannedItem(key, number, key, {}) for number, key in enumerate(keys)]
    ledger.batches.create(batch(), planned)
    for key in keys:
        ledger.batches.finish("b1", key, [file(f"{key}/{n}.jpg") for n in range(2)])
    together = Barrier(2)

    def arrive(number: int) -> None:
        for key in keys:
            together.wait(30)
            ledger.deliveries.verify("b1", key, [(f"{key}/{number}.jpg", "")])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(arrive, range(2)))
    assert ledger.batches.counts("b1") == {"completed": len(keys)}
