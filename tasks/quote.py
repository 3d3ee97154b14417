"""What a batch will cost and how long it will take, said before anything is paid."""

from collections.abc import Sequence

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact

from pressrun.engines.account import Account
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters
from pressrun.kinds.registry import find_kind
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.ledger.reviews import notes
from pressrun.ledger.spending import read_spent_usd
from pressrun.reports.artifacts.quote import duration, over_budget, quote_page, summary, usd
from pressrun.reports.quote import Planned, Quote, quote_items, quote_left
from tasks.artifacts import artifact_key


def quote(
    kind: Kind,
    parameters: BatchParameters,
    items: Sequence[Planned],
    account: Account,
    said: Sequence[str] = (),
) -> str:
    """Shows the quote of items as an artifact and in the log; returns it in a sentence.

    Args:
        kind: Of the batch.
        parameters: Of the batch.
        items: Those that can be made.
        account: Who pays.
        said: What to know of the plan.
    """
    chosen = parameters.model_dump()
    found = quote_items(open_ledger(), kind.name, items, chosen, parameters.concurrency, account)
    short = over_budget(found, parameters.budget_usd or None, kind.items)
    return _shown(found, parameters.title, said, short)


def quote_rest(batch: Batch, account: Account) -> str:
    """Shows, as :func:`quote` does, the quote of what is left of a batch."""
    ledger, cap = open_ledger(), batch.budget_usd
    found = quote_left(ledger, batch, account)
    left_usd = None if cap is None else cap - read_spent_usd(ledger.database, batch.id)
    short = over_budget(found, left_usd, find_kind(batch.kind).items)
    return _shown(found, batch.title, notes(batch), short)


def _shown(found: Quote, title: str, said: Sequence[str], short: str) -> str:
    said = [short, *said] if short else said
    words = f"{summary(found)}, {usd(found.cost_usd)}, time {duration(found)}"
    page = quote_page(found, title, said)
    create_markdown_artifact(page, key=artifact_key("quote"), description=words)
    get_run_logger().info("Quote: %s", words)
    if short:
        get_run_logger().warning(short)
    return words
