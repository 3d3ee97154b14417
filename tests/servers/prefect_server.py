"""A real Prefect server on SQLite in a process of its own, for benchmarks and fault tests.

Prefect is not imported here: who does so after the start finds the server in the environment. The
server gives way to the runs beside it and writes states down many at once, as that of ``make up``.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from deployments.access import guarded
from deployments.up import SERVER_SETTINGS, give_way, prefect_process
from tests.support.prefect_database import copy_tables

START_S = 120


@contextmanager
def prefect_server(
    folder: Path, login: str = "", settings: Mapping[str, str] = SERVER_SETTINGS
) -> Iterator[str]:
    """Runs the server with its database in ``folder``; gives its API's URL.

    Args:
        folder: Of the database, which the server makes.
        login: Guards it as that of ``make up`` is.
        settings: As variables. Only with those of ``make up`` does it give way to the runs.
    """
    copy_tables(folder / "prefect.db")
    port = _free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment = clean | {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        **settings,
    }
    if login:
        environment = guarded(environment, f"http://127.0.0.1:{port}", login)
    arguments = ["server", "start", "--port", str(port)]
    with (
        (folder / "server.log").open("ab") as log,
        prefect_process(arguments, log, environment) as process,
    ):
        _wait_until_healthy(f"http://127.0.0.1:{port}/api/health", process, folder)
        if settings is SERVER_SETTINGS:
            give_way(process)
        yield f"http://127.0.0.1:{port}/api"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"Prefect's server did not start:\n{(folder / 'server.log').read_text()}")
