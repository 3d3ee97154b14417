"""What the desk's pages show, read from the ledger, the settings and Prefect's server."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from urllib.parse import quote

from pressrun.batches.approval import DraftArticle, drafts_of
from pressrun.batches.control import Action, RunState, possible
from pressrun.batches.lease import is_held
from pressrun.batches.reletter import unchangeable
from pressrun.desk.kept import Kept, LastLook
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.server import Begun, PrefectServer
from pressrun.errors import InputError
from pressrun.inputs.photos.evidence import natural_order
from pressrun.kinds.registry import find_kind, kind_names
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.listing import Listed, read_batches, read_known, read_owners, read_stamp
from pressrun.ledger.records import OPEN, OVER, Batch, Item
from pressrun.ledger.reviews import notes
from pressrun.reports.progress import Progress, read_progress
from pressrun.stores.factory import scheme_of

#: Seconds for which what was read is shown to everybody.
_LIVE_S, _STATE_S, _BEGUN_S, _SERVER_S = 1.8, 4.0, 4.0, 8.0
_PICTURES, _FAILURES, _LIVE = 24, 50, 100
_MOST_SEEN = 200
#: Batches that somebody works on, or that wait for somebody.
IN_WORK = (*OPEN, "paused", "deleting")
#: Reports that a person reads, by file: what the page calls them.
_READ = {"index.html": "Read the articles", "gallery.html": "Gallery"}
_TABLES = {"items.csv": "Table (CSV)", "manifest.json": "Manifest (JSON)"}


class NoBatch(InputError):
    """The ledger has no batch of an id."""

    def __init__(self, batch_id: str):
        self.batch_id = batch_id
        super().__init__("There is no such batch. It may not be planned yet, or was deleted.")


@dataclass(frozen=True, slots=True)
class Said:
    """Where a batch stands, in words; ``status`` is the ledger's or the style's."""

    status: str
    words: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class ResultLink:
    """A result to open; ``path`` below the batch's page, or a whole address elsewhere."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """One moment of a batch.

    Attributes:
        said: Where it stands.
        at_work: Whether a process that lives works on it, as far as that is known.
        ends: Whether it has ended, and its process has still to write that down.
        asks: Whether it waits for a person's answer.
        away: Why Prefect's server could not be asked; empty if it could.
        failures: The first of the items that failed; ``failed_more`` are left out.
        actions: What may be done now.
        files: How many files have arrived, and their ``bytes``.
        drafts: Articles that await a person.
        has_words: Whether the words of its pictures can be changed once it has ended.
    """

    batch: Batch
    progress: Progress
    said: Said
    at_work: bool = False
    ends: bool = False
    asks: bool = False
    away: str = ""
    pictures: Sequence[DeliveredFile] = ()
    failures: Sequence[Item] = ()
    failed_more: int = 0
    actions: Sequence[Action] = ()
    files: int = 0
    bytes: int = 0
    results: Sequence[ResultLink] = ()
    notes: Sequence[str] = ()
    drafts: Sequence[DraftArticle] = ()
    has_words: bool = False

    @property
    def percent(self) -> int:
        """How much is completed; 100 only if all is."""
        return 100 * self.progress.completed // self.progress.total if self.progress.total else 0

    @property
    def may_change(self) -> bool:
        """Whether delivered files may be changed: no run works on them."""
        return self.batch.status not in (*OPEN, "deleting")

    @property
    def is_live(self) -> bool:
        """Whether it may change by itself soon."""
        return self.batch.status in IN_WORK or self.said.status == "ready" or self.ends


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants to see of the list."""

    words: str = ""
    kind: str = ""
    owner: str = ""
    most: int = 50

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out by choice."""
        return not (self.words or self.kind or self.owner)


@dataclass(frozen=True, slots=True)
class ListView:
    """The list of batches.

    Attributes:
        begun: Runs whose batch is not planned yet.
        without: Runs that ended lately without a batch: refused, or only quoted.
        left_out: Whether some in work are left out.
        more: Whether older ones are left out.
    """

    begun: Sequence[Begun]
    without: Sequence[Begun]
    left_out: bool
    in_work: Sequence[BatchView]
    ended: Sequence[Listed]
    more: bool
    owners: Sequence[str] = field(default=())


class Views:
    """Reads what pages show; each thing once for all who ask at the same time.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        kept: Answers of the last seconds.
    """

    def __init__(self, open_ledger: Callable[[], Ledger], server: PrefectServer, kept: Kept):
        self._open_ledger, self._server, self._kept = open_ledger, server, kept
        self._seen: OrderedDict[str, LastLook[BatchView]] = OrderedDict()

    def batch(self, batch_id: str) -> BatchView:
        """Reads a batch.

        Raises:
            InputError: There is none of that id.
            LedgerError: The ledger does not answer.
        """
        return self._read(batch_id, _STATE_S)

    def batches(self, choice: Choice) -> ListView:
        """Reads the list.

        Raises:
            LedgerError: The ledger does not answer.
        """
        live = self._kept.get(("live", choice), _LIVE_S, partial(self._live, choice))
        stamp = self._kept.get("stamp", _LIVE_S, self._stamp)
        # What has ended stays as it is until another one ends.
        ended = self._kept.get(("ended", choice, stamp), 600, partial(self._ended, choice))
        owners = self._kept.get(("owners", stamp), 600, self._owners)
        runs = self._kept.get("begun", _BEGUN_S, self._begun) if choice.is_all else []
        over = [run for run in runs if run.is_over]
        return ListView(
            [run for run in runs if run not in over],
            over,
            len(live) > _LIVE,
            [self._read(batch.id, _SERVER_S) for batch in live[:_LIVE]],
            ended[: choice.most],
            more=len(ended) > choice.most,
            owners=owners,
        )

    def warnings(self) -> list[str]:
        """Lists what keeps batches from starting."""
        try:
            there = self._kept.get("worker", _SERVER_S, self._server.has_worker)
        except ServerAway as error:
            return [f"{error} Batches cannot be started or steered meanwhile; this page goes on."]
        except InputError:
            there = False
        return [] if there else [_NO_WORKER]

    def forget(self, batch_id: str) -> None:
        """Lets the next page read a batch anew, which was just changed."""
        for asked in (("batch", batch_id), ("state", batch_id)):
            self._kept.forget(asked)
        self._seen.pop(batch_id, None)

    def _read(self, batch_id: str, state_s: float) -> BatchView:
        # First, and not within the other: a reading that waits for one holds a thread of its pool.
        run = self._kept.get(("state", batch_id), state_s, partial(self._run, batch_id))
        return self._kept.get(("batch", batch_id), _LIVE_S, partial(self._batch, batch_id, *run))

    def _batch(self, batch_id: str, state: RunState | None, away: str) -> BatchView:
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None:
            raise NoBatch(batch_id)
        if batch.status in OVER and state and not state.is_final:
            state, away = self._run(batch_id)  # what was read of it may be older than the end
        stands, seen = (batch, state, away), self._seen.get(batch_id)
        if seen and seen.stands == stands and seen.rests(time.monotonic()):
            return seen.view
        # A tenth of the work: where nothing happened, all stands as it did seconds ago.
        counts = (ledger.batches.counts(batch_id), ledger.calls.totals(batch_id))
        if (
            seen
            and (seen.stands, seen.counts) == (stands, counts)
            and not seen.is_old(time.monotonic())
        ):
            return seen.view
        before = time.thread_time()
        view = _view(ledger, batch, state, away)
        look = LastLook(view, stands, counts, time.monotonic(), time.thread_time() - before)
        self._seen[batch_id] = look
        while len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return view

    def _run(self, batch_id: str) -> tuple[RunState | None, str]:
        try:
            return self._server.state(batch_id), ""
        except ServerAway as error:
            return None, str(error)
        except InputError:
            return None, "Prefect's server does not know this run."

    def _begun(self) -> list[Begun]:
        try:
            runs = self._server.begun({find_kind(kind).flow: kind for kind in kind_names()})
        except (ServerAway, InputError):
            return []  # the page says so anyway
        # One that ended well has a batch that was deleted since, or was only a quote.
        runs = [run for run in runs if run.type != "COMPLETED" or run.name == "Quoted"]
        known = read_known(self._open_ledger().database, [run.id for run in runs])
        return [run for run in runs if run.id not in known]

    def _live(self, choice: Choice) -> list[Listed]:
        return read_batches(
            self._open_ledger().database,
            owner=choice.owner,
            most=_LIVE + 1,
            statuses=IN_WORK,
            kind=choice.kind,
            words=choice.words,
        )

    def _ended(self, choice: Choice) -> list[Listed]:
        return read_batches(
            self._open_ledger().database,
            owner=choice.owner,
            most=choice.most + 1,
            statuses=OVER,
            kind=choice.kind,
            words=choice.words,
        )

    def _stamp(self) -> tuple[object, ...]:
        return read_stamp(self._open_ledger().database)

    def _owners(self) -> list[str]:
        return read_owners(self._open_ledger().database)


def _view(ledger: Ledger, batch: Batch, state: RunState | None, away: str) -> BatchView:
    progress = read_progress(ledger, batch)
    failed = list(islice(ledger.batches.each(batch.id, "failed"), _FAILURES))
    files, size = ledger.deliveries.count(batch.id)
    unmade = progress.remaining + progress.failed + progress.cancelled
    at_work = batch.status in IN_WORK and is_held(ledger, batch.id)
    where = said(batch, state, is_held=at_work)
    return BatchView(
        batch,
        progress,
        where,
        at_work=at_work,
        ends=batch.status in OVER
        and state is not None
        and not state.is_final
        and where.status != "ready",
        asks=state is not None and state.is_paused and state.asks,
        away=away,
        pictures=_pictures(ledger, batch),
        failures=failed,
        failed_more=max(0, progress.failed - len(failed)),
        actions=possible(state, batch, unmade),
        files=files,
        bytes=size,
        results=_results(ledger, batch),
        notes=notes(batch),
        drafts=drafts_of(ledger, batch),
        has_words=not unchangeable(batch),
    )


def _pictures(ledger: Ledger, batch: Batch) -> list[DeliveredFile]:
    """Reads the last pictures: as they come while it works, slide by slide once it has ended."""
    newest = ledger.deliveries.pictures(batch.id, _PICTURES)
    return sorted(newest, key=lambda file: natural_order(file.path)) if batch.ended_at else newest


def said(batch: Batch, state: RunState | None, *, is_held: bool = True) -> Said:
    """Says where a batch stands, from the ledger and from its run.

    The ledger knows what is made; only the run knows that somebody is waited for.

    Args:
        batch: As the ledger has it.
        state: Of its run.
        is_held: Whether a process that lives works on it, as far as that is known.
    """
    of_run = _of_run(batch, state, is_held=is_held) if state else None
    if state is None and batch.status == "running" and not is_held:
        of_run = Said(
            "ready", "Nobody works on it", "It goes on by itself when the server is back."
        )
    return of_run or _OF_LEDGER.get(batch.status, Said(batch.status, batch.status.capitalize()))


def _of_run(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says what only the run knows; None if the ledger knows better."""
    if state.is_paused and state.asks:
        return Said("draft", "Waits for your answer", "Nothing more is made until you give it.")
    if state.is_paused and batch.status in OPEN:
        return _OF_LEDGER["paused"]
    if state.type == "RUNNING":
        return _of_beginning(batch, state, is_held=is_held)
    if state.type in ("SCHEDULED", "PENDING") and batch.status == "running" and is_held:
        return None  # what was read of the run is older than its process
    if state.is_final and batch.status in OPEN:
        return _of_end(batch, state, is_held=is_held)
    return _OF_STATE.get(state.type)


def _of_beginning(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says of a process whose run is begun what the ledger does not know yet, if so."""
    if batch.status == "running" and not is_held:
        about = "Its process begins, or is gone: then another one goes on within three minutes."
        return Said("ready", "Begins again", about)
    if state.begins(batch):
        return Said("ready", "Starts", "Its process begins.")
    if batch.status == "paused":
        return Said("ready", "Goes on", "Its process begins.")
    return None


def _of_end(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says what becomes of a batch whose run ended without a word of its process."""
    if state.type == "CRASHED" and batch.status == "running" and is_held:
        return None  # it was silent for long, and lives
    if state.goes_on:
        about = "Its process is gone. It goes on within about two minutes; Resume does it now."
        return Said("ready", "Goes on by itself", about)
    about = "Its process died or was stopped. What is paid is kept; Resume goes on."
    return Said("failed", f"Stopped ({state.name})", about)


_NO_WORKER = "Pressrun's worker, which makes the batches, is not running. They start when it is."
_WAITS = Said("ready", "Waits for a worker", "It starts by itself.")
_OF_STATE = {
    "CANCELLING": Said(
        "cancelled", "Is being cancelled", "Calls in flight end; what is made arrives."
    ),
    "SCHEDULED": _WAITS,
    "PENDING": _WAITS,
}
_OF_LEDGER = {
    "draft": Said("draft", "Is being planned", "Nothing is paid yet."),
    "ready": Said("ready", "Starts"),
    "running": Said("running", "In work"),
    "paused": Said("paused", "Paused", "It holds until somebody resumes it."),
    "completed": Said("completed", "Completed"),
    "partial": Said("partial", "Ended, not all is made"),
    "failed": Said("failed", "Failed"),
    "cancelled": Said("cancelled", "Cancelled"),
    "deleting": Said("deleting", "Is being deleted"),
}


def _results(ledger: Ledger, batch: Batch) -> list[ResultLink]:
    found = []
    for path, name in (_READ | _TABLES).items():
        file = ledger.deliveries.find(batch.id, path)
        if file and file.status == "verified":
            found.append(ResultLink(name, f"files/{quote(path)}"))
    if scheme_of(batch.destination) != "folder":
        where = {"s3": "Open in S3", "drive": "Open in Google Drive"}[scheme_of(batch.destination)]
        found.append(ResultLink(where, "folder"))
    return found
