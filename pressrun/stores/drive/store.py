"""A folder of Google Drive, in My Drive or in a shared drive.

Every file and folder gets its id before it is made (:mod:`pressrun.stores.drive.claims`), so
that delivering twice leaves one; what arrived is compared with Drive's own MD5. Google's client
is loaded when something is first sent. Knows no ledger: it is given where ids are remembered.
"""

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from weakref import finalize

from pressrun.errors import StoreError
from pressrun.stores.base import FoundFile, Parcel, Stored, is_of_same_item, unthrottled
from pressrun.stores.drive.check import check_writing
from pressrun.stores.drive.claims import Claims, FolderTree, Locks, RemoteIdStore, in_bin, lineage
from pressrun.stores.drive.content import Content, RemoteFile, look_at, properties
from pressrun.stores.drive.errors import NOT_FOUND, odd
from pressrun.stores.drive.lookup import DriveLookup, checked_path
from pressrun.stores.drive.remote import Remote

if TYPE_CHECKING:
    from pressrun.stores.drive.client import DriveClient

_ROUNDS = 3
_MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
_NO_FOLDER = (
    "Google Drive has no folder {} for this account. Check the id (the last part of the folder's "
    "address) and share the folder with the account as an editor. With the scope drive.file, "
    "Pressrun sees only folders that it made."
)


class DriveStore:
    """Delivers into a folder of Google Drive.

    Args:
        folder_id: The last part of the folder's address.
        credentials: Of google-auth: a person's, or a service account's.
        remote_ids: Remembers which id belongs to which path.
        api_url: Another host than Google's.
        shared_drive_id: The shared drive in which the folder lies, if it does.
        share_with: ``anyone``: whoever has the link to a batch's folder may read it.
        timeout_s: Longest silence of the network, in seconds.
    """

    def __init__(
        self,
        folder_id: str,
        credentials: Any,
        remote_ids: RemoteIdStore,
        *,
        api_url: str | None = None,
        shared_drive_id: str | None = None,
        share_with: Literal["anyone"] | None = None,
        timeout_s: float = 60.0,
    ):
        self.destination = f"drive://{folder_id}"
        self._folder_id = folder_id
        self._share_with = share_with
        self._open_client: Callable[[], DriveClient] = lambda: _open_client(
            credentials, api_url, shared_drive_id, timeout_s
        )
        self._opened: DriveClient | None = None
        self._opening = threading.Lock()
        self._claims = Claims(remote_ids, self._client)
        self._folders = FolderTree(folder_id, self._claims, self._client, self._greet)
        self._lookup = DriveLookup(folder_id, self._claims, self._client)
        self._locks = Locks()
        self._links: dict[str, str] = {}

    def close(self) -> None:
        """Ends the connections; the store opens new ones if it is used again."""
        if self._opened:
            self._opened.close()

    def check(self) -> None:
        """Looks at the folder; writes a small file into it, reads it back and removes it."""
        client = self._client()
        self._check_folder(client.get(self._folder_id))
        check_writing(client, self._folder_id, share=self._share_with == "anyone")

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        """Delivers a file; its link is Drive's page that shows it. See :meth:`Store.put`."""
        path = checked_path(parcel.path)
        folder, _, _ = path.rpartition("/")
        content = look_at(parcel)
        for tries_left in reversed(range(_ROUNDS)):
            try:
                parent = self._folders.ensure(folder, throttle)
                with self._locks.of(path):
                    link = self._deliver(
                        parcel, content, parent, replace=replace, throttle=throttle
                    )
                break
            except StoreError as error:
                # A folder was deleted meanwhile: it is made again, like those above it.
                if error.kind != NOT_FOUND:
                    raise
                self._folders.forget(folder)
                self._check_folder(self._client().get(self._folder_id))
                if not tries_left:
                    raise StoreError(str(error), kind="unavailable") from error
        self._links[path] = link
        return link

    def share(self, path: str) -> str:
        """Lets everybody who has the link read a file or folder; returns the link."""
        there = self._lookup.existing(path)
        self._client().share_with_anyone(there.id)
        return there.link

    def link(self, path: str) -> str:
        """Gives the address of Drive's page of the file or folder."""
        path = path.rstrip("/")
        if path in self._links:
            return self._links[path]
        folder = self._folders.known(path)
        return folder.link if folder else self._lookup.existing(path).link

    def list(self, root: str) -> Iterator[Stored]:
        """Lists the files of a batch; see :meth:`Store.list`."""
        return self._lookup.list(root)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Opens a file, which is fetched a few MiB at a time; see :meth:`Store.open`."""
        with self._stream(self._lookup.existing(path)) as file:
            yield file

    def contents(self) -> tuple[str, bool, Sequence[FoundFile]]:
        """Reads what the store's own id names: its name, whether it is a folder, and the files."""
        client, there = self._client(), self._client().get(self._folder_id)
        if there is None or there.trashed:
            raise StoreError(_NO_FOLDER.format(self._folder_id), kind="no_folder", retryable=False)
        files = list(client.children([there.id])) if there.is_folder else [there]
        found = [
            FoundFile(file.name, file.bytes, partial(self._stream, file))
            for file in files
            if not file.is_folder
        ]
        return there.name, there.is_folder, found

    def remove(self, path: str) -> None:
        """Removes a file; emptied folders go to the bin. See :meth:`Store.remove`.

        Drive hides from an application of the scope ``drive.file`` what a person put into the
        folder, so no folder that looks empty is deleted for good.
        """
        checked_path(path)
        if there := self._lookup.find(path):
            self._client().remove(there.id)
        self._forget(path)
        for folder in reversed(lineage(path)[:-1]):
            there = self._lookup.find(folder)
            if there and next(self._client().children([there.id]), None):
                return
            if there:
                self._client().bin(there.id)
            self._forget(folder)

    def _stream(self, there: Remote) -> io.BufferedReader:
        if not there.bytes and there.md5 not in {"", _MD5_OF_NOTHING}:
            raise odd("no size of a file")
        return io.BufferedReader(RemoteFile(self._client(), there))

    def _client(self) -> "DriveClient":
        with self._opening:
            if self._opened is None:
                self._opened = self._open_client()
                finalize(self, self._opened.close)
            return self._opened

    def _greet(self, batch_folder: Remote) -> None:
        # Again in every process: the one that made the folder may have died before sharing it.
        if self._share_with == "anyone":
            self._client().share_with_anyone(batch_folder.id)

    def _deliver(
        self,
        parcel: Parcel,
        content: Content,
        parent: str,
        *,
        replace: bool,
        throttle: Callable[[], None],
    ) -> str:
        labels = properties({**parcel.labels, "sha256": parcel.sha256})
        name = parcel.path.rpartition("/")[2]
        kind = parcel.media_type

        def make(new_id: str) -> Remote:
            return self._client().upload(
                new_id,
                name,
                parent,
                data=content.data,
                media_type=kind,
                labels=labels,
                throttle=throttle,
            )

        there, made = self._claims.realise(parcel.path, make)
        if made:
            return self._confirmed(parcel, content, there)
        if there.md5 != content.md5:
            is_ours = _is_our_damage(there, parcel) or _is_of_lost_process(there, parcel)
            if not replace and not is_ours:
                raise _conflict(parcel.path)
            there = self._client().replace(
                there.id,
                data=content.data,
                media_type=kind,
                labels=labels,
                modified=there.created if is_ours else "",  # still untouched by others
            )
            if there.md5 != content.md5:
                raise _damaged(parcel.path)
        if (there.parent, there.name) != (parent, name):
            self._client().put_back(there, name, parent)
        return there.link

    def _confirmed(self, parcel: Parcel, content: Content, made: Remote) -> str:
        if made.trashed:
            raise in_bin()
        if made.md5 == content.md5:
            return made.link
        # If this fails too, the next try finds its own label on the damaged file and replaces it.
        with suppress(StoreError):
            self._client().remove(made.id)
            self._claims.drop(parcel.path, made.id)
        raise _damaged(parcel.path)

    def _forget(self, path: str) -> None:
        self._links.pop(path, None)
        self._folders.forget(path)
        if claimed := self._claims.id_of(path):
            self._claims.drop(path, claimed)

    def _check_folder(self, folder: Remote | None) -> None:
        problem = None
        if folder is None:
            problem = "no_folder", _NO_FOLDER.format(self._folder_id)
        elif folder.trashed:
            problem = "no_folder", "The folder is in Google Drive's bin. Take it out of there."
        elif not folder.is_folder:
            problem = "wrong_folder", "The id is a file's. Give the id of a folder in Google Drive."
        if problem:
            raise StoreError(problem[1], kind=problem[0], retryable=False)


def _open_client(
    credentials: Any, api_url: str | None, shared_drive_id: str | None, timeout_s: float
) -> "DriveClient":
    from pressrun.stores.drive.client import DriveClient  # noqa: PLC0415 - takes a second

    return DriveClient(
        credentials, api_url=api_url, shared_drive_id=shared_drive_id, timeout_s=timeout_s
    )


def _is_our_damage(there: Remote, parcel: Parcel) -> bool:
    """Says whether it is our own upload, damaged on its way, that nobody has touched since."""
    return there.labels.get("sha256") == parcel.sha256 and there.created == there.modified


def _is_of_lost_process(there: Remote, parcel: Parcel) -> bool:
    """Says whether another process made it for the same item, and nobody has touched it since."""
    return is_of_same_item(there.labels, parcel) and there.created == there.modified


def _conflict(path: str) -> StoreError:
    return StoreError(
        f"{path} is in Google Drive with other content and is left as it is. Move it away and "
        "retry.",
        kind="conflict",
        retryable=False,
    )


def _damaged(path: str) -> StoreError:
    return StoreError(
        f"{path} did not reach Google Drive whole (its MD5 differs) and is sent again.",
        kind="mismatch",
    )
