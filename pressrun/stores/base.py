"""What every destination promises.

A store puts whole files under a batch's root, tells the link and reads the digest back. It
knows neither items nor calls, and it never retries: the run does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to deliver.

    Attributes:
        path: Where it goes, ``/``-separated, below the store.
        source: The file that holds its bytes.
        media_type: As HTTP names it.
        sha256: Digest of the bytes, in hex.
    """

    path: str
    source: Path
    media_type: str
    sha256: str


class Store(Protocol):
    """A destination. One instance serves many threads."""

    destination: str

    def check(self) -> None:
        """Raises :class:`~pressrun.errors.StoreError` if nothing can be delivered here."""
        ...

    def put(self, parcel: Parcel, *, replace: bool = False) -> str:
        """Delivers a file, reads its digest back and returns its link.

        Delivering twice leaves one file. A file of the same path and other bytes is replaced
        only where ``replace`` says so (a report that is written anew).

        Raises:
            StoreError: It did not arrive as it is; nothing half-written stands in its place.
        """
        ...

    def link(self, path: str) -> str:
        """Where a person finds the file or folder of that path."""
        ...
