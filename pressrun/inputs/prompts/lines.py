"""The lines of a document, and where a prompt ends: wrapped lines, and lines of one prompt each.

Without what the document was wrapped in: code marks, front matter, comments.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from pressrun.inputs.prompts.words import Role, role_of

Numbered = tuple[int, str]

_NARROW, _WIDE = 56, 132  # columns that editors and people wrap at
_FULL = 45  # a line that is broken for its length has at least so many characters
_HANGING = re.compile(
    r"(?:[,;(\[/&+\u2013\u2014-]|\b(?:a|an|and|as|at|by|for|from|in|into|is|near|of|on|or|over|the|to|under|with))"
    r"\s*$",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"\s*[,;.)\]&+]|\s*(?:and|with|or|in|on|of|at|by|for)\b")
_ENDS = re.compile(r"[.!?\u2026\u3002]['\")\u201d]*$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
MARKED = re.compile(r"\s*(?:#{1,6}\s|[-*+\u2022]\s|\d{1,4}[.)]\s|\*\*)\s*\S")


def are_wrapped(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Says whether a document's paragraphs are wrapped at one width, as editors do it.

    A line is wrapped where the next word would not have fitted.
    """
    breaks = [(line, after) for lines in paragraphs for line, after in pairwise(lines)]
    if len(breaks) < 2:
        return False
    width = max(len(line) for lines in paragraphs for line in lines)
    full = sum(len(line) + 1 + len(after.split()[0]) > width for line, after in breaks)
    return _NARROW <= width <= _WIDE and full >= 0.8 * len(breaks)


def split_prompts(lines: Sequence[Numbered], hard: Sequence[int] = ()) -> list[Numbered]:
    """Splits these lines into prompts, each with the number of its first line.

    Args:
        lines: One paragraph, or the lines of a code block without blank ones.
        hard: Numbers of the lines that were broken on purpose.
    """
    prompts: list[list[Numbered]] = []
    sizes = [text for _, text in lines]
    one = len(lines) > 2 and are_wrapped([sizes])
    for number, text in lines:
        before = prompts[-1][-1] if prompts else None
        if before and before[0] not in hard and (one or _goes_on(before[1], text, sizes)):
            prompts[-1].append((number, text))
        else:
            prompts.append([(number, text)])
    return [(part[0][0], joined([text for _, text in part])) for part in prompts]


def ends_sentence(line: str) -> bool:
    """Says whether a line ends as a sentence does."""
    return bool(_ENDS.search(line.rstrip()))


def joined(lines: Sequence[str]) -> str:
    """Joins wrapped lines into one."""
    return " ".join(line.strip() for line in lines if line.strip())


def _goes_on(line: str, after: str, lines: Sequence[str]) -> bool:
    """Says whether a sentence goes on in the line below."""
    begin_alike = all(_begins_high(text) for text in lines)
    if _HANGING.search(line):
        return not (begin_alike and line.rstrip().endswith((",", ";")))
    if begin_alike or not any(_begins_high(text) for text in lines):
        return False
    if _CONTINUES.match(after):
        return True
    return len(line) >= _FULL and after[:1].islower() and not ends_sentence(line)


def _begins_high(text: str) -> bool:
    first = text.lstrip(" \"'(\u201c\u2018")[:1]
    return first.isupper() or first.isdigit() or not first.isascii()


def lines_of(text: str) -> list[tuple[int, str]]:
    """Splits off the lines that hold the document, numbered from 1; empty ones stay."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "\ufffd").replace("\u2028", "\n").replace("\x0c", "\n")
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    return _unwrapped(list(enumerate(text.split("\n"), 1)))


def _unwrapped(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Removes a code block around the whole document, or front matter but for its prefix."""
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
