"""What a person does to the rows of a draft: pastes, types, drops, removes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pressrun.batches.uploads import Uploads
from pressrun.boundary.text import counted, one_line
from pressrun.boundary.uploads import name_of
from pressrun.desk.new.drafts import Drafts
from pressrun.desk.new.slideshow.dropped import (
    MAX_PHOTOS,
    DraftPhoto,
    Values,
    archive_of,
    kept_rows,
    matched,
    photos_named,
    photos_of,
    read_photo,
    read_slides,
    with_photos,
)
from pressrun.desk.new.slideshow.rows import (
    Cell,
    DraftRow,
    find,
    kept,
    new_id,
    rows_of,
    with_cell,
    with_column,
    with_main_photo,
    with_pasted,
    with_photos_of,
    with_table,
    without,
)
from pressrun.errors import InputError
from pressrun.inputs.photos import MOST_PHOTOS, as_cell, in_order
from pressrun.inputs.tables.rows import SlideshowRow, read_manifest, read_rows
from pressrun.inputs.tiktok.links import check_link
from pressrun.inputs.tiktok.verdicts import LinkVerdict
from pressrun.kinds.slideshow.posts import Posts
from pressrun.pictures.kinds import SUFFIXES

#: Files of an archive that are named where they are left out.
_NAMED = 5
_Text = Annotated[str, Field(max_length=2_000_000)]
_Short = Annotated[str, Field(max_length=20_000)]


Act = Literal[
    "paste",
    "column",
    "cell",
    "blank",
    "remove",
    "clear",
    "restore",
    "products",
    "match",
    "slides",
    "row_photo",
    "main_photo",
    "photo_for_all",
    "forget_photo",
    "look_again",
]


@dataclass(frozen=True, slots=True)
class ChangeTold:
    """What a person is told of a change; ``refused`` says in sentences what was not taken."""

    words: str = ""
    refused: Sequence[str] = ()


class RowChange(BaseModel):
    """What the page sends: one act of a person.

    Attributes:
        act: What it is.
        id: The row's; empty for none.
        cell: Which cell of it, with what stands there now (``value``) and before (``was``).
        text: What was pasted.
        references: Uploads that were dropped.
        folders: For some of them the folder that they were dropped with.
        last: Whether nothing more of the same drop comes: then photos are matched to rows.
    """

    model_config = ConfigDict(extra="forbid")

    act: Act
    id: _Short = ""
    cell: Cell = "link"
    value: _Short = ""
    was: _Short | None = None
    text: _Text = ""
    references: list[_Short] = Field([], max_length=MAX_PHOTOS)
    folders: dict[_Short, _Short] = Field({}, max_length=MAX_PHOTOS)
    last: bool = False


class RowChanges:
    """Changes the rows of drafts.

    Args:
        drafts: Where they are kept.
        open_uploads: Opens what was dropped.
        posts: Where links are looked at.
    """

    def __init__(self, drafts: Drafts, open_uploads: Callable[[], Uploads], posts: Posts):
        self._drafts, self._open_uploads, self._posts = drafts, open_uploads, posts

    def do(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Does what a person asks; gives what they should be told, mostly nothing.

        Raises:
            InputError: It cannot be done; nothing was changed.
            ChangedElsewhere: Another tab has changed the same cell meanwhile.
            StoreError: What was dropped cannot be read.
        """
        self._drafts.require_open(draft_id)
        return _ACTS[change.act](self, draft_id, change)

    def _paste(self, draft_id: str, change: RowChange) -> ChangeTold:
        if not change.text.strip():
            return ChangeTold()
        given = read_rows(change.text)  # a long text takes a while: not while the draft is locked

        def paste(values: Values) -> Values:
            rows = with_pasted(rows_of(values), given, change.id)
            return matched(kept_rows(rows) | {"notes": list(given.notes) or None}, values)[0]

        self._drafts.update(draft_id, paste)
        return ChangeTold()

    def _column(self, draft_id: str, change: RowChange) -> ChangeTold:
        said = ""

        def fill(values: Values) -> Values:
            nonlocal said
            rows, said = with_column(rows_of(values), change.text, change.id)
            return kept_rows(rows)

        self._drafts.update(draft_id, fill)
        return ChangeTold(said)

    def _cell(self, draft_id: str, change: RowChange) -> ChangeTold:
        self._change(
            draft_id,
            lambda rows: with_cell(rows, change.id, change.cell, change.value, change.was),
        )
        return ChangeTold()

    def _remove(self, draft_id: str, change: RowChange) -> ChangeTold:
        def remove(values: Values) -> Values:
            rows = rows_of(values)
            at = next((n for n, row in enumerate(rows) if row.id == change.id), 0)
            gone = [row for row in rows if row.id == change.id]
            left = kept_rows(without(rows, change.id)) | _removed(gone, at)
            return matched(left, values)[0]  # as many photos as rows may be left now

        self._drafts.update(draft_id, remove)
        return ChangeTold()

    def _clear(self, draft_id: str, change: RowChange) -> ChangeTold:  # noqa: ARG002 - as all acts
        self._drafts.update(
            draft_id, lambda values: kept_rows([]) | {"notes": None} | _removed(rows_of(values), 0)
        )
        return ChangeTold()

    def _restore(self, draft_id: str, change: RowChange) -> ChangeTold:  # noqa: ARG002
        """Brings back what was removed last."""

        def restore(values: Values) -> Values:
            rows, removed = rows_of(values), values.get("removed") or {"rows": [], "at": 0}
            at = removed["at"]
            return kept_rows([*rows[:at], *rows_of(removed), *rows[at:]]) | {"removed": None}

        self._drafts.update(draft_id, restore)
        return ChangeTold()

    def _blank(self, draft_id: str, change: RowChange) -> ChangeTold:
        self._change(draft_id, lambda rows: [*rows, DraftRow(change.id or new_id())])
        return ChangeTold()

    def _products(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Takes photos, archives of them and tables; then matches photos to rows."""
        said: list[str] = []
        refused: list[str] = []
        photos: list[DraftPhoto] = []
        for reference in change.references:
            try:
                folder = change.folders.get(reference, "")
                photos += self._taken(draft_id, reference, folder, said, refused)
            except InputError as error:
                refused.append(str(error))

        def add(values: Values) -> Values:
            changed = with_photos(values, photos)
            if not change.last:
                return changed
            changed, notes = matched(changed, values)
            said.extend(notes)
            return changed

        self._drafts.update(draft_id, add)
        return ChangeTold(" ".join(said), refused)

    def _taken(
        self, draft_id: str, reference: str, folder: str, said: list[str], refused: list[str]
    ) -> list[DraftPhoto]:
        """Takes what was dropped, by what it is; gives the photos in it."""
        uploads = self._open_uploads()
        suffix = Path(name_of(reference)).suffix.lower()
        if suffix == ".zip":
            unpacked = uploads.unpack(archive_of(reference))
            refused += unpacked.left_out[:_NAMED]
            if more := len(unpacked.left_out) - _NAMED:
                refused += [f"{more} more are left out likewise."] if more > 0 else []
            inside = unpacked.folders
            named = [one.reference for one in unpacked.photos]
            return [read_photo(uploads, one, inside.get(one, "")) for one in named]
        if suffix in SUFFIXES:
            return [read_photo(uploads, reference, folder)]
        with uploads.copied(reference) as path:
            given = read_manifest(path)
        if not given.is_headed and not any(map(_is_meant, given.rows)):
            raise InputError(
                f"“{one_line(name_of(reference), 80)}” is a text without a link. Drop photos here, "
                "a ZIP of them, or a table with links."
            )
        left: Sequence[str] = ()

        def fill(values: Values) -> Values:
            nonlocal left
            rows, left = with_table(rows_of(values), given.rows)
            return kept_rows(rows)

        self._drafts.update(draft_id, fill)
        said += [f"{name_of(reference)}: {counted(len(given.rows), 'row')}.", *given.notes, *left]
        return []

    def _match(self, draft_id: str, change: RowChange) -> ChangeTold:  # noqa: ARG002 - as all acts
        said: list[str] = []

        def match(values: Values) -> Values:
            changed, notes = matched({}, values)
            said.extend(notes)
            return changed

        self._drafts.update(draft_id, match)
        return ChangeTold(" ".join(said))

    def _slides(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Takes an archive, or several pictures, as one slideshow, or one a folder."""
        read, left_out = read_slides(self._open_uploads(), change.references, change.value)
        self._drafts.update(
            draft_id,
            lambda values: matched(
                kept_rows([*(r for r in rows_of(values) if not r.is_blank), *read]), values
            )[0],
        )
        return ChangeTold(refused=left_out)

    def _row_photo(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Adds photos to a row that were dropped on it, now or before."""
        photos = self._read(change.references)
        names = [photo.name for photo in photos]
        references = [photos[at].reference for at in in_order(names)]
        said = ""

        def add(values: Values) -> Values:
            nonlocal said
            rows = rows_of(values)
            row = find(rows, change.id)
            gone = photos_named(values, row.photos) if row.by == "order" else ""
            said = gone and f"{gone} was matched by the order alone, and gave way."
            return with_photos(values, photos) | kept_rows(
                with_photos_of(rows, change.id, references)
            )

        self._drafts.update(draft_id, add)
        return ChangeTold(said)

    def _main_photo(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Takes a photo that was chosen for a row in place of its main one."""
        photos = self._read(change.references[:1])

        def take(values: Values) -> Values:
            rows = with_main_photo(rows_of(values), change.id, photos[0].reference)
            return with_photos(values, photos) | kept_rows(rows)

        self._drafts.update(draft_id, take)
        return ChangeTold()

    def _photo_for_all(self, draft_id: str, change: RowChange) -> ChangeTold:
        """Takes photos of one product for all rows that have none; no reference takes them away."""
        photos = self._read(change.references[:MOST_PHOTOS]) if change.references else []
        names = [photo.name for photo in photos]
        cell = as_cell(photos[at].reference for at in in_order(names))
        self._drafts.update(
            draft_id,
            lambda values: {**with_photos(values, photos), "photo": cell or None},
        )
        return ChangeTold()

    def _read(self, references: Sequence[str]) -> list[DraftPhoto]:
        uploads = self._open_uploads()
        return [read_photo(uploads, one) for one in references or [""]]

    def _forget_photo(self, draft_id: str, change: RowChange) -> ChangeTold:
        def forget(values: Values) -> Values:
            left = [p for p in photos_of(values) if p.reference not in change.references]
            return {"dropped_photos": [asdict(photo) for photo in left] or None}

        self._drafts.update(draft_id, forget)
        return ChangeTold()

    def _look_again(self, draft_id: str, change: RowChange) -> ChangeTold:
        rows = rows_of(self._drafts.read(draft_id).values)
        for row in rows if not change.id else [find(rows, change.id)]:
            if (link := check_link(row.link)).good:
                self._posts.look_again(link)
        return ChangeTold()

    def _change(
        self, draft_id: str, change: Callable[[Sequence[DraftRow]], Sequence[DraftRow]]
    ) -> None:
        self._drafts.update(draft_id, lambda values: kept_rows(change(rows_of(values))))


_ACTS: Mapping[str, Callable[[RowChanges, str, RowChange], ChangeTold]] = {
    "paste": RowChanges._paste,
    "column": RowChanges._column,
    "cell": RowChanges._cell,
    "remove": RowChanges._remove,
    "clear": RowChanges._clear,
    "restore": RowChanges._restore,
    "blank": RowChanges._blank,
    "products": RowChanges._products,
    "match": RowChanges._match,
    "slides": RowChanges._slides,
    "row_photo": RowChanges._row_photo,
    "main_photo": RowChanges._main_photo,
    "photo_for_all": RowChanges._photo_for_all,
    "forget_photo": RowChanges._forget_photo,
    "look_again": RowChanges._look_again,
}


def _is_meant(row: SlideshowRow) -> bool:
    """Says whether a row has a link, also a mistyped one, or own slides."""
    known = check_link(row.link).verdict is not LinkVerdict.NOT_A_URL
    return bool(known or row.slides or "tiktok" in row.link.lower())


def _removed(rows: Sequence[DraftRow], at: int) -> dict[str, Any]:
    return {"removed": {"rows": kept(rows), "at": at} if rows else None}
