"""From checked parameters to a planned batch: the same for every kind, in a flow or out of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pressrun.account import Account
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError
from pressrun.layout import Layout
from pressrun.ledger import open_ledger
from pressrun.ledger.places import Places
from pressrun.ledger.records import Batch, Item
from pressrun.moderation.planner import moderated
from pressrun.question import ask
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind, Means, Planner
from pressrun.reviews import Answer, numbers
from pressrun.settings import settings
from pressrun.stores.drive import Places as Remembered
from pressrun.stores.factory import Target
from pressrun.stores.sources import Sources
from pressrun.vault import Vault


@contextmanager
def planner_of(
    kind: Kind,
    order: Order,
    target: Target,
    account: Callable[[], Account],
    vault: Vault,
    say: Callable[[str], None],
    note: Callable[[str], None] | None = None,
) -> Iterator[Planner]:
    """A planner with all that it needs; copies of remote sources are gone afterwards.

    What it plans is moderated.

    Args:
        kind: Of the batch.
        order: What was asked.
        target: Whose credentials reach sources in S3 or Drive.
        account: Gives who pays, for what a plan depends on it: models that read or write.
        vault: The batch's.
        say: Told one line at every step that takes long.
        note: Told what a person should know of the plan although nothing is wrong; ``say`` if none.
    """

    def asked(request: TextRequest, check: Callable[[str], None]) -> str:
        # Nothing is paid for the plan of a batch that would not be let in.
        open_ledger().requests.check(vault.folder.name, order.requested_by, time.time())
        return ask(request, check, account(), vault, "plan", order.budget_usd or None)

    with TemporaryDirectory(prefix="pressrun-") as folder:
        bring = Sources(target, places(), Path(folder)).bring
        means = Means(settings(), vault, say, bring, asked, account, note or say)
        planner = kind.planner(order, means)
        yield moderated(planner, kind, order, settings(), say, asked)


def new_batch(kind: Kind, order: Order, target: Target, batch_id: str, moment: datetime) -> Batch:
    """The record of a batch that is planned at that moment, with its place at the destination.

    Raises:
        SettingError: The path template cannot be used.
        InputError: The run to reuse does not exist, or is of another kind.
    """
    layout = Layout.of(target.path_template or kind.path_template)
    owner = order.owner
    return Batch(
        id=batch_id,
        kind=kind.name,
        title=order.title,
        destination=target.address,
        root=layout.root_of(order.title, kind.name, batch_id, moment, owner),
        parameters=order.model_dump() | {"reuse": _reused(kind, order)},
        created_at=moment.timestamp(),
        store=target.name,
        layout=layout.files,
        concurrency=order.concurrency,
        priority=order.priority,
        budget_usd=order.budget_usd or None,
        owner=owner,
        requested_by=order.requested_by,
    )


def _reused(kind: Kind, order: Order) -> str:
    """The whole id of the run to reuse."""
    if not order.reuse.strip():
        return ""
    earlier = open_ledger().batches.match(order.reuse.strip())
    if earlier.kind != kind.name:
        raise InputError(f"The run to reuse made a {earlier.kind} batch, not a {kind.name} batch.")
    return earlier.id


def changes_of(kind: Kind, batch: Batch, items: Sequence[Item], answer: Answer) -> dict[str, Any]:
    """The order's fields that an answer changes, with their new values.

    Args:
        kind: Of the batch.
        batch: As it was shown.
        items: Those that were shown, in that order.
        answer: What was said.

    Raises:
        InputError: The answer contradicts itself, or leaves nothing.
    """
    changes = {k: v for k, v in answer.settings.items() if v != batch.parameters.get(k)}
    editing = kind.editing
    if editing.text is None:
        return changes
    shown = editing.text(items)
    edited = answer.text is not None and answer.text.split() != shown.split()
    if answer.drop.strip():
        if edited:
            raise InputError("Edit the text, or say which numbers to leave out: not both at once.")
        out = numbers(answer.drop, len(items))
        left = [item for number, item in enumerate(items, 1) if number not in out]
        if not left:
            raise InputError("Nothing would be left. Reject the plan if nothing should be made.")
        return changes | editing.from_text(editing.text(left))
    if edited:
        return changes | editing.from_text(answer.text or "")
    # What was shown stays what it is: no file is read again, and no model asked.
    return changes | editing.from_text(shown) if changes else {}


def with_parameters(batch: Batch, order: Order) -> Batch:
    """The batch with changed parameters; its place at the destination stays."""
    return replace(
        batch,
        parameters=order.model_dump(),
        title=order.title,
        concurrency=order.concurrency,
        priority=order.priority,
        budget_usd=order.budget_usd or None,
    )


def places() -> Callable[[str], Remembered]:
    """What remembers a destination's ids: the ledger."""
    return partial(Places, open_ledger().database)
