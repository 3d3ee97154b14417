"""From what a person pasted to items: every link judged, every slide fetched, nothing paid.

All problems are found before anything is made. A link that cannot be used becomes one failed
item with its reason; a good one becomes an item a variation. What is asked for twice is made once,
and noted: no failure.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pressrun.boundary.text import handle, one_line, short_url
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.places import LINKS, bare, direct, existing
from pressrun.inputs.products import Product, ProductSource, WantedProduct, read_picture_file
from pressrun.inputs.slides import Slideshow, is_list, read_slideshow
from pressrun.inputs.tables.rows import GivenRows, SlideshowRow, read_manifest, read_rows
from pressrun.inputs.tiktok.links import check_link, find_repeats
from pressrun.inputs.web.fetch import Fetcher
from pressrun.kinds.slideshow.entry import (
    LONGEST_NAME,
    SlideshowEntry,
    entry_key,
    judged,
    letterable,
    made_for,
    planned_items,
    refuse_if_bad,
    same,
    served,
)
from pressrun.kinds.slideshow.lookup import (
    PASSING_KINDS,
    SlideshowLookup,
    open_shelf,
    open_visitors,
)
from pressrun.kinds.slideshow.mend import changed, known_entry
from pressrun.kinds.slideshow.parameters import SlideshowParameters
from pressrun.kinds.slideshow.photos import kept, photo_spec, without_photos
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import Picture
from pressrun.settings import Settings

_NAMED = 8  # files that a note names

Log = Callable[[str], None]


class SlideshowPlanner:
    """Plans one slideshow batch.

    Args:
        parameters: Of the batch.
        settings: Where TikTok is reached, and how fast.
        vault: Where slides and photos are kept for the batch's life.
        log: Called with one line at every step that takes long.
        download: Gives the local path of an upload and of what lies in S3 or Drive; any other place
            as it is.
        note: Called with what a person should know although nothing is wrong; ``log`` if none.
    """

    def __init__(
        self,
        parameters: SlideshowParameters,
        settings: Settings,
        vault: Vault,
        log: Log,
        download: Callable[[str], str] = str,
        note: Log | None = None,
    ):
        self._parameters, self._vault, self._log, self._download = parameters, vault, log, download
        self._note = note or log
        self._made: dict[Hashable, SlideshowEntry] = {}
        self._fetcher = Fetcher()
        self._lookup = SlideshowLookup(
            open_visitors(settings), open_shelf(settings), self._read_own, self._kept, self._log
        )

    def plan(self) -> list[PlannedItem]:
        """Plans the items of the batch, in order.

        Raises:
            InputError: Nothing can be run, or ``skip_invalid`` is off and something is wrong;
                lists every problem found so far.
            SettingError: The chosen model does not make the chosen size.
        """
        self._parameters.require_fit()
        entries = self._distinct(self._with_products(self._entries()))
        refuse_if_bad(entries, skip_invalid=self._parameters.skip_invalid)
        self._lookup.look(entries)
        fetched = [self._fetched(entry, len(entries)) for entry in entries]
        entries = [entry for entry in fetched if entry]
        refuse_if_bad(entries, skip_invalid=self._parameters.skip_invalid)
        return [item for entry in entries for item in planned_items(entry, self._parameters)]

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """Plans once more what TikTok blocked for a while.

        Args:
            failed: The batch's failed items; the others of them stay as they are.

        Returns:
            For every item that is planned anew its key, and the items in its place (one failed
            item again, if it still cannot be fetched; none if another one proves to be the same).
        """
        numbers = {
            item.spec["link"]
            for item in failed
            if item.error_kind in PASSING_KINDS and "slides" not in item.spec
        }
        if not numbers:
            return {}
        try:
            entries = self._distinct(self._with_products(self._entries()))
        except PressrunError as error:
            self._log(f"What failed for a while is left as it is: {error}")
            return {}
        for entry in entries:
            if entry.number not in numbers and entry.link and entry.link.post_id:
                self._made.setdefault((entry.link.post_id, made_for(entry)), entry)
        self._lookup.look([entry for entry in entries if entry.number in numbers])
        planned = {}
        for entry in entries:
            if entry.number in numbers:
                fetched = self._fetched(entry, len(numbers))
                items = planned_items(fetched, self._parameters) if fetched else ()
                planned[entry_key(entry)] = list(items)
        return planned

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans a slideshow again with another link, photo or description.

        One variation that was planned stays one; of what could not be planned come all of them.

        Raises:
            PressrunError: What was given for the batch cannot be read any more.
        """
        known, number = "slides" in item.spec, item.spec["link"]
        if known:
            entry = known_entry(item, words, self._vault)
            if not entry.product:
                (entry,) = self._with_products([entry])
        else:
            entries = [changed(e, words) if e.number == number else e for e in self._entries()]
            entry = next(e for e in self._with_products(entries) if e.number == number)
        if not known or words.get("link"):
            self._lookup.look([entry])
            fetched = self._fetched(entry, 1)
            if not fetched:
                return []
            entry = fetched
        if not known:
            return list(planned_items(entry, self._parameters))
        spec = item.spec | entry.spec
        if entry.product and not entry.error:
            spec = without_photos(spec) | self._product(entry.product)
        return [PlannedItem(item.key, item.position, item.title, spec, entry.error)]

    def _entries(self) -> list[SlideshowEntry]:
        rows = _with_descriptions(self._rows(), self._parameters.descriptions)
        entries = [_entry(n, place, row) for n, (place, row) in enumerate(rows, 1)]
        lines = [line for line in self._parameters.slides.splitlines() if line.strip()]
        entries += [_own(n, line, after=len(entries)) for n, line in enumerate(lines, 1)]
        own = [entry for entry in entries if entry.link is None]
        if not entries:
            raise InputError(
                "There are no links. Paste TikTok slideshow links, or name a manifest file or "
                "own slides."
            )
        if len(own) > 100:
            raise InputError(f"{len(own)} own slideshows are named; a batch takes up to 100.")
        return entries

    def _rows(self) -> list[tuple[str, SlideshowRow]]:
        """Reads the rows, each with how a message names it: as the person sees it counted."""
        rows: list[tuple[str, SlideshowRow]] = []
        if self._parameters.links.strip():
            given = read_rows(self._parameters.links)
            for n, row in enumerate(self._noted(given, "links"), 1):
                rows.append((f"row {n}" if given.is_headed else f"line {row.line}", row))
        if self._parameters.manifest.strip():
            file = self._manifest()
            found = self._noted(read_manifest(file), file.name)
            rows += [(f"line {row.line}", row) for row in found]
        return rows

    def _noted(self, given: GivenRows, where: str) -> list[SlideshowRow]:
        for said in given.notes:
            self._note(f"{where}: {said}")
        return given.rows

    def _manifest(self) -> Path:
        return existing(self._download(bare(self._parameters.manifest)), LINKS)

    def _with_products(self, entries: Sequence[SlideshowEntry]) -> list[SlideshowEntry]:
        source = ProductSource(
            fetch=self._picture,
            photo=self._parameters.photo,
            description=self._parameters.description,
            photos=self._parameters.photos,
            base=self._manifest().absolute().parent
            if self._parameters.manifest.strip()
            else Path.cwd(),
            download=self._download,
            note=self._note,
        )
        matched = source.match([entry.wanted for entry in entries])
        found = [served(entry, found) for entry, found in zip(entries, matched, strict=True)]
        ours = self._parameters.lettering == "Pressrun"
        return [letterable(entry) for entry in found] if ours else found

    def _distinct(self, entries: Sequence[SlideshowEntry]) -> list[SlideshowEntry]:
        """Leaves out entries that repeat another one, and turns bad links into errors."""
        linked = [(entry.link, made_for(entry)) for entry in entries if entry.link]
        verdicts = iter(find_repeats([link for link, _ in linked], [to for _, to in linked]))
        own: dict[Hashable, str] = {}
        places = {entry.number: entry.place for entry in entries}
        kept = []
        for entry in entries:
            link = next(verdicts) if entry.link else None
            if link and link.duplicate_of:
                self._note(same(entry, places[link.duplicate_of]))
            elif link:
                kept.append(judged(entry, link))
            elif first := own.get((entry.text, made_for(entry))):
                self._note(same(entry, first))
            else:
                own[entry.text, made_for(entry)] = entry.place
                kept.append(entry)
        return kept

    def _fetched(self, entry: SlideshowEntry, of: int) -> SlideshowEntry | None:
        """Fetches what an item needs, or sets the error; None if the entry repeats another one."""
        if entry.error or entry.product is None:
            return entry
        try:
            post = self._lookup.post(entry.link) if entry.link else None
            # A short link is known by its post only now: it may be one that stands here already.
            key = (post.post_id, made_for(entry)) if post else entry.number
            if (first := self._made.setdefault(key, entry)) is not entry:
                self._note(same(entry, first.place))
                return None
            show = self._lookup.show(entry, post)
            spec = {"link": entry.number, **show, **self._product(entry.product)}
            if entry.name:
                spec |= {"name": entry.name, "user": handle(entry.name, spec["user"])}
        except Exception as error:  # noqa: BLE001 - what is wrong with one row ends no other
            failure = foreseen(error)
            self._log(f"Slideshow {entry.number} of {of} cannot be used: {failure}")
            return replace(entry, error=failure)
        slides = len(spec["slides"])
        called = entry.name or spec["source"]
        self._log(f"Slideshow {entry.number} of {of}: {slides} slides of {called}")
        return replace(entry, link=post, spec=spec)

    def _read_own(self, source: str) -> Slideshow:
        place = bare(source)
        show = read_slideshow(place if is_list(place) else self._download(place), self._picture)
        if show.left_out:
            named = ", ".join(show.left_out[:_NAMED])
            more = f" and {len(show.left_out) - _NAMED} more" if len(show.left_out) > _NAMED else ""
            self._note(f"Left out of “{one_line(show.source)}”: {named}{more}.")
        return show

    def _kept(self, show: Slideshow) -> dict[str, Any]:
        return {
            "user": handle(show.user or Path(show.source).stem, "slides"),
            "source": show.source,
            "caption": show.caption,
            "slides": [kept(slide, self._vault) for slide in show.slides],
        }

    def _product(self, product: Product) -> dict[str, Any]:
        return {"description": product.description} | photo_spec(
            [kept(photo, self._vault) for photo in product.photos]
        )

    def _picture(self, url: str, what: str = "") -> Picture:
        if is_upload(url):
            return read_picture_file(Path(self._download(url)), what or name_of(url))
        return self._fetcher.fetch(direct(url), what or short_url(url))


_PlacedRows = list[tuple[str, SlideshowRow]]


def _with_descriptions(rows: _PlacedRows, descriptions: str) -> _PlacedRows:
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
        (place, row if row.description else replace(row, description=line))
        for (place, row), line in zip(rows, lines, strict=True)
    ]


def _entry(number: int, place: str, row: SlideshowRow) -> SlideshowEntry:
    if row.slides:
        return _own_entry(number, place, row.slides, row.photo, row.description, row.name)
    link = check_link(row.link, number)
    wanted = WantedProduct(row.photo, row.description, number, link.post_id, link.user)
    return SlideshowEntry(number, place, row.link, link, wanted)


def _own(place: int, line: str, after: int) -> SlideshowEntry:
    number = after + place
    source, photo, description = ([*line.split("\t", 2), "", ""])[:3]
    return _own_entry(number, f"own slideshow {place}", source.strip(), photo, description)


def _own_entry(
    number: int, place: str, source: str, photo: str, description: str, name: str = ""
) -> SlideshowEntry:
    name = one_line(name, LONGEST_NAME)
    user = name or Path(name_of(source)).stem
    wanted = WantedProduct(photo.strip(), description.strip(), number, user=user)
    return SlideshowEntry(number, place, source, None, wanted, name=name)
