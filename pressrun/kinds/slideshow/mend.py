"""How one slideshow is changed after it could not be made: its link, photos, description."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.inputs.content import ARCHIVE, type_named
from pressrun.inputs.photos import photos_in
from pressrun.inputs.places import is_address
from pressrun.inputs.products import MAX_DESCRIPTION, Product, WantedProduct
from pressrun.inputs.tables.rows import OWN_SLIDES
from pressrun.inputs.tiktok.links import check_link
from pressrun.kinds.base import MendField, MendForm, PlannedSpec
from pressrun.kinds.slideshow.entry import SlideshowEntry, judged
from pressrun.kinds.slideshow.parameters import SlideshowParameters
from pressrun.kinds.slideshow.photos import product_photos, source_picture
from pressrun.ledger.records import Item
from pressrun.ledger.vault import Vault

_KEPT = "Empty: as it was given."
_FIELDS = (
    MendField(
        "link",
        "Link, or own slides",
        "A TikTok slideshow. In its place slides of your own: a ZIP, addresses of pictures, or "
        "“slides:” and a folder.",
        most=20_000,
        files=".zip",
    ),
    MendField(
        "photo",
        "Product photo",
        "JPEG, PNG, WEBP, HEIC or AVIF, or its address; of several photos of the product all, with "
        f"semicolons between them, the main one first. {_KEPT}",
        most=4096,
        files="image/*,.heic,.heif,.avif",
    ),
    MendField("description", "Product description", _KEPT, lines=2, most=MAX_DESCRIPTION),
)
_OWN = MendField(
    "link", "Own slides", "A ZIP, a folder or addresses of pictures.", most=20_000, files=".zip"
)
#: What is supposed of a slideshow that was not looked at, where no other of its batch was.
_SLIDE = {"sha256": "", "media_type": "image/jpeg", "width": 1080, "height": 1920}
_SLIDES = 6
_SLIDES_IN = ("image/", ARCHIVE.media_type)


def is_own(spec: Mapping[str, Any]) -> bool:
    """Says whether an item's slides are a person's own, and no post's."""
    if "slides" in spec:  # of a post, the source is its address
        return not check_link(spec["source"]).good
    return bool(spec.get("own"))


def fields_of(spec: Mapping[str, Any]) -> tuple[MendField, ...]:
    """Lists what of a slideshow can be changed."""
    return (_OWN, *_FIELDS[1:]) if is_own(spec) else _FIELDS


def own_slides(text: str) -> str:
    """Gives the source of slides that a person names in place of a link; empty for a link."""
    text = text.strip()
    if text.lower().startswith(OWN_SLIDES):
        return text[len(OWN_SLIDES) :].strip()
    words = text.split()
    is_archive = len(words) == 1 and type_named(name_of(text)) is ARCHIVE
    are_pictures = all(_is_picture(word) for word in words)
    return text if words and (is_archive or are_pictures) else ""


def _is_picture(place: str) -> bool:
    kind = type_named(name_of(place.partition("?")[0]))
    named = is_upload(place) or is_address(place)
    return named and kind is not None and kind.media_type.startswith("image/")


def given_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Gives what can be changed as it is; a photo that was read is not named again."""
    return {
        "link": spec["source"],
        "photo": spec.get("photo", ""),
        "description": spec.get("description", ""),
    }


def changed(entry: SlideshowEntry, words: Mapping[str, str]) -> SlideshowEntry:
    """Gives an entry with what a person put in place of its link, photos and description."""
    wanted = replace(
        entry.wanted,
        photo=words.get("photo", "").strip() or entry.wanted.photo,
        description=words.get("description", "").strip() or entry.wanted.description,
    )
    given = words.get("link", "").strip()
    if slides := own_slides(given):
        return replace(entry, text=slides, wanted=wanted, link=None)
    text = given or entry.text
    link = check_link(text, entry.number)
    entry = replace(entry, text=text, wanted=wanted, link=link if link.good or entry.link else None)
    return judged(entry, link) if entry.link else entry


def known_entry(item: Item, words: Mapping[str, str], vault: Vault) -> SlideshowEntry:
    """Gives the entry of an item that was planned, as a person changed it.

    With its product, unless other photos have to be read for it.

    Raises:
        VaultError: A photo that it had is gone.
    """
    said, number = item.spec["description"], item.spec["link"]
    text = words.get("link") or item.spec["source"]
    link = check_link(text, number)
    entry = SlideshowEntry(
        number,
        f"row {number}",
        text,
        link if link.good else None,
        WantedProduct("", said),
        name=item.spec.get("name", ""),
    )
    entry = changed(entry, words)
    if entry.wanted.photo:
        return entry
    photos = tuple(source_picture(vault, one) for one in product_photos(item.spec))
    return replace(entry, product=Product(photos, entry.wanted.description))


def variations(
    spec: Mapping[str, Any], key: str, parameters: SlideshowParameters
) -> list[PlannedSpec]:
    """Gives one item for each variation of a slideshow."""
    found = []
    for variation in range(1, parameters.variations + 1):
        photo, text = divmod(variation - 1, parameters.text_variations)
        numbers = {"photo_variation": photo + 1, "text_variation": text + 1}
        found.append(
            PlannedSpec(f"{key}/variation_{variation}", {**spec, "variation": variation, **numbers})
        )
    return found


def respecified(items: Sequence[Item], parameters: SlideshowParameters) -> list[PlannedSpec]:
    """Gives the variations of each slideshow that was looked at, as the parameters say now."""
    shows = {item.key.partition("/")[0]: item.spec for item in items if "slides" in item.spec}
    return [one for key, spec in shows.items() for one in variations(spec, key, parameters)]


def _problems(spec: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
    found = {}
    if "link" in words:
        text = words["link"].strip()
        link, slides = check_link(text), own_slides(text)
        if not text:
            found["link"] = "Give a link, or slides of your own."
        elif slides or (is_own(spec) and not link.good):
            if wrong := _unlike((slides or text).split(), _SLIDES_IN):
                found["link"] = f"{wrong} is no picture and no ZIP of pictures. Give the slides."
        elif not link.good:
            found["link"] = link.reason
    if wrong := _unlike(photos_in(words.get("photo", "")), ("image/",)):
        found["photo"] = f"{wrong} is no picture. Give a photo of the product."
    if "description" in words and not words["description"].strip() and "slides" in spec:
        found["description"] = "Say what the product is."
    return found


def _unlike(places: Sequence[str], wanted: tuple[str, ...]) -> str:
    """Names the first place that is called as something else; of addresses, the end says little."""
    for place in places:
        kind = None if "://" in place else type_named(name_of(place))
        if kind and not kind.media_type.startswith(wanted):
            return f"“{one_line(name_of(place), 80)}”"
    return ""


def _supposed(
    item: Item, words: Mapping[str, str], items: Sequence[Item], parameters: Mapping[str, Any]
) -> list[PlannedSpec]:
    """Supposes a post that was not looked at to be as the longest of the batch."""
    said = {"description": words["description"]} if words.get("description") else {}
    if "slides" in item.spec:
        return [PlannedSpec(item.key, {**item.spec, **said})]
    looked_at = [other.spec for other in items if "slides" in other.spec]
    typical: Mapping[str, Any] = max(
        looked_at, key=lambda spec: len(spec["slides"]), default=_TYPICAL
    )
    spec = {**typical, "link": item.spec["link"], **said}
    return variations(spec, item.key, SlideshowParameters.of(parameters))


_TYPICAL: dict[str, Any] = {
    "link": 1,
    "user": "",
    "source": "",
    "caption": "c" * 150,
    "description": "d" * 300,
    "slides": [_SLIDE] * _SLIDES,
    "product": _SLIDE,
}

MEND = MendForm(fields_of, given_of, _problems, _supposed)
