"""A model's reading of a document, checked against the document: nothing made up, moved or lost.

It must not know how a model is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.prompts.context import LineUse
from pressrun.inputs.prompts.documents import Parsed, Task, parse_prompts, tasks_of
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.levels import level_value

#: Letters of a document that a model reads at once.
PART_LETTERS = 40_000
#: Marks of markdown that a model leaves out, and a prompt is found without.
_MARKS = re.compile(r"[*_`>|\\#~]+")
_MOST_WRONG = 0.25  # of all prompts; an answer further off is no reading of this document


class AnsweredTask(BaseModel):
    """One prompt as the model found it."""

    prompt: str = Field(description="The prompt's own words, exactly as in the text")
    category: str = Field(description="The heading that it stands under, or empty")
    level: str = Field(description="Written 'Level 2', or empty")
    tags: list[str] = Field(description="Names of the groups that it stands in")


class ParsedAnswer(BaseModel):
    """What a model answers about a document."""

    # The schema is part of a call's key: with another title, paid answers would be paid again.
    model_config = ConfigDict(title="Answer")

    prefix: str = Field(description="Words that go before every prompt, or empty")
    tasks: list[AnsweredTask] = Field(description="Every prompt, in the order of the text")


@dataclass(frozen=True, slots=True)
class _Source:
    """A document's words without marks and line breaks, and the line of each character."""

    words: str
    lines: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "_Source":
        words: list[str] = []
        lines: list[int] = []
        for number, line in enumerate(text.splitlines(), 1):
            if bare := _bare(line):
                words.append(f"{bare} ")
                lines += [number] * (len(bare) + 1)
        return cls("".join(words), lines)

    def find(self, prompt: str, start: int) -> int:
        """Finds where a prompt stands, from a place or else from the beginning; -1 if nowhere."""
        words = _bare(prompt)
        found = self.words.find(words, start) if words else -1
        return found if found >= 0 or not words else self.words.find(words)


def parts_of(text: str) -> list[str]:
    """Cuts a long document between its lines, at a blank one near by if there is one."""
    lines, parts, part, size = text.splitlines(keepends=True), list[str](), list[str](), 0
    for line in lines:
        full = size > PART_LETTERS or (size > 0.8 * PART_LETTERS and not line.strip())
        if full:
            parts.append("".join(part))
            part, size = [], 0
        part.append(line)
        size += len(line)
    return [*parts, "".join(part)] if part else parts or [""]


def joined_answers(answers: Sequence[ParsedAnswer]) -> ParsedAnswer:
    """Joins the answers about the parts of a document."""
    prefix = next((answer.prefix for answer in answers if answer.prefix.strip()), "")
    return ParsedAnswer(prefix=prefix, tasks=[task for answer in answers for task in answer.tasks])


def check_answer(answer: ParsedAnswer, text: str) -> Parsed:
    """Checks an answer's tasks, and mends where little is wrong, with a warning for each mend.

    Prompts that are not in the text are left out, those in another order are put back, and what
    the document itself calls a prompt and the answer lacks is added.

    Raises:
        InputError: Too much is made up or lost; lists it.
    """
    source = _Source.of(text)
    placed, invented = _placed(answer, source)
    lost = _lost(placed, text, source)
    wrong = [f"not in the text: {one_line(prompt, 80)!r}" for prompt in invented]
    wrong += [f"line {d.line} is missing: {one_line(d.text, 80)!r}" for _, d in lost]
    if len(wrong) > _MOST_WRONG * max(1, len(answer.tasks)):
        raise InputError("The model's reading does not fit the text:", wrong[:20])
    order = [at for at, _ in placed]
    if order != sorted(order):
        wrong.append("the model gave the prompts in another order; they stand as in the text.")
    found = sorted([*placed, *lost], key=lambda found: found[0])
    prefix = answer.prefix.strip() if source.find(answer.prefix, 0) >= 0 else ""
    tasks = tasks_of([replace(draft, prefix=prefix or draft.prefix) for _, draft in found])
    lines = tuple(_uses(text, source, found, prefix))
    return Parsed(prefix, tasks, tuple(wrong), 1.0, "model", lines=lines)


def _uses(
    text: str, source: _Source, found: Sequence[tuple[int, Draft]], prefix: str
) -> list[LineUse]:
    """Says of every line whether the model has taken it for a part of a prompt."""
    used = {
        line: "prompt"
        for at, draft in found
        for line in source.lines[at : at + max(1, len(_bare(draft.text)))]
    }
    if prefix and (at := source.find(prefix, 0)) >= 0:
        used |= dict.fromkeys(source.lines[at : at + len(_bare(prefix))], "prefix")
    names = {name for _, d in found for name in (d.category, *d.tags) if name}
    uses = []
    for number, line in enumerate(text.splitlines(), 1):
        if any(map(str.isalnum, line)):
            use = used.get(number) or ("name" if any(n in line for n in names) else "left out")
            why = "the model took it for no prompt" if use == "left out" else ""
            uses.append(LineUse(number, use, one_line(line, 120), why))
    return uses


def _placed(answer: ParsedAnswer, source: _Source) -> tuple[list[tuple[int, Draft]], list[str]]:
    placed: list[tuple[int, Draft]] = []
    invented, start = [], 0
    for task in answer.tasks:
        prompt = _without_prefix(task.prompt, answer.prefix, source)
        at = source.find(prompt, start)
        if at < 0:
            invented.append(task.prompt)
            continue
        start = at + len(_bare(prompt))
        level = level_value(task.level) if task.level else ""
        draft = Draft(prompt, source.lines[at], task.category.strip(), level, tuple(task.tags))
        placed.append((at, draft))
    return placed, invented


def _without_prefix(prompt: str, prefix: str, source: _Source) -> str:
    """Removes the prefix that a model has put before a prompt, where the text has it without."""
    prompt, prefix = prompt.strip(), prefix.strip()
    if prefix and prompt.startswith(prefix) and source.find(prompt, 0) < 0:
        return prompt[len(prefix) :].strip()
    return prompt


def _lost(
    placed: Sequence[tuple[int, Draft]], text: str, source: _Source
) -> list[tuple[int, Draft]]:
    """Finds the prompts that the document leaves no doubt of and no task of the answer covers."""
    parsed = parse_prompts(text)
    if parsed.unsure:
        return []
    covered = [(at, at + len(_bare(draft.text))) for at, draft in placed]
    lost, start = [], 0
    for task in parsed.tasks:
        at = source.find(task.specific_prompt, start)
        if at < 0:
            continue
        start = at + 1
        end = at + len(_bare(task.specific_prompt))
        if not any(low < end and at < high for low, high in covered):
            lost.append((at, _draft(task)))
    return lost


def _draft(task: Task) -> Draft:
    return Draft(task.specific_prompt, task.line, task.category, task.level, task.tags, task.prefix)


def _bare(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def answer_of(parsed: Parsed) -> ParsedAnswer:
    """Writes a parsed document as a model would answer it."""
    tasks = [_answered(task) for task in parsed.tasks]
    return ParsedAnswer(prefix=parsed.prefix, tasks=tasks)


def _answered(task: Task) -> AnsweredTask:
    return AnsweredTask(
        prompt=task.specific_prompt,
        category=task.category,
        level=task.level,
        tags=list(task.tags),
    )
