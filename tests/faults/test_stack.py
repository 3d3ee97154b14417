"""The whole stack, killed in short: the flow's process, its worker and the server."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from pressrun.ledger import open_ledger
from tests.faults.stack import Stack, until
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, GEMINI, KEY, delivered, parameters

pytestmark = [pytest.mark.timeout(420), pytest.mark.long]

SHAPE = {"shows": 8, "slides": 3, "text_variations": 1, "concurrency": 2}


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}, latency_s=0.8) as server:
        yield server


def test_a_batch_outlives_its_process_its_worker_and_its_server(
    home: Path, gemini: GeminiServer
) -> None:
    variables = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "PRESSRUN_LIMITS": json.dumps(FAST),
    }
    with ExitStack() as ends:
        stack = ends.enter_context(Stack(home, variables))
        run_id = stack.run(parameters(home, **SHAPE, **GEMINI))
        assert until(lambda: at_work(gemini, run_id))
        stack.kill_flow()  # seen at once by its worker; an automation starts it again
        assert until(lambda: at_work(gemini, run_id, paid=4)), stack.state_of(run_id)
        stack.kill("worker")  # its flow goes on
        stack.kill("server")
        time.sleep(2)
        stack.start("server")
        stack.start("worker")
        assert until(lambda: stack.state_of(run_id) == "Completed", 240), stack.state_of(run_id)
        # The server writes the last states down a second late.
        assert until(lambda: not running(stack, run_id), 20), running(stack, run_id)
    batch = open_ledger().batches.match(str(run_id))
    assert open_ledger().batches.counts(batch.id) == {"completed": 8}
    assert "manifest.json" in delivered(batch)
    assert len(gemini.bill) <= 32 + 3 * 2  # at most those in flight at a death


def running(stack: Stack, run_id: UUID) -> list[str]:
    """Names of the run's task runs that are running, as the server has it."""
    mine = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    with stack.client() as client:
        found = client.read_task_runs(flow_run_filter=mine)
    return [task_run.name for task_run in found if task_run.state_name == "Running"]


def at_work(gemini: GeminiServer, run_id: UUID, paid: int = 0) -> bool:
    counts = open_ledger().batches.counts(str(run_id))
    return bool(gemini.in_flight) and "pending" in counts and len(gemini.bill) >= paid
