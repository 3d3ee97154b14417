"""Two real workers of one Prefect server, of which one is stopped while it works on a batch.

The server and the ledger are on PostgreSQL, deliveries go to a local S3, and each worker has a data
folder of its own. A batch of slideshows is made with the local Gemini, whose books say when the
last call of the stopped worker ended, and when the first one of the other began.
"""

import json
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import psutil
import psycopg
from prefect.settings import PREFECT_API_URL, temporary_settings

from pressrun.blocks import ResultStore
from pressrun.ledger import Ledger
from pressrun.stores.factory import open_store
from tests.faults.stack import Stack, until
from tests.servers.gemini import GeminiServer
from tests.servers.postgresql import PostgreSQL
from tests.support.batches import FAST, GEMINI, KEY, parameters
from tests.support.machines import Books, Site, books
from tests.support.targets import target_at

#: What is stopped: the worker; the worker and the flow's process together, as a service manager
#: does; the flow's process alone; the flow's process twice; the worker before the flow began.
How = Literal["worker", "group", "flow", "twice", "starting", "killed"]
SHAPE = {"shows": 8, "slides": 3, "text_variations": 1, "concurrency": 2}
_PATIENCE_S = 240.0
_STARTED = "' started!"


@dataclass
class Outcome:
    """What came of a stop.

    Attributes:
        calls_ended_s: From the signal to the end of the last call that was under way.
        elsewhere_s: From there to the first call of the other worker.
        billed: Calls that the provider counts.
        books: The batch, compared with its destination.
    """

    how: How
    calls_ended_s: float
    elsewhere_s: float
    billed: int
    state: str
    books: Books = field(repr=False)

    @property
    def repaid(self) -> int:
        """Calls that were billed and are not the batch's answers."""
        return self.billed - self.books.calls["settled"]


class Fleet:
    """Two workers, ``a`` and ``b``; the second is started when the first is at work.

    Args:
        home: Folder of everything.
        database: Where the server and the ledger have a database each.
        site: The ledger, the S3 and the vault that they share.
        ends: Ends the processes.
        latency_s: Of a call.
    """

    def __init__(
        self, home: Path, database: PostgreSQL, site: Site, ends: ExitStack, latency_s: float = 4.0
    ):
        self._home, self._site = home, site
        self.gemini = ends.enter_context(GeminiServer(keys={KEY}, latency_s=latency_s))
        shared = {
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": self.gemini.url,
            "PRESSRUN_LIMITS": json.dumps(FAST),
        }
        workers = {name: dict(site.machine(name).variables) for name in ("a", "b")}
        url = made(database, "prefect").replace("postgresql://", "postgresql+asyncpg://")
        home.mkdir(exist_ok=True)
        self.stack = ends.enter_context(Stack(home, shared, workers, url))
        self.stack.stop("b")
        with temporary_settings({PREFECT_API_URL: self.stack.url}):
            place = f"s3://{site.about['bucket']}/deliveries"
            store = ResultStore(destination=place, endpoint_url=site.s3.url)
            self._store = store.save("s3", overwrite=True)
        self._batches = 0

    def play(self, how: How) -> Outcome:
        """Lets a batch begin at one worker, stops it there, and waits until it is whole."""
        self.gemini.reset()
        self._batches += 1
        sources = self._home / f"sources-{self._batches}"
        sources.mkdir()
        given: dict[str, Any] = parameters(sources, **SHAPE, **GEMINI, title="Test")
        given["store"] = {"$ref": {"block_document_id": str(self._store)}}
        run_id = self.stack.run(given)
        assert until(lambda: bool(self.stack.flows("a")))
        if how != "starting":
            self._start("b")
            assert until(lambda: len(self.gemini.bill) >= 3), self.stack.state_of(run_id)
        flows = self.stack.flows("a")
        stopped = time.monotonic()
        self._stop(how, flows)
        if how == "starting":
            self._start("b")
        ended = self._moment(lambda: not self.gemini.in_flight)
        gone = self._moment(lambda: not self.stack.flows("a"))
        at_work = self._moment(lambda: bool(self.gemini.in_flight))
        assert until(lambda: self.stack.state_of(run_id) in _ENDED, _PATIENCE_S)
        state = self.stack.state_of(run_id)
        outcome = Outcome(
            how,
            round(ended - stopped, 1),
            round(at_work - min(ended, gone), 1),
            len(self.gemini.bill),
            state,
            self._books(run_id),
        )
        self.stack.stop("b")
        if how in ("worker", "group", "starting"):
            self.stack.wait("a")
        elif how != "killed":
            self.stack.stop("a")
        self._start("a")
        return outcome

    def _start(self, name: str) -> None:
        log = self._home / f"{name}.log"
        before = log.read_text().count(_STARTED) if log.exists() else 0
        self.stack.start(name)
        assert until(lambda: log.read_text().count(_STARTED) > before)

    def _stop(self, how: How, flows: Sequence[psutil.Process]) -> None:
        if how == "killed":
            self.stack.kill("a")
            self.stack.kill_flow("a")
            return
        if how in ("worker", "group", "starting"):
            self.stack.terminate("a")
        if how in ("group", "flow", "twice"):
            for flow in flows:
                flow.send_signal(signal.SIGTERM)
        if how == "twice":
            time.sleep(3.5)
            for flow in flows:
                with suppress(psutil.NoSuchProcess):
                    flow.send_signal(signal.SIGTERM)

    def _moment(self, true: Callable[[], bool]) -> float:
        assert until(true, _PATIENCE_S)
        return time.monotonic()

    def _books(self, run_id: UUID) -> Books:
        ledger = Ledger(self._site.ledger_url)
        try:
            store = open_store(target_at("s3", self._site.about), ledger.remote_ids)
            return books(ledger, str(run_id), store)
        finally:
            ledger.close()


_ENDED = ("Completed", "PartiallyFailed", "Failed", "TooManyCrashes")


def made(server: PostgreSQL, name: str) -> str:
    """Makes a database; gives its URL."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.url.rpartition('/')[0]}/{name}"
