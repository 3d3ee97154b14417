"""What is made and not delivered when a process begins with a batch: found, or made anew.

Its bytes may lie on a machine that is gone. What was delivered in the last moment is found at the
destination; what is nowhere is made again, and paid again, and said.
"""

import hashlib
import logging

from pressrun.errors import StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.ledger.vault import Vault
from pressrun.stores.base import Store

logger = logging.getLogger(__name__)

#: How a delivery says that the bytes of a file, which are here, cannot be used.
_DAMAGED = frozenset({"damaged_source", "no_source"})


def recover(ledger: Ledger, batch: Batch, vault: Vault, store: Store) -> list[str]:
    """Lists the made items that can be delivered, in their order; puts the others back.

    Raises:
        StoreError: The place where their bytes may lie cannot be reached.
    """
    found = []
    for item in ledger.batches.items(batch.id, "made"):
        files = ledger.deliveries.all(batch.id, item.key)
        look = item.error_kind in _DAMAGED
        lost = [
            file
            for file in files
            if file.status != "verified"
            and not _is_kept(vault, file, look=look)
            and not _brought_back(batch, vault, store, file)
        ]
        if not lost:
            found.append(item.key)
            continue
        said = (
            f"{len(lost)} of its {len(files)} paid files are gone with the machine or disk on "
            "which they lay. It is made anew."
        )
        logger.warning("%s: %s", item.key, said)
        for file in files:
            # The new item may have other bytes, which a folder would refuse as somebody else's.
            if _brought_back(batch, vault, store, file):
                store.remove(f"{batch.root}/{file.path}")
        ledger.batches.unmake(batch.id, item.key, VaultError(said, kind="lost_files"))
    return found


def _is_kept(vault: Vault, file: DeliveredFile, *, look: bool) -> bool:
    if not look:
        return vault.has(file.sha256)
    try:
        vault.get(file.sha256)
    except VaultError:
        return False
    return True


def _brought_back(batch: Batch, vault: Vault, store: Store, file: DeliveredFile) -> bool:
    """Brings a file here from the destination, if exactly its bytes stand there."""
    try:
        with store.open(f"{batch.root}/{file.path}") as stream:
            data = stream.read()
    except StoreError as error:
        if error.retryable and error.kind != "not_found":
            raise
        return False
    if hashlib.sha256(data).hexdigest() != file.sha256:
        return False
    vault.put(data)
    return True
