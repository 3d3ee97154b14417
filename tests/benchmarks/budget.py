"""Whether the provider's bill stays within the caps, whatever happens to the callers.

    python -m tests.benchmarks.budget --threads 64 --processes 4 --cap 20 --kills 6 --json
    python -m tests.benchmarks.budget --kills 0

Threads in several processes pay as fast as they can through the real caller, ledger and Gemini
client. Each process has a batch with a cap of its own (half of ``--cap``), and all share the
account's cap for the day (``--cap``). The local Gemini stumbles: errors, answers that cannot be
used, answers that nobody waits for any more, connections that hang or break in the middle of an
answer. Meanwhile processes are killed (SIGKILL) at random moments, and others go on with their
batches.

- ``billed_usd``: the provider's own bill, with every answer that never arrived.
- ``over``: by how much it passed the day's cap, or a batch its own; less than nothing is room.
- ``ledger_usd``: what the ledger knows that calls cost.
- ``spent_usd``: what it counts under the day's cap: that, and the worst case of calls of which no
  answer came. So the bill lies between the two.
- ``used``: the bill's share of the cap. ``calls`` are those that were billed.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from pressrun.engines.limits import NANO
from pressrun.ledger import Ledger, budgets
from pressrun.ledger.database.schema import calls
from tests.benchmarks.budget_process import Job
from tests.benchmarks.gemini_process import Books, Gemini, gemini
from tests.benchmarks.ledgers import KINDS, ledger_url

CHECKOUT = Path(__file__).resolve().parents[2]
#: Half of the answers take longer than this; of a hundred, a few longer than callers wait.
_LATENCY_S, _SIGMA = 0.4, 0.8
_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "500", "probability": 0.03},
    {"kind": "503", "probability": 0.03},
    {"kind": "hang", "probability": 0.01},
    {"kind": "drop", "probability": 0.02},
    {"kind": "hang_up", "probability": 0.02},  # billed
    {"kind": "bad_body", "probability": 0.02},  # billed
    {"kind": "invalid_json", "probability": 0.05},  # billed
    {"kind": "truncated_picture", "probability": 0.03},  # billed
    {"kind": "no_image", "probability": 0.02},
)
#: Seconds between two kills.
_BETWEEN_S = (0.3, 1.5)
_PATIENCE_S = 600

Figures = dict[str, float | int | str]


@dataclass(frozen=True)
class Trial:
    """What is measured."""

    threads: int
    processes: int
    cap_usd: float
    kills: int
    seed: int
    ledger: str

    @property
    def batch_usd(self) -> float:
        """The cap of each batch."""
        return self.cap_usd / 2


def measure(trial: Trial) -> Figures:
    """Runs the processes to their end, and gives the figures."""
    server = gemini(latency=_LATENCY_S, latency_sigma=_SIGMA, seed=trial.seed)
    with (
        tempfile.TemporaryDirectory(prefix="pressrun-budget-") as name,
        ledger_url(trial.ledger, Path(name)) as url,
        server as served,
        closing(Ledger(url)) as ledger,
    ):
        served.fail(*(fault | {"seed": trial.seed} for fault in _FAULTS))
        jobs = _jobs(trial, url, served)
        with _running(jobs) as payers:
            kills = _kill(payers, trial)
            _wait(payers)
        books = served.settled_books()
        spent_usd, held_usd = _counted(ledger, jobs[0])
        return {
            "cap_usd": trial.cap_usd,
            "billed_usd": round(books.billed_usd, 6),
            "ledger_usd": round(_known_usd(ledger), 6),
            "spent_usd": round(spent_usd + held_usd, 6),
            "over": round(_over(trial, jobs, books), 6),
            "used": round(books.billed_usd / trial.cap_usd, 4),
            "calls": len(books.served),
            "kills": kills,
            "threads": trial.threads,
            "processes": trial.processes,
            "seed": trial.seed,
            "ledger": trial.ledger,
        }


class _Payer:
    """A process that pays for one batch, and those that follow it."""

    def __init__(self, job: Job):
        self._job = job
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.budget_process"],
            cwd=CHECKOUT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asdict(self._job)) + "\n")
        self.process.stdin.flush()

    def has_begun(self) -> None:
        """Waits until it pays."""
        assert self.process.stdout
        if self.process.stdout.readline() != "begun\n":
            raise RuntimeError("A paying process did not begin.")

    def restart(self) -> None:
        """Kills it, and lets another go on with its batch."""
        self.end()
        self._job = replace(self._job, life=self._job.life + 1)
        self._start()
        self.has_begun()

    def end(self) -> None:
        """Kills it."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def _running(jobs: list[Job]) -> Iterator[list[_Payer]]:
    payers = [_Payer(job) for job in jobs]
    try:
        for payer in payers:
            payer.has_begun()
        yield payers
    finally:
        for payer in payers:
            payer.end()


def _jobs(trial: Trial, url: str, served: Gemini) -> list[Job]:
    # A key for each, so that the provider's bill tells the batches apart.
    return [
        Job(
            ledger=url,
            url=served.url,
            key=f"AIza-budget-{number}",
            batch_id=f"batch-{number}",
            life=0,
            threads=trial.threads // trial.processes,
            batch_usd=trial.batch_usd,
            daily_usd=trial.cap_usd,
            at=time.time(),
        )
        for number in range(trial.processes)
    ]


def _kill(payers: list[_Payer], trial: Trial) -> int:
    """Kills processes while any pays; returns how many."""
    chance = random.Random(trial.seed)
    for kills in range(trial.kills):
        time.sleep(chance.uniform(*_BETWEEN_S))
        paying = [payer for payer in payers if payer.process.poll() is None]
        if not paying:
            return kills
        chance.choice(paying).restart()
    return trial.kills


def _wait(payers: list[_Payer]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    for payer in payers:
        if payer.process.wait(max(0.0, deadline - time.monotonic())):
            raise RuntimeError("A paying process failed.")


def _counted(ledger: Ledger, job: Job) -> tuple[float, float]:
    (_, day) = job.caps()
    with ledger.database.read() as connection:
        return budgets.books(connection, day.scope)


def _known_usd(ledger: Ledger) -> float:
    with ledger.database.read() as connection:
        cost = connection.execute(select(func.coalesce(func.sum(calls.c.cost_nusd), 0)))
        return int(cost.scalar_one()) / NANO


def _over(trial: Trial, jobs: list[Job], books: Books) -> float:
    of_batches = (books.billed_to(job.key) - trial.batch_usd for job in jobs)
    return max(books.billed_usd - trial.cap_usd, *of_batches)


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.budget",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--threads", type=int, default=64, help="of all processes together")
    add("--processes", type=int, default=4)
    add("--cap", type=float, default=20.0, help="USD that the account's day may cost")
    add("--kills", type=int, default=6)
    add("--seed", type=int, default=0, help="of faults, latencies and kills")
    add("--ledger", choices=KINDS, default="sqlite")
    add("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    trial = Trial(given.threads, given.processes, given.cap, given.kills, given.seed, given.ledger)
    figures = measure(trial)
    lines = [json.dumps(figures)] if given.json else [f"{k:12}{v}" for k, v in figures.items()]
    print("\n".join(lines))
    return 0 if float(figures["over"]) <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
