"""Whether each line of a text is a prompt, or lines are what fits on a page."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from pressrun.inputs.prompts.blocks import Block
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.pieces import (
    SAMPLE,
    Reading,
    alike,
    section_of,
)

_HANGING = re.compile(
    r"(?:[,;(\[/&+\u2013\u2014-]|\b(?:a|an|and|as|at|by|for|from|in|into|is|near|of|on|or|over|the|to|under|with))$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?\u2026\u3002:]['\")\u201d*_`]*$")
_KEY = re.compile(r"[A-Z][\w /-]{1,30}:\s")
_NARROW = 50  # letters; shorter lines are not ended by the width of a page


def goes_by_lines(reading: Reading) -> float:
    """Says how well the ends of lines fit a way: ends of prompts, or of what fits on a line."""
    if reading.way not in ("lines", "paragraphs", "headings", "code blocks"):
        return 1.0
    used = {id(block): block for piece in reading.pieces[:SAMPLE] for block in piece.used}
    parts = [b for b in used.values() if len([t for _, t in b.lines if t.strip()]) > 1]
    broken = [
        (a.strip(), b.strip()) for part in parts for (_, a), (_, b) in pairwise(part.lines[:SAMPLE])
    ]
    if not broken:
        return 1.0
    going_on = sum(_goes_on(a, b) for a, b in broken) / len(broken)
    blank = any(not a or not b for a, b in broken)
    lined = _lined(parts) * (1 - going_on) * (0.4 if blank else 1.0)
    lined *= 0.3 if len(used) > 2 and len(parts) < 0.7 * len(used) else 1.0
    lined *= 0.2 if len(parts) > 1 and _wrapped(parts) > 0.85 else 1.0
    titled = {id(section_of(block)) for block in used.values()}
    lined = lined**3 if len(used) > 2 and len(titled) > 0.8 * len(used) else lined
    return lined if reading.way == "lines" else 1 - lined


def _wrapped(parts: Sequence[Block]) -> float:
    """Says which share of lines end where the next word would be too much for the line."""
    full, breaks = 0, 0
    for part in parts:
        lines = [text.strip() for _, text in part.lines[:SAMPLE]]
        width = max(_NARROW, *map(len, lines))
        for line, after in pairwise(lines):
            if line and after:
                breaks += 1
                full += len(line) + len(after.split()[0]) + 4 >= width
    return full / breaks if breaks else 0.0


def _lined(parts: Sequence[Block]) -> float:
    """Says how far lines look like prompts of their own: alike, and few blocks of many."""
    lines = [text.strip() for part in parts for _, text in part.lines if text.strip()]
    starts = [text[:200].split()[0].casefold() for text in lines]
    same = max(starts.count(word) for word in set(starts[:20])) / len(starts)
    upper = sum(not text[:1].islower() for text in lines) / len(lines)
    ends = sum(bool(_ENDS.search(text)) for text in lines) / len(lines)
    single = len(parts) == 1 or len(lines) / len(parts) > 4
    even = max(upper, 1 - upper) if upper > 0.5 or ends < 0.3 else 0.5
    even = max(even, fmean(picturing(text) > 0.45 for text in lines[:SAMPLE]) if single else 0.0)
    sentences = 1.0 if single or ends < 0.5 else 0.4
    keys = [found[0] for text in lines if (found := _KEY.match(text))]
    fields = len(keys) > 0.6 * len(lines) and len(set(keys)) < 0.7 * len(keys)
    return 0.2 if fields else min(1.0, 0.15 + even * sentences * alike(lines) + 0.3 * (same > 0.6))


def _goes_on(line: str, after: str) -> float:
    """Says how far a sentence seems to go on in the line below."""
    if not line or not after or _ENDS.search(line):
        return 0.0
    if _HANGING.search(line):
        return 0.7 if after[:1].isupper() else 1.0
    return 0.6 if after[:1].islower() and len(line) > 45 else 0.1
