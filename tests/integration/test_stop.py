"""A flow's process that gets SIGTERM, on a real Prefect server and with a slow provider."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow
from prefect.settings import get_current_settings

from flows.slideshow_batch import slideshow_batch
from pressrun.batches.lease import is_held
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tests.faults.stack import CHECKOUT
from tests.servers.gemini import GeminiServer
from tests.support.batches import GEMINI, KEY, delivered, parameters
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")
CALLS = 4 * 3


@contextmanager
def provider(monkeypatch: pytest.MonkeyPatch, latency_s: float) -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}, latency_s=latency_s) as server:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("PRESSRUN_LIMITS", '{"gemini-nano-banana-2.1": 6000}')
        settings.cache_clear()
        yield server


@contextmanager
def process(home: Path, given: dict[str, Any]) -> Iterator["subprocess.Popen[str]"]:
    """A process that works on a run of the flow, as a worker's does."""
    url = get_current_settings().api.url
    assert url
    with (home / "flow.log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.flow_process"],
            cwd=CHECKOUT,
            env=os.environ | {"PREFECT_API_URL": url},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert started.stdin
            assert started.stdout
            started.stdin.write(f"{json.dumps(given)}\n\n")
            started.stdin.flush()
            started.stdout.readline()
            yield started
        finally:
            started.kill()
            started.communicate()


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def state_of(run_id: str) -> tuple[str, str]:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(UUID(run_id)).state
    assert state
    return state.name or "", state.message or ""


def go_on(run_id: str) -> Any:
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(run_id))
    return run_flow(slideshow_batch, run, parameters=run.parameters, return_type="state")


def slow(home: Path) -> dict[str, Any]:
    """Items of three paid pictures each, one after another."""
    given = {"model": GEMINI["model"], "text_model": "sketch", "concurrency": 2}
    return parameters(home, 4, slides=3, **given)


def ended(flow: "subprocess.Popen[str]", within_s: float, log: Callable[[], str]) -> float:
    """Seconds until it ends."""
    begun = time.monotonic()
    flow.wait(within_s)
    assert flow.returncode == 0, log()
    return time.monotonic() - begun


def test_a_stopped_run_lets_its_calls_end_and_pays_for_nothing_twice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider(monkeypatch, 1.0) as gemini:
        with process(home, slow(home)) as flow:
            until(lambda: len(gemini.bill) >= 2)
            # A service manager tells every process of a group, and the worker tells it once more.
            for _ in range(2):
                flow.send_signal(signal.SIGTERM)
                time.sleep(0.5)
            ended(flow, 60, (home / "flow.log").read_text)
            paid, batch = len(gemini.bill), latest()
        assert 2 <= paid < CALLS
        assert not gemini.in_flight
        name, message = state_of(batch.id)
        assert name == "AwaitingRetry"
        assert "Its worker was stopped" in message
        assert not is_held(open_ledger(), batch.id)
        assert "processing" not in open_ledger().batches.counts(batch.id)
        (wait,) = open_ledger().waits.read(batch.id, time.time())
        assert "Its worker was stopped" in wait.reason
        assert go_on(batch.id).is_completed()
        assert len(gemini.bill) == CALLS
    assert open_ledger().waits.read(batch.id, time.time()) == []
    assert open_ledger().batches.match("latest").crashes == 0
    assert "manifest.json" in delivered(batch)


@pytest.mark.long
def test_a_second_signal_ends_it_at_once_and_keeps_what_is_paid(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider(monkeypatch, 1.0) as gemini:
        with process(home, slow(home)) as flow:
            until(lambda: len(gemini.bill) >= 2)
            gemini.fail("hang", times=100)
            until(lambda: gemini.in_flight == 2)
            time.sleep(1.5)  # so that both are those that hang
            paid = len(gemini.bill)
            flow.send_signal(signal.SIGTERM)
            time.sleep(4)  # sooner, it would be the same stop
            flow.send_signal(signal.SIGTERM)
            ended(flow, 25, (home / "flow.log").read_text)
            batch = latest()
        assert state_of(batch.id)[0] == "AwaitingRetry"
        assert not is_held(open_ledger(), batch.id)
        gemini.reset()
        assert go_on(batch.id).is_completed()
        assert len(gemini.bill) == CALLS - paid
