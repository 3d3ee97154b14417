"""Where paid bytes lie until they are delivered: files named by their digest.

A file in the vault is whole: it is written beside its place, synced, and renamed. Its name is
its SHA-256, so writing twice is harmless and reading checks itself.
"""

import hashlib
import os
import shutil
import tempfile
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
        if place.exists():
            return digest
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_durably(place, data)
        except OSError as error:
            raise VaultError(
                f"{len(data)} bytes could not be kept in {self.folder}: {error.strerror or error}. "
                "Free some space; what is paid is asked for again from the ledger, not the model."
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

    def has(self, digest: str) -> bool:
        """Whether the bytes are here (not whether they are whole: ``get`` tells)."""
        return self.path(digest).exists()

    def path(self, digest: str) -> Path:
        """Where the bytes of that digest lie, or would."""
        return self.folder / digest[:2] / digest

    def clear(self) -> None:
        """Removes the batch's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_durably(place: Path, data: bytes) -> None:
    """Writes a file so that it is either absent or whole, also after a power cut.

    Raises:
        OSError: As the system says; the temporary file is gone.
    """
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(place)
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
