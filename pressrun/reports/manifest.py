"""``manifest.json`` and ``items.csv``: what a batch came to, for machines and spreadsheets.

The manifest is written last; where it stands, the batch is whole.
"""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

import orjson

from pressrun import __version__
from pressrun.boundary.text import counted
from pressrun.errors import PressrunError
from pressrun.kinds.base import CAPTION, MISSING
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.call_statistics import Stat, read_stats, read_work_s
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import MENDED, Batch, Item
from pressrun.ledger.reviews import approvals, plan_digest
from pressrun.reports.progress import retry_advice

#: A spreadsheet reads a cell that begins so as a formula (OWASP, "CSV Injection").
_FORMULA = frozenset("=+-@\u2212")
#: In a file's provenance: why a person has to approve its item.
AWAITS = "awaits_approval"
_BREAKS = ("\t", "\r", "\n")
_COLUMNS = (
    *("key", "title", "status", "attempts", "cost_usd", "files", "folder"),
    *("error_kind", "error"),
)
#: Captions are read side by side, since they may lie in a store; of so many items in one go.
_READ_AT_ONCE, _ITEMS_AT_ONCE = 16, 500
Read = Callable[[DeliveredFile], bytes]


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item as reports show it."""

    item: Item = field(repr=False)
    status: str
    cost_usd: float
    files: tuple[DeliveredFile, ...]


class ItemRecords(Collection[ItemRecord]):
    """The items of a batch, read anew and a page at a time each time that they are asked for.

    However many there are, few are in memory. Whoever goes through them while the batch is in work
    may see an item as it stands a moment later than another.

    Attributes:
        counts: Of the items, by status, as reports show it.
    """

    def __init__(self, ledger: Ledger, batch_id: str):
        self._ledger, self._batch_id = ledger, batch_id
        self.counts: Counter[str] = Counter()
        for status, count in ledger.batches.counts(batch_id).items():
            self.counts[_shown(status)] += count

    def __len__(self) -> int:
        return self.counts.total()

    def __iter__(self) -> Iterator[ItemRecord]:
        batches, deliveries = self._ledger.batches, self._ledger.deliveries
        for page in batches.pages(self._batch_id):
            keys = [item.key for item in page]
            costs = batches.costs(self._batch_id, keys)
            files = deliveries.of_items(self._batch_id, keys)
            for item in page:
                of_item = tuple(files.get(item.key, ()))
                yield ItemRecord(item, _shown(item.status), costs.get(item.key, 0.0), of_item)

    def __contains__(self, record: object) -> bool:
        return any(record == one for one in self)


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A whole batch as reports show it.

    Attributes:
        items: In their order.
        models: How the calls of each model went, and their cost.
        work_s: Of its seconds those in which a call was under way; the others were waits.
        folders: Links of the batch's folder (path "") and of the folders right below it.
        made_anew: How many paid answers were gone, with a machine or its disk, and what they had
            cost in USD; each was asked and paid again.
        drafts: How many files a person has to approve.
        missing: How many pictures were refused, of items that were delivered without them.
    """

    batch: Batch
    items: Collection[ItemRecord]
    calls: int
    cost_usd: float
    seconds: float
    models: tuple[Stat, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    work_s: float = 0.0
    made_anew: tuple[int, float] = (0, 0.0)
    drafts: int = 0
    missing: int = 0

    @property
    def status(self) -> str:
        """How the batch ended: completed, partial, failed or cancelled."""
        if self.count("completed") == len(self.items):
            return "completed"
        if self.count("cancelled"):
            return "cancelled"
        return "partial" if self.count("completed") else "failed"

    def count(self, status: str) -> int:
        """Counts the items of that status."""
        if isinstance(self.items, ItemRecords):
            return self.items.counts[status]
        return sum(record.status == status for record in self.items)

    def having(self, status: str) -> Iterator[ItemRecord]:
        """Gives the items of that status, in their order."""
        if self.count(status):
            yield from (record for record in self.items if record.status == status)

    def summary(self) -> str:
        """Writes ``594 of 600 completed, 6 failed``."""
        parts = [f"{self.count('completed')} of {len(self.items)} completed"]
        parts += [f"{n} {s}" for s in ("failed", "cancelled") if (n := self.count(s))]
        if self.drafts:
            parts.append(f"{counted(self.drafts, 'draft')} to be approved")
        if self.missing:
            parts.append(f"{counted(self.missing, 'picture')} missing")
        calls, cost_usd = self.made_anew
        if calls:
            parts.append(f"{counted(calls, 'paid answer')} gone and made anew (${cost_usd:.4f})")
        return ", ".join(parts)

    def advice(self) -> str:
        """Says what a retry of the run can do for the failed items; empty if there are none."""
        return retry_advice(of.item for of in self.having("failed"))


def read_record(
    ledger: Ledger,
    batch: Batch,
    ended_at: float,
    link: Callable[[str], str] = lambda _: "",
) -> BatchRecord:
    """Reads a batch that ended at that moment (Unix seconds).

    Args:
        ledger: Where it stands.
        batch: The batch.
        ended_at: When it ended.
        link: Gives the link of a folder by its path below the root, or "".
    """
    calls, cost = ledger.calls.totals(batch.id)
    return BatchRecord(
        batch,
        ItemRecords(ledger, batch.id),
        calls,
        cost,
        round(ended_at - batch.created_at, 3),
        tuple(read_stats(ledger.database, "model", batch_id=batch.id)),
        {path: url for path in ["", *ledger.deliveries.tops(batch.id)] if (url := link(path))},
        read_work_s(ledger.database, batch.id),
        ledger.calls.made_anew(batch.id),
        len(ledger.deliveries.provenance_values(batch.id, AWAITS)),
        sum(int(count) for _, count in ledger.deliveries.provenance_values(batch.id, MISSING)),
    )


def manifest(record: BatchRecord) -> bytes:
    """Writes ``manifest.json``, one JSON object whatever the number of items (decision 49)."""
    batch = record.batch
    content = {
        "batch": batch.id,
        "kind": batch.kind,
        "title": batch.title,
        "status": record.status,
        "owner": batch.owner,
        "pressrun": __version__,
        "destination": batch.destination,
        "folder": record.folders.get(""),
        "folders": {path: url for path, url in record.folders.items() if path},
        "parameters": batch.parameters,
        "plan": {
            "sha256": plan_digest(batch, (entry.item for entry in record.items)),
            "approved": approvals(batch),
        },
        "totals": {
            "items": len(record.items),
            "completed": record.count("completed"),
            "failed": record.count("failed"),
            "cancelled": record.count("cancelled"),
            "calls": record.calls,
            "cost_usd": round(record.cost_usd, 9),
            "calls_made_anew": record.made_anew[0],
            "seconds": record.seconds,
        },
        "models": {
            model.of: {"calls": model.calls, "cost_usd": round(model.cost_usd, 9)}
            for model in record.models
        },
    }
    columns = find_kind(batch.kind).review_form.columns
    return b"".join(_with_items(content, (_entry(item, columns) for item in record.items)))


def _with_items(
    content: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]
) -> Iterator[bytes]:
    """Writes an object with its items last, as if it were written in one: an item at a time."""
    yield orjson.dumps(content, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
    yield b',\n  "items": ['
    comma = b""
    for entry in entries:
        # No text has a line break of its own in JSON.
        lines = orjson.dumps(entry, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n    ")
        yield comma + b"\n    " + lines
        comma = b","
    yield b"\n  ]\n}" if comma else b"]\n}"


def items_csv(record: BatchRecord, read: Read) -> bytes:
    """Writes ``items.csv``, UTF-8 with a BOM so that Excel reads it, one row for each item.

    Args:
        record: The batch.
        read: Gives a delivered file's bytes, or raises a PressrunError: its cell is empty then.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    posting = find_kind(record.batch.kind).posting
    writer.writerow([*_COLUMNS, *(["caption", *posting] if posting else [])])
    entries = iter(record.items)
    with ThreadPoolExecutor(_READ_AT_ONCE, "caption") as pool:
        while some := list(islice(entries, _ITEMS_AT_ONCE)):
            captions = pool.map(partial(_caption, read=read), some) if posting else [""] * len(some)
            for entry, caption in zip(some, captions, strict=True):
                said = [entry.item.spec.get(name, "") for name in posting.values()]
                row = [*_row(entry), *([caption, *said] if posting else [])]
                writer.writerow([neutral(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _row(entry: ItemRecord) -> list[object]:
    item = entry.item
    folder = entry.files[0].path.rpartition("/")[0] if entry.files else ""
    row = [item.key, item.title, entry.status, item.attempts, f"{entry.cost_usd:.6f}"]
    return [*row, len(entry.files), folder, item.error_kind or "", item.error_message or ""]


def _caption(entry: ItemRecord, read: Read) -> str:
    for file in entry.files:
        if file.name == CAPTION and file.status == "verified":
            try:
                return read(file).decode(errors="replace")
            except PressrunError:
                return ""
    return ""


def neutral(cell: object) -> object:
    """Makes a cell that no spreadsheet runs as a formula."""
    if not isinstance(cell, str):
        return cell
    # Programs skip spaces and what nobody sees, and take wide or small signs for the usual ones.
    first = next((char for char in cell if char.isprintable() and not char.isspace()), "")
    first = unicodedata.normalize("NFKC", first)
    return "'" + cell if first in _FORMULA or cell.startswith(_BREAKS) else cell


def _entry(record: ItemRecord, asked: Sequence[str]) -> dict[str, Any]:
    item = record.item
    error = {"kind": item.error_kind, "message": item.error_message} if item.error_kind else None
    return {
        "key": item.key,
        "title": item.title,
        "asked": {name: item.spec[name] for name in asked if name in item.spec},
        "status": record.status,
        "attempts": item.attempts,
        "error": error,
        **({MENDED: item.spec[MENDED]} if MENDED in item.spec else {}),
        "cost_usd": round(record.cost_usd, 9),
        "files": [_file(file) for file in record.files if file.status == "verified"],
    }


def _file(file: DeliveredFile) -> dict[str, Any]:
    known = {
        "path": file.path,
        "media_type": file.media_type,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "url": file.url,
    }
    return known | ({"provenance": file.provenance} if file.provenance else {})


def _shown(status: str) -> str:
    # Made and paid, but the destination did not take it: the batch ends without it.
    return "failed" if status == "made" else status
