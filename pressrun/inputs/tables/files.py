"""Files that hold rows, read safely: text in its encoding, XLSX as cells.

A workbook is read in a process of its own. It must not know what the columns mean
(see :mod:`pressrun.inputs.tables.rows`).
"""

import re
from pathlib import Path

from pressrun.errors import InputError
from pressrun.files import read_file, reason
from pressrun.inputs.confined import read_confined
from pressrun.inputs.tables.workbook import read_cells
from pressrun.text import one_line

MAX_BYTES = 10 * 1024 * 1024
_CPU_S = 4.0
#: What to do about a file that cannot be read within bounds.
COPY_ANEW = (
    "Its cells may be too many or too far apart: copy the rows into a new sheet, save that as "
    "XLSX or as CSV (UTF-8) and try again; split it if it is long."
)
_SAVE_AS = "Save it as XLSX or as CSV (UTF-8) and try again."
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
    parts = read_confined(
        read_cells, name, COPY_ANEW, data, cpu_s=_CPU_S, name=name, max_rows=max_rows
    )
    return [(number, cells) for rows, _ in parts for number, cells in rows]
