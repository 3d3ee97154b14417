"""The end of a batch: its reports, delivered, and the vault left clean."""

import time
from dataclasses import dataclass

from pressrun.errors import StoreError, VaultError
from pressrun.ledger.deliveries import Delivery
from pressrun.report.gallery import gallery
from pressrun.report.manifest import BatchRecord, items_csv, manifest, read_record
from pressrun.run import BatchRun
from pressrun.settings import settings
from pressrun.stores.base import Parcel

#: Waited between two tries to deliver a report.
PAUSES_S = (1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch came to, and where to look at it."""

    record: BatchRecord
    folder: str
    gallery: str

    @property
    def whole(self) -> bool:
        """Whether every item is completed."""
        return self.record.count("completed") == len(self.record.items)

    @property
    def empty(self) -> bool:
        """Whether no item is."""
        return self.record.count("completed") == 0

    @property
    def status(self) -> str:
        """How the batch ended: completed, partial or failed."""
        return "completed" if self.whole else "failed" if self.empty else "partial"

    @property
    def first_reason(self) -> str:
        """Why the first failed item failed."""
        return next(
            (r.item.error_message or "" for r in self.record.items if r.status == "failed"), ""
        )


def finish(run: BatchRun) -> Outcome:
    """Writes gallery, CSV and, last, the manifest; closes the batch in the ledger.

    Raises:
        StoreError: The destination refuses the reports. Items that are delivered stay so.
    """
    batch, now = run.batch, time.time()
    record = read_record(run.ledger, batch, now)
    reports = {
        "gallery.html": ("text/html", gallery(record, lambda file: _read(run, file))),
        "items.csv": ("text/csv", items_csv(record)),
        "manifest.json": ("application/json", manifest(record)),
    }
    links = {name: _deliver(run, name, *report) for name, report in reports.items()}
    outcome = Outcome(record, run.store.link(batch.root), links["gallery.html"])
    run.ledger.batches.mark(batch.id, status=outcome.status, ended_at=now)
    if outcome.whole and not settings().keep_vault:
        run.vault.clear()
    return outcome


def _read(run: BatchRun, file: Delivery) -> bytes:
    """A file's bytes: from the vault, or from the destination once the vault was cleaned."""
    try:
        return run.vault.get(file.sha256)
    except VaultError:
        with run.store.open(f"{run.batch.root}/{file.path}") as stream:
            return stream.read()


def _deliver(run: BatchRun, name: str, media_type: str, data: bytes) -> str:
    digest = run.vault.put(data)
    parcel = Parcel(f"{run.batch.root}/{name}", run.vault.path(digest), media_type, digest)
    for pause_s in PAUSES_S:
        try:
            return run.store.put(parcel, replace=True)
        except StoreError as error:
            if not error.retryable:
                raise
            time.sleep(pause_s)
    return run.store.put(parcel, replace=True)
