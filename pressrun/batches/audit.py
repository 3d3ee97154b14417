"""Whether a batch's destination still holds what the ledger says, and how to repair it."""

from dataclasses import dataclass, replace

from pressrun.batches.delivered import Delivered, Step, map_bounded, silent
from pressrun.errors import StoreError, VaultError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.reports.writing import clean
from pressrun.settings import settings

_GONE = (
    "Its bytes have left this machine, as they do once a batch is whole. Take the file from the "
    "destination's bin or older versions, or make it again in a new batch. With "
    "PRESSRUN_KEEP_VAULT=true the bytes of later batches are kept."
)
_IN_WORK = "The batch is in work; its run writes the reports at its end."


@dataclass(frozen=True, slots=True)
class Unmended:
    """A file that could not be sent again, and what a person can do about it."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The destination compared with the ledger; paths are below the batch's root.

    Attributes:
        files: How many files were compared.
        missing: What should be there and is not.
        changed: What has other bytes than were delivered.
        extra: What nobody delivered; never touched.
        complete: Whether the manifest is there, the mark of a whole batch.
        repaired: What was missing or changed and is in order again.
        unmended: What is still missing or changed after a repair, and why.
    """

    batch_id: str
    destination: str
    root: str
    files: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]
    complete: bool
    repaired: tuple[str, ...] = ()
    unmended: tuple[Unmended, ...] = ()

    @property
    def in_order(self) -> bool:
        """Whether the destination holds the batch, the whole batch and nothing else."""
        return self.complete and not (self.missing or self.changed or self.extra)


def audit(delivered: Delivered, step: Step = silent) -> Audit:
    """Lists the destination and compares every file.

    Raises:
        StoreError: The destination cannot be listed or read.
    """
    batch = delivered.batch
    # What arrives meanwhile is neither missing nor extra.
    files = [file for file in delivered.files() if _is_due(delivered, file)]
    there = delivered.standing()
    known = {file.path for file in delivered.files()}
    present = [file for file in files if file.path in there]
    same = map_bounded(
        lambda file: delivered.is_same(file, there[file.path]), present, delivered.at_once, step
    )
    return Audit(
        batch.id,
        batch.destination,
        batch.root,
        files=len(files),
        missing=tuple(file.path for file in files if file.path not in there),
        changed=tuple(
            file.path for file, is_same in zip(present, same, strict=True) if not is_same
        ),
        extra=tuple(sorted(there.keys() - known)),
        complete="manifest.json" in there,
    )


def repair(delivered: Delivered, found: Audit, step: Step = silent) -> Audit:
    """Sends again what an audit found missing or changed; says what cannot be sent.

    Raises:
        StoreError: The destination takes nothing.
    """
    before = delivered.files()
    wrong = {*found.missing, *found.changed}
    items = [file for file in before if file.path in wrong and file.item_key]
    sent = map_bounded(lambda file: _send(delivered, file), items, delivered.at_once, step)
    unmended = [refusal for refusal in sent if refusal]
    reports = wrong - {file.path for file in items}
    if delivered.is_in_work:
        unmended += [Unmended(path, _IN_WORK) for path in sorted(reports)]
    elif reports or not found.complete or before != delivered.files():
        _renew_reports(delivered)
    lost = {each.path for each in unmended}
    return replace(
        found,
        missing=tuple(path for path in found.missing if path in lost),
        changed=tuple(path for path in found.changed if path in lost),
        complete=found.complete or not delivered.is_in_work,
        repaired=tuple(sorted(wrong - lost)),
        unmended=tuple(unmended),
    )


def _is_due(delivered: Delivered, file: DeliveredFile) -> bool:
    # A file that still waits for its delivery is missing only once nobody works on it any more.
    return file.status == "verified" or not delivered.is_in_work


def _send(delivered: Delivered, file: DeliveredFile) -> Unmended | None:
    try:
        delivered.vault.get(file.sha256)
        # In place of a file that never arrived somebody else's may stand.
        url = delivered.send(file, file.item_key, replace=file.status == "verified")
    except VaultError:
        return Unmended(file.path, _GONE)
    except StoreError as error:
        if error.kind != "conflict":
            raise
        return Unmended(file.path, str(error))
    delivered.ledger.deliveries.verify(delivered.batch.id, file.item_key, [(file.path, url)])
    return None


def _renew_reports(delivered: Delivered) -> None:
    outcome, batch = delivered.renew_reports(), delivered.batch
    if outcome.whole and batch.status != "completed":  # paid files that waited have arrived
        delivered.ledger.batches.mark(batch.id, status="completed")
        if not settings().keep_vault:
            clean(delivered.ledger, batch, delivered.vault)
