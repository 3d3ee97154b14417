"""``manifest.json`` and ``items.csv``: what a batch came to, for machines and spreadsheets.

The manifest is written last; where it stands, the batch is whole.
"""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from pressrun import __version__
from pressrun.boundary.text import counted
from pressrun.kinds.base import MISSING
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


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item as reports show it."""

    item: Item = field(repr=False)
    status: str
    cost_usd: float
    files: tuple[DeliveredFile, ...]


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A whole batch as reports show it.

    Attributes:
        models: How the calls of each model went, and their cost.
        work_s: Of its seconds those in which a call was under way; the others were waits.
        folders: Links of the batch's folder (path "") and of the folders right below it.
        made_anew: How many paid answers were gone, with a machine or its disk, and what they had
            cost in USD; each was asked and paid again.
    """

    batch: Batch
    items: tuple[ItemRecord, ...]
    calls: int
    cost_usd: float
    seconds: float
    models: tuple[Stat, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    work_s: float = 0.0
    made_anew: tuple[int, float] = (0, 0.0)

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
        return Counter(record.status for record in self.items)[status]

    def summary(self) -> str:
        """Writes ``594 of 600 completed, 6 failed``."""
        parts = [f"{self.count('completed')} of {len(self.items)} completed"]
        parts += [f"{n} {s}" for s in ("failed", "cancelled") if (n := self.count(s))]
        told = [file.provenance or {} for record in self.items for file in record.files]
        if drafts := sum(AWAITS in said for said in told):
            parts.append(f"{counted(drafts, 'draft')} to be approved")
        if missing := sum(int(said.get(MISSING, 0)) for said in told):
            parts.append(f"{counted(missing, 'picture')} missing")
        calls, cost_usd = self.made_anew
        if calls:
            parts.append(f"{counted(calls, 'paid answer')} gone and made anew (${cost_usd:.4f})")
        return ", ".join(parts)

    def advice(self) -> str:
        """Says what a retry of the run can do for the failed items; empty if there are none."""
        return retry_advice([of.item for of in self.items if of.status == "failed"])


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
    costs = ledger.batches.costs(batch.id)
    files: dict[str, list[DeliveredFile]] = {}
    for delivery in ledger.deliveries.all(batch.id):
        files.setdefault(delivery.item_key, []).append(delivery)
    calls, cost = ledger.calls.totals(batch.id)
    return BatchRecord(
        batch,
        tuple(
            ItemRecord(item, _shown(item), costs.get(item.key, 0.0), tuple(files.get(item.key, ())))
            for item in ledger.batches.items(batch.id)
        ),
        calls,
        cost,
        round(ended_at - batch.created_at, 3),
        tuple(read_stats(ledger.database, "model", batch_id=batch.id)),
        {path: url for path in _folders(files) if (url := link(path))},
        read_work_s(ledger.database, batch.id),
        ledger.calls.made_anew(batch.id),
    )


def manifest(record: BatchRecord) -> bytes:
    """Writes ``manifest.json``."""
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
            "sha256": plan_digest(batch, [entry.item for entry in record.items]),
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
        "items": [_entry(item, find_kind(batch.kind).review_form.columns) for item in record.items],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def items_csv(record: BatchRecord) -> bytes:
    """Writes ``items.csv``, UTF-8 with a BOM so that Excel reads it, one row for each item."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["key", "title", "status", "attempts", "cost_usd", "files", "folder", "error_kind", "error"]
    )
    for entry in record.items:
        item = entry.item
        folder = entry.files[0].path.rpartition("/")[0] if entry.files else ""
        row = [item.key, item.title, entry.status, item.attempts, f"{entry.cost_usd:.6f}"]
        row += [len(entry.files), folder, item.error_kind or "", item.error_message or ""]
        writer.writerow([neutral(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


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


def _folders(files: Mapping[str, list[DeliveredFile]]) -> list[str]:
    tops = {file.path.partition("/")[0] for of in files.values() for file in of if "/" in file.path}
    return ["", *sorted(tops)]


def _shown(item: Item) -> str:
    # Made and paid, but the destination did not take it: the batch ends without it.
    return "failed" if item.status == "made" else item.status
