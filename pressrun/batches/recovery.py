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
        waiting = [file for file in files if file.status != "verified"]
        damaged = item.error_kind in _DAMAGED
        lost = [file for file in waiting if not _is_whole(vault, file, look=damaged)]
        if not lost:
            found.append(item.key)
            continue
        said = (
            f"{len(lost)} of its {len(files)} paid files are gone with the machine or disk on "
            "which they lay. It is made anew."
        )
        logger.warning("%s: %s", item.key, said)
        for file in files:
            _take_back(batch, vault, store, file)
        ledger.batches.unmake(batch.id, item.key, VaultError(said, kind="lost_files"))
    return found


def _is_whole(vault: Vault, file: DeliveredFile, *, look: bool) -> bool:
    if not look:
        return vault.has(file.sha256)
    try:
        vault.get(file.sha256)
    except VaultError:
        return False
    return True


def _take_back(batch: Batch, vault: Vault, store: Store, file: DeliveredFile) -> None:
    """Removes a delivered file of an item that is made anew, if it is exactly ours; keeps it here.

    The new item may have other bytes for it, which a folder would refuse as somebody else's.
    """
    place = f"{batch.root}/{file.path}"
    try:
        with store.open(place) as stream:
            data = stream.read()
        if hashlib.sha256(data).hexdigest() == file.sha256:
            vault.put(data)
            store.remove(place)
    except (StoreError, VaultError) as error:
        logger.debug("%s is left as it is: %s", place, error)
