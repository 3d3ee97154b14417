"""A delivered batch as one ZIP file, streamed from its destination and checked on the way."""

import io
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from pressrun.batches.delivered import CHUNK, Delivered, Step, map_bounded, sha256_of, silent
from pressrun.errors import InputError, StoreError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.stores.retry import retry_store


@dataclass(frozen=True, slots=True)
class Export:
    """A ZIP file of a batch.

    Attributes:
        bytes: Size of the ZIP file.
        undelivered: Files of the batch that never arrived, so that they are not in it.
    """

    batch_id: str
    zip: str
    files: int
    bytes: int
    undelivered: int


def export(
    delivered: Delivered, target: Path, *, force: bool = False, step: Step = silent
) -> Export:
    """Writes every delivered file and report into a ZIP file, in the batch's folder.

    Pictures are stored as they are, texts compressed. No file is ever whole in memory; a few at
    a time lie beside the ZIP file until they are known to be whole.

    Raises:
        InputError: The target stands already or cannot be written, or nothing is delivered.
        StoreError: A file is missing, or differs from what was delivered. No ZIP file is left.
    """
    known = delivered.files()
    files = _arrived(known)
    if target.exists() and not force:
        raise InputError(f"{target} exists. Name another file, or replace it with --force.")
    try:
        with _whole_or_absent(target) as out:
            for _ in _write(delivered, files, out, target.absolute().parent, step):
                pass
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}.") from error
    size = target.stat().st_size
    return Export(delivered.batch.id, str(target), len(files), size, len(known) - len(files))


def stream(delivered: Delivered, scratch: Path) -> Iterator[bytes]:
    """Gives such a ZIP file piece by piece, as it is made.

    Args:
        delivered: The batch.
        scratch: A folder in which a few files at a time lie meanwhile.

    Raises:
        InputError: Nothing is delivered; before the first piece.
        StoreError: A file is missing, or differs from what was delivered: the pieces given so far
            are no whole ZIP file.
    """
    files = _arrived(delivered.files())

    def pieces() -> Iterator[bytes]:
        out = _Pieces()
        for _ in _write(delivered, files, cast("IO[bytes]", out), scratch, silent):
            yield from out.taken()
        yield from out.taken()

    return pieces()


class _Pieces(io.RawIOBase):
    """A file without an end: what is written waits until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        waiting, self._waiting = self._waiting, []
        yield from filter(None, [b"".join(waiting)])


def _arrived(known: Sequence[DeliveredFile]) -> list[DeliveredFile]:
    if files := [file for file in known if file.status == "verified"]:
        return files
    raise InputError("Nothing of the batch is delivered yet.")


@contextmanager
def _whole_or_absent(target: Path) -> Iterator[BufferedWriter]:
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write(
    delivered: Delivered, files: Sequence[DeliveredFile], out: IO[bytes], scratch: Path, step: Step
) -> Iterator[None]:
    """Writes the ZIP file; pauses after each piece, so that it can be taken."""
    root = delivered.batch.root.rpartition("/")[2]
    moment = time.localtime(delivered.batch.ended_at or delivered.batch.created_at)[:6]
    with (
        TemporaryDirectory(dir=scratch, prefix=".export-") as folder,
        closing(
            map_bounded(
                lambda file: _copied(delivered, file, folder), files, delivered.at_once, step
            )
        ) as copies,
        ZipFile(out, "w") as archive,
    ):
        for file, copy in zip(files, copies, strict=True):
            entry = ZipInfo(f"{root}/{file.path}", max(moment, (1980, 1, 1, 0, 0, 0)))
            entry.compress_type = _compression(file.media_type)
            entry.external_attr = 0o644 << 16
            entry.file_size = file.bytes  # decides whether the entry needs ZIP64
            with copy.open("rb") as data, archive.open(entry, "w") as into:
                while piece := data.read(CHUNK):
                    into.write(piece)
                    yield
            copy.unlink()


def _copied(delivered: Delivered, file: DeliveredFile, folder: str) -> Path:
    """Copies a file to the disk, since what is in a ZIP file stays there if a stream breaks."""
    with NamedTemporaryFile(dir=folder, delete=False) as copy:

        def fetch() -> str:
            copy.seek(0)
            copy.truncate()
            with delivered.store.open(delivered.path(file.path)) as stream:
                return sha256_of(stream, copy)

        if retry_store(fetch) != file.sha256:
            raise StoreError(
                f"{file.path} is not what was delivered. Mend the batch with `pressrun audit "
                "--repair`, then export it.",
                kind="changed",
                retryable=False,
            )
    return Path(copy.name)


def _compression(media_type: str) -> int:
    is_text = media_type.startswith("text/") or media_type == "application/json"
    return ZIP_DEFLATED if is_text else ZIP_STORED
