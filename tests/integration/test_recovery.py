"""Paid bytes that are gone: found where they were delivered, or made anew and counted."""

import json
from pathlib import Path

import pytest

from pressrun.batches.run import BatchRun
from pressrun.engines.account import Account
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.support.batches import (
    GEMINI,
    KEY,
    account_at,
    delivered,
    make,
    parameters,
    plan,
    work,
)


def made_only(batch: Batch, account: Account | None = None) -> None:
    """Makes the batch's items, and delivers none of them."""
    run = BatchRun(batch, account or Account(), 1)
    try:
        assert run.begin()
        for item in run.todo():
            make(run, item.key)
    finally:
        run.close()


def gone(batch: Batch, media_type: str) -> list[Path]:
    """Removes files of a type from the vault; gives where they lay."""
    files = open_ledger().deliveries.all(batch.id)
    places = [
        settings().vault_folder / batch.id / file.sha256[:2] / file.sha256
        for file in files
        if file.media_type == media_type
    ]
    for place in places:
        place.unlink()
    return places


def test_a_made_item_whose_pictures_are_gone_is_made_anew_and_counted(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    batch = plan(parameters(home))
    made_only(batch)
    assert len(gone(batch, "image/jpeg")) == 2
    outcome = work(batch)
    assert outcome.whole
    assert "2 of its 4 paid files are gone" in caplog.text
    assert outcome.record.summary() == (
        "1 of 1 completed, 2 paid answers gone and made anew ($0.0000)"
    )
    assert json.loads(delivered(batch)["manifest.json"])["totals"]["calls_made_anew"] == 2


def test_a_made_item_whose_bytes_are_damaged_is_made_anew_at_the_next_retry(home: Path) -> None:
    batch = plan(parameters(home))
    made_only(batch)
    (first, _) = gone(batch, "image/jpeg")
    first.write_bytes(b"half of a picture")
    (item,) = open_ledger().batches.items(batch.id)
    assert item.status == "made"
    assert work(batch).whole


def test_what_is_made_anew_is_paid_within_the_budget(home: Path) -> None:
    batch = plan(parameters(home, budget_usd=5.0, **GEMINI))
    with GeminiServer(keys={KEY}) as server:
        account = account_at(server.url)
        made_only(batch, account)
        _, cost_usd = open_ledger().calls.totals(batch.id)
        open_ledger().batches.mark(batch.id, budget_usd=cost_usd * 1.01)
        gone(batch, "image/jpeg")
        outcome = work(open_ledger().batches.match(batch.id), account)
        assert len(server.bill) == 3  # an analysis and two pictures, before they were gone
    (record,) = outcome.record.items
    assert record.item.error_kind == "budget"


def test_what_was_delivered_in_the_last_moment_is_found_there(home: Path) -> None:
    batch = plan(parameters(home))
    assert work(batch).whole
    ledger, before = open_ledger(), delivered(batch)
    with ledger.database.write() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET status = 'waiting'")
        connection.exec_driver_sql("UPDATE items SET status = 'made'")
    outcome = work(ledger.batches.match(batch.id))
    assert outcome.whole
    assert outcome.record.summary() == "1 of 1 completed"
    pictures = {path for path in before if path.endswith(".jpg")}
    assert {path: delivered(batch)[path] for path in pictures} == {
        path: before[path] for path in pictures
    }
