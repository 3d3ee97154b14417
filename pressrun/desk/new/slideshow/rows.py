"""The rows of a draft: what is pasted, typed and dropped, and what a run is given of it.

A row has an id of its own, so that two tabs may work on different rows, and a cell that another
tab has changed is not overwritten unseen. Looks at no post and opens no file.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import PureWindowsPath
from typing import Any, Literal
from uuid import uuid4

from pressrun.boundary.text import counted, one_line
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.desk.new.drafts import ChangedElsewhere
from pressrun.errors import InputError
from pressrun.inputs.photos import MOST_PHOTOS, as_cell, photos_in
from pressrun.inputs.tables.cells import read_records, split_cells
from pressrun.inputs.tables.rows import HEAD, OWN_SLIDES, GivenRows, SlideshowRow, read_rows
from pressrun.inputs.tiktok.links import check_link
from pressrun.kinds.slideshow.entry import LONGEST_NAME

Cell = Literal["link", "photo", "description", "name"]
#: Rows that a page can hold; a batch takes a hundred links.
MAX_ROWS = 300
MOVED = "moved"


@dataclass(frozen=True, slots=True)
class OwnSlides:
    """Slides that a person dropped.

    Attributes:
        sizes: Width and height of each.
        cover: Reference of the first.
    """

    sizes: Sequence[Sequence[int]]
    caption: str = ""
    cover: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A slideshow that is asked for.

    Attributes:
        link: As typed; empty for own slides.
        photo: References to uploads, addresses, or what a table says, in one cell.
        by: How the photos were found, if nobody chose them; ``MOVED`` if by the number that the row
            had before another one was removed.
        slides: Own slides, as the parameter names them.
        name: What the slideshow is called, if it has own slides.
        own: What is known of them; None where they are not an upload.
    """

    id: str
    link: str = ""
    photo: str = ""
    description: str = ""
    by: str = ""
    slides: str = ""
    own: OwnSlides | None = None
    name: str = ""

    @property
    def photos(self) -> list[str]:
        """Its photos, the main one first."""
        return photos_in(self.photo)

    @property
    def is_supposed(self) -> bool:
        """Whether its photos are only supposed to be its own: no person and no table says so."""
        return bool(self.photo) and self.by not in ("", "file name")

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it yet: a run is given no such row."""
        return not (self.link or self.photo or self.description or self.slides)


Rows = Sequence[DraftRow]


def rows_of(values: Mapping[str, Any]) -> list[DraftRow]:
    """Reads the rows of a draft; those of a copied batch from what its run was given."""
    if (kept := values.get("rows")) is not None:
        return [_row(one) for one in kept]
    text = str(values.get("links") or "")
    given = _named(_read(text), "link") if text.strip() else []
    if column := str(values.get("descriptions") or ""):
        lines = [line.strip() for line in column.splitlines()]
        described = zip(given, lines + [""] * len(given), strict=False)
        given = [replace(row, description=row.description or line) for row, line in described]
    own = [line for line in str(values.get("slides") or "").splitlines() if line.strip()]
    return [*given, *(_own_line(f"own{number}", line) for number, line in enumerate(own, 1))]


@lru_cache(16)
def _read(text: str) -> Sequence[SlideshowRow]:
    """Reads the rows of a copied batch, which its page shows again and again."""
    return read_rows(text).rows


def kept(rows: Rows) -> list[dict[str, Any]]:
    """Gives rows as a draft keeps them, in the order in which they came."""
    return [{n: v for n, v in asdict(row).items() if v or n == "id"} for row in rows]


def with_pasted(rows: Rows, given: GivenRows, into: str = "") -> list[DraftRow]:
    """Adds the rows of a pasted text.

    Args:
        rows: Those that are there.
        given: What was read of it.
        into: Id of the row in which it was pasted: the first link goes there, the others below.

    Raises:
        InputError: There would be too many rows.
    """
    return _with(rows, _named(given.rows), into)


def with_table(rows: Rows, given: Sequence[SlideshowRow]) -> tuple[list[DraftRow], Sequence[str]]:
    """Adds the rows of a file: what it says of a link that is there goes to that row.

    Returns:
        All rows, and in sentences what of the file was not taken.

    Raises:
        InputError: There would be too many rows.
    """
    left, said = list(given), list[str]()
    numbers = {row.id: number for number, row in lines_of(rows)}
    filled = [_filled(row, numbers.get(row.id, 0), left, said) for row in rows]
    return _with(filled, _named(left), ""), said


def with_cell(rows: Rows, row_id: str, cell: Cell, value: str, was: str | None) -> list[DraftRow]:
    """Changes a cell.

    Args:
        rows: All rows.
        row_id: The row's.
        cell: Which one.
        value: What stands there now.
        was: What the page showed before; None changes it whatever there is.

    Raises:
        ChangedElsewhere: Another tab has changed the same cell meanwhile, to something else.
        InputError: The row was removed.
    """
    row = find(rows, row_id)
    now = getattr(row, cell)
    # A description may have lines; each row stands in one line of what a run is given.
    said = as_cell(photos_in(value)) if cell == "photo" else " ".join(value.split())
    if was is not None and now not in (" ".join(was.split()), said):
        theirs = f"“{one_line(now, 120)}”" if now else "nothing"
        raise ChangedElsewhere([f"{row_id} {cell}"], theirs)
    done = _set(row, cell, said)
    return [done if one.id == row_id else one for one in rows]


def with_photos_of(rows: Rows, row_id: str, photos: Sequence[str]) -> list[DraftRow]:
    """Adds photos to those of a row, but in place of one that was found by its order alone.

    Raises:
        InputError: The row was removed, or has too many then.
    """
    row = find(rows, row_id)
    return _with_all(rows, row, [*([] if row.by == "order" else row.photos), *photos])


def with_main_photo(rows: Rows, row_id: str, photo: str) -> list[DraftRow]:
    """Puts a photo in place of a row's main one; one of its own photos becomes the main one.

    Raises:
        InputError: The row was removed.
    """
    row = find(rows, row_id)
    return _with_all(rows, row, [photo, *(row.photos if photo in row.photos else row.photos[1:])])


def _with_all(rows: Rows, row: DraftRow, photos: Sequence[str]) -> list[DraftRow]:
    photos = [*dict.fromkeys(photos)]
    if len(photos) > MOST_PHOTOS:
        raise InputError(
            f"That would be {len(photos)} photos; models are shown up to {MOST_PHOTOS} of a "
            "product. Take some out first."
        )
    done = replace(row, photo=as_cell(photos), by="")
    return [done if one.id == row.id else one for one in rows]


def with_column(rows: Rows, text: str, first: str = "") -> tuple[list[DraftRow], str]:
    """Fills descriptions with a pasted column, from a row downwards; says where counts differ."""
    lines = [" ".join(" ".join(split_cells(one, "\t")).split()) for _, one in read_records(text)]
    while lines and not lines[-1]:
        lines.pop()
    start = next((at for at, row in enumerate(rows) if row.id == first), 0)
    places = [at for at, row in enumerate(rows) if at >= start and (row.id == first or _given(row))]
    filled = dict(zip(places, lines, strict=False))
    done = [replace(r, description=filled.get(at) or r.description) for at, r in enumerate(rows)]
    said = f"{counted(len(lines), 'description')} for {counted(len(places), 'row')}"
    return done, f"{said}: {_difference(len(lines) - len(places))}."


def without(rows: Rows, row_id: str) -> list[DraftRow]:
    """Removes a row, or one that is gone already."""
    at = next((place for place, row in enumerate(rows) if row.id == row_id), len(rows))
    # Those below have another number now than the one that found their photo.
    moved = [replace(row, by=MOVED) if row.by == "number" else row for row in rows[at + 1 :]]
    return [*rows[:at], *moved]


def find(rows: Rows, row_id: str) -> DraftRow:
    """Finds a row.

    Raises:
        InputError: It was removed.
    """
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise InputError("This row was removed, in another tab or browser.")
    return found


def new_id() -> str:
    """Makes the id of a row."""
    return uuid4().hex[:12]


def given(rows: Rows) -> dict[str, str]:
    """Gives what a run takes of rows: a table of links, and own slides a line each.

    A run numbers the table's rows first: own slides before a link stand in the table, too. So do
    those that have a name: there is a column for it.
    """
    said = [row for row in rows if not row.is_blank]
    end = max((n for n, row in enumerate(said, 1) if row.name or not row.slides), default=0)
    width = len(HEAD) - (not any(row.name for row in said))
    linked = [(_link(row), row.photo, row.description, row.name)[:width] for row in said[:end]]
    text = io.StringIO()
    if linked:
        csv.writer(text, delimiter="\t", lineterminator="\n").writerows([HEAD[:width], *linked])
    own = [(row.slides, row.photo, row.description) for row in said[end:]]
    lines = ["\t".join(cells).rstrip("\t") for cells in own]
    return {"links": text.getvalue(), "slides": "\n".join(lines)}


def _link(row: DraftRow) -> str:
    return f"{OWN_SLIDES} {row.slides}" if row.slides else row.link


def _difference(more: int) -> str:
    if more > 0:
        return "the last one is left out" if more == 1 else f"the last {more} are left out"
    if more == -1:
        return "the last row keeps what it had"
    return f"the last {-more} rows keep what they had" if more else "each has its own"


def _set(row: DraftRow, cell: Cell, said: str) -> DraftRow:
    if cell == "photo":
        return replace(row, photo=said, by="")
    if cell == "name":
        return replace(row, name=one_line(said, LONGEST_NAME))
    return replace(row, link=said) if cell == "link" else replace(row, description=said)


def _given(row: DraftRow) -> bool:
    return bool(row.link or row.slides)


def _row(one: Mapping[str, Any]) -> DraftRow:
    own = dict(one.get("own") or {})
    name = one.get("name") or own.pop("name", "")  # earlier drafts have it there
    return DraftRow(**{**one, "name": name, "own": OwnSlides(**own) if own else None})


def _named(given: Sequence[SlideshowRow], prefix: str = "") -> list[DraftRow]:
    found = []
    for number, row in enumerate(given, 1):
        link, photo, words = (
            " ".join(cell.split()) for cell in (row.link, row.photo, row.description)
        )
        if link or photo or words:
            row_id, slides = f"{prefix}{number}" if prefix else new_id(), row.slides
            link = "" if slides else link
            name = one_line(row.name, LONGEST_NAME) if slides else ""
            found.append(DraftRow(row_id, link, photo, words, slides=slides, name=name))
    return found


def _own_line(row_id: str, line: str) -> DraftRow:
    slides, photo, description = ([cell.strip() for cell in line.split("\t", 2)] + ["", ""])[:3]
    return DraftRow(row_id, photo=photo, description=description, slides=slides)


def _with(rows: Rows, new: Rows, into: str) -> list[DraftRow]:
    if len(rows) + len(new) > MAX_ROWS:
        raise InputError(
            f"That would be {len(rows) + len(new):,} rows. A batch takes 100 links, and this page "
            f"{MAX_ROWS} rows: take some out, or begin another batch with the rest."
        )
    if not into or not new:
        return [row for row in rows if not row.is_blank] + list(new)
    at = next((place for place, row in enumerate(rows) if row.id == into), len(rows))
    first = replace(find(rows, into), link=new[0].link)
    first = replace(
        first,
        photo=first.photo or new[0].photo,
        description=first.description or new[0].description,
    )
    return [*rows[:at], first, *new[1:], *rows[at + 1 :]]


def _filled(row: DraftRow, number: int, left: list[SlideshowRow], said: list[str]) -> DraftRow:
    """Takes from a table's rows the one of the same post, if it says what the row lacks.

    A photo that the table names goes before one that is only supposed to be the row's.
    """
    own = "" if row.is_supposed else row.photo
    for one in left if _given(row) and not (own and row.description) else ():
        agrees = one.description in ("", row.description) or not row.description
        if _identity(one.link) == _identity(row.link) and agrees:
            left.remove(one)
            if own and one.photo and not _names_same(own, one.photo):
                photo = one_line(one.photo, 60)
                said.append(f"Row {number} keeps the photo chosen for it; “{photo}” is not taken.")
            taken = one.photo and not own
            return replace(
                row,
                photo=one.photo if taken else row.photo,
                by="" if taken else row.by,
                description=row.description or one.description,
            )
    return row


def _names_same(cell: str, other: str) -> bool:
    """Says whether two cells name the same photos, perhaps without folders and endings."""
    named = [[_bare_name(photo) for photo in photos_in(one)] for one in (cell, other)]
    return named[0] == named[1]


def _bare_name(photo: str) -> str:
    name = name_of(photo) if is_upload(photo) else PureWindowsPath(photo).name
    return PureWindowsPath(name.casefold()).stem


def _identity(link: str) -> tuple[str, str]:
    found = check_link(link)
    return (found.post_id or found.short_code, "" if found.good else link)


def lines_of(rows: Rows) -> Iterator[tuple[int, DraftRow]]:
    """Yields the rows that a run is given, with their numbers in it."""
    yield from enumerate((row for row in rows if not row.is_blank), 1)
