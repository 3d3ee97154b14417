"""The desk's questions to Prefect's server, asked of a real one."""

import io
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, LogCreate
from prefect.client.schemas.objects import State, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling, Completed, Crashed, Failed, Paused, Running, Scheduled
from starlette.testclient import TestClient

from flows.image_batch import image_batch
from pressrun.batches import control
from pressrun.batches.control import RunState
from pressrun.batches.lease import Lease
from pressrun.batches.uploads import find_named, open_uploads
from pressrun.blocks import ResultStore
from pressrun.cli import main, uploads
from pressrun.desk.__main__ import clean_uploads
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.server import Begun, PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.errors import InputError
from pressrun.kinds.registry import find_kind
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, PlannedItem
from tests.support.waiting import until

ADDRESS = "http://127.0.0.1:4300"
_FAILED = "Flow run encountered an exception: InputError: No link can be used."

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def server() -> Iterator[PrefectServer]:
    server = PrefectServer(PREFECT_API_URL.value() or os.environ["PREFECT_API_URL"])
    yield server
    server.close()


def begin(client: SyncPrefectClient, state: State | None = None, title: str = "") -> Batch:
    """A run of a deployment, in a state."""
    flow_id = client.create_flow_from_name(image_batch.name)
    deployment_id = client.create_deployment(flow_id, "images")
    parameters = {"title": title} if title else {}
    run = client.create_flow_run_from_deployment(
        deployment_id,
        parameters=parameters,
        state=state if state and state.is_scheduled() else Scheduled(),
    )
    if state and not state.is_scheduled():
        client.set_flow_run_state(run.id, state, force=True)
    return Batch(str(run.id), "image", title, "/out", "root", {}, "running")


def test_what_waits_at_the_server_names_uploads(
    client: SyncPrefectClient, server: PrefectServer, home: Path
) -> None:
    scheduled, due, over = (f"{letter * 64}" for letter in "abc")
    schedule = DeploymentScheduleCreate(
        schedule=CronSchedule(cron="0 6 * * 1"),
        parameters={"file": f"upload:{scheduled}/list.txt"},
    )
    flow_id = client.create_flow_from_name(image_batch.name)
    client.create_deployment(flow_id, "weekly", schedules=[schedule])
    begin(client, title=f"upload:{due}/a")
    begin(client, Completed(), title=f"upload:{over}/a")
    for ask in (server.rows, uploads._ask_server):
        named = find_named(open_ledger(), ask)
        assert named >= {scheduled, due}
        assert over not in named


def test_the_desk_cleans_uploads_and_tries_again_where_it_cannot_ask(
    server: PrefectServer, home: Path
) -> None:
    kept = open_uploads()
    upload = kept.put("list.txt", io.BytesIO(b"a cat"))
    place = home / "data" / "uploads" / upload.sha256[:2] / upload.sha256
    os.utime(place, (1.0, 1.0))
    closed = PrefectServer("http://127.0.0.1:1/api")
    door, names = Door(SignIns("a:b")), Names.of("")
    assert clean_uploads(Desk(open_ledger, closed, door, names)) < 3600
    assert place.exists()
    assert clean_uploads(Desk(open_ledger, server, door, names)) > 3600
    assert not place.exists()
    closed.close()


def test_a_run_is_paused_resumed_cancelled_and_begun_again(
    client: SyncPrefectClient, server: PrefectServer
) -> None:
    batch = begin(client, Running())
    assert server.state(batch.id) == RunState("RUNNING", "Running")
    control.pause(server, open_ledger(), batch, "a test")
    paused = client.read_flow_run(UUID(batch.id)).state
    assert paused is not None
    assert (paused.name, paused.message) == ("Suspended", "Paused by a test.")
    assert paused.state_details.pause_timeout is None  # it holds until somebody resumes it
    assert paused.state_details.pause_reschedule
    control.resume(server, batch)
    resumed = client.read_flow_run(UUID(batch.id)).state
    assert resumed is not None
    assert resumed.is_scheduled()
    server.cancel(batch.id, "No process works on it.", at_once=False)
    assert server.state(batch.id) == RunState("CANCELLED", "Cancelled")
    with pytest.raises(InputError, match="The run has ended"):
        control.pause(server, open_ledger(), batch, "a test")
    control.resume(server, batch)
    again = client.read_flow_run(UUID(batch.id)).state
    assert again is not None
    assert again.name == "AwaitingRetry"
    working = begin(client, Running())
    lease = Lease(open_ledger(), working.id)
    assert lease.acquire(0)
    assert control.cancel(server, working, lambda _: None, "a test") is False
    lease.release()
    assert server.state(working.id) == RunState("CANCELLING", "Cancelling")


def test_a_run_is_cancelled_before_its_batch_is_planned(
    client: SyncPrefectClient, server: PrefectServer, home: Path
) -> None:
    waiting, working = begin(client).id, begin(client, Running()).id
    door, names = Door(SignIns("a:long-password")), Names.of("", ADDRESS)
    app = create_app(Desk(open_ledger, server, door, names))
    with TestClient(app, base_url=ADDRESS) as browser:
        sent: dict[str, Any] = {"headers": {"Origin": ADDRESS}}
        browser.post("/sign-in", data={"password": "long-password"}, **sent)
        assert f'href="/batches/{working}/do/cancel"' in browser.get(f"/batches/{working}").text
        assert "no picture is paid" in browser.get(f"/batches/{working}/do/cancel").text
        assert browser.post(f"/batches/{working}/do/pause", **sent).status_code == 400
        assert "Is being planned" in browser.get("/").text
        for run in (waiting, working):
            answer = browser.post(f"/batches/{run}/do/cancel", follow_redirects=False, **sent)
            assert answer.status_code == 303
        assert [server.run(run).type for run in (waiting, working)] == ["CANCELLED", "CANCELLING"]
        assert "End it now" in browser.get(f"/batches/{working}").text  # its process is gone
        assert "has not ended yet" in browser.get(f"/batches/{working}/do/cancel").text
        browser.post(f"/batches/{working}/do/cancel", follow_redirects=False, **sent)
        assert server.run(working).type == "CANCELLED"
        ended = browser.get(f"/batches/{working}").text
        assert ("/do/cancel" in ended, "Mend it as a draft" in ended) == (False, True)
        assert browser.post(f"/batches/{working}/do/cancel", **sent).status_code == 400
        assert "there is nothing to cancel" in browser.get(f"/batches/{working}/do/cancel").text
        died = begin(client, Crashed()).id
        assert "Goes on by itself" in browser.get(f"/batches/{died}").text
        browser.post(f"/batches/{died}/do/cancel", follow_redirects=False, **sent)
        assert server.run(died).type == "CANCELLED"
    third = begin(client).id
    assert main(["cancel", third]) == 0
    assert client.read_flow_run(UUID(third)).state_type == StateType.CANCELLED
    assert main(["cancel", str(uuid4())]) == 2  # a run of which nobody knows


def test_the_page_of_a_batch_follows_its_process_to_the_end_and_to_a_new_beginning(
    client: SyncPrefectClient, server: PrefectServer, home: Path
) -> None:
    batch, ledger = begin(client, Running()), open_ledger()
    planned = PlannedItem("a", 1, "A", {"prompt": "A mug"})
    ledger.batches.create(replace(batch, status="draft"), [planned])
    ledger.batches.cancel(batch.id)
    app = create_app(
        Desk(open_ledger, server, Door(SignIns("a:long-password")), Names.of("", ADDRESS))
    )
    with TestClient(app, base_url=ADDRESS) as browser:
        sent: dict[str, Any] = {"headers": {"Origin": ADDRESS}}
        browser.post("/sign-in", data={"password": "long-password"}, **sent)

        def shows(*words: str) -> str | None:
            page = browser.get(f"/batches/{batch.id}").text
            return page if all(one in page for one in words) else None

        # Its process has just ended it, and has still to say so: nothing is left to pause.
        ledger.batches.mark(batch.id, status="partial", ended_at=time.time() + 60)
        ends = until(lambda: shows("Ended, not all is made", 'data-every="2"'))
        assert "/do/" not in ends
        # It had ended before this process began: a retry.
        ledger.batches.mark(batch.id, ended_at=time.time() - 3600)
        assert "/do/pause" in until(lambda: shows("Starts", "Its process begins."))
        client.set_flow_run_state(UUID(batch.id), Failed(), force=True)
        assert "/do/pause" not in until(lambda: shows("/do/retry"))


def test_a_process_that_does_not_end_is_left_behind_by_cancelling_once_more() -> None:
    class Runs:
        def __init__(self, now: str):
            self.now, self.sent = now, list[bool]()

        def state(self, _: str) -> RunState:
            return RunState(self.now, self.now.capitalize())

        def cancel(self, _: str, message: str, *, at_once: bool) -> None:
            assert message == "Cancelled by a test."
            self.sent.append(at_once)

    for now, at_once in (("RUNNING", False), ("PENDING", False), ("CANCELLING", True),
                         ("SCHEDULED", True), ("PAUSED", True)):  # fmt: skip
        runs = Runs(now)
        assert control.cancel_unplanned(runs, "a-run", "a test") is at_once  # type: ignore[arg-type]
        assert runs.sent == [at_once], now
    with pytest.raises(InputError, match="nothing to stop"):
        control.cancel_unplanned(Runs("FAILED"), "a-run", "a test")  # type: ignore[arg-type]


def test_what_waits_for_an_answer_is_not_resumed(
    client: SyncPrefectClient, server: PrefectServer
) -> None:
    asking: State = Paused(timeout_seconds=600)
    asking.state_details.run_input_keyset = {"description": "d", "response": "r", "schema": "s"}
    batch = begin(client, asking)
    state = server.state(batch.id)
    assert state is not None
    assert state.asks
    with pytest.raises(InputError, match="waits for its review"):
        control.resume(server, batch)


def test_runs_that_are_due_or_in_work_are_listed(
    client: SyncPrefectClient, server: PrefectServer
) -> None:
    waiting, working = begin(client, title="Waiting"), begin(client, Running(), "Working")
    over = begin(client, Completed())
    later = begin(client, Scheduled(scheduled_time=datetime.now(UTC) + timedelta(hours=3)))
    refused = begin(client, Failed(message=_FAILED), "Refused")
    stopping = begin(client, Cancelling(), "Stopping")
    listed = server.begun({image_batch.name: "image"})
    found = {run.id: (run.title, run.type, run.message) for run in listed}
    assert {(run.kind, run.began_at > time.time() - 600) for run in listed} == {("image", True)}
    assert found[stopping.id][1] == "CANCELLED"  # without a process, the server ends it at once
    assert Begun("", "", "CANCELLING", "", "").words == "Is being cancelled"
    assert found[waiting.id] == ("Waiting", "SCHEDULED", "")
    assert found[working.id][:2] == ("Working", "RUNNING")
    assert found[refused.id] == ("Refused", "FAILED", "No link can be used.")
    assert over.id in found
    assert later.id not in found
    assert server.begun({"none-of-ours": "image"}) == []


def test_forms_are_found_and_what_is_not_there_is_said(
    client: SyncPrefectClient, server: PrefectServer
) -> None:
    begin(client)
    deployment = client.read_deployment_by_name(f"{image_batch.name}/images")
    assert server.form_page(find_kind("image").deployment).endswith(
        f"/deployments/deployment/{deployment.id}/run"
    )
    for ask in (lambda: server.state(str(uuid4())), lambda: server.form_page("no-flow/none"),
                lambda: server.state("../../admin/version"), server.has_worker):  # fmt: skip
        with pytest.raises((InputError, ServerAway)):
            ask()


def test_a_batch_is_started_once_as_the_form_would_and_read_before_it_is_planned(
    client: SyncPrefectClient, server: PrefectServer
) -> None:
    deployment = find_kind("image").deployment
    block = ResultStore(destination="/out").save("shop", overwrite=True)
    (saved,) = (one for one in server.saved("result-store") if one.name == "shop")
    assert saved.id == str(block)
    given = {"prompts": "a mug", "store": {"$ref": {"block_document_id": saved.id}}, "title": "Mug"}
    begin(client)  # registers the deployment
    run_id = server.start(deployment, given, "a-key")
    assert server.start(deployment, given, "a-key") == run_id
    assert server.given(run_id) == (image_batch.name, given)
    run = server.run(run_id)
    assert (run.title, run.type) == ("Mug", "SCHEDULED")
    assert server.last_words(run_id) == ""
    client.create_logs(
        [
            LogCreate(name="n", level=level, message=said, timestamp=at, flow_run_id=UUID(run_id))
            for level, said, at in (
                (20, "12 of 98", datetime.now(UTC)),
                (20, "1 of 98", datetime.now(UTC) - timedelta(seconds=9)),
                (10, "a detail", datetime.now(UTC) + timedelta(seconds=1)),
                (
                    20,
                    "Deployment step 'set_working_directory' completed successfully",
                    datetime.now(UTC) + timedelta(seconds=1),
                ),
                (20, "Beginning flow run 'x'", datetime.now(UTC) + timedelta(seconds=1)),
            )
        ]
    )
    assert server.last_words(run_id) == "12 of 98"
