"""Which photo goes with which row, by names alone: numbers, posts, users, products, or the order.

Pure functions: nothing is opened or fetched. A photo goes with several rows only where its name
says so, and that is told; where two photos could be meant for a row, none is taken.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pressrun.boundary.text import counted, one_line
from pressrun.inputs.photos.evidence import (
    EVIDENCE,
    Claims,
    MatchedBy,
    PhotoRow,
    named_so,
)

#: How a sentence says it.
WORDS: Mapping[MatchedBy, str] = {
    "file name": "by the file name in the row",
    "post": "by the post's number in its name",
    "number": "by the row's number in its name",
    "user": "by the user in its name",
    "product": "by the product in its name",
    "order": "by its place in the order",
    "several": "several could be meant",
    "elsewhere": "the row names its own photo",
    "": "none",
}
_NAMED = 5  # photos that a sentence names


@dataclass(frozen=True, slots=True)
class PhotoMatch:
    """The photo of a row.

    Attributes:
        row: The row's number.
        photo: Its place among the photos; None if there is none.
        by: How it was found.
        possible: Places of the photos that could be meant, where they are several.
    """

    row: int
    photo: int | None = None
    by: MatchedBy = ""
    possible: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PhotoMatches:
    """What goes with what.

    Attributes:
        matches: One for each row, in the rows' order.
        left_over: Places of the photos that go with no row.
        notes: In sentences, what a person should know: photos left over, or for several rows.
    """

    matches: list[PhotoMatch]
    left_over: list[int]
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[int]:
        """Numbers of the rows without a photo."""
        return [one.row for one in self.matches if one.by in ("", "several")]


def match_photos(rows: Sequence[PhotoRow], photos: Sequence[str]) -> PhotoMatches:
    """Finds the photo of each row.

    By the file name that the row gives; else by what stands in the photo's name: the post's id, the
    row's number, the user, the product; else, where as many rows as photos are left, by their
    order.

    Args:
        rows: All rows.
        photos: The photos' names, in the order in which a person gave them.
    """
    found = _Matching(rows, photos)
    found.take_cells()
    claims = [(by, *evidence(rows, photos)) for by, evidence in EVIDENCE]
    for by, certain, _ in claims:
        found.take(by, certain)
    for by, _, likely in claims:
        found.take(by, likely)
    found.take_order()
    return found.told()


class _Matching:
    def __init__(self, rows: Sequence[PhotoRow], photos: Sequence[str]):
        self._rows, self._photos = rows, photos
        self._found: dict[int, PhotoMatch] = {}
        self._used: set[int] = set()

    def take_cells(self) -> None:
        """Takes what rows name; a row that names something else has its photo elsewhere."""
        for at, row in enumerate(self._rows):
            cell = row.photo.strip()
            if not cell:
                continue
            same = named_so(cell, self._photos)
            if same:
                self._set(at, same, "file name")
            else:
                self._found[at] = PhotoMatch(row.number, by="elsewhere")

    def take(self, by: MatchedBy, claims: Claims) -> None:
        """Takes what names say, of photos and rows that are free."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for photo, rows in claims.items():
            for at in rows if photo not in self._used else ():
                if at not in self._found:
                    wanted[at].append(photo)
        for at, photos in wanted.items():
            self._set(at, photos, by)

    def take_order(self) -> None:
        """Takes what is left in its order, where that leaves no doubt."""
        order = range(len(self._photos))
        if not self._used and len(self._photos) == len(self._rows):
            pairs = list(enumerate(order))
        else:
            rows = [at for at in range(len(self._rows)) if at not in self._found]
            left = [photo for photo in order if photo not in self._used]
            pairs = list(zip(rows, left, strict=True)) if len(rows) == len(left) else []
        for at, photo in pairs:
            if at not in self._found:
                self._set(at, [photo], "order")

    def told(self) -> PhotoMatches:
        """Gives what was found, with what a person should know of it."""
        matches = [self._found.get(at, PhotoMatch(row.number)) for at, row in enumerate(self._rows)]
        left = [at for at in range(len(self._photos)) if at not in self._used]
        return PhotoMatches(matches, left, [*_notes(matches, left, self._photos)])

    def _set(self, at: int, photos: Sequence[int], by: MatchedBy) -> None:
        number = self._rows[at].number
        if len(photos) == 1:
            self._found[at] = PhotoMatch(number, photos[0], by)
        else:
            self._found[at] = PhotoMatch(number, by="several", possible=tuple(photos))
        self._used.update(photos)


def _notes(
    matches: Sequence[PhotoMatch], left: Sequence[int], photos: Sequence[str]
) -> Iterator[str]:
    rows_of: dict[int, list[PhotoMatch]] = defaultdict(list)
    for one in matches:
        if one.photo is not None:
            rows_of[one.photo].append(one)
    for photo, served in rows_of.items():
        if len(served) > 1:
            numbers = ", ".join(str(one.row) for one in served)
            yield (
                f"Photo “{one_line(photos[photo], 60)}” goes with rows {numbers}: "
                f"{WORDS[served[0].by]}."
            )
    for one in matches:
        if one.by == "several":
            yield f"Row {one.row}: {several(one, photos)}."
    if left:
        names = ", ".join(f"“{one_line(photos[at], 60)}”" for at in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        yield f"{counted(len(left), 'photo')} without a row: {names}{more}."


def several(match: PhotoMatch, photos: Sequence[str]) -> str:
    """Says which photos could be meant for a row."""
    names = " and ".join(f"“{one_line(photos[at], 60)}”" for at in match.possible[:_NAMED])
    return f"{names} could be meant; rename one, or name the right one in the row"
