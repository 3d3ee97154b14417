"""Rows of what a person gave: a text field, or a manifest file, as link, photo, description.

Knows the columns and how people paste them. It must not know whether a link is good
(see :mod:`pressrun.inputs.tiktok.links`): junk among links becomes a row like any other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pressrun.errors import InputError
from pressrun.inputs.confined import parse_bounded
from pressrun.inputs.tables import cells as shapes
from pressrun.inputs.tables.files import COPY_ANEW, Cells, read_sheet_file
from pressrun.text import one_line

MAX_ROWS = 10_000
_HEADER_WITHIN = 5  # rows: people put a title above their table
_DELIMITERS = "\t;,"

_LINK_WORDS = {"link", "links", "url", "urls", "uri", "href", "tiktok", "tiktoks", "slideshow"}
_LINK_WORDS |= {"slideshows", "post", "posts", "video"}
_PHOTO_WORDS = {"photo", "photos", "image", "images", "picture", "pictures", "pic", "img", "foto"}
_TEXT_WORDS = {"description", "descriptions", "desc", "text", "details", "about", "info"}
_OTHER_WORDS = {"product", "products", "item", "of", "the", "to", "file", "path", "name", "source"}
_WORDS = _LINK_WORDS | _PHOTO_WORDS | _TEXT_WORDS | _OTHER_WORDS
_EXPECTED = "link, photo, description"
_SPLIT = "Split it into several batches, or remove what is no link."


@dataclass(frozen=True, slots=True)
class SlideshowRow:
    """One link as it was typed, and the product that goes with it.

    Attributes:
        line: Line of the paste or row of the sheet, from 1.
        link: As typed; empty where a row of a sheet has none.
        photo: File name, path or address of the product's photo.
        description: The product in words.
    """

    line: int
    link: str
    photo: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the columns stand; None for a column that the sheet lacks."""

    columns: dict[str, int]
    width: int
    delimiter: str = "\t"

    def row(self, line: int, cells: list[str]) -> SlideshowRow:
        """Reads one row; a comma left unquoted in the last column does not cut it."""
        if len(cells) > self.width and self.delimiter != "\t":
            rest = f"{self.delimiter} ".join(cells[self.width - 1 :])
            cells = [*cells[: self.width - 1], rest]
        named = {name: cells[index] for name, index in self.columns.items() if index < len(cells)}
        return SlideshowRow(
            line, named.get("link", ""), named.get("photo", ""), named.get("description", "")
        )


def read_rows(text: str) -> list[SlideshowRow]:
    """Reads what was pasted into one text field.

    Takes links separated by newlines, commas, semicolons, tabs or spaces in any mix, and rows
    copied from a spreadsheet (link, photo, description; tabs or CSV; with or without header).
    A blank text gives one row with an empty link.

    Raises:
        InputError: More than 10,000 rows, or it takes too long to read.
    """
    return parse_bounded(rows_in_text, text, "The list of links", _SPLIT)


def read_manifest(path: Path) -> list[SlideshowRow]:
    """Reads a file of rows: CSV, TSV or TXT in any usual encoding and delimiter, or XLSX.

    Raises:
        InputError: The file cannot be read, is too large or no table, has no link column, or takes
            too long to read.
    """
    return parse_bounded(rows_in_file, path, one_line(path.name), COPY_ANEW)


def rows_in_text(text: str) -> list[SlideshowRow]:
    """Does what :func:`read_rows` says, however long it takes."""
    records = [record for record in _records(text) if record[1].strip()]
    if len(records) > 1 and (header := _header_in(records[0][1])):
        rows = _rows_below(header, records[1:])
    else:
        rows = _rows_without_header(records)
    return _at_most(rows) or [SlideshowRow(line=1, link="")]


def rows_in_file(path: Path) -> list[SlideshowRow]:
    """Does what :func:`read_manifest` says, however long it takes."""
    content = read_sheet_file(path, MAX_ROWS)
    if not isinstance(content, str):
        return _at_most(_rows_in_cells(content, path.name))
    records = [record for record in _records(content) if record[1].strip()]
    for index, (_, record) in enumerate(records[:_HEADER_WITHIN]):
        if shapes.is_link(record):
            break
        if header := _header_in(record):
            rows = _at_most(_rows_below(header, records[index + 1 :]))
            return rows or _no_rows(path.name)
    if records and path.suffix.lower() in (".csv", ".tsv"):
        _check_first_record(records[0][1], path.name)
    return rows_in_text(content)


def _records(text: str) -> Iterator[tuple[int, str]]:
    for line, record in shapes.read_records(text):
        if not (line == 1 and re.fullmatch(r"\s*\"?sep=.\"?\s*", record, re.IGNORECASE)):
            yield line, record  # Excel writes `sep=;` above a table


def _at_most(rows: Iterator[SlideshowRow]) -> list[SlideshowRow]:
    found = list(islice(rows, MAX_ROWS + 1))
    if len(found) > MAX_ROWS:
        raise InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")
    return found


def _column(name: str) -> str | None:
    """Finds the column that a header's cell names: "Product Photo (URL)" is the photo."""
    words = re.findall(r"[a-z]+", re.sub(r"\([^()]*\)", "", shapes.visible(name[:80]).lower()))
    if not words or len(words) > 4 or not _WORDS.issuperset(words):
        return None
    given = set(words)
    if given & {"tiktok", "tiktoks", "slideshow", "slideshows"}:
        return "link"
    if given & _PHOTO_WORDS:
        return "photo"
    if given & _TEXT_WORDS:
        return "description"
    if given & {"product", "products", "item"}:
        return None if given & _LINK_WORDS else "description"
    return "link" if given & _LINK_WORDS else None


def _columns(cells: list[str]) -> dict[str, int]:
    """Maps column names to their places; empty unless these cells are a header with a link."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if shapes.is_link(cell):
            return {}
        if name := _column(cell):
            found.setdefault(name, index)
    return found if "link" in found else {}


def _header_in(record: str) -> _Header | None:
    tries = [
        _Header(_columns(cells), len(cells), delimiter)
        for delimiter in _DELIMITERS
        if (cells := shapes.split_cells(record, delimiter))
    ]
    best = max(tries, key=lambda header: len(header.columns), default=None)
    return best if best and best.columns else None


def _rows_below(header: _Header, records: list[tuple[int, str]]) -> Iterator[SlideshowRow]:
    if header.width == 1:
        yield from _rows_without_header(records)
        return
    for line, record in records:
        row = header.row(line, shapes.split_cells(record, header.delimiter))
        if row.link or row.photo or row.description:
            yield row


def _rows_without_header(records: list[tuple[int, str]]) -> Iterator[SlideshowRow]:
    for line, record in records:
        if row := _sheet_row(line, record):
            yield row
            continue
        for offset, text in enumerate(record.split("\n")):
            for piece in shapes.split_pieces(text):
                yield SlideshowRow(line + offset, piece)


def _sheet_row(line: int, record: str) -> SlideshowRow | None:
    for delimiter in "\t" if "\t" in record else ",;":
        cells = shapes.split_cells(record, delimiter)
        if delimiter == "\t":
            cells = cells[1:] if cells and re.fullmatch(r"[0-9]{1,4}[.)]?", cells[0]) else cells
            if _is_tabbed_row(cells):
                return _row_of_cells(line, cells, "")
        elif _is_comma_row(cells, quoted='"' in record):
            return _row_of_cells(line, cells, f"{delimiter} ")
    return None


def _is_tabbed_row(cells: list[str]) -> bool:
    if len(cells) < 2 or any(shapes.is_tiktok(cell) for cell in cells[1:]):
        return False
    if not cells[0]:
        return True  # the link is what is missing
    address = len(cells) <= 3 and cells[1].lower().startswith(("http://", "https://"))
    product = not cells[1] or shapes.is_image(cells[1]) or address
    texts = len(cells) <= 3 and not any(shapes.is_link(cell) for cell in cells[1:])
    return shapes.is_link(cells[0]) and (product or texts)


def _is_comma_row(cells: list[str], *, quoted: bool) -> bool:
    if len(cells) < 2 or any(shapes.is_tiktok(cell) for cell in cells[1:]):
        return False
    if shapes.is_image(cells[1]):
        return not cells[0] or shapes.is_link(cells[0])
    if not shapes.is_link(cells[0]):
        return False
    if not cells[1]:
        return True
    # With commas, links elsewhere are more likely a list than a photo without a file name.
    words = not shapes.is_link(cells[-1])
    address = len(cells) == 3 and words and shapes.is_link(cells[1])
    return address or (quoted and words and len(cells) <= 3 and any("," in c for c in cells[1:]))


def _row_of_cells(line: int, cells: list[str], joint: str) -> SlideshowRow:
    link, second, *rest = cells
    if len(cells) == 2 and not (shapes.is_image(second) or shapes.is_link(second)):
        return SlideshowRow(line, link, description=second)
    if len(rest) == 1 and shapes.is_image(rest[0]) and not shapes.is_image(second):
        return SlideshowRow(line, link, rest[0], second)  # the columns the other way round
    return SlideshowRow(line, link, second, joint.join(rest) if joint else "".join(rest[:1]))


def _rows_in_cells(rows: Cells, name: str) -> Iterator[SlideshowRow]:
    table = [(line, shapes.trim(cells)) for line, cells in rows]
    for index, (_, cells) in enumerate(table[:_HEADER_WITHIN]):
        if columns := _columns(cells):
            found = [_Header(columns, len(cells)).row(*row) for row in table[index + 1 :]]
            found = [row for row in found if row.link or row.photo or row.description]
            yield from found or _no_rows(name)
            return
    if not any(shapes.is_link(cell) for cell in table[0][1]):
        raise _wrong_columns(table[0][1], name)
    for line, cells in table:
        if _is_tabbed_row(cells):
            yield _row_of_cells(line, cells, "")
        else:
            yield from (
                SlideshowRow(line, piece) for c in cells for piece in shapes.split_pieces(c)
            )


def _check_first_record(record: str, name: str) -> None:
    delimiter = max(_DELIMITERS, key=record.count)
    cells = shapes.split_cells(record, delimiter)
    if len(cells) > 1 and not any(shapes.is_link(cell) for cell in cells) and cells[0]:
        raise _wrong_columns(cells, name)


def _wrong_columns(cells: list[str], name: str) -> InputError:
    found = ", ".join(repr(cell[:40]) for cell in cells[:10] if cell)
    return InputError(
        f"{name} has no column with links: found {found}, expected {_EXPECTED}. Name the "
        "columns in the first row, or put the link first."
    )


def _no_rows(name: str) -> list[SlideshowRow]:
    raise InputError(f"{name} has a header but no rows below it. Add a row for each link.")
