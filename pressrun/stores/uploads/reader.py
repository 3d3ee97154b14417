"""Uploads as what reads them needs them: by reference, each byte compared with the digest."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import UploadReference, digest_of
from pressrun.errors import InputError, StoreError
from pressrun.stores.uploads.places import UploadPlace

CHUNK = 2**20
#: Of all uploads that one batch names.
MOST_BATCH_BYTES = 500 * 2**20
_AT_ONCE = 16


class UploadReader:
    """Reads uploads.

    Args:
        place: Where they lie.
    """

    def __init__(self, place: UploadPlace):
        self._place = place

    @contextmanager
    def open(self, reference: str) -> Iterator[BinaryIO]:
        """Opens an upload as a stream, never whole in memory.

        Its last read raises a StoreError if the bytes are not those that were uploaded.

        Raises:
            InputError: It is no reference, or the upload is no longer kept.
            StoreError: It cannot be read.
        """
        named = UploadReference.parse(reference)
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(self._place.open(named.sha256))
            except StoreError as error:
                if error.kind == "not_found":
                    raise self._gone(named) from error
                raise
            yield cast("BinaryIO", io.BufferedReader(_Compared(stream, named), CHUNK))

    def read(self, reference: str, limit: int) -> bytes:
        """Reads an upload that has at most ``limit`` bytes.

        Raises:
            InputError: As :meth:`open`, or it is longer.
            StoreError: As :meth:`open`.
        """
        with self.open(reference) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            name = one_line(UploadReference.parse(reference).name, 80)
            raise InputError(f"“{name}” is over {limit // 2**20} MiB. Upload a smaller file.")
        return data

    def copy(self, reference: str, folder: Path) -> Path:
        """Copies an upload into a folder, under its name; gives the path.

        Raises:
            InputError: As :meth:`open`.
            StoreError: As :meth:`open`.
        """
        path = folder / UploadReference.parse(reference).name
        with self.open(reference) as stream, path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                out.write(chunk)
        return path

    def total(self, references: Iterable[str]) -> int:
        """Sums the bytes of uploads; those that are named twice count once.

        Args:
            references: Or bare digests. What is no longer kept counts nothing.

        Raises:
            StoreError: The place of uploads cannot be asked.
        """
        digests = [*{digest_of(one) for one in references} - {""}]
        with ThreadPoolExecutor(_AT_ONCE, "upload") as pool:
            return sum(kept.bytes for kept in pool.map(self._place.find, digests) if kept)

    def _gone(self, named: UploadReference) -> InputError:
        name = one_line(named.name, 80)
        if self._place.is_used:
            return InputError(
                f"“{name}” was uploaded and is no longer kept. Upload it again: drop it at the "
                "desk, or use `pressrun upload`.",
                kind="upload_gone",
            )
        return InputError(
            f"“{name}” was uploaded on another machine, and this one has no uploads. Set "
            "PRESSRUN_UPLOADS on both to the same s3://bucket/prefix, or to a folder that both "
            "have.",
            kind="upload_gone",
        )


class _Compared(io.RawIOBase):
    """A stream whose end is reached only if its bytes are those of the digest."""

    def __init__(self, stream: BinaryIO, named: UploadReference):
        self._stream, self._named = stream, named
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._digest.update(data)
        if not data and self._digest.hexdigest() != self._named.sha256:
            raise StoreError(
                f"“{one_line(self._named.name, 80)}” was damaged where uploads are kept. Upload it "
                "again.",
                kind="damaged_source",
                retryable=False,
            )
        buffer[: len(data)] = data
        return len(data)


def too_much(size: int) -> InputError:
    """Makes the error of a batch whose uploads are too large together."""
    return InputError(
        f"The uploads of this batch have {size / 2**20:,.0f} MiB together; at most "
        f"{MOST_BATCH_BYTES // 2**20} MiB are taken. Make the photos smaller, or split the batch."
    )
