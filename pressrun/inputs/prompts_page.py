"""The lines of a document, without what it was wrapped in: code marks, front matter, comments."""

import re

from pressrun.inputs.prompts_words import Role, role_of

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
MARKED = re.compile(r"\s*(?:#{1,6}\s|[-*+\u2022]\s|\d{1,4}[.)]\s|\*\*)\s*\S")


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines that hold the document, each with its number from 1; empty ones stay."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "\ufffd").replace("\u2028", "\n").replace("\x0c", "\n")
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    return _unwrapped(list(enumerate(text.split("\n"), 1)))


def _unwrapped(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines inside a code block that is the whole document, or without front matter's marks."""
    full = [at for at, (_, text) in enumerate(lines) if text.strip()]
    if len(full) < 3:
        return lines
    first, last = lines[full[0]][1].strip(), lines[full[-1]][1].strip()
    inner = lines[full[0] + 1 : full[-1]]
    fence = re.fullmatch(r"(`{3,}|~{3,})\s*(?:markdown|md)?", first)
    if fence and last == fence[1] and not any(t.strip().startswith(fence[1]) for _, t in inner):
        return inner if any(MARKED.match(text) for _, text in inner) else lines
    return _without_front_matter(lines, full) if first == "---" else lines


def _without_front_matter(lines: list[tuple[int, str]], full: list[int]) -> list[tuple[int, str]]:
    for at in full[1:]:
        number, text = lines[at]
        if text.strip() == "---":
            front = [lines[place] for place in full if place < at]
            kept = [(n, t) for n, t in front if role_of(t.partition(":")[0]) is Role.PREFIX]
            return [*kept, (number, ""), *lines[at + 1 :]]
        if not re.match(r"[\w -]+:", text):
            break
    return lines
