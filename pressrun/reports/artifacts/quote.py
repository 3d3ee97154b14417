"""A quote as a page for Prefect's artifacts, and its figures in words."""

from collections.abc import Sequence

from pressrun.engines.token_estimates import Estimate
from pressrun.reports.artifacts.progress import plain
from pressrun.reports.progress import clock
from pressrun.reports.quote import Quote


def quote_page(quote: Quote, title: str, notes: Sequence[str] = ()) -> str:
    """Writes what the batch will cost and how long it will take, by model.

    Args:
        quote: Of the batch.
        title: The batch's.
        notes: What to know of its plan.
    """
    rows = "\n".join(
        f"| {plain(model.model)} | {model.calls} | {model.images} "
        f"| {tokens(model.input_tokens)} | {tokens(model.output_tokens)} | {usd(model.cost_usd)} |"
        for model in quote.models
    )
    return (
        f"## {plain(title)}: {usd(quote.cost_usd)}\n\n"
        f"- {summary(quote)}\n"
        f"- Time: {duration(quote)}\n"
        f"{_item(untold(quote))}"
        f"{_item(price_change(quote))}"
        f"{''.join(map(_item, notes))}"
        "- Nothing is paid yet. The range is for what is not known before: the length of answers "
        "and thoughts, and how the provider counts pictures and how fast it is.\n\n"
        "| model | calls | images | input tokens | output tokens | cost |\n"
        "|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _item(words: str) -> str:
    return f"- {plain(words)}\n" if words else ""


def untold(quote: Quote) -> str:
    """Says what to know about the time where a model has no configured rate; or nothing."""
    names = [model.model for model in quote.models if not model.pace_known]
    if not names:
        return ""
    return (
        f"No limit is set for {', '.join(names)}: calls begin carefully and go faster until the "
        "provider refuses one. With the limit in the account, the time is known before."
    )


def price_change(quote: Quote) -> str:
    """What to know where a price changes while the batch may still run; or nothing."""
    if quote.later_usd is None:
        return ""
    return (
        "A price changes before the batch may be done: at the prices of its end the whole would "
        f"cost {usd(quote.later_usd)}. Each call costs what holds when it is sent."
    )


def over_budget(quote: Quote, budget_usd: float | None, items: str = "items") -> str:
    """Says how much a cap lasts for that is less than the price; else nothing.

    Args:
        quote: Of what is to be made.
        budget_usd: What may be spent on it; None for no cap.
        items: What a person calls the items.
    """
    price = quote.cost_usd.expected
    if budget_usd is None or price <= budget_usd:
        return ""
    lasts = max(0, int(quote.items * budget_usd / price))  # what is begun is finished first
    will = f"about {lasts}" if lasts else "none"
    return f"The price is more than the cap: {will} of {quote.items} {items} will be made."


def summary(quote: Quote) -> str:
    """Writes ``600 items, 4800 calls``, and what is paid already."""
    paid = f"; {quote.settled} calls are paid already" if quote.settled else ""
    return f"{quote.items} items, {quote.calls} calls{paid}"


def usd(cost: Estimate) -> str:
    """Writes ``$2.7773 ($2.7682 to $3.0115)``; one figure if it is known exactly."""
    if cost.low == cost.high:
        return f"${cost.expected:.4f}"
    return f"${cost.expected:.4f} (${cost.low:.4f} to ${cost.high:.4f})"


def tokens(count: Estimate) -> str:
    """Writes the expected number, with thousands separated."""
    return f"{count.expected:,.0f}"


def duration(quote: Quote) -> str:
    """Writes ``4:10 (3:50 to 4:40)``, or that no figure is known yet."""
    if quote.untimed:
        return f"not known yet (no call of {' and '.join(quote.untimed)} was timed here)"
    seconds = quote.seconds
    return f"{clock(seconds.expected)} ({clock(seconds.low)} to {clock(seconds.high)})"
