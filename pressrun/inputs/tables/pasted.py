"""Links among the words of a text: lists, chats, share texts, rows without a head.

It must not know whether a link is good (see :mod:`pressrun.inputs.tiktok.links`), nor the names of
columns (see :mod:`pressrun.inputs.tables.rows`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TypeVar

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.photos import as_cell
from pressrun.inputs.tables import cells as shapes

_T = TypeVar("_T")

MAX_ROWS = 10_000
_NAMED = 3  # lines that a note names
# A line that can hold no link is passed over at once: a text may have a million of them.
_PROMISING = re.compile(r"[/\t]|%2f|www\.|[0-9]{10}|tiktok|@|\.\w{2,24},", re.IGNORECASE)
# Not a link, but meant as one: such a row gets its verdict.
_ATTEMPT = re.compile(
    r"\S*tiktok\S*[./]\S*|[0-9]{15,}|@[\w.]{2,}|\S*:/\S+|\S+/\S*[0-9]{10}\S*|\S*\\\S*[0-9]{10}\S*",
    re.IGNORECASE,
)
#: What a chat's export writes before each message: its moment and who sent it.
_DAY, _TIME = (
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}",
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?\s?m\.?)?",
)
_STAMP = re.compile(
    rf"[\s\u200e]*[\[(]?(?:{_DAY},?\s+{_TIME}|{_TIME},?\s+{_DAY})[\])]?\s*"
    r"(?:[-\u2013\u2014]\s*)?[^:/\n]{1,60}:(?=\s|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<!\]\()https?://[^\s<>\"]+", re.IGNORECASE)
_PROFILE = re.compile(r"/@[^/?#]+/?(?:[?#]|$)")
_SHOWN = 20  # addresses that a note names, each whole
_ARROW = re.compile(r"->|=>|-->|\u2192|\u21d2|\u27a1|:=|==")


#: How a link's cell begins that names own slides in place of a link.
OWN_SLIDES = "slides:"


@dataclass(frozen=True, slots=True)
class SlideshowRow:
    """One link as it was typed, and the product that goes with it.

    Attributes:
        line: Line of the paste or row of the sheet, from 1.
        link: As typed, or ``slides:`` and a source of own slides; empty where a row of a sheet has
            none.
        photo: File names, paths or addresses of the product's photos, as
            :func:`pressrun.inputs.photos.photos_in` reads them.
        description: The product in words.
        name: What own slides are called, where a column says it.
    """

    line: int
    link: str
    photo: str = ""
    description: str = ""
    name: str = ""

    @property
    def slides(self) -> str:
        """The source of own slides; empty for a link."""
        own = self.link.lower().startswith(OWN_SLIDES)
        return self.link[len(OWN_SLIDES) :].strip() if own else ""


@dataclass(frozen=True, slots=True)
class GivenRows:
    """The rows of what was given, and in sentences what of it is left out.

    Attributes:
        is_headed: Whether they stand below a head, so that people count rows and no lines.
    """

    rows: list[SlideshowRow]
    notes: tuple[str, ...] = ()
    is_headed: bool = False


def at_most(rows: Iterable[_T]) -> list[_T]:
    """Lists rows.

    Raises:
        InputError: They are more than 10,000.
    """
    found = list(islice(rows, MAX_ROWS + 1))
    if len(found) > MAX_ROWS:
        raise too_many()
    return found


def too_many() -> InputError:
    """Makes the error of more rows than any batch takes."""
    return InputError(f"There are more than {MAX_ROWS:,} rows. Split them into several batches.")


@dataclass(frozen=True, slots=True)
class _PastedLine:
    """What one line of a text gives: its links, and the words beside them.

    Attributes:
        others: Addresses that lead to no post, whole.
        stamped: Whether a chat's moment and sender stood before it; they are in no other field.
    """

    number: int
    links: list[str]
    beside: str
    arrow: bool
    others: tuple[str, ...] = ()
    stamped: bool = False

    @property
    def is_pair(self) -> bool:
        """Whether these are a short and a long link, as programs write them of one post."""
        return sorted(map(shapes.is_short, self.links)) == [False, True]


def read_links(records: Sequence[tuple[int, str]]) -> GivenRows:
    """Reads the links of a text; a text without any is a row a line, so that each has a verdict.

    Args:
        records: Line and text of each; several lines where a quoted cell has them.

    Raises:
        InputError: More than 10,000 rows.
    """
    found: list[SlideshowRow | _PastedLine] = []
    links = 0
    for line, record in records:
        row = _sheet_row(line, record) if _PROMISING.search(record) else None
        more = [row] if row else [*_lines(line, record)]
        links += sum(len(one.links) if isinstance(one, _PastedLine) else 1 for one in more)
        if links > 2 * MAX_ROWS:  # a pair of links may be one row
            raise too_many()
        found += more
    if not any(isinstance(one, SlideshowRow) and one.link for one in found):
        # Without a row of a sheet that has a link, none lacks one: these are lines of a text.
        found = [_as_line(one) for one in found]
    lines = [one for one in found if isinstance(one, _PastedLine)]
    pairs = _pairs([line for line in lines if line.links])
    rows = at_most(row for one in found for row in _rows(one, pairs))
    if not rows:
        return GivenRows(at_most(_unread(lines)) or [SlideshowRow(line=1, link="")])
    return GivenRows(rows, tuple(_left_out(lines, pairs)))


def _as_line(found: "SlideshowRow | _PastedLine") -> _PastedLine:
    if isinstance(found, _PastedLine):
        return found
    return _PastedLine(found.line, [], f"{found.photo} {found.description}".strip(), arrow=False)


def _rows(found: "SlideshowRow | _PastedLine", pairs: set[int]) -> Iterator[SlideshowRow]:
    if isinstance(found, SlideshowRow):
        yield found
        return
    for link in found.links:
        if found.number not in pairs or not shapes.is_short(link):
            yield SlideshowRow(found.number, link)


def _unread(lines: Sequence[_PastedLine]) -> Iterator[SlideshowRow]:
    for line in lines:
        if text := shapes.bare_line(line.beside):
            yield SlideshowRow(line.number, text)


def _lines(first: int, record: str) -> Iterator[_PastedLine]:
    for number, whole in enumerate(record.split("\n"), first):
        stamp = _STAMP.match(whole)
        text = whole[stamp.end() :] if stamp else whole
        if not _PROMISING.search(text):
            yield _PastedLine(number, [], text, arrow=False, stamped=bool(stamp))
            continue
        links: list[str] = []
        beside: list[str] = []
        for piece in shapes.split_pieces(text):
            links += _links_of(piece)
            beside += [] if shapes.is_link(piece) else [piece]
        if any(map(shapes.is_tiktok, links)):
            # A number beside a link is that of a person or an order.
            beside += [link for link in links if shapes.unwrap(link).isdecimal()]
            links = [link for link in links if not shapes.unwrap(link).isdecimal()]
        if stamp:  # nobody meant what is said in a chat as a list
            links = [link for link in links if shapes.is_post(link) or shapes.posts_in(link)]
        words = " ".join(beside) if links else text
        others = _others(text) if stamp or not links else ()
        arrow = bool(_ARROW.search(text))
        yield _PastedLine(number, links, words, arrow, others, stamped=bool(stamp))


def _others(text: str) -> tuple[str, ...]:
    """Finds the addresses of a text that lead to no post; not those of markdown's pictures."""
    found = _ADDRESS.findall(text)
    return tuple(one for one in found if not (shapes.is_post(one) or shapes.posts_in(one)))


def _links_of(piece: str) -> list[str]:
    if piece.startswith("![") or shapes.is_media(piece):  # a picture of markdown's; a file
        return []
    if shapes.is_link(piece) and not shapes.leads_to_post(piece):
        return [piece]
    if found := shapes.posts_in(piece):
        return [*dict.fromkeys(map(shapes.unwrap, found))]
    return [piece] if _ATTEMPT.fullmatch(shapes.unwrap(piece)) else []


def _pairs(lines: Sequence[_PastedLine]) -> set[int]:
    """Finds the lines whose short link leads where their long one does."""
    all_so = len(lines) > 1 and all(line.is_pair for line in lines)
    return {line.number for line in lines if line.is_pair and (all_so or line.arrow)}


def _left_out(lines: Sequence[_PastedLine], pairs: set[int]) -> Iterator[str]:
    """Yields in sentences what of a text is no row."""
    others = [(line.number, one) for line in lines for one in line.others]
    if others:
        what = "1 link that leads" if len(others) == 1 else f"{len(others):,} links that lead"
        named = [f"line {number} {_elsewhere(one)}" for number, one in others[:_SHOWN]]
        more = [f"{len(others) - _SHOWN:,} more"] if len(others) > _SHOWN else []
        yield f"Left out: {what} to no slideshow: {', '.join([*named, *more])}."
    if stamped := sum(line.stamped for line in lines):
        of = "1 line" if stamped == 1 else f"{stamped:,} lines"
        yield f"Left out: the date and the name before {of} of a chat."
    none = [
        line
        for line in lines
        if not (line.links or line.others) and any(map(str.isalnum, line.beside))
    ]
    if none:
        what = "1 line" if len(none) == 1 else f"{len(none):,} lines"
        yield f"Left out: {what} without a link ({_some(none)})."
    beside = [line for line in lines if line.links and any(map(str.isalpha, line.beside))]
    if beside:
        what = "a link" if len(beside) == 1 else f"links, in {len(beside):,} lines"
        yield f"Left out: the words beside {what} ({_some(beside)})."
    if pairs:
        yield (
            f"{len(pairs)} lines have a short and a long link of one post, which is one row: the "
            "long one is taken."
        )


def _elsewhere(address: str) -> str:
    """Writes an address with what it is in place of a post."""
    if not shapes.is_tiktok(address):
        return f"{one_line(address, 300)} (not on TikTok)"
    profile = _PROFILE.search(address)
    what = "a profile: open a slideshow there, copy its link" if profile else "not a post"
    return f"{one_line(address, 300)} ({what})"


def _some(lines: Sequence[_PastedLine]) -> str:
    some = ", ".join(f"line {one.number} “{one_line(one.beside, 40)}”" for one in lines[:_NAMED])
    return f"{some}, …" if len(lines) > _NAMED else some


# --- Rows without a head, link first ------------------------------------------------------------


def _sheet_row(line: int, record: str) -> SlideshowRow | None:
    for delimiter in "\t" if "\t" in record else ",;":
        cells = shapes.split_cells(record, delimiter)
        if delimiter == "\t":
            cells = cells[1:] if cells and re.fullmatch(r"[0-9]{1,4}[.)]?", cells[0]) else cells
            if _is_tabbed_row(cells):
                return _row_of_cells(line, cells, "")
        elif _is_comma_row(cells, quoted='"' in record):
            return _row_of_cells(line, cells, f"{delimiter} ")
    return None


def _is_tabbed_row(cells: list[str]) -> bool:
    if len(cells) < 2 or any(shapes.is_tiktok(cell) for cell in cells[1:]):
        return False
    if not cells[0]:
        return True  # the link is what is missing
    address = len(cells) <= 3 and cells[1].lower().startswith(("http://", "https://"))
    product = not cells[1] or shapes.is_image(cells[1]) or address
    texts = len(cells) <= 3 and not any(shapes.is_link(cell) for cell in cells[1:])
    return shapes.is_link(cells[0]) and (product or texts)


def _is_comma_row(cells: list[str], *, quoted: bool) -> bool:
    if len(cells) < 2 or any(shapes.is_tiktok(cell) for cell in cells[1:]):
        return False
    if shapes.is_image(cells[1]):
        return not cells[0] or shapes.is_link(cells[0])
    if not shapes.is_link(cells[0]):
        return False
    if not cells[1]:
        return True
    # With commas, links elsewhere are more likely a list than a photo without a file name.
    words = not shapes.is_link(cells[-1])
    address = len(cells) == 3 and words and shapes.is_link(cells[1])
    return address or (quoted and words and len(cells) <= 3 and any("," in c for c in cells[1:]))


def _with_photos_together(cells: list[str]) -> list[str]:
    """Puts cells of photos that follow the link into one, as a column of several photos has it."""
    photos = [*takewhile(shapes.is_image, cells[1:])]
    return [cells[0], as_cell(photos), *cells[1 + len(photos) :]] if len(photos) > 1 else cells


def _row_of_cells(line: int, cells: list[str], joint: str) -> SlideshowRow:
    link, second, *rest = _with_photos_together(cells)
    if len(cells) == 2 and not (shapes.is_image(second) or shapes.is_link(second)):
        return SlideshowRow(line, link, description=second)
    if len(rest) == 1 and shapes.is_image(rest[0]) and not shapes.is_image(second):
        return SlideshowRow(line, link, rest[0], second)  # the columns the other way round
    return SlideshowRow(line, link, second, joint.join(rest) if joint else "".join(rest[:1]))
