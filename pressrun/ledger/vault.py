"""Where paid bytes lie until they are delivered: files named by their digest.

A file's name is its SHA-256, so writing twice is harmless and every reading checks the bytes: a
file that a power cut left incomplete is never taken for a whole one.
"""
# ruff: noqa: PTH105, PTH123 - making a Path takes longer than opening the file

import hashlib
import os
import shutil
import threading
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from pressrun.boundary.files import make_private
from pressrun.errors import VaultError


class Vault:
    """The folder of one batch's bytes.

    Args:
        folder: Made when the first bytes arrive.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._folder = str(folder)

    def put(self, data: bytes) -> str:
        """Keeps the bytes, durably; returns their SHA-256 in hex.

        Raises:
            VaultError: The disk is full or not writable. Nothing half-written remains.
        """
        digest = hashlib.sha256(data).hexdigest()
        place = self._place(digest)
        try:
            if not _holds(place, data):
                _write(place, data)
        except OSError as error:
            raise VaultError(
                f"{len(data)} bytes could not be kept in {self.folder}: {error.strerror or error}. "
                "Free some space."
            ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """Reads the bytes of that digest, and checks them.

        Raises:
            VaultError: They are missing or damaged.
        """
        try:
            data = _read(self._place(digest))
        except OSError as error:
            raise VaultError(f"{digest[:12]} is missing from {self.folder}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise VaultError(f"{digest[:12]} in {self.folder} is damaged.")
        return data

    def path(self, digest: str) -> Path:
        """Gives the path at which the bytes of that digest lie, or would."""
        return Path(self._place(digest))

    def clear(self, keep: Collection[str] = ()) -> None:
        """Removes the batch's folder, but for the bytes of these digests."""
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        for path in self.folder.glob("*/*"):
            if path.name not in keep:
                path.unlink(missing_ok=True)

    def _place(self, digest: str) -> str:
        return f"{self._folder}/{digest[:2]}/{digest}"


def _holds(place: str, data: bytes) -> bool:
    try:
        return _read(place) == data
    except FileNotFoundError:
        return False


def _read(place: str) -> bytes:
    with open(place, "rb", buffering=0) as file:
        return file.readall()


def _opened(part: str, folder: str) -> BinaryIO:
    """Opens a new file; makes its folder only after a failure, since it is seldom missing."""
    try:
        return open(part, "wb", opener=_private)
    except FileNotFoundError:
        make_private(Path(folder))
        return open(part, "wb", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(place: str, data: bytes) -> None:
    # Two items may have the same bytes at once: each writes its own file and renames it, so
    # that neither reads, or on failure removes, what the other has half-written.
    folder, name = os.path.split(place)
    part = f"{folder}/.{name}.{os.getpid()}-{threading.get_ident()}.part"
    try:
        with _opened(part, folder) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
