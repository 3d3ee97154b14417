"""A disk that is really full: what is paid is kept or accounted for, nothing is half-written."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pressrun.batches.uploads import open_uploads
from pressrun.calls import caller
from pressrun.errors import PressrunError, StoreError, VaultError
from pressrun.ledger import open_ledger
from pressrun.ledger.vault import Vault
from pressrun.reports import writing
from pressrun.settings import settings
from pressrun.stores import retry
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, KEY, account_at, delivered, parameters, plan, work
from tests.support.disks import small_file_system


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 256 KiB."""
    with small_file_system(tmp_path / "small", "256k") as place:
        yield place


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "KEEP_TRYING_S", 0.0)
    monkeypatch.setenv("PRESSRUN_DELIVERY_PATIENCE_S", "0")
    monkeypatch.setattr(retry, "PAUSES_S", (0.0,))


def fill(place: Path, free: int = 0) -> Path:
    """Leaves so many bytes free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    os.truncate(ballast, max(0, ballast.stat().st_size - free))
    return ballast


def test_the_vault_keeps_bytes_whole_or_not_at_all(small_disk: Path) -> None:
    vault = Vault(small_disk / "vault")
    kept = vault.put(b"a" * 100_000)
    with pytest.raises(VaultError, match=r"200000 bytes could not be kept.*No space left"):
        vault.put(b"b" * 200_000)
    assert vault.get(kept) == b"a" * 100_000
    assert [p.name for p in small_disk.rglob("*") if p.is_file()] == [kept]


def test_a_full_destination_delivers_later_what_is_paid_now(home: Path, small_disk: Path) -> None:
    ballast = fill(small_disk, free=40_000)
    with GeminiServer(keys={KEY}) as server:
        account = account_at(server.url)
        batch = plan(parameters(home, slides=3, output=str(small_disk), **GEMINI))
        with pytest.raises(StoreError, match=r"cannot be written: No space left.*nothing is paid"):
            work(batch, account)
        (item,) = open_ledger().batches.items(batch.id)
        assert item.status == "made"
        assert "Free some space" in (item.error_message or "")
        assert len(server.bill) == 4
        assert not [p for p in small_disk.rglob("*") if p.name.endswith(".part")]

        ballast.unlink()
        outcome = work(batch, account)
        assert outcome.whole
        assert len(server.bill) == 4
        assert "manifest.json" in delivered(batch)


def test_a_picture_that_the_disk_refuses_is_on_the_ledger_as_it_is_on_the_bill(
    home: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_deliver", lambda *given: given[4])  # of the reports
    (home / "data").mkdir()
    (home / "data" / "vault").symlink_to(small_disk)
    with GeminiServer(keys={KEY}) as server:
        account = account_at(server.url)
        batch = plan(parameters(home, slides=1, **GEMINI))
        ballast = fill(small_disk, free=12_000)  # enough for the analysis
        outcome = work(batch, account, tries=1)
        assert [r.item.error_kind for r in outcome.record.items] == ["vault"]
        assert "Free some space" in outcome.first_reason
        assert len(server.bill) == 2
        assert outcome.record.cost_usd == pytest.approx(server.bill_usd, abs=1e-9)

        ballast.unlink()
        mended = work(batch, account)
        assert mended.whole
        assert len(server.bill) == 3
        assert mended.record.cost_usd == pytest.approx(server.bill_usd, abs=1e-9)


def test_a_ledger_that_cannot_be_written_is_a_sentence(
    home: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_disk)
    monkeypatch.setenv("PRESSRUN_LEDGER_URL", f"sqlite:///{small_disk}/ledger.db")
    with pytest.raises(PressrunError, match=r"The ledger cannot be used: .*full"):
        plan(parameters(home))


def test_an_upload_is_kept_whole_or_not_at_all(
    home: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_UPLOADS", str(small_disk / "uploads"))
    settings.cache_clear()
    uploads = open_uploads()
    mug = uploads.put("list.txt", io.BytesIO(b"a word\n" * 2000))
    with pytest.raises(StoreError, match=r"Uploads cannot be kept in .*No space left.*Free some"):
        uploads.put("long.txt", io.BytesIO(b"a word\n" * 60_000))
    assert [p.name for p in small_disk.rglob("*") if p.is_file()] in (
        [mug.sha256, ".lock"],
        [".lock", mug.sha256],
    )
    assert len(uploads.read(mug.reference, 20_000)) == 14_000
