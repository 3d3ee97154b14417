"""Rows of what a person gave: a text field, or a manifest file, as link, photo, description.

Knows the columns and how people paste them. It must not know whether a link is good
(see :mod:`pressrun.inputs.tiktok.links`). What is left out is said in the notes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pressrun.boundary.text import counted, one_line, plain_markup
from pressrun.errors import InputError
from pressrun.inputs.confined import parse_bounded
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.photos import as_cell, photos_in
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
    rows_without,
    split_rows,
    table_below,
    told,
)
from pressrun.inputs.tables.files import COPY_ANEW, WorkbookSheet, read_sheets
from pressrun.inputs.tables.meanings import (
    HEAD,
    SlideshowColumns,
    columns_of,
    field_of,
    number_columns,
)
from pressrun.inputs.tables.pasted import (
    MAX_ROWS,
    OWN_SLIDES,
    GivenRows,
    SlideshowRow,
    at_most,
    read_links,
)
from pressrun.inputs.tables.values import looks_like_json, parse_json, table_of, texts_in

__all__ = [
    "HEAD",
    "MAX_ROWS",
    "OWN_SLIDES",
    "GivenRows",
    "SlideshowRow",
    "read_manifest",
    "read_rows",
]

#: What may stand in several columns.
_SEVERAL = ("photo", "description")
_EXPECTED = ", ".join(HEAD[:3])
_SPLIT = "Split it into several batches, or remove what is no link."
_SAMPLE = 60  # rows that tell whether there is a table
_TEXTS = "The JSON has posts among words. Lines are numbered as its texts come."
_LONG = 20  # lines: of a shorter text without links, each line gets its reason


def read_rows(text: str) -> GivenRows:
    """Reads what was pasted into one text field.

    Takes links among any words, separated by newlines, commas, semicolons, tabs or spaces in any
    mix; rows copied from a spreadsheet or a markdown table (link, photo, description, with or
    without a head); and JSON with links in it. A blank text gives one row with an empty link.

    Raises:
        InputError: More than 10,000 rows, or it takes too long to read.
    """
    return parse_bounded(rows_in_text, text, "The list of links", _SPLIT)


def read_manifest(path: Path) -> GivenRows:
    """Reads a file of rows: CSV, TSV, TXT or JSON in any usual encoding and delimiter, or XLSX.

    Raises:
        InputError: The file cannot be read, is too large or no table, has no column of links, or
            takes too long to read.
    """
    return parse_bounded(rows_in_file, path, one_line(path.name), COPY_ANEW)


def rows_in_text(text: str) -> GivenRows:
    """Does what :func:`read_rows` says, however long it takes."""
    if looks_like_json(text) and (value := parse_json(text)):
        if found := _of_json(value):
            return found
        if not shapes.posts_in(text):
            raise _no_links("The JSON", len(text.splitlines()))
    records = records_of(text)
    if placed := _table_in(records):
        table, delimiter = placed
        if table.width > 1:
            return _of_table(_fitted(table, delimiter))
        records = records[-len(table.rows) :] if table.rows else []  # a list below its name
    elif head := _head_without_links(records):
        raise _wrong_columns(head, "The table")
    return read_links(records)


def _of_json(value: Any) -> GivenRows | None:
    """Reads the objects of JSON as a table, or as the texts of a chat if that would lose posts."""
    listed = table_of(value, shapes.is_tiktok)
    found = _of_table(listed) if listed else GivenRows([])
    texts = [(n, text) for n, text in enumerate(texts_in(value), 1) if shapes.posts_in(text)]
    links = [row.link for row in found.rows if shapes.is_link(row.link)]
    held = {post for link in links for post in shapes.posts_in(link)}
    said = {p for _, text in texts if not shapes.is_link(text) for p in shapes.posts_in(text)}
    lost = len({shapes.unwrap(post) for post in said} - held)
    plain = not any(row.photo or row.description for row in found.rows)
    words = any(" " in row.link and not shapes.is_link(row.link) for row in found.rows)
    if plain and texts and (words or 2 * lost > len(links)):
        chat = read_links(texts)
        return GivenRows(chat.rows, (_TEXTS, *chat.notes))
    more = (f"Left out: {counted(lost, 'post')} among the words of other fields.",) if lost else ()
    return GivenRows(found.rows, found.notes + more) if listed else None


def rows_in_file(path: Path) -> GivenRows:
    """Does what :func:`read_manifest` says, however long it takes."""
    content = read_sheets(path, MAX_ROWS)
    if not isinstance(content, DocumentText):
        return _of_sheets(content, path.name)
    found = rows_in_text(content.text)
    found = replace(found, notes=(*content.notes, *found.notes))
    posts = any(shapes.is_tiktok(row.link) for row in found.rows)
    if not posts and _table_in(records_of(content.text)) is None:
        _check_table(content.text, path)
        if (lines := len(records_of(content.text))) > _LONG:
            raise _no_links(path.name, lines)
    return found


def _head_without_links(records: Sequence[tuple[int, str]]) -> list[str]:
    """Gives the head of a table that was pasted and has no links; empty for anything else."""
    sample = [(line, record[:2_000]) for line, record in records[:_SAMPLE]]
    text = "\n".join(record for _, record in sample)
    if len(sample) < 3 or "/" in text or "@" in text or "tiktok" in text.lower():
        return []
    for delimiter in DELIMITERS:
        rows = [cells for _, cells in split_rows(sample, delimiter)]
        if len(rows[0]) > 1 and all(len(cells) == len(rows[0]) and all(cells) for cells in rows):
            return rows[0]
    return []


def _fitted(table: HeadedTable, delimiter: str) -> HeadedTable:
    width = len(table.head)
    if not width:
        return table
    return HeadedTable(
        table.head, [(line, fit(cells, width, delimiter)) for line, cells in table.rows]
    )


# --- Where a table is ---------------------------------------------------------------------------


def _table_in(records: Sequence[tuple[int, str]]) -> tuple[HeadedTable, str] | None:
    """Finds the table that a text is, and what parts its columns; None if it is none."""
    first = [(line, record[:20_000]) for line, record in records[:_SAMPLE]]
    tries = []
    for delimiter in DELIMITERS:
        if not any(delimiter in record for _, record in first) and delimiter != DELIMITERS[0]:
            continue
        sample = split_rows(first, delimiter)
        place = named_head(sample, _known)
        if place is not None and len(records) > place + 1:
            tries.append((_known(sample[place][1]), delimiter, place))
    if tries:
        _, delimiter, place = max(tries, key=lambda found: found[0])
        return table_below(_split(records, delimiter), place), delimiter
    for delimiter in DELIMITERS:
        if _head_by_content(split_rows(first, delimiter), delimiter) is not None:
            rows = _split(records, delimiter)
            return _with_head(rows, _head_by_content(rows[:_SAMPLE], delimiter)), delimiter
    return None


def _split(records: Sequence[tuple[int, str]], delimiter: str) -> Cells:
    rows = split_rows(records[: MAX_ROWS + HEAD_WITHIN + 1], delimiter)
    at_most(iter(rows[HEAD_WITHIN:]))
    return rows


def _with_head(rows: Cells, place: int | None) -> HeadedTable:
    return HeadedTable([], rows) if place is None or place < 0 else table_below(rows, place)


def _known(cells: Sequence[str]) -> int:
    """Counts the columns that a row names; none unless it names that of the links."""
    fields = [field_of(cell) for cell in cells]
    if "link" not in fields or any(shapes.is_link(c) or shapes.posts_in(c) for c in cells):
        return 0
    return sum(map(bool, fields))


def _head_by_content(rows: Cells, delimiter: str) -> int | None:
    """Finds the head above a column of posts; -1 for a table without a head; None for no table."""
    found = _head_above(rows, delimiter, shapes.is_post)
    if found is None:  # other things on TikTok (people, comments, sounds) have such numbers too
        place = _head_above(rows, delimiter, shapes.is_post_number)
        found = place if place is not None and number_columns(_with_head(rows, place)) else None
    return found


def _head_above(rows: Cells, delimiter: str, is_post: Callable[[str], bool]) -> int | None:
    posts = [[p for p, cell in enumerate(cells) if is_post(cell)] for _, cells in rows]
    first = next((place for place, found in enumerate(posts) if found), None)
    if first is None:
        return None
    (column, count), *_ = Counter(p for found in posts for p in found).most_common(1)
    if count < 2 or count < 0.6 * (len(rows) - first):
        return None
    above = [place for place in range(first) if len(rows[place][1]) > max(1, column)]
    above = [place for place in above if _may_be_name(rows[place][1][column])]
    if above:
        return max(above, key=lambda place: (len([*filter(None, rows[place][1])]), place))
    # Without a head only where a link does not stand first: such rows are read one by one.
    lists = any(len(found) > 1 for found in posts)
    pictures = any(shapes.is_image(cell) for _, cells in rows for cell in cells)
    return -1 if column and not lists and (pictures or delimiter != ",") else None


def _may_be_name(cell: str) -> bool:
    """Says whether a cell may name a column; a remark in a list, as "# done", does not."""
    return 0 < len(cell) <= 60 and not cell.startswith(("# ", "//"))


# --- Its rows -----------------------------------------------------------------------------------


def _of_table(table: HeadedTable, notes: Iterable[str] = ()) -> GivenRows:
    columns = columns_of(table)
    _refuse_without_links(table, columns)
    rows = [_row(line, cells, columns) for line, cells in table.rows]
    full = at_most(row for row in rows if row.link or row.photo or row.description)
    known = all(field_of(table.name(p)) for p in (*columns["link"], *columns["photo"]))
    unsure = not table.head or not known or any(len(columns[n]) > 1 for n in _SEVERAL)
    said = [*notes, *told(table, [*columns.items()], always=unsure)]
    if empty := len(rows) - len(full):
        said.append(f"Left out: {rows_without(empty)} nothing in these columns.")
    return GivenRows(full, tuple(said), bool(table.head))


def _refuse_without_links(table: HeadedTable, columns: SlideshowColumns) -> None:
    """Refuses a long table whose column of links has none; of a short one, each row has its reason.

    Raises:
        InputError: It is one.
    """
    [link] = columns["link"]
    may_be = table.share(link, _may_be_link)
    if len(table.rows) > _LONG and not may_be and not table.share(link, shapes.is_post_number):
        raise _no_links(f"The column “{one_line(table.name(link), 40)}”", len(table.rows))


def _may_be_link(cell: str) -> bool:
    word = cell.lower()
    return "tiktok" in word or word.startswith(OWN_SLIDES) or shapes.is_link(cell)


def _row(line: int, cells: Sequence[str], columns: SlideshowColumns) -> SlideshowRow:
    given = {
        name: [cells[place] for place in places if place < len(cells) and cells[place]]
        for name, places in columns.items()
    }
    link = "".join(given["link"][:1])
    name = "".join(given.get(HEAD[3], ())[:1])
    words = _described(given["description"])
    return SlideshowRow(line, link, _photos(given["photo"]), words, name)


def _photos(cells: Sequence[str]) -> str:
    """Puts the photos of a row into one cell, each without its markdown."""
    found = [place for cell in cells for place in shapes.targets(cell)]
    if len(found) == 1 and len(photos_in(found[0])) < 2:
        return found[0]
    return as_cell(photo for place in found for photo in photos_in(place))


def _described(parts: Sequence[str]) -> str:
    """Puts a product's name before its description, unless that says it."""
    parts = [plain_markup(part) for part in parts]
    if len(parts) == 2 and parts[0].casefold() not in parts[1].casefold():
        return f"{parts[0]}: {parts[1]}"
    return parts[-1] if parts else ""


# --- Workbooks ----------------------------------------------------------------------------------


def _of_sheets(sheets: Iterator[WorkbookSheet], name: str) -> GivenRows:
    """Reads the first sheet that has links."""
    first: WorkbookSheet | None = None
    for sheet in sheets:
        first = first or sheet
        if found := _of_sheet(sheet, name):
            others = [title for title in sheet.titles if title != sheet.title]
            said = f"Read from the sheet “{sheet.title}”; left out: {quoted(others)}."
            return GivenRows(found.rows, ((said,) if others else ()) + found.notes)
    assert first is not None  # noqa: S101 - a workbook without cells was refused
    raise _wrong_columns(first.rows[0][1], name)


def _of_sheet(sheet: WorkbookSheet, name: str) -> GivenRows | None:
    rows = [(line, shapes.trim(cells)) for line, cells in sheet.rows]
    place = named_head(rows, _known)
    if place is None:
        place = _head_by_content(rows[:_SAMPLE], "\t")
        if place is None:
            return _lines(rows)
    table = _with_head(rows, place)
    if not table.rows:
        raise _no_rows(name)
    return _of_table(table)


def _lines(rows: Cells) -> GivenRows | None:
    cells = [cell for _, row in rows[:_SAMPLE] for cell in row]
    if not any(shapes.is_tiktok(cell) or shapes.posts_in(cell) for cell in cells):
        return None
    return read_links([(line, "\t".join(map(_one_line, cells))) for line, cells in rows])


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


# --- What is no table ---------------------------------------------------------------------------


def _check_table(text: str, path: Path) -> None:
    """Refuses a file that is a table without links, or has nothing below its head."""
    records = records_of(text)[:2]
    if not records:
        return
    cells = max((row for d in DELIMITERS for _, row in split_rows(records[:1], d)), key=len)
    if _known(cells) and len(records) == 1:
        raise _no_rows(path.name)
    if len(cells) > 1 and path.suffix.lower() in (".csv", ".tsv"):
        raise _wrong_columns(cells, path.name)


def _no_links(name: str, lines: int) -> InputError:
    count = "its only line" if lines == 1 else f"its {lines:,} lines"
    return InputError(
        f"{name} has no link to TikTok in {count}. Give a file with such links, one a line or in a "
        "column."
    )


def _wrong_columns(cells: Sequence[str], name: str) -> InputError:
    found = ", ".join(repr(cell[:40]) for cell in cells[:10] if cell)
    return InputError(
        f"{name} has no column with links to TikTok: found {found}, expected {_EXPECTED}. Name the "
        "columns in the first row, or put the link first."
    )


def _no_rows(name: str) -> InputError:
    return InputError(f"{name} has a header but no rows below it. Add a row for each link.")
