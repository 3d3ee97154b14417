"""Processes killed at random moments: is anything paid twice, lost or doubled?

    python -m tests.faults.kill --kills 200 --seed 1 --json

Batches of slideshows are made with the local Gemini and delivered to a folder, some to a local
S3. The processes that work on them, without Prefect, are SIGKILLed at random moments and started
again until each batch is whole. Then three accounts are compared: the ledger, the provider's
bill, and what stands at the destination. The numbers are those of
:class:`tests.faults.books.Tally`.

With ``--victim worker`` or ``server`` the whole Prefect stack works: a server with its
automations, a worker of a process pool, and flow runs of the deployment. Killed is the server; or
in turn the worker and the process of the flow that it runs. Both are started again, the flow by
nobody: it has to go on by itself. With ``stop`` the worker gets SIGTERM, as a service manager
stops it, which ends its flow's process too.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Literal, get_args
from unittest.mock import patch
from uuid import UUID

from pressrun.ledger import open_ledger
from pressrun.settings import settings
from pressrun.stores.factory import Scheme
from tests.faults.books import Tally, compare
from tests.faults.destinations import Destination, destination
from tests.faults.maker import Job, start
from tests.faults.stack import Stack, until
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, GEMINI, KEY, parameters, plan
from tests.support.targets import target_at

#: Every so many batches one goes to S3.
_EVERY_S3 = 4
_MOST_STARTS = 20
_STUCK_S = 60.0
#: Share of kills that come after a first call was sent: starting takes longer than the work.
_AT_WORK = 0.6
#: Heartbeats and automations take up to two minutes to notice a death.
_RECOVERY_S = 420.0
#: After this the provider has answered what a dead process had asked.
_ANSWERED_S = 1.5
Victim = Literal["process", "worker", "server", "stop"]


class Series:
    """Batches, one after the other, with the provider and the destinations that they share.

    Args:
        home: For sources and what is delivered; PRESSRUN_DATA lies elsewhere or below.
        stack: Ends the servers.
        seed: Of the moments and of the batches' shapes.
    """

    def __init__(self, home: Path, stack: ExitStack, seed: int):
        self._home, self._stack = home, stack
        self._chance = random.Random(seed)
        self._gemini = stack.enter_context(
            GeminiServer(keys={KEY}, latency_s=0.12, latency_sigma=0.5, seed=seed)
        )
        self._destinations: dict[Scheme, Destination] = {}
        self._usual_s = 1.0

    def run(self, kills: int) -> Tally:
        """Works until so many processes were killed, and their batches are whole."""
        tally, begun = Tally(), time.monotonic()
        while tally.kills < kills:
            number = tally.batches + 1
            self._batch(number, "folder" if number % _EVERY_S3 else "s3", kills, tally)
        tally.seconds = round(time.monotonic() - begun, 1)
        return tally

    def _batch(self, number: int, scheme: Scheme, kills: int, tally: Tally) -> None:
        chance, at = self._chance, self._destination(scheme)
        target = target_at(scheme, at.about)
        sources = self._home / f"sources-{number}"
        sources.mkdir(parents=True)
        # Items that differ in their photo variation alone would ask the same of the text model.
        shape = {"slides": chance.randint(1, 4), "text_variations": chance.randint(1, 3)}
        given = parameters(sources, shows=2, **shape, **GEMINI)
        batch = plan(given | {"title": f"Killed {number}"}, target=target)
        concurrency = chance.randint(1, 4)
        job = Job(settings().data, batch.id, self._gemini.url, scheme, at.about, concurrency)
        most = min(kills - tally.kills, chance.randint(2, 8))
        if not self._work(job, most, tally):
            tally.unfinished += 1
        deadline = time.monotonic() + _STUCK_S
        while self._gemini.in_flight and time.monotonic() < deadline:
            time.sleep(0.01)  # what a killed process asked last
        bill = self._gemini.bill
        compare(open_ledger(), batch, target, bill, at.books(batch.root), tally)
        self._gemini.reset()

    def _work(self, job: Job, most_kills: int, tally: Tally) -> bool:
        """Starts processes until one says that the batch is whole; kills the first few."""
        for number in range(_MOST_STARTS):
            to_die, begun = number < most_kills, time.monotonic()
            process = start(job)
            if to_die and self._chance.random() < _AT_WORK:
                until(lambda: bool(self._gemini.in_flight) or not process.is_alive())  # noqa: B023
            process.join(self._chance.uniform(0.0, self._usual_s) if to_die else _STUCK_S)
            if process.is_alive():
                process.kill()
                process.join()
                tally.kills += to_die
            elif process.exitcode == 0:
                if number == 0:  # nobody had done a part of it
                    self._usual_s += (time.monotonic() - begun - self._usual_s) / 3
                return True
        return False

    def _destination(self, scheme: Scheme) -> Destination:
        if scheme not in self._destinations:
            home = self._home / scheme
            self._destinations[scheme] = self._stack.enter_context(destination(scheme, home))
        return self._destinations[scheme]


class StackSeries:
    """Batches of the whole stack, one after the other.

    Args:
        home: For everything but the ledger, which is where PRESSRUN_DATA says.
        stack: Ends the processes.
        seed: Of the moments.
        victim: What is killed.
        away_s: For how long it stays dead; a few seconds if that is not said.
    """

    def __init__(
        self, home: Path, stack: ExitStack, seed: int, victim: Victim, away_s: float | None
    ):
        self._home, self._victim, self._away_s = home, victim, away_s
        self._chance = random.Random(seed)
        self._gemini = stack.enter_context(GeminiServer(keys={KEY}, latency_s=1.0))
        variables = {
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": self._gemini.url,
            "PRESSRUN_LIMITS": json.dumps(FAST),
        }
        self._stack = stack.enter_context(Stack(home, variables))
        self._at = stack.enter_context(destination("folder", home))
        self._target = target_at("folder", self._at.about)

    def run(self, kills: int) -> Tally:
        """Works until there were so many kills, and their batches are whole."""
        tally, begun = Tally(), time.monotonic()
        while tally.kills < kills and not tally.unfinished:
            self._batch(tally.batches + 1, kills, tally)
        tally.seconds = round(time.monotonic() - begun, 1)
        return tally

    def _batch(self, number: int, kills: int, tally: Tally) -> None:
        sources = self._home / f"sources-{number}"
        sources.mkdir()
        shape = {"shows": 8, "slides": 4, "text_variations": 3, "concurrency": 2}
        given = parameters(sources, **shape, **GEMINI, title=f"Killed {number}")
        given |= {"output": self._target.address}
        run_id = self._stack.run(given)
        for number_of_kill in range(min(4, kills - tally.kills)):
            died_at = time.monotonic()
            time.sleep(_ANSWERED_S)
            until(lambda: self._is_at_work(run_id) or self._is_over(run_id), _RECOVERY_S)
            if not self._is_at_work(run_id):
                break
            if number_of_kill:
                waited_s = time.monotonic() - died_at
                tally.recovery_s = round(max(tally.recovery_s, waited_s), 1)
            time.sleep(self._chance.uniform(0.0, 4.0))
            tally.kills += self._kill(tally.kills)
        ended = until(lambda: self._is_over(run_id), _RECOVERY_S)
        tally.unfinished += not ended
        if batch := open_ledger().batches.find(str(run_id)):
            standing = self._at.books(batch.root)
            compare(open_ledger(), batch, self._target, self._gemini.bill, standing, tally)
        self._gemini.reset()

    def _kill(self, number: int) -> bool:
        """Kills, and starts again what a service manager would; tells whether it lived."""
        # A flow whose worker lives is seen to die at once; one whose worker is gone, later.
        if self._victim == "worker" and number % 2 == 0:
            return self._stack.kill_flow()
        if self._victim == "stop":
            self._stack.stop("worker")
            self._stack.start("worker")
            return True
        self._stack.kill(self._victim)
        drawn_s = self._chance.uniform(0.0, 5.0)
        time.sleep(drawn_s if self._away_s is None else self._away_s)
        self._stack.start(self._victim)
        return True

    def _is_over(self, run_id: UUID) -> bool:
        return self._stack.state_of(run_id) == "Completed"

    def _is_at_work(self, run_id: UUID) -> bool:
        counts = open_ledger().batches.counts(str(run_id))
        return bool(self._gemini.in_flight) and "pending" in counts


def kill(
    kills: int, seed: int, home: Path, victim: Victim = "process", away_s: float | None = None
) -> Tally:
    """Kills so many processes; PRESSRUN_DATA says where the ledger is."""
    with ExitStack() as stack:
        if victim == "process":
            return Series(home, stack, seed).run(kills)
        return StackSeries(home, stack, seed, victim, away_s).run(kills)


def main(arguments: list[str] | None = None) -> int:
    """Runs, and prints what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.kill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--victim", choices=get_args(Victim), default="process")
    parser.add_argument(
        "--away", type=float, metavar="SECONDS", help="how long a worker or server stays dead"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(arguments)
    # Started in the background it is ignored, and so it would be by a worker that is stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    with tempfile.TemporaryDirectory(prefix="pressrun-kill-") as name:
        home = Path(name)
        with patch.dict(os.environ, PRESSRUN_DATA=str(home / "data")):
            settings.cache_clear()
            tally = kill(options.kills, options.seed, home, options.victim, options.away)
            open_ledger().close()
        settings.cache_clear()
        open_ledger.cache_clear()
    said = asdict(tally)
    lines = [json.dumps(said)] if options.json else [f"{k:18}{v}" for k, v in said.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
