"""The whole of ``make up`` on a port of its own, as a person starts and stops it.

It is started once for all tests here, with the blocks of a shop; the last test of the last file
stops it.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, sync_playwright
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.settings import PREFECT_API_AUTH_STRING

from pressrun.blocks import ModelAccount, ResultStore
from tests.servers.gemini import GeminiServer
from tests.servers.tiktok import TikTokServer
from tests.servers.webhook import WebhookServer
from tests.support.batches import KEY
from tests.support.other_server import asked
from tests.support.waiting import until

CHECKOUT = Path(__file__).parents[2]
#: A foreign name that the browser finds at this machine, as after a DNS rebinding.
FOREIGN_NAME = "rebound.example"


@dataclass(frozen=True, slots=True)
class Up:
    """A running ``make up``; ``said`` is what it printed."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    log: Path
    said: Path

    @property
    def link(self) -> str:
        """The link to the desk that signs in once, as a person finds it."""
        found = re.search(r"http://\S+/sign-in#\S+", self.said.read_text())
        assert found is not None
        return found[0]

    @property
    def login(self) -> str:
        """Name and password, as a person finds them."""
        return Path(self.environment["PRESSRUN_DATA"], "login").read_text().strip()

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Asks the API as its user; again where SQLite was busy, as Prefect's own client does."""
        name, _, password = self.login.partition(":")
        url = f"{self.url}/api/{path}"

        def answer() -> httpx.Response | None:
            found = httpx.request(method, url, auth=(name, password), timeout=30, **request)
            return None if found.status_code == httpx.codes.SERVICE_UNAVAILABLE else found

        return until(answer, every_s=0.5)

    def prefect(self, *arguments: str) -> str:
        """Runs Prefect's command line against it; returns what it prints."""
        return subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            env=self.environment
            | {"PREFECT_API_URL": f"{self.url}/api", "PREFECT_API_AUTH_STRING": self.login},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def wait_for_run(self, run_id: str, timeout_s: float = 180) -> dict[str, Any]:
        """The flow run's state once it is final."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            state: dict[str, Any] = self.ask("GET", f"flow_runs/{run_id}").json()["state"]
            if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                return state
            time.sleep(0.3)
        raise AssertionError(f"{run_id} did not end:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def running_up(
    folder: Path,
    settings: Mapping[str, str],
    command: Sequence[str] = (sys.executable, "-m", "deployments.up"),
    cwd: Path = CHECKOUT,
) -> Iterator[Up]:
    """``make up`` on a free port, with folders of its own, until the block ends."""
    port, desk_port = _free_ports(2)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PRESSRUN_DATA": str(folder / "data"),
        "PRESSRUN_OUTPUT": str(folder / "output"),
        "PRESSRUN_PORT": str(port),
        "PRESSRUN_DESK_PORT": str(desk_port),
        "PREFECT_WORKER_QUERY_SECONDS": "2",  # a run is taken up sooner than after ten
        **settings,
    }
    with (folder / "up.out").open("w") as said:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
        )
        url, log = f"http://127.0.0.1:{port}", folder / "data/logs/up.log"
        up = Up(url, environment, process, log, folder / "up.out")
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


@pytest.fixture(scope="session")
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys=(KEY,)) as server:
        yield server


@pytest.fixture(scope="session")
def webhook() -> Iterator[WebhookServer]:
    with WebhookServer() as server:
        yield server


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def tiktok() -> Iterator[TikTokServer]:
    with TikTokServer() as server:
        yield server


@pytest.fixture(scope="session")
def up(
    tmp_path_factory: pytest.TempPathFactory,
    tiktok: TikTokServer,
    gemini: GeminiServer,
    webhook: WebhookServer,
    store: Path,
) -> Iterator[Up]:
    """``make up``, from nothing, with the blocks of a shop: an account, a store, who is told."""
    settings = {
        "PRESSRUN_TIKTOK_PROXY": tiktok.proxy_url,
        "PRESSRUN_TIKTOK_CA": str(tiktok.ca_file),
        "PRESSRUN_TIKTOK_PAUSE_S": "0",
    }
    with (
        running_up(tmp_path_factory.mktemp("up"), settings) as up,
        asked(f"{up.url}/api", {PREFECT_API_AUTH_STRING: up.login}),
    ):
        # Before there is a browser, whose loop would make coroutines of these.
        ModelAccount(api_key=KEY, base_url=gemini.url).save("shop")
        ResultStore(destination=str(store)).save("shop")
        CustomWebhookNotificationBlock(
            name="shop", url=webhook.url, json_data={"text": "{{subject}} {{body}}"}
        ).save("shop")
        yield up


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Debian's Chromium, asking nobody but who the page asks."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _lives(process: subprocess.Popen[str]) -> bool:
    return process.poll() is None


def _wait_until_ready(said: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 500  # half a minute on a quiet machine
    while time.monotonic() < deadline and _lives(process):
        if "Pressrun is up." in said.read_text():
            return
        time.sleep(0.2)
    raise AssertionError(f"make up did not get ready:\n{said.read_text()}")
