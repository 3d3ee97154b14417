"""What a file is, by what stands in it and not by its name: so a person is told at once.

Knows the kinds of files that are read, how large each may be, and what the others are called.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pressrun.boundary.files import read_file
from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.archive import list_archive, names_in
from pressrun.inputs.foreign import foreign_beginning, foreign_package
from pressrun.inputs.tables import files as tables
from pressrun.pictures.conversion import foreign_type
from pressrun.pictures.kinds import OTHER_SUFFIXES, SUFFIXES
from pressrun.pictures.picture import MAX_BYTES, read_picture

#: Bytes of a file's beginning that tell what it may be.
HEAD = 4096
MAX_ARCHIVE_BYTES = 500 * 2**20
_READ = (
    "Give a picture (JPEG, PNG, WEBP, HEIC, AVIF), a table (CSV, XLSX), a text (also DOCX) or a "
    "ZIP file."
)


@dataclass(frozen=True, slots=True)
class FileType:
    """One kind of file that is read.

    Attributes:
        media_type: As HTTP names it.
        suffixes: How such files are called; the first where a name has none of them.
        most_bytes: Of one file.
    """

    media_type: str
    suffixes: tuple[str, ...]
    most_bytes: int

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture."""
        return self.media_type.startswith("image/")

    def name(self, given: str) -> str:
        """Gives a file's name with an ending that fits what it is."""
        suffix = PurePosixPath(given).suffix
        if suffix.lower() in self.suffixes:
            return given
        is_ending = suffix.lower() in _ENDINGS or suffix.lower() in _FOREIGN_ENDINGS
        return (given.removesuffix(suffix) if is_ending else given) + self.suffixes[0]


_PICTURES = {
    "image/jpeg": FileType(
        "image/jpeg",
        (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"),
        MAX_BYTES,
    ),
    "image/png": FileType("image/png", (".png", ".apng"), MAX_BYTES),
    "image/webp": FileType("image/webp", (".webp",), MAX_BYTES),
    "image/heic": FileType("image/heic", (".heic", ".heif", ".hif"), MAX_BYTES),
    "image/avif": FileType("image/avif", (".avif",), MAX_BYTES),
}
ARCHIVE = FileType("application/zip", (".zip",), MAX_ARCHIVE_BYTES)
_WORKBOOK = FileType(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    (".xlsx", ".xlsm"),
    tables.MAX_BYTES,
)
_DOCUMENT = FileType(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    (".docx", ".docm", ".dotx"),
    tables.MAX_BYTES,
)
_TEXTS = [
    FileType(media_type, suffixes, tables.MAX_BYTES)
    for media_type, suffixes in (
        ("text/plain", (".txt", ".text", ".log")),
        ("text/csv", (".csv",)),
        ("text/tab-separated-values", (".tsv", ".tab")),
        ("text/markdown", (".md", ".markdown", ".mdown")),
        ("application/json", (".json", ".jsonl", ".ndjson")),
        ("application/yaml", (".yaml", ".yml")),
        ("text/html", (".html", ".htm")),
        ("application/xml", (".xml", ".opml", ".rss", ".atom")),
    )
]
_ENDINGS = frozenset(
    suffix
    for kind in (*_PICTURES.values(), ARCHIVE, _WORKBOOK, _DOCUMENT, *_TEXTS)
    for suffix in kind.suffixes
)
_FOREIGN_ENDINGS = frozenset({".exe", ".bin", ".dat", ".tmp", ".download", ".file"})


def type_named(name: str) -> FileType | None:
    """Tells what a file is called as; None for an ending that says nothing.

    An upload's name always says what it is: it was named after what stands in it.
    """
    suffix = PurePosixPath(name).suffix.lower()
    kinds = (*_PICTURES.values(), ARCHIVE, _WORKBOOK, _DOCUMENT, *_TEXTS)
    return next((kind for kind in kinds if suffix in kind.suffixes), None)


def expected_type(head: bytes, name: str) -> FileType:
    """Tells from a file's beginning what it may be, and so how long it may be.

    Args:
        head: Its first bytes, :data:`HEAD` or all if it is shorter.
        name: Its name.

    Raises:
        InputError: It is nothing that is read, or its name says that it is a picture, and it is
            none.
    """
    if not head:
        raise InputError(f"“{_shown(name)}” is empty.")
    if media_type := _picture_type(head):
        return _PICTURES[media_type]
    what, advice = foreign_beginning(head, is_text=_is_text(head))
    suffix = PurePosixPath(name).suffix.lower()
    if what:
        raise _refusal(name, what, advice)
    if head.startswith(b"PK\x05\x06"):
        raise InputError(f"“{_shown(name)}” is a ZIP archive with nothing in it. Pack it again.")
    if head.startswith(b"PK\x03\x04"):
        what, found = "a ZIP archive or a document", ARCHIVE
    elif not _is_text(head):
        raise _refusal(name, "no kind of file that is read", "")
    else:
        what, found = "a web page" if _is_page(head) else "a text", _text_type(suffix)
    if suffix in SUFFIXES | OTHER_SUFFIXES:
        raise InputError(f"“{_shown(name)}” is {what}, and no picture. Save the picture itself.")
    if suffix == ".zip" and found is not ARCHIVE:
        raise InputError(f"“{_shown(name)}” is {what}, and no ZIP archive. Pack it again.")
    return found


def checked_type(path: Path, name: str, expected: FileType) -> FileType:
    """Looks at a whole file; gives what it is.

    Args:
        path: Where it lies; it is at most as long as was expected.
        name: Its name, for sentences.
        expected: As :func:`expected_type` told.

    Raises:
        InputError: It is cut off or damaged, is refused, or is too large for what it is.
    """
    shown = f"“{_shown(name)}”"
    if expected is ARCHIVE:
        return _packed_type(path, name)
    data = read_file(path, expected.most_bytes)
    if expected.is_picture:
        read_picture(data, shown)
    else:
        tables.decode_text(data, shown)
    return expected


def _packed_type(path: Path, name: str) -> FileType:
    names = names_in(path)
    for within, kind in (("xl/", _WORKBOOK), ("word/", _DOCUMENT)):
        if any(one.startswith(within) for one in names):
            if path.stat().st_size > kind.most_bytes:
                raise too_large(name, kind)
            return kind
    what, advice = foreign_package(names)
    if what:
        raise _refusal(name, what, advice)
    list_archive(path, MAX_ARCHIVE_BYTES)
    return ARCHIVE


def too_large(name: str, kind: FileType) -> InputError:
    """Makes the error of a file that is longer than its kind may be."""
    advice = "Scale it down." if kind.is_picture else "Split it."
    most = kind.most_bytes // 2**20
    return InputError(f"“{_shown(name)}” has more than {most} MiB. {advice}")


def _picture_type(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return foreign_type(head)


def _is_text(head: bytes) -> bool:
    # A character may be cut in two at the end.
    for end in range(len(head), max(len(head) - 4, 0), -1):
        try:
            tables.decode_text(head[:end], "")
        except InputError:
            continue
        return True
    return False


def _is_page(head: bytes) -> bool:
    return head[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _text_type(suffix: str) -> FileType:
    return next((kind for kind in _TEXTS if suffix in kind.suffixes), _TEXTS[0])


def _refusal(name: str, what: str, advice: str) -> InputError:
    return InputError(f"“{_shown(name)}” is {what}. {advice or _READ}")


def _shown(name: str) -> str:
    return one_line(name, 80)
