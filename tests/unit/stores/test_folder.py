"""The folder store: whole files, below its folder, checked, and never over another's."""

import hashlib
import os
from pathlib import Path

import pytest

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.factory import folder_target
from pressrun.stores.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "out")


def parcel(tmp_path: Path, path: str, data: bytes = b"data") -> Parcel:
    digest = hashlib.sha256(data).hexdigest()
    source = tmp_path / digest
    source.write_bytes(data)
    return Parcel(path, source, "image/jpeg", digest)


def files(store: FolderStore) -> dict[str, bytes]:
    return {
        p.relative_to(store.folder).as_posix(): p.read_bytes()
        for p in store.folder.rglob("*")
        if p.is_file()
    }


def test_a_file_is_delivered_with_its_link(
    store: FolderStore, tmp_path: Path, usual_umask: None
) -> None:
    link = store.put(parcel(tmp_path, "batch 1/@user/slide.jpg"))
    assert link == (tmp_path / "out/batch 1/@user/slide.jpg").as_uri()
    assert files(store) == {"batch 1/@user/slide.jpg": b"data"}
    assert (store.folder / "batch 1/@user/slide.jpg").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("mode", "folders", "files"),
    [(0o700, 0o700, 0o600), (0o755, 0o755, 0o644), (0o2775, 0o2775, 0o644), (0o1777, 0o755, 0o644)],
    ids=["own", "shared", "a team's", "everybody's"],
)
@pytest.mark.parametrize("link", [False, True], ids=["copied", "linked"])
def test_whoever_may_read_the_folder_may_read_what_is_delivered_into_it(
    tmp_path: Path, mode: int, folders: int, files: int, link: bool, usual_umask: None
) -> None:
    os.umask(0o077)  # as `make up` sets it
    given = parcel(tmp_path, "a/b/slide.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(mode)
    store = FolderStore(tmp_path / "out", link=link)
    store.put(given)
    below = [*store.folder.rglob("*")]
    assert {p.stat().st_mode & 0o7777 for p in below if p.is_dir()} == {folders}
    assert {p.stat().st_mode & 0o7777 for p in below if p.is_file()} == {files}


def test_delivering_twice_leaves_the_file_untouched(store: FolderStore, tmp_path: Path) -> None:
    store.put(parcel(tmp_path, "a/b.jpg"))
    before = (store.folder / "a/b.jpg").stat()
    store.put(parcel(tmp_path, "a/b.jpg"))
    after = (store.folder / "a/b.jpg").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_of_someone_else_stays(store: FolderStore, tmp_path: Path) -> None:
    store.put(parcel(tmp_path, "a.jpg"))
    with pytest.raises(StoreError, match="exists with other content and is left") as caught:
        store.put(parcel(tmp_path, "a.jpg", b"other"))
    assert (caught.value.kind, caught.value.retryable) == ("conflict", False)
    assert files(store) == {"a.jpg": b"data"}


def test_a_report_is_replaced_where_that_is_meant(store: FolderStore, tmp_path: Path) -> None:
    store.put(parcel(tmp_path, "manifest.json"))
    store.put(parcel(tmp_path, "manifest.json", b"newer"), replace=True)
    assert files(store) == {"manifest.json": b"newer"}


@pytest.mark.parametrize("path", ["../evil.jpg", "/etc/evil.jpg", "a/../../evil.jpg", ""])
def test_a_path_that_leads_out_is_refused(store: FolderStore, tmp_path: Path, path: str) -> None:
    with pytest.raises(StoreError, match="is no path below") as caught:
        store.put(parcel(tmp_path, path))
    assert not caught.value.retryable
    assert not list(tmp_path.rglob("evil.jpg"))


def test_a_link_that_leads_out_is_refused(store: FolderStore, tmp_path: Path) -> None:
    store.check()
    (tmp_path / "elsewhere").mkdir()
    (store.folder / "batch").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="through a link"):
        store.put(parcel(tmp_path, "batch/a.jpg"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_reached_through_a_link_may_be_the_store_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    FolderStore(tmp_path / "link").put(parcel(tmp_path, "a.jpg"))
    assert (tmp_path / "real" / "a.jpg").read_bytes() == b"data"


def test_bytes_that_changed_in_the_vault_do_not_arrive(store: FolderStore, tmp_path: Path) -> None:
    damaged = parcel(tmp_path, "a.jpg")
    damaged.source.write_bytes(b"torn")
    with pytest.raises(StoreError):
        store.put(damaged)
    assert files(store) == {}


def test_a_source_that_is_gone_is_a_refusal(store: FolderStore, tmp_path: Path) -> None:
    gone = parcel(tmp_path, "a.jpg")
    gone.source.unlink()
    with pytest.raises(StoreError):
        store.put(gone)
    assert files(store) == {}


def test_a_folder_that_cannot_be_made_is_told_before_anything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written: .*choose another folder"):
        FolderStore(tmp_path / "file" / "out").check()


def test_checking_leaves_nothing_behind(store: FolderStore) -> None:
    store.check()
    assert list(store.folder.iterdir()) == []


def test_no_half_written_file_remains_after_a_failure(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"a\.jpg cannot be written: No space left on device"):
        store.put(parcel(tmp_path, "a.jpg"))
    assert files(store) == {}


def test_home_is_expanded_and_the_destination_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert folder_target(Path("~/out")).address == "/home/someone/out"


def test_a_linked_file_is_the_sources_own_and_stays_when_that_goes(tmp_path: Path) -> None:
    store, given = FolderStore(tmp_path / "out", link=True), parcel(tmp_path, "a/b.jpg")
    store.put(given)
    place = tmp_path / "out" / "a" / "b.jpg"
    assert place.stat().st_ino == given.source.stat().st_ino
    given.source.unlink()
    assert hashlib.sha256(place.read_bytes()).hexdigest() == given.sha256


def test_where_nothing_can_be_linked_a_file_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    store, given = FolderStore(tmp_path / "out", link=True), parcel(tmp_path, "a/b.jpg")
    store.put(given)
    assert (tmp_path / "out" / "a" / "b.jpg").stat().st_ino != given.source.stat().st_ino


def test_a_damaged_source_is_not_linked(tmp_path: Path) -> None:
    store, given = FolderStore(tmp_path / "out", link=True), parcel(tmp_path, "a/b.jpg")
    given.source.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="is damaged and cannot be delivered"):
        store.put(given)
    assert files(store) == {}
