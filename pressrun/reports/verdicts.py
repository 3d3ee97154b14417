"""The verdicts on links in a terminal. Words of users cannot steer it.

Apart from the other tables, which need the ledger: judging links takes no half a second.
"""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {
    "completed": "green",
    "ok": "green",
    "needs_resolving": "green",
    "failed": "red",
    "duplicate": "yellow",
}


def shown(text: object, style: str = "") -> Text:
    """Makes text without markup and without control characters."""
    return Text("".join(c for c in str(text) if c.isprintable()), style=style)


def print_links(links: Sequence[dict[str, Any]], good: int) -> None:
    """Prints a table of links with their verdicts; each reason once, where it comes first."""
    firsts: dict[str, int] = {}
    table = Table("line", "verdict", "link", "reason", box=None, pad_edge=False)
    for link in links:
        verdict = str(link["verdict"])
        reason = "" if verdict == "ok" else str(link["reason"])
        first = firsts.setdefault(reason, link["line"])
        colour = COLOURS.get(verdict, "red")
        table.add_row(
            str(link["line"]),
            shown(verdict, colour),
            shown(link["link"][:100]),
            shown(f"as line {first}" if reason and first != link["line"] else reason),
        )
    console = Console(soft_wrap=False)
    console.print(table)
    repeated = sum(link["verdict"] == "duplicate" for link in links)
    more = f"; {repeated} only repeat another one" if repeated else ""
    console.print(f"{good} of {len(links)} can be used{more}.")
