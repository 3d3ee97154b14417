"""A person approves an article: its files are renamed and say by whom, and no call is made."""

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from pressrun.batches.delivered import Delivered
from pressrun.errors import InputError
from pressrun.kinds.base import Output
from pressrun.kinds.registry import find_kind
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Item, MadeFile
from pressrun.ledger.vault import use_of
from pressrun.reports.manifest import AWAITS
from pressrun.stores.base import Parcel
from pressrun.stores.layout import placed
from pressrun.stores.retry import retry_store

_MOST_LETTERS = 100


def approve(delivered: Delivered, keys: Sequence[str], by: str) -> list[str]:
    """Approves items and delivers them anew; returns the keys of those that were not before.

    Args:
        delivered: The batch.
        keys: Of its items; none for all that await an approval.
        by: The person's name, as it will stand in the files.

    Raises:
        InputError: The batch is in work, its kind knows no approval, nobody is named, an item is
            not there, or its files were changed where they lie.
        StoreError: The destination refuses the files. What was approved before stays so.
    """
    name = " ".join(by.split())
    if not any(map(str.isalpha, name)) or len(name) > _MOST_LETTERS:
        raise InputError(f"Say who has read them: a name of up to {_MOST_LETTERS} letters.")
    if delivered.is_in_work:
        raise InputError("The batch is in work. Approve its items when it has ended.")
    items = _chosen(delivered, keys)
    done = [item.key for item in items if _approve(delivered, item, name)]
    if done:
        delivered.renew_reports()
    return done


def awaiting(delivered: Delivered) -> dict[str, str]:
    """Lists what awaits an approval: keys of items, each with the reason."""
    told = ((file.item_key, (file.provenance or {}).get(AWAITS)) for file in delivered.files())
    return {key: why for key, why in told if why}


def _chosen(delivered: Delivered, keys: Sequence[str]) -> list[Item]:
    wanted = keys or list(awaiting(delivered))
    items = {
        item.key: item
        for item in delivered.ledger.batches.items(delivered.batch.id)
        if item.status == "completed"
    }
    if unknown := [key for key in wanted if key not in items]:
        raise InputError(f"There is no finished item {unknown[0][:80]!r} in this batch.")
    return [items[key] for key in wanted]


def _approve(delivered: Delivered, item: Item, by: str) -> bool:
    batch, kind = delivered.batch, find_kind(delivered.batch.kind)
    if kind.approved is None:
        raise InputError("Only articles are approved.")
    before = delivered.ledger.deliveries.all(batch.id, item.key)
    day = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
    try:
        outputs = kind.approved(_content(delivered, before), item.spec, batch.parameters, by, day)
    except InputError as error:
        if error.kind == "approved":
            return False
        raise InputError(f"{item.key}: {error}", kind=error.kind) from error
    files = [_kept(delivered, output) for output in outputs]
    seen = [(file.path, _sent(delivered, item, file, before)) for file in files]
    delivered.ledger.batches.finish(batch.id, item.key, files)
    delivered.ledger.deliveries.verify(batch.id, item.key, seen)
    now = {file.path for file in files}
    for file in before:
        if file.path not in now:
            retry_store(partial(delivered.store.remove, delivered.path(file.path)))
    return True


def _content(delivered: Delivered, files: Sequence[DeliveredFile]) -> bytes:
    """Reads the JSON of an item as it was delivered."""
    file = next(one for one in files if one.media_type == "application/json")

    def read() -> bytes:
        with delivered.store.open(delivered.path(file.path)) as stream:
            return stream.read()

    data = retry_store(read)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(
            f"{file.path} was changed where it lies. Put it back (`pressrun audit --repair`)."
        )
    return data


def _kept(delivered: Delivered, output: Output) -> MadeFile:
    digest = delivered.vault.put(output.data, use_of(output.media_type))
    path = placed(delivered.batch.layout, output.path)
    return MadeFile(path, output.media_type, len(output.data), digest, output.provenance)


def _sent(delivered: Delivered, item: Item, file: MadeFile, before: Sequence[DeliveredFile]) -> str:
    labels = {"batch": delivered.batch.id, "item": item.key}
    parcel = Parcel(
        delivered.path(file.path),
        delivered.vault.path(file.sha256),
        file.media_type,
        file.sha256,
        labels,
    )
    mine = any(one.path == file.path for one in before)
    return retry_store(
        lambda: delivered.store.put(parcel, replace=mine, throttle=delivered.rate.wait)
    )
