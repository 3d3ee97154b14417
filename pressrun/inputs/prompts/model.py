"""A model's reading of a document, checked against the document: nothing made up, moved or lost.

It must not know how a model is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import BaseModel, Field

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.passages import DocumentWords, Passage, bare
from pressrun.inputs.prompts.context import LineUse
from pressrun.inputs.prompts.documents import Parsed, Task, Way, parse_prompts, tasks_of
from pressrun.inputs.prompts.draft import Draft, told_ratios
from pressrun.inputs.prompts.flags import are_templates, without_flags
from pressrun.inputs.prompts.levels import level_value

#: How far a reading is believed of which the model itself says what has to be decided.
_ASKS = 0.3
#: Most of all prompts that may be made up; an answer further off is no reading of this document.
_MOST_WRONG = 0.25
#: As many prompts, and as large a part of those taken, may be missing at one place.
_FEW, _MOST_FEWER = 3, 0.5
_SHOWN = 5
_TEMPLATES = "Most of these prompts have places to fill first."


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


def checked_answer(text: str, answer: ParsedAnswer) -> Parsed:
    """Does what :func:`check_answer` says, for a text that is given first."""
    return check_answer(answer, text)


def check_answer(answer: ParsedAnswer, text: str) -> Parsed:
    """Checks an answer against its document, and against what the document's form says.

    Prompts in another order are put back, with a warning. Where the model asks a question or may
    have stopped early, and where some of its prompts are not in the text, the reading is unsure: a
    person decides.

    Raises:
        InputError: Too much is made up; lists it.
    """
    source, by_form = DocumentWords(text), parse_prompts(text)
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
    placed = list(_with_ratios(placed, by_form, source))
    drafts, flags = without_flags([draft for _, draft in placed])
    lost = list(_lost(placed, by_form, source)) if placed else []
    doubts = [*said, *_doubts(answer, placed, lost)]
    doubts += [_TEMPLATES] if are_templates([draft.text for draft in drafts]) else []
    remarks += [f"The model took for no prompt: {_told(lost)}"] if lost and not doubts else []
    prefix = answer.prefix if drafts else ""
    return Parsed(
        prefix,
        tasks_of(drafts),
        (*moved, *flags, *told_ratios(drafts), *remarks, *doubts),
        (_ASKS if doubts else 1.0) if drafts else 0.0,
        "model",
        (_way(drafts), *by_form.readings) if drafts else by_form.readings,
        tuple(_uses(text, source, placed, answer)),
    )


def _of_text(answer: ParsedAnswer, source: DocumentWords) -> ParsedAnswer:
    """Takes out what is for every prompt where the text does not say it."""
    own = {
        name: said if source.find(said := getattr(answer, name).strip()) else ""
        for name in ("prefix", "suffix", "negative")
    }
    return answer.model_copy(update=own)


def _placed(
    answer: ParsedAnswer, source: DocumentWords
) -> tuple[list[tuple[list[Passage], Draft]], list[str]]:
    placed: list[tuple[list[Passage], Draft]] = []
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


def _with_ratios(
    placed: Sequence[tuple[list[Passage], Draft]], by_form: Parsed, source: DocumentWords
) -> Iterator[tuple[list[Passage], Draft]]:
    """Gives prompts the aspect ratios that the document states: a model is not asked for these."""
    shapes, start = [], 0
    for task in by_form.tasks:
        found = source.find(task.specific_prompt, start)
        if found:
            start = found[-1].end
            shapes += [(one, task.aspect_ratio) for one in found if task.aspect_ratio]
    for found, draft in placed:
        own = (ratio for one, ratio in shapes if any(_overlap(one, passage) for passage in found))
        yield found, replace(draft, aspect_ratio=next(own, ""))


def _overlap(one: Passage, other: Passage) -> bool:
    return one.start < other.end and other.start < one.end


def _own_words(prompt: str, answer: ParsedAnswer, source: DocumentWords) -> str:
    """Removes what is for every prompt from one that has it in the answer only."""
    prompt = prompt.strip()
    if source.find(prompt):
        return prompt
    prompt = prompt.removeprefix(answer.prefix) if answer.prefix else prompt
    prompt = prompt.removesuffix(answer.suffix) if answer.suffix else prompt
    return prompt.strip()


def _doubts(
    answer: ParsedAnswer, placed: Sequence[tuple[list[Passage], Draft]], lost: Sequence[Task]
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
    placed: Sequence[tuple[list[Passage], Draft]], by_form: Parsed, source: DocumentWords
) -> Iterator[Task]:
    """Lists the prompts that the form leaves no doubt of and no task of the answer covers."""
    covered, start = [one for found, _ in placed for one in found], 0
    for task in () if by_form.unsure else by_form.tasks:
        found = source.find(task.specific_prompt, start)
        if not found:
            continue
        start = found[-1].end
        if not any(_overlap(one, other) for one in covered for other in found):
            yield task


def _way(drafts: Sequence[Draft]) -> Way:
    return Way("model", len(drafts), tuple(draft.text for draft in drafts[:3]))


def _uses(
    text: str,
    source: DocumentWords,
    placed: Sequence[tuple[list[Passage], Draft]],
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


def _lines(source: DocumentWords, words: str) -> tuple[int, ...]:
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
