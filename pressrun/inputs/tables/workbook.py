"""The cells of an XLSX workbook. Runs in the reading process (:mod:`pressrun.inputs.confined`)."""

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from html import unescape

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    ZipError,
)

from pressrun.errors import InputError

_MAX_UNPACKED_BYTES = 64 * 2**20
_MAX_CHARACTERS = 16 * 2**20
_MOST_MERGED = 10_000
_TAG = re.compile(rb"<(?:\w+:)?(hyperlink|Relationship|sheet)\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")

Row = tuple[int, list[str]]
Part = tuple[tuple[str, list[str], list[Row]], bytes]
_Place = tuple[int, int]  # row and column, from 0


def read_cells(data: bytes, name: str, max_rows: int, targets: bool, number: int) -> Iterator[Part]:
    """Yields the sheet of that number, from 0.

    Gives its title, the titles of all sheets, and ``max_rows`` rows and one more at most.

    Raises:
        InputError: It is no workbook, or has far too much in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_contents(archive, name)
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            about = book.sheets_metadata[number]
            rows: list[Row] = []
            if about.typ == SheetTypeEnum.WorkSheet:  # no chart
                linked = _targets(archive, about.name) if targets else {}
                sheet = book.get_sheet_by_name(about.name)
                rows = _read_sheet(sheet, max_rows, name, linked)
            yield (about.name, list(book.sheet_names), rows), b""
    except (CalamineError, ZipError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise _damaged(name) from error
    except IndexError as error:  # a workbook without sheets
        raise _damaged(name) from error


def _check_contents(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise _damaged(name)
    if sum(entry.file_size for entry in entries) > _MAX_UNPACKED_BYTES:
        raise _too_much(name)


def _read_sheet(
    sheet: CalamineSheet, max_rows: int, name: str, linked: Mapping[_Place, str]
) -> list[Row]:
    rows: list[Row] = []
    characters = 0
    merged = _merged(sheet)
    seen: dict[_Place, str] = {}
    # Empty rows at the top count, so that numbers are those that the person sees.
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_as_text(cell) for cell in row]
        for column, origin in merged.get(number, {}).items():
            if column < len(cells):
                cells[column] = cells[column] or seen.get(origin, "")
        for column, cell in enumerate(cells):
            if (number, column) in linked:
                cells[column] = _with_target(cell, linked[number, column])
            if column in merged.get(number, {}):
                seen.setdefault(merged[number][column], cells[column])
        if any(cell.strip() for cell in cells):
            rows.append((number + 1, cells))
            characters += sum(map(len, cells)) + len(cells)
        if characters > _MAX_CHARACTERS:
            raise _too_much(name)
        if len(rows) > max_rows:
            break
    return rows


def _merged(sheet: CalamineSheet) -> dict[int, dict[int, _Place]]:
    """Finds the cells that one above them was merged with: by row and column, from where."""
    found: dict[int, dict[int, _Place]] = {}
    count = 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1) if bottom > top else ():
            found.setdefault(row, {})[left] = (top, left)
            if (count := count + 1) > _MOST_MERGED:
                return found
    return found


def _with_target(cell: str, target: str) -> str:
    text = " ".join(cell.replace("[", "(").replace("]", ")").split())
    return target if not text or text == target else f"[{text}]({target})"


def _targets(archive: zipfile.ZipFile, title: str) -> dict[_Place, str]:
    """Finds the web addresses that the cells of a sheet lead to.

    As ECMA-376 has them: the sheet names cells and relations, another part the relations' targets.
    """
    workbook = _relations(archive, "xl/workbook.xml")
    sheets = _tags(archive, "xl/workbook.xml", "sheet")
    ids = {tag.get("name"): tag.get("r:id", "") for tag in sheets}
    path = workbook.get(ids.get(title, ""), "")
    leads_to = _relations(archive, path)
    found = {}
    for tag in _tags(archive, path, "hyperlink"):
        target, place = leads_to.get(tag.get("r:id", ""), ""), _place(tag.get("ref", ""))
        if place and target.lower().startswith(("http://", "https://")):
            found[place] = target
    return found


def _relations(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    """Reads where the relations of a part lead: an address, or the path of another part."""
    folder, file = posixpath.split(path)
    found = {}
    for tag in _tags(archive, f"{folder}/_rels/{file}.rels", "Relationship"):
        target = tag.get("Target", "")
        if tag.get("TargetMode", "").lower() != "external":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[tag.get("Id", "")] = target
    return found


def _tags(archive: zipfile.ZipFile, path: str, name: str) -> Iterator[dict[str, str]]:
    try:
        data = archive.read(path) if path else b""
    except KeyError:
        return
    for tag, attributes in _TAG.findall(data):
        if tag.decode() == name:
            yield _attributes(attributes.decode("utf-8", "replace"))


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def _place(address: str) -> _Place | None:
    """Reads ``B7`` or ``B7:C9`` as row and column of its first cell."""
    match = re.match(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", address)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _too_much(name: str) -> InputError:
    return InputError(
        f"{name} has too many cells, or too much in them. Copy the rows into a new sheet and "
        "save that."
    )


def _damaged(name: str) -> InputError:
    return InputError(
        f"{name} is damaged or no XLSX workbook. Save it as XLSX or as CSV (UTF-8) and try again."
    )
