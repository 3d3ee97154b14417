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

import psutil
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "deployments/compose"
HTTP, HTTPS = 18080, 18443
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
    """

    folder: Path
    elsewhere: dict[str, str]
    secrets: dict[str, str]
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
        return variables | {name: self.here(str(value), service) for name, value in given.items()}

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


@contextmanager
def composed(
    folder: Path, elsewhere: dict[str, str], secrets: dict[str, str]
) -> Iterator[Composed]:
    """Gives the file's services, which end with the block."""
    running = Composed(folder, elsewhere, secrets)
    try:
        yield running
    finally:
        for name in [*running.processes]:
            if running.processes[name].poll() is None:
                running.kill(name)


def caddyfile(running: Composed) -> Path:
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
