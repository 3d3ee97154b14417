"""Where a prompt ends: lines that one was wrapped over, and lines that are one prompt each.

Works on plain lines. It must not know what they stand for.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

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


def are_wrapped(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Whether a document's paragraphs are wrapped at one width, as editors do it.

    A line is wrapped where the next word would not have fitted.
    """
    breaks = [(line, after) for lines in paragraphs for line, after in pairwise(lines)]
    if len(breaks) < 2:
        return False
    width = max(len(line) for lines in paragraphs for line in lines)
    full = sum(len(line) + 1 + len(after.split()[0]) > width for line, after in breaks)
    return _NARROW <= width <= _WIDE and full >= 0.8 * len(breaks)


def split_prompts(lines: Sequence[Numbered], hard: Sequence[int] = ()) -> list[Numbered]:
    """The prompts that stand on these lines, each with its first line.

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
    """Whether a line ends as a sentence does."""
    return bool(_ENDS.search(line.rstrip()))


def joined(lines: Sequence[str]) -> str:
    """Wrapped lines as one."""
    return " ".join(line.strip() for line in lines if line.strip())


def _goes_on(line: str, after: str, lines: Sequence[str]) -> bool:
    """Whether a sentence goes on in the line below."""
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
