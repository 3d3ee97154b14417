"""The audit: what is told of a destination that somebody changed, and what a repair mends."""

import json
from pathlib import Path

import pytest

from pressrun.batches.audit import audit, repair
from pressrun.batches.delivered import Delivered
from pressrun.batches.finish import finish
from pressrun.batches.run import BatchRun
from pressrun.cli import main
from pressrun.engines.account import Account
from pressrun.errors import StoreError
from pressrun.ledger import open_ledger
from tests.support.batches import Deliver, folder_of, make, opened, parameters, plan
from tests.support.batches import delivered as found_at

SLIDE = "Link_001_@show_1/variation_1/slide_0.jpg"
TEXT = "Link_001_@show_1/variation_1/analysis.json"


def spoil(delivered: Delivered) -> Path:
    """One file missing, one changed, one extra; gives the batch's folder."""
    folder = folder_of(delivered.batch)
    (folder / SLIDE).unlink()
    (folder / TEXT).write_text("{}")
    (folder / "notes.txt").write_text("mine")
    return folder


def is_clean(delivered: Delivered) -> bool:
    """Whether the vault holds nothing but answers in text."""
    kept = {path.name for path in delivered.vault.folder.rglob("*") if path.is_file()}
    return kept <= delivered.ledger.calls.texts(delivered.batch.id)


def test_a_batch_as_it_was_delivered_is_in_order(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = deliver().batch
    assert main(["audit", batch.id, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "in_order": True,
        "batch_id": batch.id,
        "destination": batch.destination,
        "root": batch.root,
        "files": 7,
        "missing": [],
        "changed": [],
        "extra": [],
        "complete": True,
        "repaired": [],
        "unmended": [],
    }


def test_missing_changed_and_extra_files_are_told_apart(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver()
    spoil(delivered)
    (folder_of(delivered.batch) / "manifest.json").unlink()
    assert main(["audit", delivered.batch.id]) == 1
    out = capsys.readouterr().out
    assert f"missing   {SLIDE}\nmissing   manifest.json\nchanged   {TEXT}\n" in out
    assert "extra     notes.txt\n" in out
    assert "the batch is not whole" in out


def test_a_change_that_keeps_the_size_is_seen(deliver: Deliver) -> None:
    delivered = deliver()
    place = folder_of(delivered.batch) / SLIDE
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)
    assert audit(delivered).changed == (SLIDE,)


def test_a_repair_sends_again_from_the_vault_and_leaves_extra_files_alone(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver(keep_vault=True)
    before = found_at(delivered.batch)
    folder = spoil(delivered)
    assert main(["audit", delivered.batch.id, "--repair", "--json"]) == 1  # the extra file
    told = json.loads(capsys.readouterr().out)
    assert told["repaired"] == [TEXT, SLIDE]
    assert (told["missing"], told["changed"], told["extra"]) == ([], [], ["notes.txt"])
    assert (folder / "notes.txt").read_text() == "mine"
    assert found_at(delivered.batch) == before | {"notes.txt": b"mine"}
    assert delivered.vault.folder.exists()


def test_what_the_vault_no_longer_has_is_named_with_what_to_do(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver()
    spoil(delivered)
    assert main(["audit", delivered.batch.id, "--repair"]) == 1
    out = capsys.readouterr().out
    assert f"missing   {SLIDE}" in out
    assert f"{SLIDE}: Its bytes have left this machine" in out
    assert "make it again in a new batch" in out


def test_reports_are_made_anew_and_the_vault_stays_clean(deliver: Deliver) -> None:
    delivered = deliver()
    before = found_at(delivered.batch)
    folder = folder_of(delivered.batch)
    (folder / "manifest.json").unlink()
    (folder / "gallery.html").write_text("")
    after = repair(delivered, audit(delivered))
    assert after.in_order
    assert after.repaired == ("gallery.html", "manifest.json")
    assert found_at(delivered.batch) == before
    assert is_clean(delivered)
    assert audit(delivered).in_order


def test_a_batch_in_work_lacks_only_what_had_arrived(deliver: Deliver) -> None:
    delivered = deliver(keep_vault=True)
    open_ledger().batches.mark(delivered.batch.id, status="running", ended_at=None)
    folder = folder_of(delivered.batch)
    (folder / SLIDE).unlink()
    (folder / "manifest.json").unlink()
    delivered = opened(delivered.batch)
    after = repair(delivered, audit(delivered))
    # Its manifest would mark a batch as whole that is not.
    assert (folder / SLIDE).exists()
    assert not (folder / "manifest.json").exists()
    assert (after.repaired, after.missing, after.complete) == ((SLIDE,), ("manifest.json",), False)
    assert after.unmended[0].reason.startswith("The batch is in work")


def undelivered(home: Path) -> Delivered:
    """A batch whose run ended before its destination took any picture."""
    batch = plan(parameters(home))
    run = BatchRun(batch, Account(), 1)
    for item in run.todo():
        make(run, item.key)
    finish(run)
    run.close()
    return opened(batch)


def test_a_paid_file_that_never_arrived_is_sent_and_completes_its_batch(home: Path) -> None:
    delivered = undelivered(home)
    assert delivered.batch.status == "failed"
    found = audit(delivered)
    assert len(found.missing) == 4
    assert repair(delivered, found).in_order
    assert opened(delivered.batch).batch.status == "completed"
    manifest = json.loads(found_at(delivered.batch)["manifest.json"])
    assert manifest["totals"]["completed"] == 1
    assert audit(delivered).in_order
    assert is_clean(delivered)


def test_a_file_of_someone_else_in_the_place_of_one_that_never_arrived_stays(home: Path) -> None:
    delivered = undelivered(home)
    place = folder_of(delivered.batch) / SLIDE
    place.parent.mkdir(parents=True)
    place.write_bytes(b"mine")
    after = repair(delivered, audit(delivered))
    assert place.read_bytes() == b"mine"
    assert after.changed == (SLIDE,)
    assert "Move it away" in after.unmended[0].reason


def test_a_destination_that_cannot_be_written_ends_the_repair(deliver: Deliver) -> None:
    delivered = deliver(keep_vault=True)
    folder = folder_of(delivered.batch)
    (folder / SLIDE).unlink()
    found = audit(delivered)
    (folder / SLIDE).parent.rename(folder / "away")
    (folder / SLIDE).parent.write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        repair(delivered, found)
