"""Articles in rows and columns: CSV, rows pasted from a spreadsheet, the sheet of a workbook.

Columns are known by the many names that people and keyword tools give them
(:mod:`pressrun.inputs.tables.names`); what is left out is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile

from pressrun.boundary.text import one_line, plain_markup, without_emphasis
from pressrun.errors import InputError
from pressrun.inputs.articles.fields import Fields, without_figures
from pressrun.inputs.articles.outline import bare
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables import names
from pressrun.inputs.tables.columns import (
    DELIMITERS,
    HEAD_WITHIN,
    Cells,
    HeadedTable,
    fit,
    named_head,
    quoted,
    records_of,
    rows_without,
    split_rows,
    table_below,
    told,
)
from pressrun.inputs.tables.files import WorkbookSheet
from pressrun.inputs.tables.states import ALL_DONE, without_done, without_groups, without_signs

MAX_ROWS = 10_000
# What each mode's article is about.
_SUBJECTS: dict[str, dict[str, Mapping[str, int]]] = {
    "topic": {"topic": names.TOPIC},
    "keywords": {"primary": names.KEYWORD},
    "trends": {"feed": names.FEED},
    "spin": {"source": names.SOURCE, "text": names.SOURCE_TEXT, "url": names.SOURCE_URL},
}
_ADDRESSES = frozenset({"feed", "source", "url"})
_EITHER = re.compile(r"([\w ]{1,20})/([\w ]{1,20})")  # "Title/Topic" is one or the other
_LAST_NUMBER = re.compile(r" [0-9]{1,2}$")  # of several columns of one kind
_LESS_EXACT = 1000  # rank of a name that is known only without words such as "suggested"
_SEVERAL = re.compile(r"[;,|\n]")
_SAID = {"primary": "keyword"}
_NUMBER = re.compile(r"\W*\d+(?:[.,]\d+)*\W*")
_FEW = 3  # rows that say nothing of how all are divided
_MOST_STACKED = 20  # columns of a table that is copied one cell a line
_MOST = 0.8  # of the cells that hold what their column's name says
_SAMPLE = 60  # rows that tell whether a text is a table

_Columns = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class GivenFields:
    """What rows give by field, and in sentences what of them is left out.

    Attributes:
        is_list: Whether they are lines of a text, not rows of a table or entries of JSON.
    """

    fields: list[Fields]
    notes: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def all_done(self) -> bool:
        """Whether every row of a plan is said to be done."""
        return ALL_DONE in self.notes


def field_of(name: str, mode: str) -> tuple[str, int] | None:
    """Finds the field that a column's or key's name means, and how well; None if unknown."""
    either = _EITHER.fullmatch(name)
    for part in (name, *(either.groups() if either else ())):
        plain = names.plain_name(part)
        exact = _LAST_NUMBER.sub("", plain)
        less = names.less_exact(exact)
        for known in dict.fromkeys((plain, exact, *less)):
            for field, named in _fields(mode).items():
                if known in named:
                    return field, named[known] + (known not in (plain, exact)) * _LESS_EXACT
    return None


def is_subject(field: str, mode: str) -> bool:
    """Checks whether a field says what an article is about."""
    return field in _SUBJECTS[mode]


def known_columns(mode: str) -> str:
    """Lists the advised names of all columns of a mode, for a sentence."""
    advised = [next(iter(named)) for named in _fields(mode).values()]
    return ", ".join(name.replace(" ", "_") for name in advised)


def no_subject(found: Sequence[str], mode: str, what: str = "The table has") -> InputError:
    """Makes the error of a table that does not say what to write about."""
    advised = next(iter(next(iter(_SUBJECTS[mode].values()))))
    other = next((m for m in _SUBJECTS if m != mode and any(_about(n, m) for n in found)), "")
    hint = f"; or choose the mode {other}" if other else ""
    return InputError(
        f"{what} no column {advised!r}: found {quoted([*filter(None, found)])}. Name the column "
        f"that says what to write about{hint}. Known are {known_columns(mode)}."
    )


def _fields(mode: str) -> dict[str, Mapping[str, int]]:
    # Where articles are about keywords, "keywords" names the primary one.
    keywords = names.SECONDARY if mode == "keywords" else names.KEYWORD | names.SECONDARY
    return {**_SUBJECTS[mode], "keywords": keywords, **names.OPTIONS}


def _about(name: str, mode: str) -> bool:
    return any(names.plain_name(name) in named for named in _SUBJECTS[mode].values())


# --- Where a table is ---------------------------------------------------------------------------


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
    named = takewhile(lambda line: field_of(line, mode) or _is_figure(line), lines)
    head = [*islice(named, _MOST_STACKED)]
    figures = sum(map(_is_figure, head))
    if len(lines) < 2 * len(head) or not named_columns(head, mode) or figures < 2:
        return None
    width = len(head)
    rows = [lines[at : at + width] for at in range(width, len(lines), width)]
    numbers = [records[at][0] for at in range(width, len(lines), width)]
    table = HeadedTable(head, [*zip(numbers, rows, strict=True)])
    places = range(width)
    wrong = any(_is_figure(head[p]) and table.share(p, _has_digit) < _MOST for p in places)
    wrong |= any(field_of(head[p], mode) and table.share(p, _has_letter) < _MOST for p in places)
    if wrong or len(rows[-1]) < width:
        raise InputError(
            "This seems to be a table that was copied one cell a line, and cells are missing. "
            "Copy it into a spreadsheet first, or give the file that the tool exports."
        )
    return table


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell)) or cell.strip() in ("-", "\u2013", "\u2014", "N/A")


def _has_letter(cell: str) -> bool:
    return any(map(str.isalpha, cell))


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


def named_columns(cells: Sequence[str], mode: str) -> int:
    """Counts the columns that a row names; none unless it names what to write about."""
    found = [field_of(cell, mode) for cell in cells]
    title = len(cells) == 1 and cells[0].startswith("#")  # above a table, in markdown or CSV
    if title or any(len(cell) > 60 for cell in cells):
        return 0
    about = any(one and is_subject(one[0], mode) for one in found)
    return sum(map(bool, found)) if about else 0


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
    known = named_columns(head, mode) + sum(_is_figure(name) for name in head)
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
    named = any(is_subject(f[0], m) for m in _SUBJECTS for c in head if (f := field_of(c, m)))
    columns = list(zip(*below, strict=True))
    return named or any(
        not _NUMBER.fullmatch(name) and _are_figures(cells)
        for name, cells in zip(head, columns, strict=True)
    )


def _are_figures(cells: Sequence[str]) -> bool:
    figures = sum(_has_digit(cell) and not _has_letter(cell) for cell in cells)
    return figures >= _MOST * len(cells)


def _has_figure(cells: Sequence[str]) -> bool:
    return any(cell and not any(map(str.isalpha, cell)) for cell in cells[1:])


def _is_figure(name: str) -> bool:
    """Says whether this is a column of figures of a keyword tool, or of row numbers."""
    return names.plain_name(name) in names.FIGURES or names.plain_name(name) in names.COUNTERS


def _refuse_without_subject(first: Sequence[tuple[int, str]], mode: str, *, always: bool) -> None:
    """Refuses a table that does not say what to write about."""
    tries = [split_rows(first, delimiter) for delimiter in DELIMITERS]
    rows = max(tries, key=lambda rows: len(rows[0][1]) if rows else 0)
    cells, below = (rows[0][1], [cells for _, cells in rows[1:]]) if rows else ([], [])
    known = sum(_is_known(cell) for cell in cells)
    is_table = always or (known > 1 and 2 * known > len(cells)) or _is_ruled(cells, below)
    if len(cells) > 1 and is_table:
        raise no_subject(cells, mode)


def _is_known(name: str) -> bool:
    return _is_figure(name) or any(field_of(name, mode) for mode in _SUBJECTS)


def read_sheet(sheet: WorkbookSheet, mode: str) -> GivenFields | None:
    """Reads the rows of a sheet below a head, or a single column without one; None if neither."""
    rows = [(number, shapes.trim(cells)) for number, cells in sheet.rows]
    place = named_head(rows, lambda cells: named_columns(cells, mode))
    if place is not None:
        return read_headed(table_below(rows, place), mode)
    # A column alone is a list; beside other sheets it is what a person wrote about these.
    if len(sheet.titles) == 1 and all(len(cells) == 1 for _, cells in rows):
        subject = next(iter(_SUBJECTS[mode]))
        return GivenFields([Fields(n, {subject: _text(cells[0], subject)}) for n, cells in rows])
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


# --- Its columns and rows -----------------------------------------------------------------------


def read_headed(table: HeadedTable, mode: str) -> GivenFields:
    """Reads the rows of a table whose head says what to write about.

    Raises:
        InputError: There are more than 10,000 rows.
    """
    if len(table.rows) > MAX_ROWS:
        raise InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")
    columns = _columns(table, mode)
    subject = next((columns[field][0] for field in columns if is_subject(field, mode)), 0)
    table, groups = without_groups(table, subject)
    table, done = without_done(table, subject)
    rows = [_of_row(columns, len(table.head), line, cells) for line, cells in table.rows]
    full, figures = without_figures([row for row in rows if row.given])
    full = _in_language(full, table.name(subject))
    used = [(_SAID.get(field, field), places) for field, places in columns.items()]
    said = [*told(_named_only(table), used, always=False), *groups, *done, *figures]
    if empty := len(rows) - len(full):
        said.append(f"Left out: {rows_without(empty)} nothing in these columns.")
    return GivenFields(full, tuple(said))


def _in_language(rows: list[Fields], name: str) -> list[Fields]:
    """Takes the language of articles from their column's name, as "title_de", where no other is."""
    language = names.without_language(names.plain_name(name))[1]
    return [
        replace(row, given={"language": language} | row.given) if language else row for row in rows
    ]


def _named_only(table: HeadedTable) -> HeadedTable:
    """Leaves columns out of what is told that only count the rows, or have neither name nor use."""
    head = ["" if names.plain_name(name) in names.COUNTERS else name for name in table.head]
    return HeadedTable(head, [])


def _columns(table: HeadedTable, mode: str) -> _Columns:
    """Finds the column of each field; of several, the one that tells the rows apart best."""
    found: dict[str, list[tuple[int, int]]] = {}
    known = [field_of(name, mode) for name in table.head]
    plain = [names.plain_name(name) for name in table.head]
    foreign = any(not k and p not in names.COUNTERS for k, p in zip(known, plain, strict=True))
    for place, meant in enumerate(known):
        remark = foreign and meant is not None and _is_remark(table.head[place], meant[0])
        if meant and not remark:
            found.setdefault(meant[0], []).append((meant[1], place))
    columns = {}
    for field, ranked in found.items():
        places = [place for _, place in sorted(ranked)]
        best = (
            max(places, key=partial(_tells_apart, table)) if is_subject(field, mode) else places[0]
        )
        if field in ("topic", "primary") and _holds_figures(table, best):
            raise InputError(
                f"The column “{one_line(table.name(best), 40)}” should say what to write about, "
                "and most of its cells are figures. Put each name of a column above its cells."
            )
        columns[field] = places if field == "keywords" else [best]
        if field == "primary" and (
            lists := [p for p in places if p != best and _is_list(table, p)]
        ):
            columns["keywords"] = [*columns.get("keywords", []), *lists]
    return columns


def _holds_figures(table: HeadedTable, place: int) -> bool:
    figures = table.share(place, lambda cell: any(map(str.isdigit, cell)) and not _has_letter(cell))
    return figures > 0.5


def _is_remark(name: str, field: str) -> bool:
    parts = map(names.plain_name, name.split("/"))
    return field == "instructions" and any(part in names.REMARKS for part in parts)


def _tells_apart(table: HeadedTable, place: int) -> tuple[int, int]:
    """Ranks a column by how many different values it has, then by how exact its name is."""
    return len(set(table.column(place))), len(names.plain_name(table.name(place)).split())


def _is_list(table: HeadedTable, place: int) -> bool:
    return table.share(place, lambda cell: bool(_SEVERAL.search(cell))) >= 0.5


def _of_row(columns: _Columns, width: int, line: int, cells: Sequence[str]) -> Fields:
    given = {}
    for field, places in columns.items():
        parts = [_text(cells[place], field) for place in places if place < len(cells)]
        if text := "; ".join(part for part in parts if any(map(str.isalnum, part))):
            given[field] = text
    over = any(cells[width:])
    return Fields(line, given, "There are more cells than columns have names." if over else "")


def _text(cell: str, field: str) -> str:
    if field in _ADDRESSES and (address := shapes.target(cell)) != cell:
        return address
    if field == "text":
        return cell
    return without_emphasis(without_signs(without_emphasis(plain_markup(cell))))
