"""A file or folder as Drive states it, or as a proxy or a fault has changed it: read with care.

Knows no request and no library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pressrun.stores.drive.errors import odd

FOLDER = "application/vnd.google-apps.folder"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file or folder as Drive states it."""

    id: str
    name: str
    media_type: str
    parents: tuple[str, ...]
    bytes: int
    md5: str
    link: str
    trashed: bool
    created: str
    modified: str
    labels: Mapping[str, str]

    @property
    def is_folder(self) -> bool:
        """Whether files lie in it."""
        return self.media_type == FOLDER

    @property
    def parent(self) -> str:
        """Where it lies; old files may lie in several folders, and this is the first."""
        return self.parents[0] if self.parents else ""


def remote_of(file: Any) -> Remote:
    """Reads what an answer says of a file.

    Raises:
        StoreError: It names no file, or its size is no number.
    """
    if not isinstance(file, Mapping) or not _text(file, "id"):
        raise odd("a file without an id")
    parents, labels = file.get("parents"), file.get("appProperties")
    return Remote(
        id=_text(file, "id"),
        name=_text(file, "name"),
        media_type=_text(file, "mimeType"),
        parents=tuple(map(str, parents)) if isinstance(parents, list) else (),
        bytes=_size(file.get("size")),
        md5=_text(file, "md5Checksum"),
        link=_text(file, "webViewLink") or f"https://drive.google.com/open?id={file['id']}",
        trashed=bool(file.get("trashed")),
        created=_text(file, "createdTime"),
        modified=_text(file, "modifiedTime"),
        labels=labels if isinstance(labels, Mapping) else {},
    )


def _text(file: Mapping[str, Any], name: str) -> str:
    value = file.get(name)
    return value if isinstance(value, str) else ""


def _size(value: Any) -> int:
    """Reads a size: Google writes it as text; folders and Google's own documents have none."""
    if value is None:
        return 0
    if not str(value).isdecimal() or len(str(value)) > 18:
        raise odd("a size that is no number")
    return int(value)
