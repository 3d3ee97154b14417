"""The page of a new slideshow batch, as :class:`pressrun.desk.new.faces.Face` says."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.boundary.text import counted
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate, refused
from pressrun.desk.new.faces import SeenDraft
from pressrun.desk.new.slideshow.plan import estimate, is_open, slides_supposed
from pressrun.desk.new.slideshow.rows import given, rows_of
from pressrun.desk.new.slideshow.sheet import RowSheet, read_sheet
from pressrun.desk.rendering import duration
from pressrun.errors import InputError, PressrunError
from pressrun.kinds.base import Kind
from pressrun.kinds.slideshow.posts import Posts
from pressrun.ledger import Ledger

_MOST_PRICED = 100
_EMPTY = "Paste links, or drop slides of your own."
_ASKED_FOR = (
    "That run was given a file of rows. Drop the file on Products, and its rows stand here."
)


class SlideshowFace:
    """See :class:`pressrun.desk.new.faces.Face`.

    Args:
        posts: Where links are looked at.
    """

    flow = "slideshow-batch"
    name = "Slideshows"
    given = "TikTok links and product photos"
    content = "new_slideshows.html"
    seen = "new_slideshows_seen.html"
    look: Sequence[str] = (
        *("photo_variations", "text_variations", "model", "text_model"),
        *("lettering", "lettering_style", "lettering_margins"),
        *("aspect_ratio", "size", "title"),
    )
    usual: Mapping[str, Any] = {}
    own: Sequence[str] = (
        *("called", "links", "slides", "photo", "description", "descriptions"),
        *("manifest", "photos"),
        "review",  # its flow asks nothing
    )

    def __init__(self, posts: Posts):
        self._posts = posts
        self._priced: OrderedDict[object, DraftEstimate] = OrderedDict()

    def parameters(self, draft: BatchDraft) -> Mapping[str, Any]:
        """Gives the rows as a run takes them, and the product for all."""
        common = ("photo", "description", "photos")
        told = {name: draft.values[name] for name in common if draft.values.get(name)}
        return given(rows_of(draft.values)) | told

    def sheet(self, draft: BatchDraft) -> RowSheet:
        """Reads what is known of the rows by now, within milliseconds."""
        try:
            return read_sheet(draft, self._posts)
        except InputError as error:
            return RowSheet(notes=(str(error),))

    def see(
        self, draft: BatchDraft, kind: Kind, given: Mapping[str, Any], ledger: Ledger
    ) -> SeenDraft:
        """Plans and prices the rows, as far as they are known."""
        sheet = self.sheet(draft)
        if not sheet.asked:
            return SeenDraft(
                DraftEstimate(problem=_ASKED_FOR if draft.values.get("manifest") else _EMPTY)
            )
        if not (sheet.ready or sheet.unread):
            problem = DraftEstimate(problem=sheet.missing)
            return SeenDraft(problem, busy=_busy(sheet), ways_out=sheet.ways_out)
        key = (draft.id, draft.version, sheet.stamp)
        if key not in self._priced:
            try:
                self._priced[key] = estimate(ledger, kind, given, sheet)
            except PressrunError as error:
                self._priced[key] = refused(error)
            while len(self._priced) > _MOST_PRICED:
                self._priced.popitem(last=False)
        found = self._priced[key]
        told, is_between = _told(sheet, found, given), is_open(sheet)
        return SeenDraft(found, None, _busy(sheet), told, _start(sheet), is_between, sheet.ways_out)


def _told(sheet: RowSheet, found: DraftEstimate, given: Mapping[str, Any]) -> str:
    if found.problem:
        return ""  # the numbers themselves may be wrong
    of = int(given["photo_variations"]) * int(given["text_variations"])
    parts = [f"{sheet.ready} ready"] if sheet.ready else []
    if sheet.unread:
        parts.append(f"{sheet.unread} complete, not read yet (the batch asks again)")
    if sheet.incomplete:
        parts.append(f"{sheet.incomplete} incomplete")
    if sheet.repeats:
        parts.append(f"{counted(sheet.repeats, 'repeat')}")
    # The batch counts a row that cannot be made as an item: a failed one, which can be mended.
    fails = f" + {counted(len(found.bad), 'row')} that cannot be made" if found.bad else ""
    return " · ".join(
        [
            ", ".join(parts),
            f"{counted(of, 'variation')} a slideshow",
            counted(found.ready, "item") + fails,
        ]
    )


def _start(sheet: RowSheet) -> str:
    made = sheet.ready + sheet.unread
    return f"Start {made}, leave {sheet.incomplete} out" if sheet.incomplete and made else "Start"


def _busy(sheet: RowSheet) -> str:
    if not sheet.waiting:
        return ""
    few, _, many = slides_supposed(sheet)
    return (
        f"{counted(sheet.waiting, 'post')} still to be looked at, about {duration(sheet.left_s)} "
        f"left: priced as {few} to {many} slides each. You can start meanwhile."
    )
