"""Rows of what a person gave: a text field, or a manifest file, as link, photo, description.

Knows the columns and how people paste them. It must not know whether a link is good
(see :mod:`pressrun.inputs.tiktok.links`). What is left out is said in the notes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pressrun.boundary.text import one_line, plain_markup
from pressrun.errors import InputError
from pressrun.inputs.confined import parse_bounded
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
from pressrun.inputs.tables.files import COPY_ANEW, WorkbookSheet, read_sheets
from pressrun.inputs.tables.pasted import MAX_ROWS, GivenRows, SlideshowRow, at_most, read_links
from pressrun.inputs.tables.values import looks_like_json, parse_json, table_of

__all__ = ["HEAD", "MAX_ROWS", "GivenRows", "SlideshowRow", "read_manifest", "read_rows"]

#: With these names, in this order, nothing is guessed by what stands in the columns.
HEAD = ("link", "photo", "description")
_EXPECTED = ", ".join(HEAD)
_SPLIT = "Split it into several batches, or remove what is no link."
_SAMPLE = 60  # rows that tell whether there is a table
_LONG = 20  # lines: of a shorter text without links, each line gets its reason
_NARROW = 4  # columns: what such a table says beside links is about products

_Columns = dict[str, list[int]]


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
        if listed := table_of(value, shapes.is_tiktok):
            return _of_table(listed)
        if not shapes.posts_in(text):
            raise _no_links("The JSON", len(text.splitlines()))
    records = records_of(text)
    if found := _table_in(records):
        table, delimiter = found
        if table.width > 1:
            return _of_table(_fitted(table, delimiter))
        records = records[-len(table.rows) :] if table.rows else []  # a list below its name
    return read_links(records)


def rows_in_file(path: Path) -> GivenRows:
    """Does what :func:`read_manifest` says, however long it takes."""
    content = read_sheets(path, MAX_ROWS)
    if not isinstance(content, str):
        return _of_sheets(content, path.name)
    found = rows_in_text(content)
    posts = any(shapes.is_tiktok(row.link) for row in found.rows)
    if not posts and _table_in(records_of(content)) is None:
        _check_table(content, path)
        if (lines := len(records_of(content))) > _LONG:
            raise _no_links(path.name, lines)
    return found


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
    fields = [_field(cell) for cell in cells]
    if "link" not in fields or any(shapes.is_link(c) or shapes.posts_in(c) for c in cells):
        return 0
    return sum(map(bool, fields))


def _head_by_content(rows: Cells, delimiter: str) -> int | None:
    """Finds the head above a column of posts; -1 for a table without a head; None for no table."""
    posts = [[p for p, cell in enumerate(cells) if shapes.is_post(cell)] for _, cells in rows]
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


# --- What its columns hold ----------------------------------------------------------------------


def _field(name: str) -> str:
    """Finds what a column's name means: "Product Photo (URL)" is the photo; empty if unknown."""
    words = {word for word in names.plain_name(name[:80]).split() if not word.isdecimal()}
    if not words or len(words) > 5 or not words <= names.KNOWN:
        return ""
    if words & names.TIKTOK:
        return "link"
    if words & names.PHOTO:
        return "photo"
    if words & names.DESCRIPTION:
        return "description"
    if words & names.LINK:
        return "" if words & (names.PRODUCT | names.NAME | names.TEXT) else "link"
    meanings = (("product", names.PRODUCT), ("text", names.TEXT), ("name", names.NAME))
    return next((field for field, meant in meanings if words & meant), "")


def _columns(table: HeadedTable) -> _Columns:
    """Finds the columns of link, photo and description; by content where names say nothing."""
    if [name.casefold() for name in table.head] == [*HEAD]:
        return {name: [place] for place, name in enumerate(HEAD)}
    fields = [_field(table.name(place)) for place in range(table.width)]
    link = _link_column(table, fields)
    if link is None:
        return {}
    photo = _photo_column(table, fields, link)
    free = [p for p in range(table.width) if p not in (link, photo) and _has_words(table, p)]
    found = {"link": [link], "photo": [] if photo is None else [photo]}
    return found | {"description": _description_columns(table, fields, free, photo is not None)}


def _link_column(table: HeadedTable, fields: Sequence[str]) -> int | None:
    def rank(place: int) -> tuple[int, bool, int, int]:
        cells = table.column(place)
        posts = [cell for cell in cells if shapes.is_post(cell)]
        whole = sum(not shapes.is_short(cell) for cell in posts)
        return len(posts), fields[place] == "link", whole, sum(map(shapes.is_tiktok, cells))

    best = max(range(table.width), key=rank)
    return best if any(rank(best)) else None


def _photo_column(table: HeadedTable, fields: Sequence[str], link: int) -> int | None:
    others = [place for place in range(table.width) if place != link]
    named = [p for p in others if fields[p] == "photo" and table.share(p, shapes.is_tiktok) < 0.5]
    if named:
        return next((place for place in named if table.column(place)), named[0])
    shown = (place for place in others if table.share(place, shapes.is_image) >= 0.5)
    return next((p for p in shown if not _of_a_person(table.name(p))), None)


def _of_a_person(name: str) -> bool:
    return not names.NO_PRODUCT.isdisjoint(names.plain_name(name).split())


def _description_columns(
    table: HeadedTable, fields: Sequence[str], free: Sequence[int], has_photo: bool
) -> list[int]:
    about_product = has_photo or table.width <= _NARROW

    def first(*wanted: str) -> list[int]:
        return [place for field in wanted for place in free if fields[place] == field][:1]

    named = first("product", *["name"] * about_product)
    texts = first("description", *["text"] * about_product)
    if named or texts or any(fields[place] for place in free):
        return named + texts
    unknown = [place for place in free if about_product and table.share(place, _is_phrase) >= 0.5]
    return unknown if len(unknown) == 1 else []


def _is_phrase(cell: str) -> bool:
    return len(cell) >= 8 and " " in cell and any(map(str.isalpha, cell))


def _has_words(table: HeadedTable, place: int) -> bool:
    def other(cell: str) -> bool:
        return shapes.is_link(cell) or shapes.is_image(cell)

    return not table.column(place) or table.share(place, other) < 0.5


# --- Its rows -----------------------------------------------------------------------------------


def _of_table(table: HeadedTable, notes: Iterable[str] = ()) -> GivenRows:
    columns = _columns(table)
    rows = [_row(line, cells, columns) for line, cells in table.rows]
    full = at_most(row for row in rows if row.link or row.photo or row.description)
    known = all(_field(table.name(p)) for p in (*columns["link"], *columns["photo"]))
    unsure = not table.head or not known or len(columns["description"]) > 1
    said = [*notes, *told(table, [*columns.items()], always=unsure)]
    if empty := len(rows) - len(full):
        said.append(f"Left out: {rows_without(empty)} nothing in these columns.")
    return GivenRows(full, tuple(said))


def _row(line: int, cells: Sequence[str], columns: _Columns) -> SlideshowRow:
    given = {
        name: [cells[place] for place in places if place < len(cells) and cells[place]]
        for name, places in columns.items()
    }
    link, photo = ("".join(given[name][:1]) for name in ("link", "photo"))
    return SlideshowRow(line, link, shapes.target(photo), _described(given["description"]))


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
    if not any(shapes.is_link(cell) for _, cells in rows[:_SAMPLE] for cell in cells):
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
