"""How much of the machine a large batch takes beside Prefect and the drawing itself.

    python -m tests.benchmarks.scale --items 600 --json
    python -m tests.benchmarks.scale --large 1000 10000 --json

Runs the real flow with the offline engine on a real Prefect server on SQLite, in folders of its
own; the server is a process of its own. All CPU figures are of the flow process, all its threads,
in milliseconds an item:

- ``process_cpu_ms_per_item``: everything from the flow's first to its last step, Prefect included.
- ``picture_cpu_ms_per_item``: of that, drawing, encoding and thumbnails.
- ``prefect_cpu_ms_per_item``: what Prefect takes for the same number of task runs of ``generate``
  with nothing inside, as many at the same time, measured right before, in the same process and on
  the same server.
- ``cpu_ms_per_item``: the flow's own share, the first less the other two.

What happens once a machine or once a process, whatever the number of items, is done before the
clock starts: imports, the ledger's migration, Prefect's first task run. ``rss_mb`` is the largest
resident size of the process, both runs included. ``--large`` measures batches of very many items
in another way: :mod:`tests.benchmarks.large`.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from PIL import Image, ImageDraw

from pressrun.engines.sketch import engine as sketch
from pressrun.ledger import open_ledger
from pressrun.pictures import provenance
from pressrun.reports.artifacts import progress
from pressrun.reports.gallery import cards
from tests.benchmarks.large import compare
from tests.servers.prefect_server import prefect_server


def main() -> int:
    """Runs the benchmark and prints its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--slides", type=int, default=1, help="slides of each slideshow")
    parser.add_argument(
        "--large",
        type=int,
        nargs="+",
        metavar="ITEMS",
        help="batches of so many images in place of it, see tests.benchmarks.large",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.large:
        return _large(options.large, as_json=options.json)
    if not 6 <= options.items <= 600:
        parser.error("--items takes 6 to 600: up to 100 slideshows of 6 variations each")
    with tempfile.TemporaryDirectory(prefix="pressrun-scale-") as name:
        folder = Path(name)
        with prefect_server(folder / "server") as url:
            os.environ.update(
                PREFECT_HOME=str(folder / "home"),
                PREFECT_API_URL=url,
                PREFECT_LOGGING_LEVEL="WARNING",
                PRESSRUN_DATA=str(folder / "data"),
                PRESSRUN_OUTPUT=str(folder / "output"),
                PRESSRUN_LEDGER_URL="",
            )
            figures = _measure(folder, options.items, options.concurrency, options.slides)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k:25}{v}" for k, v in figures.items())
    )
    return 0 if figures["completed"] == figures["items"] else 1


def _large(sizes: Sequence[int], *, as_json: bool) -> int:
    measured = compare(sizes)
    if as_json:
        print(json.dumps(measured))
    else:
        for name in measured[0]:
            print(f"{name:20}" + "".join(f"{batch[name]:>12}" for batch in measured))
    return 0 if all(batch["completed"] == batch["items"] for batch in measured) else 1


def _measure(folder: Path, items: int, concurrency: int, slides: int) -> dict[str, Any]:
    from flows.slideshow_batch import slideshow_batch

    ledger = open_ledger()
    spent = _count_picture_cpu()
    links = -(-items // 6)
    sources = [_slideshow(folder / f"show_{number}", slides, number) for number in range(links)]
    _photo(folder / "product.jpg", "product", 400)
    _run_empty_tasks(1, concurrency)
    prefect_s = _cpu_s(lambda: _run_empty_tasks(links * 6, concurrency))
    begun = time.monotonic()
    process_s = _cpu_s(
        lambda: slideshow_batch(
            slides="\n".join(sources),
            photo=str(folder / "product.jpg"),
            description="A mug that keeps coffee warm",
            concurrency=concurrency,
            return_state=True,
        )
    )
    wall_s = time.monotonic() - begun
    counts = ledger.batches.counts(ledger.batches.match("latest").id)
    made = sum(counts.values())

    def an_item(seconds: float) -> float:
        return round(1000 * seconds / made, 2)

    return {
        "items": made,
        "completed": counts.get("completed", 0),
        "wall_s": round(wall_s, 1),
        "cpu_ms_per_item": an_item(process_s - spent() - prefect_s),
        "prefect_cpu_ms_per_item": an_item(prefect_s),
        "process_cpu_ms_per_item": an_item(process_s),
        "picture_cpu_ms_per_item": an_item(spent()),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _cpu_s(work: Callable[[], object]) -> float:
    """The CPU seconds that the process spends on it, until Prefect's events are sent too."""
    from prefect.events.worker import EventsWorker

    begun = time.process_time()
    work()
    EventsWorker.instance().wait_until_empty()
    return time.process_time() - begun


def _run_empty_tasks(count: int, concurrency: int) -> None:
    """What Prefect does around ``count`` items: ``generate``'s own task runs, with nothing done."""
    from prefect import Task, flow, unmapped
    from prefect.task_runners import ThreadPoolTaskRunner

    from tasks.generate import generate

    empty = cast("Task[[str, str, None], None]", generate.with_options())
    empty.fn = _do_nothing

    @flow(name="empty-batch", persist_result=False)
    def empty_batch() -> None:
        numbers = [f"{number}" for number in range(count)]
        parameters = {"key": numbers, "title": numbers, "run": unmapped(None)}
        runner: ThreadPoolTaskRunner[None] = ThreadPoolTaskRunner(max_workers=concurrency + 1)
        with runner:
            assert runner.map(empty, parameters).result() == [None] * count

    empty_batch()


def _do_nothing(key: str, title: str, run: None) -> None:
    """Takes what ``generate`` takes."""


def _count_picture_cpu() -> Callable[[], float]:
    """Adds up the CPU seconds that threads spend drawing, writing copy and making thumbnails."""
    total, lock = [0.0], threading.Lock()

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            begun = time.thread_time()
            try:
                return work(*arguments, **options)
            finally:
                with lock:
                    total[0] += time.thread_time() - begun

        return wrapper

    sketch.draw = counted(sketch.draw)
    sketch.WRITERS = {kind: counted(write) for kind, write in sketch.WRITERS.items()}
    provenance.encode = counted(provenance.encode)
    cards.thumbnail = counted(cards.thumbnail)  # type: ignore[attr-defined]
    progress.thumbnail = counted(progress.thumbnail)  # type: ignore[attr-defined]
    return lambda: total[0]


def _slideshow(folder: Path, slides: int, number: int) -> str:
    folder.mkdir()
    for slide in range(slides):
        _photo(folder / f"{slide}.jpg", f"{number}.{slide}", 720)
    return str(folder)


def _photo(place: Path, words: str, width: int) -> None:
    image = Image.linear_gradient("L").resize((width, width * 16 // 9)).convert("RGB")
    ImageDraw.Draw(image).text((width // 3, width // 2), words, fill="white", font_size=80)
    image.save(place, quality=85)


if __name__ == "__main__":
    sys.exit(main())
