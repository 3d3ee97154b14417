"""Which photo goes with which row, by names alone: numbers, posts, users, products, or the order.

Pure functions: nothing is opened or fetched. A photo goes with several rows only where its name
says so, and that is told, and so are several photos of one product. Where two photos could be meant
for a row that are not clearly of one product, none is taken.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pressrun.boundary.text import counted, one_line
from pressrun.inputs.photos.cells import MOST_PHOTOS, photos_in
from pressrun.inputs.photos.evidence import (
    EVIDENCE,
    Claims,
    MatchedBy,
    PhotoRow,
    named_so,
)
from pressrun.inputs.photos.series import PhotoSeries, series_of

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
#: Why photos of one product go with no rows of others.
ALIKE = "Names that are alike but for a number or a view are taken for one product."
_NAMED = 5  # photos, or rows, that a sentence names
_Found = tuple[int | str, ...]
#: A person named these, so nothing was put together.
_CHOSEN = ("file name", "elsewhere")


@dataclass(frozen=True, slots=True)
class PhotoMatch:
    """The photos of a row.

    Attributes:
        row: The row's number.
        photos: Their places among the photos, the main one first; in words what the row itself
            names and is none of these.
        by: How they were found.
        possible: Places of the photos that could be meant, where they are several.
        left_out: How many more it has than models are shown.
    """

    row: int
    photos: _Found = ()
    by: MatchedBy = ""
    possible: tuple[int, ...] = ()
    left_out: int = 0

    @property
    def places(self) -> tuple[int, ...]:
        """Those of its photos that are among the given ones."""
        return tuple(at for at in self.photos if isinstance(at, int))


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


def match_photos(
    rows: Sequence[PhotoRow], photos: Sequence[str], taken: Collection[int] = ()
) -> PhotoMatches:
    """Finds the photos of each row.

    By the file names that the row gives; else by what stands in the photos' names or their folders:
    the post's id, the row's number, the user, the product; else, where as many rows as products
    are left, by their order. What :func:`pressrun.inputs.photos.series.series_of` finds together
    goes to a row together.

    Args:
        rows: All rows.
        photos: The photos' names, with their folders where they have some, in the order in which a
            person gave them.
        taken: Places of photos that go with a row already: only a row that names one has it, too.
    """
    found = _Matching(rows, photos, taken)
    found.take_cells()
    claims = [*_claims(rows, photos, found)]
    for by, certain, _ in claims:
        found.take(by, certain)
    for by, _, likely in claims:
        found.take(by, likely)
    found.take_order()
    return found.told()


def _claims(
    rows: Sequence[PhotoRow], photos: Sequence[str], found: "_Matching"
) -> Iterator[tuple[MatchedBy, Claims, Claims]]:
    """Yields what names say of rows, a series' as one: by its members' names or what all share."""
    in_folder = {at for one in found.series if one.is_folder for at in one.members}
    names = [
        "" if at in in_folder else PurePosixPath(photo).name for at, photo in enumerate(photos)
    ]
    shared = [f"{one.name}." for one in found.series]  # a dot within it ends no name
    *named, (_, by_count) = EVIDENCE
    each = [(by, evidence(rows, names), evidence(rows, shared)) for by, evidence in named]
    _, counted_so = by_count(rows, names)
    for at, one in enumerate(found.series):
        said = [
            _said(one, at, own_claims, all_claims, is_number=by == "number")
            for by, own, of_all in each
            for own_claims, all_claims in zip(own, of_all, strict=True)
        ]
        first = next(filter(None, said), set())
        is_counted = all(member in counted_so for member in one.members)
        one_row = any(len(claimed) == 1 for claimed in first)
        if any(len(claimed) > 1 for claimed in said) or (is_counted and not one_row):
            found.take_apart(one)
    for by, own, of_all in each:
        certain, likely = map(found.lifted, own, of_all)
        yield by, certain, likely
    yield "number", {}, counted_so


def _said(
    series: PhotoSeries, at: int, own: Claims, of_all: Claims, *, is_number: bool
) -> set[tuple[int, ...]]:
    """Gives the different rows that a series' names are for, by one kind of evidence."""
    claims = [*(own.get(member) for member in series.members), of_all.get(at)]
    # A number of no row is a row's all the same: "row 7" beside "row 1" is no photo of row 1.
    return {tuple(rows) for rows in claims if rows or (is_number and rows is not None)}


class _Matching:
    def __init__(self, rows: Sequence[PhotoRow], photos: Sequence[str], taken: Collection[int]):
        self._rows, self._photos = rows, photos
        self.series = series_of(photos)
        self._apart: set[PhotoSeries] = set()
        self._found: dict[int, PhotoMatch] = {}
        self._used = {*taken}
        self._over: set[int] = set()

    def take_apart(self, series: PhotoSeries) -> None:
        """Takes photos for single ones after all: their names are for different rows."""
        self._apart.add(series)

    def lifted(self, own: Claims, of_all: Claims) -> Claims:
        """Gives what is said of one photo of a series to all of it."""
        claims = dict(own)
        for at, one in enumerate(self.series):
            if one not in self._apart:
                said = (*(own.get(member) for member in one.members), of_all.get(at))
                rows = next(filter(None, said), [])
                claims |= dict.fromkeys(one.members, rows)
        return claims

    def take_cells(self) -> None:
        """Takes what rows name; what is not among the photos lies elsewhere."""
        for at, row in enumerate(self._rows):
            cell = row.photo.strip()
            if not cell:
                continue
            whole = self._named(cell)
            named = [whole] if whole else [self._named(one) or one for one in photos_in(cell)]
            unclear = next((one for one in named if self._is_unclear(one)), None)
            if unclear:
                self._set_unclear(at, unclear)
            else:
                photos = [p for one in named for p in ([one] if isinstance(one, str) else one)]
                inside = any(isinstance(photo, int) for photo in photos)
                self._set(at, photos, "file name" if inside else "elsewhere")

    def _named(self, cell: str) -> Sequence[int | str]:
        names = [PurePosixPath(photo).name for photo in self._photos]
        if found := named_so(cell, names):
            return found
        shared = named_so(cell, [f"{one.name}." for one in self.series])
        return self.series[shared[0]].members if len(shared) == 1 else []

    def _is_unclear(self, named: Sequence[int | str]) -> bool:
        return not isinstance(named, str) and len(named) > 1 and not self._is_series(named)

    def take(self, by: MatchedBy, claims: Claims) -> None:
        """Takes what names say, of photos and rows that are free."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for photo, rows in claims.items():
            for at in rows if photo not in self._used else ():
                if at not in self._found:
                    wanted[at].append(photo)
        for at, photos in wanted.items():
            if len(photos) == 1 or self._is_series(photos):
                self._set(at, self._in_order(photos), by)
            else:
                self._set_unclear(at, photos)

    def take_order(self) -> None:
        """Takes what is left in its order, where that leaves no doubt."""
        rows = [at for at in range(len(self._rows)) if at not in self._found]
        if not self._used and len(every := [*self._products(range(len(self._photos)))]) == len(
            self._rows
        ):
            # A row that names an address takes no photo, and its place stays empty.
            pairs = [(at, photos) for at, photos in enumerate(every) if at not in self._found]
        else:
            gone = self._used | self._over
            left = [at for at in range(len(self._photos)) if at not in gone]
            products = [*self._products(left)]
            pairs = [*zip(rows, products, strict=True)] if len(rows) == len(products) else []
        for at, photos in pairs:
            self._set(at, photos, "order")

    def _products(self, left: Sequence[int]) -> Iterator[list[int]]:
        """Yields the photos of each product in their order; one in no series is by itself."""
        of = {at: one for one in self.series for at in one.members if one not in self._apart}
        groups: dict[object, list[int]] = defaultdict(list)
        for photo in left:
            groups[of.get(photo, photo)].append(photo)
        yield from map(self._in_order, groups.values())

    def told(self) -> PhotoMatches:
        """Gives what was found, with what a person should know of it."""
        matches = [self._found.get(at, PhotoMatch(row.number)) for at, row in enumerate(self._rows)]
        left = [at for at in range(len(self._photos)) if at not in self._used]
        alike = any(
            not one.is_folder and {*one.members} & {*left}
            for one in self.series
            if one not in self._apart
        )
        return PhotoMatches(matches, left, [*_notes(matches, left, self._photos, alike=alike)])

    def _is_series(self, photos: Sequence[int | str]) -> bool:
        return any({*photos} <= {*one.members} for one in self.series if one not in self._apart)

    def _in_order(self, photos: Sequence[int]) -> Sequence[int]:
        of = next((one for one in self.series if {*photos} <= {*one.members}), None)
        return [at for at in of.members if at in photos] if of else photos

    def _set(self, at: int, photos: Sequence[int | str], by: MatchedBy) -> None:
        photos = [*dict.fromkeys(photos)]
        taken, over = photos[:MOST_PHOTOS], photos[MOST_PHOTOS:]
        match = PhotoMatch(self._rows[at].number, tuple(taken), by, left_out=len(over))
        self._found[at] = match
        self._used.update(match.places)
        self._over.update(photo for photo in over if isinstance(photo, int))

    def _set_unclear(self, at: int, photos: Sequence[int | str]) -> None:
        possible = tuple(photo for photo in photos if isinstance(photo, int))
        self._found[at] = PhotoMatch(self._rows[at].number, by="several", possible=possible)
        self._used.update(possible)


def _notes(
    matches: Sequence[PhotoMatch], left: Sequence[int], photos: Sequence[str], *, alike: bool
) -> Iterator[str]:
    rows_of: dict[int, list[PhotoMatch]] = defaultdict(list)
    for one in matches:
        for photo in one.places:
            rows_of[photo].append(one)
    for photo, served in rows_of.items():
        if len(served) > 1:
            numbers = ", ".join(str(one.row) for one in served)
            yield (
                f"Photo “{one_line(photos[photo], 60)}” goes with rows {numbers}: "
                f"{WORDS[served[0].by]}."
            )
    grouped = [one for one in matches if len(one.photos) > 1 and one.by not in _CHOSEN]
    if grouped:
        some = "; ".join(
            f"row {one.row} has {len(one.photos)} ("
            + ", ".join(f"“{one_line(photos[at], 40)}”" for at in one.places[:2])
            + f"{', …' if len(one.photos) > 2 else ''}: {WORDS[one.by]})"
            for one in grouped[:_NAMED]
        )
        more = f"; {counted(len(grouped) - _NAMED, 'more row')}" if len(grouped) > _NAMED else ""
        yield f"Several photos of one product, the first is the main one: {some}{more}."
    for one in matches:
        if one.by == "several":
            yield f"Row {one.row}: {several(one, photos)}."
        if one.left_out:
            yield (
                f"Row {one.row} has {len(one.photos) + one.left_out} photos; models are shown the "
                f"first {len(one.photos)}."
            )
    if left:
        names = ", ".join(f"“{one_line(photos[at], 60)}”" for at in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        why = f" {ALIKE}" if alike else ""
        yield f"{counted(len(left), 'photo')} without a row: {names}{more}.{why}"


def several(match: PhotoMatch, photos: Sequence[str]) -> str:
    """Says which photos could be meant for a row."""
    names = " and ".join(f"“{one_line(photos[at], 60)}”" for at in match.possible[:_NAMED])
    return f"{names} could be meant; rename one, or name the right one in the row"
