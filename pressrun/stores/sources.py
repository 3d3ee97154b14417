"""Inputs that were uploaded, or lie in S3 or Google Drive: copied before anything reads them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from pressrun.boundary.text import safe_name
from pressrun.boundary.uploads import digest_of, is_upload
from pressrun.errors import InputError, StoreError
from pressrun.stores.base import FoundFile
from pressrun.stores.drive.claims import RemoteIdStore
from pressrun.stores.factory import Target, open_drive, open_s3
from pressrun.stores.uploads.reader import MOST_BATCH_BYTES, UploadReader, too_much

MAX_FILES = 1000
MAX_BYTES = 2**30
_REMOTE = re.compile(r"(?P<scheme>s3|drive)://(?P<first>[^/]+)/?(?P<rest>.*)", re.IGNORECASE)
#: What Drive gives people to share a file or a folder.
_SHARED = re.compile(
    r"https://drive\.google\.com/(?:drive/|file/)?(?:u/\d+/)?(?:folders/|d/|open\?id=)"
    r"(?P<id>[A-Za-z0-9_-]+)(?:[/?&#].*)?",
    re.IGNORECASE,
)


class Sources:
    """Downloads files and folders, each once.

    Args:
        target: The result store, whose credentials reach them.
        remote_ids: As :func:`pressrun.stores.factory.open_store` takes it.
        folder: Where copies are put; whoever made it removes it.
        uploads: Opens the uploads, when the first one is named.
    """

    def __init__(
        self,
        target: Target,
        remote_ids: Callable[[str], RemoteIdStore],
        folder: Path,
        uploads: Callable[[], UploadReader],
    ):
        self._target, self._remote_ids, self._folder = target, remote_ids, folder
        self._uploads = cache(uploads)
        self._upload_bytes: dict[str, int] = {}
        self._downloaded: dict[str, str] = {}
        self._lock = Lock()  # slides are read side by side

    def download(self, place: str) -> str:
        """Copies ``upload:…``, ``s3://bucket/key`` or ``drive://ID`` here; gives the local path.

        Any other place is returned as it is.

        A place that is a folder (a prefix) comes with the files right below it. With a result store
        in Drive, an address that Drive gave for sharing is taken as ``drive://ID``.

        Raises:
            InputError: There is nothing (any more), or far too much.
            StoreError: It cannot be read.
            SettingError: No result store with credentials was chosen.
        """
        if is_upload(place):
            return self._local_upload(place.strip())
        shared = _SHARED.fullmatch(place.strip()) if self._target.google else None
        found = _REMOTE.fullmatch(f"drive://{shared['id']}" if shared else place.strip())
        if not found:
            return place
        with self._lock:
            return self._local(place, found)

    def _local_upload(self, reference: str) -> str:
        if reference not in self._downloaded:
            with self._lock:
                uploads, folder = self._uploads(), self._new_folder()
            path = uploads.copy(reference, folder)  # several side by side
            with self._lock:
                self._upload_bytes[digest_of(reference)] = path.stat().st_size
                if (size := sum(self._upload_bytes.values())) > MOST_BATCH_BYTES:
                    raise too_much(size)
                self._downloaded[reference] = str(path)
        return self._downloaded[reference]

    def _local(self, place: str, found: re.Match[str]) -> str:
        if place not in self._downloaded:
            list_files = self._in_s3 if found["scheme"].lower() == "s3" else self._in_drive
            name, is_folder, files = list_files(found["first"], found["rest"].strip("/"))
            self._downloaded[place] = str(self._copy(place, name, files, is_folder=is_folder))
        return self._downloaded[place]

    def _copy(self, place: str, name: str, files: Sequence[FoundFile], *, is_folder: bool) -> Path:
        if not files:
            raise InputError(f"There is nothing at {place}. Check the address.")
        if len(files) > MAX_FILES or sum(file.bytes for file in files) > MAX_BYTES:
            raise InputError(
                f"{place} holds over {MAX_FILES} files or {MAX_BYTES // 2**20} MiB. Name a "
                "smaller folder."
            )
        into = self._new_folder()
        if not is_folder:
            return _fetch(files[0], into)
        into = into / safe_name(name, "folder")
        into.mkdir()
        for file in files:
            _fetch(file, into)
        return into

    def _new_folder(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(dir=self._folder))

    def _in_s3(self, bucket: str, key: str) -> tuple[str, bool, Sequence[FoundFile]]:
        if not key:
            raise InputError(f"s3://{bucket} is a whole bucket. Name a folder or a file in it.")
        store = open_s3(replace(self._target, address=f"s3://{bucket}"), self._remote_ids)
        name = key.rpartition("/")[2]
        below = [
            FoundFile(path, there.bytes, partial(store.open, there.path))
            for there in store.list(key)
            if "/" not in (path := there.path.removeprefix(f"{key}/"))
        ]
        if below:
            return name, True, below
        try:
            with store.open(key):
                return name, False, [FoundFile(name, 0, partial(store.open, key))]
        except StoreError as error:
            if error.kind == "not_found":
                return name, False, []
            raise

    def _in_drive(self, file_id: str, _rest: str) -> tuple[str, bool, Sequence[FoundFile]]:
        store = open_drive(replace(self._target, address=f"drive://{file_id}"), self._remote_ids)
        return store.contents()


def _fetch(file: FoundFile, into: Path) -> Path:
    place = into / safe_name(file.name, "file", longest=200)
    with file.open() as stream, place.open("wb") as out:
        left = MAX_BYTES
        while chunk := stream.read(2**20):
            left -= len(chunk)
            if left < 0:
                raise InputError(f"{file.name} is over {MAX_BYTES // 2**20} MiB.")
            out.write(chunk)
    return place
