"""Blocks of code as prompts: whole, divided, as fields, as strings or records of a program."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pressrun.errors import InputError
from pressrun.inputs.prompts import records
from pressrun.inputs.prompts.blocks import Block
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.labels import cut_label, is_file
from pressrun.inputs.prompts.pieces import (
    PromptPiece,
    lines_of,
)
from pressrun.inputs.prompts.remarks import word_count
from pressrun.inputs.prompts.vocabulary import Role, words

#: A line that is a string of a program.
_STRING = re.compile(
    r"\s*(?:[\"'`]?[\w.-]{1,40}[\"'`]?\s?[:=]\s?)?[\"'`](.{10,})[\"'`]\s?,?\s*$|"
    r".*\bprompt[\"']?\s?[:=]\s?[\"'`](.{10,})[\"'`][\s,;})]*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\(?\d{1,4}[.)]\s+")
_PROGRAMS = words(
    """bash c cpp cs csharp css diff dockerfile go graphql html ini java javascript js jsx kotlin
    lua mermaid php powershell ps1 py python rb ruby rust scss sh shell sql svelte swift toml ts
    tsx typescript vue xml yaml yml zsh"""
)
#: Of lines of commands, programs and trees of folders.
_PROGRAM_STARTS = (
    *("$ ", "npm ", "git ", "cd ", "{", "}", "#!", "import ", "const "),
    *"\u251c\u2514\u2502",
)


def is_program(block: Block) -> bool:
    """Says whether a block of code is code."""
    words = block.text()
    if strings_in(block) or _records(block):
        return False
    if block.info.partition(" ")[0].casefold() in _PROGRAMS:
        return True
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    marks = sum(line.startswith(_PROGRAM_STARTS) for line in lines)
    paths = sum(" " not in line and ("/" in line or "." in line) for line in lines)
    return not lines or (marks + paths) * 2 >= len(lines)


def pieces_of_code(block: Block) -> Iterator[PromptPiece]:
    """Takes a block of code as one prompt, or as several where each begins with a mark."""
    text = block.text()
    if known := _fields(block):
        yield PromptPiece(known.text, lines_of(block), block, (block,), replace(known, text=""))
        return
    if strings := strings_in(block):
        yield from (PromptPiece(text, (number,), block, (block,)) for number, text in strings)
        return
    if drafts := _records(block):
        for draft in drafts:
            number = block.lines[min(draft.line, len(block.lines)) - 1][0]
            yield PromptPiece(draft.text, (number,), block, (block,), replace(draft, text=""))
        return
    for parted in (re.split(r"\n\s*\n", text), text.split("\n")):
        parts = [part.strip() for part in parted if part.strip()]
        if len(parts) > 1 and all(map(_begins, parts)):
            yield from _numbered_parts(block, parts)
            return
    yield PromptPiece(text, lines_of(block), block, (block,))


def _fields(block: Block) -> Draft | None:
    """Reads a block whose lines say which is the prompt, and which are not: "Negative: ..."."""
    labels = [cut_label(line) for _, line in block.lines if line.strip()]
    roles = [label.role if label else None for label in labels]
    first = labels[0] if labels else None
    if not first or roles[0] is not Role.PROMPT or roles.count(Role.PROMPT) > 1 or len(roles) < 2:
        return None
    if not any(role in (Role.NEGATIVE, Role.DETAIL) for role in roles):
        return None
    parts = [[first.name, first.role, first.rest]]
    for (_, line), label in zip(
        [ln for ln in block.lines if ln[1].strip()][1:], labels[1:], strict=True
    ):
        if label and label.role in (Role.NEGATIVE, Role.DETAIL):
            parts.append([label.name, label.role, label.rest])
        else:
            parts[-1][2] += f"\n{line.strip()}"
    negative = ", ".join(rest for _, role, rest in parts if role is Role.NEGATIVE)
    notes = [f"{name}: {rest}" for name, role, rest in parts if role is Role.DETAIL]
    return Draft(parts[0][2], block.line, negative=negative).noted(notes)


def strings_in(block: Block) -> list[tuple[int, str]]:
    """Finds the strings of a block that lists phrases as programs do, with their lines."""
    lines = [(number, line) for number, line in block.lines if len(line.strip()) > 2]
    found = [(n, string[1] or string[2]) for n, line in lines if (string := _STRING.match(line))]
    phrases = sum(word_count(string) > 3 for _, string in found)
    return found if phrases > 1 and phrases >= 0.6 * len(lines) else []


def _records(block: Block) -> list[Draft]:
    """Reads the prompts of a block of JSON whose keys call them so."""
    text = block.text()
    if text[:1] not in ("[", "{") or "prompt" not in text:
        return []
    try:
        value = records.load(text)
    except InputError:
        return []
    drafts = records.read_values(value)[1] if value is not None else []
    called = drafts and records.confidence(value, drafts) == 1.0
    return records.with_lines([draft for draft in drafts if draft.text], text) if called else []


def _begins(part: str) -> bool:
    """Says whether a prompt of its own seems to begin here."""
    label = cut_label(part.partition("\n")[0])
    named = label is not None and (is_file(label.name) or label.role in (Role.PROMPT, Role.LEVEL))
    return named or part.startswith("/imagine") or bool(_COUNTED.match(part))


def _numbered_parts(block: Block, parts: Sequence[str]) -> Iterator[PromptPiece]:
    lines = [(number, text.strip()) for number, text in block.lines if text.strip()]
    at = 0
    for part in parts:
        size = sum(bool(line.strip()) for line in part.splitlines())
        label = cut_label(part)
        words = label.rest if label else _COUNTED.sub("", part, count=1)
        known = Draft("", 0).named(label.name) if label and is_file(label.name) else None
        yield PromptPiece(words, tuple(n for n, _ in lines[at : at + size]), block, (block,), known)
        at += size
