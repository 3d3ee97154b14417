"""A model's reading of a document, checked against the document: nothing made up, moved or lost.

It must not know how a model is asked.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.prompts.context import LineUse
from pressrun.inputs.prompts.documents import Parsed, Task, Way, parse_prompts, tasks_of
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.flags import are_templates, without_flags
from pressrun.inputs.prompts.levels import level_value

#: Letters of a document that a model reads at once.
PART_LETTERS = 40_000
#: How far a reading is believed of which the model itself says what has to be decided.
_ASKS = 0.3
#: Most of all prompts that may be made up; an answer further off is no reading of this document.
_MOST_WRONG = 0.25
#: As many prompts, and as large a part of those taken, may be missing at one place.
_FEW, _MOST_FEWER = 3, 0.5
_SHOWN = 5
_TEMPLATES = "Most of these prompts have places to fill first."
#: Letters and digits that stand together in the text, where a prompt is of several places.
_LEAST_RUN = 12
_WORD = re.compile(r"\w+")
#: Line breaks and tabs as JSON writes them: letters that belong to no word.
_ESCAPED = re.compile(r"\\[nrt]")


class AnsweredTask(BaseModel):
    """One prompt as the model found it."""

    prompt: str = Field(description="The prompt's own words, exactly as in the text")
    negative: str = Field(description="What this picture must not show, if the text says it apart")
    category: str = Field(description="The heading or name that it stands under, or empty")
    level: str = Field(description="Written 'Level 2', or empty")
    tags: list[str] = Field(description="Names of the groups that it stands in")


class ParsedAnswer(BaseModel):
    """What a model answers about a document."""

    prefix: str = Field(description="Words that the text says go before every prompt, or empty")
    suffix: str = Field(description="Words that the text says go behind every prompt, or empty")
    negative: str = Field(description="What the text says no picture may show, or empty")
    tasks: list[AnsweredTask] = Field(description="Every prompt, in the order of the text")
    question: str = Field(description="What its author has to decide first, or empty")
    remark: str = Field(description="What its author should know, or empty")


@dataclass(frozen=True, slots=True)
class _Found:
    """Where words stand in a document: from the first letter to behind the last."""

    start: int
    end: int


class _Source:
    """The words of a document one after another, whatever stands between them."""

    def __init__(self, text: str):
        words = [(w, n) for n, line in enumerate(text.splitlines(), 1) for w in _words(line)]
        starts, at = [], 0
        for word, _ in words:
            starts.append(at)
            at += len(word) + 1
        self.words = "".join(f"{word} " for word, _ in words)
        self._starts, self._lines = starts, [line for _, line in words]

    def line(self, at: int) -> int:
        """Gives the line of a letter, from 1."""
        return self._lines[bisect_right(self._starts, at) - 1]

    def lines(self, found: Sequence[_Found]) -> tuple[int, ...]:
        """Lists the lines that words stand on."""
        first = [bisect_right(self._starts, one.start) - 1 for one in found]
        behind = [bisect_right(self._starts, one.end - 1) for one in found]
        return tuple(
            dict.fromkeys(
                line for a, b in zip(first, behind, strict=True) for line in self._lines[a:b]
            )
        )

    def find(self, text: str, start: int = 0) -> list[_Found]:
        """Finds where words stand, from a place or else from the beginning; nothing if nowhere.

        What is joined of several places, such as of labelled fields or of a prompt and the style
        of its group, is found place by place.
        """
        words = bare(text)
        if not words:
            return []
        for begin in (start, 0) if start else (0,):
            if (at := self._whole(words, begin)) >= 0:
                return [_Found(at, at + len(words))]
            if places := list(self._places(words, begin)):
                return places
        return []

    def _whole(self, words: str, start: int) -> int:
        at = self.words.find(f"{words} ", start)
        while at > 0 and self.words[at - 1] != " ":
            at = self.words.find(f"{words} ", at + 1)
        return at

    def _places(self, words: str, start: int) -> Iterator[_Found]:
        left, at, places = words, start, list[_Found]()
        while left:
            least = min(_LEAST_RUN, len(left))
            run = self._longest(left, at)
            if len(run) < least and at:  # a style that stands above the prompts it is for
                at, run = 0, self._longest(left, 0)
            if len(run) < least:
                return
            at = self._whole(run, at)
            places.append(_Found(at, at + len(run)))
            at, left = at + len(run), left[len(run) :].lstrip()
        yield from places

    def _longest(self, words: str, start: int) -> str:
        """Gives the longest beginning of words that stands behind a place."""
        ends = [*(m.start() for m in re.finditer(" ", words)), len(words)]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._whole(words[: ends[middle]], start) >= 0:
                low = middle + 1
            else:
                high = middle
        return words[: ends[low - 1]] if low else ""


def _words(line: str) -> list[str]:
    runs = _WORD.findall(_ESCAPED.sub(" ", line))
    return [word for run in runs for word in run.split("_") if word]


def bare(text: str) -> str:
    """Gives the words of a text without what stands between them."""
    return " ".join(_words(text))


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

    def first(name: str) -> str:
        return next((said for one in answers if (said := getattr(one, name).strip())), "")

    return ParsedAnswer(
        prefix=first("prefix"),
        suffix=first("suffix"),
        negative=first("negative"),
        question=first("question"),
        remark=" ".join(filter(None, (answer.remark.strip() for answer in answers))),
        tasks=[task for answer in answers for task in answer.tasks],
    )


def check_answer(answer: ParsedAnswer, text: str) -> Parsed:
    """Checks an answer against its document, and against what the document's form says.

    Prompts in another order are put back, with a warning. Where the model asks a question or may
    have stopped early, and where some of its prompts are not in the text, the reading is unsure: a
    person decides.

    Raises:
        InputError: Too much is made up; lists it.
    """
    source, by_form = _Source(text), parse_prompts(text)
    answer = _of_text(answer, source)
    placed, invented = _placed(answer, source)
    said = [f"not in the text, so it is left out: {one_line(p, 80)!r}" for p in invented]
    remarks = [f"The model says: {remark}"] if (remark := one_line(answer.remark, 300)) else []
    if len(invented) > _MOST_WRONG * max(1, len(answer.tasks)):
        raise InputError("The model's reading does not fit the text:", said[:20])
    moved = []
    order = [found[0].start for found, _ in placed]
    if order != sorted(order):
        moved.append("the model gave the prompts in another order; they stand as in the text.")
    placed = sorted(placed, key=lambda one: one[0][0].start)
    drafts, flags = without_flags([draft for _, draft in placed])
    lost = list(_lost(placed, by_form, source)) if placed else []
    doubts = [*said, *_doubts(answer, placed, lost)]
    doubts += [_TEMPLATES] if are_templates([draft.text for draft in drafts]) else []
    remarks += [f"The model took for no prompt: {_told(lost)}"] if lost and not doubts else []
    prefix = answer.prefix if drafts else ""
    return Parsed(
        prefix,
        tasks_of(drafts),
        (*moved, *flags, *remarks, *doubts),
        (_ASKS if doubts else 1.0) if drafts else 0.0,
        "model",
        (_way(drafts), *by_form.readings) if drafts else by_form.readings,
        tuple(_uses(text, source, placed, answer)),
    )


def _of_text(answer: ParsedAnswer, source: _Source) -> ParsedAnswer:
    """Takes out what is for every prompt where the text does not say it."""
    own = {
        name: said if source.find(said := getattr(answer, name).strip()) else ""
        for name in ("prefix", "suffix", "negative")
    }
    return answer.model_copy(update=own)


def _placed(
    answer: ParsedAnswer, source: _Source
) -> tuple[list[tuple[list[_Found], Draft]], list[str]]:
    placed: list[tuple[list[_Found], Draft]] = []
    invented, start = [], 0
    for task in answer.tasks:
        prompt = _own_words(task.prompt, answer, source)
        found = source.find(prompt, start)
        if not found:
            invented.append(task.prompt)
            continue
        start = found[-1].end
        negative = task.negative.strip() if source.find(task.negative) else ""
        draft = Draft(
            prompt,
            source.line(found[0].start),
            task.category.strip(),
            level_value(task.level) if task.level else "",
            tuple(task.tags),
            answer.prefix,
            answer.suffix,
            negative or answer.negative,
            lines=source.lines(found),
        )
        placed.append((found, draft))
    return placed, invented


def _own_words(prompt: str, answer: ParsedAnswer, source: _Source) -> str:
    """Removes what is for every prompt from one that has it in the answer only."""
    prompt = prompt.strip()
    if source.find(prompt):
        return prompt
    prompt = prompt.removeprefix(answer.prefix) if answer.prefix else prompt
    prompt = prompt.removesuffix(answer.suffix) if answer.suffix else prompt
    return prompt.strip()


def _doubts(
    answer: ParsedAnswer, placed: Sequence[tuple[list[_Found], Draft]], lost: Sequence[Task]
) -> Iterator[str]:
    """Says what a person has to decide: what the model asks, and whether it has read to the end."""
    if question := one_line(answer.question, 300):
        yield f"The model asks: {question}"
    last = max((draft.line for _, draft in placed), default=0)
    taken = {bare(draft.text) for _, draft in placed}
    behind = [task for task in lost if task.line > last]
    repeated = [task for task in lost if bare(task.specific_prompt) in taken]
    least = max(_FEW, _MOST_FEWER * len(placed))
    if len(behind) >= least:
        yield f"The model may have stopped early: behind its last prompt {_told(behind)}"
    if len(repeated) >= least:
        yield f"Of prompts that stand there several times the model took one: {_told(repeated)}"


def _told(lost: Sequence[Task]) -> str:
    shown = "; ".join(f"line {t.line}: {one_line(t.prompt, 60)!r}" for t in lost[:_SHOWN])
    return f"{counted(len(lost), 'piece')} look{'s' if len(lost) == 1 else ''} like one ({shown})."


def _lost(
    placed: Sequence[tuple[list[_Found], Draft]], by_form: Parsed, source: _Source
) -> Iterator[Task]:
    """Lists the prompts that the form leaves no doubt of and no task of the answer covers."""
    covered, start = [one for found, _ in placed for one in found], 0
    for task in () if by_form.unsure else by_form.tasks:
        found = source.find(task.specific_prompt, start)
        if not found:
            continue
        start = found[-1].end
        if not any(c.start < f.end and f.start < c.end for c in covered for f in found):
            yield task


def _way(drafts: Sequence[Draft]) -> Way:
    return Way("model", len(drafts), tuple(draft.text for draft in drafts[:3]))


def _uses(
    text: str,
    source: _Source,
    placed: Sequence[tuple[list[_Found], Draft]],
    answer: ParsedAnswer,
) -> Iterator[LineUse]:
    """Says of every line what the model has taken it for."""
    used = {line: "negative" for _, draft in placed for line in _lines(source, draft.negative)}
    for name in ("prefix", "suffix"):
        used |= dict.fromkeys(_lines(source, getattr(answer, name)), name)
    used |= {line: "prompt" for _, draft in placed for line in draft.lines}
    names = {name for _, d in placed for name in (d.category, *d.tags) if name}
    for number, line in enumerate(text.splitlines(), 1):
        if any(map(str.isalnum, line)):
            use = used.get(number) or ("name" if any(n in line for n in names) else "left out")
            why = "the model took it for no prompt" if use == "left out" else ""
            yield LineUse(number, use, one_line(line, 120), why)


def _lines(source: _Source, words: str) -> tuple[int, ...]:
    return source.lines(source.find(words))


def answer_of(parsed: Parsed) -> ParsedAnswer:
    """Writes a parsed document as a model would answer it that knows no more than its form."""
    return ParsedAnswer(
        prefix=parsed.prefix,
        suffix="",
        negative="",
        tasks=[_answered(task) for task in parsed.tasks],
        question="What is one prompt in this text?" if parsed.unsure else "",
        remark="",
    )


def _answered(task: Task) -> AnsweredTask:
    return AnsweredTask(
        prompt=task.specific_prompt,
        negative=task.negative,
        category=task.category,
        level=task.level,
        tags=list(task.tags),
    )
