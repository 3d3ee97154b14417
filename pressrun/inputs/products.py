"""Which product goes with which slideshow: from the rows, a folder of photos, or one for all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pressrun.errors import InputError, PressrunError
from pressrun.pictures import MAX_BYTES, Picture, read_picture

MAX_DESCRIPTION = 4_000
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True, slots=True)
class Product:
    """What the new slideshow is to sell."""

    photo: Picture
    description: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says of its product, and the names that a photo of it may have."""

    photo: str = ""
    description: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where products come from.

    Attributes:
        photo: One photo for every row that names none (path or URL).
        description: One description likewise.
        photos: A folder of photos: matched by the row's photo cell, then by file name (the
            link's number, post id or user), then by order if there are as many as rows.
        base: Folder that relative paths start from.
        fetch: Downloads a picture from a URL, safely.
        bring: Gives the local path of what lies in S3 or Drive.
    """

    fetch: Callable[[str], Picture]
    photo: str = ""
    description: str = ""
    photos: str = ""
    base: Path = field(default_factory=Path.cwd)
    bring: Callable[[str], str] = str

    def match(self, wanted: Sequence[Wanted]) -> list[Product | InputError]:
        """A product for every row, or what the row lacks; same order and length."""
        folder = self._folder()
        by_order = folder if len(folder) == len(wanted) else []
        loaded: dict[str, Picture | PressrunError] = {}

        def load(place: str) -> Picture:
            if place not in loaded:
                loaded[place] = self._load(place)
            found = loaded[place]
            if isinstance(found, PressrunError):
                raise found
            return found

        products: list[Product | InputError] = []
        for index, row in enumerate(wanted):
            place = self._place(row, folder, by_order[index : index + 1])
            products.append(self._product(row, place, load))
        return products

    def _product(
        self, row: Wanted, place: str, load: Callable[[str], Picture]
    ) -> Product | InputError:
        description = (row.description or self.description).strip()
        problems = []
        if not description:
            problems.append("has no product description")
        if len(description) > MAX_DESCRIPTION:
            problems.append(f"has a description of over {MAX_DESCRIPTION:,} characters")
        if not place:
            problems.append("has no product photo" + self._hint())
        else:
            try:
                photo = load(place)
            except PressrunError as error:
                problems.append(f"has a product photo that cannot be used: {error}")
        if problems:
            return InputError(f"The row {', and '.join(problems)}.", kind="bad_product")
        return Product(photo, description)

    def _hint(self) -> str:
        return f" (no file in {self.photos} has its name)" if self.photos else ""

    def _place(self, row: Wanted, folder: list[Path], by_order: list[Path]) -> str:
        """The photo's path or URL; empty if there is none."""
        if row.photo:
            same = [
                p for p in folder if row.photo.casefold() in (p.name.casefold(), p.stem.casefold())
            ]
            return str(same[0]) if same else row.photo
        named = [p for p in folder if p.stem.casefold().lstrip("@") in row.names]
        for place in (*named[:1], *by_order):
            return str(place)
        return self.photo

    def _folder(self) -> list[Path]:
        if not self.photos:
            return []
        folder = self._path(self.bring(self.photos))
        if not folder.is_dir():
            raise InputError(f"The folder of product photos {self.photos} does not exist.")
        return sorted(
            (p for p in folder.iterdir() if p.suffix.lower() in _PICTURES), key=natural_order
        )

    def _load(self, place: str) -> Picture | PressrunError:
        try:
            if re.match(r"https?://", place, re.IGNORECASE):
                return self.fetch(place)
            return _read_file(self._path(self.bring(place)))
        except PressrunError as error:
            return error

    def _path(self, place: str) -> Path:
        return self.base / Path(place).expanduser()


def natural_order(path: Path) -> list[tuple[int, str]]:
    """A key that sorts ``slide2`` before ``slide10``."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _read_file(path: Path) -> Picture:
    try:
        if path.is_dir():
            raise InputError(f"{path.name} is a folder, not a picture.")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path.name} is over {MAX_BYTES // 2**20} MiB.")
        return read_picture(path.read_bytes(), path.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path.name!r} cannot be read: {reason}.") from error
