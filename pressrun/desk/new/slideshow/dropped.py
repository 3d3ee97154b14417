"""Photos and slides that were dropped on a draft: what is known of them, and whose they are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZipFile

from pressrun.batches.uploads import Upload, Uploads
from pressrun.boundary.text import counted, one_line
from pressrun.boundary.uploads import UploadReference, name_of
from pressrun.desk.new.slideshow.rows import (
    DraftRow,
    OwnSlides,
    kept,
    lines_of,
    new_id,
    rows_of,
)
from pressrun.errors import InputError
from pressrun.inputs.archive import UNREADABLE, ArchiveEntry
from pressrun.inputs.content import ARCHIVE, type_named
from pressrun.inputs.photos import (
    PhotoMatch,
    PhotoRow,
    as_cell,
    match_photos,
    natural_order,
    photos_in,
)
from pressrun.inputs.slides import MAX_CAPTION_BYTES, Slideshow, read_slideshow, slideshows_of
from pressrun.inputs.tiktok.links import check_link
from pressrun.kinds.slideshow.entry import LONGEST_NAME
from pressrun.pictures.picture import MAX_BYTES, Picture, read_picture
from pressrun.stores.uploads.reader import MOST_BATCH_BYTES, too_much

#: Photos that a draft takes; a batch needs a hundred.
MAX_PHOTOS = 500
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftPhoto:
    """A product photo that was dropped.

    Attributes:
        reference: What names it.
        size: Width and height in pixels.
        folder: That it was dropped with, or lay in within an archive; empty for none.
    """

    reference: str
    name: str
    size: tuple[int, int]
    bytes: int = 0
    folder: str = ""

    @property
    def path(self) -> str:
        """Its name with its folder."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return UploadReference.parse(self.reference).sha256


def photos_of(values: Mapping[str, Any]) -> list[DraftPhoto]:
    """Reads the photos that were dropped."""
    return [
        DraftPhoto(
            one["reference"],
            one["name"],
            tuple(one["size"]),
            one.get("bytes", 0),
            one.get("folder", ""),
        )
        for one in values.get("dropped_photos", ())
    ]


def kept_rows(rows: Sequence[DraftRow]) -> dict[str, Any]:
    """Gives rows as values of a draft."""
    first = next((row for row in rows if not row.is_blank), None)
    called = first and (first.name or first.link or first.description)
    said = f"{counted(len(rows), 'slideshow')}, from {called}" if called else None
    # What a copied run was given stands in the rows by now.
    given = dict.fromkeys(("links", "slides", "descriptions"))
    return {"rows": kept(rows), "called": said, **given}


def matched(changed: Values, values: Values) -> tuple[dict[str, Any], Sequence[str]]:
    """Adds the photos of rows that have none to a change, by name and order; says what is left.

    A photo that a row names, as a table does, is no longer supposed to be another row's.
    """
    now = {**values, **changed}
    photos = photos_of(now)
    rows, gave_way = _without_named(rows_of(now), photos)
    if not photos or not rows:
        return dict(changed), ()
    places = range(len(rows))
    usable = [at for at in places if rows[at].slides or check_link(rows[at].link).good]
    # Rows that cannot be made have no part in the order where that leaves fewer photos over.
    used = photos_used({**now, **kept_rows(rows)})
    ways = [_with_matches(rows, photos, used, which) for which in (places, usable)]
    done, notes = max(ways, key=lambda way: sum(len(row.photos) for row in way[0]))
    return {**changed, **kept_rows(done)}, [*gave_way, *notes]


def _without_named(
    rows: Sequence[DraftRow], photos: Sequence[DraftPhoto]
) -> tuple[list[DraftRow], list[str]]:
    """Takes photos from the rows that they are only supposed to be of, where others name them."""
    every = range(len(photos))
    found = match_photos(
        [PhotoRow(0, "" if row.is_supposed else row.photo) for row in rows],
        [photo.path for photo in photos],
        every,
    )
    named = {
        photos[place].reference: at for at, one in enumerate(found.matches) for place in one.places
    }
    names = {photo.reference: photo.name for photo in photos}
    numbers = {row.id: number for number, row in lines_of(rows)}
    left, said = [], []
    for row in rows:
        lost = [photo for photo in row.photos if row.is_supposed and photo in named]
        left.append(replace(row, photo="", by="") if lost else row)
        for photo in lost:
            name, to = one_line(names[photo], 60), numbers[rows[named[photo]].id]
            own = numbers[row.id]
            said.append(f"Row {to} names “{name}”, which was only supposed to be row {own}'s.")
    return left, said


def _with_matches(
    rows: Sequence[DraftRow],
    photos: Sequence[DraftPhoto],
    used: Collection[str],
    places: Sequence[int],
) -> tuple[list[DraftRow], Sequence[str]]:
    """Gives the rows at these places the photos that are theirs; says what is left."""
    found = match_photos(
        [_photo_row(at + 1, rows[at]) for at in places],
        [photo.path for photo in photos],
        [at for at, photo in enumerate(photos) if photo.reference in used],
    )
    done = list(rows)
    for at, one in zip(places, found.matches, strict=True):
        if one.places:
            done[at] = replace(rows[at], photo=_cell(one, photos), by=one.by)
    return done, found.notes


def photos_used(values: Values) -> set[str]:
    """Gives what rows have as their photos, or all rows in common."""
    cells = [*(row.photo for row in rows_of(values)), str(values.get("photo") or "")]
    return {photo for cell in cells for photo in photos_in(cell)}


def photos_named(values: Values, photos: Sequence[str]) -> str:
    """Writes the names of photos for a sentence."""
    names = {photo.reference: photo.name for photo in photos_of(values)}
    return ", ".join(f"“{one_line(names.get(one, one), 60)}”" for one in photos)


def _cell(match: PhotoMatch, photos: Sequence[DraftPhoto]) -> str:
    return as_cell(one if isinstance(one, str) else photos[one].reference for one in match.photos)


def _photo_row(number: int, row: DraftRow) -> PhotoRow:
    link = check_link(row.link)
    user = row.name or link.user
    return PhotoRow(number, row.photo, link.post_id, user, row.description)


def with_photos(values: Values, photos: Sequence[DraftPhoto]) -> dict[str, Any]:
    """Adds photos to those of a draft.

    Raises:
        InputError: There would be too many, or too much.
    """
    there = {photo.reference: photo for photo in [*photos_of(values), *photos]}
    if len(there) > MAX_PHOTOS:
        raise InputError(
            f"That would be {len(there):,} photos; a batch of 100 slideshows takes up to "
            f"{MAX_PHOTOS}. Take some out."
        )
    if (size := sum(photo.bytes for photo in there.values())) > MOST_BATCH_BYTES:
        raise too_much(size)
    return {"dropped_photos": [asdict(photo) for photo in there.values()]} if there else {}


def read_photo(uploads: Uploads, reference: str, folder: str = "") -> DraftPhoto:
    """Reads what is known of an uploaded photo.

    Raises:
        InputError: It is none, or is no longer kept.
    """
    name = UploadReference.parse(reference).name
    data = uploads.read(reference, MAX_BYTES)
    picture = read_picture(data, f"“{name}”")
    size = (picture.width, picture.height)
    return DraftPhoto(reference, name, size, len(data), folder.strip("./"))


def read_slides(
    uploads: Uploads, references: Sequence[str], name: str
) -> tuple[Sequence[DraftRow], Sequence[str]]:
    """Reads an archive, or several pictures with their ``caption.txt``, as one slideshow.

    An archive of several folders is one a folder.

    Returns:
        A row of each, and in sentences what was left out.

    Raises:
        InputError: They are none.
    """
    sent = sorted(references, key=lambda one: natural_order(name_of(one)))
    pictures = [one for one in sent if _may_be_slides(one)]
    captions = [one for one in sent if name_of(one).lower() == "caption.txt"]
    others = [one_line(name_of(one), 80) for one in sent if one not in {*pictures, *captions}]
    if not pictures:
        named = ", ".join(f"“{other}”" for other in others or ["caption.txt"])
        raise InputError(
            f"{named}: no slides. Drop pictures or a ZIP of them here, and a table or photos of "
            "products under Products."
        )
    place = " ".join(pictures)
    name = one_line(name, LONGEST_NAME)
    left_out = [f"Left out of {f'“{name}”' if name else 'the slides'}: “{one}”." for one in others]
    if captions:
        place = _packed(uploads, pictures, captions[0], name).reference
    if len(place.split()) == 1 and name_of(place).lower().endswith(".zip"):
        name = name or ("" if captions else one_line(Path(name_of(place)).stem, LONGEST_NAME))
        with uploads.copied(place) as path:
            if folders := slideshows_of(path):
                rows, said = _of_folders(uploads, folders)
                return rows, [*left_out, *said]
            show = read_slideshow(str(path), _no_web)
        left_out += [f"Left out of “{name or show.source}”: “{one}”." for one in show.left_out]
    else:
        show = read_slideshow(
            place, lambda url, what="": read_picture(uploads.read(url, MAX_BYTES), what)
        )
    return [DraftRow(new_id(), slides=place, own=_own(uploads, show), name=name)], left_out


def _of_folders(
    uploads: Uploads, folders: Mapping[str, Sequence[ArchiveEntry]]
) -> tuple[list[DraftRow], list[str]]:
    """Makes a row of each folder of an archive; says what is in none, and which are refused."""
    rows = list[DraftRow]()
    loose = [one_line(str(entry.path), 80) for entry in folders.get("", ())]
    left_out = [f"Left out, since it is in no folder of slides: “{name}”." for name in loose]
    for folder, entries in folders.items():
        if not folder:
            continue
        name = one_line(folder, LONGEST_NAME)
        try:
            files = ((entry.path.name, _whole(entry)) for entry in entries)
            place = _archived(uploads, files, name).reference
            with uploads.copied(place) as path:
                show = read_slideshow(str(path), _no_web)
            rows.append(DraftRow(new_id(), slides=place, own=_own(uploads, show), name=name))
            left_out += [f"Left out of “{name}”: “{one}”." for one in show.left_out]
        except InputError as error:
            left_out.append(str(error))
    if not rows:
        raise InputError(" ".join(left_out))
    return rows, left_out


def _whole(entry: ArchiveEntry) -> bytes:
    try:
        return entry.read(MAX_BYTES)
    except UNREADABLE as error:
        raise InputError(f"“{one_line(str(entry.path), 80)}” cannot be read.") from error


def _may_be_slides(reference: str) -> bool:
    kind = type_named(name_of(reference))
    return kind is ARCHIVE or (kind is not None and kind.media_type.startswith("image/"))


def _packed(uploads: Uploads, pictures: Sequence[str], caption: str, name: str) -> Upload:
    """Packs slides with their caption, as a run reads both from one place."""

    def files() -> Iterator[tuple[str, bytes]]:
        for number, place in enumerate(pictures, 1):
            picture = read_picture(uploads.read(place, MAX_BYTES), f"“{name_of(place)}”")
            yield f"{number}.{picture.extension}", picture.data
        yield "caption.txt", uploads.read(caption, MAX_CAPTION_BYTES)

    return _archived(uploads, files(), name)


def _archived(uploads: Uploads, files: Iterable[tuple[str, bytes]], name: str) -> Upload:
    with TemporaryFile() as file:
        with ZipFile(file, "w") as archive:
            for path, data in files:
                archive.writestr(path, data)
        file.seek(0)
        return uploads.put(f"{name or 'slides'}.zip", file)


def _no_web(url: str, what: str = "") -> Picture:
    raise InputError(f"“{what or url}” is an address. Drop the pictures themselves.")


def _own(uploads: Uploads, show: Slideshow) -> OwnSlides:
    cover = uploads.put(f"cover.{show.slides[0].extension}", BytesIO(show.slides[0].data))
    sizes = [(slide.width, slide.height) for slide in show.slides]
    return OwnSlides(sizes, show.caption, cover.reference)


def archive_of(reference: str) -> Upload:
    """Makes of a reference the upload that it names."""
    named = UploadReference.parse(reference)
    return Upload(named.sha256, named.name, 0, "application/zip")
