"""Where uploads lie: a folder, or a bucket that all workers reach. Knows digests, and no names."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol

from pressrun.boundary.files import folder_named, make_private, open_file
from pressrun.errors import SettingError, StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.factory import Target, open_s3
from pressrun.stores.retry import retry_store
from pressrun.stores.s3.store import S3Store

#: A part so old is of a process that has ended.
_PART_S = 24 * 3600.0
_PARTS, _TIMES, _LOCK = ".parts", "named.json", ".lock"
_MOST_TIMES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is kept: its digest, its size, and the Unix time of its last upload."""

    sha256: str
    bytes: int
    at: float


class UploadPlace(Protocol):
    """Where uploads lie. One instance serves many threads; each method may raise a StoreError."""

    name: str

    @property
    def is_used(self) -> bool:
        """Whether anything was ever kept there, as far as that is known at once."""
        ...

    def part(self, name: str) -> AbstractContextManager[Path]:
        """Makes a folder for a new file of that name, and removes it afterwards."""
        ...

    def keep(self, part: Path, sha256: str, media_type: str) -> None:
        """Keeps a part's bytes under their digest; the same bytes are there once."""
        ...

    def find(self, sha256: str) -> KeptFile | None:
        """Reads what is known of a file."""
        ...

    def open(self, sha256: str) -> AbstractContextManager[BinaryIO]:
        """Opens a file; a StoreError of the kind ``not_found`` if it is not kept."""
        ...

    def list(self) -> Iterator[KeptFile]:
        """Lists all files."""
        ...

    def remove(self, kept: KeptFile) -> bool:
        """Removes a file unless it was uploaded again since it was listed; says whether it is."""
        ...

    def times(self) -> dict[str, float]:
        """Reads when each file was last named, as :meth:`remember` has written it."""
        ...

    def remember(self, times: Mapping[str, float]) -> None:
        """Writes when each file was last named, by its digest."""
        ...


class FolderUploads:
    """Uploads in a folder of this machine, or one that is mounted here."""

    def __init__(self, folder: Path):
        self._folder = folder_named(folder)
        self.name = str(self._folder)

    @property
    def is_used(self) -> bool:
        """Whether anything was ever kept there."""
        return self._folder.is_dir()

    @contextmanager
    def part(self, name: str) -> Iterator[Path]:
        """Makes a folder for a new file; see :meth:`UploadPlace.part`."""
        with self._writing(), _part(self._folder / _PARTS, name) as part:
            yield part

    def keep(self, part: Path, sha256: str, media_type: str) -> None:  # noqa: ARG002
        """Keeps a part's bytes by one rename; see :meth:`UploadPlace.keep`."""
        place = self._place(sha256)
        with self._writing(), self._locked():
            make_private(place.parent)
            # Also where it is kept already: it counts as new, and damaged bytes are replaced.
            part.replace(place)
            os.utime(place)
            _sync(place.parent)

    def find(self, sha256: str) -> KeptFile | None:
        """Reads what is known of a file."""
        try:
            status = self._place(sha256).stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error
        return KeptFile(sha256, status.st_size, status.st_mtime)

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        """Opens a file; see :meth:`UploadPlace.open`."""
        try:
            file = open_file(self._place(sha256))
        except FileNotFoundError as error:
            raise _not_kept(sha256) from error
        except OSError as error:
            raise self._unreadable(error) from error
        with file:
            yield file

    def list(self) -> Iterator[KeptFile]:
        """Lists all files, and removes parts that processes left when they were killed."""
        for part in self._folder.glob(f"{_PARTS}/*"):
            if time.time() - _written_at(part) > _PART_S:
                shutil.rmtree(part, ignore_errors=True)
        for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/*")):
            if found := self.find(path.name):
                yield found

    def remove(self, kept: KeptFile) -> bool:
        """Removes a file that was not uploaded again; see :meth:`UploadPlace.remove`."""
        place = self._place(kept.sha256)
        with self._writing(), self._locked():
            if _written_at(place) > kept.at:
                return False
            place.unlink(missing_ok=True)
        return True

    def times(self) -> dict[str, float]:
        """Reads when each file was last named."""
        try:
            return _times((self._folder / _TIMES).read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unreadable(error) from error

    def remember(self, times: Mapping[str, float]) -> None:
        """Writes when each file was last named."""
        with self.part(_TIMES) as part:
            part.write_text(json.dumps(times))
            part.replace(self._folder / _TIMES)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keeps a file from being removed just when it is uploaded again."""
        with (self._folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"Uploads cannot be kept in {self._folder}: {error.strerror or error}. Free some "
                "space there, or set PRESSRUN_UPLOADS to another place.",
                kind="no_space",
            ) from error

    def _unreadable(self, error: OSError) -> StoreError:
        return StoreError(
            f"The uploads in {self._folder} cannot be read: {error.strerror or error}."
        )


class BucketUploads:
    """Uploads in S3.

    Args:
        store: The bucket with the prefix below which they lie.
        parts: Folder of this machine for what is on its way.
    """

    is_used = True  # whether it is costs a question

    def __init__(self, store: S3Store, parts: Path):
        self._store, self._parts = store, parts
        self.name = store.destination

    @contextmanager
    def part(self, name: str) -> Iterator[Path]:
        """Makes a folder for a new file; see :meth:`UploadPlace.part`."""
        try:
            with _part(self._parts, name) as part:
                yield part
        except OSError as error:
            raise StoreError(
                f"An upload cannot be written to {self._parts} on its way to {self.name}: "
                f"{error.strerror or error}. Free some space there.",
                kind="no_space",
            ) from error

    def keep(self, part: Path, sha256: str, media_type: str) -> None:
        """Sends a part's bytes, also where they are kept already: then they count as new."""
        parcel = Parcel(_key(sha256), part, media_type, sha256)
        retry_store(lambda: self._store.put(parcel, replace=True))

    def find(self, sha256: str) -> KeptFile | None:
        """Reads what is known of a file."""
        found = retry_store(lambda: self._store.find(_key(sha256)))
        return KeptFile(sha256, found.bytes, found.written_at) if found else None

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        """Opens a file; see :meth:`UploadPlace.open`."""
        with ExitStack() as stack:
            yield retry_store(lambda: stack.enter_context(self._store.open(_key(sha256))))

    def list(self) -> Iterator[KeptFile]:
        """Lists all files."""
        for found in self._store.list("files"):
            yield KeptFile(found.path.rpartition("/")[2], found.bytes, found.written_at)

    def remove(self, kept: KeptFile) -> bool:
        """Removes a file that was not uploaded again; see :meth:`UploadPlace.remove`."""
        now = self.find(kept.sha256)
        if now and now.at > kept.at:
            return False
        retry_store(lambda: self._store.remove(_key(kept.sha256)))
        return True

    def times(self) -> dict[str, float]:
        """Reads when each file was last named."""
        try:
            with self._store.open(_TIMES) as stream:
                return _times(stream.read(_MOST_TIMES))
        except StoreError as error:
            if error.kind == "not_found":
                return {}
            raise

    def remember(self, times: Mapping[str, float]) -> None:
        """Writes when each file was last named."""
        with self.part(_TIMES) as part:
            part.write_text(json.dumps(times))
            sha256 = hashlib.sha256(part.read_bytes()).hexdigest()
            parcel = Parcel(_TIMES, part, "application/json", sha256)
            retry_store(lambda: self._store.put(parcel, replace=True))


def open_upload_place(target: Target, parts: Path) -> UploadPlace:
    """Opens the place of uploads; connects to nothing yet.

    Args:
        target: A folder, or ``s3://bucket/prefix``.
        parts: Folder of this machine for what is on its way to S3.

    Raises:
        SettingError: It is neither.
    """
    if target.scheme == "folder":
        return FolderUploads(Path(target.address))
    if target.scheme == "s3":
        return BucketUploads(open_s3(target, _no_ids), parts)
    raise SettingError(
        f"Uploads cannot be kept in {target.address}. Set PRESSRUN_UPLOADS to a folder or to "
        "s3://bucket/prefix."
    )


def _no_ids(destination: str) -> Any:
    raise AssertionError(destination)  # S3 has none


@contextmanager
def _part(folder: Path, name: str) -> Iterator[Path]:
    make_private(folder)
    with TemporaryDirectory(prefix="", dir=folder) as own:
        yield Path(own) / name


def _key(sha256: str) -> str:
    return f"files/{sha256}"


def _not_kept(sha256: str) -> StoreError:
    return StoreError(f"The upload {sha256[:12]} is not kept.", kind="not_found", retryable=False)


def _times(data: bytes) -> dict[str, float]:
    """Reads the times; none where they are damaged: then each file's own time counts."""
    try:
        found = json.loads(data)
        return {str(sha256): float(at) for sha256, at in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _written_at(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
