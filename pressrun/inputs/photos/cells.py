"""Several photos in one cell, as people write them: names, paths, addresses, uploads."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pressrun.boundary.uploads import is_upload
from pressrun.inputs.places import bare, is_address
from pressrun.pictures.kinds import OTHER_SUFFIXES, SUFFIXES

#: Photos of one product that models are shown, the main one first. Image models are shown the
#: source slide as well, and keep up to ten things as they are.
MOST_PHOTOS = 9

_BETWEEN = re.compile(r"\s*[;|]\s*|\s*,\s*|\s+(?:and|[&+])\s+|\s+", re.IGNORECASE)
_QUOTED = re.compile(r"\s*(?:\"[^\"]+\"|\u201c[^\u201d]+\u201d|'[^']+')(?:\s*[;,|]?\s*)")
_MARKS = " \t;,|"
#: Letters: of a cell that names photos, and of what an address begins with.
_LONGEST, _SCHEME = 20_000, 10
_STORED = ("s3://", "drive://", "file:")


def photos_in(cell: str) -> list[str]:
    """Splits a cell into the photos that it names, the main one first; each once.

    At line breaks; at semicolons, bars, commas, "and" and spaces where a whole name or address
    ends and another one begins. So a name or an address may hold any of them.
    """
    if len(cell) > _LONGEST:
        return [bare(cell)]
    found = [place for line in cell.splitlines() for place in _in_line(line.strip())]
    return [*dict.fromkeys(filter(None, map(bare, found)))]


def as_cell(photos: Iterable[str]) -> str:
    """Writes photos into one cell, as :func:`photos_in` reads it."""
    return "; ".join(photos)


def _in_line(line: str) -> Iterator[str]:
    if _quoted_all(line):
        yield from (one.strip(_MARKS) for one in _QUOTED.findall(line))
        return
    if _is_whole(line.rstrip(_MARKS)):
        line = line.strip(_MARKS)
    breaks = [*_BETWEEN.finditer(line)]
    ends = [found.start() for found in breaks] + [len(line)]
    starts = [0] + [found.end() for found in breaks]
    whole = [_is_whole(line[start:end]) for start, end in zip(starts, ends, strict=True)]
    last = max((at for at, one in enumerate(whole) if one), default=-1)
    begun = 0
    for at, found in enumerate(breaks):
        piece = line[begun : found.start()]
        if _is_place(line[found.end() : found.end() + _SCHEME]):
            ended = bool(piece)
        elif last < 0:  # names without endings end at what hardly any name has
            ended = bool({";", "|"} & {*found[0]}) and not is_address(piece)
        else:  # "mug.jpg (new)" goes on to its end
            ended = last > at and (_is_whole(piece) or _is_left(piece, found[0]))
        if ended:
            yield piece
            begun = found.end()
    yield line[begun:]


def _is_left(piece: str, between: str) -> bool:
    """Says whether an address ends here: it never goes on after a comma and a space."""
    return is_address(piece) and bool(between.strip()) and between[-1].isspace()


def _quoted_all(line: str) -> bool:
    found = _QUOTED.findall(line)
    return len(found) > 1 and "".join(found) == line


def _is_place(text: str) -> bool:
    """Says whether an address, an upload or a place in a store begins here."""
    return is_address(text) or is_upload(text) or text.lower().startswith(_STORED)


def _is_whole(text: str) -> bool:
    """Says whether it ends as the name of a picture does."""
    if is_address(text):
        try:
            text = urlsplit(text).path
        except ValueError:
            return False
    return PurePosixPath(text.strip("\"'\u201d ")).suffix.lower() in SUFFIXES | OTHER_SUFFIXES
