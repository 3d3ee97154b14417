"""A ZIP archive from a stranger, read in memory and never unpacked to disk.

Decides whether the archive may be read at all, and gives its files. Knows nothing of slides.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from pressrun.boundary.files import open_file, reason
from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.confined import read_confined

MAX_ENTRIES = 500
MAX_RATIO = 100
_CPU_S = 10.0
MAX_TOTAL_BYTES = 200 * 2**20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


class ArchiveEntry(Protocol):
    """A named file of a folder or an archive."""

    @property
    def path(self) -> PurePosixPath:
        """Where it stands in the folder or archive; never a path of this machine."""
        ...

    @property
    def size(self) -> int:
        """Its length in bytes, as stated."""
        ...

    def read(self, limit: int) -> bytes:
        """Gives the content, or its first ``limit`` + 1 bytes if it is longer."""
        ...


class _ZipEntry:
    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self.path = PurePosixPath(info.filename)
        self.size = info.file_size
        self._archive, self._info = archive, info

    def read(self, limit: int) -> bytes:
        with self._archive.open(self._info) as stream:
            return stream.read(limit + 1)


class _Unpacked:
    """An entry that the reading process has unpacked, or says why it could not."""

    def __init__(self, told: list[Any], data: bytes) -> None:
        path, self.size, self._failure = told
        self.path = PurePosixPath(path)
        self._data = data

    def read(self, limit: int) -> bytes:
        if self._failure:
            raise zipfile.BadZipFile(self._failure)
        return self._data[: limit + 1]


def read_archive(path: Path, most_bytes: int) -> list[ArchiveEntry]:
    """Reads a ZIP archive in the reading process; gives the files in it that are not hidden.

    Args:
        path: Where it lies.
        most_bytes: Longest part of one file that is wanted.

    Raises:
        InputError: No such file, no archive, or a refused one.
    """
    name = f"“{one_line(path.name)}”"
    where = str(path.absolute())
    advice = "Pack the slides again, as a plain ZIP."
    parts = read_confined(unpacked, name, advice, cpu_s=_CPU_S, path=where, most_bytes=most_bytes)
    return [_Unpacked(*part) for part in parts]


def unpacked(
    _data: bytes, path: str, most_bytes: int
) -> Iterator[tuple[tuple[str, int, str], bytes]]:
    """Yields path, size and content of the archive's files. Runs in the reading process.

    Raises:
        InputError: As :func:`read_archive`.
    """
    with open_archive(Path(path)) as entries:
        for entry in entries:
            try:
                data, failure = entry.read(most_bytes), ""
            except UNREADABLE as error:
                data, failure = b"", reason(error)
            yield (str(entry.path), entry.size, failure), data


@contextmanager
def open_archive(path: Path) -> Iterator[list[ArchiveEntry]]:
    """Opens a ZIP archive and gives the files in it that are not hidden.

    It is refused as a whole if an entry would leave it, is a link, is encrypted, or unfolds
    suspiciously; ``__MACOSX`` and dotfiles are left out.

    Raises:
        InputError: No such file, no archive, or a refused one.
    """
    name = one_line(path.name)
    try:
        with (
            _Sparing(open_file(path)) as file,
            zipfile.ZipFile(file) as archive,
        ):
            infos = _checked(name, archive.infolist())
            yield [_ZipEntry(archive, info) for info in infos]
    except FileNotFoundError as error:
        raise InputError(f"There is no file “{one_line(str(path))}”. Check the path.") from error
    except UNREADABLE as error:
        raise InputError(
            f"“{name}” is not a ZIP archive that can be read ({reason(error)}). "
            "Pack the slides again."
        ) from error


class _Sparing(io.BufferedReader):
    """Refuses the one huge read by which an archive's directory is loaded into memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > 2**20:
            raise zipfile.BadZipFile("it lists too many entries")
        return super().read(size)


def _checked(name: str, infos: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    if len(infos) > MAX_ENTRIES:
        raise InputError(
            f"“{name}” has {len(infos)} entries; at most {MAX_ENTRIES} are read. "
            "Pack just the slides."
        )
    problems = [
        f"{one_line(info.filename, 80) or 'An entry'} {reason}"
        for info in infos
        if (reason := _why_unsafe(info) if info.filename else "has no name.") is not None
    ]
    named = [info for info in infos if info.filename]  # zipfile fails on one without a name
    kept = [info for info in named if not info.is_dir() and not _is_hidden(info.filename)]
    if sum(info.file_size for info in kept) > MAX_TOTAL_BYTES:
        problems.append(f"Unpacked, it has more than {MAX_TOTAL_BYTES >> 20} MiB.")
    if problems:
        raise InputError(f"“{name}” is refused. Pack just the slides, as a plain ZIP:", problems)
    return kept


def _why_unsafe(info: zipfile.ZipInfo) -> str | None:
    path = info.filename.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
        return "points to a place outside the archive."
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, not a file."
    if info.flag_bits & 0x1:
        return "is encrypted."
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is compressed in an unusual way."
    if info.file_size > max(2**20, MAX_RATIO * info.compress_size):
        return f"unfolds to more than {MAX_RATIO} times its size, as a ZIP bomb does."
    return None


def _is_hidden(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)
