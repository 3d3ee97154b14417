"""The whole of ``make up`` on a port of its own, as a person starts and stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Up:
    """A running ``make up``."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    log: Path

    def prefect(self, *arguments: str) -> str:
        """Runs Prefect's command line against it; returns what it prints."""
        return subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            env=self.environment | {"PREFECT_API_URL": f"{self.url}/api"},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def wait_for_run(self, run_id: str, timeout_s: float = 90) -> dict[str, object]:
        """The flow run's state once it is final."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            state: dict[str, object] = httpx.get(f"{self.url}/api/flow_runs/{run_id}").json()[
                "state"
            ]
            if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                return state
            time.sleep(0.3)
        raise AssertionError(f"{run_id} did not end:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PRESSRUN_DATA": str(folder / "data"),
        "PRESSRUN_OUTPUT": str(folder / "output"),
        "PRESSRUN_PORT": str(port),
    }
    with (folder / "up.out").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "deployments.up"],
            cwd=CHECKOUT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
        )
        up = Up(f"http://127.0.0.1:{port}", environment, process, folder / "data/logs/up.log")
        try:
            _wait_until_ready(folder / "up.out", process)
            yield up
        finally:
            left = psutil.Process(process.pid).children(recursive=True) if _lives(process) else []
            if _lives(process):
                up.stop()
            for child in left:
                if child.is_running():
                    child.kill()


def _lives(process: subprocess.Popen[str]) -> bool:
    return process.poll() is None


def _wait_until_ready(said: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 110
    while time.monotonic() < deadline and _lives(process):
        if "Pressrun is up." in said.read_text():
            return
        time.sleep(0.2)
    raise AssertionError(f"make up did not get ready:\n{said.read_text()}")
