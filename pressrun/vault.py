"""Where paid bytes lie until they are delivered: files named by their digest.

A file's name is its SHA-256, so writing twice is harmless and reading checks itself: a file
that a power cut left torn is never taken for whole.
"""

import hashlib
import os
import shutil
import threading
from pathlib import Path

from pressrun.errors import VaultError


class Vault:
    """The folder of one batch's bytes.

    Args:
        folder: Made when the first bytes arrive.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keeps the bytes, durably; returns their SHA-256 in hex.

        Raises:
            VaultError: The disk is full or not writable. Nothing half-written remains.
        """
        digest = hashlib.sha256(data).hexdigest()
        place = self.path(digest)
        try:
            if not _holds(place, digest):
                _write(place, data)
        except OSError as error:
            raise VaultError(
                f"{len(data)} bytes could not be kept in {self.folder}: {error.strerror or error}. "
                "Free some space."
            ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that digest, checked.

        Raises:
            VaultError: They are missing or damaged.
        """
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise VaultError(f"{digest[:12]} is missing from {self.folder}.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise VaultError(f"{digest[:12]} in {self.folder} is damaged.")
        return data

    def path(self, digest: str) -> Path:
        """Where the bytes of that digest lie, or would."""
        return self.folder / digest[:2] / digest

    def clear(self) -> None:
        """Removes the batch's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _holds(place: Path, digest: str) -> bool:
    try:
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def _write(place: Path, data: bytes) -> None:
    # Two items may bring the same bytes at once: each writes its own file and renames it, so
    # that neither reads, or on failure removes, what the other has half-written.
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
