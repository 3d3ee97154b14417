"""Batches whose items are made in no time: real files in a vault and real rows, nothing drawn."""

import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, Item, MadeFile, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.stores.factory import Target
from pressrun.stores.layout import DEFAULT, PathLayout


@dataclass(frozen=True)
class Blank:
    """A file to make: where it goes, its size, and what its bytes come from."""

    path: str
    size: int
    seed: str

    @property
    def data(self) -> bytes:
        """The bytes, the same in every process."""
        return random.Random(self.seed).randbytes(self.size)


def plan(ledger: Ledger, target: Target, title: str, items: Sequence[Sequence[Blank]]) -> Batch:
    """Writes a batch with those files into the ledger, an item for each sequence."""
    batch = Batch(
        id=str(uuid.uuid4()),
        kind="slideshow",
        title=title,
        destination=target.address,
        root=title,
        parameters={},
        created_at=time.time(),
        layout=PathLayout.of(DEFAULT).files,
    )
    planned = [
        PlannedItem(f"item-{number}", number, title, {"files": [asdict(blank) for blank in blanks]})
        for number, blanks in enumerate(items)
    ]
    return ledger.batches.create(batch, planned)


def make(ledger: Ledger, vault: Vault, item: Item, batch: Batch) -> None:
    """Makes one item as ``BatchRun`` does, with all that is written for it."""
    ledger.batches.start(batch.id, item.key)
    blanks = [Blank(**values) for values in item.spec["files"]]
    files = [
        MadeFile(blank.path, "image/jpeg", blank.size, vault.put(blank.data)) for blank in blanks
    ]
    ledger.batches.finish(batch.id, item.key, files)
