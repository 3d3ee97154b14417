"""Articles in rows and columns: CSV, rows pasted from a spreadsheet, the sheet of a workbook.

Finds where the table is. It must not know what its columns say (see
:mod:`pressrun.inputs.articles.columns`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import (
    MAX_ROWS,
    GivenFields,
    cell_text,
    field_of,
    first_subject,
    has_letter,
    is_figure,
    is_known,
    is_subject_of_any,
    named_columns,
    no_subject,
    read_headed,
)
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.outline import bare
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables.columns import (
    DELIMITERS,
    HEAD_WITHIN,
    Cells,
    HeadedTable,
    fit,
    named_head,
    quoted,
    records_of,
    split_rows,
    table_below,
)
from pressrun.inputs.tables.files import WorkbookSheet

_NUMBER = re.compile(r"\W*\d+(?:[.,]\d+)*\W*")
_FEW = 3  # rows that say nothing of how all are divided
_MOST_STACKED = 20  # columns of a table that is copied one cell a line
_MOST = 0.8  # of the cells that hold what their column's name says
_SAMPLE = 60  # rows that tell whether a text is a table


def read_table(text: str, mode: str, *, always: bool = False) -> GivenFields | None:
    """Reads the rows of a text with a head; None if it is no table.

    Args:
        text: The whole of it.
        mode: What the articles are about.
        always: It is a table, even if its head does not look like one.

    Raises:
        InputError: It is one, and no column says what to write about; or it is far too long.
    """
    records = numbered_records(text)
    first = [(line, record[:20_000]) for line, record in records[:_SAMPLE]]
    tries = []
    for delimiter in DELIMITERS:
        sample = split_rows(first, delimiter)
        place = named_head(sample, lambda cells: named_columns(cells, mode))
        if place is None or not _is_split(sample, place):
            continue
        if always or _is_table(sample, place, delimiter, mode):
            head = sample[place][1]
            tries.append((named_columns(head, mode), len(head), delimiter, place))
    if stacked := _stacked(records, mode):
        return read_headed(stacked, mode)
    if not tries:
        _refuse_without_subject(first, mode, always=always)
        return None
    *_, delimiter, place = max(tries, key=lambda found: found[:2])
    table = table_below(split_rows(records[: MAX_ROWS + HEAD_WITHIN + 1], delimiter), place)
    rows = [(line, fit(cells, len(table.head), delimiter)) for line, cells in table.rows]
    return read_headed(HeadedTable(table.head, rows), mode)


def _stacked(records: Sequence[tuple[int, str]], mode: str) -> HeadedTable | None:
    """Puts a table together that was copied one cell a line; None if it is none.

    Raises:
        InputError: It is one, and cells are missing, so that nobody can say what is what.
    """
    lines = [record.strip() for _, record in records]
    named = takewhile(lambda line: field_of(line, mode) or is_figure(line), lines)
    head = [*islice(named, _MOST_STACKED)]
    figures = sum(map(is_figure, head))
    if len(lines) < 2 * len(head) or not named_columns(head, mode) or figures < 2:
        return None
    width = len(head)
    rows = [lines[at : at + width] for at in range(width, len(lines), width)]
    numbers = [records[at][0] for at in range(width, len(lines), width)]
    table = HeadedTable(head, [*zip(numbers, rows, strict=True)])
    places = range(width)
    wrong = any(is_figure(head[p]) and table.share(p, _has_digit) < _MOST for p in places)
    wrong |= any(field_of(head[p], mode) and table.share(p, has_letter) < _MOST for p in places)
    if wrong or len(rows[-1]) < width:
        raise InputError(
            "This seems to be a table that was copied one cell a line, and cells are missing. "
            "Copy it into a spreadsheet first, or give the file that the tool exports."
        )
    return table


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell)) or cell.strip() in ("-", "\u2013", "\u2014", "N/A")


def numbered_records(text: str) -> list[tuple[int, str]]:
    """Lists the records of a text by row, as a spreadsheet counts: a cell may have several lines.

    Raises:
        InputError: They are more than 100,000.
    """
    records, more = [], 0
    for line, record in records_of(text):
        records.append((line - more, record))
        more += record.count("\n")
    return records


def _is_split(sample: Cells, place: int) -> bool:
    """Says whether the rows below a head have several cells as the head has."""
    below = [cells for _, cells in sample[place + 1 :]]
    wide = sum(len(cells) > 1 for cells in below)
    return len(sample[place][1]) < 2 or len(below) < _FEW or 2 * wide >= len(below)


def _is_table(sample: Cells, place: int, delimiter: str, mode: str) -> bool:
    """Says whether what is pasted is a table below this head, and no list of such words."""
    head, below = sample[place][1], [cells for _, cells in sample[place + 1 :]]
    if len(head) == 1:
        # A heading, or a word above a list with its marks, is no name of a column.
        marked = any(bare(cells[0]) != cells[0] for cells in (head, *below) if cells)
        return place == 0 and bool(below) and not marked
    known = named_columns(head, mode) + sum(is_figure(name) for name in head)
    if 2 * known > len(head) and (mode != "keywords" or below):
        return True
    wide = [cells for cells in below if len(cells) > 1]
    if not below or len(wide) < 0.6 * len(below):
        return False
    if _is_ruled(head, below):
        return True
    # Keywords with commas between them are a list; below two names, or with figures, a table.
    known = named_columns(head, mode) > 1 or any(map(_has_figure, wide))
    return delimiter != "," or mode != "keywords" or known


def _is_ruled(head: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Says whether rows of one width stand below names: a table, whatever it is about.

    It has a name that says what to write about in one mode or another, or figures below a name.
    """
    width = len(head)
    if width < 2 or len(below) <= _FEW or any(len(cells) != width for cells in below):
        return False
    named = any(map(is_subject_of_any, head))
    columns = list(zip(*below, strict=True))
    return named or any(
        not _NUMBER.fullmatch(name) and _are_figures(cells)
        for name, cells in zip(head, columns, strict=True)
    )


def _are_figures(cells: Sequence[str]) -> bool:
    figures = sum(_has_digit(cell) and not has_letter(cell) for cell in cells)
    return figures >= _MOST * len(cells)


def _has_figure(cells: Sequence[str]) -> bool:
    return any(cell and not any(map(str.isalpha, cell)) for cell in cells[1:])


def _refuse_without_subject(first: Sequence[tuple[int, str]], mode: str, *, always: bool) -> None:
    """Refuses a table that does not say what to write about."""
    tries = [(split_rows(first, delimiter), delimiter) for delimiter in DELIMITERS]
    rows, delimiter = max(tries, key=lambda one: _usual_width(one[0]))
    if not rows:
        return
    place = max(range(min(len(rows), HEAD_WITHIN)), key=lambda at: _filled(rows[at][1]))
    cells, below = rows[place][1], [cells for _, cells in rows[place + 1 :]]
    known = sum(map(is_known, cells))
    is_table = always or (known > 1 and 2 * known > len(cells)) or _is_ruled(cells, below)
    is_table |= mode != "keywords" and _is_grid(first, rows, delimiter)
    is_table |= sum("\n" in record for _, record in first) > 1  # lines of cells, not of a list
    if len(cells) > 1 and is_table:
        raise no_subject(cells, mode)


def _usual_width(rows: Cells) -> int:
    """Gives the width that most rows have, if most of them have one and the same."""
    widths = Counter(len(cells) for _, cells in rows if any(cells))
    if not widths:
        return 0
    [(width, count)] = widths.most_common(1)
    return width if count >= _MOST * widths.total() else min(widths)


def _filled(cells: Sequence[str]) -> int:
    return sum(map(bool, cells))


def _is_grid(records: Sequence[tuple[int, str]], rows: Cells, delimiter: str) -> bool:
    """Says whether all rows have the same columns, though nothing tells what these are.

    Commas of a sentence have a space behind them, those of CSV have none.
    """
    if len(rows) < _FEW or _usual_width(rows) < _FEW:
        return False
    text = "".join(record for _, record in records)
    return delimiter != "," or 2 * text.count(", ") < text.count(",")


def read_sheet(sheet: WorkbookSheet, mode: str) -> GivenFields | None:
    """Reads the rows of a sheet below a head, or a single column without one; None if neither."""
    rows = [(number, shapes.trim(cells)) for number, cells in sheet.rows]
    place = named_head(rows, lambda cells: named_columns(cells, mode))
    if place is not None:
        return read_headed(table_below(rows, place), mode)
    # A column alone is a list; beside other sheets it is what a person wrote about these.
    if len(sheet.titles) == 1 and all(len(cells) == 1 for _, cells in rows):
        subject = first_subject(mode)
        return GivenFields(
            [Fields(n, {subject: cell_text(cells[0], subject)}) for n, cells in rows]
        )
    return None


def read_sheets(sheets: Iterator[WorkbookSheet], mode: str) -> GivenFields:
    """Reads the first sheet of a workbook that says what to write about.

    Raises:
        InputError: None does.
    """
    first: WorkbookSheet | None = None
    for sheet in sheets:
        first = first or sheet
        if found := read_sheet(sheet, mode):
            others = [title for title in sheet.titles if title != sheet.title]
            said = f"Read from the sheet “{one_line(sheet.title)}”; left out: {quoted(others)}."
            return GivenFields(found.fields, ((said,) if others else ()) + found.notes)
    assert first is not None  # noqa: S101 - a workbook without cells was refused
    rows = [shapes.trim(cells) for _, cells in first.rows[:HEAD_WITHIN]]
    raise no_subject(next((cells for cells in rows if len(cells) > 1), rows[0]), mode)
