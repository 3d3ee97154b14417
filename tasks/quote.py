"""What a batch will cost and how long it will take, said before anything is paid."""

from collections.abc import Sequence

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact

from pressrun.account import Account
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batch
from pressrun.quote import Planned, quote_items
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind
from pressrun.report.quote_page import duration, quote_page, summary, usd
from pressrun.run import is_final


def quote(kind: Kind, order: Order, items: Sequence[Planned], account: Account) -> str:
    """Shows the quote of items as an artifact and in the log; returns it in a sentence."""
    return _shown(kind, order, items, account, order.concurrency)


def quote_rest(kind: Kind, order: Order, batch: Batch, account: Account) -> str:
    """As :func:`quote`, of what is left of a batch."""
    made = ("completed", "made")
    items = [item for item in open_ledger().batches.items(batch.id) if item.status not in made]
    todo = [item for item in items if not is_final(item)]
    return _shown(kind, order, todo, account, batch.concurrency, batch.id)


def _shown(
    kind: Kind,
    order: Order,
    items: Sequence[Planned],
    account: Account,
    concurrency: int,
    batch_id: str = "",
) -> str:
    found = quote_items(
        open_ledger(),
        kind.name,
        items,
        order.model_dump(),
        concurrency,
        account,
        batch_id,
    )
    words = f"{summary(found)}, {usd(found.cost_usd)}, {duration(found.seconds)}"
    page = quote_page(found, order.title)
    create_markdown_artifact(page, key="pressrun-quote", description=words)
    get_run_logger().info("Quote: %s", words)
    return words
