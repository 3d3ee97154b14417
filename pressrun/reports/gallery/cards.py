"""The pictures of an item as a gallery shows them: thumbnail, link, and what is known of each."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pressrun.errors import PressrunError
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.pictures.picture import read_picture, thumbnail
from pressrun.reports.manifest import ItemRecord, Read


@dataclass(frozen=True, slots=True)
class Small:
    """What thumbnails are made like: their width in pixels, at most, and JPEG's quality.

    In a row all are equally high, so that wide ones are wider.
    """

    width: int
    quality: int
    in_row: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture on the page.

    Attributes:
        source: Its thumbnail as a data URI; empty if its bytes could not be read.
        href: Where a person finds the file.
        full: Where a page beside the file loads the whole picture from; empty where its link
            leads to another page that shows it (Google Drive).
        width: Of the file, in pixels, as ``height``; 0 if they are not known.
        cost_usd: None if only the item's is known.
    """

    name: str
    source: str
    href: str
    full: str
    width: int
    height: int
    bytes: int
    text: str = ""
    prompt: str = ""
    model: str = ""
    cost_usd: float | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """Size in pixels, if it is known, and in bytes: ``312 KB``."""
        pixels = (f"{self.width} \N{MULTIPLICATION SIGN} {self.height} px",) if self.width else ()
        return (*pixels, size_in_words(self.bytes))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an item's files.

    Attributes:
        about: The words below the pictures: the caption, or the part of a prompt that is its own.
        is_caption: Whether they are the caption, which a person pastes elsewhere.
        files: Name and link of every file that is no picture.
    """

    shots: tuple[Shot, ...]
    about: str
    is_caption: bool
    files: tuple[tuple[str, str], ...]


def shown(record: ItemRecord, read: Read, small: Small, model: str = "") -> Shown:
    """Makes what a page shows of an item's files.

    Args:
        record: The item.
        read: Gives a delivered file's bytes, or raises a PressrunError: then its thumbnail is
            left out, and the link beside it still leads to the file.
        small: What thumbnails are made like.
        model: Who made the pictures, where the files do not say so.
    """
    words = _words(record, read)
    said = {entry.get("file"): entry for entry in words.get("slides") or words.get("pictures", [])}
    shots, files = [], []
    for file in record.files:
        name = file.path.rpartition("/")[2]
        if file.is_picture:
            shots.append(_shot(file, said.get(name, {}), record, read, small, model))
        elif not file.media_type.startswith("image/"):
            files.append((name, href(file.path, file.url)))
    caption = words.get("caption", "")
    about = caption or record.item.spec.get("specific_prompt", "")
    return Shown(tuple(shots), about, bool(caption), tuple(files))


def href(path: str, url: str | None) -> str:
    """Makes the link of a file or folder; relative in a folder, which may move with its page."""
    return url if url and not url.startswith("file:") else quote(path)


def size_in_words(size: int) -> str:
    """Writes ``812 KB``, ``1.2 MB``: decimal, as browsers and file managers do."""
    return f"{size / 1e6:.1f} MB" if size >= 999_500 else f"{max(1, round(size / 1000))} KB"


def _shot(
    file: DeliveredFile,
    entry: dict[str, Any],
    record: ItemRecord,
    read: Read,
    small: Small,
    model: str,
) -> Shot:
    source, (pixels, lines) = _thumbnail(file, read, small)
    return Shot(
        name=file.path.rpartition("/")[2],
        source=source,
        href=href(file.path, file.url),
        full=_full(file),
        width=pixels,
        height=lines,
        bytes=file.bytes,
        text=entry.get("new_text") or entry.get("alt", ""),
        prompt=entry.get("prompt", "") or record.item.spec.get("prompt", ""),
        model=entry.get("model", "") or record.item.spec.get("model", "") or model,
        cost_usd=entry.get("cost_usd"),
    )


def _full(file: DeliveredFile) -> str:
    # An address of the bytes ends in the file's path (S3, signed or not); Drive's leads to a page.
    link = href(file.path, file.url)
    return link if link.partition("?")[0].endswith(quote(file.path)) else ""


def _thumbnail(file: DeliveredFile, read: Read, small: Small) -> tuple[str, tuple[int, int]]:
    try:
        data = read(file)
        # Our own file, of any size: what it was made of was checked when it came.
        found = read_picture(data, file.path, max_bytes=len(data))
    except PressrunError:
        return "", (0, 0)
    wider = max(1.0, found.width / found.height) if small.in_row else 1.0
    small_one = thumbnail(data, round(small.width * wider), small.quality)
    return small_one, (found.width, found.height)


def _tells(file: DeliveredFile, record: ItemRecord) -> bool:
    """Says whether a file has words on the pictures beside it."""
    name = file.path.rpartition("/")[2]
    # Of an article: the others say nothing of a picture, and a page of fifty has to be quick.
    illustrated = "subject" in record.item.spec and any(one.is_picture for one in record.files)
    return name.endswith("analysis.json") or (illustrated and name.endswith(".json"))


def _words(record: ItemRecord, read: Read) -> dict[str, Any]:
    for file in record.files:
        if _tells(file, record):
            try:
                words = json.loads(read(file))
            except (PressrunError, ValueError):  # perhaps a person changed it where it lies
                continue
            if isinstance(words, dict):
                return words
    return {}
