"""A document of prompts as a page shows it: how it was read, and what became of every line."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressrun.inputs.prompts.context import LineUse
from pressrun.inputs.prompts.documents import Parsed, Task

#: Lines that stand on the page itself; all of them have a page of their own.
_LINES = 300
_FIRST = 5
_FOR_ALL = (
    ("prefix", "Before every prompt"),
    ("suffix", "Behind every prompt"),
    ("negative", "Never in a picture"),
)
_PLACES = (("prefix", "before"), ("suffix", "behind"), ("negative", "not"))
_USES = {"left out": "left out", "note": "note, no model is told"}

_ABOVE = "title above: no prompt is called by it"


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """A way to read a document, as a choice; ``first`` are the first of its ``count`` prompts."""

    value: str
    words: str
    count: int
    first: Sequence[str]
    chosen: bool


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A line, and in words what became of it; ``task`` is the number of its prompt, or 0."""

    line: int
    text: str
    words: str
    use: str
    task: int


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as it was read.

    Attributes:
        parsed: All of it.
        read_as: What the person chose.
        prefix: What a setting puts before every prompt in place of the document's.
        by_model: Whether a text model will read it, so that this is a guess.
    """

    parsed: Parsed
    read_as: str
    prefix: str = ""
    by_model: bool = False

    @property
    def count(self) -> int:
        """How many prompts there are."""
        return len(self.parsed.tasks)

    @property
    def has_no_prompts(self) -> bool:
        """Whether nothing in it was read as a prompt."""
        return not self.parsed.tasks

    @property
    def sure(self) -> int:
        """How far the reading leaves no doubt, in percent."""
        return round(self.parsed.confidence * 100)

    @property
    def choices(self) -> list[ReadingChoice]:
        """The ways that the text allows, if there is a choice; chosen is what was taken."""
        ways = self.parsed.readings
        unsure = self.parsed.unsure or (self.has_no_prompts and bool(ways))
        unsure = (unsure and self.read_as == "auto") or self.by_model
        if len(ways) < 2 and not unsure and self.read_as == "auto":
            return []
        taken = "" if unsure else self.parsed.reading
        return [ReadingChoice(w.name, w.name, w.count, w.first, w.name == taken) for w in ways]

    @property
    def for_all(self) -> list[tuple[str, str]]:
        """What holds for every prompt: what it is called, and its words."""
        return told_for_all(self.parsed.tasks, self.prefix)

    @property
    def left_out(self) -> Sequence[LineUse]:
        """The first of the lines of which nothing is made."""
        return self.parsed.left_out[:_FIRST]

    @property
    def left_out_count(self) -> int:
        """How many they are."""
        return len(self.parsed.left_out)

    @property
    def lines(self) -> list[UsedLine]:
        """Every line with words, the first of many."""
        return used_lines(self.parsed)[:_LINES]

    @property
    def more_lines(self) -> int:
        """How many of them are not among these."""
        return max(0, len(self.parsed.lines) - _LINES)


def told_for_all(tasks: Sequence[Task], prefix: str = "") -> list[tuple[str, str]]:
    """Lists what holds for every task: what it is called, and its words.

    Args:
        tasks: All of a batch.
        prefix: What a setting puts before every prompt in place of the tasks' own.
    """
    own = {name: shared(tasks, name) for name, _ in _FOR_ALL}
    said = own | ({"prefix": prefix} if prefix.strip() else {})
    return [(words, said[name]) for name, words in _FOR_ALL if said[name]]


def shared(tasks: Sequence[Task], name: str) -> str:
    """Gives what all tasks have in common under a name; empty if they differ."""
    said = {getattr(task, name) for task in tasks}
    return str(said.pop()) if len(said) == 1 else ""


def beside(task: Task, tasks: Sequence[Task]) -> list[str]:
    """Lists what goes with one task and not with all; its aspect ratio stands by itself."""
    return [
        f"{words}: {said}"
        for name, words in _PLACES
        if (said := getattr(task, name)) and not shared(tasks, name)
    ]


def used_lines(parsed: Parsed) -> list[UsedLine]:
    """Says of every line with words what became of it."""
    starts = sorted((task.line, task.order) for task in parsed.tasks)
    by_order = {task.order: task for task in parsed.tasks}
    return [_used(line, starts, by_order) for line in parsed.lines]


def _used(line: LineUse, starts: Sequence[tuple[int, int]], tasks: Mapping[int, Task]) -> UsedLine:
    words = _USES.get(line.use, f"{line.use} of the prompts")
    if line.use == "name":
        words = _named(line, starts, tasks)
    if line.use != "prompt":
        words = f"{words}: {line.why}" if line.why else words
        return UsedLine(line.line, line.text, words, line.use, 0)
    at = bisect_right(starts, (line.line, 10**9)) - 1
    task = starts[at][1] if at >= 0 else 0
    joined = at >= 0 and starts[at][0] != line.line
    words = f"prompt {task}{', joined' if joined else ''}" if task else "prompt"
    return UsedLine(line.line, line.text, words, line.use, task)


def _named(line: LineUse, starts: Sequence[tuple[int, int]], tasks: Mapping[int, Task]) -> str:
    """Says whether the first prompt below a title is called by it."""
    at = bisect_right(starts, (line.line, 0))
    below = tasks[starts[at][1]] if at < len(starts) else None
    called = (below.category, below.level, *below.tags) if below else ()
    is_carried = any(name.casefold() in line.text.casefold() for name in called if name)
    return f"name, from prompt {below.order} on" if below and is_carried else _ABOVE
