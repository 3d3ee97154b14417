"""How fast batches are delivered, and what that adds to a batch that is made meanwhile.

    python -m tests.benchmarks.delivery --files 3000 --store s3 --json
    python -m tests.benchmarks.delivery --files 300 --store drive --rate 3 --json

Real engine, store and client library against a local server, which is a process of its own. The
store's usual number of senders; items of five files, as a slideshow has.

1. A batch that is made already: ``files_per_s``. The clock runs from the first item handed over
   to the last one completed in the ledger.
2. A batch that is made while it is delivered. Its items, real files in a vault and real rows in a
   ledger, are made in this process, evenly spaced over as long as the first delivery took:
   ``generation_s``. ``tail_s`` is from the last item made to the last one completed, and
   ``adds_percent`` is the tail in percent of the generation.

With ``--rate``, Drive makes so many files and folders in any second and refuses more; the sender
is told that rate, as a result store tells it. ``used_percent`` is the share of the allowed creates
that the first delivery used, ``refused_percent`` the refused ones of those it tried.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pressrun.batches.delivery import DeliveryWorker
from pressrun.batches.delivery_rate import DeliveryRate
from pressrun.ledger import Ledger
from pressrun.ledger.vault import Vault
from pressrun.stores.factory import SENDERS, Scheme, open_store
from tests.benchmarks.local_servers import creates_of, serving
from tests.support.blank_batches import Blank, make, plan
from tests.support.targets import About, target_at

#: Of one request: what Amazon takes from near, what Google Drive takes for a small file.
LATENCIES_S: dict[Scheme, float] = {"folder": 0.0, "s3": 0.1, "drive": 0.3}
_FILES_AN_ITEM = 5
_ITEMS_A_LINK = 6
_MAKERS = 4
_PATIENCE_S = 600.0

Figures = dict[str, float | int | str]


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    scheme: Scheme
    files: int
    kilobytes: int
    latency_s: float
    rate: int | None
    real: bool


class Trial:
    """One batch on its way to a destination of its own."""

    def __init__(self, trial: Plan, home: Path, about: About):
        self._ledger = Ledger(f"sqlite:///{home}/ledger.db")
        self._vault = Vault(home / "vault")
        target = target_at(trial.scheme, about)
        self.batch = plan(self._ledger, target, "Benchmark", _items(trial))
        store = open_store(target, self._ledger.remote_ids)
        store.check()  # as every run does before it begins; loads the client
        self._delivery = DeliveryWorker(
            self.batch,
            self._ledger,
            self._vault,
            store,
            senders=SENDERS[trial.scheme],
            rate=DeliveryRate(self._ledger, store.destination, trial.rate and trial.rate * 60.0),
            patience_s=_PATIENCE_S,
        )
        self._items = self._ledger.batches.items(self.batch.id)

    def make_all(self) -> None:
        """Makes every item and hands none over."""
        with ThreadPoolExecutor(_MAKERS) as pool:
            list(pool.map(partial(self._make, hand=False), range(len(self._items))))

    def deliver(self) -> float:
        """Delivers what is made already; the seconds that it takes."""
        begun = time.monotonic()
        for item in self._items:
            self._delivery.submit(item.key)
        self._delivery.generation_over()
        self._end()
        return time.monotonic() - begun

    def deliver_meanwhile(self, generation_s: float) -> tuple[float, float]:
        """Delivers while it makes; the seconds of the making, and those from its end on."""
        begun = time.monotonic()
        interval_s = generation_s / len(self._items)
        delivery = threading.Thread(target=self._end)
        delivery.start()

        def make_in_time(number: int) -> None:
            # An item is made when its time has passed, the last one when all of it has.
            time.sleep(max(0.0, begun + (number + 1) * interval_s - time.monotonic()))
            self._make(number, hand=True)

        with ThreadPoolExecutor(_MAKERS) as pool:
            list(pool.map(make_in_time, range(len(self._items))))
        made_at = time.monotonic()
        self._delivery.generation_over()
        delivery.join()
        return made_at - begun, time.monotonic() - made_at

    def completed(self) -> int:
        """How many files the ledger knows to stand at the destination."""
        return sum(file.status == "verified" for file in self._ledger.deliveries.all(self.batch.id))

    def close(self) -> None:
        """Closes the ledger."""
        self._ledger.close()

    def _make(self, number: int, *, hand: bool) -> None:
        item = self._items[number]
        make(self._ledger, self._vault, item, self.batch)
        if hand:
            self._delivery.submit(item.key)

    def _end(self) -> None:
        self._delivery.run()


def measure(trial: Plan) -> Figures:
    """Both batches' figures."""
    with _trial(trial) as (first, creates):
        first.make_all()
        before = creates()
        cpu_s = time.process_time()
        plain_s = first.deliver()
        cpu_s = time.process_time() - cpu_s
        tried, refused = (after - was for after, was in zip(creates(), before, strict=True))
        arrived = first.completed()
    with _trial(trial) as (second, _):
        generation_s, tail_s = second.deliver_meanwhile(plain_s)
        arrived_meanwhile = second.completed()
    figures: Figures = {
        "store": trial.scheme,
        "files": trial.files,
        "kilobytes": trial.kilobytes,
        "latency_s": trial.latency_s,
        "senders": SENDERS[trial.scheme],
        "arrived": min(arrived, arrived_meanwhile),
        "plain_s": round(plain_s, 2),
        "files_per_s": round(arrived / plain_s, 2),
        "cpu_ms_per_file": round(1000 * cpu_s / trial.files, 2),
        "generation_s": round(generation_s, 2),
        "tail_s": round(tail_s, 3),
        "adds_percent": round(100 * tail_s / generation_s, 2),
    }
    if trial.rate:
        figures |= {
            "rate": trial.rate,
            "creates": tried - refused,
            "used_percent": round(100 * (tried - refused) / (trial.rate * plain_s), 2),
            "refused_percent": round(100 * refused / tried, 2),
        }
    return figures


@contextmanager
def _trial(trial: Plan) -> Iterator[tuple[Trial, Callable[[], tuple[int, int]]]]:
    with tempfile.TemporaryDirectory(prefix="pressrun-delivery-") as name:
        home = Path(name)
        server = serving(
            trial.scheme, home, latency_s=trial.latency_s, rate=trial.rate, real=trial.real
        )
        with server as about:
            on_the_way = Trial(trial, home, about)
            yield on_the_way, partial(creates_of, about) if trial.rate else lambda: (0, 0)
            on_the_way.close()


def _items(trial: Plan) -> list[list[Blank]]:
    items: list[list[Blank]] = []
    for number in range(trial.files):
        item, file = divmod(number, _FILES_AN_ITEM)
        link, variation = divmod(item, _ITEMS_A_LINK)
        folder = f"Link_{link + 1:03}_@user/variation_{variation + 1}"
        items += [[]] if file == 0 else []
        size = trial.kilobytes * 1000
        items[-1].append(Blank(f"{folder}/slide_{file}.jpg", size, f"{number}"))
    return items


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.delivery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--files", type=int, default=3000)
    add("--store", choices=tuple(SENDERS), default="folder")
    add("--rate", type=int, help="files and folders that Drive makes in a second")
    add("--latency", type=float, help="seconds of every answer; by default as the real one's")
    add("--kilobytes", type=int, default=100, help="size of a file")
    add("--real", action="store_true", help="S3: SeaweedFS in place of moto")
    add("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    if given.rate and given.store != "drive":
        parser.error("--rate is for drive")
    latency_s = LATENCIES_S[given.store] if given.latency is None else given.latency
    trial = Plan(given.store, given.files, given.kilobytes, latency_s, given.rate, given.real)
    figures = measure(trial)
    lines = [json.dumps(figures)] if given.json else [f"{k:18}{v}" for k, v in figures.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if figures["arrived"] == given.files else 1


if __name__ == "__main__":
    sys.exit(main())
