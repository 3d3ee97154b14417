"""One slideshow that is asked for: what it needs, what is wrong with it, what it repeats.

Judges, and writes the messages; fetches and keeps nothing.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import shown
from pressrun.errors import InputError, PressrunError, SourceError
from pressrun.inputs.products import Product, ProductError, WantedProduct
from pressrun.inputs.slides import is_list
from pressrun.inputs.tiktok.links import TikTokLink
from pressrun.kinds.slideshow.lettering import no_typeface
from pressrun.kinds.slideshow.parameters import SlideshowParameters
from pressrun.ledger.records import PlannedItem

#: Letters of a slideshow's own name.
LONGEST_NAME = 60
_NAMED = 5  # rows that a problem names one by one


@dataclass(frozen=True, slots=True)
class SlideshowEntry:
    """One slideshow asked for: a link or a source of own slides, with its product.

    Attributes:
        number: 1-based place among all that was asked for; stands in names.
        place: How a message names it ("line 3").
        reasons: The sentences that its error is made of, where it has several.
        name: What its own slides are called, where a person says it.
    """

    number: int
    place: str
    text: str
    link: TikTokLink | None = None
    wanted: WantedProduct = field(default_factory=WantedProduct)
    product: Product | None = None
    error: PressrunError | None = None
    reasons: tuple[str, ...] = ()
    name: str = ""
    spec: dict[str, Any] = field(default_factory=dict, repr=False)


def served(entry: SlideshowEntry, found: Product | ProductError) -> SlideshowEntry:
    """Adds its product to an entry, or what that lacks as the entry's error."""
    if isinstance(found, Product):
        return replace(entry, product=found)
    return replace(entry, error=found)


def letterable(entry: SlideshowEntry) -> SlideshowEntry:
    """Adds an error where no typeface has the script of the product's description."""
    lacking = no_typeface(entry.product.description) if entry.product else ""
    if not lacking:
        return entry
    return replace(entry, error=ProductError([lacking], photo_only=False))


def judged(entry: SlideshowEntry, link: TikTokLink) -> SlideshowEntry:
    """Adds the verdict on its link to an entry, as its error if the link is bad."""
    if link.good:
        return entry
    # If its product is wrong too, both are said, under the link's kind.
    reasons = (link.reason, str(entry.error)) if entry.error else (link.reason,)
    error = SourceError(" ".join(reasons), kind=str(link.verdict))
    return replace(entry, link=link, error=error, reasons=reasons)


def made_for(entry: SlideshowEntry) -> Hashable:
    """Finds what an entry is made for: equal for equal products, or for equal wishes and errors."""
    if entry.product is None:
        return entry.wanted.photo, entry.wanted.description, str(entry.error)
    return tuple(photo.sha256 for photo in entry.product.photos), entry.product.description


def same(entry: SlideshowEntry, first: str) -> str:
    """Writes the note that an entry repeats the one at that place."""
    what = "post" if entry.link else "slides"
    place = entry.place[:1].upper() + entry.place[1:]
    if first == entry.place:
        return f"{place} names the same {what} twice, for the same product: made once."
    return f"{place} is the same as {first} (same {what}, same product): made once."


def entry_key(entry: SlideshowEntry) -> str:
    """Names what an entry becomes: its failed item, and the folder of its variations."""
    return f"link_{entry.number:03d}"


def planned_items(entry: SlideshowEntry, parameters: SlideshowParameters) -> Iterator[PlannedItem]:
    """Yields the items of an entry: one for each variation, or one that has failed."""
    key = entry_key(entry)
    title = " ".join(
        filter(None, ("Link" if entry.link else "Slideshow", f"{entry.number:03d}", entry.name))
    )
    if entry.error:
        spec = {"link": entry.number, "source": one_line(entry.text, 500)}
        spec |= {"own": entry.link is None, "photo": entry.wanted.photo}
        spec["description"] = entry.wanted.description
        name = f"{title} · {one_line(shown(entry.text), 80)}"
        yield PlannedItem(key, entry.number * 1000, name, spec, entry.error)
        return
    of = parameters.variations
    for variation in range(1, of + 1):
        photo, text = divmod(variation - 1, parameters.text_variations)
        numbers = {
            "variation": variation,
            "photo_variation": photo + 1,
            "text_variation": text + 1,
        }
        yield PlannedItem(
            f"{key}/variation_{variation}",
            entry.number * 1000 + variation,
            f"{title}{_called(entry)} · variation {variation}/{of}",
            entry.spec | numbers,
        )


def _called(entry: SlideshowEntry) -> str:
    """Says whose post it is, or what the ZIP or folder of own slides is, if nothing is said."""
    if entry.link:
        return f" @{entry.spec['user']}"
    return "" if entry.name or is_list(entry.text) else f" {entry.spec['user']}"


def refuse_if_bad(entries: Sequence[SlideshowEntry], *, skip_invalid: bool) -> None:
    """Refuses a batch with nothing to make, or with bad entries that may not be skipped.

    Raises:
        InputError: Nothing can be made, or something cannot and is not to be skipped; lists every
            problem once.
    """
    bad = [entry for entry in entries if entry.error]
    if not bad or (skip_invalid and len(bad) < len(entries)):
        return
    if all(entry.link and isinstance(entry.error, SourceError) for entry in bad):
        none, what = "No link can be used; nothing was made or paid.", "links"
    elif all(isinstance(entry.error, ProductError) and entry.error.photo_only for entry in bad):
        none = "No slideshow can be made: no product photo can be used. Nothing was made or paid."
        what = "product photos"
    else:
        none, what = "No slideshow can be made; nothing was made or paid.", "slideshows"
    if len(bad) == len(entries):
        raise InputError(none, _grouped(bad))
    raise InputError(
        f"{len(bad)} of {len(entries)} {what} cannot be used; nothing was made or paid. Mend them, "
        "or turn skip_invalid on to run the others.",
        _grouped(bad),
    )


def _grouped(bad: Sequence[SlideshowEntry]) -> list[str]:
    """Groups what is wrong: each sentence once, with the lines that it is said of."""
    groups: dict[str, list[SlideshowEntry]] = {}
    for entry in bad:
        for reason in entry.reasons or (str(entry.error),):
            groups.setdefault(reason, []).append(entry)
    return [f"{_places(of)}: {said}{_text(of)}" for said, of in groups.items()]


def _places(entries: Sequence[SlideshowEntry]) -> str:
    if len(entries) <= _NAMED:
        return ", ".join(entry.place for entry in entries)
    return f"{len(entries)} rows, from {entries[0].place} to {entries[-1].place}"


def _text(entries: Sequence[SlideshowEntry]) -> str:
    return f" ({one_line(shown(entries[0].text), 80)})" if len(entries) == 1 else ""
