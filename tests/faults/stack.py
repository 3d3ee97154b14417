"""The whole stack as processes that can be killed: Prefect's server, workers, flows' processes.

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
from deployments.up import SERVER_SETTINGS, STOP_S
from tests.support.prefect_database import copy_tables

DEPLOYMENT = "slideshow-batch/slideshows"
CHECKOUT = Path(__file__).parents[2]
#: A server that makes its tables on PostgreSQL takes minutes on a busy machine.
_START_S = 300.0


class Stack:
    """A server with Pressrun set up on it, and workers.

    Args:
        home: Folder of everything.
        variables: For the flow's processes, besides those that name the server.
        workers: Their names, and further variables of each one.
        database: Of the server, as SQLAlchemy names it; SQLite if none is given.
    """

    def __init__(
        self,
        home: Path,
        variables: Mapping[str, str],
        workers: Mapping[str, Mapping[str, str]] | None = None,
        database: str = "",
    ):
        self._home, self._workers = home, workers or {"worker": {}}
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
        if database:
            self._environment["PREFECT_API_DATABASE_CONNECTION_URL"] = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Stack":
        if "PREFECT_API_DATABASE_CONNECTION_URL" not in self._environment:
            copy_tables(self._home / "prefect" / "prefect.db")
        self.start("server")
        subprocess.run(
            [sys.executable, "-m", "deployments.bootstrap"],
            cwd=CHECKOUT,
            env=self._environment,
            check=True,
        )
        for worker in self._workers:
            self.start(worker)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill_flow()
        for name in (*self._workers, "server"):
            self.kill(name)

    def start(self, name: str) -> None:
        """Starts the server or a worker, as a service manager does after its death."""
        serve, work = ["server", "start", "--port", str(self._port)], ["worker", "start"]
        arguments = serve if name == "server" else [*work, "--pool", POOL, "--name", name]
        with (self._home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *arguments],
                cwd=CHECKOUT,
                env={**self._environment, **self._workers.get(name, {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes[name] = process
        if name == "server" and not until(self._is_healthy):
            raise RuntimeError(f"Prefect's server did not start: {self._home}/server.log")

    def kill(self, name: str) -> None:
        """SIGKILL of the server, with its own children, or of a worker alone."""
        if process := self._processes.pop(name, None):
            children = psutil.Process(process.pid).children(recursive=True)
            _kill(*(children if name == "server" else ()))
            process.kill()
            process.wait()

    def terminate(self, name: str) -> None:
        """SIGTERM; its end is not waited for."""
        self._processes[name].terminate()

    def stop(self, name: str) -> None:
        """SIGTERM, as a service manager stops it; SIGKILL if it does not end."""
        if name in self._processes:
            self.terminate(name)
            self.wait(name)

    def wait(self, name: str) -> None:
        """Waits for the end of what was told to end; SIGKILL if it does not."""
        process = self._processes.pop(name)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        if process.poll() is None:
            process.kill()
            process.wait()

    def kill_flow(self, worker: str = "") -> bool:
        """SIGKILL of the flow's process; False if none is at work."""
        found = self.flows(worker)
        _kill(*found)
        return bool(found)

    def flows(self, worker: str = "") -> list[psutil.Process]:
        """The processes that run flows against this server, also those of a dead worker.

        Args:
            worker: Only its own, known by its variables.
        """
        own = dict(self._workers.get(worker, {}))
        return [process for process in psutil.process_iter() if self._is_flow(process, own)]

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

    def _is_flow(self, process: psutil.Process, own: Mapping[str, str]) -> bool:
        with suppress(psutil.Error):
            told = process.environ()
            mine = {"PREFECT_API_URL": self.url, **own}.items() <= told.items()
            return mine and "PREFECT__FLOW_RUN_ID" in told
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
