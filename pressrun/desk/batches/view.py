"""One moment of a batch as its page shows it, read from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from pressrun.batches.approval import DraftArticle, drafts_of
from pressrun.batches.control import Action, RunState, possible
from pressrun.batches.lease import is_held
from pressrun.batches.reletter import unchangeable
from pressrun.desk.batches.status import Said, said
from pressrun.inputs.photos.evidence import natural_order
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import OPEN, OVER, Batch, Item
from pressrun.ledger.reviews import notes
from pressrun.reports.progress import Progress, read_progress
from pressrun.stores.factory import scheme_of

#: Batches that somebody works on, or that wait for somebody.
IN_WORK = (*OPEN, "paused", "deleting")
_PICTURES, _FAILURES = 24, 50
#: Reports that a person reads, by file: what the page calls them.
_READ = {"index.html": "Read the articles", "gallery.html": "Gallery"}
_TABLES = {"items.csv": "Table (CSV)", "manifest.json": "Manifest (JSON)"}


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


def read_view(ledger: Ledger, batch: Batch, state: RunState | None, away: str) -> BatchView:
    """Reads what a batch's page shows.

    Args:
        ledger: Where it is read.
        batch: As the ledger has it.
        state: Of its run, as far as that is known.
        away: Why that is not known.
    """
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
