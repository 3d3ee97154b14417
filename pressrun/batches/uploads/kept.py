"""What people upload: checked as it comes in, kept by digest, read by reference, cleaned.

A batch's parameters name an upload ``upload:SHA256/mug.jpg`` wherever a path or an address of a
picture, table, text, archive or own slides may stand.
"""

import hashlib
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from pressrun.boundary.files import downloads, open_file, reason
from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import UploadReference, clean_name, digest_of
from pressrun.errors import InputError
from pressrun.inputs.archive import ArchivedFile, list_archive
from pressrun.inputs.content import (
    HEAD,
    MAX_ARCHIVE_BYTES,
    FileType,
    checked_type,
    expected_type,
    too_large,
)
from pressrun.inputs.photos import natural_order
from pressrun.pictures.kinds import SUFFIXES
from pressrun.pictures.picture import MAX_BYTES
from pressrun.settings import settings
from pressrun.stores.factory import Target, folder_target, scheme_of
from pressrun.stores.uploads.places import KeptFile, UploadPlace, open_upload_place
from pressrun.stores.uploads.reader import CHUNK, MOST_BATCH_BYTES, UploadReader, too_much

#: After nothing names it any more.
KEPT_S = 30 * 24 * 3600.0
_BLOCK = "result-store/"
#: Files that are looked at together: each is in memory then.
_looking = threading.BoundedSemaphore(4)


class Stream(Protocol):
    """What a file's bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Gives the next bytes, at most so many; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is kept.

    Attributes:
        sha256: Digest of its bytes, in hex.
        name: What it is called: the last part of what it was called, with an ending that fits.
        size: In bytes.
        media_type: What it is, by what stands in it.
    """

    sha256: str
    name: str
    size: int
    media_type: str

    @property
    def reference(self) -> str:
        """What names it in a parameter."""
        return str(UploadReference(self.sha256, self.name))


@dataclass(frozen=True, slots=True)
class UnpackedPhotos:
    """The photos of an archive.

    Attributes:
        photos: In the archive's order.
        left_out: In a sentence each what of it is none.
        folders: For references of photos the folder in the archive that they lay in.
    """

    photos: list[Upload]
    left_out: list[str]
    folders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What of the uploads is kept and what goes.

    Attributes:
        named: Those that something names.
        waiting: Those that nothing names, kept for their 30 days.
        removed: Those whose days are over.
    """

    named: list[KeptFile]
    waiting: list[KeptFile]
    removed: list[KeptFile]


class Uploads(UploadReader):
    """All uploads of one place. One instance serves many threads.

    Args:
        place: Where they lie; :func:`open_uploads` opens the place of the settings.
    """

    def __init__(self, place: UploadPlace):
        super().__init__(place)
        self.place = place.name

    def put(self, name: str, stream: Stream) -> Upload:
        """Keeps a file; nothing of it if anything is wrong with it.

        Args:
            name: What a browser or a person calls it; only its last part is used.
            stream: Its bytes, which are never whole in memory unless they are a picture or text.

        Raises:
            InputError: It is nothing that is read, damaged or too large.
            StoreError: It cannot be kept.
        """
        name = clean_name(name)
        head = _head(stream)
        expected = expected_type(head, name)
        with self._place.part(name) as part:
            sha256, size = _write(part, head, stream, name, expected)
            with _looking:
                kind = checked_type(part, name, expected)
            self._place.keep(part, sha256, kind.media_type)
        return Upload(sha256, clean_name(kind.name(name)), size, kind.media_type)

    def put_file(self, path: Path) -> Upload:
        """Keeps a file of this machine; see :meth:`put`.

        Raises:
            InputError: As :meth:`put`, or it cannot be read.
            StoreError: As :meth:`put`.
        """
        with ExitStack() as stack:
            try:
                file = stack.enter_context(open_file(path))
            except (OSError, ValueError) as error:
                raise InputError(
                    f"{one_line(str(path))} cannot be read: {reason(error)}."
                ) from error
            return self.put(path.name, file)

    def unpack(self, archive: Upload) -> UnpackedPhotos:
        """Keeps each photo of a ZIP archive that was uploaded, 2 before 10.

        Raises:
            InputError: It is refused as a whole, is no archive, or is no longer kept.
            StoreError: A photo cannot be kept.
        """
        with self.copied(archive.reference) as path:
            photos, left_out, folders = [], [], dict[str, str]()
            entries = list_archive(path, MAX_ARCHIVE_BYTES)
            for entry in sorted(entries, key=lambda entry: natural_order(str(entry.path))):
                try:
                    photos.append(photo := self._put_photo(entry))
                    folders[photo.reference] = entry.path.parent.as_posix()
                except InputError as error:
                    left_out.append(f"Left out: {error}")
        return UnpackedPhotos(photos, left_out, folders)

    def _put_photo(self, entry: ArchivedFile) -> Upload:
        name = one_line(str(entry.path), 80)
        if entry.path.suffix.lower() not in SUFFIXES:
            raise InputError(f"“{name}” is no picture that is read.")
        if entry.size > MAX_BYTES:
            raise InputError(f"“{name}” has more than {MAX_BYTES // 2**20} MiB. Scale it down.")
        return self.put(entry.path.name, BytesIO(entry.read(MAX_BYTES)))

    @contextmanager
    def copied(self, reference: str) -> Iterator[Path]:
        """Copies an upload to this machine for a while; gives the path.

        Raises:
            InputError: As :meth:`open`.
            StoreError: As :meth:`open`.
        """
        with TemporaryDirectory(prefix="upload-", dir=downloads()) as folder:
            yield self.copy(reference, Path(folder))

    def require_fit(self, references: Collection[str]) -> int:
        """Sums the bytes of a batch's uploads.

        Raises:
            InputError: They are more than one batch takes.
            StoreError: The place of uploads cannot be asked.
        """
        if (size := self.total(references)) > MOST_BATCH_BYTES:
            raise too_much(size)
        return size

    def survey(self, named: Collection[str], now: float) -> CleanUp:
        """Says what :meth:`clean` would do; removes no upload."""
        return _sorted(self._place, named, now)[0]

    def clean(self, named: Collection[str], now: float) -> CleanUp:
        """Removes what nothing has named for 30 days, and nothing that is named.

        Args:
            named: Digests, or references; :func:`pressrun.batches.uploads.find_named` finds all.
            now: Unix time.

        Raises:
            StoreError: The place of uploads cannot be read or written.
        """
        found, times = _sorted(self._place, named, now)
        if times or found.removed:
            self._place.remember(times)
        removed = [kept for kept in found.removed if self._place.remove(kept)]
        return CleanUp(found.named, found.waiting, removed)


def open_uploads() -> Uploads:
    """Opens the uploads where the settings say; connects to nothing yet.

    Raises:
        SettingError: The place cannot be used.
    """
    own = settings().data.expanduser() / "uploads"
    target = _target(settings().uploads.strip() or str(own))
    return Uploads(open_upload_place(target, own / ".parts"))


def _target(place: str) -> Target:
    if place.startswith(_BLOCK):
        # Loads Prefect, which only a place that a block describes is worth.
        from pressrun.blocks import target_named  # noqa: PLC0415

        target = target_named(place.removeprefix(_BLOCK), "")
        return replace(target, address=f"{target.address.rstrip('/')}/uploads")
    if scheme_of(place) == "folder":
        return folder_target(Path(place))
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    return Target(place, s3_client=partial(_s3_client, endpoint), endpoint_url=endpoint)


def _s3_client(endpoint: str, config: Mapping[str, Any]) -> Any:
    """Makes a client with the keys of the environment, as a store without a block's has them."""
    import boto3  # noqa: PLC0415 - SDK
    from botocore.config import Config  # noqa: PLC0415 - SDK

    return boto3.client("s3", config=Config(**config), endpoint_url=endpoint or None)


def _head(stream: Stream) -> bytes:
    head = b""
    while len(head) < HEAD and (piece := stream.read(HEAD - len(head))):
        head += piece
    return head


def _write(
    part: Path, head: bytes, stream: Stream, name: str, expected: FileType
) -> tuple[str, int]:
    """Writes a stream to a new file; gives its digest and size."""
    digest, size, piece = hashlib.sha256(), 0, head
    with part.open("xb") as file:
        while piece:
            size += len(piece)
            if size > expected.most_bytes:
                raise too_large(name, expected)
            digest.update(piece)
            file.write(piece)
            piece = stream.read(CHUNK)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _sorted(
    place: UploadPlace, named: Collection[str], now: float
) -> tuple[CleanUp, dict[str, float]]:
    """Sorts what is kept; gives that, and when each file that stays was last named."""
    digests = {digest_of(one) for one in named}
    times, found = place.times(), CleanUp([], [], [])
    last: dict[str, float] = {}
    for kept in place.list():
        at = now if kept.sha256 in digests else max(kept.at, times.get(kept.sha256, 0.0))
        over = at < now - KEPT_S
        group = found.named if kept.sha256 in digests else found.removed if over else found.waiting
        group.append(kept)
        if not over:
            last[kept.sha256] = at
    return found, last
