"""What calls did cost, as a table for spreadsheets."""

import csv
from collections.abc import Sequence
from typing import TextIO

from pressrun.ledger.costs import Bill, By
from pressrun.reports.manifest import neutral

_TOKENS = ("input_tokens", "output_tokens", "image_tokens", "thought_tokens")


def write_bills(bills: Sequence[Bill], by: By, out: TextIO) -> None:
    """Writes bills as CSV, with every nano-dollar; no cell is a formula."""
    table = csv.writer(out)
    table.writerow([by, "title", "calls", "cost_usd", *_TOKENS, "unused_calls", "unused_usd"])
    for bill in bills:
        cells = [bill.of, bill.title, bill.calls, f"{bill.cost_usd:.9f}"]
        cells += [getattr(bill, name) for name in _TOKENS]
        cells += [bill.unused, f"{bill.unused_usd:.9f}"]
        table.writerow([neutral(cell) for cell in cells])
