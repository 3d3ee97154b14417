"""The layout of a comparison: prompts down, models across, an item in every cell.

Pure: it arranges what the ledger has, and knows neither pictures nor pages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from pressrun.reports.manifest import BatchRecord, ItemRecord

KIND = "comparison"


@dataclass(frozen=True, slots=True)
class Cell:
    """One model's answer to one prompt.

    Attributes:
        seconds: From the start of its last attempt to its end; None if it has no end yet.
        dropped: What became of parameters that the model does not know, as far as its column
            does not say so already.
    """

    record: ItemRecord
    seconds: float | None
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A model and how it did.

    Attributes:
        seconds: The median of its completed cells; None if it has none.
        dropped: What is true of all its cells.
    """

    model: str
    completed: int
    asked: int
    seconds: float | None
    cost_usd: float
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A prompt with its cells, one for each column; None where the model was not asked.

    Attributes:
        number: Of the prompt, from 1.
        enhanced: What the models were given; empty if that is the prompt itself.
        refused: The cell that stands for all, where all failed for one reason (a blocked prompt).
    """

    number: int
    prompt: str
    enhanced: str
    cells: tuple[Cell | None, ...]
    refused: Cell | None


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole comparison: columns in the order of the models, rows in that of the prompts."""

    columns: tuple[Column, ...]
    rows: tuple[GridRow, ...]


def compare_grid(record: BatchRecord) -> Grid:
    """Arranges the items of a comparison by ``row`` and ``model`` of their specs."""
    records = tuple(record.items)
    models = list(dict.fromkeys(map(_model, records)))
    columns = tuple(_column(model, records) for model in models)
    by_row = groupby(sorted(records, key=_number), key=_number)
    return Grid(columns, tuple(_row(number, list(items), columns) for number, items in by_row))


def seconds_of(record: ItemRecord) -> float | None:
    """Computes how long the last attempt at an item took, until its files had arrived."""
    begun, ended = record.item.started_at, record.item.ended_at
    return None if begun is None or ended is None else max(0.0, ended - begun)


def _column(model: str, records: Iterable[ItemRecord]) -> Column:
    mine = [record for record in records if _model(record) == model]
    done = [record for record in mine if record.status == "completed"]
    times = [seconds for record in done if (seconds := seconds_of(record)) is not None]
    said = [_dropped(record) for record in mine]
    return Column(
        model,
        len(done),
        len(mine),
        median(times) if times else None,
        sum(record.cost_usd for record in mine),
        tuple(phrase for phrase in said[0] if all(phrase in of for of in said)),
    )


def _row(number: int, records: Sequence[ItemRecord], columns: Sequence[Column]) -> GridRow:
    by_model = {_model(record): record for record in records}
    cells = tuple(_cell(by_model.get(column.model), column) for column in columns)
    spec = records[0].item.spec
    prompt, enhanced = str(spec.get("prompt", "")), str(spec.get("enhanced") or "")
    return GridRow(number, prompt, enhanced if enhanced != prompt else "", cells, _refused(cells))


def _cell(record: ItemRecord | None, column: Column) -> Cell | None:
    if record is None:
        return None
    own = tuple(phrase for phrase in _dropped(record) if phrase not in column.dropped)
    return Cell(record, seconds_of(record), own)


def _refused(cells: Sequence[Cell | None]) -> Cell | None:
    first, *others = cells
    if first is None or not others or first.record.status != "failed":
        return None
    why = _why(first)
    return first if all(cell and _why(cell) == why for cell in others) else None


def _why(cell: Cell) -> tuple[str, str | None, str | None]:
    item = cell.record.item
    return cell.record.status, item.error_kind, item.error_message


def _model(record: ItemRecord) -> str:
    return str(record.item.spec.get("model", ""))


def _number(record: ItemRecord) -> int:
    return int(record.item.spec.get("row", 0))


def _dropped(record: ItemRecord) -> tuple[str, ...]:
    return tuple(map(str, record.item.spec.get("dropped", ())))
