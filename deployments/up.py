"""``make up``, ``pressrun-up``: the desk, a Prefect server and a worker here, until Ctrl-C.

For one person on one machine; the server keeps its records in SQLite. PRESSRUN_PORT chooses another
port than 4200 for the server, PRESSRUN_DESK_PORT another than 4300 for the desk.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import IO

import httpx

from deployments.access import ASKED, SAID, close_to_others, guarded, keep_login
from deployments.restarted import RestartedProcess
from pressrun.boundary.files import make_private, restrict_new_files
from pressrun.boundary.telemetry.logs import begin_json
from pressrun.desk.sign_in import LINK
from pressrun.errors import SettingError
from pressrun.settings import settings

HOST = "127.0.0.1"
#: Ten seconds on a quiet machine; it ends at once where the process does.
START_S = 300
#: A worker lets its runs end for 45 s (``deployments/worker.py``).
STOP_S = 60
#: The server's niceness: its records may be late, the calls of runs beside it must not.
GIVES_WAY = 10
#: The server records the states of many task runs together, a second late at most: one by one they
#: cost nearly twice the processor time (decision 19). Values in the environment override these.
SERVER_SETTINGS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}


def main() -> int:
    """Runs until a signal asks to stop, or until the server or the worker keeps ending."""
    restrict_new_files()
    try:
        port, desk_port = int(os.environ.get("PRESSRUN_PORT", "4200")), settings().desk_port
        begin_json()
    except SettingError as error:
        print(error)
        return 1
    for name, asked in (("PRESSRUN_PORT", port), ("PRESSRUN_DESK_PORT", desk_port)):
        if _taken(asked):
            print(
                f"Port {asked} is in use. Stop what uses it, or set {name}={asked + 1} before this."
            )
            return 1
    _close_what_exists()
    url = f"http://{HOST}:{port}"
    os.environ["PREFECT_API_URL"] = f"{url}/api"
    # For what runs write into Prefect: their links lead to the desk.
    desk_url = os.environ.setdefault("PRESSRUN_DESK_URL", f"http://{HOST}:{desk_port}")
    open_home()
    given = os.environ.get(ASKED) or os.environ.get(SAID)
    login = given or keep_login(settings().login)
    os.environ.setdefault(SAID, login)  # for what is registered, the worker and its runs
    # SIGINT too: a process that a script started in the background inherits it as ignored.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _interrupt)
    with ExitStack() as stack:
        try:
            logs = stack.enter_context(_logs())
            print("Starting the Prefect server …", flush=True)
            environment = guarded(SERVER_SETTINGS | os.environ, url, login)
            server = _kept_server(stack.enter_context(ExitStack()), port, logs, environment)
            _wait_until_healthy(f"{url}/api/health", server.process, logs.name, "Prefect server")
            link = secrets.token_urlsafe(24)
            links = iter([{LINK: link}])  # a desk that is started again has none: it was for once
            desk = RestartedProcess(
                "desk",
                lambda: stack.enter_context(desk_process(logs, os.environ | next(links, {}))),
                logs.name,
                _tell,
            )
            print("Registering blocks and deployments …", flush=True)
            from deployments.bootstrap import POOL, bootstrap  # noqa: PLC0415 - reads the URL

            bootstrap()
            started = ["worker", "start", "--pool", POOL]
            worker = RestartedProcess(
                "worker",
                lambda: stack.enter_context(prefect_process(started, logs, os.environ)),
                logs.name,
                _tell,
            )
            _wait_until_healthy(
                f"http://{HOST}:{desk_port}/health", desk.process, logs.name, "desk"
            )
            _print_ready(f"{desk_url}/sign-in#{link}", url, logs.name, given=bool(given))
            _watch(server, f"{url}/api/health", worker, desk)
        except KeyboardInterrupt:
            print("\nStopping: calls under way end, at most 30 s; Ctrl-C again ends at once.")
            sys.stdout.flush()
            return 0
        return 1


def _kept_server(
    ends: ExitStack, port: int, logs: IO[bytes], environment: Mapping[str, str]
) -> RestartedProcess:
    """Starts the server, which is started again where it ends: runs outlast that.

    Args:
        ends: Ends it. What one that ended has left, and with it the port, is free before the next.
        port: Its port.
        logs: Where it writes.
        environment: Of the process.
    """
    arguments = ["server", "start", "--host", HOST, "--port", str(port)]

    def start() -> subprocess.Popen[bytes]:
        ends.close()
        return ends.enter_context(prefect_process(arguments, logs, environment))

    return RestartedProcess("Prefect server", start, logs.name, _tell)


def _watch(
    server: RestartedProcess, health: str, worker: RestartedProcess, desk: RestartedProcess
) -> None:
    """Waits until the server or the worker keeps ending; batches go on without the desk."""
    gave_way = None
    while server.look() and worker.look():
        desk.look()
        if server.process is not gave_way and server.process and _is_healthy(health):
            gave_way = server.process
            give_way(gave_way)
        time.sleep(0.5)


def _tell(words: str) -> None:
    print(words, flush=True)


def open_home() -> None:
    """Lets runs also read from and deliver into the home folder of who starts this."""
    from pressrun.boundary.files import default_roots  # noqa: PLC0415

    roots = os.pathsep.join(map(str, [*default_roots(), Path.home()]))
    for variable in ("PRESSRUN_INPUT_ROOTS", "PRESSRUN_OUTPUT_ROOTS"):
        os.environ[variable] = os.environ.get(variable) or roots


def give_way(server: subprocess.Popen[bytes]) -> None:
    """Lowers the priority of a started server, which leads a process group, below that of runs.

    Only after its start, which would otherwise take minutes on a busy machine (decision 18).
    """
    with suppress(ProcessLookupError):  # it has just ended
        # For a group, Linux sets every thread; for a process only the first one.
        os.setpriority(os.PRIO_PGRP, server.pid, GIVES_WAY)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _close_what_exists() -> None:
    prefect_home = Path(os.environ.get("PREFECT_HOME", "~/.prefect"))
    for folder in (settings().data, prefect_home):
        if opened := close_to_others(folder.expanduser()):
            print(f"Closed to other users of this machine: {', '.join(map(str, opened))}")


@contextmanager
def _logs() -> Iterator[IO[bytes]]:
    folder = settings().data.expanduser() / "logs"
    make_private(folder)
    with (folder / "up.log").open("ab") as file:
        yield file


def prefect_process(
    arguments: list[str], logs: IO[bytes], environment: Mapping[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Starts a ``prefect`` process, which ends with the block."""
    return _process(["prefect", *arguments], logs, environment)


def desk_process(
    logs: IO[bytes], environment: Mapping[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Starts the desk, which ends with the block."""
    return _process(["pressrun.desk"], logs, environment)


@contextmanager
def _process(
    module: list[str], logs: IO[bytes], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a Python module in its own group, so that Ctrl-C reaches only us first."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd="/",  # not where a person has folders of the same names, such as flows
        env=environment,
        stdout=logs,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(STOP_S)
    with suppress(ProcessLookupError):
        # The processes of its group that are left (a worker's flow runs, a server's workers).
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_until_healthy(
    url: str, process: subprocess.Popen[bytes] | None, log: str, what: str
) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process is not None and process.poll() is None:
        if _is_healthy(url):
            return
        time.sleep(0.3)
    raise SystemExit(f"The {what} did not start. Its last words are in {log}.")


def _is_healthy(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=2, trust_env=False).is_success
    return False


def _print_ready(link: str, url: str, log: str, *, given: bool) -> None:
    kept = settings().login
    asked = f"the one in {ASKED} or {SAID}" if given else f"the whole line in {kept}"
    prefect = Path(sys.executable).with_name("prefect")
    if prefect.is_relative_to(Path.cwd()):
        prefect = prefect.relative_to(Path.cwd())
    said = f"{SAID}=…" if given else f'{SAID}="$(cat {quote(str(kept))})"'
    print(
        f"""
Pressrun is up. Open the desk; this link signs in once, within an hour:

  {link}

  password {asked}; the desk asks for it, and Prefect once
  Prefect  {url}
  command  export PREFECT_API_URL={url}/api
           export {said}
           {prefect} deployment run slideshow-batch/slideshows --params '{{"links": "…"}}'
  log      {log}

Ctrl-C stops the desk, the server, the worker and what it runs.""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
