"""The items and the price of a draft whose posts are not all looked at yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pressrun.boundary.text import handle
from pressrun.desk.new.estimates import DraftEstimate, checked, priced
from pressrun.desk.new.slideshow.dropped import DraftPhoto
from pressrun.desk.new.slideshow.row_view import RowView, error_of
from pressrun.desk.new.slideshow.sheet import RowSheet
from pressrun.engines import token_estimates
from pressrun.engines.account import account_from_environment
from pressrun.inputs.photos import photos_in
from pressrun.kinds.base import Kind
from pressrun.kinds.slideshow.entry import SlideshowEntry, planned_items, refuse_if_bad
from pressrun.kinds.slideshow.parameters import SlideshowParameters
from pressrun.kinds.slideshow.photos import photo_spec
from pressrun.ledger import Ledger
from pressrun.ledger.records import PlannedItem

#: Slides of a post that nobody has looked at: few, as many have, many.
FEWEST, USUAL, MOST = 3, 6, 12
#: Pixels of slides and photos whose size is not known.
_SLIDE, _PHOTO = (1080, 1920), (1080, 1080)
#: So many posts tell how many slides the others may have.
_ENOUGH = 10


def estimate(
    ledger: Ledger, kind: Kind, given: Mapping[str, Any], sheet: RowSheet
) -> DraftEstimate:
    """Plans and prices the rows; between bounds, as long as posts are not looked at.

    Raises:
        PressrunError: Parameters cannot be used, or nothing can be made.
    """
    account = account_from_environment()
    parameters = checked(kind, given, account)
    assert isinstance(parameters, SlideshowParameters)  # noqa: S101 - of this kind
    parameters.require_fit()
    items = _items(parameters, sheet, slides_supposed(sheet)[1])
    found = priced(ledger, kind, parameters, items, account=account)
    return _between(found, ledger, kind, parameters, sheet)


def _between(
    found: DraftEstimate,
    ledger: Ledger,
    kind: Kind,
    parameters: SlideshowParameters,
    sheet: RowSheet,
) -> DraftEstimate:
    """Widens a price by what posts may cost that are not looked at: each as much as another."""
    unknown = {row.number for row in sheet.rows if row.is_ready and row.sizes is None}
    open_items = [i for i in found.items if not i.error and i.spec["link"] in unknown]
    if found.quote is None or not open_items:
        return found

    def cost(slides: int) -> token_estimates.Estimate:
        spec = open_items[0].spec | {"slides": [_picture(_SLIDE)] * slides}
        one = [replace(open_items[0], spec=spec)]
        told = priced(ledger, kind, parameters, one, account=account_from_environment())
        return told.quote.cost_usd if told.quote else token_estimates.NOTHING

    few, usual, many = map(cost, slides_supposed(sheet))
    total = found.quote.cost_usd
    widened = replace(
        total,
        low=max(0.0, total.low - (usual.low - few.low) * len(open_items)),
        high=total.high + (many.high - usual.high) * len(open_items),
    )
    return replace(found, quote=replace(found.quote, cost_usd=widened))


def is_open(sheet: RowSheet) -> bool:
    """Says whether the slides of some rows that can be made are still to be counted."""
    return any(row.is_ready and row.state == "waits" for row in sheet.rows)


def slides_supposed(sheet: RowSheet) -> tuple[int, int, int]:
    """Supposes how many slides the others have: at least, probably, at most."""
    known = sorted(len(row.sizes) for row in sheet.rows if row.sizes)
    if len(known) < _ENOUGH:
        return FEWEST, USUAL, MOST
    return known[0], round(sum(known) / len(known)), known[-1]


def _items(parameters: SlideshowParameters, sheet: RowSheet, slides: int) -> Sequence[PlannedItem]:
    photos = {photo.reference: photo for photo in sheet.photos}
    entries = [
        _entry(row, photos, parameters, slides) for row in sheet.asked if row.state != "repeat"
    ]
    refuse_if_bad(entries, skip_invalid=parameters.skip_invalid)
    return [item for entry in entries for item in planned_items(entry, parameters)]


def _entry(
    row: RowView,
    photos: Mapping[str, DraftPhoto],
    parameters: SlideshowParameters,
    slides: int,
) -> SlideshowEntry:
    places = row.row.photos or photos_in(parameters.photo)
    sizes_of = [photos[place].size if place in photos else _PHOTO for place in places]
    sizes = row.sizes if row.sizes is not None else [_SLIDE] * slides
    spec = {
        "link": row.number,
        "user": handle(row.user or row.row.name, "slides"),
        "source": row.row.slides or row.row.link,
        "caption": row.found.caption if row.found else row.row.own.caption if row.row.own else "",
        "slides": [_picture(size) for size in sizes],
        "description": row.description,
        **photo_spec([_picture(size) for size in sizes_of or [_PHOTO]]),
    }
    place = f"row {row.number}"
    text = row.row.slides or row.row.link
    error = error_of(row)
    return SlideshowEntry(
        row.number, place, text, row.link, error=error, spec=spec, name=row.row.name
    )


def _picture(size: Sequence[int]) -> dict[str, Any]:
    return {"sha256": "", "media_type": "image/jpeg", "width": size[0], "height": size[1]}
