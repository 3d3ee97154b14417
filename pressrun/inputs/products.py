"""Which product goes with which slideshow: from the rows, a folder of photos, or one for all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pressrun.boundary.files import read_file, reason
from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.archive import ArchivedFile, list_archive
from pressrun.inputs.content import MAX_ARCHIVE_BYTES
from pressrun.inputs.photos import (
    MOST_PHOTOS,
    PhotoMatch,
    PhotoRow,
    in_order,
    match_photos,
    natural_order,
    photos_in,
    several,
)
from pressrun.inputs.places import (
    FOLDER,
    PICTURE,
    bare,
    existing,
    is_address,
    is_file_name,
)
from pressrun.pictures.kinds import OTHER_SUFFIXES, SUFFIXES
from pressrun.pictures.picture import MAX_BYTES, Picture, read_picture

MAX_DESCRIPTION = 4_000
_AT_ONCE = 6
_LONGEST_NAME = 200
#: Those that are not read count too: the row's error says so, and the order stays.
_PICTURES = SUFFIXES | OTHER_SUFFIXES


@dataclass(frozen=True, slots=True)
class Product:
    """What the new slideshow is to sell.

    Attributes:
        photos: One to :data:`pressrun.inputs.photos.MOST_PHOTOS`, each another picture; the first
            is the main one.
    """

    photos: tuple[Picture, ...]
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
    """What a row says of its product, and what a photo of it may be called after.

    Attributes:
        photo: File names, paths or addresses, as :func:`pressrun.inputs.photos.photos_in` reads
            them.
        number: Of the row, from 1; 0 if it has none.
        post_id: Of its post.
        user: Who posted it, or the name of its own slides.
    """

    photo: str = ""
    description: str = ""
    number: int = 0
    post_id: str = ""
    user: str = ""


def _quiet(said: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class ProductSource:
    """Where products come from.

    Attributes:
        photo: The photos of one product for every row that names none, likewise.
        description: One description likewise.
        photos: A folder or a ZIP archive of photos, or several addresses with spaces between them;
            matched by :func:`pressrun.inputs.photos.match_photos`.
        base: Folder that relative paths start from.
        fetch: Downloads a picture from a URL, safely.
        download: Gives the local path of an upload and of what lies in S3 or Drive.
        note: Told which photos are left over, go with several rows, or were put together.
    """

    fetch: Callable[[str], Picture]
    photo: str = ""
    description: str = ""
    photos: str = ""
    base: Path = field(default_factory=Path.cwd)
    download: Callable[[str], str] = str
    note: Callable[[str], None] = _quiet

    def match(self, wanted: Sequence[WantedProduct]) -> list[Product | ProductError]:
        """Finds a product for every row, or what the row lacks; same order and length."""
        # A folder has no order of its own: 2 comes before 10.
        photos = sorted(self._photos(), key=lambda photo: natural_order(photo.path))
        names = [photo.path for photo in photos]
        found = match_photos([_row(row) for row in wanted], names)
        for said in found.notes:
            self.note(said)
        common = self._places(photos_in(self.photo))
        if len(common) > MOST_PHOTOS:
            self.note(
                f"{len(common)} photos are given for all rows; models are shown the first "
                f"{MOST_PHOTOS}."
            )
            common = common[:MOST_PHOTOS]
        places = [self._of_row(one, photos, common) for one in found.matches]
        loaded = self._loaded([*dict.fromkeys(place for of_row in places for place in of_row)])
        return [
            self._product(row, [loaded[place] for place in of_row], one, names)
            for row, of_row, one in zip(wanted, places, found.matches, strict=True)
        ]

    def _loaded(self, places: "Sequence[_Place]") -> "dict[_Place, Picture | PressrunError]":
        """Reads each photo once, side by side: most of the time is waited for their servers."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="photo")
        try:
            return dict(zip(places, pool.map(self._load, places), strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _product(
        self,
        row: WantedProduct,
        photos: Sequence[Picture | PressrunError],
        match: PhotoMatch,
        names: Sequence[str],
    ) -> Product | ProductError:
        description = (row.description or self.description).strip()
        lacks = list(_wrong_with(description))
        described = not lacks
        unusable = [photo for photo in photos if isinstance(photo, PressrunError)]
        for photo in unusable:
            said = str(photo).removesuffix(".")
            lacks.append(f"has a product photo that cannot be used: {said}")
        if not photos:
            lacks.append(f"has no product photo{self._hint(match, names)}")
        elif described and not unusable:
            usable = [photo for photo in photos if isinstance(photo, Picture)]
            return Product(tuple({p.sha256: p for p in usable}.values()), description)
        return ProductError(lacks, photo_only=described)

    def _hint(self, match: PhotoMatch, names: Sequence[str]) -> str:
        if match.possible:
            return f" ({several(match, names)})"
        if not self.photos.strip():
            return ""
        where = "the photos" if is_upload(self.photos) else one_line(self.photos)
        return f" (no file in {where} has its name)"

    def _of_row(
        self, match: PhotoMatch, photos: "Sequence[_Named]", common: "Sequence[_Place]"
    ) -> "Sequence[_Place]":
        """Finds a row's photos, or their paths or URLs; none if there are none."""
        if match.possible or not match.photos:
            return () if match.possible else common
        found: list[_Place] = []
        for one in match.photos:
            found += self._places([one]) if isinstance(one, str) else [photos[one]]
        if (over := len(found) - MOST_PHOTOS) > 0:
            self.note(
                f"Row {match.row} has {over + MOST_PHOTOS} photos; models are shown the first "
                f"{MOST_PHOTOS}."
            )
        return found[:MOST_PHOTOS]

    def _is_here(self, name: str) -> bool:
        """Says whether a file of that name lies where the rows are, or the process runs."""
        return len(name) <= _LONGEST_NAME and (self.base / name).exists()

    def _places(self, given: Sequence[str]) -> "list[_Place]":
        """Gives the photos that are named; in place of a folder those in it, in their order."""
        found: list[_Place] = []
        for one in given:
            inside = self._inside(one)
            ordered = [inside[at] for at in in_order([photo.path for photo in inside])]
            found += ordered or [one]
        return found

    def _inside(self, place: str) -> "list[_InFolder]":
        if is_upload(place) or "://" in place:
            return []
        try:
            folder = existing(place, FOLDER, self.base)
            return _photos_of(folder, self._in_folder(folder)) if folder.is_dir() else []
        except InputError:
            return []  # why, is said where it is read as a photo

    def _photos(self) -> "list[_Named]":
        if not (listed := self.photos.split()):
            return []
        if _is_list(listed):
            return [_Listed(name_of(one), one) for one in listed]
        place = existing(self.download(bare(self.photos)), FOLDER, self.base)
        if place.suffix.lower() == ".zip" and place.is_file():
            packed = list_archive(place, MAX_ARCHIVE_BYTES)
            return [_Archived(str(one.path), one) for one in packed if _is_photo(one.path.name)]
        files = self._in_folder(place)
        if loose := _photos_of(place, files):
            return [*loose]
        # A folder a product.
        within = [file for file in files if file.is_dir() and not file.name.startswith(".")]
        return [photo for one in within for photo in _photos_of(place, self._in_folder(one))]

    def _in_folder(self, folder: Path) -> list[Path]:
        try:
            return list(folder.iterdir())
        except NotADirectoryError as error:
            raise InputError(f"{self.photos} is a file, not a folder of product photos.") from error
        except OSError as error:
            raise InputError(
                f"The folder of product photos {folder} cannot be read ({error.strerror})."
            ) from error

    def _load(self, place: "_Place") -> Picture | PressrunError:
        try:
            if isinstance(place, _InFolder):
                return read_picture_file(place.file, within=place.folder)
            if isinstance(place, _Archived):
                return read_picture(place.file.read(MAX_BYTES), place.file.path.name)
            downloaded = self.download(bare(place if isinstance(place, str) else place.place))
            if is_address(downloaded):
                return self.fetch(downloaded)
            if is_file_name(downloaded) and not self._is_here(downloaded):
                return InputError(
                    f"no photo called “{one_line(downloaded, 60)}” was dropped; drop it at the "
                    "desk, or give its address (https://…)"
                )
            return read_picture_file(existing(downloaded, PICTURE, self.base))
        except Exception as error:  # noqa: BLE001 - what is wrong with one photo ends no other row
            return foreseen(error)


@dataclass(frozen=True, slots=True)
class _InFolder:
    path: str
    file: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class _Archived:
    path: str
    file: ArchivedFile


@dataclass(frozen=True, slots=True)
class _Listed:
    path: str
    place: str


_Named = _InFolder | _Archived | _Listed
#: A photo, or the path or address of one.
_Place = _Named | str


def _is_photo(name: str) -> bool:
    return PurePath(name).suffix.lower() in _PICTURES and not name.startswith(".")


def _photos_of(folder: Path, files: Sequence[Path]) -> list[_InFolder]:
    return [
        _InFolder(file.relative_to(folder).as_posix(), file, folder)
        for file in files
        if _is_photo(file.name)
    ]


def _is_list(words: Sequence[str]) -> bool:
    """Says whether these are photos by address: several, or one that was uploaded."""
    if len(words) == 1:
        return is_upload(words[0]) and not words[0].lower().endswith(".zip")
    return all(is_upload(word) or is_address(word) for word in words)


def _row(row: WantedProduct) -> PhotoRow:
    return PhotoRow(row.number, row.photo, row.post_id, row.user, row.description)


def _wrong_with(description: str) -> Iterator[str]:
    if not description:
        yield "has no product description"
    if len(description) > MAX_DESCRIPTION:
        yield f"has a description of over {MAX_DESCRIPTION:,} characters"


def read_picture_file(path: Path, what: str = "", within: Path | None = None) -> Picture:
    """Reads a picture from a file of this machine.

    Args:
        path: Where it lies.
        what: How to name it in an error; by default its name.
        within: As :func:`pressrun.boundary.files.open_file` takes it.

    Raises:
        InputError: It cannot be read, or is no picture that is.
    """
    try:
        data = read_file(path, MAX_BYTES, within)
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name!r} cannot be read: {reason(error)}.") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path.name} is over {MAX_BYTES // 2**20} MiB.")
    return read_picture(data, what or path.name)
