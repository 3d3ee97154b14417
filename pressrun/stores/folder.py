"""A folder on this machine, or one that is mounted here."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel, Stored


class FolderStore:
    """Delivers into a folder by atomic rename.

    Args:
        folder: Made when the first file arrives.
    """

    def __init__(self, folder: Path):
        self.folder = folder.expanduser().absolute()
        self.destination = str(self.folder)

    def check(self) -> None:
        """Makes the folder and tries to write into it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / ".pressrun-probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise self._refusal(self.folder, error) from error

    def put(self, parcel: Parcel, *, replace: bool = False) -> str:
        """As :meth:`Store.put`."""
        place = self._place(parcel.path)
        try:
            if place.exists():
                if _digest(place) == parcel.sha256:
                    return place.as_uri()
                if not replace:
                    raise StoreError(
                        f"{place} exists with other content and is left as it is. Move it away "
                        "and retry.",
                        kind="conflict",
                        retryable=False,
                    )
            data = parcel.source.read_bytes()
            if hashlib.sha256(data).hexdigest() != parcel.sha256:
                raise StoreError(f"{parcel.source} is damaged and cannot be delivered.")
            place.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(place, data)
            if _digest(place) != parcel.sha256:
                raise StoreError(f"{place} does not read back as it was written.")
        except OSError as error:
            raise self._refusal(place, error) from error
        return place.as_uri()

    def link(self, path: str) -> str:
        """The ``file:`` URL."""
        return self._place(path).as_uri()

    def list(self, root: str) -> Iterator[Stored]:
        """As :meth:`Store.list`."""
        for place in sorted(self._place(root).rglob("*")):
            if place.is_file() and not place.is_symlink():
                path = place.relative_to(self.folder).as_posix()
                yield Stored(path, place.stat().st_size, {"sha256": _digest(place)})

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """As :meth:`Store.open`."""
        place = self._place(path)
        try:
            with place.open("rb") as file:
                yield file
        except OSError as error:
            raise StoreError(f"{place} cannot be read: {error.strerror or error}.") from error

    def remove(self, path: str) -> None:
        """As :meth:`Store.remove`."""
        place = self._place(path)
        try:
            place.unlink(missing_ok=True)
            for folder in place.parents:
                if folder == self.folder or any(folder.iterdir()):
                    return
                folder.rmdir()
        except OSError as error:
            raise StoreError(f"{place} cannot be removed: {error.strerror or error}.") from error

    @cached_property
    def _within(self) -> str:
        return os.path.realpath(self.folder) + os.sep

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts:
            raise StoreError(f"{path!r} is no path below {self.folder}.", retryable=False)
        place = self.folder.joinpath(*parts)
        # A link inside the folder could lead out of it.
        if not (os.path.realpath(place.parent) + os.sep).startswith(self._within):
            raise StoreError(f"{path!r} leaves {self.folder} through a link.", retryable=False)
        return place

    def _refusal(self, place: Path, error: OSError) -> StoreError:
        return StoreError(
            f"{place} cannot be written: {error.strerror or error}. Free some space or choose "
            "another folder, then retry: nothing is paid again."
        )


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_whole(place: Path, data: bytes) -> None:
    """Writes a file so that it is either absent or whole, also after a power cut."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, 0o644)
            os.fsync(handle)
        os.replace(name, place)  # noqa: PTH105 - the hot path of small files
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    # The rename itself lives in the folder; without this a power cut can undo it.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
