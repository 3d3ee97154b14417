"""Machines that die, pause and follow each other: is anything lost, wrong or paid twice?

    python -m tests.faults.machines --runs 50 --seed 1 --json

Batches of every kind begin on one machine and end on another, which has a data folder of its own
and the same host name. They share a ledger (PostgreSQL, or a file: ``--sqlite``) and a local S3;
half of them have a vault in common. In turn a batch is killed, paused, killed while its destination
was away, ended while it was away, or handed on twice. Then the ledger is compared with what stands
at the destination. ``made_anew`` counts the paid answers that were gone with a machine, which only
those without a vault in common may lose; ``repaid_finished`` all others that were paid twice.

Last, real workers of a Prefect server are stopped (``--stops``, see ``tests.faults.stops``); how
long it takes until the other one is at work stands in ``elsewhere_s``, the longest of each way.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import get_args

from pressrun.ledger import Ledger
from pressrun.stores.factory import open_store
from tests.faults.stops import Fleet, How, made
from tests.servers.postgresql import PostgreSQL, postgresql
from tests.servers.s3 import S3Server
from tests.support.machines import CALLS, Site, Task, books
from tests.support.targets import target_at

SCENARIOS = ("killed", "paused", "killed while S3 was away", "S3 away", "handed on twice")


@dataclass
class Tally:
    """What came of all runs."""

    runs: int = 0
    repaid_finished: int = 0
    made_anew: int = 0
    lost_files: int = 0
    wrong_files: int = 0
    left_behind: int = 0
    unfinished: int = 0


def steps(site: Site, task: Task, scenario: str, chance: random.Random) -> Iterator[Task]:
    """Gives what the machines do before the last one, each on another machine."""
    n = chance.randrange(1, CALLS[task.flow])
    if "away" in scenario:
        site.s3.fail("ServiceUnavailable", method="PUT", contains="/Test ", times=10**6)
    if scenario.startswith("killed"):
        yield site.again(task, die_after=n)
    elif scenario == "paused":
        yield site.again(task, pause_after=n)
    elif scenario == "S3 away":
        yield site.again(task)
    else:
        yield site.again(task, pause_after=n)
        yield site.again(task, die_after=1)
    site.s3.script.reset()


def play(site: Site, flow: str, scenario: str, chance: random.Random, tally: Tally) -> None:
    """Lets one batch begin here and end there; adds what came of it."""
    task = site.task(flow)
    number = 0
    for number, step in enumerate(steps(site, task, scenario, chance), 1):
        site.machine(f"{task.batch_id}-{number}", dead_s="0").work(step)
    site.machine(f"{task.batch_id}-{number + 1}", dead_s="0").work(site.again(task))
    ledger = Ledger(site.ledger_url)
    try:
        store = open_store(target_at(task.scheme, task.about), ledger.remote_ids)
        found = books(ledger, task.batch_id, store)
    finally:
        ledger.close()
    twice = found.calls["repeated"] + (found.calls["voided"] if site.vault else 0)
    tally.runs += 1
    tally.repaid_finished += twice
    tally.made_anew += 0 if site.vault else found.calls["voided"]
    tally.lost_files += found.lost
    tally.wrong_files += found.wrong
    tally.left_behind += found.left
    tally.unfinished += set(found.items) != {"completed"}


def stop_workers(runs: int, site: Site, database: PostgreSQL, tally: Tally) -> dict[str, float]:
    """Stops so many workers, in every way in turn; gives the longest wait for the other one."""
    longest: dict[str, float] = {}
    site.vault = True
    with ExitStack() as ends:
        fleet = Fleet(site.home / "stack", database, site, ends)
        for how in islice(cycle(get_args(How)), runs):
            outcome = fleet.play(how)
            tally.runs += 1
            if how not in ("twice", "killed"):  # there calls under way are cut off
                tally.repaid_finished += outcome.repaid
            tally.lost_files += outcome.books.lost
            tally.wrong_files += outcome.books.wrong
            tally.left_behind += outcome.books.left
            tally.unfinished += outcome.state != "Completed"
            longest[how] = max(longest.get(how, 0.0), outcome.elsewhere_s)
    return longest


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Plays the runs; 0 if nothing is lost, wrong, unfinished or paid twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.machines", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="the ledger in place of PostgreSQL")
    parser.add_argument("--stops", type=int, default=0, help="of real workers, on PostgreSQL")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.stops and options.sqlite:
        parser.error("--stops needs PostgreSQL")
    tally, chance, of = Tally(), random.Random(options.seed), Counter[str]()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressrun-machines-")))
        file = f"sqlite:///{home / 'shared' / 'ledger.db'}"
        database = None if options.sqlite else stack.enter_context(postgresql())
        url = made(database, "ledger") if database else file
        site = Site(home, url, stack.enter_context(S3Server()))
        cases = [
            (flow, one, vault) for vault in (True, False) for one in SCENARIOS for flow in CALLS
        ]
        chance.shuffle(cases)
        for flow, scenario, vault in (cases * (options.runs // len(cases) + 1))[: options.runs]:
            site.vault = vault
            play(site, flow, scenario, chance, tally)
            of[scenario] += 1
            if not options.json:
                _say(f"{flow}, {scenario}, {'vault' if vault else 'no vault'}: {tally}")
        waits: dict[str, float] = {}
        if database and options.stops:
            sys.stderr.write(f"{tally}\n")  # kept, whatever becomes of the stops
            waits = stop_workers(options.stops, site, database, tally)
    _say(json.dumps(asdict(tally) | {"scenarios": dict(of), "elsewhere_s": waits}))
    bad = tally.repaid_finished + tally.lost_files + tally.wrong_files + tally.unfinished
    return 1 if bad + tally.left_behind else 0


if __name__ == "__main__":
    sys.exit(main())
