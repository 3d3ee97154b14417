"""The whole stack as processes that can be killed: Prefect's server, a worker, a flow's process.

The server keeps its SQLite file and its port over a restart, as a service does; Pressrun's
ledger, sources and deliveries lie in the same folder.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.bootstrap import POOL
from deployments.up import SERVER_SETTINGS
from tests.support.prefect_database import copy_tables

DEPLOYMENT = "slideshow-batch/slideshows"
CHECKOUT = Path(__file__).parents[2]
_START_S = 120.0


class Stack:
    """A server with Pressrun set up on it, and a worker.

    Args:
        home: Folder of everything.
        variables: For the flow's processes, besides those that name the server.
    """

    def __init__(self, home: Path, variables: Mapping[str, str]):
        self._home = home
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}/api"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        self._environment = clean | {
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            **SERVER_SETTINGS,
            **variables,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Stack":
        copy_tables(self._home / "prefect" / "prefect.db")
        self.start("server")
        subprocess.run(
            [sys.executable, "-m", "deployments.bootstrap"],
            cwd=CHECKOUT,
            env=self._environment,
            check=True,
        )
        self.start("worker")
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill_flow()
        for name in ("worker", "server"):
            self.kill(name)

    def start(self, name: str) -> None:
        """Starts the server or the worker, as a service manager does after its death."""
        arguments = {
            "server": ["server", "start", "--port", str(self._port)],
            "worker": ["worker", "start", "--pool", POOL],
        }[name]
        with (self._home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *arguments],
                cwd=CHECKOUT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes[name] = process
        if name == "server" and not until(self._is_healthy):
            raise RuntimeError(f"Prefect's server did not start: {self._home}/server.log")

    def kill(self, name: str) -> None:
        """SIGKILL of the server, with its own children, or of the worker alone."""
        if process := self._processes.pop(name, None):
            children = psutil.Process(process.pid).children(recursive=True)
            _kill(*(children if name == "server" else ()))
            process.kill()
            process.wait()

    def stop(self, name: str) -> None:
        """SIGTERM, as a service manager stops it; SIGKILL if it does not end."""
        process = self._processes.pop(name)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        if process.poll() is None:
            process.kill()
            process.wait()

    def kill_flow(self) -> bool:
        """SIGKILL of the flow's process; False if none is at work."""
        found = self.flows()
        _kill(*found)
        return bool(found)

    def flows(self) -> list[psutil.Process]:
        """The processes that run flows against this server, also those of a dead worker."""
        return [process for process in psutil.process_iter() if self._is_flow(process)]

    def run(self, parameters: Mapping[str, Any]) -> UUID:
        """Starts a batch; returns the flow run's id, which is the batch's."""
        with self.client() as client:
            deployment = client.read_deployment_by_name(DEPLOYMENT)
            return client.create_flow_run_from_deployment(
                deployment.id, parameters=dict(parameters)
            ).id

    def state_of(self, run_id: UUID) -> str:
        """The name of a run's state; empty while the server does not answer."""
        with suppress(httpx.HTTPError), self.client() as client:
            return client.read_flow_run(run_id).state_name or ""
        return ""

    def client(self) -> SyncPrefectClient:
        """A client of the server."""
        with temporary_settings({PREFECT_API_URL: self.url}):
            return get_client(sync_client=True)

    def _is_flow(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            told = process.environ()
            return "PREFECT__FLOW_RUN_ID" in told and told.get("PREFECT_API_URL") == self.url
        return False

    def _is_healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=2).is_success
        return False


def until(look: Callable[[], bool], patience_s: float = _START_S) -> bool:
    """Waits until something is so; tells whether it became so in time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _kill(*processes: psutil.Process) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
