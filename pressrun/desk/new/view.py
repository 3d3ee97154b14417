"""A draft as its page shows it, and what it is called in lists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressrun.batches.defaults import BLOCKS
from pressrun.boundary.text import one_line, usd
from pressrun.desk.fields import Field, typed
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate
from pressrun.desk.new.faces import Face, SeenDraft
from pressrun.desk.rendering import file_name
from pressrun.desk.server import SavedBlock
from pressrun.desk.who import user
from pressrun.kinds.registry import find_flow
from pressrun.reports.artifacts.quote import over_budget

#: What a person calls the blocks of a batch.
_CALLED = {"account": "model account", "store": "result store"}
#: The parameters in which a person gives what is made; all others only say how.
_CONTENT = frozenset(
    {
        *("prompt", "prompts", "file", "items", "sources"),
        *("links", "slides", "photo", "photos", "description", "descriptions", "manifest"),
    }
)
#: Ids of blocks; the defaults of the settings name them.
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What is no word: marks of tables, JSON and markdown, and what all addresses begin with.
_MARKS = re.compile(r"https?://(?:www\.)?|(?:[][{}\"#*|<>=\t_`]+[,:;\s]*)+")


@dataclass(frozen=True, slots=True)
class BlockField:
    """A choice among saved blocks; ``away`` says why they are not known."""

    name: str
    saved: Sequence[SavedBlock]
    value: str
    away: str = ""

    @property
    def gone(self) -> str:
        """Says that what was chosen is not there any more; empty if it is, or nobody knows."""
        if not self.value or self.away or self.value in (one.id for one in self.saved):
            return ""
        called = f" “{self.value}”" if self.value and not _ID.fullmatch(self.value) else ""
        return f"The {_CALLED[self.name]}{called} of this draft was deleted. Choose another."


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft in the list of batches.

    Attributes:
        kind: As its card is called.
        by: Who made it, if it was another user than the one who looks.
    """

    id: str
    kind: str
    title: str
    changed_at: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class DraftView:
    """One moment of a draft.

    Attributes:
        fields: Of all parameters, by name.
        look: The settings that everybody looks at.
        more: The others.
        blocks: The choices of account and store.
        seen: What was understood of it; None while that is worked out.
        models: Those that it asks, as far as is known.
        without_key: Which of them have no key here, in a sentence; empty if all have one.
        stops_without: Whether the batch makes nothing without that key.
        last: The same, or while it is worked out what was understood before the last change.
    """

    draft: BatchDraft
    face: Face
    fields: Mapping[str, Field]
    look: Sequence[Field]
    more: Sequence[Field]
    blocks: Mapping[str, BlockField]
    seen: SeenDraft | None
    last: SeenDraft | None
    models: Sequence[str] = ()
    without_key: str = ""
    stops_without: bool = False

    @property
    def title(self) -> str:
        """What the draft is called in lists."""
        return title_of(self.draft, self.face)

    @property
    def changed_at(self) -> Mapping[str, int]:
        """The version at which each field was last changed; the page has drawn the others."""
        return {n: at for n, at in self.draft.stamps.items() if n in self.fields or n in BLOCKS}

    @property
    def by(self) -> str:
        """Who made it, if it was another user than the one who looks."""
        return others_name(self.draft)

    @property
    def estimate(self) -> DraftEstimate:
        """What will be made; an empty one while that is worked out."""
        return self.seen.estimate if self.seen else DraftEstimate()

    @property
    def over_budget(self) -> str:
        """How much the budget lasts for, where that is less than the price; else nothing."""
        quote = self.estimate.quote
        items = find_flow(self.draft.flow).items
        return over_budget(quote, self.cap or None, items) if quote else ""

    @property
    def cap(self) -> float:
        """The most that the batch may cost, in USD; 0 for no cap, or where no sum was typed."""
        given = typed(self.fields, {"budget_usd": self.fields["budget_usd"].value})["budget_usd"]
        return 0.0 if isinstance(given, str) else float(given)

    @property
    def is_capped(self) -> bool:
        """Whether the cap ends the batch before it is all made, as far as is known."""
        quote = self.estimate.quote
        if not quote or not self.seen:
            return False
        cost = quote.cost_usd
        return 0 < self.cap < (cost.high if self.seen.is_open else cost.expected)

    @property
    def price(self) -> str:
        """What is asked for on the page: a sum, from one to another, ``free``; or nothing yet."""
        quote = self.estimate.quote
        if not quote or not self.seen:
            return ""
        cost = quote.cost_usd
        if self.seen.is_open and cost.low != cost.high:
            return f"{usd(cost.low)} to {usd(cost.high)}"
        return usd(cost.expected) if cost.high else "free"

    @property
    def start(self) -> str:
        """What the button says: ``Start for $5.28``, ``Start, at most $1.00``, ``Start, free``."""
        start = self.seen.start if self.seen else "Start"
        if not self.price:
            return start
        if start != "Start":
            return f"{start}: {f'at most {usd(self.cap)}' if self.is_capped else self.price}"
        if self.is_capped:
            return f"Start, at most {usd(self.cap)}"
        return "Start, free" if self.price == "free" else f"Start for {self.price}"

    @property
    def hint(self) -> str:
        """What is said in place of the problem while nothing was given, so that nothing is wrong.

        Empty once something was, or if a setting cannot be used.
        """
        said = {name for name, value in self.draft.values.items() if value}
        # What is kept under names of its own, such as changed rows, was given too.
        is_given = said & _CONTENT or said - self.fields.keys() - BLOCKS.keys()
        settings = self.estimate.by_field.keys() - _CONTENT
        if not self.estimate.problem or is_given or settings:
            return ""
        return "Nothing is given yet."

    @property
    def problem(self) -> str:
        """Why nothing can be started; settings are called as their fields are."""
        return "Some settings cannot be used:" if self._by_title else self.estimate.problem

    @property
    def problems(self) -> Sequence[str]:
        """The parts of the problem, one a line."""
        return self._by_title or self.estimate.problems

    @property
    def _by_title(self) -> Sequence[str]:
        wrong = self.estimate.by_field
        if not wrong or not wrong.keys() <= self.fields.keys():
            return ()
        return [f"{self.fields[name].title}: {words}" for name, words in wrong.items()]

    @property
    def gone(self) -> Sequence[str]:
        """What was chosen and is not there any more, in sentences: nothing starts without it."""
        return [block.gone for block in self.blocks.values() if block.gone]

    @property
    def busy(self) -> str:
        """What goes on behind."""
        return self.seen.busy if self.seen else "Reading and pricing …"

    @property
    def more_changed(self) -> int:
        """How many of the settings behind More are not as they are by default."""
        return sum(field.is_changed for field in self.more)


def others_name(draft: BatchDraft) -> str:
    """Names who made a draft, where that is known and it is somebody else."""
    return draft.by if draft.by != user() else ""


def title_of(draft: BatchDraft, face: Face) -> str:
    """Says what a draft is called: its title, else the first words of what was given.

    Of a table, JSON or an address the words alone, without the marks between them.
    """
    given = [str(draft.values.get(name, "")) for name in ("title", *face.own)]
    words = (one_line(_MARKS.sub(" ", file_name(said[:2000])), 80) for said in given)
    first = next(filter(None, words), "")
    return first or f"New {face.name.lower()}"
