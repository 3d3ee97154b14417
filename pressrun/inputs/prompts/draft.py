"""A prompt between its document and its task: its words, and what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pressrun.inputs.prompts.levels import split_level, without_number
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.vocabulary import Role

#: What a document says of a prompt in words of its own.
Told = Literal["prefix", "suffix", "negative", "category", "level"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt as it was found; ``text`` is empty where one was expected.

    Attributes:
        line: Of the document, or row of the sheet, from 1.
        prefix: Goes before it, and ``suffix`` behind it.
        negative: What the picture must not show.
        notes: What its document says of it beside the prompt, as ``Scene: a gate``.
        lines: All lines that its words stand on.
    """

    text: str
    line: int
    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    negative: str = ""
    notes: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def named(self, label: str) -> "Draft":
        """Adds the name of a group, which may have a level in it."""
        name, level = split_level(label)
        return replace(self.tagged(without_number(name)), level=level or self.level)

    def under(self, title: str) -> "Draft":
        """Puts it below a heading, which may have a level in it; names of groups end there."""
        name, level = split_level(without_number(title))
        if not name or role_of(name) in (Role.PROMPT, Role.PROMPTS, Role.NUMBER):
            return replace(self, level=level or self.level)
        return replace(self, category=name, level=level or self.level, tags=())

    def tagged(self, *tags: str) -> "Draft":
        """Adds tags, each once."""
        return replace(self, tags=tuple(dict.fromkeys(t for t in (*self.tags, *tags) if t)))

    def told(self, field: Told, words: str) -> "Draft":
        """Sets one of the fields that are a text."""
        changed: dict[str, Any] = {field: words}
        return replace(self, **changed)

    def noted(self, notes: Iterable[str]) -> "Draft":
        """Adds notes."""
        return replace(self, notes=(*self.notes, *notes))
