"""The export: a whole ZIP file or none, streamed and checked."""

import hashlib
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from pressrun.batches.delivered import Delivered
from pressrun.batches.export import export, stream
from pressrun.cli import main
from pressrun.errors import StoreError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from tests.support.batches import Deliver, folder_of, opened
from tests.support.batches import delivered as found_at

SLIDE = "Link_001_@show_1/variation_1/slide_0.jpg"


def unpacked(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_batch_is_exported_whole_below_its_folder(
    deliver: Deliver, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch, file = deliver().batch, home / "batch.zip"
    assert main(["export", batch.id, "--zip", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "batch_id": batch.id,
        "zip": str(file),
        "files": 7,
        "bytes": file.stat().st_size,
        "undelivered": 0,
    }
    assert unpacked(file) == {f"{batch.root}/{p}": data for p, data in found_at(batch).items()}
    with zipfile.ZipFile(file) as archive:
        kinds = {i.filename.rpartition(".")[2]: i.compress_type for i in archive.infolist()}
    assert (kinds["jpg"], kinds["html"]) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    assert sorted(path.name for path in home.glob("*.part")) == []


def test_a_stream_holds_the_same_files_and_is_no_whole_archive_where_one_was_changed(
    deliver: Deliver, home: Path
) -> None:
    batch, file = deliver().batch, home / "batch.zip"
    file.write_bytes(b"".join(stream(opened(batch), home)))
    assert unpacked(file) == {f"{batch.root}/{p}": data for p, data in found_at(batch).items()}
    (folder_of(batch) / SLIDE).write_bytes(b"somebody else's")
    given: list[bytes] = []
    with pytest.raises(StoreError, match="is not what was delivered"):
        given.extend(stream(opened(batch), home))
    file.write_bytes(b"".join(given))
    assert not zipfile.is_zipfile(file)
    assert list(home.glob(".export-*")) == []


def test_a_file_that_stands_already_is_replaced_only_by_force(
    deliver: Deliver, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch, file = deliver().batch, home / "batch.zip"
    file.write_bytes(b"mine")
    assert main(["export", batch.id, "--zip", str(file)]) == 2
    assert "--force" in capsys.readouterr().err
    assert file.read_bytes() == b"mine"
    assert main(["export", batch.id, "--zip", str(file), "--force"]) == 0
    assert len(unpacked(file)) == 7


@pytest.mark.parametrize("data", [b"other bytes", None], ids=["changed", "missing"])
def test_a_file_that_is_not_what_was_delivered_leaves_no_zip(
    deliver: Deliver, home: Path, data: bytes | None
) -> None:
    delivered = deliver()
    place = folder_of(delivered.batch) / SLIDE
    place.unlink()
    if data:
        place.write_bytes(data)
    before = set(home.iterdir())
    with pytest.raises(StoreError, match=r"slide_0\.jpg"):
        export(delivered, home / "batch.zip")
    assert set(home.iterdir()) == before


def test_a_place_that_cannot_be_written_is_a_sentence(
    deliver: Deliver, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = deliver().batch
    assert main(["export", batch.id, "--zip", str(home / "nowhere/batch.zip")]) == 2
    assert "cannot be written: No such file or directory." in capsys.readouterr().err


def one_file(home: Path, megabytes: int) -> Delivered:
    """A delivered batch of one big file."""
    ledger, data = open_ledger(), bytes(2**20) * megabytes
    digest = hashlib.sha256(data).hexdigest()
    batch = Batch("b1", "slideshow", "Big", str(home / "out"), "Big", {}, created_at=1e9)
    ledger.batches.create(batch, [PlannedItem("i", 0, "Link 1", {})])
    ledger.batches.start("b1", "i")
    ledger.batches.finish("b1", "i", [MadeFile("a/big.png", "image/png", len(data), digest)])
    place = home / "out/Big/a/big.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    ledger.deliveries.verify("b1", "i", [("a/big.png", place.as_uri())])
    return opened(batch)


def test_no_file_is_ever_whole_in_memory(home: Path) -> None:
    delivered = one_file(home, 64)
    tracemalloc.start()
    export(delivered, home / "big.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_file_beyond_the_old_limits_of_zip_is_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered = one_file(home, 2)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2**20)
    export(delivered, home / "big.zip")
    monkeypatch.undo()
    assert unpacked(home / "big.zip") == {"Big/a/big.png": bytes(2 * 2**20)}
