"""Which machine this is, and which batches are bound to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.batches.machine import is_bound, machine_id, machine_name, require_here
from pressrun.errors import ElsewhereError, SettingError
from pressrun.ledger.records import Batch
from pressrun.settings import settings


def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Sets variables of PRESSRUN."""
    for name, value in variables.items():
        monkeypatch.setenv(f"PRESSRUN_{name.upper()}", value)
    settings.cache_clear()


def test_a_machine_is_known_by_an_id_that_stays_with_its_data(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = machine_id()
    assert machine_id() == mine
    assert (home / "data" / "machine-id").read_text().strip() == mine
    told(monkeypatch, data=str(home / "other"))
    assert machine_id() != mine
    (home / "data").rename(home / "moved")
    told(monkeypatch, data=str(home / "moved"))
    assert machine_id() == mine


@pytest.mark.usefixtures("home")
def test_one_machine_with_sqlite_binds_nothing_and_has_no_second_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not settings().several_machines
    assert not is_bound("/srv/out")
    told(monkeypatch, ledger_url="postgresql://user@host/ledger")
    assert settings().several_machines
    told(monkeypatch, machines="one")
    assert not settings().several_machines


@pytest.mark.usefixtures("home")
def test_a_folder_binds_a_batch_unless_all_machines_have_it_mounted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, machines="several", shared_folders="/mnt/all:/srv/nfs")
    assert is_bound("/srv/out")
    assert is_bound("/mnt/all2")
    assert not is_bound("/mnt/all/batches")
    assert not is_bound("/srv/nfs")
    assert not is_bound("s3://bucket/prefix")
    assert not is_bound("drive://ID")


@pytest.mark.usefixtures("home")
def test_a_vault_of_all_machines_and_one_machine_contradict_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, machines="one", vault="s3://bucket/vault")
    with pytest.raises(SettingError, match="leave one"):
        settings()


@pytest.mark.usefixtures("home")
def test_a_batch_of_another_machine_is_refused_with_its_name() -> None:
    batch = Batch("b1", "image", "Test", "/srv/out", "Test 1", {}, created_at=1.0)
    require_here(batch)
    require_here(replace(batch, machine=machine_id()))
    with pytest.raises(ElsewhereError, match="on the machine red-7, so it can go on only there"):
        require_here(replace(batch, machine="another id", machine_name="red-7"))
    with pytest.raises(ElsewhereError, match="called so, too, but has another machine-id"):
        require_here(replace(batch, machine="another id", machine_name=machine_name()))
