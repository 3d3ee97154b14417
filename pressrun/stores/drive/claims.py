"""One id a path: how files and folders in Drive are made once by many threads and processes.

Drive allows the same name any number of times, so a name says nothing. An id is taken from
Drive, remembered for the path, and only then used: whoever comes second, or again after a
crash, uses the same id, and Drive refuses to make it twice.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pressrun.errors import StoreError
from pressrun.stores.drive.errors import ID_TAKEN, NOT_FOUND

if TYPE_CHECKING:  # loading the client takes a second
    from pressrun.stores.drive.client import DriveClient
    from pressrun.stores.drive.remote import Remote

_LOCKS = 64


class RemoteIdStore(Protocol):
    """Remembers the ids of paths, for all threads and processes alike."""

    def find(self, path: str) -> str | None:
        """Finds the id of a path, if it has one."""
        ...

    def claim(self, path: str, remote_id: str) -> str:
        """Remembers an id unless the path has one, in one step; returns the one that is kept."""
        ...

    def drop(self, path: str, remote_id: str) -> None:
        """Forgets the id of a path, unless it has another one by now."""
        ...


class Claims:
    """Makes what belongs to a path, or finds it if it is made already."""

    def __init__(self, remote_ids: RemoteIdStore, client: Callable[[], "DriveClient"]):
        self._remote_ids, self._client = remote_ids, client

    def find(self, path: str) -> "Remote | None":
        """Finds what was made for a path and is still there."""
        claimed = self._remote_ids.find(path)
        there = self._client().get(claimed) if claimed else None
        return None if there is None or there.trashed else there

    def id_of(self, path: str) -> str | None:
        """Finds the id that is kept for a path, whether or not it was used."""
        return self._remote_ids.find(path)

    def drop(self, path: str, remote_id: str) -> None:
        """Forgets an id that can no longer be used, unless another one has taken its place."""
        self._remote_ids.drop(path, remote_id)

    def realise(self, path: str, make: Callable[[str], "Remote"]) -> tuple["Remote", bool]:
        """Finds what stands for the path, or makes it; says whether it was made just now.

        Args:
            path: Whose it is.
            make: Creates it under a given id; raises kind ``id_taken`` if that is in use.
        """
        claimed = self._remote_ids.find(path)
        known = claimed is not None
        claimed = claimed or self._remote_ids.claim(path, self._client().new_id())
        there = self._client().get(claimed) if known else None
        if there is None:
            try:
                return make(claimed), True
            except StoreError as error:
                # Another process was faster, or an earlier try of ours whose answer was lost.
                there = self._client().get(claimed) if error.kind == ID_TAKEN else None
                if there is None and not (known and error.kind == ID_TAKEN):
                    raise
        if there is None or there.trashed:
            # A person deleted it, and Drive gives no id out twice.
            return make(self._renew(path, claimed)), True
        return there, False

    def _renew(self, path: str, dead: str) -> str:
        self.drop(path, dead)
        return self._remote_ids.claim(path, self._client().new_id())


class FolderTree:
    """The folders of a store: each made once, and asked for once a process.

    Args:
        root_id: The destination; never made.
        claims: Whose ids they get.
        client: Gives the client when it is needed.
        made_top: Called once a process with each folder directly below the destination.
    """

    def __init__(
        self,
        root_id: str,
        claims: Claims,
        client: Callable[[], "DriveClient"],
        made_top: Callable[["Remote"], None],
    ):
        self._root_id, self._claims, self._client = root_id, claims, client
        self._made_top = made_top
        self._known: dict[str, Remote] = {}
        self._locks = Locks()

    def ensure(self, path: str, throttle: Callable[[], None]) -> str:
        """Makes the folder of a path and all above it, each after ``throttle``; returns its id.

        Raises:
            StoreError: Kind ``not_found`` if a folder above it has gone: forget and ask again.
        """
        parent = self._root_id
        for above in lineage(path):
            parent = self._one(above, parent, throttle).id
        return parent

    def known(self, path: str) -> "Remote | None":
        """Returns the folder of a path, if this process has seen it."""
        return self._known.get(path)

    def forget(self, path: str) -> None:
        """Forgets what this process has seen of this folder and those above it."""
        for above in lineage(path):
            self._known.pop(above, None)

    def _one(self, path: str, parent: str, throttle: Callable[[], None]) -> "Remote":
        if known := self._known.get(path):
            return known
        with self._locks.of(path):
            if known := self._known.get(path):
                return known
            name = path.rpartition("/")[2]

            def make(new_id: str) -> "Remote":
                return self._client().create_folder(new_id, name, parent, throttle)

            folder, _ = self._claims.realise(path, make)
            if folder.trashed:
                raise in_bin()
            if "/" not in path:
                self._made_top(folder)
            self._known[path] = folder
            return folder


class Locks:
    """A lock for every path, out of a few."""

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def of(self, path: str) -> threading.Lock:
        """Returns the lock of a path; hold no two at a time."""
        return self._locks[hash(path) % _LOCKS]


def lineage(path: str) -> list[str]:
    """Lists ``a``, ``a/b``, ``a/b/c`` of ``a/b/c``; nothing of an empty path."""
    parts = path.split("/") if path else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def in_bin() -> StoreError:
    """Makes the error of something that was made inside a folder in the bin."""
    text = "A folder of this batch was moved to the bin while files arrived; it is made anew."
    return StoreError(text, kind=NOT_FOUND)
