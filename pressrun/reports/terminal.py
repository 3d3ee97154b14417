"""Tables and the live progress line in a terminal. Words of users cannot steer the terminal."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from pressrun.engines.limits import NANO
from pressrun.ledger.call_statistics import Stat
from pressrun.ledger.costs import Bill, By
from pressrun.ledger.listing import Listed
from pressrun.reports.artifacts.call_statistics import HEADINGS, figures
from pressrun.reports.artifacts.quote import duration, price_change, summary, tokens, untold, usd
from pressrun.reports.progress import Progress as Moment
from pressrun.reports.progress import Queued
from pressrun.reports.quote import Quote
from pressrun.reports.verdicts import COLOURS, shown

if TYPE_CHECKING:
    from pressrun.reports.manifest import BatchRecord


def print_items(record: "BatchRecord") -> None:
    """Prints a table of a batch's items."""
    table = Table("item", "status", "files", "cost", "reason", box=None, pad_edge=False)
    for entry in record.items:
        table.add_row(
            shown(entry.item.title),
            shown(entry.status, COLOURS.get(entry.status, "yellow")),
            str(len(entry.files)),
            f"${entry.cost_usd:.4f}",
            shown(entry.item.error_message or ""),
        )
    Console().print(table)


def print_batches(batches: Sequence[Listed]) -> None:
    """Prints a table of batches."""
    table = Table("run", "kind", "status", "completed", "cost", "begun", "owner", "name", box=None)
    for batch in batches:
        begun = datetime.fromtimestamp(batch.created_at).astimezone()
        table.add_row(
            batch.id[:8],
            batch.kind,
            shown(batch.status, COLOURS.get(batch.status, "yellow")),
            f"{batch.completed} of {batch.items}",
            f"${batch.cost_usd:.4f}",
            f"{begun:%Y-%m-%d %H:%M}",
            shown(batch.owner),
            shown(batch.name),
        )
    Console().print(table)


def print_progress(progress: Moment) -> None:
    """Prints where a batch stands, with its last events."""
    console = Console()
    console.print(shown(f"{progress.name}: {progress.status}", "bold"))
    console.print(shown(progress.line()))
    if progress.short:
        console.print(shown(progress.short, "red"))
    console.print(shown(progress.output))
    if progress.advice:
        console.print(shown(progress.advice))
    for event in progress.events:
        console.print(shown(f"  {event.status:<10} {event.title} {event.message}".rstrip()))


def print_queue(items: Sequence[Queued]) -> None:
    """Prints a table of items with their place in the queue."""
    if not items:
        return
    table = Table("item", "status", "queue", "title", box=None, pad_edge=False)
    for item in items:
        place = str(item.queue_position or "")
        table.add_row(
            item.key, shown(item.status, COLOURS.get(item.status, "")), place, shown(item.title)
        )
    Console().print(table)


class ProgressLine:
    """One line that moves in a terminal; in a file or pipe, a line whenever something changed.

    Args:
        json_lines: Print JSON objects instead, one on each line.
    """

    def __init__(self, *, json_lines: bool = False):
        self._json = json_lines
        self._last = ""
        self._task: TaskID | None = None
        self._bar = Progress(
            BarColumn(30),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.description}", markup=False),
            console=Console(),
            disable=json_lines or not sys.stdout.isatty(),
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, moment: Moment) -> None:
        """Shows this moment of the batch."""
        if self._json:
            self._print(json.dumps(asdict(moment), ensure_ascii=False))
        elif self._bar.disable:
            self._print(moment.line())
        else:
            if self._task is None:
                self._task = self._bar.add_task("", total=moment.total)
            self._bar.update(self._task, completed=moment.done, description=_words(moment))

    def _print(self, line: str) -> None:
        if line != self._last:
            self._last = line
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _words(moment: Moment) -> str:
    words = [moment.done_words(), *moment.work_words(), moment.left_words()]
    return ", ".join([*filter(None, words), f"${moment.cost_usd:.4f}"])


def print_quote(quote: Quote) -> None:
    """Prints a table of models with calls and cost, and the sum below it."""
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
    console.print(f"{summary(quote)}: {usd(quote.cost_usd)}, time {duration(quote)}")
    for words in filter(None, (untold(quote), price_change(quote))):
        console.print(shown(words))


def print_bills(bills: Sequence[Bill], by: By) -> None:
    """Prints a table of bills, with their sum."""
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
    """Prints a table of how calls went."""
    table = Table(by, *HEADINGS, box=None, pad_edge=False)
    for stat in stats:
        table.add_row(*map(shown, figures(stat)))
    Console().print(table)
