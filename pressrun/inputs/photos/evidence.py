"""What a photo's name says of the row that it is for."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Literal

from pressrun.boundary.text import tokens
from pressrun.pictures.kinds import OTHER_SUFFIXES, SUFFIXES

#: Why a photo goes with a row; ``several`` if more than one could, ``elsewhere`` if the row itself
#: names a photo that is none of these.
MatchedBy = Literal[
    "file name", "post", "number", "user", "product", "order", "several", "elsewhere", ""
]
_FEWEST_DIGITS = 10  # of a post's id
_DATE = re.compile(r"\d{1,4}[-_. ]\d{1,2}[-_. ]\d{1,4}(?!\d)")
_LEADING = re.compile(
    r"(?:row|link|line|no|nr|number|item|zeile|reihe|fila|ligne|riga|rij|linha|#)?[ _.#-]*"
    r"0*(?P<number>\d{1,3})(?:$|[ _.,)\]-])"
)
_TRAILING = re.compile(r"(?P<before>.*\D)?\(?0*(?P<number>\d{1,3})\)?")
#: What ends a product's name in its description.
_PRODUCT_END = re.compile("[:\\n]| [-\u2013\u2014] ")
#: How cameras, phones and programs begin names: their numbers count something else.
_CAMERA = re.compile(r"(?:img|dsc[a-z]?|pxl|mvimg|gopr|p|screenshot|whatsapp|signal)(?![a-z])")


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """What is known of a row.

    Attributes:
        number: Its number, from 1; 0 if it has none.
        photo: What the row says of its photos: file names, paths, addresses, as
            :func:`pressrun.inputs.photos.cells.photos_in` reads them.
        post_id: Of its post.
        user: Who posted it, or the name of its own slides.
        description: Its product in words; the name before a colon or dash.
    """

    number: int
    photo: str = ""
    post_id: str = ""
    user: str = ""
    description: str = ""


#: For a photo the rows that its name is for.
Claims = dict[int, list[int]]
#: Where the whole name says so, and where a part of it does.
Evidence = tuple[Claims, Claims]
EvidenceReader = Callable[[Sequence[PhotoRow], Sequence[str]], Evidence]


def natural_order(name: str) -> list[tuple[int, str]]:
    """Makes a key that sorts ``slide2`` before ``slide10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def named_so(cell: str, photos: Sequence[str]) -> list[int]:
    """Finds the photos that a row's cell names, with or without path and ending.

    One with another ending too, where just one has the name: a phone's HEIC was a JPG in the sheet.
    """
    if cell.lower().startswith(("http://", "https://", "upload:", "s3://", "drive://")):
        return []
    name = _folded(PureWindowsPath(cell).name)
    whole = [at for at, photo in enumerate(photos) if _folded(photo) == name]
    if found := whole or [at for at, photo in enumerate(photos) if stem(photo) == name]:
        return found
    is_photo = PureWindowsPath(name).suffix in SUFFIXES | OTHER_SUFFIXES and "/" not in cell
    alike = [at for at, one in enumerate(photos) if is_photo and stem(one) == stem(name)]
    return alike if len(alike) == 1 else []


def _by_post(rows: Sequence[PhotoRow], photos: Sequence[str]) -> Evidence:
    posts = _places((row.post_id, at) for at, row in enumerate(rows))
    claims = {
        at: [row for run in runs if len(run) >= _FEWEST_DIGITS for row in posts.get(run, ())]
        for at, photo in enumerate(photos)
        if (runs := {*re.findall(r"[0-9]+", photo)})
    }
    return claims, {}


def _by_number(rows: Sequence[PhotoRow], photos: Sequence[str]) -> Evidence:
    numbers = _numbers(rows)
    exact: Claims = {}
    loose: Claims = {}
    for at, photo in enumerate(photos):
        name = stem(photo)
        found = None if _DATE.match(name) else _LEADING.match(name)
        if found and found["number"]:
            certain = found.end() == len(name)
            (exact if certain else loose)[at] = numbers.get(found["number"], [])
    return exact, loose


def _by_user(rows: Sequence[PhotoRow], photos: Sequence[str]) -> Evidence:
    users = _places((row.user.casefold().lstrip("@"), at) for at, row in enumerate(rows))
    exact = {at: users.get(stem(photo).lstrip("@"), []) for at, photo in enumerate(photos)}
    loose: dict[int, list[int]] = {}
    for at, photo in enumerate(photos):
        handle = re.search(r"@([\w.]+)", stem(photo))
        begun = [user for user in users if handle and _begins(handle[1], user)]
        loose[at] = users[max(begun, key=len)] if begun else []
    return exact, loose


def _by_product(rows: Sequence[PhotoRow], photos: Sequence[str]) -> Evidence:
    products = [" ".join(tokens(_PRODUCT_END.split(row.description)[0])) for row in rows]
    whole = _places((product, at) for at, product in enumerate(products))
    said = [" ".join(tokens(row.description)) for row in rows]
    exact: Claims = {}
    loose: Claims = {}
    for at, photo in enumerate(photos):
        name = " ".join(tokens(stem(photo).replace("_", " ")))
        if any(map(str.isalpha, name)) and len(name) > 2:
            exact[at] = whole.get(name, [])
            loose[at] = [row for row, text in enumerate(said) if f"{text} ".startswith(f"{name} ")]
    return exact, loose


def _by_count(rows: Sequence[PhotoRow], photos: Sequence[str]) -> Evidence:
    """Reads numbers at the end of names (``photo 1``, ``photo 2``) as those of rows.

    Only where all photos are called so and one is there for each row: in any other case such
    numbers count the photos of one product.
    """
    numbers = _numbers(rows)
    found = [_TRAILING.fullmatch(stem(photo)) for photo in photos if not _DATE.search(photo)]
    ends = [end for end in found if end and end["before"] and not _CAMERA.match(end["before"])]
    stems = {end["before"].strip(" _-(") for end in ends}
    counts = [end["number"] for end in ends]
    # Of a single photo the number says too little.
    if not len(ends) == len(photos) > 1 or len(stems) > 1 or sorted(counts) != sorted(numbers):
        return {}, {}
    return {}, {at: numbers[number] for at, number in enumerate(counts)}


def _numbers(rows: Sequence[PhotoRow]) -> dict[str, list[int]]:
    return _places((str(row.number or ""), at) for at, row in enumerate(rows))


def _places(keyed: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for key, at in keyed:
        if key:
            places[key].append(at)
    return dict(places)


def stem(photo: str) -> str:
    """Gives a photo's name without its ending, in one way of writing."""
    return _folded(photo.rpartition(".")[0] or photo)


def is_counted_elsewhere(name: str) -> bool:
    """Says whether a number in a name is a date's, or of a camera or program."""
    return bool(_DATE.search(name) or _CAMERA.match(name))


def _folded(name: str) -> str:
    # Macs write names with accents apart.
    return unicodedata.normalize("NFC", name).casefold()


def _begins(text: str, user: str) -> bool:
    """Says whether a handle in a name is a user's, or begins so and goes on with other words."""
    return text == user or (text.startswith(user) and text[len(user)] in "_.-")


#: In this order: what says most comes first.
EVIDENCE: tuple[tuple[MatchedBy, EvidenceReader], ...] = (
    ("post", _by_post),
    ("number", _by_number),
    ("user", _by_user),
    ("product", _by_product),
    ("number", _by_count),
)
