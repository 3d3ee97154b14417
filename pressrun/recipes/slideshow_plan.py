"""From what a person pasted to items: every link judged, every slide fetched, nothing paid.

All problems are found before anything is made. A link that cannot be used becomes one failed
item with its reason; a good one becomes an item a variation.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pressrun.errors import InputError, PressrunError, SourceError
from pressrun.inputs.fetch import Fetcher
from pressrun.inputs.links import Link, Verdict, check_links
from pressrun.inputs.products import Product, Shelf, Wanted
from pressrun.inputs.rows import Row, read_manifest, read_rows
from pressrun.inputs.slides import Slideshow, read_slideshow
from pressrun.inputs.tiktok import TikTok
from pressrun.ledger.records import Item, PlannedItem
from pressrun.names import handle
from pressrun.recipes.slideshow import kept
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.settings import Settings
from pressrun.vault import Vault

#: Why a link could not be had, where it may be had later.
PASSING_KINDS = frozenset({Verdict.BLOCKED, Verdict.PAGE_CHANGED, "unreachable"})

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One slideshow asked for: a link or a source of own slides, with its product.

    Attributes:
        number: 1-based place among all that was asked for; stands in names.
        place: How a message names it ("line 3").
    """

    number: int
    place: str
    text: str
    link: Link | None = None
    wanted: Wanted = field(default_factory=Wanted)
    product: Product | None = None
    error: PressrunError | None = None
    spec: dict[str, Any] = field(default_factory=dict, repr=False)


class Planner:
    """Plans one slideshow batch.

    Args:
        order: What was asked.
        settings: Where TikTok is reached, and how fast.
        vault: Where slides and photos are kept for the batch's life.
        say: Told one line at every step that takes long.
        bring: Gives the local path of what lies in S3 or Drive, and any other place as it is.
    """

    def __init__(
        self,
        order: SlideshowOrder,
        settings: Settings,
        vault: Vault,
        say: Say,
        bring: Callable[[str], str] = str,
    ):
        self._order, self._vault, self._say, self._bring = order, vault, say, bring
        self._posts: dict[str, Entry] = {}
        self._fetcher = Fetcher()
        self._tiktok = TikTok(
            proxy=settings.tiktok_proxy,
            ca_file=settings.tiktok_ca,
            pause_s=(settings.tiktok_pause_s / 2, settings.tiktok_pause_s * 1.5),
        )

    def plan(self) -> list[PlannedItem]:
        """The items of the batch, in order.

        Raises:
            InputError: Nothing can be run, or ``skip_invalid`` is off and something is wrong;
                lists every problem found so far.
            SettingError: The chosen model does not make the chosen size.
        """
        self._order.require_fit()
        entries = self._with_products(self._entries())
        self._refuse_if_bad(entries)
        entries = [self._fetched(entry, len(entries)) for entry in entries]
        self._refuse_if_bad(entries)
        return [item for entry in entries for item in self._items(entry)]

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """Plans once more what TikTok blocked for a while.

        Args:
            failed: The batch's failed items; the others of them stay as they are.

        Returns:
            For every item that is planned anew its key, and the items in its place (one failed
            item again, if it still cannot be had).
        """
        numbers = {
            item.spec["link"]
            for item in failed
            if item.error_kind in PASSING_KINDS and "slides" not in item.spec
        }
        if not numbers:
            return {}
        planned = {}
        for entry in self._with_products(self._entries()):
            if entry.number in numbers:
                planned[_key(entry)] = list(self._items(self._fetched(entry, len(numbers))))
            elif entry.link and entry.link.post_id:
                self._posts.setdefault(entry.link.post_id, entry)
        return planned

    def _entries(self) -> list[Entry]:
        rows = _with_descriptions(self._rows(), self._order.descriptions)
        links = check_links(rows)
        entries = [
            Entry(n, f"line {row.line}", row.link, link, _wanted(n, row, link), None, _bad(link))
            for n, (row, link) in enumerate(zip(rows, links, strict=True), 1)
        ]
        own = [line for line in self._order.slides.splitlines() if line.strip()]
        entries += [_own(n, line, after=len(entries)) for n, line in enumerate(own, 1)]
        if not entries:
            raise InputError(
                "There are no links. Paste TikTok slideshow links, or name a manifest file or "
                "own slides."
            )
        if len(own) > 100:
            raise InputError(f"{len(own)} own slideshows are named; a batch takes up to 100.")
        return entries

    def _rows(self) -> list[Row]:
        rows = read_rows(self._order.links) if self._order.links.strip() else []
        if self._order.manifest:
            rows += read_manifest(Path(self._bring(self._order.manifest)).expanduser())
        return rows

    def _with_products(self, entries: Sequence[Entry]) -> list[Entry]:
        manifest = self._bring(self._order.manifest)
        shelf = Shelf(
            fetch=self._fetcher.fetch,
            photo=self._order.photo,
            description=self._order.description,
            photos=self._order.photos,
            base=Path(manifest).expanduser().absolute().parent if manifest else Path.cwd(),
            bring=self._bring,
        )
        matched = shelf.match([entry.wanted for entry in entries])
        return [_served(entry, found) for entry, found in zip(entries, matched, strict=True)]

    def _refuse_if_bad(self, entries: Sequence[Entry]) -> None:
        problems = [f"{e.place}: {e.error} ({e.text[:80]})" for e in entries if e.error]
        good = len(entries) - len(problems)
        if good == 0:
            raise InputError("No link can be used; nothing was made or paid.", problems)
        if problems and not self._order.skip_invalid:
            raise InputError(
                f"{len(problems)} of {len(entries)} links cannot be used; nothing was made or "
                "paid. Mend them, or turn skip_invalid on to run the others.",
                problems,
            )

    def _fetched(self, entry: Entry, of: int) -> Entry:
        if entry.error or entry.product is None:
            return entry
        try:
            show, post = self._fetch(entry)
            spec = self._spec(entry, show, entry.product)
        except PressrunError as error:
            self._say(f"Slideshow {entry.number} of {of} cannot be used: {error}")
            return replace(entry, error=error)
        self._say(f"Slideshow {entry.number} of {of}: {len(show.slides)} slides of {show.source}")
        return replace(entry, link=post, spec=spec)

    def _fetch(self, entry: Entry) -> tuple[Slideshow, Link | None]:
        if entry.link is None:
            return read_slideshow(self._bring(entry.text), self._fetcher.fetch), None
        post = entry.link
        if post.verdict == Verdict.NEEDS_RESOLVING:
            post = self._tiktok.resolve(post)
        # A short link is known by its post only now: it may be one that stands here already.
        first = self._posts.setdefault(post.post_id, entry)
        if first is not entry:
            raise SourceError(f"This is the post of {first.place} again.", kind="duplicate")
        return self._tiktok.fetch(post.canonical or ""), post

    def _spec(self, entry: Entry, show: Slideshow, product: Product) -> dict[str, Any]:
        return {
            "link": entry.number,
            "user": handle(show.user or Path(show.source).stem, "slides"),
            "source": show.source,
            "caption": show.caption,
            "description": product.description,
            "product": kept(product.photo, self._vault),
            "slides": [kept(slide, self._vault) for slide in show.slides],
        }

    def _items(self, entry: Entry) -> Iterable[PlannedItem]:
        key = _key(entry)
        title = f"Link {entry.number:03d}"
        if entry.error:
            spec = {"link": entry.number, "source": entry.text[:500]}
            shown = f"{title} · {entry.text[:80]}"
            yield PlannedItem(key, entry.number * 1000, shown, spec, entry.error)
            return
        of = self._order.variations
        for variation in range(1, of + 1):
            photo, text = divmod(variation - 1, self._order.text_variations)
            numbers = {
                "variation": variation,
                "photo_variation": photo + 1,
                "text_variation": text + 1,
            }
            yield PlannedItem(
                f"{key}/variation_{variation}",
                entry.number * 1000 + variation,
                f"{title} @{entry.spec['user']} · variation {variation}/{of}",
                entry.spec | numbers,
            )


def _key(entry: Entry) -> str:
    return f"link_{entry.number:03d}"


def _with_descriptions(rows: list[Row], descriptions: str) -> list[Row]:
    lines = [line.strip() for line in descriptions.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return rows
    if len(lines) != len(rows):
        raise InputError(
            f"There are {len(lines)} product descriptions for {len(rows)} links. Give one line a "
            "link, in the same order."
        )
    return [
        row if row.description else replace(row, description=line)
        for row, line in zip(rows, lines, strict=True)
    ]


def _wanted(number: int, row: Row, link: Link) -> Wanted:
    return Wanted(row.photo, row.description, _file_names(number, link.post_id, link.user))


def _own(place: int, line: str, after: int) -> Entry:
    number = after + place
    source, photo, description = ([*line.split("\t", 2), "", ""])[:3]
    names = _file_names(number, Path(source.strip()).stem)
    wanted = Wanted(photo.strip(), description.strip(), names)
    return Entry(number, f"own slideshow {place}", source.strip(), None, wanted)


def _file_names(number: int, *names: str) -> frozenset[str]:
    numbers = (f"{number}", f"{number:02d}", f"{number:03d}", f"link_{number:03d}")
    return frozenset([*numbers, *(name.casefold() for name in names if name)])


def _bad(link: Link) -> PressrunError | None:
    return None if link.good else SourceError(link.reason, kind=str(link.verdict))


def _served(entry: Entry, found: Product | InputError) -> Entry:
    if isinstance(found, Product):
        return replace(entry, product=found)
    if entry.error is None:
        return replace(entry, error=found)
    # Both are wrong: say both, under the link's kind.
    return replace(entry, error=SourceError(f"{entry.error} {found}", kind=entry.error.kind))
