"""Where paid bytes lie until they are delivered: files named by their digest.

A file's name is its SHA-256, so writing twice is harmless and every reading checks the bytes: a
file that a power cut left incomplete is never taken for a whole one. Where other machines may go
on with a batch, a second place keeps what they need; what that is, is decided by who makes it.
"""
# ruff: noqa: PTH105, PTH123 - making a Path takes longer than opening the file

import hashlib
import os
import shutil
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from pressrun.boundary.files import make_private
from pressrun.errors import VaultError

#: What bytes are: a report that is written anew by anybody, an answer or other text, a picture that
#: was planned with, or one that was paid.
Use = Literal["report", "text", "source", "paid"]


def use_of(media_type: str) -> Use:
    """Says what a made file or an answer of that type is."""
    return "text" if media_type.startswith(("text/", "application/json")) else "paid"


class SecondPlace(Protocol):
    """Keeps bytes of one batch where other machines can read them."""

    def put(self, digest: str, data: bytes, use: Use, path: Path) -> None:
        """Keeps bytes as their use asks for; they lie at the path on this machine already."""
        ...

    def get(self, digest: str) -> bytes | None:
        """Reads bytes; None if they are gone. Raises where they may be there all the same."""
        ...

    def texts(self) -> list[bytes]:
        """Reads all texts."""
        ...

    def clear(self, keep: Collection[str] = ()) -> None:
        """Removes everything, but for the bytes of these digests."""
        ...


class Vault:
    """The folder of one batch's bytes on this machine, with a second place if others need them.

    Args:
        folder: Made when the first bytes arrive.
        second: Where other machines can read them; None where there are none.

    Attributes:
        second: The same.
    """

    def __init__(self, folder: Path, second: SecondPlace | None = None):
        self.folder = folder
        self._folder = str(folder)
        self.second = second

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vault) and other._folder == self._folder

    def __hash__(self) -> int:
        return hash(self._folder)

    def put(self, data: bytes, use: Use = "report") -> str:
        """Keeps the bytes, durably; returns their SHA-256 in hex.

        Raises:
            VaultError: The disk is full or not writable. Nothing half-written remains.
            StoreError: A source could not be written to the second place.
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
        if self.second and use != "report":
            self.second.put(digest, data, use, Path(place))
        return digest

    def get(self, digest: str) -> bytes:
        """Reads the bytes of that digest, from wherever they lie, and checks them.

        Raises:
            VaultError: They are gone: missing or damaged, and in no second place.
            StoreError: The second place cannot be reached.
        """
        try:
            return self.held(digest)
        except VaultError:
            data = self.second.get(digest) if self.second else None
            if data is None:
                raise
        with suppress(OSError):  # it is read again the next time
            _write(self._place(digest), data)
        return data

    def has(self, digest: str) -> bool:
        """Says whether the bytes can be had; those of another machine are brought here."""
        if os.path.exists(self._place(digest)):  # noqa: PTH110
            return True
        try:
            self.get(digest)
        except VaultError:
            return False
        return True

    def held(self, digest: str) -> bytes:
        """Reads the bytes of that digest on this machine alone, and checks them.

        Raises:
            VaultError: They are missing or damaged here.
        """
        try:
            data = _read(self._place(digest))
        except OSError as error:
            raise VaultError(f"{digest[:12]} is missing from {self.folder}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise VaultError(f"{digest[:12]} in {self.folder} is damaged.")
        return data

    def here(self, digest: str) -> Path | None:
        """Gives the path of the bytes of that digest on this machine, if they are here."""
        place = Path(self._place(digest))
        return place if place.exists() else None

    def path(self, digest: str) -> Path:
        """Gives the path at which the bytes of that digest lie, or would.

        Those of another machine are brought here.
        """
        if self.second:
            self.has(digest)
        return Path(self._place(digest))

    def texts(self, head: bytes) -> list[bytes]:
        """Reads all texts that begin so, of this machine and of others."""
        found = {}
        for file in sorted(self.folder.glob("??/[!.]*")):
            with file.open("rb") as opened:
                if opened.read(len(head)) == head:
                    found[file.name] = head + opened.read()
        others = self.second.texts() if self.second else []
        for text in others:
            if text.startswith(head):
                found.setdefault(hashlib.sha256(text).hexdigest(), text)
        return list(found.values())

    def clear(self, keep: Collection[str] = ()) -> None:
        """Removes the batch's bytes, here and in the second place, but for those of these digests.

        Raises:
            StoreError: The second place refuses.
        """
        self.clear_here(keep)
        if self.second:
            self.second.clear(keep)

    def clear_here(self, keep: Collection[str] = ()) -> None:
        """Removes the batch's folder on this machine, but for the bytes of these digests."""
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
