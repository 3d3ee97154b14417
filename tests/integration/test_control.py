"""Pause, resume, cancel and retry of a run on a real Prefect server, with a slow provider."""

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.runtime import flow_run
from prefect.states import Running as RunningState
from prefect.states import Suspended

from flows.slideshow_batch import slideshow_batch
from pressrun.batches.machine import machine_id
from pressrun.cli import main
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tasks import watch
from tasks.cancel import conclude_cancelled, end_leftovers
from tasks.generate import generate
from tasks.planning import say, told_in_state
from tasks.watch import watched
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, IMAGE_MODEL, KEY, TEXT_MODEL, delivered, parameters
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}, latency_s=0.4) as server:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("PRESSRUN_LIMITS", '{"gemini-nano-banana-2.1": 6000}')
        settings.cache_clear()
        yield server


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


class Running:
    """A flow run in a thread, as a worker's process would run it."""

    def __init__(self, work: Callable[[], Any]):
        self.ended: list[Any] = []
        self._thread = threading.Thread(target=lambda: self.ended.append(self._caught(work)))
        self._thread.start()

    @staticmethod
    def _caught(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except BaseException as error:  # noqa: BLE001 - Prefect's signals are no errors
            return error

    def join(self) -> Any:
        self._thread.join(60)
        assert self.ended, "The run did not end."
        return self.ended[0]


def start(client: SyncPrefectClient, given: dict[str, Any]) -> Running:
    """Starts a run of a deployment: only such a run can be suspended and resumed."""
    flow_id = client.create_flow_from_name(slideshow_batch.name)
    deployment_id = client.create_deployment(flow_id, "test")
    run_id = client.create_flow_run_from_deployment(deployment_id, parameters=given).id
    return Running(lambda: go_on(client, run_id))


def go_on(client: SyncPrefectClient, run_id: UUID) -> State[Any]:
    flow_run = client.read_flow_run(run_id)
    again = run_flow(slideshow_batch, flow_run, parameters=flow_run.parameters, return_type="state")
    assert isinstance(again, State)
    return again


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def completed() -> int:
    return open_ledger().batches.counts(latest().id).get("completed", 0)


def slow(home: Path, shows: int = 8) -> dict[str, Any]:
    """Items of three paid pictures each, one after another."""
    return parameters(
        home, shows, slides=3, model=GEMINI["model"], text_model="sketch", concurrency=2
    )


def test_a_pause_sends_no_further_call_and_a_resume_pays_for_nothing_twice(
    home: Path, gemini: GeminiServer, client: SyncPrefectClient
) -> None:
    running = start(client, slow(home))
    until(lambda: completed() >= 1)
    batch = latest()
    assert main(["pause", batch.id]) == 0
    paused_at = time.monotonic()
    assert isinstance(running.join(), Pause)
    served = len(gemini.bill)
    assert time.monotonic() - paused_at < 20
    assert served <= 24 - 1
    counts = open_ledger().batches.counts(batch.id)
    assert counts.get("failed", 0) == 0
    assert counts["pending"] >= 1
    assert latest().status == "paused"
    state = client.read_flow_run(UUID(batch.id)).state
    assert state
    assert state.name == "Suspended"
    assert (state.message or "").startswith("Paused by pressrun pause: ")

    assert main(["resume", batch.id]) == 0
    again = Running(lambda: go_on(client, UUID(batch.id)))
    before = completed()
    until(lambda: completed() > before)
    # As Prefect's own page pauses, whose pause fails the run after its time.
    ends_soon: State[Any] = Suspended(timeout_seconds=5)
    client.set_flow_run_state(UUID(batch.id), ends_soon, force=True)
    assert isinstance(again.join(), Pause)
    state = client.read_flow_run(UUID(batch.id)).state
    assert state
    assert (state.name, state.state_details.pause_timeout) == ("Suspended", None)
    said = state.message or ""
    assert re.match(r"Paused by a person: \d of 8 made, \d items? left, \$0\.\d", said), said
    assert said.endswith(f"Resume it on its page, or: pressrun resume {batch.id[:8]}")

    assert main(["resume", batch.id]) == 0
    assert go_on(client, UUID(batch.id)).is_completed()
    assert open_ledger().batches.counts(batch.id) == {"completed": 8}
    assert len(gemini.bill) == 24  # every picture once: those in flight at the pause were kept
    assert {item.attempts for item in open_ledger().batches.items(batch.id)} == {1}


def test_a_run_resumed_too_early_waits_for_the_old_process(
    home: Path, gemini: GeminiServer, client: SyncPrefectClient
) -> None:
    running = start(client, slow(home, 4))
    until(lambda: completed() >= 1)
    run_id = UUID(latest().id)
    client.set_flow_run_state(run_id, Suspended(), force=True)
    client.resume_flow_run(run_id)  # before the first process has noticed anything
    second = Running(lambda: go_on(client, run_id))
    running.join()
    second.join()
    until(lambda: completed() == 4)
    assert len(gemini.bill) == 12


class _Terminal(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_cancelled_batch_keeps_what_is_made_and_reports_the_rest(
    home: Path,
    gemini: GeminiServer,
    client: SyncPrefectClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = start(client, slow(home))
    until(lambda: completed() >= 1)
    run_id = UUID(latest().id)
    assert main(["cancel", str(run_id)]) == 0
    running.join()
    batch, files = latest(), delivered(latest())
    counts = open_ledger().batches.counts(batch.id)
    assert batch.status == "cancelled"
    assert counts["completed"] >= 1
    assert counts["cancelled"] == 8 - counts["completed"]
    assert "manifest.json" in files
    assert client.read_flow_run(run_id).state_name == "Cancelled"

    monkeypatch.setattr("sys.stdin", _Terminal("n\n"))
    assert main(["retry", str(run_id)]) == 2  # nobody pays without a yes
    assert client.read_flow_run(run_id).state_name == "Cancelled"
    assert "It costs about $" in capsys.readouterr().err
    assert main(["retry", str(run_id), "--yes"]) == 0
    assert go_on(client, run_id).is_completed()
    assert len(gemini.bill) == 24


def test_the_hook_concludes_a_batch_whose_process_was_killed(
    home: Path, client: SyncPrefectClient
) -> None:
    slideshow_batch(**parameters(home, shows=3), return_state=True)
    batch, ledger = latest(), open_ledger()
    keys = [item.key for item in ledger.batches.items(batch.id)]
    for key in keys[:2]:  # as a killed process leaves them
        ledger.batches.start(batch.id, key)
    ledger.batches.mark(batch.id, status="running", ended_at=None)
    flow_run = client.read_flow_run(UUID(batch.id))
    for _ in range(2):
        conclude_cancelled(slideshow_batch, flow_run, flow_run.state)  # type: ignore[arg-type]
    assert latest().status == "cancelled"
    assert ledger.batches.counts(batch.id) == {"cancelled": 2, "completed": 1}
    assert b'"cancelled": 2' in delivered(batch)["manifest.json"]


def test_task_runs_that_a_dead_process_left_running_are_put_right(
    home: Path, client: SyncPrefectClient
) -> None:
    slideshow_batch(**parameters(home, shows=1), return_state=True)
    run_id, now = UUID(latest().id), time.time()
    left = [
        client.create_task_run(generate, run_id, f"item-{n}", state=RunningState()) for n in (1, 2)
    ]
    assert end_leftovers(run_id, now - 60) == 0  # they are of a living process
    assert end_leftovers(run_id, now + 60) == 2
    states = [client.read_task_run(task_run.id).state for task_run in left]
    assert [state.name if state else "" for state in states] == ["Crashed", "Crashed"]


def test_a_retry_makes_just_the_items_that_are_named(
    home: Path, gemini: GeminiServer, client: SyncPrefectClient, capsys: pytest.CaptureFixture[str]
) -> None:
    gemini.fail("block_prompt", times=3)
    running = start(client, slow(home, 5) | {"concurrency": 1})
    running.join()
    run_id, batches = UUID(latest().id), open_ledger().batches
    blocked = [item.key for item in batches.items(str(run_id), "failed")]
    assert len(blocked) == 3
    assert main(["retry", str(run_id), "--only", "nothing"]) == 2
    assert "has no item 'nothing'" in capsys.readouterr().err

    assert main(["retry", str(run_id)]) == 0  # a safety block is final
    assert go_on(client, run_id).name == "PartiallyFailed"
    assert [item.key for item in batches.items(str(run_id), "failed")] == blocked

    assert main(["retry", str(run_id), "--only", blocked[1]]) == 0
    go_on(client, run_id)
    assert [item.key for item in batches.items(str(run_id), "failed")] == [blocked[0], blocked[2]]
    assert main(["retry", str(run_id), "--all"]) == 0
    assert go_on(client, run_id).is_completed()
    assert main(["retry", str(run_id)]) == 2
    assert main(["pause", str(run_id)]) == 2
    assert "nothing to stop" in capsys.readouterr().err


def test_items_that_queue_up_for_a_quota_begin_at_its_pace(
    home: Path, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_LIMITS", json.dumps({TEXT_MODEL: 600, IMAGE_MODEL: 6000}))
    settings.cache_clear()
    given = parameters(home, 8, 1, photo_variations=10, concurrency=80, **GEMINI)
    assert slideshow_batch(**given, return_state=True).is_completed()
    begun = sorted(item.started_at or 0.0 for item in open_ledger().batches.items(latest().id))
    assert len(begun) == 80
    # The first forty may be there before a second's worth of them queues up; then a tenth of a
    # second from one to the next, and not the twentieth part of that.
    assert begun[-1] - begun[0] > 2


def test_a_batch_that_keeps_crashing_waits_for_a_person(home: Path) -> None:
    from tasks.crashes import MOST_CRASHES

    state = slideshow_batch(**parameters(home, shows=1), return_state=True)
    assert state.is_completed()
    batch, ledger = latest(), open_ledger()
    ledger.batches.mark(batch.id, crashes=MOST_CRASHES, status="running")
    ledger.leases.acquire(batch.id, "of a dead process", "here", machine_id())
    with get_client(sync_client=True) as client:
        again = go_on(client, UUID(batch.id))
    assert again.name == "TooManyCrashes"
    assert "6 times in a row" in (again.message or "")
    with get_client(sync_client=True) as client:
        assert go_on(client, UUID(batch.id)).is_completed()  # a person's retry begins anew


def test_what_a_plan_waits_for_stands_in_the_runs_state_and_a_pause_meanwhile_holds(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = SyncPrefectClient.read_flow_run

    def state() -> tuple[str, str]:
        found = read(client, UUID(flow_run.id)).state
        assert found is not None
        return str(found.name), found.message or ""

    def paused_just_then(asked: SyncPrefectClient, run_id: UUID) -> Any:
        found = read(asked, run_id)
        client.set_flow_run_state(run_id, Suspended(message="By Ana"), force=True)
        return found

    @flow
    def planned() -> str:
        with told_in_state(lambda: "3 of 100; about 4 min left.", 0.0):
            until(lambda: state() == ("Running", "3 of 100; about 4 min left."))
        assert state() == ("Running", "")
        with monkeypatch.context() as patched:
            patched.setattr(SyncPrefectClient, "read_flow_run", paused_just_then)
            assert not say("4 of 100")
        assert state() == ("Suspended", "By Ana")
        assert not say("5 of 100")
        client.set_flow_run_state(UUID(flow_run.id), RunningState(), force=True)
        return "planned"

    assert planned() == "planned"


def test_a_run_is_read_only_once_a_look_has_found_it_paused(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, readings = SyncPrefectClient.read_flow_run, list[UUID]()

    def counted(asked: SyncPrefectClient, run_id: UUID) -> Any:
        readings.append(run_id)
        return read(asked, run_id)

    @flow
    def looking() -> int:
        mine = UUID(flow_run.id)
        readings.clear()
        with watched(cast("Any", None)):
            time.sleep(1.0)
            before = len(readings)
            client.set_flow_run_state(mine, Suspended(message="By Ana"), force=True)
            until(lambda: "pressrun resume" in str(read(client, mine).state))
        client.set_flow_run_state(mine, RunningState(), force=True)
        return before

    monkeypatch.setattr(watch, "LOOK_S", 0.1)
    monkeypatch.setattr(SyncPrefectClient, "read_flow_run", counted)
    assert looking() == 0
    assert readings
