"""Destinations for benchmarks: local servers in processes of their own, so that theirs is not
our CPU, with a latency."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from pressrun.stores.factory import Scheme
from tests.support.targets import About


@contextmanager
def serving(
    scheme: Scheme, home: Path, *, latency_s: float, rate: int | None, real: bool
) -> Iterator[About]:
    """A destination until the end of the block; what :func:`tests.support.targets.target_at` takes.

    Args:
        scheme: Which.
        home: Where a folder's files go.
        latency_s: Of every answer.
        rate: Most files and folders that Drive makes in a second.
        real: SeaweedFS in place of moto.
    """
    if scheme == "folder":
        yield {"folder": str(home / "delivered")}
        return
    command = [sys.executable, "-m", f"tests.servers.{scheme}", "--json"]
    command += ["--real"] if real else []
    if scheme == "drive":
        command += ["--latency", str(latency_s)]
        command += ["--creates-per-second", str(rate)] if rate else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            about = json.loads(process.stdout.readline())
            if scheme == "s3" and latency_s:
                slow = {"kind": "latency", "every": 1, "delay_s": latency_s}
                httpx.post(f"{about['url']}/_control/faults", json=slow).raise_for_status()
            yield about
        finally:
            process.terminate()


def creates_of(about: About) -> tuple[int, int]:
    """How many files and folders the local Drive was asked to make, and how many it refused."""
    state: dict[str, Any] = httpx.get(f"{about['url']}/_control/state", timeout=60).json()
    refused = sum(n for reason, n in state["refusals"].items() if "ateLimit" in reason)
    return state["requests"].get("upload", 0) + state["requests"].get("create", 0), refused
