"""The vault: bytes under their digest, whole or not at all, and never taken on trust."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pressrun.errors import VaultError
from pressrun.ledger.vault import Vault

DATA = b"paid bytes"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault" / "batch")


def test_bytes_come_back_by_their_digest(vault: Vault) -> None:
    assert vault.put(DATA) == DIGEST
    assert vault.get(DIGEST) == DATA


def test_the_same_bytes_are_kept_once(vault: Vault) -> None:
    vault.put(DATA)
    vault.put(DATA)
    assert [p.name for p in vault.folder.rglob("*") if p.is_file()] == [DIGEST]


def test_only_its_user_can_read_what_is_kept(vault: Vault, usual_umask: None) -> None:
    vault.put(DATA)
    found = [vault.folder.parent, vault.folder, *vault.folder.rglob("*")]
    assert {p.stat().st_mode & 0o777 for p in found if p.is_dir()} == {0o700}
    assert {p.stat().st_mode & 0o777 for p in found if p.is_file()} == {0o600}


def test_nothing_is_made_before_the_first_bytes(vault: Vault) -> None:
    assert not vault.folder.exists()


@pytest.mark.parametrize("damage", [b"", b"paid byte", b"other bytes"])
def test_damaged_bytes_are_refused_and_mended_by_the_next_put(vault: Vault, damage: bytes) -> None:
    vault.put(DATA)
    vault.path(DIGEST).write_bytes(damage)
    with pytest.raises(VaultError, match="is damaged"):
        vault.get(DIGEST)
    vault.put(DATA)
    assert vault.get(DIGEST) == DATA


def test_missing_bytes_are_said_to_be_missing(vault: Vault) -> None:
    with pytest.raises(VaultError, match=f"{DIGEST[:12]} is missing"):
        vault.get(DIGEST)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultError, match=r"10 bytes could not be kept in .*file") as caught:
        Vault(tmp_path / "file").put(DATA)
    assert caught.value.retryable


def test_clearing_removes_the_batchs_folder_only(vault: Vault) -> None:
    vault.put(DATA)
    other = Vault(vault.folder.parent / "other")
    other.put(DATA)
    vault.clear()
    vault.clear()
    assert not vault.folder.exists()
    assert other.get(DIGEST) == DATA


def test_whoever_reads_while_others_write_the_same_reads_it_whole(vault: Vault) -> None:
    data = b"x" * 2_000_000
    digest = vault.put(data)
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(vault.put, data) for _ in range(20)]
        readers = [pool.submit(vault.get, digest) for _ in range(20)]
        assert {w.result() for w in writers} == {digest}
        assert all(r.result() == data for r in readers)


def test_the_first_writers_do_not_tear_each_others_bytes(vault: Vault) -> None:
    for number in range(20):
        data = bytes([number]) * 500_000

        def write_and_read(data: bytes = data) -> bytes:
            return vault.get(vault.put(data))

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(lambda f: f() == data, [write_and_read] * 6))  # noqa: B023
