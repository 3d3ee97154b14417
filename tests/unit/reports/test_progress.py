"""The time left of a comparison: each model's line goes on at its own pace."""

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pressrun.engines.base import Usage
from pressrun.errors import BudgetSpent, NotBegun
from pressrun.ledger import Ledger
from pressrun.ledger.calls import CallLoad, Intent, Settlement
from pressrun.ledger.listing import read_batches
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.reports.progress import read_progress, read_queue

FAST, SLOW, SILENT = "sketch", "sketch-ink", "sketch-poster"
NOW = time.time()
BATCH = Batch(
    "b1",
    "comparison",
    "Cats",
    "/out",
    "r",
    {"models": [FAST, SLOW, SILENT]},
    "running",
    created_at=NOW - 100,
    concurrency=3,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    planned = [
        PlannedItem(f"{row}-{model}", row, model, {"model": model, "prompt": "a cat"} | REST)
        for row in range(10)
        for model in (FAST, SLOW, SILENT)
    ]
    ledger.batches.create(BATCH, planned)
    yield ledger
    ledger.close()


REST = {"enhanced": "", "size": "1K"}


def answer(ledger: Ledger, model: str, rows: int, latency_s: float) -> None:
    """The first items of a model, one after another, each with a call of that latency."""
    for row in range(rows):
        key, begun = f"{row}-{model}", NOW - (rows - row) * latency_s
        ledger.batches.start("b1", key)
        intent = Intent("b1", key, "image", key, "", model)
        reserved = ledger.calls.intend(intent, [Quota("access", model, None)], CallLoad(), begun)
        paid = Settlement("d" * 64, "image/png", Usage(), Decimal(0), model, latency_s)
        ledger.calls.settle(reserved.call_id, paid, begun + latency_s)
        ledger.batches.finish("b1", key, [])


def test_the_slowest_model_that_answers_tells_the_time_left(ledger: Ledger) -> None:
    answer(ledger, FAST, 8, 0.5)
    answer(ledger, SLOW, 4, 5.0)
    progress = read_progress(ledger, BATCH)
    # Six are left of the slow one, one at a time; the silent one has told nothing yet.
    assert progress.left_s == pytest.approx(6 * 5.0, rel=0.05)


def test_while_no_model_has_answered_the_time_left_is_not_known(ledger: Ledger) -> None:
    assert read_progress(ledger, BATCH).left_s is None


def test_what_waits_for_its_call_is_not_in_work(ledger: Ledger) -> None:
    for model in (FAST, SLOW, SILENT):
        ledger.batches.start("b1", f"0-{model}")
    assert read_progress(ledger, BATCH).work_words() == ["3 in work"]
    # One call is under way, one may be sent in a minute, and one model waits for its quota.
    now = time.time()  # tests before this one may have taken minutes
    for model, send_at in ((FAST, now), (SLOW, now + 60)):
        intent = Intent("b1", f"0-{model}", "image", model, "", model)
        ledger.calls.intend(intent, [Quota("access", model, None)], CallLoad(), send_at)
    ledger.waits.note("b1", SILENT, 600.0, "It said: High demand.")
    assert read_progress(ledger, BATCH).work_words() == ["1 in work", "2 waiting"]


def test_a_long_wait_is_shown_with_its_reason(ledger: Ledger) -> None:
    ledger.waits.note("b1", FAST, 30.0, "It said: High demand.")
    ledger.waits.note("b1", "", 600.0, "No slot is free.")
    said = read_progress(ledger, BATCH).wait_words()
    assert [words.partition(" (until ")[0] for words in said] == ["the batch waits", "sketch waits"]
    assert [words.partition("): ")[2] for words in said] == [
        "No slot is free.",
        "It said: High demand.",
    ]
    assert said[1] in read_progress(ledger, BATCH).line()
    assert read_progress(ledger, replace(BATCH, status="paused")).wait_words() == []


def test_what_a_cap_keeps_back_is_said_once_for_the_batch(ledger: Ledger) -> None:
    assert read_progress(ledger, BATCH).short == ""
    for row, error in enumerate((BudgetSpent("It is spent."), NotBegun("Not begun: no room."))):
        ledger.batches.start("b1", f"{row}-{FAST}")
        ledger.batches.fail("b1", f"{row}-{FAST}", error)
    assert read_progress(ledger, BATCH).short == (
        "For lack of budget 2 items are not made; a retry helps only with a higher cap. "
        "Not begun: no room."
    )


def test_what_is_made_is_on_its_way_and_has_failed_where_the_batch_ended_without_it(
    ledger: Ledger,
) -> None:
    ledger.batches.start("b1", f"0-{FAST}")
    ledger.batches.finish("b1", f"0-{FAST}", [])
    ledger.batches.start("b1", f"1-{FAST}")
    shown = read_progress(ledger, BATCH)
    assert (shown.processing, shown.delivering, shown.failed) == (2, 1, 0)
    assert shown.events[-1].status == "processing"
    ledger.batches.release("b1", f"1-{FAST}")
    ledger.batches.cancel("b1")
    ended = replace(BATCH, status="cancelled", ended_at=NOW)
    shown = read_progress(ledger, ended)
    assert (shown.processing, shown.delivering, shown.failed) == (0, 0, 1)
    assert (shown.done, shown.percent) == (shown.total, 100.0)
    assert [item.status for item in read_queue(ledger, ended)].count("failed") == 1
    ledger.batches.mark("b1", status="cancelled", ended_at=NOW)
    assert [batch.failed for batch in read_batches(ledger.database)] == [1]
