"""Files that a person gives, read safely: text in its encoding, XLSX as cells, DOCX as Markdown.

Workbooks and Word documents are read in a process of its own. It must not know what the columns
mean (see :mod:`pressrun.inputs.tables.rows`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from pressrun.boundary.files import read_file, reason
from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.confined import read_confined
from pressrun.inputs.foreign import foreign_package, package_names, require_known
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.tables.columns import Cells
from pressrun.inputs.tables.workbook import read_cells
from pressrun.inputs.word import read_word

MAX_BYTES = 10 * 1024 * 1024
_CPU_S = 4.0
#: A document of some 5,000 paragraphs takes up to as long.
_DOCUMENT_CPU_S = 8.0
#: What to do about a file that cannot be read within bounds.
COPY_ANEW = (
    "It may have far too much in it, or cells too far apart: copy the text or the rows into a new "
    "file, save that as DOCX, as XLSX or as CSV (UTF-8) and try again; split it if it is long."
)
_SAVE_AS = "Save it as XLSX or as CSV (UTF-8) and try again."
_SAVE_AS_DOCX = "Open it, save it anew as DOCX, and try again."
_WORD = (".docx", ".docm", ".dotx")
_PACKED = b"PK\x03\x04"
#: What a web page says of its encoding, in so many bytes from its beginning.
_CHARSET = re.compile(rb"<meta\b[^<>]*\bcharset\s*=\s*[\"']?\s*([\w.-]{2,30})", re.IGNORECASE)
_HEAD = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet of a workbook.

    Attributes:
        title: Its name.
        titles: Those of all sheets.
        rows: Number and cells of each row that has any.
    """

    title: str
    titles: list[str]
    rows: Cells


def read_sheet_file(path: Path, max_rows: int) -> DocumentText | Cells:
    """Reads the text of a text file or Word document, or the cells of a workbook's first sheet.

    That is the first one that has any.

    Raises:
        InputError: As :func:`read_sheets`.
    """
    content = read_sheets(path, max_rows, targets=False)
    return content if isinstance(content, DocumentText) else next(content).rows


def read_sheets(
    path: Path, max_rows: int, *, targets: bool = True
) -> DocumentText | Iterator[WorkbookSheet]:
    """Reads the text of a text file or Word document; or gives a workbook's sheets with anything.

    Each sheet is read when it is asked for, so that no other one can be in its way.

    Args:
        path: The file.
        max_rows: So many rows, and one more, are read of a sheet.
        targets: Write a cell with a hyperlink as ``[text](address)``.

    Raises:
        InputError: No such file, too large, empty, damaged, or nothing that is read.
    """
    data = _read_bytes(path)
    suffix = path.suffix.lower()
    if data.startswith(_PACKED):
        names = package_names(data)
        if any(name.startswith("word/") for name in names) or suffix in _WORD:
            return _read_document(data, path.name)
        what, advice = foreign_package(names)
        if what and not any(name.startswith("xl/") for name in names):
            raise InputError(f"{path.name} is {what}. {advice or _SAVE_AS}")
        return _filled(path.name, partial(_read_sheet, data, path.name, max_rows, targets))
    require_known(data, path.name, is_text=_is_text(data))
    if suffix in (".xlsx", ".xlsm"):
        raise InputError(f"{path.name} is damaged or no XLSX workbook. {_SAVE_AS}")
    if suffix in _WORD:
        raise InputError(f"{path.name} is damaged or no Word document. {_SAVE_AS_DOCX}")
    return DocumentText(decode_text(data, path.name))


def _is_text(data: bytes) -> bool:
    try:
        return bool(decode_text(data, ""))
    except InputError:
        return False


def _read_document(data: bytes, name: str) -> DocumentText:
    # What stands in it is read late, and shall not count.
    parts = read_confined(
        read_word,
        name,
        COPY_ANEW,
        data,
        cpu_s=_DOCUMENT_CPU_S,
        imports=["lxml.etree", "lxml.html", "mammoth"],
        name=name,
    )
    (text, notes), _ = parts[0]
    return DocumentText(text, tuple(notes))


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


def decode_text(data: bytes, name: str) -> str:
    """Decodes a text in any usual encoding.

    Raises:
        InputError: It is none.
    """
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding).rstrip("\0")  # some editors fill a file's last block
        except UnicodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise InputError(f"{name} is neither text nor a DOCX or XLSX file. {_SAVE_AS}")


def _encodings(data: bytes) -> tuple[str, ...]:
    """Lists what a text may be written in: last what a web page says of itself, and Windows."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    # Without a mark: every other byte of words in UTF-16 is zero.
    zeros = [data[:1000][start::2].count(0) for start in (0, 1)]
    if max(zeros) > 0.4 * len(data[:1000]) / 2 and not min(zeros):
        return ("utf-16-le" if zeros[1] else "utf-16-be",)
    named = _CHARSET.search(data[:_HEAD])
    declared = [named[1].decode("ascii")] if named else []
    return ("utf-8-sig", *filter(_is_encoding, declared), "cp1252")


def _is_encoding(name: str) -> bool:
    try:
        return bool("a".encode(name))
    except (LookupError, UnicodeError):
        return False


def _filled(name: str, read: Callable[[int], WorkbookSheet]) -> Iterator[WorkbookSheet]:
    """Yields the sheets that have anything in them; the first is read at once."""
    number = 0
    while not (sheet := read(number)).rows:
        number += 1
        if number == len(sheet.titles):
            raise InputError(f"{name} has no cells with anything in them. Fill its first sheet.")
    rest = (read(other) for other in range(number + 1, len(sheet.titles)))
    return chain([sheet], filter(lambda other: other.rows, rest))


def _read_sheet(data: bytes, name: str, max_rows: int, targets: bool, number: int) -> WorkbookSheet:
    asked: dict[str, Any] = {
        "name": name,
        "max_rows": max_rows,
        "targets": targets,
        "number": number,
    }
    parts = read_confined(read_cells, name, COPY_ANEW, data, cpu_s=_CPU_S, **asked)
    (title, titles, rows), _ = parts[0]
    return WorkbookSheet(title, titles, [(line, cells) for line, cells in rows])
