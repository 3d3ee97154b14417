"""What the page of changed words shows: the slides of one item, and what is typed for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pressrun.batches.reletter import LetteredSlide
from pressrun.boundary.text import counted
from pressrun.desk.jobs import DeskJob
from pressrun.ledger.records import Batch, Item

FIELD = "slide/"
#: Of what is wrong, so much stands on the page at once.
_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class SlideRow:
    """A slide with the words in its field.

    Attributes:
        name: Of the field.
        problem: Why these words cannot be set; empty if they can.
        is_changed: Whether other words stand on the slide.
    """

    slide: LetteredSlide
    name: str
    words: str
    problem: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class TypedWords:
    """Words that are typed and not written yet; the problem is empty if they can be set."""

    item: str
    slide: int
    words: str
    problem: str


@dataclass(frozen=True, slots=True)
class WordsView:
    """The slides of one item, and what is changed in the whole batch.

    Attributes:
        items: All finished items.
        changed: How many slides of an item get other words, by its key.
        rows: The item's slides.
        typed: What is not written yet.
        table: What became of the last table: a sentence, and the rows that were left out.
    """

    batch: Batch
    items: Sequence[Item]
    item: Item
    rows: Sequence[SlideRow]
    typed: Sequence[TypedWords]
    changed: Mapping[str, int]
    table: Mapping[str, Any]
    job: DeskJob | None

    @property
    def wrong_elsewhere(self) -> list[TypedWords]:
        """What of other items cannot be set, the first of it; that of this one says so itself."""
        others = (one for one in self.typed if one.item != self.item.key)
        return [one for one in others if one.problem][:_MOST_NAMED]

    @property
    def neighbours(self) -> tuple[Item | None, Item | None]:
        """The items before and after this one."""
        at = self.items.index(self.item)
        return (
            self.items[at - 1] if at else None,
            self.items[at + 1] if at + 1 < len(self.items) else None,
        )

    @property
    def foot(self) -> dict[str, Any]:
        """What the foot says."""
        return foot_of(self.typed)


def row_of(slide: LetteredSlide, typed: TypedWords | None) -> SlideRow:
    """Builds the row of a slide, with the words that are typed for it."""
    name = f"{FIELD}{name_of(slide)}"
    if typed is None:
        return SlideRow(slide, name, slide.words, "", is_changed=False)
    return SlideRow(slide, name, typed.words, typed.problem, is_changed=True)


def name_of(slide: LetteredSlide) -> str:
    """Names a slide in a draft."""
    return f"{slide.item}/{slide.number}"


def foot_of(typed: Sequence[TypedWords]) -> dict[str, Any]:
    """Says what is changed: ``told``, the ``button``, and whether it is ``ready``."""
    slides, items = len(typed), len({one.item for one in typed})
    wrong = sum(bool(one.problem) for one in typed)
    told = (
        f"{counted(slides, 'slide')} of {counted(items, 'item')} get other words." if typed else ""
    )
    if wrong:
        told += f" Not yet: {counted(wrong, 'slide')} cannot be set."
    button = f"Change {counted(slides, 'slide')}" if typed else "Nothing is changed yet"
    return {"told": told, "button": button, "ready": bool(typed) and not wrong}
