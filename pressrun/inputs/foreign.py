"""Formats that are not read: how each is known, and what a person can do about it."""

import zipfile
from io import BytesIO

from pressrun.boundary.text import one_line
from pressrun.errors import InputError

_AS_PICTURE = "Save it as JPEG, PNG or WEBP."
_AS_DOCX = "Save it as DOCX, or copy its text."
_OLE = b"\xd0\xcf\x11\xe0"
#: What begins so, and what to do about it. Those that are not read as text.
_BEGINNINGS = (
    (b"MZ", "a program for Windows", ""),
    (b"\x7fELF", "a program", ""),
    (b"\xcf\xfa\xed\xfe", "a program", ""),
    (b"GIF8", "a GIF", _AS_PICTURE),
    (b"BM", "a BMP picture", _AS_PICTURE),
    (b"II*\x00", "a TIFF picture", _AS_PICTURE),
    (b"MM\x00*", "a TIFF picture", _AS_PICTURE),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", _AS_PICTURE),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _AS_PICTURE),
    (b"\xff\x0a", "a JPEG XL picture", _AS_PICTURE),
    (b"8BPS", "a Photoshop file", _AS_PICTURE),
    (
        b"%PDF",
        "a PDF",
        "Save its pictures as JPEG or PNG; copy its text, or save its original as DOCX.",
    ),
    (b"{\\rtf", "an RTF document", _AS_DOCX),
    (
        _OLE,
        "an old or protected Office file",
        "Save it without a password, as DOCX or XLSX, or as CSV (UTF-8).",
    ),
    (b"Rar!", "a RAR archive", "Pack it as ZIP."),
    (b"7z\xbc\xaf", "a 7z archive", "Pack it as ZIP."),
    (b"\x1f\x8b", "a gzip archive", "Pack it as ZIP."),
)
#: Streams within the old container of Office, and what it is then.
_STREAMS = (
    ("EncryptedPackage", "protected by a password", "Save it without a password, and try again."),
    ("WordDocument", "an old Word document", "Save it as DOCX, and try again."),
    ("PowerPoint Document", "an old PowerPoint file", "Copy its text."),
)
#: Names within what is packed as a ZIP archive is, and what that is then.
_PACKED = (
    ("ppt/", "a PowerPoint file", "Save its slides as pictures, and pack these as ZIP."),
    (
        "mimetype",
        "an OpenDocument file or an e-book",
        "Save it as DOCX, XLSX or CSV, or copy its text.",
    ),
    (
        "Index/Document.iwa",
        "a file of Apple's Pages, Numbers or Keynote",
        "Export it as DOCX, XLSX or CSV, or copy its text.",
    ),
    ("META-INF/MANIFEST.MF", "a program", ""),
    ("AndroidManifest.xml", "a program", ""),
)


def foreign_beginning(head: bytes, *, is_text: bool) -> tuple[str, str]:
    """Says what a file is by its first bytes, and what to do about it; empty if it is read."""
    if head[4:8] == b"ftyp":
        return "a video", ""
    for magic, what, advice in _BEGINNINGS:
        if head.startswith(magic) and not (is_text and magic.isalnum()):
            return what, advice
    return "", ""


def foreign_package(names: list[str]) -> tuple[str, str]:
    """Says likewise what an archive is by the names within it."""
    for within, what, advice in _PACKED:
        if any(one == within or (one.startswith(within) and within[-1] == "/") for one in names):
            return what, advice
    return "", ""


def package_names(data: bytes) -> list[str]:
    """Lists the names within a ZIP archive; none of one that is damaged."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def require_known(data: bytes, name: str, *, is_text: bool) -> None:
    """Refuses a document of a format that is not read as text or rows.

    Raises:
        InputError: It is one; says what to do.
    """
    what, advice = foreign_beginning(data, is_text=is_text)
    if data.startswith(_OLE):
        found = (told for told in _STREAMS if told[0].encode("utf-16-le") in data)
        _, what, advice = next(found, ("", "an old or password-protected workbook", ""))
        advice = advice or "Save it as XLSX or as CSV (UTF-8), and try again."
    if what:
        raise InputError(f"{one_line(name)} is {what}. {advice or 'Give a text or a table.'}")
