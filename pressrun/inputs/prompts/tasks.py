"""Tasks before anything is paid: what is wrong with them, and a text of them to edit.

The text reads back as the same tasks.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from pressrun.errors import InputError
from pressrun.inputs.prompts.bounded import read_prompts
from pressrun.inputs.prompts.context import LineUse
from pressrun.inputs.prompts.documents import Parsed, Task

MOST_LETTERS = 4000
_SHOWN = 5  # lines that are left out, in a sentence
_WORD = re.compile(r"\w+")
_SMALL = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a task.

    Attributes:
        order: The task's.
        kind: ``too_long``, ``blocked``, ``duplicate`` or ``near_duplicate``.
        message: One sentence.
    """

    order: int
    line: int
    kind: str
    message: str

    @property
    def final(self) -> bool:
        """Whether the task cannot be made, or should not be; a near duplicate may be meant."""
        return self.kind != "near_duplicate"

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def check_tasks(
    tasks: Sequence[Task], blocked: Callable[[str], object | None] = lambda _: None
) -> list[Problem]:
    """Finds the problems of tasks, in their order; at most one for each.

    Two prompts are duplicates if they are the same but for spaces, and near ones if they are but
    for case, accents, punctuation, articles and the order of words. One in another aspect ratio is
    another picture.

    Args:
        tasks: All of a batch.
        blocked: Says of a prompt by what it is blocked, if it is.
    """
    exact: dict[tuple[str, ...], Task] = {}
    near: dict[tuple[str, ...], Task] = {}
    problems = []
    for task in tasks:
        first = exact.setdefault((task.aspect_ratio, *task.prompt.split()), task)
        like = near.setdefault((task.aspect_ratio, *_signature(task.prompt)), task)
        for kind, message in _wrong(task, first, like, blocked):
            problems.append(Problem(task.order, task.line, kind, message))
            break
    return problems


def _wrong(
    task: Task, first: Task, like: Task, blocked: Callable[[str], object | None]
) -> Iterator[tuple[str, str]]:
    if len(task.prompt) > MOST_LETTERS:
        most = f"{MOST_LETTERS:,}"
        yield "too_long", f"The prompt has {len(task.prompt):,} characters; {most} are taken."
    if found := blocked(task.prompt):
        yield "blocked", f"The prompt is {found}."
    if first is not task:
        yield "duplicate", f"The prompt is that of line {first.line} again. It is made once."
    if like is not task:
        yield "near_duplicate", f"The prompt is nearly that of line {like.line}."


def _signature(prompt: str) -> tuple[str, ...]:
    parts = unicodedata.normalize("NFKD", prompt)
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    words = sorted(word for word in _WORD.findall(bare.casefold()) if word not in _SMALL)
    return tuple(words) or (prompt,)


def told_reading(parsed: Parsed) -> list[str]:
    """Says how a text was read, and each way in which it can be read too."""
    if len(parsed.readings) < 2 and not parsed.unsure:
        return []
    if not parsed.readings:  # of a table or JSON
        return ["It is not sure that these prompts are for pictures: look at them."]
    taken, *others = parsed.readings
    said = [f"The prompts were read as {taken}; {parsed.confidence:.0%} sure."]
    return said + [f"If that is wrong, set read_as: {way}." for way in others]


def require_sure(parsed: Parsed, others: str) -> None:
    """Refuses prompts of which it is in doubt how they are to be read.

    Args:
        parsed: What was read.
        others: What else helps than to choose a way.

    Raises:
        InputError: Somebody has to say it first; lists the ways.
    """
    if parsed.unsure and not parsed.readings:
        raise InputError(
            "It is not sure that these prompts are for pictures; nothing was made or paid. Set "
            "read_as to 'table' if they are, or turn the review on:",
            parsed.warnings[-_SHOWN:],
        )
    if parsed.unsure:
        raise InputError(
            f"It is not sure how the prompts are to be read ({parsed.confidence:.0%}); nothing was "
            f"made or paid. Set read_as to one of these ways, {others}:",
            [*parsed.warnings[-_SHOWN:], *map(str, parsed.readings)],
        )


def told_left_out(left_out: Sequence[LineUse]) -> str:
    """Says which lines of a text are no part of a prompt, and why."""
    if not left_out:
        return ""
    some = left_out[:_SHOWN]
    shown = "; ".join(f"line {one.line}, {one.why}: “{one.text[:60]}”" for one in some)
    more = "; …" if len(left_out) > _SHOWN else ""
    lines = "line is" if len(left_out) == 1 else "lines are"
    return (
        f"{len(left_out)} {lines} no part of a prompt ({shown}{more}). `pressrun parse` shows all."
    )


def written(tasks: Sequence[Task]) -> str:
    """Writes tasks as markdown where that reads back exactly, else as JSON."""
    document = "\n".join(_markdown(tasks)).strip() + "\n"
    return document if _same(tasks, document) else as_json(tasks)


def _same(tasks: Sequence[Task], document: str) -> bool:
    try:
        found = read_prompts(document).tasks
    except InputError:  # it takes too long to read
        return False
    return [_said(task) for task in found] == [_said(task) for task in tasks]


def _said(task: Task) -> dict[str, Any]:
    """Collects all that a text can say of a task; a JSON field that is empty is left out."""
    said = {
        "prompt": task.specific_prompt,
        "prefix": task.prefix,
        "category": task.category,
        "level": task.level,
        "tags": list(task.tags),
        "suffix": task.suffix,
        "negative": task.negative,
        "aspect_ratio": task.aspect_ratio,
        "made_before": task.made_before,
    }
    return {name: value for name, value in said.items() if value}


def as_json(tasks: Sequence[Task]) -> str:
    """Writes tasks as JSON: each stands on the line of its number."""
    lines = (orjson.dumps(_said(task)).decode() for task in tasks)
    return "[" + ",\n".join(lines) + "]\n"


def _markdown(tasks: Sequence[Task]) -> Iterator[str]:
    if tasks[0].prefix:
        yield f"Prefix: {tasks[0].prefix}\n"
    for category, of_category in groupby(tasks, lambda task: task.category):
        if category:
            yield f"# {category}\n"
        for tags, of_tags in groupby(of_category, lambda task: task.tags):
            if tags:
                yield f"**{' '.join(tags)}**\n"
            for task in of_tags:
                level = f"{task.level}: " if task.level else ""
                ratio = f" --ar {task.aspect_ratio}" if task.aspect_ratio else ""
                yield f"- {level}{task.specific_prompt}{ratio}"
            yield ""
