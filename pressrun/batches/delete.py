"""Removing a batch: its files, what is kept of it on this machine, and its records.

Only what the ledger has as the batch's own is removed. Its calls stay in the ledger: they are
the bill, and what was spent stays spent.
"""

from dataclasses import dataclass

from pressrun.batches.delivered import Delivered, Step, map_bounded, silent
from pressrun.errors import InputError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports.gallery.store_page import write_store_index
from pressrun.stores.base import Stored
from pressrun.stores.retry import retry_store

#: The batch's status from the first file that is removed on.
DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting a batch removes, and what it leaves; paths are below the batch's root.

    Attributes:
        files: What is removed from the destination.
        bytes: Their size.
        gone: Files of the batch that are not there any more.
        extra: What nobody delivered; it stays, and so do its folders.
        undelivered: Paid files that never arrived; they go with the vault.
        calls: Stay in the ledger, with their cost in USD.
    """

    batch_id: str
    title: str
    destination: str
    root: str
    files: tuple[str, ...]
    bytes: int
    gone: int
    extra: tuple[str, ...]
    undelivered: int
    calls: int
    cost_usd: float


def survey(delivered: Delivered, *, force: bool = False) -> Deletion:
    """Lists what deleting the batch would remove; removes nothing.

    Args:
        delivered: The batch.
        force: Also one that is in work, or whose files are all gone.

    Raises:
        InputError: The batch is not to be deleted without force.
        StoreError: The destination cannot be listed.
    """
    batch = delivered.batch
    if delivered.is_in_work and not force:
        raise InputError(
            f"{batch.title!r} is in work. Cancel its run first, or use --force if it has died."
        )
    known, there = delivered.files(), delivered.standing()
    arrived = [file for file in known if file.status == "verified"]
    ours = [file.path for file in known if file.path in there and _is_ours(delivered, file, there)]
    if arrived and not ours and not force and batch.status != DELETING:
        raise InputError(
            f"None of the batch's {len(arrived)} files is at {delivered.place}. Is a disk not "
            "mounted? If they were removed by hand, delete the rest with --force."
        )
    calls, cost_usd = delivered.ledger.calls.totals(batch.id)
    return Deletion(
        batch.id,
        batch.title,
        batch.destination,
        batch.root,
        # The mark of a whole batch is removed first, so that half of one never looks whole.
        files=tuple(sorted(ours, key=lambda path: (path != "manifest.json", path))),
        bytes=sum(there[path].bytes for path in ours),
        gone=sum(file.path not in there for file in arrived),
        extra=tuple(sorted(there.keys() - set(ours))),
        undelivered=len(known) - len(arrived),
        calls=calls,
        cost_usd=cost_usd,
    )


def delete(delivered: Delivered, found: Deletion, step: Step = silent) -> None:
    """Removes what a survey found; begun again after an interruption, it goes on.

    Raises:
        StoreError: The destination refuses; all that is not removed yet keeps its record.
    """
    ledger, batch = delivered.ledger, delivered.batch

    def remove(path: str) -> None:
        retry_store(lambda: delivered.store.remove(delivered.path(path)))
        # At once: a file that somebody else puts there later is not ours.
        ledger.deliveries.drop(batch.id, path)

    ledger.batches.mark(batch.id, status=DELETING)
    for path in found.files[:1]:
        remove(path)
    list(map_bounded(remove, found.files[1:], delivered.at_once, step))
    delivered.vault.clear()
    ledger.batches.remove(batch.id)
    write_store_index(ledger, batch.destination, delivered.store, batch.machine)


def _is_ours(delivered: Delivered, file: DeliveredFile, there: dict[str, Stored]) -> bool:
    # In place of a file that never arrived somebody else's may stand.
    return file.status == "verified" or delivered.is_same(file, there[file.path])
