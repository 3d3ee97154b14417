"""``make up`` under a batch in work: its server killed, and everything killed and started again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deployments.up import GIVES_WAY
from tests.e2e.conftest import Up, running_up
from tests.faults.stack import until
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, GEMINI, KEY, parameters
from tests.support.prefect_database import copy_tables

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}, latency_s=2) as server:
        yield server


@pytest.fixture
def variables(home: Path, gemini: GeminiServer) -> dict[str, str]:
    copy_tables(home / "prefect" / "prefect.db")
    return {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "PRESSRUN_LIMITS": json.dumps(FAST),
    }


def test_a_killed_server_is_started_again_and_desk_and_batch_go_on(
    home: Path, gemini: GeminiServer, variables: dict[str, str]
) -> None:
    with running_up(home, variables) as up:
        run_id = begun(up, gemini, parameters(home, shows=10, **GEMINI, concurrency=2))
        works = process_of(up, "PREFECT__FLOW_RUN_ID")
        server = next(one for one in children(up) if "server" in one.cmdline())
        desk = next(one for one in children(up) if "pressrun.desk" in one.cmdline())
        server.kill()
        assert until(lambda: "The Prefect server is started again." in up.said.read_text(), 30)
        anew = next(one for one in children(up) if "server" in one.cmdline())
        assert until(lambda: anew.nice() == GIVES_WAY, 120)  # healthy again
        assert desk.is_running()
        assert httpx.get(f"{desk_url(up)}/health", timeout=10).is_success
        assert works.is_running()
        assert until(lambda: state(up, run_id) == "Completed", 240), up.said.read_text()
        said = up.said.read_text()
    assert "(SIGKILL)" in said
    assert len(gemini.bill) == 10 * 3  # by one process: nothing was asked again


def test_a_batch_goes_on_by_itself_when_all_was_killed_and_is_started_again(
    home: Path, gemini: GeminiServer, variables: dict[str, str]
) -> None:
    with running_up(home, variables) as up:
        run_id = begun(up, gemini, parameters(home, shows=10, **GEMINI, concurrency=2))
        for process in [psutil.Process(up.process.pid), *children(up)]:
            process.kill()
        up.process.wait()
    paid = len(gemini.bill)
    with running_up(home, variables) as up:
        seen = set[str]()
        assert until(lambda: noted(seen, state(up, run_id)) == "Completed", 300), seen
    assert "Crashed" in seen
    assert 0 < paid < len(gemini.bill) <= 10 * 3 + 2  # at most those in flight


def begun(up: Up, gemini: GeminiServer, given: dict[str, Any]) -> str:
    """Starts a batch; gives its id when it is at work."""
    found = up.ask("GET", "deployments/name/slideshow-batch/slideshows").json()
    asked = {"parameters": given, "state": {"type": "SCHEDULED"}}
    run = up.ask("POST", f"deployments/{found['id']}/create_flow_run", json=asked).json()
    assert until(lambda: len(gemini.bill) >= 4, 120), up.log.read_text()[-3000:]
    return str(run["id"])


def state(up: Up, run_id: str) -> str:
    """The name of a run's state; empty while the server does not answer."""
    try:
        return str(up.ask("GET", f"flow_runs/{run_id}").json()["state"]["name"])
    except (httpx.HTTPError, KeyError, ValueError):
        return ""


def noted(seen: set[str], name: str) -> str:
    seen.add(name)
    return name


def children(up: Up) -> list[psutil.Process]:
    return psutil.Process(up.process.pid).children(recursive=True)


def process_of(up: Up, variable: str) -> psutil.Process:
    return next(one for one in children(up) if variable in one.environ())


def desk_url(up: Up) -> str:
    return up.link.partition("/sign-in")[0]
