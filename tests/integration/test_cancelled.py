"""Runs that are cancelled while no process works on them: their batches are concluded too."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.states import (
    AwaitingRetry,
    Cancelled,
    Cancelling,
    Crashed,
    Pending,
    Scheduled,
    Suspended,
)
from prefect.states import Running as RunningState
from sqlalchemy import update

from flows.slideshow_batch import slideshow_batch
from pressrun.batches import cancelled
from pressrun.batches.cancelled import conclude_cancelled
from pressrun.batches.control import cancel as stop
from pressrun.batches.control import retry
from pressrun.batches.finish import conclude
from pressrun.batches.lease import Lease
from pressrun.batches.run import BatchRun
from pressrun.blocks import target_named
from pressrun.cli.control import ClientRuns
from pressrun.engines.account import Account
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import items
from pressrun.ledger.records import Batch
from pressrun.stores.factory import Target
from tasks import cancel
from tests.support.batches import delivered, make, parameters, plan
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")
#: States in which nothing of ours runs, as they follow each other.
WAITING: dict[str, list[State[Any]]] = {
    "Suspended": [Suspended()],
    "Scheduled": [Suspended(), Scheduled()],
    "AwaitingRetry": [Crashed(), AwaitingRetry()],
    "Pending": [Crashed(), AwaitingRetry(), Pending()],
}


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


def begun(client: SyncPrefectClient, home: Path, *, made: bool = True) -> Batch:
    """A batch of three items, of which one is made, whose process has gone."""
    given = parameters(home, shows=3)
    flow_id = client.create_flow_from_name(slideshow_batch.name)
    deployment_id = client.create_deployment(flow_id, "test")
    run_id = client.create_flow_run_from_deployment(deployment_id, parameters=given).id
    running: State[Any] = RunningState()
    client.set_flow_run_state(run_id, running, force=True)
    batch = plan(given, batch_id=str(run_id))
    if made:
        run = BatchRun(batch, Account(), 1)
        try:
            assert run.begin()
            make(run, run.todo()[0].key)
        finally:
            run.close()
    return open_ledger().batches.match(batch.id)


def look(client: SyncPrefectClient) -> list[str]:
    return conclude_cancelled(ClientRuns(client), open_ledger(), target_of)


def target_of(batch: Batch) -> Target | None:
    return target_named(batch.store, batch.destination)


def set_state(client: SyncPrefectClient, batch: Batch, state: State[Any]) -> str:
    """Sets a state as Prefect's page does; gives the name of what the server made of it."""
    client.set_flow_run_state(UUID(batch.id), state, force=True)
    found = client.read_flow_run(UUID(batch.id)).state
    assert found
    return found.name or ""


def counts(batch: Batch) -> dict[str, int]:
    return open_ledger().batches.counts(batch.id)


@pytest.mark.parametrize("name", WAITING)
def test_a_run_that_is_cancelled_while_it_waits_is_concluded_by_whoever_looks(
    client: SyncPrefectClient, home: Path, name: str
) -> None:
    batch = begun(client, home)
    for state in WAITING[name]:
        set_state(client, batch, state)
    assert look(client) == []  # it may still go on
    if name == "Pending":
        # The process that begins ends it, or the server when there is none.
        assert set_state(client, batch, Cancelling()) == "Cancelling"
        assert look(client) == []
    set_state(client, batch, Cancelled())
    assert look(client) == [batch.name]
    assert open_ledger().batches.match(batch.id).status == "cancelled"
    assert counts(batch) == {"completed": 1, "cancelled": 2}
    assert "manifest.json" in delivered(batch)
    assert look(client) == []


def test_what_is_made_while_a_run_is_being_cancelled_arrives(home: Path) -> None:
    batch = plan(parameters(home, shows=2))
    run = BatchRun(batch, Account(), 1)
    try:
        assert run.begin()
        run.delivery.generation_over()  # as soon as the run is told to stop
        run.delivery.run()
        make(run, run.todo()[0].key)  # its last call was under way
        conclude(run)
    finally:
        run.close()
    assert counts(batch) == {"completed": 1, "cancelled": 1}
    assert open_ledger().batches.match(batch.id).status == "cancelled"


def test_a_retry_that_is_cancelled_before_it_begins_leaves_nothing_waiting(
    client: SyncPrefectClient, home: Path
) -> None:
    batch = begun(client, home)
    set_state(client, batch, Cancelled())
    assert look(client) == [batch.name]
    runs, ledger = ClientRuns(client), open_ledger()
    batch = ledger.batches.match(batch.id)
    keys = ledger.batches.keys(batch.id, "cancelled")
    with ledger.database.write() as connection:  # one had failed before
        failed = update(items).where(items.c.batch_id == batch.id, items.c.key == keys[0])
        connection.execute(failed.values(status="failed", error_kind="blocked", attempts=1))
    retry(runs, ledger, batch, ledger.batches.items(batch.id), blocked_too=True)
    assert counts(batch) == {"completed": 1, "pending": 1, "cancelled": 1}
    stop(runs, batch, target_of, "the test")
    assert counts(batch) == {"completed": 1, "cancelled": 2}


def test_a_plan_that_is_cancelled_before_its_review_leaves_nothing(
    client: SyncPrefectClient, home: Path
) -> None:
    batch = begun(client, home, made=False)
    open_ledger().batches.mark(batch.id, status="draft")
    set_state(client, batch, Suspended())
    set_state(client, batch, Cancelled())
    assert look(client) == [batch.name]
    assert counts(batch) == {"cancelled": 3}
    assert not (home / "output").exists() or not list((home / "output").rglob("manifest.json"))


def test_a_batch_that_a_process_still_concludes_is_left_to_it(
    client: SyncPrefectClient, home: Path
) -> None:
    batch = begun(client, home)
    set_state(client, batch, Cancelled())
    lease = Lease(open_ledger(), batch.id)
    assert lease.acquire(0.0)
    assert look(client) == []
    lease.release()
    assert look(client) == [batch.name]


def test_a_run_that_another_server_has_holds_nothing_up(
    client: SyncPrefectClient, home: Path
) -> None:
    plan(parameters(home, title="Of another server"))
    batch = begun(client, home)
    set_state(client, batch, Cancelled())
    assert look(client) == [batch.name]


def test_another_run_in_work_looks(
    client: SyncPrefectClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begun(client, home)
    set_state(client, batch, Cancelled())
    monkeypatch.setattr(cancelled, "LOOK_S", 0.1)
    with cancel.others_concluded():
        until(lambda: open_ledger().batches.match(batch.id).status == "cancelled" or None, 30)
    assert counts(batch) == {"completed": 1, "cancelled": 2}
    assert (open_ledger().batches.match(batch.id).ended_at or 0) > time.time() - 60
