"""Costs by day as a picture: the page's policy allows no style of its own."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from pressrun.boundary.text import usd
from pressrun.engines.limits import NANO
from pressrun.ledger.costs import Bill

#: Bars that a chart has at most; more days are drawn as weeks, then as 30 days each.
_MOST_BARS = 92
#: Of the picture, whose width is 100.
_HIGH = 40


def cost_chart(bills: Sequence[Bill], first: date | None, last: date | None) -> Markup:
    """Draws a bar for each day, the unused part of it apart; empty where nothing was paid.

    Args:
        bills: By day.
        first: The first day; None for the bills' first.
        last: The last one; None for today.
    """
    if not any(bill.cost_nusd for bill in bills):
        return Markup()
    known = {date.fromisoformat(bill.of): bill for bill in bills}
    first = first or min(known)
    last = max(last or datetime.now(UTC).date(), *known)
    count = (last - first).days + 1
    each = next(size for size in (1, 7, 30, count) if -(-count // size) <= _MOST_BARS)
    bars: dict[int, tuple[int, int]] = {}
    for day, bill in known.items():
        at = (day - first).days // each
        total, unused = bars.get(at, (0, 0))
        bars[at] = (total + bill.cost_nusd, unused + bill.unused_nusd)
    most = max(total for total, _ in bars.values())
    width = 100 / -(-count // each)
    drawn = Markup().join(
        _bar(at * width, width, most, f"{first + timedelta(days=at * each)}", *bars[at])
        for at in sorted(bars)
    )
    span = {1: "a day", 7: "a week"}.get(each, f"{each} days")
    highest = f"highest: {usd(most / NANO)} for {span}"
    label = f"Cost, a bar for {span}, from {first} to {last}; {highest}"
    return Markup(
        '<svg class="chart" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
        '<p class="axis" aria-hidden="true"><span>{}</span> <span>{}</span> <span>{}</span></p>'
    ).format(label, drawn, first, highest, last)


def _bar(left: float, width: float, most: int, day: str, total: int, unused: int) -> Markup:
    said = f"{day}: {usd(total / NANO)}"
    if unused:
        said += f", of it unused {usd(unused / NANO)}"
    sizes = (("used", unused, total - unused), ("unused", 0, unused))
    parts = [_part(kind, left, width, most, below, size) for kind, below, size in sizes if size]
    return Markup("<g><title>{}</title>{}</g>").format(said, Markup().join(parts))


def _part(kind: str, left: float, width: float, most: int, below: int, size: int) -> Markup:
    height = _HIGH * size / most
    return Markup('<rect class="{}" x="{:.3f}" y="{:.3f}" width="{:.3f}" height="{:.3f}"/>').format(
        kind, left + width * 0.1, _HIGH - _HIGH * below / most - height, width * 0.8, height
    )
