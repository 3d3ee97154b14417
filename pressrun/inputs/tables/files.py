"""Files that hold rows, read safely: text in its encoding, XLSX as cells.

Bounds what it opens before any parser sees it. It must not know what the columns mean
(see :mod:`pressrun.inputs.tables.rows`).
"""

import datetime as dt
import io
import re
import zipfile
import zlib
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, ZipError

from pressrun.errors import InputError
from pressrun.files import read_file, reason
from pressrun.text import one_line

MAX_BYTES = 10 * 1024 * 1024
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_MAX_CELLS = 2_000_000
_SAVE_AS = "Save it as XLSX or as CSV (UTF-8) and try again."
_ADDRESS = re.compile(rb"""\br=["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

Cells = list[tuple[int, list[str]]]  # (row of the sheet, its cells)


def read_sheet_file(path: Path, max_rows: int) -> str | Cells:
    """Reads a text file's text, or the cells of the first sheet of a workbook that has any.

    Raises:
        InputError: No such file, too large, empty, damaged, or neither text nor XLSX.
    """
    data = _read_bytes(path)
    if data.startswith(b"PK\x03\x04"):
        return _read_workbook(data, path.name, max_rows)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{path.name} is an old or password-protected workbook. {_SAVE_AS}")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise InputError(f"{path.name} is damaged or no XLSX workbook. {_SAVE_AS}")
    return _decode(data, path.name)


def _read_bytes(path: Path) -> bytes:
    try:
        data = read_file(path, MAX_BYTES)
    except FileNotFoundError as error:
        named = one_line(str(path))
        raise InputError(f"There is no file {named}. Check the name and the folder.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{one_line(str(path))} cannot be read: {reason(error)}.") from error
    if not data:
        raise InputError(f"{path.name} is empty. Fill it, or save it again from where you made it.")
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{path.name} is larger than {MAX_BYTES // 2**20} MiB. Split it, or remove the "
            "pictures from it."
        )
    return data


def _decode(data: bytes, name: str) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise InputError(f"{name} is neither text nor an XLSX workbook. {_SAVE_AS}")


def _read_workbook(data: bytes, name: str, max_rows: int) -> Cells:
    try:
        _check_size(data, name)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for title in book.sheet_names:
            if rows := _read_sheet(book.get_sheet_by_name(title), max_rows):
                return rows
    except (CalamineError, ZipError) as error:
        raise _damaged(name) from error
    raise InputError(f"{name} has no cells with anything in them. Fill its first sheet.")


def _read_sheet(sheet: CalamineSheet, max_rows: int) -> Cells:
    rows: Cells = []
    # Empty rows at the top count, so that numbers are those that the person sees.
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = [_as_text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            rows.append((number, cells))
        if len(rows) > max_rows:
            break
    return rows


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _check_size(data: bytes, name: str) -> None:
    """Refuses workbooks that would not fit into memory.

    calamine fills the rectangle between a sheet's first and last cell: two cells in opposite
    corners ask for half a terabyte, and the process aborts. So the addresses are read first.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if "xl/workbook.xml" not in {entry.filename for entry in entries}:
                raise _damaged(name)
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > _MAX_UNPACKED_BYTES or any(
                _extent(archive.read(entry)) > _MAX_CELLS
                for entry in entries
                if not entry.filename.startswith("xl/media/")
            ):
                raise InputError(
                    f"{name} has cells too far apart or too many of them. Copy the rows into a "
                    "new sheet and save that."
                )
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise _damaged(name) from error


def _extent(xml: bytes) -> int:
    """Counts the cells of the rectangle from A1 to the furthest address in a sheet."""
    columns = rows = 0
    for column, row in _ADDRESS.findall(xml):
        rows = max(rows, int(row))
        columns = max(columns, _column_number(column))
    return columns * rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _damaged(name: str) -> InputError:
    return InputError(f"{name} is damaged or no XLSX workbook. {_SAVE_AS}")
