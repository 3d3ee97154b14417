"""Deleting a batch: what goes, what stays, who is asked, and what an interruption leaves."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from pressrun.batches.audit import audit
from pressrun.batches.delete import delete, survey
from pressrun.batches.delivered import Delivered
from pressrun.cli import main
from pressrun.errors import InputError, StoreError
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls, deliveries, items
from tests.support.batches import Deliver, folder_of, opened

SLIDE = "Link_001_@show_1/variation_1/slide_0.jpg"


def rows(delivered: Delivered) -> dict[str, int]:
    """How many records of the batch each table has."""
    with delivered.ledger.database.read() as connection:
        return {
            table.name: len(
                connection.execute(
                    select(table).where(table.c.batch_id == delivered.batch.id)
                ).all()
            )
            for table in (calls, deliveries, items)
        }


class Terminal(io.StringIO):
    """Standard input at which a person sits."""

    def isatty(self) -> bool:
        return True


def test_a_batch_goes_with_its_files_folders_vault_and_records_but_its_bill_stays(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver(keep_vault=True)
    had = rows(delivered)
    spent = delivered.ledger.calls.totals(delivered.batch.id)
    assert main(["delete", delivered.batch.id, "--yes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["files"]), told["extra"], told["calls"]) == (7, [], spent[0])
    assert list(Path(delivered.batch.destination).iterdir()) == []
    assert not delivered.vault.folder.exists()
    assert rows(delivered) == {"calls": had["calls"], "deliveries": 0, "items": 0}
    assert had["calls"] == 3
    assert delivered.ledger.calls.totals(delivered.batch.id) == spent
    assert delivered.ledger.batches.find(delivered.batch.id) is None


def test_what_nobody_delivered_stays_with_its_folders(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver()
    folder = folder_of(delivered.batch)
    (folder / "Link_001_@show_1/notes.txt").write_text("mine")
    other = deliver()
    assert main(["delete", delivered.batch.id, "--yes"]) == 0
    assert "leaves Link_001_@show_1/notes.txt" in capsys.readouterr().err
    assert [p.name for p in folder.rglob("*")] == ["Link_001_@show_1", "notes.txt"]
    assert audit(opened(other.batch)).in_order


def test_nobody_to_ask_is_a_refusal(
    deliver: Deliver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered = deliver()
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["delete", delivered.batch.id]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"removes {SLIDE}" in err
    assert "Add --yes" in err
    assert audit(delivered).in_order


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("", 2), ("no", 2)])
def test_the_person_at_the_terminal_decides(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    delivered = deliver()
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    assert main(["delete", delivered.batch.id]) == code
    assert folder_of(delivered.batch).exists() == bool(code)


def test_a_batch_in_work_is_deleted_only_by_force(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = deliver().batch
    open_ledger().batches.mark(batch.id, status="running")
    assert main(["delete", batch.id, "--yes"]) == 2
    assert "is in work" in capsys.readouterr().err
    assert main(["delete", batch.id, "--yes", "--force"]) == 0
    assert not folder_of(batch).exists()


def test_an_interrupted_deletion_is_finished_and_spares_what_came_meanwhile(
    deliver: Deliver,
) -> None:
    delivered = replace(deliver(), at_once=1)

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    found = survey(delivered)
    with pytest.raises(KeyboardInterrupt):
        delete(delivered, found, interrupt)
    folder = folder_of(delivered.batch)
    # The mark of a whole batch went first.
    assert not (folder / "manifest.json").exists()
    assert 0 < len(delivered.files()) < 6
    (folder / found.files[1]).parent.mkdir(parents=True, exist_ok=True)
    (folder / found.files[1]).write_bytes(b"mine")

    assert main(["delete", delivered.batch.id, "--yes"]) == 0
    left = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    assert left == [found.files[1]]
    assert delivered.ledger.batches.find(delivered.batch.id) is None


def test_a_deletion_that_died_before_the_records_went_is_finished(deliver: Deliver) -> None:
    delivered = deliver()
    delivered.ledger.batches.mark(delivered.batch.id, status="deleting")
    for path in survey(delivered).files:
        delivered.store.remove(delivered.path(path))
    assert main(["delete", delivered.batch.id, "--yes"]) == 0
    assert rows(delivered)["deliveries"] == 0


def test_records_stay_where_the_destination_is_not_there(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver()
    had = rows(delivered)
    Path(delivered.batch.destination).rename(Path(delivered.batch.destination + " unmounted"))
    assert main(["delete", delivered.batch.id, "--yes"]) == 2
    assert "Is a disk not mounted?" in capsys.readouterr().err
    assert rows(delivered) == had
    assert main(["delete", delivered.batch.id, "--yes", "--force"]) == 0
    assert rows(delivered)["items"] == 0


def test_a_refusal_in_the_middle_keeps_the_records_of_what_is_left(deliver: Deliver) -> None:
    delivered = deliver(keep_vault=True)
    found = survey(delivered)
    place = folder_of(delivered.batch) / SLIDE
    place.unlink()
    place.mkdir()  # no file can be removed there
    with pytest.raises(StoreError):
        delete(delivered, found)
    assert SLIDE in [file.path for file in delivered.files()]
    assert delivered.vault.folder.exists()
    assert delivered.ledger.batches.find(delivered.batch.id)


def test_a_survey_removes_nothing(deliver: Deliver) -> None:
    delivered = deliver()
    found = survey(delivered)
    assert found.files[0] == "manifest.json"
    assert found.bytes == sum(file.bytes for file in delivered.files())
    assert audit(delivered).in_order
    with pytest.raises(InputError):
        survey(opened_in_work(delivered))


def opened_in_work(delivered: Delivered) -> Delivered:
    delivered.ledger.batches.mark(delivered.batch.id, status="running")
    return opened(delivered.batch)
