"""All rows of a draft as the page shows them: read, counted, and said in sum.

Decides nothing that the planner would decide otherwise: links are judged and repeats found by the
same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pressrun.boundary.text import counted
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.slideshow.dropped import DraftPhoto, photos_of, photos_used
from pressrun.desk.new.slideshow.row_view import (
    LACKING,
    CommonProduct,
    PhotoView,
    RowView,
    photo_view,
    view_of,
)
from pressrun.desk.new.slideshow.rows import DraftRow, lines_of, rows_of
from pressrun.desk.rendering import listed
from pressrun.inputs.photos import photos_in
from pressrun.inputs.tiktok.links import MOST_POSTS, TikTokLink, check_link, find_repeats
from pressrun.inputs.tiktok.verdicts import LinkVerdict
from pressrun.kinds.slideshow.posts import Posts

#: A verdict of more rows than this is said once.
_OFTEN = 5
#: Ranges of rows that a sentence names.
_MOST_RANGES = 6
#: What gives all rows at once what they lack: in words, and the field's id.
_WAYS_OUT: Mapping[str, tuple[str, str]] = {
    "without a product photo": ("Drop one photo for all", "for-all"),
    "without a description": ("Write one description for all", "f-description"),
}
_check_link = lru_cache(4000)(check_link)


@dataclass(frozen=True, slots=True)
class RowSheet:
    """All rows of a draft.

    Attributes:
        photos: All that were dropped.
        left_over: Those that go with no row.
        waiting: How many posts are still to be looked at.
        left_s: How long that takes.
        notes: What reading left out, in sentences.
        common: The photos of rows that have none of their own.
        removed: How many rows were removed last, and can be brought back.
    """

    rows: Sequence[RowView] = ()
    photos: Sequence[DraftPhoto] = ()
    left_over: Sequence[DraftPhoto] = ()
    waiting: int = 0
    left_s: float = 0.0
    notes: Sequence[str] = ()
    common: Sequence[PhotoView] = ()
    removed: int = 0

    @property
    def asked(self) -> Sequence[RowView]:
        """The rows that a run is given."""
        return [row for row in self.rows if row.number]

    @property
    def ready(self) -> int:
        """How many rows can be made, as far as is known."""
        return sum(row.is_ready and row.state != "later" for row in self.rows)

    @property
    def unread(self) -> int:
        """How many are made if their posts can be read when the batch runs; now they could not."""
        return sum(row.is_ready and row.state == "later" for row in self.rows)

    @property
    def repeats(self) -> int:
        """How many rows repeat another one."""
        return sum(row.state == "repeat" for row in self.rows)

    @property
    def incomplete(self) -> int:
        """How many rows cannot be made as they are."""
        return len(self.asked) - self.ready - self.unread - self.repeats

    @property
    def often(self) -> Mapping[str, Sequence[int]]:
        """The verdicts that many rows have, with the rows' numbers: each is said once for all."""
        found: dict[str, list[int]] = {}
        for row in self.asked:
            if row.state == "bad":
                found.setdefault(row.words, []).append(row.number)
        return {words: numbers for words, numbers in found.items() if len(numbers) > _OFTEN}

    @property
    def said_once(self) -> Sequence[str]:
        """The same in sentences."""
        return [
            f"{counted(len(numbers), 'row')} ({_ranges(numbers)}): {words}"
            for words, numbers in self.often.items()
        ]

    @property
    def without_photo(self) -> int:
        """How many rows have no photo of their own."""
        return sum(not row.row.photo for row in self.asked)

    @property
    def missing(self) -> str:
        """Says what the rows lack, where none of them can be made."""
        said = [f"{counted(count, 'row')} {words}" for words, count in self._lacking.items()]
        return f"No row is ready yet: {', '.join(said)}."

    @property
    def ways_out(self) -> Sequence[tuple[str, str]]:
        """What gives all rows at once what they lack: in words, and the field's id."""
        return [(said, to) for words, (said, to) in _WAYS_OUT.items() if words in self._lacking]

    @property
    def _lacking(self) -> Mapping[str, int]:
        asked = [row for row in self.asked if row.state != "repeat"]
        counts = {words: sum(map(test, asked)) for words, test in LACKING.items()}
        return {words: count for words, count in counts.items() if count}

    @property
    def stamp(self) -> tuple[object, ...]:
        """Changes when more is known of the posts."""
        return tuple((row.state, row.found is not None) for row in self.rows)


def read_sheet(draft: BatchDraft, posts: Posts) -> RowSheet:
    """Reads what is known of a draft's rows by now; what is not known is looked at behind.

    Raises:
        InputError: What a copied run was given cannot be read.
    """
    values = draft.values
    rows, photos = rows_of(values), photos_of(values)
    numbers = {row.id: number for number, row in lines_of(rows)}
    links = {row.id: _check_link(row.link) for row in rows if row.link or not row.slides}
    good = [row for row in rows if row.id in links and row.id in numbers and links[row.id].good]
    looked = dict(
        zip(
            (row.id for row in good),
            posts.look([links[row.id] for row in good], draft.id),
            strict=True,
        )
    )
    names = {photo.reference: photo for photo in photos}
    common = CommonProduct(*(str(values.get(n) or "") for n in ("photo", "description", "photos")))
    views = [
        view_of(row, numbers.get(row.id, 0), links.get(row.id), looked.get(row.id), names, common)
        for row in rows
    ]
    used = photos_used(values)
    waiting = sum(one.waits for one in looked.values())
    return RowSheet(
        _repeats_said(views),
        photos,
        [photo for photo in photos if photo.reference not in used],
        waiting,
        posts.left_s(waiting) if waiting else 0.0,
        (*_too_many(good, links), *(values.get("notes") or ())),
        [photo_view(place, names, DraftRow("")) for place in photos_in(common.photo)],
        len((values.get("removed") or {"rows": ()})["rows"]),
    )


def _too_many(rows: Sequence[DraftRow], links: Mapping[str, TikTokLink]) -> list[str]:
    """Says at once that a batch does not take them all: their rows may lack other things yet."""
    posts = {(links[row.id].post_id, links[row.id].short_code) for row in rows}
    if len(posts) <= MOST_POSTS:
        return []
    over = f"These are {len(posts)} links, and one batch takes {MOST_POSTS}"
    return [f"{over}: those behind are left out. Begin another batch with them."]


def _repeats_said(views: Sequence[RowView]) -> list[RowView]:
    """Marks the rows that repeat another one, and those that are too many."""
    linked = [view for view in views if view.number and view.link]
    links = [
        replace(view.link, line=view.number) if view.link else check_link("") for view in linked
    ]
    products = [
        (view.row.photo or tuple(photo.name for photo in view.photos), view.description)
        for view in linked
    ]
    marked = find_repeats(links, products)
    found = {view.row.id: link for view, link in zip(linked, marked, strict=True)}
    own: dict[tuple[str, str, str], int] = {}
    said = []
    for view in views:
        link = found.get(view.row.id)
        if link and link.verdict is LinkVerdict.DUPLICATE:
            words = f"The same post as in row {link.duplicate_of}, for the same product: made once."
            said.append(replace(view, state="repeat", words=words))
        elif link and link.verdict is LinkVerdict.OVER_LIMIT and view.state != "bad":
            said.append(replace(view, state="bad", words=link.reason))
        elif view.row.slides:
            key = (view.row.slides, view.row.photo, view.description)
            first = own.setdefault(key, view.number)
            words = f"The same slides as in row {first}, for the same product: made once."
            repeated = first != view.number
            said.append(replace(view, state="repeat", words=words) if repeated else view)
        else:
            said.append(view)
    return said


def _ranges(numbers: Sequence[int]) -> str:
    """Writes ``1 to 40, 42 and 50 to 60`` for numbers in order."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    more = len(said) - _MOST_RANGES
    return listed([*said[:_MOST_RANGES], "others"] if more > 0 else said)
