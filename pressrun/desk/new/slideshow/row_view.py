"""A row of a draft as the page shows it: the verdict on its link, its product, what it lacks.

Decides nothing that the planner would decide otherwise: what a row lacks is said as it says it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import urlsplit

from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import UploadReference, is_upload
from pressrun.desk.new.slideshow.dropped import DraftPhoto
from pressrun.desk.new.slideshow.rows import DraftRow
from pressrun.errors import InputError, PressrunError, SourceError
from pressrun.inputs.photos import WORDS, photos_in
from pressrun.inputs.places import is_address, is_file_name
from pressrun.inputs.products import MAX_DESCRIPTION, ProductError
from pressrun.inputs.tiktok.links import TikTokLink
from pressrun.kinds.slideshow.posts import Looked, SeenPost
from pressrun.moderation.words import Match, moderator
from pressrun.settings import settings


@dataclass(frozen=True, slots=True)
class CommonProduct:
    """What holds for rows that say nothing themselves; ``folder`` of photos, on the worker."""

    photo: str
    description: str
    folder: str


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo of a row as the page shows it.

    Attributes:
        place: What names it in the row.
        name: What it is called.
        sha256: Of an upload; empty for an address or a path.
        about: How it was found.
    """

    place: str = ""
    name: str = ""
    sha256: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as the page shows it.

    Attributes:
        number: In the run; 0 for a row that is blank still.
        state: ``waits``, ``ok``, ``later`` (TikTok refuses for now), ``bad``, ``repeat`` or
            ``blank``.
        words: The verdict, with its reason.
        lacks: What its product lacks, in sentences.
        found: The post, if it was looked at.
        thumb: Address of its first slide.
        photos: Those of its product, the main one first.
        description: Of its product, also where it is the one for all.
    """

    row: DraftRow
    number: int
    state: str
    words: str
    lacks: Sequence[str] = ()
    link: TikTokLink | None = None
    found: SeenPost | None = None
    thumb: str = ""
    photos: Sequence[PhotoView] = ()
    description: str = ""

    @property
    def photo(self) -> PhotoView:
        """The main photo of its product; without a name if there is none."""
        return self.photos[0] if self.photos else PhotoView()

    @property
    def is_ready(self) -> bool:
        """Whether it can be made, as far as is known."""
        return self.state in ("waits", "ok", "later") and not self.lacks

    @property
    def sizes(self) -> Sequence[Sequence[int]] | None:
        """Sizes of its slides; None while they are not known."""
        if self.row.slides:
            return self.row.own.sizes if self.row.own else None
        return self.found.sizes if self.found else None

    @property
    def user(self) -> str:
        """Who posted it; own slides have a name in its place."""
        return self.found.user if self.found else self.link.user if self.link else ""


_NO_PHOTO, _NO_DESCRIPTION = "no product photo", "no product description"
_NOT_DROPPED = partial(re.match, "no photo called")
_UNUSABLE = partial(re.match, "a description")
#: What rows may lack, in words that follow how many.
LACKING: Mapping[str, Callable[[RowView], bool]] = {
    "with a link that cannot be used": lambda row: row.state == "bad",
    "without a product photo": lambda row: _NO_PHOTO in row.lacks,
    "without a description": lambda row: _NO_DESCRIPTION in row.lacks,
    "whose photo was not dropped": lambda row: any(map(_NOT_DROPPED, row.lacks)),
    "whose description cannot be used": lambda row: any(map(_UNUSABLE, row.lacks)),
}


def view_of(
    row: DraftRow,
    number: int,
    link: TikTokLink | None,
    looked: Looked | None,
    names: Mapping[str, DraftPhoto],
    common: CommonProduct,
) -> RowView:
    """Says what is known of a row.

    Args:
        row: The row.
        number: In the run; 0 for a row that is blank still.
        link: What its link says; None for own slides.
        looked: What was found there, if its link is good.
        names: The photos that were dropped, by their references.
        common: What holds where the row says nothing.
    """
    state, words = _verdict(row, number, link, looked)
    description = row.description or common.description.strip()
    places = row.photos or photos_in(common.photo)
    found = looked.post if looked else None
    thumb = f"/posts/{looked.link.post_id}/thumb" if looked and found and found.thumb else ""
    if row.own and row.own.cover:
        thumb = f"/uploads/{UploadReference.parse(row.own.cover).sha256}/thumb"
    return RowView(
        row,
        number,
        state,
        words,
        tuple(_lacks(places, description, common.folder)) if number else (),
        looked.link if looked else link,
        found,
        thumb,
        [photo_view(place, names, row) for place in places],
        description,
    )


def _verdict(
    row: DraftRow, number: int, link: TikTokLink | None, looked: Looked | None
) -> tuple[str, str]:
    if not number:
        return "blank", ""
    if row.slides:
        return "ok", "" if row.own else "Read when the batch runs."
    if looked is None:
        return "bad", link.reason if link else ""
    if looked.may_pass:
        return "later", f"{looked.error} The batch asks again."
    if looked.error:
        return "bad", str(looked.error)
    return ("ok", "") if looked.post else ("waits", "Still to be looked at")


def photo_view(place: str, names: Mapping[str, DraftPhoto], row: DraftRow) -> PhotoView:
    """Says what is known of a photo of a row, or of one for all with a blank row."""
    if is_upload(place):
        named = names.get(place)
        try:
            reference = UploadReference.parse(place)
        except InputError:
            return PhotoView(place, one_line(place, 60))
        name = named.name if named else reference.name
        about = "for all rows" if not row.photo else WORDS.get(row.by, "") if row.by else ""  # type: ignore[call-overload]
        return PhotoView(place, name, reference.sha256, about)
    if is_address(place):
        return PhotoView(place, urlsplit(place).path.rpartition("/")[2] or place, about=place)
    return PhotoView(place, one_line(place, 60))


def _lacks(photos: Sequence[str], description: str, folder: str) -> list[str]:
    """Says what a row's product lacks, as :class:`pressrun.inputs.products.ProductSource` does."""
    lacks = []
    if folder:
        pass  # the worker finds the photo there
    elif not photos:
        lacks.append(_NO_PHOTO)
    else:
        missing = [one_line(photo, 60) for photo in photos if is_file_name(photo)]
        lacks += [f"no photo called “{name}” was dropped" for name in missing]
    if not description:
        lacks.append(_NO_DESCRIPTION)
    elif len(description) > MAX_DESCRIPTION:
        lacks.append(f"a description of over {MAX_DESCRIPTION:,} characters")
    elif match := _blocked(description):
        lacks.append(f"a description that is {match}")
    return lacks


@lru_cache(4000)
def _blocked(description: str) -> Match | None:
    return moderator(settings().blocked_words, settings().allowed_words).check(description)


def error_of(view: RowView) -> PressrunError | None:
    """Gives the error that the row's item would fail with; None if it can be made."""
    lacking = None
    if view.lacks:
        unusable = "a product photo that cannot be used: "
        told = [f"has {unusable if _NOT_DROPPED(one) else ''}{one}" for one in view.lacks]
        lacking = ProductError(told, photo_only=bool(view.description))
    if view.state == "bad":
        return SourceError(f"{view.words} {lacking or ''}".strip(), kind="bad_link")
    return lacking
