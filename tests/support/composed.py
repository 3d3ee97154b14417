"""The services of compose.yaml as processes of this machine: its own commands and variables.

No engine for containers runs in tests. So the file is read as Compose reads it, each service gets
a loopback address in place of its container's, and names are replaced by these addresses; all else,
commands, variables, the proxy's configuration, the files of secrets, is taken as it stands.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from cryptography.fernet import Fernet
from ruamel.yaml import YAML

from tests.servers.postgresql import PostgreSQL, programs
from tests.support.targets import About

FOLDER = Path(__file__).parents[2] / "deployments/compose"
HTTP, HTTPS = 18080, 18443
DATABASE_PASSWORD, SERVER_PASSWORD = "database-password", "the-password-of-prefect"
_PARAMETER = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")
#: Of the image, in deployments/image/Dockerfile.
_IMAGE = ("PREFECT_UI_STATIC_DIRECTORY", "PRESSRUN_DATA", "PRESSRUN_OUTPUT", "PREFECT_HOME")


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """Reads the file with its anchors resolved and its variables replaced."""

    def filled(found: re.Match[str]) -> str:
        return variables.get(found[1]) or found[2] or ""

    text = _PARAMETER.sub(filled, (FOLDER / "compose.yaml").read_text("utf-8"))
    read: dict[str, Any] = YAML(typ="safe").load(text)
    return read


@dataclass
class Composed:
    """What runs of the file.

    Attributes:
        folder: For all files.
        elsewhere: Addresses of services that run otherwise, such as ``{"postgres:5432": …}``.
        secrets: What stands in the example files as ``change-me-…``, and its values.
        further: Variables for every service, besides those of the file.
    """

    folder: Path
    elsewhere: dict[str, str]
    secrets: dict[str, str]
    further: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = read_compose({})
        self.addresses = {name: f"127.0.43.{n}" for n, name in enumerate(self.file["services"], 10)}
        # Its own health check names it 127.0.0.1, and the desk answers to no name but its own.
        self.addresses["desk"], self.desk_port = "127.0.0.1", _free_port()
        for example in (FOLDER / "secrets.example").iterdir():
            place = self.folder / "secrets" / example.name
            place.parent.mkdir(exist_ok=True)
            text = example.read_text("utf-8")
            for told, value in self.secrets.items():
                text = text.replace(told, value)
            place.write_text(text)

    def here(self, text: str, service: str) -> str:
        """Replaces what only holds between containers."""
        for name, address in self.elsewhere.items():
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?!\d)", address, text)
        for name, address in self.addresses.items():
            text = re.sub(rf"(?<![\w.-]){name}(?=:\d)|(?<=-ip=){name}$", address, text)
        text = text.replace("0.0.0.0", self.addresses[service])
        text = text.replace("172.30.43.2", "127.0.0.1")  # what loopback connections come from
        text = re.sub(
            r"(?<=//)127\.0\.0\.1(?=:(?:4200|4300|8080|8333)/)", self.addresses[service], text
        )
        text = text.replace("4300", str(self.desk_port))
        text = text.replace("=/data", f"={self.folder / service}")
        for secret, told in self.file["secrets"].items():
            text = text.replace(f"/run/secrets/{secret}", str(self.folder / told["file"]))
        return text

    def environment(self, service: str, number: int = 1) -> dict[str, str]:
        """Gives the variables of a service, and of the image, with a home of its own."""
        home = self.folder / f"{service}-{number}"
        home.mkdir(exist_ok=True)
        kept = ("PATH", "LANG", "SSL_CERT_FILE", "COVERAGE_PROCESS_START")
        variables = {name: os.environ[name] for name in kept if name in os.environ}
        variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
        variables |= {name: str(home / name.lower()) for name in (*_IMAGE, "XDG_DATA_HOME")}
        variables |= {"HOME": str(home), "PREFECT_WORKER_WEBSERVER_HOST": self.addresses[service]}
        told = self.file["services"][service]
        for file in told.get("env_file", ()):
            for line in (self.folder / file).read_text().splitlines():
                if line and not line.startswith("#"):
                    name, _, value = line.partition("=")
                    variables[name] = self.here(value, service)
        given = told.get("environment") or {}
        variables |= {name: self.here(str(value), service) for name, value in given.items()}
        return variables | self.further

    def begin(self) -> None:
        """Starts all but workers and desk, in the order in which they depend on each other."""
        redis = [*self.command("redis"), "--bind", self.addresses["redis"]]
        self.start("redis", command=[*redis, "--dir", str(self.folder)])
        self.run("migrate")
        self.start("api-1")
        self.await_healthy("api-1")
        for name in ("api-2", "services"):
            self.start(name)
        self.await_healthy("api-2")
        proxy = self.command("proxy")
        proxy[proxy.index("--config") + 1] = str(_caddyfile(self))
        self.start("proxy", command=proxy)
        self.until(self._is_ready, "the proxy is ready")
        self.run("store")
        self.run("register")

    def command(self, service: str) -> list[str]:
        """Gives the command of a service."""
        return [self.here(word, service) for word in self.file["services"][service]["command"]]

    def run(self, service: str, command: list[str] | None = None) -> str:
        """Runs what ends by itself; returns what it says."""
        ran = subprocess.run(
            command or self.command(service),
            env=self.environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert ran.returncode == 0, f"{service}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def start(self, service: str, number: int = 1, command: list[str] | None = None) -> None:
        """Starts a replica of a service."""
        name = f"{service}-{number}"
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command or self.command(service),
                env=self.environment(service, number),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_healthy(self, service: str) -> bool:
        """Asks as the file's health check does."""
        _cmd, *check = self.file["services"][service]["healthcheck"]["test"]
        words = [self.here(word, service) for word in check]
        if not shutil.which(words[0], path=self.environment(service)["PATH"]):
            return True
        ran = subprocess.run(
            words, env=self.environment(service), capture_output=True, check=False, timeout=60
        )
        return ran.returncode == 0

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.addresses['proxy']}:4200/api/ready").is_success
        except httpx.HTTPError:
            return False

    def await_healthy(self, *services: str) -> None:
        """Waits until services are healthy, and are at work."""
        for service in services:
            self.until(lambda s=service: self.is_healthy(s), f"{service} is healthy")  # type: ignore[misc]

    def until(self, true: Callable[[], bool], what: str, limit_s: float = 240) -> None:
        """Waits until something is so."""
        deadline = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < deadline, f"not {what}:\n{self.said()}"
            time.sleep(0.5)

    def said(self) -> str:
        """The ends of all logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs
        )

    def kill(self, name: str) -> None:
        """Ends a process and its children at once."""
        process = self.processes.pop(name)
        children = psutil.Process(process.pid).children(recursive=True)
        for child in children:
            child.kill()
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lacking() -> list[str]:
    """Names the programs that the services need and this machine lacks."""
    there = {name: shutil.which(name) for name in ("caddy", "redis-server")}
    there["PostgreSQL"] = str(programs() or "") or None
    return [name for name, place in there.items() if place is None]


@contextmanager
def composed(
    folder: Path, database: PostgreSQL, s3: About, password: str = "people's password"
) -> Iterator[Composed]:
    """Gives the file's services, none of them started; they end with the block.

    Args:
        folder: For all files.
        database: In place of the file's; empty.
        s3: In place of the file's: its ``url``, ``access_key`` and ``secret_key``.
        password: Of the people at the desk.
    """
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE pressrun LOGIN SUPERUSER")
        connection.execute("CREATE DATABASE prefect")
        for one in read_compose({})["configs"]["databases"]["content"].split(";"):
            if one.strip():
                connection.execute(one)
    elsewhere = {
        "postgres:5432": database.url.partition("@")[2].partition("/")[0],
        "s3:8333": s3["url"].removeprefix("http://"),
    }
    hashed = subprocess.check_output(["caddy", "hash-password", "--plaintext", password], text=True)
    secrets = {
        "change-me-1": DATABASE_PASSWORD,
        "change-me-2": SERVER_PASSWORD,
        "change-me-3": Fernet.generate_key().decode(),
        "change-me-4": s3["access_key"],
        "change-me-5": s3["secret_key"],
        "change-me-6": hashed.strip(),
    }
    running = Composed(folder, elsewhere, secrets)
    try:
        yield running
    finally:
        for name in [*running.processes]:
            if running.processes[name].poll() is None:
                running.kill(name)


def _caddyfile(running: Composed) -> Path:
    """Writes the proxy's configuration as it stands, at ports that need no root."""
    text = running.here((FOLDER / "Caddyfile").read_text("utf-8"), "proxy")
    address = running.addresses["proxy"]
    only_here = (
        f"default_bind {address}\n\thttp_port {HTTP}\n\thttps_port {HTTPS}\n\tskip_install_trust"
    )
    assert "admin off" in text
    place = running.folder / "Caddyfile"
    place.write_text(text.replace("admin off", f"admin off\n\t{only_here}", 1))
    return place
