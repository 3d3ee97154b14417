"""A folder on this machine, or one that is mounted here."""
# ruff: noqa: PTH101, PTH102, PTH103, PTH105, PTH112, PTH116, PTH120, PTH123 - making a Path takes longer than opening the file

import errno
import hashlib
import os
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote_from_bytes

from pressrun.boundary.files import folder_named, open_file
from pressrun.errors import InputError, StoreError
from pressrun.stores.base import Parcel, Stored, unthrottled


class FolderStore:
    """Delivers into a folder by atomic rename.

    Args:
        folder: Made when the first file arrives.
            Whoever may read this folder may read what is delivered into it.
        link: Whether a delivered file may be the vault's own, under a second name, where both lie
            on one file system. The kernel then copies nothing; whoever edits such a file in place
            edits the vault's too, so it is for a vault that is cleaned.
    """

    def __init__(self, folder: Path, *, link: bool = False):
        self._link = link
        self.folder = folder_named(folder)
        self.destination = str(self.folder)

    def check(self) -> None:
        """Makes the folder; writes a small file into it, reads it back and removes it."""
        probe, data = self.folder / f".pressrun-probe-{uuid.uuid4().hex}", b"Pressrun was here."
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                probe.write_bytes(data)
                same = probe.read_bytes() == data
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise self._refusal(self.folder, error) from error
        if not same:
            raise StoreError(f"A file in {self.folder} does not read back as it was written.")

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """Delivers a file; see :meth:`Store.put`."""
        place = self._place(parcel.path)
        throttle()
        try:
            standing = _digest(place)
            if standing is not None and standing != parcel.sha256 and not replace:
                raise StoreError(
                    f"{place} exists with other content and is left as it is. Move it away "
                    "and retry.",
                    kind="conflict",
                    retryable=False,
                )
            if standing != parcel.sha256:
                readers = _readers(self.folder)
                _deliver(parcel, place, readers, link=self._link)
        except OSError as error:
            raise self._refusal(place, error) from error
        return _uri(place)

    def link(self, path: str) -> str:
        """Gives the ``file:`` URL."""
        return _uri(self._place(path))

    def list(self, root: str) -> Iterator[Stored]:
        """Lists the files of a batch; see :meth:`Store.list`."""
        for place in sorted(Path(self._place(root)).rglob("*")):
            if place.is_file() and not place.is_symlink():
                path = place.relative_to(self.folder).as_posix()
                yield Stored(path, place.stat().st_size, {"sha256": _digest(str(place)) or ""})

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Opens a file; see :meth:`Store.open`."""
        place = self._place(path)
        try:
            file = open_file(place)
        except FileNotFoundError as error:
            text = f"{place} is not there (any more)."
            raise StoreError(text, kind="not_found", retryable=False) from error
        except InputError as error:
            raise _no_file(place, error) from error
        except OSError as error:
            raise StoreError(f"{place} cannot be read: {error.strerror or error}.") from error
        with file:
            yield file

    def remove(self, path: str) -> None:
        """Removes a file; see :meth:`Store.remove`."""
        place = Path(self._place(path))
        try:
            place.unlink(missing_ok=True)
            for folder in place.parents:
                if folder == self.folder or not _removed_if_empty(folder):
                    return
        except OSError as error:
            raise StoreError(f"{place} cannot be removed: {error.strerror or error}.") from error

    def _place(self, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts:
            raise StoreError(
                f"{path!r} is no path below {self.folder}.", kind="bad_path", retryable=False
            )
        _, *folders, place = accumulate(parts, "{}/{}".format, initial=self.destination)
        # A link inside the folder could lead out of it; the folder itself may be one.
        if any(map(os.path.islink, folders)) and self._leads_out(folders[-1]):
            raise StoreError(
                f"{path!r} leaves {self.folder} through a link.", kind="bad_path", retryable=False
            )
        return place

    def _leads_out(self, folder: str) -> bool:
        within = os.path.realpath(self.folder) + os.sep
        return not f"{os.path.realpath(folder)}/".startswith(within)

    def _refusal(self, place: Path | str, error: OSError) -> StoreError:
        return StoreError(
            f"{place} cannot be written: {error.strerror or error}. Free some space or choose "
            "another folder, then retry: nothing is paid again."
        )


def _removed_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True  # by another thread
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _uri(place: str) -> str:
    return "file://" + quote_from_bytes(os.fsencode(place))


def _digest(place: str) -> str | None:
    """Computes the file's digest; None if there is no file."""
    try:
        with open_file(place) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except InputError as error:
        raise _no_file(place, error) from error


def _no_file(place: str, error: InputError) -> StoreError:
    folder = os.path.dirname(place)
    return StoreError(f"In {folder}: {error}", kind="conflict", retryable=False)


def _readers(folder: Path) -> int:
    """Gives the mode that folders in a destination get: its own, without writing for everybody.

    The destination is made if it is missing.
    """
    try:
        mode = os.stat(folder).st_mode
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        mode = os.stat(folder).st_mode
    return mode & (0o2755 if mode & stat.S_ISVTX else 0o2775)


def _make_folder(folder: str, mode: int) -> None:
    """Makes a folder below a destination, and those above it, with the destination's mode."""
    if os.path.isdir(folder):
        return
    _make_folder(os.path.dirname(folder), mode)
    try:
        os.mkdir(folder)
    except FileExistsError:
        if os.path.isdir(folder):
            return  # another thread made it
        raise
    _set_mode(folder, mode)  # mkdir's own mode is cut by the umask


def _set_mode(place: str, mode: int) -> None:
    # A mounted share or a memory card may have no modes of its own: whoever mounts it decides.
    with suppress(OSError):
        os.chmod(place, mode)


def _deliver(parcel: Parcel, place: str, readers: int, *, link: bool) -> None:
    """Makes the file so that it is either absent or whole and right, also after a power cut."""
    folder = os.path.dirname(place)
    _make_folder(folder, readers)
    part = f"{folder}/.{uuid.uuid4().hex}.part"
    try:
        if not (link and _linked(parcel.source, part)):
            _copy(parcel, part)
        _set_mode(part, readers & 0o644)
        if _digest(part) != parcel.sha256:
            raise _damage(parcel, place)
        os.replace(part, place)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    _sync(folder)  # the rename itself is kept in the folder; a power cut could undo it


def _linked(source: Path, part: str) -> bool:
    try:
        os.link(source, part)
    except OSError:
        return False  # another file system, or one without links; or no such file: a copy says so
    return True


def _copy(parcel: Parcel, part: str) -> None:
    with open(part, "xb") as file:
        file.write(_source(parcel))
        file.flush()
        os.fsync(file.fileno())


def _source(parcel: Parcel) -> bytes:
    try:
        with open(parcel.source, "rb", buffering=0) as file:
            return file.readall()
    except OSError as error:
        text = f"{parcel.source} cannot be read: {error.strerror or error}."
        raise StoreError(text, kind="no_source", retryable=False) from error


def _damage(parcel: Parcel, place: str) -> StoreError:
    # The bytes were not hashed before they were written: either may be damaged.
    if _digest(str(parcel.source)) != parcel.sha256:
        text = f"{parcel.source} is damaged and cannot be delivered."
        return StoreError(text, kind="damaged_source", retryable=False)
    return StoreError(f"{place} does not read back as it was written.")


def _sync(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
