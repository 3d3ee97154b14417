"""The head of a table and what its columns hold: by their names, and by what stands in them.

It must not know which kind of batch the rows are for (see :mod:`pressrun.inputs.tables.rows` and
:mod:`pressrun.inputs.articles.columns`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.tables import cells as shapes

Cells = list[tuple[int, list[str]]]  # (line of the text or row of the sheet, its cells)

#: Rows that are searched for the head: people and programs put titles above their tables.
HEAD_WITHIN = 10
DELIMITERS = "\t;,|"
MOST_COLUMNS = 200
_LOOKED_AT = 200  # rows that tell what a column holds
MOST_LINES = 100_000
_LISTED = 8
#: A bar within a cell of a markdown table, and what stands for it while the row is split.
_ESCAPED, _STAND_IN = "\\|", "\ue000"
_SEPARATOR = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)
_HYPERLINK = re.compile(
    r"=HYPERLINK\(\s*\"([^\"]*)\"\s*(?:[;,]\s*\"([^\"]*)\"\s*)?\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HeadedTable:
    """Rows below a head.

    Attributes:
        head: The names of the columns; empty if the table has none.
        rows: Those below, as wide as they are.
    """

    head: list[str]
    rows: Cells

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max(len(self.head), max((len(cells) for _, cells in self.rows), default=0))

    def column(self, place: int) -> list[str]:
        """Lists what stands in a column, as far as it tells what the column holds."""
        cells = (cells[place] for _, cells in self.rows if place < len(cells))
        return list(islice(filter(None, cells), _LOOKED_AT))

    def name(self, place: int) -> str:
        """Gives a column's name, empty if it has none."""
        return self.head[place] if place < len(self.head) else ""

    def share(self, place: int, holds: Callable[[str], bool]) -> float:
        """Computes which share of a column's cells is so; 0 of an empty one."""
        cells = self.column(place)
        return sum(map(holds, cells)) / len(cells) if cells else 0.0


def records_of(text: str) -> list[tuple[int, str]]:
    """Lists the records of a text that are not blank: the line each begins on, and its text.

    Raises:
        InputError: They are more than 100,000: whoever gives so many means no batch.
    """
    filled = (found for found in shapes.read_records(text) if found[1].strip())
    records = list(islice(filled, MOST_LINES + 1))
    if len(records) > MOST_LINES:
        raise InputError(f"There are more than {MOST_LINES:,} lines. Split them into several.")
    # Excel writes `sep=;` above a table.
    return records[1:] if records and _SEPARATOR.fullmatch(records[0][1]) else records


def table_below(rows: Cells, place: int) -> HeadedTable:
    """Takes the row at that place as the head of those below it."""
    return HeadedTable(rows[place][1], [row for row in rows[place + 1 :] if not is_rule(row[1])])


def is_rule(cells: Sequence[str]) -> bool:
    """Says whether this is the line of dashes below the head of a markdown table, or blank."""
    return not set("".join(cells)) - set("-=:+ ")


def named_head(rows: Cells, known: Callable[[Sequence[str]], int]) -> int | None:
    """Finds the first row whose cells are the names of columns.

    Args:
        rows: Of the table, with what stands above it.
        known: Says how many of a row's cells are names; 0 for a row that is no head.
    """
    for place, (_, cells) in enumerate(rows[:HEAD_WITHIN]):
        if len(cells) <= MOST_COLUMNS and known(cells):
            return place
    return None


def split_rows(records: Sequence[tuple[int, str]], delimiter: str) -> Cells:
    """Splits the records of a text into cells; the bars at both ends of a markdown row go."""
    return [(line, _cells(record, delimiter)) for line, record in records]


def _cells(record: str, delimiter: str) -> list[str]:
    if delimiter == "|":
        record = record.strip().removeprefix("|").removesuffix("|")
        if _ESCAPED in record:
            cells = shapes.split_cells(record.replace(_ESCAPED, _STAND_IN), delimiter)
            return [_without_formula(cell.replace(_STAND_IN, "|")) for cell in cells]
    return [_without_formula(cell) for cell in shapes.split_cells(record, delimiter)]


def _without_formula(cell: str) -> str:
    """Writes ``=HYPERLINK("address";"text")``, as CSV of Excel may have it, as markdown does."""
    formula = _HYPERLINK.match(cell)
    return f"[{formula[2] or formula[1]}]({formula[1]})" if formula else cell


def fit(cells: list[str], width: int, delimiter: str) -> list[str]:
    """Puts together what a comma left unquoted in the last column has cut."""
    if delimiter == "\t" or len(cells) <= width:
        return cells
    return [*cells[: width - 1], f"{delimiter} ".join(cells[width - 1 :])]


def quoted(names: Sequence[str]) -> str:
    """Lists names of columns for a sentence: at most eight, each in quotes."""
    shown = ", ".join(f"“{one_line(name, 40)}”" for name in names[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def rows_without(count: int) -> str:
    """Begins a sentence on rows that lack something: "1 row that has"."""
    return "1 row that has" if count == 1 else f"{count:,} rows that have"


def told(
    table: HeadedTable, used: Sequence[tuple[str, Sequence[int]]], *, always: bool
) -> Iterator[str]:
    """Yields in a sentence how a table was read, where it has columns that are left out.

    Args:
        table: As it was read.
        used: What was read, and from which columns.
        always: Also where every column was used as its name says.
    """
    taken = {place for _, places in used for place in places}
    left = [
        table.name(place) or f"column {place + 1}"
        for place in range(table.width)
        if place not in taken and (table.name(place) or table.column(place))
    ]
    if not left and not always:
        return
    read = "; ".join(
        f"{what.replace('_', ' ')} from "
        + " and ".join(
            f"“{one_line(table.name(place), 40)}”" if table.name(place) else f"column {place + 1}"
            for place in places
        )
        for what, places in used
        if places
    )
    yield f"Taken: {read}." + (f" Left out: {quoted(left)}." if left else "")
