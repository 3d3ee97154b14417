"""The items that are not made yet, with the calls that they have still to make."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pressrun.engines.base import Usage
from pressrun.ledger import Ledger
from pressrun.ledger.calls import CallLoad, Intent, Settlement
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.reports import unmade
from pressrun.reports.time_left import Unmade
from pressrun.reports.unmade import read_unmade

MODELS = ("gemini-3.8-flash", "gemini-nano-banana-2.1")
SETTINGS = {"text_model": MODELS[0], "model": MODELS[1]}
BATCH = Batch("b1", "slideshow", "Sale", "/out", "r", SETTINGS, "running")
WHOLE = Unmade((MODELS[0], MODELS[1], MODELS[1]))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    spec: dict[str, object] = {"slides": [{}, {}]}
    ledger.batches.create(BATCH, [PlannedItem(f"i{n}", n, f"Item {n}", spec) for n in range(4)])
    yield ledger
    ledger.close()


def settle(ledger: Ledger, key: str, slot: str) -> None:
    intent = Intent("b1", key, slot, f"{key} {slot}", "", MODELS[0])
    reserved = ledger.calls.intend(intent, [Quota("access", MODELS[0], None)], CallLoad(), 0.0)
    paid = Settlement("d" * 64, "application/json", Usage(), Decimal(0), "", 1.0)
    ledger.calls.settle(reserved.call_id, paid, 1.0)


def test_what_is_made_and_what_is_paid_are_left_out(ledger: Ledger) -> None:
    for key in ("i0", "i1"):
        ledger.batches.start("b1", key)
        settle(ledger, key, "analysis")
    ledger.batches.finish("b1", "i0", [])
    queues = read_unmade(ledger, BATCH, {"i1": 5.0})
    in_work = Unmade((MODELS[1], MODELS[1]), begun=True, sent_at=5.0)
    assert queues.unmade == {"": [in_work, WHOLE, WHOLE]}
    assert queues.count == 1


def test_an_item_that_is_released_has_what_it_paid_for(ledger: Ledger) -> None:
    ledger.batches.start("b1", "i3")
    settle(ledger, "i3", "slide_0")
    ledger.batches.release("b1", "i3")
    last = read_unmade(ledger, BATCH, {}).unmade[""][-1]
    assert last == Unmade((MODELS[0], MODELS[1]))


def test_an_item_that_failed_before_is_known_once_it_is_made_again(ledger: Ledger) -> None:
    ledger.batches.mark("b1", status="running")
    read_unmade(ledger, BATCH, {})
    ledger.batches.replace("b1", "i3", [PlannedItem("i3_2", 3, "Item", {"slides": [{}]})])
    assert read_unmade(ledger, BATCH, {}).unmade[""][-1] == Unmade(MODELS)


def test_an_item_that_is_made_between_two_readings_is_left_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.batches.start("b1", "i0")
    ledger.batches.finish("b1", "i0", [])
    as_it_was = {f"i{n}": "pending" for n in range(4)}
    monkeypatch.setattr(unmade, "read_statuses", lambda *_: as_it_was)
    assert read_unmade(ledger, BATCH, {}).unmade == {"": [WHOLE] * 3}
