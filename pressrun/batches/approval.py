"""A person approves an article: its files are renamed and say by whom, and no call is made."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pressrun.batches.delivered import Delivered, Step, silent
from pressrun.errors import InputError
from pressrun.kinds.base import Approve, Output
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, Item, MadeFile
from pressrun.ledger.vault import use_of
from pressrun.reports.manifest import AWAITS
from pressrun.stores.layout import placed
from pressrun.stores.retry import retry_store

_MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """An article that awaits a person; ``why`` names the matters that it touches."""

    key: str
    title: str
    why: str


def approve(delivered: Delivered, keys: Sequence[str], by: str, step: Step = silent) -> list[str]:
    """Approves items and delivers them anew; returns the keys of those that were not before.

    Args:
        delivered: The batch.
        keys: Of its items; none for all that await an approval.
        by: The person's name, as it will stand in the files.
        step: Told how many are done.

    Raises:
        InputError: The batch is in work, its kind knows no approval, nobody is named, or an item
            is not there.
        StoreError: The destination refuses the files, or one was changed where it lies. What was
            approved before stays so.
    """
    name = approver(by)
    require_approvable(delivered)
    items, done = _chosen(delivered, keys), list[str]()
    with delivered.held(), delivered.reports_renewed():
        for count, item in enumerate(items, 1):
            done += [item.key] if _approve(delivered, item, name) else []
            step(count, len(items))
    return done


def approver(by: str) -> str:
    """Writes a person's name as it will stand in the files.

    Raises:
        InputError: It is none.
    """
    name = " ".join(by.split())
    if not any(map(str.isalpha, name)) or len(name) > _MOST_LETTERS:
        raise InputError(f"Say who has read them: a name of up to {_MOST_LETTERS} letters.")
    return name


def awaiting(delivered: Delivered) -> dict[str, str]:
    """Lists what awaits an approval: keys of items, each with the reason."""
    return {draft.key: draft.why for draft in drafts_of(delivered.ledger, delivered.batch)}


def drafts_of(ledger: Ledger, batch: Batch) -> list[DraftArticle]:
    """Lists the finished articles of a batch that await a person."""
    if find_kind(batch.kind).approved is None:
        return []
    told = ledger.deliveries.provenance_values(batch.id, AWAITS)
    why = {key: matters for key, matters in told if matters}
    items = ledger.batches.items(batch.id, "completed") if why else []
    return [DraftArticle(one.key, one.title, why[one.key]) for one in items if one.key in why]


def read_article(delivered: Delivered, key: str) -> dict[str, Any]:
    """Reads an article as it was delivered, with all that is said of it.

    Raises:
        InputError: There is no such finished article.
        StoreError: It cannot be read, or was changed where it lies.
    """
    (item,) = _chosen(delivered, [key])
    _require_articles(delivered)
    return dict(json.loads(delivered.content(_json_of(_files_of(delivered, item)))))


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
    batch, approved = delivered.batch, _require_articles(delivered)
    before = _files_of(delivered, item)
    day = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
    pictures = [
        Output(file.path, file.media_type, delivered.content(file), file.sha256, file.provenance)
        for file in before
        if file.is_picture
    ]
    try:
        content = delivered.content(_json_of(before))
        outputs = approved(content, item.spec, batch.parameters, by, day, pictures)
    except InputError as error:
        if error.kind == "approved":
            return False
        raise InputError(f"{item.key}: {error}", kind=error.kind) from error
    files = [_kept(delivered, output) for output in outputs]
    there = {file.path for file in before}
    seen = [(file, delivered.send(file, item.key, replace=file.path in there)) for file in files]
    delivered.ledger.deliveries.replace(batch.id, item.key, seen)
    now = {file.path for file in files}
    for file in before:
        if file.path not in now:
            retry_store(partial(delivered.store.remove, delivered.path(file.path)))
    return True


def require_approvable(delivered: Delivered) -> None:
    """Makes sure that items of a batch can be approved now.

    Raises:
        InputError: Its kind knows no approval, or it is in work.
    """
    _require_articles(delivered)
    if delivered.is_in_work:
        raise InputError("The batch is in work. Approve its articles when it has ended.")


def _require_articles(delivered: Delivered) -> Approve:
    approved = find_kind(delivered.batch.kind).approved
    if approved is None:
        raise InputError("Only articles are approved.")
    return approved


def _files_of(delivered: Delivered, item: Item) -> list[DeliveredFile]:
    return delivered.ledger.deliveries.all(delivered.batch.id, item.key)


def _json_of(files: Sequence[DeliveredFile]) -> DeliveredFile:
    return next(file for file in files if file.media_type == "application/json")


def _kept(delivered: Delivered, output: Output) -> MadeFile:
    digest = delivered.vault.put(output.data, use_of(output.media_type))
    path = placed(delivered.batch.layout, output.path)
    return MadeFile(path, output.media_type, len(output.data), digest, output.provenance)
