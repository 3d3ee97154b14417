"""Prompts as people give them (a document, CSV, JSON, a workbook, a list) as one list of tasks.

It says what it did: how the text was read, how else it can be read, how sure that is, and what
became of every line. It must not know what a batch does with them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.prompts import records
from pressrun.inputs.prompts.confidence import confidence, tells_only
from pressrun.inputs.prompts.context import LineUse, Surroundings
from pressrun.inputs.prompts.draft import (
    Draft,
    has_words,
    told_counts,
    told_ratios,
    without_prompt,
)
from pressrun.inputs.prompts.edges import with_doubtful
from pressrun.inputs.prompts.flags import are_templates, without_flags
from pressrun.inputs.prompts.outline import DocumentOutline, read_outline
from pressrun.inputs.prompts.pieces import Reading
from pressrun.inputs.prompts.readings import as_one, read_ways
from pressrun.inputs.prompts.score import rank
from pressrun.inputs.prompts.tables import Columns, read_sheet, read_table
from pressrun.inputs.prompts.vocabulary import Role
from pressrun.inputs.tables.files import read_sheet_file
from pressrun.inputs.web.markdown import readable

#: Most rows and lines that are looked at; a batch takes fewer prompts.
MAX_ROWS = 10_000
_MAX_LINES = 15_000
_OF_NOTES = 0.4  # how far prompts are believed that stand below titles of notes
_OF_TEMPLATES = 0.4  # likewise where most have places to fill
_FIRST = 3  # prompts by which a reading is shown

Form = Literal[
    "lines", "paragraphs", "list items", "headings", "code blocks", "quotations", "table",
    "labels", "mixed",
]  # fmt: skip
ReadAs = Literal["auto", "model", Form]
#: Where no model reads.
ReadAsForm = Literal["auto", Form]
READ_AS: tuple[str, ...] = get_args(ReadAs)
#: Below this confidence a person, or a model, should say how a text is to be read.
ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt.

    Attributes:
        prompt: What the model is asked: prefix, specific prompt and suffix.
        order: Its place among the tasks, from 1.
        level: Written ``Level 2``.
        line: Of the document, or row of the sheet, from 1.
        negative: What the picture must not show, for models that are told so apart.
        notes: What the document says of it and no model is told.
        aspect_ratio: Of its picture, as ``16:9``, where the document states one.
        made_before: How often it was made before: the next picture is to be another one.
    """

    prompt: str
    specific_prompt: str
    prefix: str
    order: int
    category: str
    level: str
    tags: tuple[str, ...]
    line: int
    suffix: str = ""
    negative: str = ""
    notes: tuple[str, ...] = ()
    aspect_ratio: str = ""
    made_before: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A way to read a text: its name as ``read_as`` takes it, and what it gives."""

    name: str
    count: int
    first: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(f"“{one_line(text, 50)}”" for text in self.first)
        return f"{self.name}: {self.count} ({shown}{', …' if self.count > len(self.first) else ''})"


@dataclass(frozen=True, slots=True)
class Parsed:
    """All tasks of what was given, and how they were found.

    Attributes:
        prefix: What all tasks share, else the document's first.
        warnings: One sentence each, naming the line.
        confidence: From 0 to 1: how far the reading leaves no doubt.
        reading: The way that was taken, as ``read_as`` names it, or ``records`` or ``model``.
        readings: All ways that the text allows, the taken one first.
        lines: What became of every line.
    """

    prefix: str
    tasks: tuple[Task, ...]
    warnings: tuple[str, ...] = ()
    confidence: float = 1.0
    reading: str = ""
    readings: tuple[Way, ...] = ()
    lines: tuple[LineUse, ...] = ()

    @property
    def left_out(self) -> list[LineUse]:
        """The lines of which nothing is made."""
        return [line for line in self.lines if line.use == "left out"]

    @property
    def unsure(self) -> bool:
        """Whether somebody should say how the text is to be read."""
        return bool(self.tasks) and self.confidence < ENOUGH


def combine(prefix: str, prompt: str, suffix: str = "") -> str:
    """Joins prefix, prompt and suffix; a prompt that has them already stays as it is."""
    prefix, prompt, suffix = prefix.strip(), prompt.strip(), suffix.strip()
    if suffix and not prompt.casefold().endswith(suffix.casefold()):
        joint = " " if prompt.endswith((".", ",", "!")) else ", "
        prompt = f"{prompt}{joint}{suffix}" if prompt else suffix
    begins = prompt.casefold().startswith(prefix.casefold())
    follows = prompt[len(prefix) : len(prefix) + 1]
    if begins and not (follows.isalnum() and prefix[-1:].isalnum()):
        return prompt
    return f"{prefix} {prompt}".strip()


def parse_prompts(text: str, read_as: str = "auto") -> Parsed:
    """Reads what was pasted: markdown or plain lines, CSV with a head, or JSON.

    Args:
        text: All of it.
        read_as: One of :data:`READ_AS`; ``auto`` and ``model`` take the likeliest way.

    Raises:
        InputError: It cannot be read that way, or is too long.
    """
    page = readable(_clean(text))
    return with_notes(_parse(page.text, read_as), page.notes)


def with_notes(parsed: Parsed, notes: Sequence[str]) -> Parsed:
    """Adds to what was read how it became a text."""
    return replace(parsed, warnings=(*notes, *parsed.warnings)) if notes else parsed


def _parse(text: str, read_as: str) -> Parsed:
    if text.count("\n") >= _MAX_LINES:
        raise InputError(
            f"The text has more than {_MAX_LINES:,} lines. Split it into several batches."
        )
    if read_as in ("auto", "model", "table"):
        if (value := records.load(text)) is not None:
            return _of_records(value, text)
        if table := read_table(text):
            return _of_table(*table)
    return _of_document(text, read_as)


def _clean(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\x00", "\ufffd").replace("\u2028", "\n").replace("\x0c", "\n")


def _of_records(value: Any, text: str) -> Parsed:
    prefix, drafts = records.read_values(value)
    drafts = records.with_lines(drafts, text)
    sure = records.confidence(value, drafts)
    return _parsed(drafts, prefix, confidence=sure, reading="records")


def _of_table(drafts: Sequence[Draft], columns: Columns) -> Parsed:
    said = "Prompts are read from the column " if columns.prompts else ""
    names = " and ".join(
        repr(columns.titles[place]) for place, _ in columns.prompts if columns.titles[place]
    )
    sure = columns.known or not any(columns.titles)
    warnings = [] if columns.known or not names else [f"{said}{names}."]
    return _parsed(drafts, "", warnings, confidence=1.0 if sure else 0.7, reading="table")


def _of_document(text: str, read_as: str) -> Parsed:
    outline = read_outline(text)
    ranked = rank(read_ways(outline.blocks), outline.blocks)
    only_notes = not ranked
    if only_notes:  # what stands below notes alone may be examples: a person says so
        for block in outline.blocks:
            block.decided = None if block.decided is Role.NOTE else block.decided
            block.is_done = False
        blocks = outline.blocks
        ranked = rank(read_ways(blocks) or as_one(blocks), blocks)
    chosen = _chosen(ranked, read_as)
    if chosen and read_as == "auto" and tells_only(chosen, outline.blocks):
        return _without_pictures(outline, chosen, ranked)
    if chosen is None:
        nothing = Surroundings(outline, Reading("list items"))
        return replace(_parsed([]), lines=tuple(nothing.lines()))
    around = Surroundings(outline, chosen)
    drafts, lines = around.drafts(), sorted(around.lines(), key=lambda line: line.line)
    sure = confidence(ranked, outline.blocks) if read_as in ("auto", "model") else 1.0
    sure *= _OF_NOTES if only_notes and read_as in ("auto", "model") else 1.0
    ways = _distinct([chosen, *(reading for reading in ranked if reading.way != chosen.way)])
    said = list(_told_doubtful(chosen))
    parsed = _parsed(drafts, "", said, confidence=sure, reading=chosen.way)
    return replace(parsed, readings=tuple(map(_way, ways)), lines=tuple(lines))


def _told_doubtful(reading: Reading) -> Iterator[str]:
    """Says which pieces are left out that may be prompts, and how they are taken."""
    if lost := reading.doubtful:
        first = f"“{one_line(lost[0].text, 60)}” on line {lost[0].block.line}"
        which = f"{first} is" if len(lost) == 1 else f"{len(lost)} pieces, first {first}, are"
        yield (
            f"{which} unlike the other prompts and left out. Choose {reading.way!r} if it is one."
            if len(lost) == 1
            else f"{which} unlike the other prompts and left out. Choose {reading.way!r} if they "
            "are some."
        )


def _without_pictures(
    outline: DocumentOutline, likeliest: Reading, ranked: Sequence[Reading]
) -> Parsed:
    """Says of a text that describes no picture how it can be read all the same."""
    lines = tuple(Surroundings(outline, Reading("list items")).lines())
    said = (
        "Nothing in this text describes a picture. If it has prompts, choose how it is read "
        f"(read_as): {likeliest.way!r}, or another way."
    )
    ways = tuple(map(_way, _distinct([likeliest, *ranked])))
    return replace(_parsed([], warnings=[said]), readings=ways, lines=lines)


def _chosen(ranked: Sequence[Reading], read_as: str) -> Reading | None:
    if read_as in ("auto", "model"):
        return ranked[0] if ranked else None
    for reading in ranked:
        if reading.way == read_as:
            return with_doubtful(reading)
    others = "; ".join(str(_way(reading)) for reading in ranked) or "nothing that could be a prompt"
    raise InputError(f"The text has no {read_as} to read prompts from. It has: {others}.")


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    """Leaves out readings that give the prompts of one before them."""
    first: dict[tuple[str, ...], Reading] = {}
    for reading in readings:
        first.setdefault(reading.texts(), reading)
    return list(first.values())


def _way(reading: Reading) -> Way:
    """Shows a way as a person gets it who chooses it."""
    reading = with_doubtful(reading)
    return Way(reading.way, len(reading.pieces), tuple(p.text for p in reading.pieces[:_FIRST]))


def parse_file(
    path: Path, read: Callable[[str], Parsed] = parse_prompts, read_as: str = "auto"
) -> Parsed:
    """Reads a file: markdown, text, JSON, CSV in any usual encoding and delimiter, DOCX or XLSX.

    Args:
        path: The file.
        read: Reads it if it is no table.
        read_as: As for :func:`parse_prompts`.

    Raises:
        InputError: The file cannot be read, is too large or holds no text.
    """
    content = read_sheet_file(path, MAX_ROWS)
    if not isinstance(content, DocumentText):
        return _of_table(*read_sheet(content))
    if path.suffix.lower() in (".csv", ".tsv") and read_as in ("auto", "table"):
        table = read_table(_clean(content.text), always=True)
        return _of_table(*table) if table else _parsed([])
    return with_notes(read(content.text), content.notes)


def parse_list(values: Sequence[Any]) -> Parsed:
    """Reads prompts, or objects with the fields of a task, as JSON has them."""
    prefix, drafts = records.read_values(list(values))
    return _parsed(drafts, prefix, reading="records")


def _parsed(
    drafts: Iterable[Draft],
    prefix: str = "",
    warnings: Sequence[str] = (),
    *,
    confidence: float = 1.0,
    reading: str = "",
) -> Parsed:
    drafts, said = without_flags(list(drafts))
    full = [draft for draft in drafts if has_words(draft)]
    empty = list(without_prompt([d.line for d in drafts if not has_words(d)]))
    if are_templates([draft.text for draft in full]):
        confidence *= _OF_TEMPLATES
    shared = {draft.prefix for draft in full}
    common = prefix or (shared.pop() if len(shared) == 1 else "")
    return Parsed(
        common,
        tasks_of(full),
        (*warnings, *said, *told_counts(full), *told_ratios(full), *empty),
        confidence if full else 0.0,
        reading,
    )


def tasks_of(drafts: Sequence[Draft]) -> tuple[Task, ...]:
    """Makes tasks of drafts, in their order."""
    return tuple(_task(order, draft) for order, draft in enumerate(drafts, 1))


def _task(order: int, draft: Draft) -> Task:
    return Task(
        prompt=combine(draft.prefix, draft.text, draft.suffix),
        specific_prompt=draft.text,
        prefix=draft.prefix,
        order=order,
        category=draft.category,
        level=draft.level,
        tags=draft.tags,
        line=draft.line,
        suffix=draft.suffix,
        negative=draft.negative,
        notes=draft.notes,
        aspect_ratio=draft.aspect_ratio,
        made_before=draft.made_before,
    )
