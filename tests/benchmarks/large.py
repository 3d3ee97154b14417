"""What a batch of very many items takes, beside a smaller one: memory, reports, a look at it.

    python -m tests.benchmarks.scale --large 1000 3000 --json

Each batch is a real image batch of the offline engine on a real Prefect server on SQLite, in a
process and in folders of its own. Its pictures are a few sketches that were drawn before: what
drawing takes is the matter of the benchmark of 600 items. Figures of each batch:

- ``start_mb``, ``plan_mb``, ``generate_mb``, ``report_mb``: the largest resident size of the
  flow's process until the end of that step; of ``start``, with a few pictures drawn.
- ``cpu_ms_per_item``: CPU time of the flow's process in all.
- ``status_cpu_ms``: of the whole command ``pressrun status`` while about half is made, the least
  of three; ``command_cpu_ms``: of ``pressrun batches`` then, which is mostly Python's start.
- ``progress_cpu_ms``: of that, what reading the progress takes.
- ``desk_cpu_ms``: of what the desk reads for the page of that batch, every few seconds.
- ``pages``, ``largest_page_mb``, ``manifest_mb``: of its reports.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.servers.prefect_server import prefect_server

#: Sketches that are drawn once, for all items in turn.
_SKETCHES = 24
_CONCURRENCY = 50


def compare(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Measures one batch of each number of items."""
    return [_measure(size) for size in sizes]


def _measure(items: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="pressrun-large-") as name:
        folder = Path(name)
        with prefect_server(folder / "server") as url:
            environment = os.environ | {
                "PREFECT_HOME": str(folder / "home"),
                "PREFECT_API_URL": url,
                "PREFECT_LOGGING_LEVEL": "WARNING",
                "PRESSRUN_DATA": str(folder / "data"),
                "PRESSRUN_OUTPUT": str(folder / "output"),
                "PRESSRUN_LEDGER_URL": "",
                "PRESSRUN_MOST_PROMPTS": str(items),
                "PRESSRUN_INPUT_ROOTS": str(folder),
            }
            return _beside(folder, items, environment)


def _beside(folder: Path, items: int, environment: dict[str, str]) -> dict[str, Any]:
    """Looks at a batch as others do, while its own process works on it."""
    told = folder / "flow.json"
    command = [sys.executable, "-m", "tests.benchmarks.large", str(items), str(told)]
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=sys.stderr)
    looks: dict[str, Any] = {}
    while process.poll() is None:
        if not looks and _completed(environment) >= items // 2:
            looks = _looks(environment)
        time.sleep(5)
    flow = json.loads(told.read_text("utf-8"))
    return {"items": items, "wall_s": round(time.monotonic() - begun, 1), **flow, **looks}


def _completed(environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pressrun.cli", "batches", "--json"]
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return sum(batch["completed"] for batch in json.loads(told.stdout))


def _looks(environment: dict[str, str]) -> dict[str, Any]:
    pressrun = [sys.executable, "-m", "pressrun.cli"]
    status = [_cpu_of([*pressrun, "status", "latest", "--json"], environment) for _ in range(3)]
    other = [_cpu_of([*pressrun, "batches", "--json"], environment) for _ in range(3)]
    command = [sys.executable, "-c", _READ]
    read = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    progress_s, desk_s = json.loads(read.stdout)
    taken = {
        "status_cpu_ms": min(status),
        "command_cpu_ms": min(other),
        "progress_cpu_ms": progress_s,
        "desk_cpu_ms": desk_s,
    }
    return {name: round(1000 * seconds) for name, seconds in taken.items()}


#: What is kept in between is left out for the command, which reads once; the desk reads again.
_READ = """
import json, time
from pressrun.desk.batches.view import read_view
from pressrun.ledger import open_ledger
from pressrun.reports import unmade
from pressrun.reports.progress import read_progress
ledger = open_ledger()
batch = ledger.batches.match("latest")
def least(read):
    taken = []
    for _ in range(4):
        before = time.process_time()
        read()
        taken.append(time.process_time() - before)
    return min(taken[1:])
def once():
    unmade._chains.cache_clear()
    read_progress(ledger, batch)
print(json.dumps([least(once), least(lambda: read_view(ledger, batch, None, ""))]))
"""


def _cpu_of(command: Sequence[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def flow(items: int, told: Path) -> None:
    """Runs one batch in this process, and writes its figures."""
    from flows.image_batch import image_batch
    from pressrun.ledger import open_ledger
    from tasks import batch as steps

    ledger = open_ledger()
    _few_sketches()
    peaks: dict[str, int] = {"start_mb": _peak_mb()}

    def noted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            # Before the step stands what the steps until then took.
            peaks[f"{name}_mb"] = _peak_mb()
            return work(*arguments, **options)

        return wrapper

    for step, before in (("quote_rest", "plan"), ("report", "generate"), ("final_state", "report")):
        setattr(steps, step, noted(before, getattr(steps, step)))
    file = told.with_name("prompts.json")
    prompts = [f"A poster of a lighthouse on a cliff at dusk, number {n}" for n in range(items)]
    file.write_text(json.dumps([{"prompt": prompt} for prompt in prompts]), "utf-8")
    given = {"file": str(file), "format": "JPEG", "concurrency": _CONCURRENCY}
    begun = time.process_time()
    image_batch(**given, return_state=True)
    cpu_s = time.process_time() - begun
    batch = ledger.batches.match("latest")
    reports = {file.path: file.bytes for file in ledger.deliveries.all(batch.id, "")}
    pages = {path: size for path, size in reports.items() if path.endswith(".html")}
    figures = {
        "completed": ledger.batches.counts(batch.id).get("completed", 0),
        **peaks,
        "cpu_ms_per_item": round(1000 * cpu_s / items, 2),
        "pages": len(pages),
        "largest_page_mb": round(max(pages.values(), default=0) / 1e6, 2),
        "manifest_mb": round(reports.get("manifest.json", 0) / 1e6, 2),
    }
    told.write_text(json.dumps(figures), "utf-8")


def _few_sketches() -> None:
    from pressrun.engines.base import ImageRequest
    from pressrun.engines.sketch import engine as sketch

    size = (1024, 1024)
    drawn = [
        sketch.draw(ImageRequest(model="sketch", prompt=f"Lighthouse {n}", seed=1000 * n), size)
        for n in range(_SKETCHES)
    ]
    sketch.draw = lambda request, size: drawn[request.seed // 1000 % _SKETCHES]


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    flow(int(sys.argv[1]), Path(sys.argv[2]))
