"""Machines for tests: processes with a data folder each, one ledger, and a destination for all.

All of them run on one host, so that their names are equal. A machine can die right after the n-th
answer is paid, or be paused there, whatever the speed of the real one.
"""

import hashlib
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pressrun.batches import lease
from pressrun.batches.finish import finish
from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.run import BatchRun
from pressrun.batches.vaults import vault_at
from pressrun.engines.account import Account
from pressrun.errors import ElsewhereError, Halted
from pressrun.kinds.registry import find_flow
from pressrun.ledger import Ledger, leases, open_ledger
from pressrun.ledger.calls import Calls, Intent, Settlement
from pressrun.ledger.database.schema import calls
from pressrun.settings import settings
from pressrun.stores.base import Store
from pressrun.stores.factory import Scheme, Target
from tests.servers.s3 import S3Server
from tests.support.articles import TOPICS
from tests.support.batches import make, parameters, time_of
from tests.support.processes import forks
from tests.support.targets import About, target_at

#: What is asked of each flow, all with engines that need no server, and how many calls it takes.
CALLS = {"slideshow-batch": 6, "image-batch": 4, "article-batch": 20, "model-comparison": 4}
#: How a process says what came of its work.
WHOLE, PAUSED, TAKEN, ELSEWHERE = 0, 3, 4, 5


def asked(flow: str, home: Path) -> dict[str, Any]:
    """Parameters of a small batch of that flow."""
    if flow == "slideshow-batch":
        return parameters(home, shows=2, slides=2)
    own: dict[str, dict[str, Any]] = {
        "image-batch": {"prompts": "- a cup\n- a plate\n- a bowl\n- a jug"},
        "article-batch": {"items": "\n".join(TOPICS), "word_count": 300, "delay_s": 0.0},
        "model-comparison": {"prompts": "a cat\na dog", "models": ["sketch", "sketch-ink"]},
    }
    return {"title": "Test"} | own[flow]


@dataclass(frozen=True)
class Task:
    """What a machine is told to do with a batch.

    Attributes:
        pause_after, die_after: So many paid answers; None for never.
        patience_s: Longest wait for another process that has the batch.
    """

    batch_id: str
    flow: str
    given: Mapping[str, Any]
    scheme: Scheme
    about: About
    pause_after: int | None = None
    die_after: int | None = None
    patience_s: float = 120.0


@dataclass
class Machine:
    """A data folder, and the environment of its processes."""

    data: Path
    variables: Mapping[str, str]
    dead_s: float | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.log = self.data / "machine.log"

    def start(self, task: Task) -> ForkServerProcess:
        """Starts a process; it exits with one of this module's numbers."""
        context = forks(__name__, "boto3", "pressrun.kinds.slideshow.planner")
        process = context.Process(target=_main, args=(self, task))
        process.start()
        return process

    def work(self, task: Task) -> int:
        """Works until the process ends; gives its exit code, as -9 of one that was killed."""
        process = self.start(task)
        process.join(120)
        assert process.exitcode is not None, self.said
        return process.exitcode

    @property
    def said(self) -> str:
        """What its processes have logged."""
        return self.log.read_text("utf-8") if self.log.exists() else ""


@dataclass
class Site:
    """What all machines share: a ledger, an S3 service, perhaps a vault.

    Attributes:
        vault: Whether machines have a vault in common.
    """

    home: Path
    ledger_url: str
    s3: S3Server
    vault: bool = False
    about: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.about = {
            "url": self.s3.url,
            "bucket": self.s3.make_bucket(f"b-{uuid.uuid4().hex[:12]}"),
            "access_key": self.s3.access_key,
            "secret_key": self.s3.secret_key,
        }

    def machine(self, name: str, dead_s: str = "", **variables: str) -> Machine:
        """A machine that is started for the first time, or again.

        Args:
            name: Of its folder.
            dead_s: After so many seconds without a heartbeat it takes others for dead.
            variables: For its processes.
        """
        own = {
            "PRESSRUN_DATA": str(self.home / name),
            "PRESSRUN_OUTPUT": str(self.home / f"{name}-output"),
            "PRESSRUN_LEDGER_URL": self.ledger_url,
            "PRESSRUN_MACHINES": "several",
            "PRESSRUN_DELIVERY_PATIENCE_S": "0",
            "PRESSRUN_INPUT_ROOTS": str(self.home),
            "PRESSRUN_OUTPUT_ROOTS": str(self.home),
        }
        if self.vault:
            own |= {
                "PRESSRUN_VAULT": f"s3://{self.about['bucket']}/vault",
                "PRESSRUN_VAULT_ENDPOINT_URL": self.s3.url,
                "AWS_ACCESS_KEY_ID": self.s3.access_key,
                "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            }
        return Machine(self.home / name, own | variables, float(dead_s) if dead_s else None)

    def task(self, flow: str, **changes: Any) -> Task:
        """A new batch of that flow, delivered to S3 if nothing else is said."""
        defaults: dict[str, Any] = {"scheme": "s3", "about": self.about}
        return Task(str(uuid.uuid4()), flow, asked(flow, self.home), **(defaults | changes))

    def again(self, task: Task, **changes: Any) -> Task:
        """The same batch once more, to its end if nothing else is said."""
        return replace(task, **({"pause_after": None, "die_after": None} | changes))

    def stored(self, prefix: str = "") -> list[str]:
        """What lies in the bucket."""
        pages = self.s3.client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.about["bucket"], Prefix=prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", ())]


@dataclass(frozen=True)
class Books:
    """A batch after its end: what its ledger says, compared with what stands there.

    Attributes:
        calls: By their status.
        lost, wrong: Files that are missing at the destination, or have other bytes.
        left: What still lies in the second place.
    """

    items: dict[str, int]
    calls: Counter[str]
    lost: int
    wrong: int
    left: int


def books(ledger: Ledger, batch_id: str, store: Store) -> Books:
    """Compares a batch with its destination."""
    batch = ledger.batches.match(batch_id)
    files = ledger.deliveries.all(batch_id)
    there = {each.path: each for each in store.list(batch.root)}
    lost = [file for file in files if f"{batch.root}/{file.path}" not in there]
    wrong = 0
    for file in files:
        if file not in lost:
            with store.open(f"{batch.root}/{file.path}") as stream:
                wrong += hashlib.sha256(stream.read()).hexdigest() != file.sha256
    with ledger.database.read() as connection:
        query = select(calls.c.status).where(calls.c.batch_id == batch_id)
        statuses = Counter(connection.scalars(query))
    left = len(ledger.copies.elsewhere(batch_id))
    return Books(ledger.batches.counts(batch_id), statuses, len(lost), wrong, left)


def wait_for(true: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Polls until something is so."""
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.02)


def _main(machine: Machine, task: Task) -> None:
    logging.disable(logging.NOTSET)
    logging.basicConfig(filename=machine.log, level=logging.WARNING, force=True)
    os.environ.update(machine.variables)
    settings.cache_clear()
    open_ledger.cache_clear()
    if machine.dead_s is not None:
        leases.DEAD_S = lease.WATCH_S = machine.dead_s
    try:
        sys.exit(_work(task, target_at(task.scheme, task.about)))
    except ElsewhereError as error:
        logging.warning("%s", error)
        sys.exit(ELSEWHERE)


def _work(task: Task, target: Target) -> int:
    ledger = open_ledger()
    batch = ledger.batches.find(task.batch_id)
    if batch is None:
        kind = find_flow(task.flow)
        given = kind.parse_parameters(dict(task.given))
        vault = vault_at(task.batch_id, target)
        log = logging.getLogger("plan").info
        with planner_of(kind, given, target, Account, vault, log) as planner:
            planned = planner.plan()
        new = new_batch(kind, given, target, task.batch_id, time_of(time.time()))
        batch = ledger.batches.create(new, planned)
    run = BatchRun(batch, Account(), 2, target)
    try:
        if not run.begin(patience_s=task.patience_s):
            return TAKEN
        return _made(run, task)
    finally:
        run.close()


def _made(run: BatchRun, task: Task) -> int:
    _watch(run, task)
    delivery = threading.Thread(target=run.delivery.run)
    delivery.start()
    with ThreadPoolExecutor(2) as pool, suppress(Halted):
        list(pool.map(lambda item: make(run, item.key), run.todo()))
    run.delivery.generation_over()
    delivery.join()
    if isinstance(run.stopped_by, Halted):
        run.ledger.batches.mark(run.batch.id, status="paused")
        return PAUSED
    return WHOLE if finish(run).whole else 1


def _watch(run: BatchRun, task: Task) -> None:
    """Halts the run, or ends this process, right after so many answers are paid."""
    paid, lock, settle = [0], threading.Lock(), Calls.settle

    def settled(
        self: Calls,
        call_id: str,
        settlement: Settlement,
        now: float,
        unwritten: Intent | None = None,
    ) -> None:
        settle(self, call_id, settlement, now, unwritten)
        with lock:
            paid[0] += 1
            if task.die_after is not None and paid[0] >= task.die_after:
                os.kill(os.getpid(), signal.SIGKILL)
            if task.pause_after is not None and paid[0] >= task.pause_after:
                run.halt("paused")

    Calls.settle = settled  # type: ignore[method-assign]
