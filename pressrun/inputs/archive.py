"""A ZIP archive from a stranger, read in memory and never unpacked to disk.

Decides whether the archive may be read at all, and gives its files. Knows nothing of slides and
photos.
"""

import io
import re
import stat
import sys
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
_ADVICE = "Pack the pictures again, as a plain ZIP."
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
        parts: list[bytes] = []
        left = limit + 1
        with self._archive.open(self._info) as stream:
            # Piece by piece: of what is stored as it is, one read asks the file for all at once.
            while left and (part := stream.read(min(left, 2**20))):
                parts.append(part)
                left -= len(part)
        return b"".join(parts)


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


class ArchivedFile:
    """A file in an archive on disk, which the reading process unpacks when it is asked for."""

    def __init__(self, archive: Path, number: int, path: str, size: int):
        self.path, self.size = PurePosixPath(path), size
        self._archive, self._number = archive, number

    def read(self, limit: int) -> bytes:
        """Gives the content; see :meth:`ArchiveEntry.read`.

        Raises:
            InputError: It is damaged, or takes too long to unpack.
        """
        what = f"{one_line(str(self.path), 80)} in “{one_line(self._archive.name, 80)}”"
        ((_, data),) = read_confined(
            unpacked_one,
            what,
            _ADVICE,
            cpu_s=_CPU_S,
            path=str(self._archive.absolute()),
            number=self._number,
            most_bytes=limit,
        )
        return data


def list_archive(path: Path, most_bytes: int = MAX_TOTAL_BYTES) -> list[ArchivedFile]:
    """Lists the files of a ZIP archive that are not hidden; unpacks none yet.

    Args:
        path: Where it lies.
        most_bytes: Of all files together, unpacked.

    Raises:
        InputError: As :func:`read_archive`.
    """
    name = f"“{one_line(path.name)}”"
    where = str(path.absolute())
    parts = read_confined(listed, name, _ADVICE, cpu_s=_CPU_S, path=where, most_bytes=most_bytes)
    return [ArchivedFile(path, number, *told) for number, (told, _) in enumerate(parts)]


def names_in(path: Path) -> list[str]:
    """Lists the names in anything that is packed as a ZIP archive is: a workbook, a document.

    Raises:
        InputError: It is damaged, or lists too many entries.
    """
    where = str(path.absolute())
    parts = read_confined(named, f"“{one_line(path.name)}”", _ADVICE, cpu_s=_CPU_S, path=where)
    return [str(name) for name, _ in parts]


def listed(_data: bytes, path: str, most_bytes: int) -> Iterator[tuple[tuple[str, int], bytes]]:
    """Yields path and size of the archive's files. Runs in the reading process."""
    with open_archive(Path(path), most_bytes) as entries:
        for entry in entries:
            yield (str(entry.path), entry.size), b""


def named(_data: bytes, path: str) -> Iterator[tuple[str, bytes]]:
    """Yields all names in an archive. Runs in the reading process."""
    with _opened(Path(path)) as archive:
        for name in archive.namelist():
            yield name, b""


def unpacked_one(
    _data: bytes, path: str, number: int, most_bytes: int
) -> Iterator[tuple[None, bytes]]:
    """Yields the content of one of the files that :func:`listed` gives, by its place there."""
    with open_archive(Path(path), sys.maxsize) as entries:
        entry = entries[number]
        try:
            data = entry.read(most_bytes)
        except UNREADABLE as error:
            name = one_line(str(entry.path), 80)
            raise InputError(f"“{name}” cannot be unpacked ({reason(error)}). {_ADVICE}") from error
        yield None, data


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
    parts = read_confined(unpacked, name, _ADVICE, cpu_s=_CPU_S, path=where, most_bytes=most_bytes)
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
def open_archive(path: Path, most_bytes: int = MAX_TOTAL_BYTES) -> Iterator[list[ArchiveEntry]]:
    """Opens a ZIP archive and gives the files in it that are not hidden.

    It is refused as a whole if an entry would leave it, is a link, is encrypted, or unfolds
    suspiciously; ``__MACOSX`` and dotfiles are left out.

    Args:
        path: Where it lies.
        most_bytes: Of all files together, unpacked.

    Raises:
        InputError: No such file, no archive, or a refused one.
    """
    with _opened(path) as archive:
        infos = _checked(one_line(path.name), archive.infolist(), most_bytes)
        yield [_ZipEntry(archive, info) for info in infos]


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    name = one_line(path.name)
    try:
        with (
            _Sparing(open_file(path)) as file,
            zipfile.ZipFile(file) as archive,
        ):
            yield archive
    except FileNotFoundError as error:
        raise InputError(f"There is no file “{one_line(str(path))}”. Check the path.") from error
    except UNREADABLE as error:
        raise InputError(
            f"“{name}” is not a ZIP archive that can be read ({reason(error)}). "
            "Pack the pictures again."
        ) from error


class _Sparing(io.BufferedReader):
    """Refuses the one huge read by which an archive's directory is loaded into memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > 2**20:
            raise zipfile.BadZipFile("it lists too many entries")
        return super().read(size)


def _checked(name: str, infos: Sequence[zipfile.ZipInfo], most_bytes: int) -> list[zipfile.ZipInfo]:
    if len(infos) > MAX_ENTRIES:
        raise InputError(
            f"“{name}” has {len(infos)} entries; at most {MAX_ENTRIES} are read. "
            "Pack just the pictures."
        )
    problems = [
        f"{one_line(info.filename, 80) or 'An entry'} {reason}"
        for info in infos
        if (reason := _why_unsafe(info) if info.filename else "has no name.") is not None
    ]
    named = [info for info in infos if info.filename]  # zipfile fails on one without a name
    kept = [info for info in named if not info.is_dir() and not _is_hidden(info.filename)]
    if sum(info.file_size for info in kept) > most_bytes:
        problems.append(f"Unpacked, it has more than {most_bytes >> 20} MiB.")
    if problems:
        raise InputError(f"“{name}” is refused. Pack just the pictures, as a plain ZIP:", problems)
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
