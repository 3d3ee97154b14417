"""Runs whose process is gone: a worker lets them go on, once, and no others.

The server here has no automations at work, as one that has lost an event.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect import task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectAlreadyExists
from prefect.states import Cancelled, Crashed, Pending, Suspended

from deployments import lost
from deployments.bootstrap import POOL
from flows.image_batch import image_batch
from pressrun.batches.lease import Lease
from pressrun.cli.automations import GOES_ON, automations
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncPrefectClient]:
    monkeypatch.setattr(lost, "_CRASHED", timedelta(0))
    with get_client(sync_client=True) as client:
        for automation in automations():
            if not client.read_automations_by_name(automation.name):
                client.create_automation(automation)
        yield client


def run_in(client: SyncPrefectClient, state: State, status: str = "", pool: str = POOL) -> UUID:
    """A run in a state; where a status is given, the ledger has its batch so."""
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    flow_id = client.create_flow_from_name(image_batch.name)
    deployment = client.create_deployment(
        flow_id, f"images-{pool}", work_pool_name=pool, tags=["pressrun"]
    )
    run = client.create_flow_run_from_deployment(deployment, tags=["pressrun"])
    client.set_flow_run_state(run.id, state, force=True)
    if status:
        batch = Batch(str(run.id), "image", "Test", "/nowhere", str(uuid4()), {}, "draft")
        open_ledger().batches.create(batch, [])
        open_ledger().batches.mark(batch.id, status=status)
    return run.id


def look() -> None:
    """What a worker does at a heartbeat."""

    async def once() -> None:
        async with get_client() as client:
            await lost.schedule_lost(client, POOL)

    asyncio.run(once())


def name_of(client: SyncPrefectClient, run_id: UUID) -> str | None:
    return client.read_flow_run(run_id).state_name


def test_what_crashed_and_is_unfinished_goes_on_and_nothing_that_somebody_stopped(
    client: SyncPrefectClient,
) -> None:
    goes = [run_in(client, Crashed(), "running"), run_in(client, Crashed(), "ready")]
    goes.append(run_in(client, Crashed()))  # it died while it was planned
    stays = {
        run_in(client, Crashed(), "paused"): "Crashed",
        run_in(client, Crashed(), "cancelled"): "Crashed",
        run_in(client, Crashed(), "completed"): "Crashed",
        run_in(client, Suspended(), "running"): "Suspended",
        run_in(client, Cancelled(), "running"): "Cancelled",
        run_in(client, Crashed(), "running", pool="elsewhere"): "Crashed",
    }
    look()
    assert [name_of(client, one) for one in goes] == ["AwaitingRetry"] * 3
    assert {one: name_of(client, one) for one in stays} == stays
    first = client.read_flow_run(goes[0]).state
    look()
    again = client.read_flow_run(goes[0]).state
    assert first == again  # once


def test_a_run_whose_process_lives_or_whose_batch_was_deleted_is_left_alone(
    client: SyncPrefectClient,
) -> None:
    works, deleted = run_in(client, Crashed(), "running"), run_in(client, Crashed())

    @task(name="deliver")
    def deliver() -> None:
        """Delivers nothing."""

    client.create_task_run(deliver, deleted, "0", name="deliver-0a1")
    lease = Lease(open_ledger(), str(works))
    assert lease.acquire(0)
    look()
    assert [name_of(client, one) for one in (works, deleted)] == ["Crashed", "Crashed"]
    lease.release()
    look()
    assert [name_of(client, one) for one in (works, deleted)] == ["AwaitingRetry", "Crashed"]


def test_a_run_whose_worker_died_before_its_process_began_is_asked_for_again(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    begins = run_in(client, Pending(), "partial")  # a retry
    look()
    assert name_of(client, begins) == "Pending"
    monkeypatch.setattr(lost, "_BEGINS", timedelta(0))
    look()
    assert name_of(client, begins) == "AwaitingRetry"


def test_who_has_switched_the_servers_automation_off_decides_himself(
    client: SyncPrefectClient,
) -> None:
    crashed = run_in(client, Crashed(), "running")
    (automation,) = client.read_automations_by_name(GOES_ON)
    client.pause_automation(automation.id)
    look()
    assert name_of(client, crashed) == "Crashed"
    client.resume_automation(automation.id)
    look()
    assert name_of(client, crashed) == "AwaitingRetry"
