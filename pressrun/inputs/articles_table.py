"""Articles in rows and columns: CSV, rows pasted from a spreadsheet, the sheet of a workbook."""

import re
from collections.abc import Sequence

from pressrun.errors import InputError
from pressrun.inputs import cells as shapes
from pressrun.inputs.articles_columns import (
    Head,
    field_of,
    is_known,
    is_subject,
    known_columns,
    read_head,
)
from pressrun.inputs.articles_fields import Fields
from pressrun.inputs.sheets import Cells
from pressrun.quoting import one_line

_DELIMITERS = "\t;,|"
_HEAD_WITHIN = 5  # rows: people put a title above their table
_SEP = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)

_Row = tuple[int, list[str]]


def read_table(text: str, mode: str, *, always: bool = False) -> list[Fields] | None:
    """The rows of a text with a head; None if it is no table.

    Args:
        text: The whole of it.
        mode: What the articles are about.
        always: It is a table, even if its head does not look like one.

    Raises:
        InputError: A column is unknown, or none says what to write about.
    """
    records = [
        (number, record)
        # Counted as a spreadsheet does: a cell with several lines is one row.
        for number, (_, record) in enumerate(shapes.read_records(text), 1)
        if record.strip() and not (number == 1 and _SEP.fullmatch(record))
    ]
    if not records:
        return None
    delimiter, cells = _split_head(records[0][1])
    if not _is_head(cells, mode):
        if always and len(cells) > 1:
            raise _no_head(cells, mode)
        return None
    rows = [(number, _cells(record, delimiter, len(cells))) for number, record in records[1:]]
    return _fields(read_head(cells, mode), rows)


def read_cells(table: Cells, mode: str) -> list[Fields]:
    """The rows of a sheet: below a head, or a single column without one.

    Raises:
        InputError: There is no head, or a column in it is unknown.
    """
    rows = [(number, shapes.trim(cells)) for number, cells in table]
    for place, (_, cells) in enumerate(rows[:_HEAD_WITHIN]):
        if _is_head(cells, mode):
            return _fields(read_head(cells, mode), rows[place + 1 :])
    if all(len(cells) == 1 for _, cells in rows):
        subject = next(
            name for name in ("topic", "primary", "feed", "source") if is_subject(name, mode)
        )
        return [Fields(number, {subject: cells[0]}) for number, cells in rows]
    raise _no_head(next(cells for _, cells in rows if len(cells) > 1), mode)


def _split_head(record: str) -> tuple[str, list[str]]:
    """The record's cells by the delimiter that gives most known columns."""
    tries = [(mark, shapes.split_cells(record, mark)) for mark in _DELIMITERS]
    return max(tries, key=lambda found: (_known(found[1]), len(found[1])))


def _known(cells: Sequence[str]) -> int:
    return sum(map(is_known, cells))


def _is_head(cells: Sequence[str], mode: str) -> bool:
    """Whether these are the names of columns; those of a list of keywords may look like some."""
    known = _known(cells)
    about = any(is_subject(field_of(cell, mode), mode) for cell in cells)
    short = all(len(cell) <= 40 for cell in cells)
    if not short or not known:
        return False
    if mode == "keywords":
        return about and 2 * known > len(cells)
    return about or (known > 1 and 2 * known > len(cells))


def _cells(record: str, delimiter: str, width: int) -> list[str]:
    """A record's cells; a comma left unquoted in the last column does not cut it."""
    cells = shapes.split_cells(record, delimiter)
    if delimiter != "\t" and len(cells) > width:
        cells = [*cells[: width - 1], f"{delimiter} ".join(cells[width - 1 :])]
    return cells


def _fields(head: Head, rows: Sequence[_Row]) -> list[Fields]:
    # Below the head of a markdown table there is a line of dashes.
    return [
        _of_row(head, number, cells) for number, cells in rows if set("".join(cells)) - set("-: ")
    ]


def _of_row(head: Head, number: int, cells: list[str]) -> Fields:
    given = {field: cell for field, cell in zip(head.fields, cells, strict=False) if field and cell}
    over = any(cells[len(head.fields) :])
    return Fields(number, given, "There are more cells than columns have names." if over else "")


def _no_head(cells: Sequence[str], mode: str) -> InputError:
    found = ", ".join(repr(one_line(cell, 40)) for cell in cells[:10] if cell)
    return InputError(
        f"The first row names no columns that are known: found {found}. Name them in the first "
        f"row: {known_columns(mode)}."
    )
