"""A run on a machine that lacks its batch's folder waits for the one that has it, and says so."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow

from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.batches.control import wanted
from pressrun.batches.finish import conclude_orphan
from pressrun.batches.machine import machine_id
from pressrun.batches.vaults import SharedCopies
from pressrun.ledger import open_ledger
from pressrun.reports.gallery.store_page import read_entries
from pressrun.settings import settings
from tests.support.batches import delivered, parameters, plan

GIVEN = {"prompts": "- a cup\n- a plate", "title": "Test"}


def moved_to(monkeypatch: pytest.MonkeyPatch, machine: Path) -> None:
    """Goes on as a worker of another machine, with the same ledger."""
    monkeypatch.setenv("PRESSRUN_DATA", str(machine))
    settings.cache_clear()


@pytest.fixture
def several(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESSRUN_MACHINES", "several")
    monkeypatch.setenv("PRESSRUN_LEDGER_URL", f"sqlite:///{home / 'ledger.db'}")
    settings.cache_clear()
    return home


@pytest.mark.usefixtures("prefect_server")
def test_a_run_waits_for_the_machine_that_has_its_folder(
    several: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: State[Any] = image_batch(**GIVEN, return_state=True)
    assert state.is_completed()
    batch = open_ledger().batches.match("latest")
    before = delivered(batch)
    moved_to(monkeypatch, several / "other")
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(batch.id)  # type: ignore[arg-type]
    waits: Any = run_flow(image_batch, flow_run, parameters=GIVEN, return_type="state")
    assert waits.name == "AwaitingRetry"
    assert waits.state_details.scheduled_time > datetime.now(UTC)
    assert waits.message.startswith("Waits for its machine. ")
    assert batch.machine_name in waits.message
    assert delivered(batch) == before
    # The other machine's folder of the same name lists its own batches alone.
    (entry,) = read_entries(open_ledger(), batch.destination)
    assert entry.batch.id == batch.id
    assert read_entries(open_ledger(), batch.destination, machine_id()) == []


def test_a_batch_of_another_machine_is_cancelled_without_files_on_this_one(
    several: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = plan(parameters(several))
    open_ledger().batches.mark(batch.id, status="paused")
    moved_to(monkeypatch, several / "other")
    assert conclude_orphan(open_ledger().batches.match(batch.id), None, 0.0)
    assert open_ledger().batches.match(batch.id).status == "cancelled"
    assert open_ledger().batches.counts(batch.id) == {"cancelled": 1}
    assert not Path(batch.destination).exists()


def test_what_is_paid_and_waits_for_its_delivery_is_worth_a_retry(home: Path) -> None:
    batch = plan(parameters(home))
    (item,) = open_ledger().batches.items(batch.id)
    open_ledger().batches.finish(batch.id, item.key, [])
    assert [one.status for one in wanted(open_ledger(), batch)] == ["made"]


@pytest.mark.usefixtures("prefect_server")
def test_a_vault_of_all_machines_in_a_folder_is_empty_once_the_batch_is_whole(
    several: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = several / "mounted"
    monkeypatch.setenv("PRESSRUN_VAULT", str(shared / "vault"))
    monkeypatch.setenv("PRESSRUN_SHARED_FOLDERS", str(several / "output"))
    settings.cache_clear()
    seen: list[int] = []
    clear = SharedCopies.clear

    def counted(self: SharedCopies, keep: Collection[str] = ()) -> None:
        seen.append(len(list((shared / "vault").glob("*/*"))))
        clear(self, keep)

    monkeypatch.setattr(SharedCopies, "clear", counted)
    state: State[Any] = slideshow_batch(**parameters(several), return_state=True)
    assert state.is_completed()
    assert seen == [5]  # two slides, a photo and two pictures; analyses are texts
    assert not list((shared / "vault").glob("*"))
    batch = open_ledger().batches.match("latest")
    assert batch.machine == ""
    assert open_ledger().copies.elsewhere(batch.id) == []
    assert len(open_ledger().copies.texts(batch.id)) == 1  # the answer, which another may reuse
