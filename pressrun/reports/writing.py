"""All reports of a batch, written to its destination, the manifest last; the vault left clean."""

import logging
from dataclasses import dataclass
from functools import partial

from pressrun.errors import StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.ledger.vault import Vault
from pressrun.reports.gallery.gallery import gallery
from pressrun.reports.manifest import BatchRecord, items_csv, manifest, read_record
from pressrun.reports.pages import pages_of
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
        return next(
            (r.item.error_message or "" for r in self.record.items if r.status == "failed"), ""
        )


def clean(ledger: Ledger, batch: Batch, vault: Vault) -> None:
    """Empties the vault of a batch that is delivered, but for its answers in text.

    Pictures can be read from the destination; texts, which a later batch may reuse, cannot.
    """
    vault.clear(keep=ledger.calls.texts(batch.id))


def write_reports(
    ledger: Ledger, batch: Batch, store: Store, vault: Vault, ended_at: float
) -> Outcome:
    """Writes gallery, other pages, CSV and, last, the manifest, which marks the batch as whole.

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

    deliver = partial(_deliver, ledger, batch, store, vault)
    record = read_record(ledger, batch, ended_at, lambda path: _folder(store, batch.root, path))
    shown = deliver("gallery.html", "text/html", gallery(record, read))
    for name, page in pages_of(batch.kind).items():
        deliver(name, page.media_type, page.write(record, read))
    deliver("items.csv", "text/csv", items_csv(record))
    deliver("manifest.json", "application/json", manifest(record))
    return Outcome(record, record.folders.get("", batch.destination), shown)


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


def _folder(store: Store, root: str, path: str) -> str:
    try:
        return store.link(f"{root}/{path}/" if path else f"{root}/")
    except StoreError as error:
        # One missing link is no reason to end without reports.
        logger.warning("The link of %s could not be had: %s", path or root, error)
        return ""
