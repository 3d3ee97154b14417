"""Tables of quotes, bills and statistics in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from pressrun.ledger.bills import Bill, By
from pressrun.ledger.limits import NANO
from pressrun.ledger.stats import Stat
from pressrun.quote import Quote
from pressrun.report.quote_page import duration, summary, tokens, untold, usd
from pressrun.report.stats_page import HEADINGS, figures
from pressrun.report.terminal import shown


def print_quote(quote: Quote) -> None:
    """A table of models with calls and cost, and the whole below it."""
    table = Table("model", "calls", "input", "output", box=None, pad_edge=False)
    table.add_column("cost", no_wrap=True)
    for model in quote.models:
        table.add_row(
            shown(model.model),
            str(model.calls),
            tokens(model.input_tokens),
            tokens(model.output_tokens),
            usd(model.cost_usd),
        )
    console = Console()
    console.print(table)
    console.print(f"{summary(quote)}: {usd(quote.cost_usd)}, {duration(quote.seconds)}")
    if words := untold(quote):
        console.print(shown(words))


def print_bills(bills: Sequence[Bill], by: By) -> None:
    """A table of bills, with their sum."""
    titled = ["title"] if by == "batch" else []
    table = Table(by, *titled, "calls", "cost", box=None, pad_edge=False)
    for bill in bills:
        title = [shown(bill.title)] if titled else []
        table.add_row(shown(bill.of), *title, str(bill.calls), f"${bill.cost_usd:.4f}")
    console = Console()
    console.print(table)
    total_usd = sum(bill.cost_nusd for bill in bills) / NANO
    console.print(f"{sum(bill.calls for bill in bills)} calls, ${total_usd:.4f}")


def print_stats(stats: Sequence[Stat], by: By) -> None:
    """A table of how calls went."""
    table = Table(by, *HEADINGS, box=None, pad_edge=False)
    for stat in stats:
        table.add_row(*map(shown, figures(stat)))
    Console().print(table)
