"""What lies at a path in Drive, which knows ids and lets any number of files have one name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from pressrun.errors import StoreError
from pressrun.stores.base import Stored
from pressrun.stores.drive.claims import Claims, lineage
from pressrun.stores.drive.errors import NOT_FOUND, odd
from pressrun.stores.drive.remote import Remote

if TYPE_CHECKING:  # loading the client takes a second
    from pressrun.stores.drive.client import DriveClient

_FOLDERS_AT_ONCE = 50


class DriveLookup:
    """Finds files and folders by their paths, and lists them; makes nothing.

    Args:
        root_id: The destination.
        claims: Know which id belongs to which path.
        client: Gives the client when it is needed.
    """

    def __init__(self, root_id: str, claims: Claims, client: Callable[[], "DriveClient"]):
        self._root_id, self._claims, self._client = root_id, claims, client

    def find(self, path: str) -> Remote | None:
        """Finds a file or folder by its id, or by its names where no id is remembered."""
        if there := self._claims.find(checked_path(path)):
            return there
        parent, there = self._root_id, None
        for above in lineage(path):
            found = list(self._client().children([parent], above.rpartition("/")[2]))
            if not found:
                return None
            there = self._ours(above, found)
            parent = there.id
        return there

    def existing(self, path: str) -> Remote:
        """Finds a file or folder as :meth:`find` does; raises a StoreError if it is not there."""
        if there := self.find(path):
            return there
        raise StoreError(
            f"{path} is not in Google Drive (any more). Look for it in the bin, or repair the "
            "batch to send it again.",
            kind=NOT_FOUND,
            retryable=False,
        )

    def list(self, root: str) -> Iterator[Stored]:
        """Lists the files of a batch; see :meth:`Store.list`.

        Where people copied files, the one that was delivered keeps the path; a copy is listed
        with its id behind it.
        """
        top = self.find(root)
        level = {top.id: root} if top and top.is_folder else {}
        seen = set(level)
        while level:
            deeper: dict[str, str] = {}
            for parents in _groups(level, _FOLDERS_AT_ONCE):
                children = self._client().children(parents)
                for path, child in self._named(level, children):
                    if not child.is_folder:
                        yield Stored(path, child.bytes, {"md5": child.md5} if child.md5 else {})
                    elif child.id not in seen:
                        seen.add(child.id)
                        deeper[child.id] = path
            level = deeper

    def _named(
        self, level: Mapping[str, str], children: Iterable[Remote]
    ) -> Iterator[tuple[str, Remote]]:
        by_path: dict[str, list[Remote]] = {}
        for child in children:
            parent = next((each for each in child.parents if each in level), None)
            if parent is None:
                raise odd("a file that is in none of the folders that were asked for")
            path = f"{level[parent]}/{_as_name(child.name)}"
            by_path.setdefault(path, []).append(child)
        for path, found in by_path.items():
            ours = self._ours(path, found)
            yield path, ours
            yield from ((f"{path} [{copy.id}]", copy) for copy in found if copy is not ours)

    def _ours(self, path: str, found: Sequence[Remote]) -> Remote:
        if len(found) == 1:
            return found[0]
        claimed = self._claims.id_of(path)
        return min(found, key=lambda each: (each.id != claimed, each.created))


def checked_path(path: str) -> str:
    """Returns a path below the destination; raises a StoreError if it is none."""
    if not path or any(part in {"", ".", ".."} for part in path.split("/")):
        text = f"{path!r} is no path below a folder of Google Drive."
        raise StoreError(text, kind="bad_path", retryable=False)
    return path


def _as_name(name: str) -> str:
    # People name files as they like; a listed path must not lead anywhere else.
    name = name.replace("/", "_").replace("\0", "_")
    return "_" if name in {"", ".", ".."} else name


def _groups(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(ids)
    while group := list(islice(rest, size)):
        yield group
