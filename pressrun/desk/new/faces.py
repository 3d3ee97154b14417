"""What the page of each kind of batch has of its own; all else is the same for every kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate
from pressrun.kinds.base import Kind
from pressrun.ledger import Ledger

#: Fields that no page of a new batch shows: the page itself says so, or the server knows.
HIDDEN = frozenset({"action", "requested_by", "template", "what", "parser"})
#: Those that are for operators: shown only where somebody set them.
OPERATORS = frozenset({"tag_task_runs"})


@dataclass(frozen=True, slots=True)
class SeenDraft:
    """A draft as its page shows it.

    Attributes:
        estimate: What will be made, and its price.
        own: What the page of this kind shows besides, for its template.
        busy: What still goes on behind, with count and time left; empty for nothing. The page
            asks again soon, and the batch can be started meanwhile.
        told: What will be made, in words, before the price; empty for the count of items.
        start: What the button says that starts, before the price; it says what is left out.
        is_open: Whether price and time are bounds, not known yet.
        ways_out: What mends all at once what is missing: in words, and the id of its field.
    """

    estimate: DraftEstimate
    own: Any = None
    busy: str = ""
    told: str = ""
    start: str = "Start"
    is_open: bool = False
    ways_out: Sequence[tuple[str, str]] = ()


class Face(Protocol):
    """The page of one kind of batch."""

    @property
    def flow(self) -> str:
        """The flow's name."""
        ...

    @property
    def name(self) -> str:
        """What is made, as a card calls it."""
        ...

    @property
    def given(self) -> str:
        """What a person gives, as a card says it."""
        ...

    @property
    def content(self) -> str:
        """The template of what is given, above the settings; it includes ``seen``."""
        ...

    @property
    def seen(self) -> str:
        """The template of what was understood of it, which follows every change."""
        ...

    @property
    def look(self) -> Sequence[str]:
        """Names of the settings that everybody looks at; the others stand behind More."""
        ...

    @property
    def own(self) -> Sequence[str]:
        """Names of the parameters that no setting stands for.

        The content's template has fields for them, they are made of what was given, or the flow
        does not take them.
        """
        ...

    @property
    def usual(self) -> Mapping[str, Any]:
        """What its drafts begin with, in place of the parameters' own defaults.

        What a page shows is made: no model reads it anew unless a person chooses that.
        """
        ...

    def parameters(self, draft: BatchDraft) -> Mapping[str, Any]:
        """Gives what a run takes, of what a person typed: its own parameters alone."""
        ...

    def see(
        self, draft: BatchDraft, kind: Kind, given: Mapping[str, Any], ledger: Ledger
    ) -> SeenDraft:
        """Reads, plans and prices a draft; within seconds, or it says what goes on behind.

        Args:
            draft: The draft.
            kind: Its kind.
            given: All parameters, as a run takes them.
            ledger: Where earlier calls stand.
        """
        ...
