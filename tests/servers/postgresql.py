"""A PostgreSQL server of our own, that can be killed without harm to anybody else's."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers import HOST

_START_S = 60.0
#: The server refuses to run as root.
_USER = "postgres" if os.geteuid() == 0 else None


def programs() -> Path | None:
    """The folder of the server's programs; None if they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PostgreSQL:
    """One server on one folder.

    Args:
        folder: For its data; empty.

    Attributes:
        folder: The same.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        found = programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed.")
        self._bin = found
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self._port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(folder), "-U", "postgres", "--auth=trust", "--no-sync")
        with (folder / "pg_hba.conf").open("a") as trusted:
            trusted.write("host all all samenet trust\n")

    @property
    def url(self) -> str:
        """For the ledger."""
        return f"postgresql://postgres@{HOST}:{self._port}/postgres"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        arguments = ["-D", str(self.folder), "-p", str(self._port), "-k", str(self.folder)]
        arguments += ["-c", f"listen_addresses={HOST}"]
        self._process = subprocess.Popen(
            [str(self._bin / "postgres"), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            user=_USER,
            group=_USER,
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("PostgreSQL did not start.")

    def kill(self) -> None:
        """As when its machine loses power: every process of it dies at once."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        if _USER:
            user = pwd.getpwnam(_USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        subprocess.run(
            [str(self._bin / program), *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            user=_USER,
            group=_USER,
        )


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A started server on a folder that is gone afterwards, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="pressrun-postgresql-") as folder:
        server = PostgreSQL(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
