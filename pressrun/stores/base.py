"""What every destination promises.

A store puts whole files under a batch's root, gives the link and reads the digest back. It
knows neither items nor calls, and it never retries: the run does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to deliver.

    Attributes:
        path: Where it goes, ``/``-separated, below the store.
        source: The file that holds its bytes.
        media_type: As HTTP names it.
        sha256: Digest of the bytes, in hex.
        labels: What the destination keeps beside the file (``batch``, ``item``), if it can.
    """

    path: str
    source: Path
    media_type: str
    sha256: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as the destination states it.

    Attributes:
        path: As in :class:`Parcel`.
        bytes: Its size.
        digests: By algorithm, in hex: ``sha256`` or ``md5``, whichever the destination knows.
        written_at: Unix time at which it was last written; 0 where the destination does not say.
    """

    path: str
    bytes: int
    digests: Mapping[str, str]
    written_at: float = 0.0


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that somebody put at the destination; ``open`` streams it."""

    name: str
    bytes: int
    open: Callable[[], AbstractContextManager[BinaryIO]]


def unthrottled() -> None:
    """Waits for nothing: no rate limit applies."""


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """What a refusal comes to: a kind for machines, a sentence for people.

    The sentence may have fields, which whoever makes the error fills in.
    """

    kind: str
    sentence: str
    retryable: bool = False


def is_of_same_item(labels: Mapping[str, str], parcel: Parcel) -> bool:
    """Says whether what has these labels is an earlier state of the parcel, by batch and item."""
    mine = (parcel.labels.get("batch"), parcel.labels.get("item"))
    return all(mine) and mine == (labels.get("batch"), labels.get("item"))


class Store(Protocol):
    """A destination. One instance serves many threads."""

    destination: str

    def check(self) -> None:
        """Checks that files can be delivered; raises a ``StoreError`` if not."""
        ...

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """Delivers a file, has its digest confirmed and returns its link.

        Delivering twice leaves one file. A file of the same path and other bytes is replaced
        only where ``replace`` says so (a report that is written anew), or where the destination
        keeps labels and these say that it is of the same batch and item: another process wrote it
        that has lost the batch since. ``throttle`` is called, and may sleep, before each file or
        folder that is made there.

        Raises:
            StoreError: It did not arrive as it is; nothing half-written stands in its place.
                Kind ``conflict``: other bytes stand there. Kind ``throttled``: too fast; the
                error says for how long to wait. ``retryable`` says whether waiting helps.
        """
        ...

    def link(self, path: str) -> str:
        """Gives a person's link to the file, or to the folder if the path ends in a slash."""
        ...

    def list(self, root: str) -> Iterator[Stored]:
        """Lists the files below a batch's root, in any order; none if there is no such root."""
        ...

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Opens a file as a stream of bytes that is never whole in memory."""
        ...

    def remove(self, path: str) -> None:
        """Removes a file, and folders that it leaves empty below its root; it may be absent."""
        ...
