"""``gallery.html``: every item of a batch on pages that need nothing else to be looked at.

A comparison is a grid of prompts and models, on one page; any other kind stands in groups of cards,
and a large batch on several pages: ``gallery_2.html`` and so on.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from pressrun.engines.catalogue import catalogue
from pressrun.reports.gallery.cards import Shown, Small, href, shown
from pressrun.reports.gallery.grid import KIND as COMPARISON
from pressrun.reports.gallery.grid import compare_grid, seconds_of
from pressrun.reports.gallery.page import standing_alone
from pressrun.reports.manifest import BatchRecord, ItemRecord, Read
from pressrun.reports.paging import Link, Pager, Weight, beside, divide
from pressrun.reports.progress import clock

NAME = "gallery.html"
#: The most of one page, so that a browser opens it in a moment: a few MB with all thumbnails.
PAGE_ITEMS, PAGE_PICTURES = 600, 1000
_SCRIPTS = (
    *("gallery_theme.js", "gallery_filter.js", "gallery_light.js"),
    *("gallery_back.js", "gallery_rows.js", "gallery_copy.js"),
)
_OTHERS = "Without a category"
_STATUSES = ("completed", "failed", "cancelled", "processing", "pending")
#: Width in pixels and JPEG quality of thumbnails, by the most pictures that they are for: a page
#: of thousands has to open too. Pictures in a row are shown small, others as wide as their card.
_IN_ROWS = ((1000, 160, 60), (10**9, 96, 45))
_ALONE = ((150, 320, 60), (600, 224, 60), (10**9, 144, 60))


@dataclass(frozen=True, slots=True)
class Card:
    """One item on the page."""

    record: ItemRecord
    shown: Shown

    @property
    def folder(self) -> str:
        """The folder right below the batch's one that holds the item, if there is one."""
        folder, slash, _ = (self.record.files[0].path if self.record.files else "").partition("/")
        return folder if slash else ""

    @property
    def group(self) -> str:
        """What it stands under: as its spec says, else what its title begins with."""
        return _group_of(self.record)

    @property
    def name(self) -> str:
        """The part of its title that its group does not say."""
        first, _, rest = self.record.item.title.partition(" · ")
        if "group" not in self.record.item.spec:
            return rest or first
        return " · ".join(filter(None, (first, self.record.item.spec.get("name", ""))))

    @property
    def took(self) -> str:
        """How long its last attempt took, in words; empty if that is not known."""
        return duration(seconds_of(self.record))


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together (of one link), and where their folder is."""

    name: str
    href: str
    cards: list[Card]


def gallery(record: BatchRecord, read: Read, link: Link = beside) -> Iterator[tuple[str, bytes]]:
    """Renders the pages one after another, as name and bytes; the first is the report itself.

    Words of users and models are escaped by the template. Of all items at once only counts are in
    memory.

    Args:
        record: The batch.
        read: Gives a delivered file's bytes, or raises a PressrunError: then its thumbnail is
            left out, and the link beside it still leads to the file.
        link: Gives the links between the pages.
    """
    compared = record.batch.kind == COMPARISON
    whole = _survey(record)
    in_rows = not compared and whole.most_pictures > 1
    model = "" if compared else str(record.batch.parameters.get("model", ""))
    look = partial(shown, read=read, small=_small(whole.pictures, in_rows=in_rows), model=model)
    # A grid has its columns' figures from all rows; its form takes no more than 900 items.
    most = (len(record.items), whole.pictures) if compared else (PAGE_ITEMS, PAGE_PICTURES)
    pages = divide(NAME, whole.weights, *most)
    items = iter(record.items)
    for page in pages:
        mine = list(islice(items, page.items))
        with ThreadPoolExecutor(os.cpu_count(), "thumbnail") as pool:
            cards = list(map(Card, mine, pool.map(look, mine)))
        yield (
            page.name,
            standing_alone(
                "gallery.html",
                _SCRIPTS,
                record=record,
                batch=record.batch,
                took=clock(record.work_s),
                duration=duration,
                statuses={of: n for of in _STATUSES if (n := page.statuses[of])},
                in_rows=in_rows,
                pictures=whole.pictures,
                pager=Pager(page, pages, len(record.items), link),
                **_drafts(record, whole.models),
                **(_compared(record, cards) if compared else _grouped(record, cards)),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Survey:
    """What all pages have to know of the whole batch; ``models`` are those that items name."""

    weights: Sequence[Weight]
    pictures: int
    most_pictures: int
    models: Mapping[str, int]


def _survey(record: BatchRecord) -> _Survey:
    weights, models = list[Weight](), Counter[str]()
    for item in record.items:
        weights.append(Weight(_group_of(item), _pictures(item), item.status))
        models[str(item.item.spec.get("model", ""))] += 1
    amounts = [weight.amount for weight in weights]
    return _Survey(weights, sum(amounts), max(amounts, default=0), models)


def duration(seconds: float | None) -> str:
    """Writes ``4.2 s``, and from two minutes on ``2:03``; empty for None."""
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 120 else clock(seconds)


def _compared(record: BatchRecord, cards: Sequence[Card]) -> dict[str, Any]:
    grid = compare_grid(record)
    models = max(1, len(grid.columns))
    # Beside large pictures there is room for all of a prompt.
    lines = 14 if models <= 4 else 5
    return {
        "grid": grid,
        "shots": {card.record.item.key: card.shown.shots for card in cards},
        "style": f".grid {{ --models: {models}; --lines: {lines}; }}\n",
    }


def _grouped(record: BatchRecord, cards: Sequence[Card]) -> dict[str, Any]:
    # In the order in which they first come, however their items are mixed.
    grouped: dict[str, list[Card]] = {}
    for card in cards:
        grouped.setdefault(card.group, []).append(card)
    if len(grouped) > 1 and "" in grouped:  # else they seem to be of the group above them
        grouped = {name or _OTHERS: of for name, of in grouped.items()}
    return {"groups": [_group(record, name, of) for name, of in grouped.items()]}


def _group(record: BatchRecord, name: str, cards: list[Card]) -> Group:
    folder = next((card.folder for card in cards if card.folder), "")
    return Group(name, href(folder, record.folders.get(folder)) if folder else "", cards)


def _group_of(record: ItemRecord) -> str:
    item = record.item
    return str(item.spec.get("group", item.title.partition(" · ")[0]))


def _drafts(record: BatchRecord, models: Mapping[str, int]) -> dict[str, Any]:
    """Finds which of the models are the offline engine's, and whether others worked too."""
    named = [value for value in record.batch.parameters.values() if isinstance(value, str)]
    named += models
    used = [catalogue()[name] for name in dict.fromkeys(named) if name in catalogue()]
    drafts = [model.name for model in used if model.engine == "sketch"]
    return {"drafts": drafts, "all_drafts": bool(used) and len(drafts) == len(used)}


def _pictures(record: ItemRecord) -> int:
    return sum(file.is_picture for file in record.files)


def _small(pictures: int, *, in_rows: bool) -> Small:
    steps = _IN_ROWS if in_rows else _ALONE
    return next(
        Small(width, quality, in_rows) for most, width, quality in steps if pictures <= most
    )
