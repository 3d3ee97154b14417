"""What goes to Drive and what comes back: a file's bytes, its MD5, its labels, a stream.

Knows neither ids nor folders.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel

if TYPE_CHECKING:
    from pressrun.stores.drive.client import DriveClient
    from pressrun.stores.drive.remote import Remote

#: https://developers.google.com/workspace/drive/api/guides/properties: key and value together.
PROPERTY_BYTES = 124
_MAX_PROPERTIES = 30
#: Above it, a file is sent in chunks and never whole in memory.
SMALL_BYTES = 5 * 1024 * 1024
_READ_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: bytes if they are few, else the file, and their MD5."""

    data: bytes | Path
    md5: str


class RemoteFile(io.RawIOBase):
    """A file in Drive, fetched in pieces as it is read."""

    def __init__(self, client: "DriveClient", there: "Remote"):
        self._client, self._there = client, there
        self._at, self._piece = 0, b""

    def readable(self) -> bool:
        """Says that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads the next bytes, 0 at the end; see :meth:`io.RawIOBase.readinto`."""
        if not self._piece and self._at < self._there.bytes:
            end = min(self._at + _READ_BYTES, self._there.bytes)
            self._piece = self._client.read(self._there.id, self._at, end)
            self._at += len(self._piece)
        count = min(len(buffer), len(self._piece))
        buffer[:count], self._piece = self._piece[:count], self._piece[count:]
        return count


def look_at(parcel: Parcel) -> Content:
    """Reads the source and checks its digest; only a small file's bytes are kept."""
    md5 = hashlib.md5(usedforsecurity=False)  # what Drive states
    sha256 = hashlib.sha256()
    try:
        with parcel.source.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                md5.update(piece)
                sha256.update(piece)
        is_small = parcel.source.stat().st_size <= SMALL_BYTES
        data = parcel.source.read_bytes() if is_small else parcel.source
    except OSError as error:
        text = f"{parcel.source} cannot be read: {error.strerror or error}."
        raise StoreError(text, kind="no_source", retryable=False) from error
    if sha256.hexdigest() != parcel.sha256:
        text = f"{parcel.source} is damaged and cannot be delivered."
        raise StoreError(text, kind="damaged_source", retryable=False)
    return Content(data, md5.hexdigest())


def properties(labels: Mapping[str, str]) -> dict[str, str]:
    """Cuts labels to what Drive can keep: long values are shortened, too many are left out."""
    kept = {}
    for key, value in islice(sorted(labels.items(), reverse=True), _MAX_PROPERTIES):
        room = PROPERTY_BYTES - len(key.encode())
        if room > 0:
            kept[key] = value.encode()[:room].decode(errors="ignore")
    return kept
