"""Words of delivered slides that a person changes at the desk, beside the slides: for nothing.

What is typed, or read from a table, is kept as a draft for all items of the batch, and drawn as it
will stand. Nothing is written before the button is pressed; then a job changes all of it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field

from pressrun.batches import reletter as letters
from pressrun.batches.delivered import Delivered, Step
from pressrun.batches.reletter import LetteredSlide, Reword, SlideWords
from pressrun.batches.uploads import Uploads
from pressrun.batches.words_table import read_table, write_table
from pressrun.boundary.text import counted
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.jobs import DeskJob, JobDone, Jobs
from pressrun.desk.kept import Kept, TooSlow
from pressrun.desk.results import opened
from pressrun.desk.review.drafts import ReviewDraft, ReviewDrafts
from pressrun.desk.words.view import FIELD, TypedWords, WordsView, foot_of, name_of, row_of
from pressrun.errors import InputError, PressrunError
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch
from pressrun.pictures.lettering.lines import normal
from pressrun.pictures.picture import thumbnail

PREVIEW_PX = 540
_PREVIEW_QUALITY = 82
#: Seconds for which a drawn slide, and the words of a delivered item, are kept.
_DRAWN_S = 600.0
_TABLE = "table"
#: Of a page: what is typed last stands, whichever tab it comes from.
_ALL_SEEN = sys.maxsize


class TypedSlide(BaseModel):
    """What the page sends of one field."""

    item: str = Field(max_length=400)
    slide: int = Field(ge=0, le=10_000)
    words: str = Field(max_length=20_000)


class UploadedTable(BaseModel):
    """A table that was uploaded."""

    reference: str = Field(max_length=400)


class WordsDesk:
    """Keeps what is typed, draws it, and lets it be written.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        open_uploads: Gives what people have uploaded.
        drafts: What was typed.
        jobs: Does what takes long.
        kept: Keeps drawn slides for a while.
        views: What other pages show of the batch.
    """

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        open_uploads: Callable[[], Uploads],
        drafts: ReviewDrafts,
        jobs: Jobs,
        kept: Kept,
        views: BatchViews,
    ):
        self._open_ledger, self._open_uploads = open_ledger, open_uploads
        self._drafts, self._jobs, self._kept, self._views = drafts, jobs, kept, views

    def page(self, batch_id: str, key: str) -> WordsView:
        """Builds the page of an item, or of the first one if no key is given.

        Raises:
            InputError: No words of the batch can be changed, or there is no such item.
            StoreError: The destination cannot be read.
        """
        delivered = self._opened(batch_id)
        items = delivered.ledger.batches.items(batch_id, "completed")
        if not items:
            raise InputError("No slide of this batch is delivered: there are no words to change.")
        item = next((one for one in items if key in ("", one.key)), None)
        if item is None:
            raise InputError(f"There is no delivered item {key[:80]!r} in this batch.")
        typed = _typed(self._draft(batch_id))
        known = {(one.item, one.slide): one for one in typed}
        rows = [
            row_of(slide, known.get((slide.item, slide.number)))
            for slide in self._slides(delivered, item.key)
        ]
        changed = {one.item: 0 for one in typed}
        for one in typed:
            changed[one.item] += 1
        table = self._draft(batch_id).values.get(_TABLE) or {}
        job = self._jobs.of(batch_id)
        return WordsView(delivered.batch, items, item, rows, typed, changed, table, job)

    def keep(self, batch_id: str, given: TypedSlide) -> dict[str, Any]:
        """Keeps what was typed for a slide, and draws it.

        Returns:
            For the page: ``problem`` of the words, ``picture`` of the slide as a ``data:`` address,
            ``note`` on the drawing, ``changed``, what the foot says, and ``again`` if the picture
            takes longer.

        Raises:
            InputError: There is no such slide, or no words of the batch can be changed.
            StoreError: The destination cannot be read.
        """
        delivered = self._opened(batch_id)
        slide = self._slide(delivered, given.item, given.slide)
        words = given.words.replace("\r\n", "\n")
        value = _value(delivered.batch, slide, words)
        self._save(batch_id, {name_of(slide): value})
        told = {"problem": value["problem"] if value else "", "changed": bool(value)}
        return told | self._drawn(delivered, slide, value) | foot_of(_typed(self._draft(batch_id)))

    def take_table(self, batch_id: str, reference: str) -> None:
        """Fills in the words of an uploaded table; what of it is left out is kept with the draft.

        Raises:
            InputError: It is no table of words, or no words of the batch can be changed.
            StoreError: The destination cannot be read.
        """
        delivered = self._opened(batch_id)
        with self._open_uploads().copied(reference) as path:
            given, name = read_table(path), path.name
        rewords, problems = letters.check_words(delivered, given)
        changes: dict[str, Any] = {
            name_of(one.slide): {"words": one.words, "problem": ""} for one in rewords
        }
        left_out = []
        for one in problems:
            if one.slide:
                changes[name_of(one.slide)] = {"words": one.given.words, "problem": one.why}
            else:
                left_out.append(f"{one.given.named}: {one.why}")
        same = len(given) - len(changes) - len(left_out)
        said = f"{name}: {counted(len(changes), 'slide')} filled in."
        said += f" {counted(same, 'row')} as it stands there already." if same else ""
        # Words that stand there already take the place of what was typed before, too.
        standing = dict.fromkeys(f"{words.item}/{words.slide}" for words in given)
        self._save(batch_id, standing | changes | {_TABLE: {"said": said, "left_out": left_out}})

    def change(self, batch_id: str, sent: Mapping[str, str]) -> str:
        """Lets all that is typed be written, with the fields that the page sent last.

        Returns:
            Why not, in a sentence; empty if it is begun.

        Raises:
            InputError: No words of the batch can be changed, or a job works on it.
            StoreError: The destination cannot be read.
        """
        delivered = self._opened(batch_id)
        self._save(batch_id, dict(self._fields(delivered, sent)))
        draft = self._draft(batch_id)
        typed = _typed(draft)
        if any(one.problem for one in typed):
            return "These words cannot be set yet: what to mend stands beside them."
        if not typed:
            return "No words are changed yet."
        self._jobs.start(
            batch_id,
            "Changing words",
            len(typed),
            lambda step: self._write(batch_id, draft, step),
        )
        return ""

    def discard(self, batch_id: str) -> None:
        """Forgets all that is typed and not written."""
        self._save(batch_id, dict.fromkeys(self._draft(batch_id).values))

    def table(self, batch_id: str) -> str:
        """Writes the table of all words, as it can be dropped again.

        Raises:
            InputError: No words of the batch can be changed.
            StoreError: The destination cannot be read.
        """
        return write_table(letters.slides_of(self._opened(batch_id)))

    def job(self, batch_id: str) -> DeskJob | None:
        """Tells where the writing stands."""
        return self._jobs.of(batch_id)

    def _opened(self, batch_id: str) -> Delivered:
        delivered = opened(self._open_ledger(), batch_id)
        if why := letters.unchangeable(delivered.batch):
            raise InputError(why)
        letters.require_ended(delivered)
        return delivered

    def _slides(self, delivered: Delivered, key: str) -> list[LetteredSlide]:
        files = delivered.ledger.deliveries.all(delivered.batch.id, key)
        asked = ("slides", delivered.batch.id, key, *(file.sha256 for file in files))
        return self._kept.get(asked, _DRAWN_S, lambda: letters.slides_of(delivered, [key]))

    def _slide(self, delivered: Delivered, key: str, number: int) -> LetteredSlide:
        for slide in self._slides(delivered, key):
            if slide.number == number:
                return slide
        raise InputError(f"There is no slide {number} of {key[:80]!r} in this batch.")

    def _fields(
        self, delivered: Delivered, sent: Mapping[str, str]
    ) -> Iterator[tuple[str, dict[str, str] | None]]:
        """Reads the fields of the page's form."""
        for name, words in sent.items():
            key, _, number = name.removeprefix(FIELD).rpartition("/")
            if name.startswith(FIELD) and number.isdecimal():
                slide = self._slide(delivered, key, int(number[:6]))
                yield name_of(slide), _value(delivered.batch, slide, words.replace("\r\n", "\n"))

    def _drawn(
        self, delivered: Delivered, slide: LetteredSlide, value: Mapping[str, str] | None
    ) -> dict[str, Any]:
        if value is None or value["problem"]:
            return {"picture": "", "note": "", "again": False}
        one = Reword(slide, normal(value["words"]))

        def draw() -> tuple[str, str]:
            lettered = letters.preview(delivered, one)
            data = lettered.picture.data
            return thumbnail(data, PREVIEW_PX, _PREVIEW_QUALITY), lettered.note

        try:
            asked = ("preview", delivered.batch.id, slide.bare.sha256, one.words)
            picture, note = self._kept.get(asked, _DRAWN_S, draw)
        except TooSlow as error:
            return {"picture": "", "note": str(error), "again": True}
        except PressrunError as error:
            return {"picture": "", "note": f"It cannot be shown: {error}", "again": False}
        return {"picture": picture, "note": note, "again": False}

    def _write(self, batch_id: str, draft: ReviewDraft, step: Step) -> JobDone:
        delivered, typed = self._opened(batch_id), _typed(draft)
        given = [SlideWords(one.item, one.slide, one.words) for one in typed]
        rewords = letters.read_rewords(delivered, given)
        try:
            notes = letters.reletter(delivered, rewords, step) if rewords else []
        finally:
            self._views.forget(batch_id)
        done = dict.fromkeys([*(f"{one.item}/{one.slide}" for one in typed), _TABLE])
        # What was typed since then stays.
        self._drafts.save(batch_id, 0, "", done, draft.changes, "written")
        if not rewords:
            return JobDone("These words stand there already: nothing is changed.")
        items = counted(len({one.slide.item for one in rewords}), "item")
        slides = counted(len(rewords), "slide")
        words = (
            f"{slides} of {items} changed, delivered and noted in the manifest. It cost nothing."
        )
        return JobDone(words, notes)

    def _draft(self, batch_id: str) -> ReviewDraft:
        return self._drafts.read(batch_id, 0, "")

    def _save(self, batch_id: str, changes: Mapping[str, Any]) -> None:
        before = self._draft(batch_id).values
        changed = {name: value for name, value in changes.items() if before.get(name) != value}
        if changed:
            self._drafts.save(batch_id, 0, "", changed, _ALL_SEEN, "")


def _typed(draft: ReviewDraft) -> list[TypedWords]:
    found = []
    for name, value in draft.values.items():
        key, _, number = name.rpartition("/")
        if value and key:
            found.append(TypedWords(key, int(number), value["words"], value["problem"]))
    return sorted(found, key=lambda one: (one.item, one.slide))


def _value(batch: Batch, slide: LetteredSlide, words: str) -> dict[str, str] | None:
    """Makes what is kept of typed words; None if they stand on the slide already."""
    if normal(words) == normal(slide.words):
        return None
    return {"words": words, "problem": letters.problem_with(batch, words)}
