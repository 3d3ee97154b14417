"""All reports of a batch, written to its destination, the manifest last; the vault left clean."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from pressrun.errors import StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.ledger.vault import Vault
from pressrun.reports.gallery.cards import href
from pressrun.reports.gallery.gallery import NAME as GALLERY
from pressrun.reports.gallery.gallery import gallery
from pressrun.reports.manifest import BatchRecord, items_csv, manifest, read_record
from pressrun.reports.pages import ReportPage, pages_of
from pressrun.reports.paging import is_page_of
from pressrun.stores.base import Parcel, Store
from pressrun.stores.retry import retry_store

logger = logging.getLogger(__name__)


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
    def first_reason(self) -> str:
        """Why the first failed item failed."""
        first = next(self.record.having("failed"), None)
        return (first.item.error_message or "") if first else ""


def clean(ledger: Ledger, batch: Batch, vault: Vault) -> None:
    """Empties the vault of a batch that is delivered, but for its answers in text.

    Pictures can be read from the destination; texts, which a later batch may reuse, cannot.
    """
    vault.clear(keep=ledger.calls.texts(batch.id))


def write_reports(
    ledger: Ledger, batch: Batch, store: Store, vault: Vault, ended_at: float
) -> Outcome:
    """Writes gallery, other pages, CSV and, last, the manifest, which marks the batch as whole.

    Pages are written one after another. What an earlier writing left of pages that are not needed
    any more is removed.

    Raises:
        StoreError: The destination refuses them.
    """

    def read(file: DeliveredFile) -> bytes:
        # From the destination after the vault was cleaned.
        try:
            return vault.held(file.sha256)
        except VaultError:
            with store.open(f"{batch.root}/{file.path}") as stream:
                return stream.read()

    def link(name: str) -> str:
        try:
            url = store.link(f"{batch.root}/{name}")
        except StoreError:  # Drive knows no link of what is not there yet
            return name
        return href(name, url)

    deliver = partial(_deliver, ledger, batch, store, vault)
    record = read_record(ledger, batch, ended_at, lambda path: _folder(store, batch.root, path))
    reports = {GALLERY: ReportPage(gallery), **pages_of(batch.kind)}
    written = {
        name: deliver(name, report.media_type, data)
        for report in reports.values()
        for name, data in report.write(record, read, link)
    }
    _remove_left(ledger, batch, store, reports.keys(), written.keys())
    deliver("items.csv", "text/csv", items_csv(record, read))
    deliver("manifest.json", "application/json", manifest(record))
    return Outcome(record, record.folders.get("", batch.destination), written[GALLERY])


def _deliver(
    ledger: Ledger,
    batch: Batch,
    store: Store,
    vault: Vault,
    name: str,
    media_type: str,
    data: bytes,
) -> str:
    digest, labels = vault.put(data), {"batch": batch.id}
    parcel = Parcel(f"{batch.root}/{name}", vault.path(digest), media_type, digest, labels)
    url = retry_store(lambda: store.put(parcel, replace=True))
    report = DeliveredFile(name, "", media_type, len(data), digest, "verified", url)
    ledger.deliveries.note_report(batch.id, report)
    return url


def _remove_left(
    ledger: Ledger,
    batch: Batch,
    store: Store,
    reports: Collection[str],
    written: Collection[str],
) -> None:
    for file in ledger.deliveries.all(batch.id, ""):
        if file.path not in written and any(is_page_of(file.path, name) for name in reports):
            retry_store(partial(store.remove, f"{batch.root}/{file.path}"))
            ledger.deliveries.drop(batch.id, file.path)


def _folder(store: Store, root: str, path: str) -> str:
    try:
        return store.link(f"{root}/{path}/" if path else f"{root}/")
    except StoreError as error:
        # One missing link is no reason to end without reports.
        logger.warning("The link of %s could not be had: %s", path or root, error)
        return ""
