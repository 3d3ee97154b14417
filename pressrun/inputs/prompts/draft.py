"""A prompt between its document and its task: its words, and what is known of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any, Literal

from pressrun.boundary.text import one_line
from pressrun.inputs.prompts.levels import split_level, without_number
from pressrun.inputs.prompts.ratios import is_of_shape, is_ratio_alone, stated_ratio
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.vocabulary import Role

_COUNTS = frozenset({"count", "quantity", "qty", "copies", "amount", "how many", "pieces", "pcs"})
_RATIOS = 6  # that are named
_PLACES = 50  # that are named one by one; a document that is read badly has thousands
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
        aspect_ratio: Of its picture, as ``16:9``, where the document states one.
        made_before: How often it was made before, as its desk's rows say.
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
    aspect_ratio: str = ""
    made_before: int = 0

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

    def beside(self, label: str, words: str) -> "Draft":
        """Adds what stands beside it under a label: its picture's aspect ratio, else a note."""
        ratio = stated_ratio(words) if is_of_shape(label) else ""
        told = replace(self, aspect_ratio=ratio) if ratio else self
        return told if ratio and is_ratio_alone(words) else told.noted([f"{label}: {words}"])

    def noted(self, notes: Iterable[str]) -> "Draft":
        """Adds notes."""
        return replace(self, notes=(*self.notes, *notes))


def is_count(title: str) -> bool:
    """Says whether a title is one of how often a prompt is wanted."""
    return " ".join(title.replace("_", " ").split()).casefold() in _COUNTS


def told_counts(drafts: Sequence[Draft]) -> Iterator[str]:
    """Says that how often each prompt is wanted is only noted."""
    titles = dict.fromkeys(note.partition(":")[0] for draft in drafts for note in draft.notes)
    for title in filter(is_count, titles):
        yield f"“{title}” is only noted: every prompt is made as often as the settings say."


def told_ratios(drafts: Sequence[Draft]) -> Iterator[str]:
    """Says which prompts state an aspect ratio of their own, and which sizes are only noted."""
    counts = Counter(draft.aspect_ratio for draft in drafts if draft.aspect_ratio)
    if counts:
        each = ", ".join(f"{ratio} ({count})" for ratio, count in counts.most_common(_RATIOS))
        more = ", …" if len(counts) > _RATIOS else ""
        have = "prompt has its" if counts.total() == 1 else "prompts have their"
        yield f"{counts.total():,} {have} own aspect ratio: {each}{more}."
    noted: dict[str, str] = {}
    for title, _, words in (note.partition(": ") for draft in drafts for note in draft.notes):
        if is_of_shape(title):
            noted.setdefault(title, words)
    for title, words in islice(noted.items(), _RATIOS):
        only = "gives the aspect ratio alone" if stated_ratio(words) else "is only noted"
        yield (
            f"“{one_line(title, 40)}” {only} (“{one_line(words, 40)}”): how large and in which "
            "format pictures are made, the settings say."
        )


def has_words(draft: Draft) -> bool:
    """Says whether there is a prompt at all."""
    return any(map(str.isalnum, draft.text))


def without_prompt(lines: Sequence[int]) -> Iterator[str]:
    """Says which lines have none: those in a row in one sentence, and not thousands of sentences.

    Args:
        lines: Their numbers; that of a line with several comes as often.
    """
    counts = sorted(Counter(lines).items())
    places = []
    # A number less its rank is the same for all in a row.
    for _, row in groupby(enumerate(counts), lambda one: one[1][0] - one[0]):
        found = [count for _, count in row]
        (first, _), (last, _) = found[0], found[-1]
        missing = sum(count for _, count in found)
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        many = f" ({missing:,} entries)" if missing > len(found) else ""
        places.append(f"{where}: there is no prompt here{many}.")
    yield from places[:_PLACES]
    if len(places) > _PLACES:
        yield f"… and at {len(places) - _PLACES:,} more places there is no prompt."
