"""From checked parameters to a planned batch: the same for every kind, in a flow or out of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pressrun.account import Account
from pressrun.engines.base import TextRequest
from pressrun.layout import Layout
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch
from pressrun.ledger.places import Places
from pressrun.question import ask
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind, Planner
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
) -> Iterator[Planner]:
    """A planner with all that it needs; copies of remote sources are gone afterwards.

    Args:
        kind: Of the batch.
        order: What was asked.
        target: Whose credentials reach sources in S3 or Drive.
        account: Gives who pays, if a model has to read what was given.
        vault: The batch's.
        say: Told one line at every step that takes long.
    """

    def asked(request: TextRequest, check: Callable[[str], None]) -> str:
        return ask(request, check, account(), vault, "plan", order.budget_usd or None)

    with TemporaryDirectory(prefix="pressrun-") as folder:
        bring = Sources(target, places(), Path(folder)).bring
        yield kind.planner(order, settings(), vault, say, bring, asked)


def new_batch(kind: Kind, order: Order, target: Target, batch_id: str, moment: datetime) -> Batch:
    """The record of a batch that is planned at that moment, with its place at the destination.

    Raises:
        SettingError: The path template cannot be used.
    """
    layout = Layout.of(target.path_template or kind.path_template)
    owner = getattr(order, "owner", "")
    return Batch(
        id=batch_id,
        kind=kind.name,
        title=order.title,
        destination=target.address,
        root=layout.root_of(order.title, kind.name, batch_id, moment, owner),
        parameters=order.model_dump(),
        created_at=moment.timestamp(),
        store=target.name,
        layout=layout.files,
        concurrency=order.concurrency,
        priority=order.priority,
        budget_usd=order.budget_usd or None,
    )


def places() -> Callable[[str], Remembered]:
    """What remembers a destination's ids: the ledger."""
    return partial(Places, open_ledger().database)
