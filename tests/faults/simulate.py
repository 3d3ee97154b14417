"""Schedules of crashes and faults, by seed, against the ledger and a batch's inner run.

    python -m tests.faults.simulate --schedules 5000 --seed 1 --json

A schedule plans one batch and runs it, as ``BatchRun`` and the reports do, in processes that die
at drawn steps (before and after anything is written, sent, kept, delivered or reported) while the
provider, the destination and the disk fail. Between them a person raises caps, pauses and
resumes, and sets the clock back and forth. Then the weather clears, and the batch has to come to
its end. Threads, clock and sockets are simulated; ledger (SQLite), vault and folder are real.
After each schedule it must hold that

- no question was asked again once its answer was settled, and each has one settled answer;
- the provider's bill is what the ledger has, but for answers that nobody heard;
- no cap was passed at any moment, and none has anything set aside any more;
- every file stands at its destination once, with the bytes that were paid, and nothing else;
- every item is completed, or failed for good with a reason; nothing is left in work.

A schedule that fails is told with its seed: ``--seed S --schedules 1`` runs it again.
"""

import argparse
import hashlib
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import tenacity
import tenacity.nap
import tenacity.wait
from pydantic import BaseModel
from sqlalchemy import Connection, delete, select

import pressrun.ledger
from pressrun.batches import background, beginnings, delivery, delivery_rate, finish, lease, run
from pressrun.batches.run import BatchRun
from pressrun.calls import admission, caller, endpoints, routes
from pressrun.calls.caller import Caller
from pressrun.engines.account import Access, Account
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.limits import NANO, Limits
from pressrun.errors import PressrunError
from pressrun.kinds.base import ExpectedCall, Output
from pressrun.ledger import Ledger, batches, deliveries, leases
from pressrun.ledger.budgets import books
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.schema import budgets, calls, holds, quotas
from pressrun.ledger.database.schema import holders as holders_table
from pressrun.ledger.database.writer import Writer
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.reports.gallery import gallery
from pressrun.settings import settings
from pressrun.stores.factory import folder_target
from pressrun.stores.layout import DEFAULT, PathLayout
from tests.faults.scheduler import Died, World
from tests.faults.weather import IMAGE, TEXT, Destination, Disk, Provider, Weather, usd
from tests.support import batches as inner
from tests.support.batches import IMAGE_MODEL, TEXT_MODEL

T = TypeVar("T")
#: 06:00 UTC: no schedule gets to the next day, or back to the last, with all its clock's jumps.
_MORNING = 1_767_247_200.0
_REPORTS = frozenset({"gallery.html", "items.csv", "manifest.json"})
_MOST_LIVES = 60
#: Calls whose answer did not come, so that only the provider knows whether they were billed.
_UNHEARD = frozenset({"timeout", "connection"})


class Violation(AssertionError):
    """Something that must hold did not."""


class _Words(BaseModel):
    words: str


class _Recipe:
    """Slideshows in small: the calls and files of the real recipe, and nothing drawn."""

    def models(self, settings: dict[str, Any]) -> list[str]:
        return [TEXT_MODEL, IMAGE_MODEL]

    def expect(self, spec: dict[str, Any], settings: dict[str, Any]) -> list[ExpectedCall]:
        return []

    def make(
        self, batch_id: str, item: Item, settings: dict[str, Any], caller: Caller, vault: Vault
    ) -> list[Output]:
        asked = TextRequest(TEXT_MODEL, f"{item.key}/analysis ?", _Words)
        words = caller.text("analysis", asked)
        outputs = []
        for number in range(item.spec["slides"]):
            slot = f"slide_{number}"
            prompt = f"{item.key}/{slot} {words.sha256}"
            picture, paid = caller.image(slot, ImageRequest(IMAGE_MODEL, prompt), lambda it: it)
            path = f"{item.key}/{slot}.jpg"
            outputs.append(Output(path, picture.media_type, picture.data, paid.sha256))
        analysis = _analysis(words.sha256, [output.sha256 for output in outputs])
        return [*outputs, Output(f"{item.key}/analysis.json", "application/json", analysis)]


class _SteppedDatabase(Database):
    """A connection of one process to a database: it may die before and after each use."""

    def __init__(self, world: World, shared: Database):
        self.__dict__.update(shared.__dict__)
        self._world = world
        self._mine = self.writer = Writer(shared.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._world.step()
        with super().write() as connection:
            yield connection
        self._world.step()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._world.step()
        with super().read() as connection:
            yield connection

    def leave(self) -> None:
        """What the kernel does to a dead process's connection."""
        self._mine.close()


@dataclass
class Tally:
    """What came of a series of schedules."""

    schedules: int = 0
    lives: int = 0
    deaths: int = 0
    pauses: int = 0
    jumps: int = 0
    capped: int = 0
    calls: int = 0
    unheard: int = 0
    items: int = 0
    failed_items: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


@dataclass
class _Schedule:
    """One seed's story: a batch, its weather, and the lives of the processes that work on it."""

    seed: int
    ledger: Ledger
    home: Path
    tally: Tally

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.world = World(chance, _MORNING)
        self.weather = Weather(
            provider=chance.choice((0.0, 0.1, 0.3)),
            destination=chance.choice((0.0, 0.1, 0.4)),
            disk=chance.choice((0.0, 0.0, 0.03)),
        )
        self.slides = [chance.randint(0, 3) for _ in range(chance.randint(1, 4))]
        expected = sum(usd(TEXT, TEXT_MODEL) + n * usd(IMAGE, IMAGE_MODEL) for n in self.slides)
        #: About what the worst case of one answer is above a likely one.
        room, share = 0.15, chance.uniform(0.2, 1.5)
        self.cap_usd = float(expected) * share + room if chance.random() < 0.4 else None
        self.of_account = chance.random() < 0.5
        self.pace = {
            model: Limits(requests_per_minute=chance.choice((6.0, 120.0, 6000.0)))
            for model in (TEXT_MODEL, IMAGE_MODEL)
        }
        self.accesses = tuple(
            Access(f"key-{self.seed}-{number}") for number in range(chance.choice((1, 1, 2)))
        )
        self.provider = Provider(self.world, self.weather, self._watch)
        self.destination = Destination(self.home / "delivered", self.world, self.weather)
        self.vault = Disk(self.home / "vault" / self.batch_id, self.world, self.weather)
        self.batch = self._plan()
        self.running: BatchRun | None = None

    @property
    def batch_id(self) -> str:
        """The batch's, which is also its account's name."""
        return f"schedule-{self.seed}"

    def play(self) -> None:
        """Runs to the end and looks at what came of it."""
        chance = self.world.chance
        deaths, storms = chance.randint(0, 6), chance.randint(1, 4)
        for life in range(_MOST_LIVES):
            if life == max(deaths, storms):
                self._clear_up()
            likely = 60 * len(self.slides)
            death_at = chance.randint(1, chance.choice((30, likely))) if life < deaths else None
            self._live(death_at)
            if not self._open_items():
                break
            self.world.now += chance.choice((1.0, 60.0, 4000.0))
        else:
            raise Violation(f"The batch does not end: {self._open_items()}")
        self._judge()

    def _live(self, death_at: int | None) -> None:
        """One process, until it ends or dies."""
        world, tally = self.world, self.tally
        events: dict[int, Callable[[], None]] = {}
        if world.chance.random() < 0.15:
            events[world.chance.randint(1, 200)] = self._pause
        if world.chance.random() < 0.15:
            events[world.chance.randint(1, 200)] = self._set_clock
        tally.lives += 1
        with ExitStack() as stack:
            database = _stand_in(stack, self)
            stack.callback(self._kernel, database)
            if events:
                stack.enter_context(patch.object(world, "step", self._stepping(events)))
            try:
                world.live(self._work, death_at)
            except Died:
                tally.deaths += 1
                return
            except PressrunError:
                pass  # a clear end, which a person retries
            self._look_for_leftovers()

    def _work(self) -> None:
        batch = self.ledger.batches.find(self.batch_id)
        assert batch
        account = Account(
            self.accesses,
            self.pace,
            daily_usd=self.cap_usd if self.of_account else None,
            label=self.batch_id,
        )
        target = folder_target(self.destination.folder)
        inner.work(batch, account, self.world.chance.randint(1, 4), tries=3, target=target)

    def _stepping(self, events: Mapping[int, Callable[[], None]]) -> Callable[[], None]:
        """A step before which something happens when its time has come."""
        step, world, left = self.world.step, self.world, dict(events)

        def stepping() -> None:
            if happen := left.pop(world.steps, None):
                happen()
            step()

        return stepping

    def _pause(self) -> None:
        if self.running:
            self.tally.pauses += 1
            self.running.halt("paused")

    def _set_clock(self) -> None:
        self.tally.jumps += 1
        self.world.set_by_s += self.world.chance.choice((-3600.0, -120.0, 3600.0))

    def _kernel(self, database: _SteppedDatabase) -> None:
        """What becomes of a process's locks and connections at its end."""
        database.leave()
        if self.running:
            self.running.lease._unlock()
            self.running = None

    def _clear_up(self) -> None:
        """The storm is over, and a person takes the caps away."""
        self.weather.provider = self.weather.destination = self.weather.disk = 0.0
        self.cap_usd = None
        self.ledger.batches.mark(self.batch_id, budget_usd=None)

    def _open_items(self) -> list[str]:
        items = self.ledger.batches.items(self.batch_id)
        open_items = [i for i in items if i.status != "completed" and not i.is_final]
        batch = self.ledger.batches.find(self.batch_id)
        if not open_items and batch and batch.ended_at is None:
            return ["the reports"]
        return [f"{item.key} {item.status} {item.error_message}" for item in open_items]

    def _plan(self) -> Batch:
        planned = [
            PlannedItem(f"item-{number}", number, f"Item {number}", {"slides": slides})
            for number, slides in enumerate(self.slides)
        ]
        batch = Batch(
            id=self.batch_id,
            kind="slideshow",
            title="Simulated",
            destination=self.destination.destination,
            root=self.batch_id,
            parameters={},
            created_at=self.world.now,
            layout=PathLayout.of(DEFAULT).files,
            budget_usd=None if self.of_account else self.cap_usd,
        )
        self.tally.capped += self.cap_usd is not None
        return self.ledger.batches.create(batch, planned)

    # What must hold.

    def _watch(self, question: str, billed: bool) -> None:
        """Looks at every call as the provider sees it."""
        if billed:
            spent = sum(served.cost_nusd for served in self.provider.bill)
            if self.cap_usd is not None and spent > self.cap_usd * NANO:
                raise Violation(f"{spent / NANO} USD are billed, of {self.cap_usd} allowed.")
        elif any(row.status == "settled" for row in self._rows() if _asked(row) == question):
            raise Violation(f"{question} is asked although it is settled.")

    def _look_for_leftovers(self) -> None:
        """After a process that ended by itself: nothing in work, nobody waits, nothing held."""
        counts = self.ledger.batches.counts(self.batch_id)
        _must(not counts.get("processing"), f"Items are left in work: {counts}")
        _must(all(row.status != "intent" for row in self._rows()), "A call is left in flight.")
        with self.ledger.database.read() as connection:
            mine = holders_table.c.batch_id == self.batch_id
            _must(not connection.execute(select(holders_table).where(mine)).all(), "It is held.")
            for scope in self._scopes(connection):
                _must(not books(connection, scope)[1], f"Something is set aside under {scope}.")
        for route in self.running.routes.by_model.values() if self.running else ():
            _must(route.admission.idle, "An admission is lost.")

    def _judge(self) -> None:
        self._judge_threads()
        self._judge_money()
        self._judge_files()

    def _judge_threads(self) -> None:
        failures = [repr(error) for error in self.world.failures]
        _must(not failures, f"Threads died of {failures}.")

    def _judge_money(self) -> None:
        rows, bill = self._rows(), self.provider.bill
        of_question: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            of_question[_asked(row)].append(row)
        billed = Counter(served.question for served in bill)
        unheard = 0
        for question, mine in of_question.items():
            paid = sum(row.cost_nusd > 0 for row in mine)
            most = paid + sum(row.status == "lost" or row.error_kind in _UNHEARD for row in mine)
            _must(paid <= billed[question] <= most, f"{question}: {billed[question]} billed.")
            _must(sum(row.status == "settled" for row in mine) <= 1, f"{question} settled twice.")
            unheard += billed[question] - paid
        _must(billed.keys() <= of_question.keys(), "A call is on no ledger.")
        cost = {served.question: served.cost_nusd for served in bill}
        owed = sum(served.cost_nusd for served in bill) - sum(row.cost_nusd for row in rows)
        heard = sum(row.cost_nusd > 0 for row in rows)
        _must(len(bill) - heard == unheard, "Unheard answers do not add up.")
        extra = Counter(billed) - Counter(_asked(row) for row in rows if row.cost_nusd)
        _must(owed == sum(cost[q] * n for q, n in extra.items()), f"{owed} nano-dollars differ.")
        self.tally.calls += len(bill)
        self.tally.unheard += unheard

    def _judge_files(self) -> None:
        items = self.ledger.batches.items(self.batch_id)
        settled = {_asked(row): row for row in self._rows() if row.status == "settled"}
        answers = {hashlib.sha256(served.data).hexdigest(): served for served in self.provider.bill}
        expected: dict[str, str] = {}
        for item, slides in zip(items, self.slides, strict=True):
            if item.status != "completed":
                _must(bool(item.error_message), f"{item.key} failed without a reason.")
                continue
            digests = [settled[f"{item.key}/slide_{n}"].sha256 for n in range(slides)]
            for number, digest in enumerate(digests):
                _must(answers[digest].question == f"{item.key}/slide_{number}", "Answers mixed up.")
                expected[f"{item.key}/slide_{number}.jpg"] = digest
            words = settled[f"{item.key}/analysis"].sha256
            analysis = hashlib.sha256(_analysis(words, digests)).hexdigest()
            expected[f"{item.key}/analysis.json"] = analysis
        root = self.destination.folder / self.batch_id
        standing = {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        missing = [path for path in expected if path not in standing]
        wrong = [path for path in expected if standing.get(path, "") != expected[path]]
        extra = standing.keys() - expected.keys() - _REPORTS
        _must(not missing, f"Missing: {missing}")
        _must(not wrong, f"Wrong: {wrong}")
        _must(not extra, f"Nobody made: {sorted(extra)}")
        self._judge_manifest(root, expected, len(items))
        self.tally.items += len(items)
        self.tally.failed_items += sum(item.status == "failed" for item in items)

    def _judge_manifest(self, root: Path, expected: dict[str, str], items: int) -> None:
        manifest = json.loads((root / "manifest.json").read_bytes())
        listed = {f["path"]: f["sha256"] for entry in manifest["items"] for f in entry["files"]}
        _must(listed == expected, "The manifest lists other files.")
        _must(manifest["totals"]["items"] == items, "The manifest lists other items.")
        paid = sum(row.cost_nusd for row in self._rows()) / NANO
        _must(abs(manifest["totals"]["cost_usd"] - paid) < 1e-6, "The manifest has another cost.")

    def _rows(self) -> list[Any]:
        with self.ledger.database.read() as connection:
            mine = calls.c.batch_id == self.batch_id
            return list(connection.execute(select(calls).where(mine)))

    def _scopes(self, connection: Connection) -> list[str]:
        found = connection.scalars(select(budgets.c.scope)).all()
        return [scope for scope in found if self.batch_id in scope]

    def forget(self) -> None:
        """Leaves the ledger as it was, so that no schedule knows of another."""
        with self.ledger.database.write() as connection:
            connection.execute(delete(calls))
            for table in (budgets, holds, quotas, holders_table):
                connection.execute(delete(table))
        self.ledger.batches.remove(self.batch_id)


def _analysis(words: str, digests: list[str]) -> bytes:
    slides = [{"new_text": words, "prompt": digest} for digest in digests]
    return json.dumps({"slides": slides}).encode()


def _asked(row: Any) -> str:
    return f"{row.item_key}/{row.slot}"


def _must(so: bool, else_say: str) -> None:
    if not so:
        raise Violation(else_say)


def _stand_in(stack: ExitStack, schedule: _Schedule) -> _SteppedDatabase:
    """Puts the simulated world in the place of the real one, for one process."""
    world = schedule.world
    database = _SteppedDatabase(world, schedule.ledger.database)
    with patch.object(pressrun.ledger, "Database", lambda _url: database):
        ledger = Ledger("")

    def opened(*arguments: Any, **named: Any) -> BatchRun:
        schedule.running = BatchRun(*arguments, **named)
        return schedule.running

    for module in (
        caller,
        routes,
        delivery,
        lease,
        delivery_rate,
        finish,
        tenacity,
        tenacity.nap,
        batches,
        deliveries,
        leases,
        beginnings,
    ):
        stack.enter_context(patch.object(module, "time", world.time))
    for module in (background, admission, inner):
        stack.enter_context(patch.object(module, "threading", world.threading))
    for module in (delivery, inner, gallery):
        stack.enter_context(patch.object(module, "ThreadPoolExecutor", world.pool))
    stack.enter_context(patch.object(delivery, "SimpleQueue", world.queue))
    for module in (delivery, tenacity.wait):
        stack.enter_context(patch.object(module, "random", world.chance))
    stack.enter_context(patch.object(inner, "BatchRun", opened))
    instead = {
        "open_ledger": lambda: ledger,
        "open_store": lambda *_: schedule.destination,
        "find_kind": lambda _: SimpleNamespace(recipe=_Recipe(), model_of=None),
        "vault_of": lambda *_: schedule.vault,
    }
    stack.enter_context(patch.object(endpoints, "open_engine", lambda *_: schedule.provider))
    for name, stand_in in instead.items():
        stack.enter_context(patch.object(run, name, stand_in))
    stack.enter_context(patch.object(beginnings, "find_kind", instead["find_kind"]))
    return database


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder for ledger, vault and files, in memory where the machine has such a place."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="pressrun-simulate-", dir=place) as home,
        patch.dict(os.environ, PRESSRUN_DATA=home),
    ):
        settings.cache_clear()
        yield Path(home)
    settings.cache_clear()


def play(seeds: range, home: Path) -> Tally:
    """Plays a schedule for each seed, with ledger, vault and files in ``home``."""
    tally, begun = Tally(), time.monotonic()
    logging.disable()  # a fault a line is no news
    ledger = Ledger(f"sqlite:///{home}/ledger.db")
    try:
        for seed in seeds:
            schedule = _Schedule(seed, ledger, home, tally)
            try:
                schedule.play()
            except Exception as error:  # noqa: BLE001 - every fault is told with its seed
                tally.failures.append(f"seed {seed}: {error!r}")
            schedule.forget()
            tally.schedules += 1
    finally:
        ledger.close()
        logging.disable(logging.NOTSET)
    tally.seconds = round(time.monotonic() - begun, 1)
    return tally


def play_in_processes(seeds: range, processes: int) -> Tally:
    """As :func:`play`, a share of the seeds in each process; the story of a seed is the same."""
    begun, shares = time.monotonic(), [seeds[n::processes] for n in range(processes)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        tallies = list(pool.map(_play_alone, shares))
    whole = Tally()
    for tally in tallies:
        for name, value in vars(tally).items():
            setattr(whole, name, getattr(whole, name) + value)
    whole.seconds = round(time.monotonic() - begun, 1)
    return whole


def _play_alone(seeds: range) -> Tally:
    with in_memory() as home:
        return play(seeds, home)


def main(arguments: list[str] | None = None) -> int:
    """Plays, and prints what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.simulate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--schedules", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1, help="of the first; the next follow it")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count(), help="default: a core each"
    )
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.schedules)
    tally = play_in_processes(seeds, min(options.processes, options.schedules))
    said = asdict(tally)
    lines = [json.dumps(said)] if options.json else [f"{k:14}{v}" for k, v in said.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
