"""Prompts as people give them (a document, CSV, JSON, a workbook, a list) as one list of tasks.

It must not know what a batch does with them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.inputs.prompts import records as prompt_records
from pressrun.inputs.prompts.draft import Context, PromptDraft
from pressrun.inputs.prompts.structure import read_structure
from pressrun.inputs.prompts.tables import read_rows, read_table
from pressrun.inputs.tables.files import read_sheet_file
from pressrun.text import one_line

#: Most rows that are looked at; a batch takes fewer.
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt.

    Attributes:
        prompt: What the model is asked: prefix and specific prompt.
        order: Its place among the tasks, from 1.
        level: Written ``Level 2``.
        line: Of the document, or row of the sheet, from 1.
    """

    prompt: str
    specific_prompt: str
    prefix: str
    order: int
    category: str
    level: str
    tags: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """All tasks of what was given.

    Attributes:
        prefix: What all tasks share, else the document's first.
        warnings: One sentence each, naming the line.
        confidence: From 0 to 1: how far the structure leaves no doubt.
    """

    prefix: str
    tasks: tuple[Task, ...]
    warnings: tuple[str, ...] = ()
    confidence: float = 1.0


def combine(prefix: str, prompt: str) -> str:
    """Joins prefix and prompt with a space; a prompt that begins with its prefix stays as it is."""
    prefix, prompt = prefix.strip(), prompt.strip()
    begins = prompt.casefold().startswith(prefix.casefold())
    follows = prompt[len(prefix) : len(prefix) + 1]
    if begins and not (follows.isalnum() and prefix[-1:].isalnum()):
        return prompt
    return f"{prefix} {prompt}".strip()


def parse_prompts(text: str) -> Parsed:
    """Reads what was pasted: markdown or plain lines, CSV with a head, or JSON."""
    value = prompt_records.load(text)
    if value is not None:
        prefix, drafts = prompt_records.read_values(value)
        prompt_records.with_lines(drafts, text)
        return _parsed(drafts, prefix)
    if drafts := read_table(text, Context()):
        return _parsed(drafts)
    found = read_structure(text)
    skipped = (
        f"line {line}: this was not taken for a prompt: {one_line(words, 60)!r}"
        for line, words in found.skipped
    )
    return _parsed(found.drafts, found.prefix, tuple(skipped), found.confidence)


def parse_file(path: Path, read: Callable[[str], Parsed] = parse_prompts) -> Parsed:
    """Reads a file: markdown, text, JSON, CSV in any usual encoding and delimiter, or XLSX.

    Args:
        path: The file.
        read: Reads it if it is no table.

    Raises:
        InputError: The file cannot be read, is too large or holds no text.
    """
    content = read_sheet_file(path, MAX_ROWS)
    if not isinstance(content, str):
        (_, titles), *rows = content
        return _parsed(list(read_rows(titles, rows, Context())))
    if path.suffix.lower() in (".csv", ".tsv"):
        return _parsed(read_table(content, Context(), always=True))
    return read(content)


def parse_list(values: Sequence[Any]) -> Parsed:
    """Reads prompts, or objects with the fields of a task, as JSON has them."""
    prefix, drafts = prompt_records.read_values(list(values))
    return _parsed(drafts, prefix)


def _parsed(
    drafts: Sequence[PromptDraft],
    prefix: str = "",
    warnings: tuple[str, ...] = (),
    confidence: float = 1.0,
) -> Parsed:
    full = [draft for draft in drafts if _has_words(draft)]
    lines = (draft.line for draft in drafts if not _has_words(draft))
    empty = tuple(f"line {line}: there is no prompt here." for line in lines)
    shared = {draft.prefix for draft in full}
    common = prefix or (shared.pop() if len(shared) == 1 else "")
    return Parsed(common, tasks_of(full), warnings + empty, confidence if full else 0.0)


def tasks_of(drafts: Sequence[PromptDraft]) -> tuple[Task, ...]:
    """Makes tasks of drafts, in their order."""
    return tuple(_task(order, draft) for order, draft in enumerate(drafts, 1))


def _has_words(draft: PromptDraft) -> bool:
    return any(char.isalnum() for char in draft.text)


def _task(order: int, draft: PromptDraft) -> Task:
    return Task(
        prompt=combine(draft.prefix, draft.text),
        specific_prompt=draft.text,
        prefix=draft.prefix,
        order=order,
        category=draft.category,
        level=draft.level,
        tags=draft.tags,
        line=draft.line,
    )
