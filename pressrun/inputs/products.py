"""Which product goes with which slideshow: from the rows, a folder of photos, or one for all."""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pressrun.boundary.files import read_file, reason
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.places import FOLDER, PICTURE, bare, existing, is_address
from pressrun.pictures.picture import MAX_BYTES, OTHER_SUFFIXES, SUFFIXES, Picture, read_picture

MAX_DESCRIPTION = 4_000
_AT_ONCE = 6
#: Those that are not read count too: the row's error says so, and the order stays.
_PICTURES = SUFFIXES | OTHER_SUFFIXES


@dataclass(frozen=True, slots=True)
class Product:
    """What the new slideshow is to sell."""

    photo: Picture
    description: str


class ProductError(InputError):
    """What a row lacks for its product.

    Args:
        lacks: What is wrong, each as it goes on from "The row".
        photo_only: Whether its description is fine.
    """

    kind = "bad_product"

    def __init__(self, lacks: Sequence[str], *, photo_only: bool):
        super().__init__(f"The row {', and '.join(lacks)}.")
        self.photo_only = photo_only


@dataclass(frozen=True, slots=True)
class WantedProduct:
    """What a row says of its product, and the names that a photo of it may have."""

    photo: str = ""
    description: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProductSource:
    """Where products come from.

    Attributes:
        photo: One photo for every row that names none (path or URL).
        description: One description likewise.
        photos: A folder of photos: matched by the row's photo cell, then by file name (the
            link's number, post id or user), then by order if there are as many as rows.
        base: Folder that relative paths start from.
        fetch: Downloads a picture from a URL, safely.
        download: Gives the local path of what lies in S3 or Drive.
    """

    fetch: Callable[[str], Picture]
    photo: str = ""
    description: str = ""
    photos: str = ""
    base: Path = field(default_factory=Path.cwd)
    download: Callable[[str], str] = str

    def match(self, wanted: Sequence[WantedProduct]) -> list[Product | ProductError]:
        """Finds a product for every row, or what the row lacks; same order and length."""
        folder = self._folder()
        by_order = folder if len(folder) == len(wanted) else []
        places = [
            self._place(row, folder, by_order[index : index + 1])
            for index, row in enumerate(wanted)
        ]
        loaded = self._loaded([*dict.fromkeys(filter(None, places))], set(map(str, folder)))
        return [
            self._product(row, loaded.get(place)) for row, place in zip(wanted, places, strict=True)
        ]

    def _loaded(
        self, places: Sequence[str], found: Container[str]
    ) -> dict[str, Picture | PressrunError]:
        """Reads each photo once, side by side: most of the time is waited for their servers."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="photo")
        try:
            read = pool.map(lambda place: self._load(place, found), places)
            return dict(zip(places, read, strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _product(
        self, row: WantedProduct, photo: Picture | PressrunError | None
    ) -> Product | ProductError:
        description = (row.description or self.description).strip()
        lacks = list(_wrong_with(description))
        described = not lacks
        if isinstance(photo, PressrunError):
            said = str(photo).removesuffix(".")
            lacks.append(f"has a product photo that cannot be used: {said}")
        elif not photo:
            lacks.append(f"has no product photo{self._hint()}")
        elif described:
            return Product(photo, description)
        return ProductError(lacks, photo_only=described)

    def _hint(self) -> str:
        return f" (no file in {self.photos} has its name)" if self.photos else ""

    def _place(self, row: WantedProduct, folder: list[Path], by_order: list[Path]) -> str:
        """Finds the photo's path or URL; empty if there is none."""
        if cell := bare(row.photo):
            same = [p for p in folder if cell.casefold() in (p.name.casefold(), p.stem.casefold())]
            return str(same[0]) if same else cell
        named = [p for p in folder if p.stem.casefold().lstrip("@") in row.names]
        for place in (*named[:1], *by_order):
            return str(place)
        return self.photo

    def _folder(self) -> list[Path]:
        if not self.photos.strip():
            return []
        folder = existing(self.download(bare(self.photos)), FOLDER, self.base)
        try:
            files = [p for p in folder.iterdir() if p.suffix.lower() in _PICTURES]
        except NotADirectoryError as error:
            raise InputError(f"{self.photos} is a file, not a folder of product photos.") from error
        except OSError as error:
            raise InputError(
                f"The folder of product photos {self.photos} cannot be read ({error.strerror})."
            ) from error
        return sorted((p for p in files if not p.name.startswith(".")), key=natural_order)

    def _load(self, place: str, found: Container[str]) -> Picture | PressrunError:
        try:
            downloaded = self.download(bare(place))
            if is_address(downloaded):
                return self.fetch(downloaded)
            path = existing(downloaded, PICTURE, self.base)
            return _read_file(path, path.parent if place in found else None)
        except Exception as error:  # noqa: BLE001 - what is wrong with one photo ends no other row
            return foreseen(error)


def _wrong_with(description: str) -> Iterator[str]:
    if not description:
        yield "has no product description"
    if len(description) > MAX_DESCRIPTION:
        yield f"has a description of over {MAX_DESCRIPTION:,} characters"


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Makes a key that sorts ``slide2`` before ``slide10``."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _read_file(path: Path, within: Path | None) -> Picture:
    try:
        data = read_file(path, MAX_BYTES, within)
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name!r} cannot be read: {reason(error)}.") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path.name} is over {MAX_BYTES // 2**20} MiB.")
    return read_picture(data, path.name)
