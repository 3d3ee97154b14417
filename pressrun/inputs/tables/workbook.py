"""The cells of an XLSX workbook. Runs in the reading process (:mod:`pressrun.inputs.confined`)."""

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, ZipError

from pressrun.errors import InputError

_MAX_UNPACKED_BYTES = 64 * 2**20
_MAX_CHARACTERS = 16 * 2**20

Row = tuple[int, list[str]]


def read_cells(data: bytes, name: str, max_rows: int) -> Iterator[tuple[list[Row], bytes]]:
    """Yields the rows of the first sheet that has any, and one more than ``max_rows`` at most.

    Raises:
        InputError: It is no workbook, has nothing in it, or far too much.
    """
    try:
        _check_contents(data, name)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for title in book.sheet_names:
            if rows := _read_sheet(book.get_sheet_by_name(title), max_rows, name):
                yield rows, b""
                return
    except (CalamineError, ZipError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise _damaged(name) from error
    raise InputError(f"{name} has no cells with anything in them. Fill its first sheet.")


def _check_contents(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise _damaged(name)
    if sum(entry.file_size for entry in entries) > _MAX_UNPACKED_BYTES:
        raise _too_much(name)


def _read_sheet(sheet: CalamineSheet, max_rows: int, name: str) -> list[Row]:
    rows: list[Row] = []
    characters = 0
    # Empty rows at the top count, so that numbers are those that the person sees.
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_as_text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            rows.append((number, cells))
            characters += sum(map(len, cells)) + len(cells)
        if characters > _MAX_CHARACTERS:
            raise _too_much(name)
        if len(rows) > max_rows:
            break
    return rows


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
