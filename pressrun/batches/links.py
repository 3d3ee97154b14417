"""Where people find a batch and its files; links that were signed for a time are renewed."""

from dataclasses import dataclass

from pressrun.batches.delivered import Delivered, Step, map_bounded, silent
from pressrun.errors import StoreError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.stores.retry import retry_store


@dataclass(frozen=True, slots=True)
class BatchLink:
    """A file or folder, and where it is found; the URL is empty if it is not there any more."""

    path: str
    url: str


@dataclass(frozen=True, slots=True)
class BatchLinks:
    """All links of a batch; paths are below its root.

    Attributes:
        renewed: How many files have another link than before.
    """

    batch_id: str
    folder: BatchLink
    reports: tuple[BatchLink, ...]
    files: tuple[BatchLink, ...]
    renewed: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Files that are not there any more."""
        return tuple(link.path for link in (*self.reports, *self.files) if not link.url)


def renew_links(delivered: Delivered, step: Step = silent) -> BatchLinks:
    """Asks for every link anew; if any changed, ledger and reports are updated.

    Raises:
        StoreError: The destination gives none, or refuses the reports.
    """
    ledger, batch = delivered.ledger, delivered.batch
    files = [file for file in delivered.files() if file.status == "verified"]
    urls = list(map_bounded(lambda file: _link(delivered, file), files, delivered.at_once, step))
    new = {file.path: url for file, url in zip(files, urls, strict=True) if url and url != file.url}
    ledger.deliveries.relink(batch.id, new)
    if any(file.path in new for file in files if file.item_key) and not delivered.is_in_work:
        delivered.renew_reports()
    gone = {file.path for file, url in zip(files, urls, strict=True) if not url}
    links = [
        (file.item_key, BatchLink(file.path, "" if file.path in gone else file.url or ""))
        for file in delivered.files()
        if file.status == "verified"
    ]
    return BatchLinks(
        batch.id,
        BatchLink(batch.root, retry_store(lambda: delivered.store.link(delivered.path("")))),
        reports=tuple(link for item, link in links if not item),
        files=tuple(link for item, link in links if item),
        renewed=len(new),
    )


def _link(delivered: Delivered, file: DeliveredFile) -> str:
    try:
        return retry_store(lambda: delivered.store.link(delivered.path(file.path)))
    except StoreError as error:
        if error.kind != "not_found":
            raise
        return ""
