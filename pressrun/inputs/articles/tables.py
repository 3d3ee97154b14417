"""Articles in rows and columns: CSV, rows pasted from a spreadsheet, the sheet of a workbook.

Columns are known by the many names that people give them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables.files import Cells
from pressrun.text import one_line

# What each mode's article is about; the first name is the one that is advised.
_SUBJECTS: dict[str, dict[str, tuple[str, ...]]] = {
    "topic": {"topic": ("topic", "topics", "title", "subject")},
    "keywords": {"primary": ("keywords", "keyword", "primary", "primary keyword", "main keyword")},
    "trends": {"feed": ("feed", "feeds", "feed url", "url", "rss", "link")},
    "spin": {
        "source": ("source", "sources", "source text", "source url"),
        "text": ("text", "texts"),
        "url": ("url", "urls", "link"),
    },
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keywords": ("keywords", "keyword", "secondary", "secondary keywords", "secondary keyword"),
    "word_count": ("word count", "words", "wordcount", "length", "number of words"),
    "tone": ("tone", "tone of voice", "voice"),
    "language": ("language", "lang"),
    "audience": ("audience", "target audience", "readers"),
    "instructions": ("instructions", "instruction", "extra instructions", "extra", "notes"),
}
# Row numbers that people keep beside their rows say nothing of an article.
_IGNORED = frozenset({"", "no", "nr", "number", "id", "row"})
_DELIMITERS = "\t;,|"
_HEAD_WITHIN = 5  # rows: people put a title above their table
_SEP = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)

_Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of a table: each cell's field; empty for a column that is passed over."""

    fields: tuple[str, ...]


def field_of(name: str, mode: str) -> str | None:
    """Finds the field that a column's or key's name means; empty to pass over, None if unknown."""
    bare = _bare(name)
    for field, names in (_SUBJECTS[mode] | _options(mode)).items():
        if bare in names:
            return field
    return "" if bare in _IGNORED else None


def is_known(name: str) -> bool:
    """Says whether any mode knows a column of this name."""
    return any(field_of(name, mode) for mode in _SUBJECTS)


def is_subject(field: str | None, mode: str) -> bool:
    """Checks whether a field says what an article is about."""
    return field in _SUBJECTS[mode]


def read_head(cells: Sequence[str], mode: str) -> Head:
    """Reads the columns from the cells of a table's first row.

    Raises:
        InputError: A column is not known, stands there twice, or none says what to write about.
    """
    fields = [field_of(cell, mode) for cell in cells]
    unknown = [cell for cell, field in zip(cells, fields, strict=True) if field is None]
    if unknown:
        shown = ", ".join(repr(one_line(cell, 40)) for cell in unknown[:5])
        raise InputError(f"Unknown in the table's head: {shown}. Known are {known_columns(mode)}.")
    known = [field for field in fields if field]
    if doubled := {field for field in known if known.count(field) > 1}:
        raise InputError(
            f"The table has several columns for {', '.join(sorted(doubled))}. Keep one of them."
        )
    if not any(is_subject(field, mode) for field in known):
        raise InputError(
            f"The table has no column {_advised(mode)!r}. Known are {known_columns(mode)}."
        )
    return Head(tuple(field or "" for field in fields))


def known_columns(mode: str) -> str:
    """Lists the advised names of all columns of a mode, for a sentence."""
    names = [names[0] for names in (_SUBJECTS[mode] | _options(mode)).values()]
    if mode == "keywords":
        names[1] = "secondary"
    return ", ".join(name.replace(" ", "_") for name in names)


def _options(mode: str) -> dict[str, tuple[str, ...]]:
    # Where articles are about keywords, "keywords" has the primary one too.
    return _OPTIONS if mode != "keywords" else _OPTIONS | {"keywords": _OPTIONS["keywords"][2:]}


def _advised(mode: str) -> str:
    return next(iter(_SUBJECTS[mode].values()))[0]


def _bare(name: str) -> str:
    """Writes ``secondaryKeywords``, ``Word_Count (optional)`` and ``WORD COUNT*`` in one way."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\([^()]*\)", " ", name[:100]))
    return " ".join(re.findall(r"\w+", spaced.replace("_", " ").lower()))


def read_table(text: str, mode: str, *, always: bool = False) -> list[Fields] | None:
    """Reads the rows of a text with a head; None if it is no table.

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
    """Reads the rows of a sheet: below a head, or a single column without one.

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
    """Splits the head by the delimiter that gives most known columns."""
    tries = [(mark, shapes.split_cells(record, mark)) for mark in _DELIMITERS]
    return max(tries, key=lambda found: (_known(found[1]), len(found[1])))


def _known(cells: Sequence[str]) -> int:
    return sum(map(is_known, cells))


def _is_head(cells: Sequence[str], mode: str) -> bool:
    """Says whether these are the names of columns; a list's keywords may look like some."""
    known = _known(cells)
    about = any(is_subject(field_of(cell, mode), mode) for cell in cells)
    short = all(len(cell) <= 40 for cell in cells)
    if not short or not known:
        return False
    if mode == "keywords":
        return about and 2 * known > len(cells)
    return about or (known > 1 and 2 * known > len(cells))


def _cells(record: str, delimiter: str, width: int) -> list[str]:
    """Splits a record into cells; a comma left unquoted in the last column does not cut it."""
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
