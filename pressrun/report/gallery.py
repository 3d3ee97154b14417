"""``gallery.html``: every item of a batch on one page that needs nothing else to be looked at."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, Template, select_autoescape

from pressrun.errors import PressrunError
from pressrun.ledger.deliveries import Delivery
from pressrun.report.manifest import BatchRecord, ItemRecord
from pressrun.report.progress import clock
from pressrun.report.thumbnails import thumbnail

Read = Callable[[Delivery], bytes]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture on the page: its thumbnail, its place beside the page, its words."""

    source: str
    href: str
    text: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Card:
    """One item on the page."""

    record: ItemRecord
    caption: str
    shots: tuple[Shot, ...]

    @property
    def folder(self) -> str:
        """The folder right below the batch's one that holds the item, if there is one."""
        folder, slash, _ = (self.record.files[0].path if self.record.files else "").partition("/")
        return folder if slash else ""

    @property
    def group(self) -> str:
        """What it stands under: as its spec says, else what its title begins with."""
        item = self.record.item
        return str(item.spec.get("group", item.title.partition(" · ")[0]))

    @property
    def name(self) -> str:
        """The part of its title that its group does not say."""
        first, _, rest = self.record.item.title.partition(" · ")
        return first if "group" in self.record.item.spec else rest or first


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together (of one link), and where their folder is."""

    name: str
    href: str
    cards: list[Card]


def gallery(record: BatchRecord, read: Read) -> bytes:
    """The page. Words of users and models are escaped by the template.

    Args:
        record: The batch.
        read: Gives a delivered file's bytes, or raises a PressrunError: then its thumbnail is
            left out, and the link beside it still leads to the file.
    """
    with ThreadPoolExecutor(os.cpu_count(), "thumbnail") as pool:
        cards = list(pool.map(lambda item: _card(item, read), record.items))
    # In the order in which they first come, however their items are mixed.
    grouped: dict[str, list[Card]] = {}
    for card in cards:
        grouped.setdefault(card.group, []).append(card)
    page = _template().render(
        record=record,
        batch=record.batch,
        groups=[_group(record, name, of) for name, of in grouped.items()],
        took=clock(record.seconds),
        sketch="sketch" in record.batch.parameters.values(),
    )
    return page.encode()


def _group(record: BatchRecord, name: str, cards: list[Card]) -> Group:
    folder = next((card.folder for card in cards if card.folder), "")
    return Group(name, _href(folder, record.folders.get(folder)) if folder else "", cards)


def _href(path: str, url: str | None) -> str:
    # In a folder the page lies beside its files, wherever that folder is moved to.
    return url if url and not url.startswith("file:") else quote(path)


def _card(record: ItemRecord, read: Read) -> Card:
    words = _words(record, read)
    said = {entry.get("file"): entry for entry in words.get("slides", [])}
    shots = []
    for file in record.files:
        if not file.media_type.startswith("image/"):
            continue
        entry = said.get(file.path.rpartition("/")[2], {})
        shots.append(
            Shot(
                source=_thumbnail(file, read),
                href=_href(file.path, file.url),
                text=entry.get("new_text", ""),
                prompt=entry.get("prompt", "") or record.item.spec.get("prompt", ""),
            )
        )
    caption = words.get("caption", "") or record.item.spec.get("specific_prompt", "")
    return Card(record, caption, tuple(shots))


def _words(record: ItemRecord, read: Read) -> dict[str, Any]:
    for file in record.files:
        if file.path.rpartition("/")[2].endswith("analysis.json"):
            try:
                words: dict[str, Any] = json.loads(read(file))
            except PressrunError:
                continue
            return words
    return {}


def _thumbnail(file: Delivery, read: Read) -> str:
    try:
        return thumbnail(read(file))
    except PressrunError:
        return ""


@lru_cache
def _template() -> Template:
    loader = PackageLoader("pressrun.report", "templates")
    return Environment(loader=loader, autoescape=select_autoescape(default=True)).get_template(
        "gallery.html"
    )
