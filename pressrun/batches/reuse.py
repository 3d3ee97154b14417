"""Paid answers of an earlier batch, for one that asks exactly the same again.

The earlier batch's calls stay in the ledger, its pictures at the destination and its texts in
the vault; an answer that is found in neither place is asked, and paid, again.
"""

import hashlib
import logging

from pressrun.calls.key import call_key
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.errors import StoreError, VaultError
from pressrun.ledger import Ledger
from pressrun.ledger.calls import SettledCall
from pressrun.ledger.records import Batch
from pressrun.ledger.vault import Vault
from pressrun.stores.base import Store

logger = logging.getLogger(__name__)


class EarlierAnswers:
    """Looks up paid answers of an earlier batch.

    Args:
        ledger: Where its calls stand.
        batch: The earlier batch.
        vault: Its vault.
        store: Its destination; None if it is another one than that of the batch in work.
    """

    def __init__(self, ledger: Ledger, batch: Batch, vault: Vault, store: Store | None):
        self._ledger, self._batch, self._vault, self._store = ledger, batch, vault, store

    def answer(
        self, item_key: str, slot: str, request: TextRequest | ImageRequest
    ) -> tuple[bytes, str] | None:
        """Gives bytes and media type of the answer to the same request, if it is still there."""
        paid = self._ledger.calls.known(self._batch.id, item_key).paid
        known = paid.get(call_key(self._batch.id, item_key, slot, request))
        data = self._read(item_key, known) if known else None
        return (data, known.media_type) if known and data else None

    def _read(self, item_key: str, known: SettledCall) -> bytes | None:
        try:
            return self._vault.get(known.sha256)
        except VaultError:
            return self._delivered(item_key, known.sha256)

    def _delivered(self, item_key: str, digest: str) -> bytes | None:
        files = self._ledger.deliveries.all(self._batch.id, item_key)
        place = next((file.path for file in files if file.sha256 == digest), None)
        if self._store is None or place is None:
            return None
        try:
            with self._store.open(f"{self._batch.root}/{place}") as stream:
                data = stream.read()
        except StoreError as error:
            logger.warning("%s cannot be taken over: %s", place, error)
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None
