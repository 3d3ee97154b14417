"""Photos of one product, as folders and names tell: ``mug-1.jpg`` and ``mug-2.jpg``."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pressrun.inputs.photos.evidence import is_counted_elsewhere, natural_order, stem

_VIEWS = (
    *("main", "front", "side", "left", "right", "back", "rear", "top", "bottom", "inside"),
    *("open", "closed", "detail", "details", "closeup", "label"),
)
#: Higher numbers count something else: "shampoo 250" and "shampoo 500" are two products.
_HIGHEST = 20
_NUMBERED = re.compile(r"(?P<base>.+?)(?:[ _.-]+|(?<=[^\W\d_]))\(?0*(?P<place>\d{1,2})\)?")
_VIEWED = re.compile(rf"(?P<base>.+?)[ _.-]+\(?(?P<place>{'|'.join(_VIEWS)})\)?")


@dataclass(frozen=True, slots=True)
class PhotoSeries:
    """Several photos of one product.

    Attributes:
        name: What all are called, or their folder.
        members: Their places among the photos, the main one first.
        is_folder: Whether a folder holds them together: their own names then say nothing.
    """

    name: str
    members: tuple[int, ...]
    is_folder: bool = False


def series_of(photos: Sequence[str]) -> list[PhotoSeries]:
    """Finds the photos that clearly show one product.

    Where all lie in folders and one of these holds several, each folder is a product. Names that
    are alike but for a small number or a view (``front``) are of one product, whether or not the
    first has such an ending.

    Args:
        photos: Names, with folders where there are some.
    """
    folders = [*_folders(photos)]
    taken = {at for one in folders for at in one.members}
    return [*folders, *_alike({at: name for at, name in enumerate(photos) if at not in taken})]


def in_order(photos: Sequence[str]) -> list[int]:
    """Gives the places of photos of one product in their order, the main one first."""
    places = sorted(range(len(photos)), key=lambda at: natural_order(photos[at]))
    of = next((one for one in series_of(photos) if len(one.members) == len(photos)), None)
    return [*of.members] if of else places


def _folders(photos: Sequence[str]) -> Iterator[PhotoSeries]:
    paths = [PurePosixPath(photo).parts for photo in photos]
    while paths and all(len(path) > 1 for path in paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]
    held: dict[str, list[int]] = defaultdict(list)
    for at, path in enumerate(paths):
        if len(path) > 1:
            held[path[0]].append(at)
    if all(len(path) > 1 for path in paths) and any(len(one) > 1 for one in held.values()):
        for name, members in held.items():
            names = [PurePosixPath(photos[at]).name for at in members]
            ordered = (members[at] for at in in_order(names))
            yield PhotoSeries(name, tuple(ordered), is_folder=True)


def _alike(photos: Mapping[int, str]) -> Iterator[PhotoSeries]:
    groups: dict[str, list[tuple[tuple[int, int], int]]] = defaultdict(list)
    stems = {at: stem(PurePosixPath(name).name) for at, name in photos.items()}
    for at, name in stems.items():
        ending = None if is_counted_elsewhere(name) else _ending(name)
        if ending:
            groups[ending[0]].append((ending[1], at))
    for at, name in stems.items():
        if name in groups and not _ending(name):
            groups[name].append(((0, 0), at))
    for base, found in groups.items():
        places = [place for place, _ in found]
        if len(found) > 1 and len(set(places)) == len(places) and _begins_at_first(places):
            yield PhotoSeries(base, tuple(at for _, at in sorted(found)))


def _ending(name: str) -> tuple[str, tuple[int, int]] | None:
    """Gives what stands before a name's ending, and the ending's place in an order."""
    if (found := _NUMBERED.fullmatch(name)) and int(found["place"]) <= _HIGHEST:
        return found["base"], (2, int(found["place"]))
    if found := _VIEWED.fullmatch(name):
        return found["base"], (1, _VIEWS.index(found["place"]))
    return None


def _begins_at_first(places: Sequence[tuple[int, int]]) -> bool:
    numbers = [number for kind, number in places if kind == 2]
    return not numbers or min(numbers) <= 1 + (len(numbers) < len(places))
