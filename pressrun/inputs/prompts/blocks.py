"""The pieces of a document by their form: headings, labels, items, text, code, quotations, tables.

It must not know how they are found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from pressrun.inputs.prompts.labels import plain
from pressrun.inputs.prompts.vocabulary import Role

Numbered = tuple[int, str]
Kind = Literal["heading", "label", "item", "text", "code", "quote", "table", "rule"]
#: What a title or label makes of all that it holds.
DECIDED = (Role.PROMPT, Role.PREFIX, Role.SUFFIX, Role.NEGATIVE, Role.NOTE)
#: What a label says of one prompt.
BESIDE = (Role.DETAIL, Role.NAME, Role.NUMBER, Role.TAGS, Role.CATEGORY, Role.NEGATIVE)


@dataclass(slots=True)
class Block:
    """A piece of a document.

    Attributes:
        kind: What it is by its form. Headings, labels and items hold what follows them.
        lines: Its own words with their line numbers; of a table, one a row.
        rank: How far in it stands: what is ranked lower ends it.
        label: The name before its words; of a heading or label, all of it.
        rows: The cells of a table; the head is the first.
        info: The word behind the opening marks of code, or the mark of an item.
        strong: Whether its label is set in bold type.
        is_done: Whether it is an entry that is ticked.
        decided: What it is by its own label, else by the nearest title that says so.
    """

    kind: Kind
    lines: list[Numbered]
    rank: float = 99
    parent: "Block | None" = None
    label: str = ""
    role: Role | None = None
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    info: str = ""
    strong: bool = False
    is_done: bool = False
    decided: Role | None = None
    children: list["Block"] = field(default_factory=list)

    @property
    def line(self) -> int:
        """Its first line."""
        return self.lines[0][0] if self.lines else 0

    @property
    def is_given_up(self) -> bool:
        """Whether it, or what holds it, is done."""
        return self.is_done or any(block.is_done for block in self.above())

    def text(self, joint: str = " ") -> str:
        """Its words without label and marks."""
        if self.kind == "code":
            return "\n".join(text for _, text in self.lines).strip("\n")
        return plain(joint.join(text.strip() for _, text in self.lines if text.strip()))

    def above(self) -> Iterator["Block"]:
        """Yields what holds it, from the innermost."""
        block = self.parent
        while block:
            yield block
            block = block.parent
