"""Deliveries to destinations that misbehave, by senders that are killed: what arrives?

    python -m tests.faults.delivery --seed 1 --runs 200 --store all --json

A run makes a few items with files of random sizes and delivers them with the real engine, stores
and client libraries, in a process of its own that is SIGKILLed at random moments and started
again until it says that it is done. Meanwhile the destination loses replies, fails, refuses,
resets, truncates and dawdles. Then its own books are compared with what was made:

- ``missing``: files that were made and do not stand there.
- ``duplicate``: files that stand there once more than they should, or that nobody made.
- ``wrong``: files that stand there with other bytes.
- ``unfinished``: runs whose sender did not come to an end, or whose ledger says so.

All four have to be 0. ``kills`` and ``faults`` tell what the runs went through. A seed draws the
same files and faults again; the moments of the kills depend on the machine.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch
from pressrun.stores.factory import Scheme
from tests.faults.destinations import Destination, Standing, destination
from tests.faults.sender import Job, start
from tests.support.blank_batches import Blank, plan
from tests.support.targets import target_at

STORES: tuple[Scheme, ...] = ("folder", "s3", "drive")
_MOST_STARTS = 12
_STUCK_S = 60.0


@dataclass
class Tally:
    """What came of a series of runs."""

    runs: int = 0
    files: int = 0
    missing: int = 0
    duplicate: int = 0
    wrong: int = 0
    unfinished: int = 0
    kills: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything arrived, once and right."""
        return not (self.missing or self.duplicate or self.wrong or self.unfinished)

    def compare(self, made: Mapping[str, str], standing: Iterable[Standing]) -> None:
        """Adds what differs between the files that were made and those that stand there."""
        standing = list(standing)
        counts = Counter(path for path, _ in standing)
        self.files += len(made)
        self.missing += len(made.keys() - counts.keys())
        self.duplicate += sum(n - (path in made) for path, n in counts.items())
        self.wrong += sum(path in made and made[path] != digest for path, digest in standing)


class Series:
    """Runs at one destination, one after the other."""

    def __init__(self, scheme: Scheme, at: Destination, home: Path):
        self._scheme, self._at, self._home = scheme, at, home
        self._url = f"sqlite:///{home}/ledger.db"
        self._ledger = Ledger(self._url)
        self._usual_s = 0.05

    def close(self) -> None:
        """Closes the ledger."""
        self._ledger.close()

    def run(self, seed: str, tally: Tally) -> None:
        """One run; adds what came of it."""
        chance = random.Random(seed)
        items = _draw(chance, seed)
        batch = plan(self._ledger, target_at(self._scheme, self._at.about), f"Run {seed}", items)
        self._at.afflict(chance)
        done = self._deliver(batch, chance, tally)
        tally.faults += self._at.heal()
        tally.runs += 1
        made = {blank.path: sha256(blank.data).hexdigest() for item in items for blank in item}
        tally.compare(made, self._at.books(batch.root))
        if not done or self._ledger.batches.counts(batch.id) != {"completed": len(items)}:
            tally.unfinished += 1
            told = {item.error_message for item in self._ledger.batches.items(batch.id)}
            tally.reasons += [f"{seed}: {message}" for message in told if message]

    def _deliver(self, batch: Batch, chance: random.Random, tally: Tally) -> bool:
        """Starts senders until one says that it is done; kills the first few."""
        job = Job(self._url, self._home / "vault", batch.id, self._scheme, self._at.about)
        kills = chance.choice((0, 1, 1, 2, 3))
        for number in range(_MOST_STARTS):
            to_die = number < kills
            begun = time.monotonic()
            process = start(job)
            process.join(chance.uniform(0.0, self._usual_s) if to_die else _STUCK_S)
            if process.is_alive():
                process.kill()
                process.join()
                tally.kills += to_die
            elif process.exitcode == 0:
                took_s = time.monotonic() - begun
                self._usual_s += (took_s - self._usual_s) / 3
                return True
        return False


def run_series(scheme: Scheme, seeds: Iterable[str], home: Path, tally: Tally) -> None:
    """A run for each seed, in a folder for the ledger and the vault; adds what came of them."""
    home.mkdir(parents=True, exist_ok=True)
    with destination(scheme, home) as at, ExitStack() as stack:
        series = Series(scheme, at, home)
        stack.callback(series.close)
        for seed in seeds:
            series.run(seed, tally)


def _draw(chance: random.Random, seed: str) -> list[list[Blank]]:
    return [
        [
            Blank(
                f"Link_{item:03}_@ünï/variation_1/slide_{file}.jpg",
                _draw_size(chance),
                "of several" if chance.random() < 0.1 else f"{seed} {item} {file}",
            )
            for file in range(chance.randint(1, 4))
        ]
        for item in range(chance.randint(1, 5))
    ]


def _draw_size(chance: random.Random) -> int:
    # The largest are above what Drive takes in one request.
    most = chance.choices((2_000, 200_000, 2_000_000, 7_000_000), (50, 40, 9, 1))[0]
    return chance.randint(1, most)


def main(arguments: list[str] | None = None) -> int:
    """Runs, and prints what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.delivery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--runs", type=int, default=200, help="over all stores together")
    parser.add_argument("--store", choices=(*STORES, "all"), default="all")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(arguments)
    stores = STORES if options.store == "all" else (options.store,)
    tally, begun = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pressrun-faults-") as name:
        for number, scheme in enumerate(stores):
            runs = range(number, options.runs, len(stores))
            seeds = [f"{options.seed}-{run}" for run in runs]
            run_series(scheme, seeds, Path(name) / scheme, tally)
    tally.seconds = round(time.monotonic() - begun, 1)
    said = vars(tally)
    lines = [json.dumps(said)] if options.json else [f"{k:12}{v}" for k, v in said.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
