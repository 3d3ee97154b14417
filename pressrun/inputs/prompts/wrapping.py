"""The lines of a text before they are read: without comments, front matter and code around it all.

It must not know what lines become.
"""

import re
from collections import Counter

from pressrun.inputs.prompts.blocks import Numbered
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.vocabulary import Role

Skipped = list[tuple[int, str, str]]

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
MARKED = re.compile(r"\s*(?:#{1,6}\s|[-*+\u2022]\s|\d{1,4}[.)]\s|\*\*)\s*\S")
KEY = re.compile(r"([^\W\d_][\w /-]{1,30}):\s+(?=\S)")
_STRUCK = re.compile(
    r"\s*(?:[-*+\u2022]\s+|\d{1,4}[.)]\s+)?(?:\[[ xX]?\]\s+)?~~(?!~)(?:(?!~~).)+~~\s*"
)
_LABEL = 90  # letters of a line in which a label ends, and labels that are looked at
_OFTEN, _SHORT = 2, 12  # times that a key of short values comes, and letters of these
_MOST_LINES = 2_000  # that are looked at for keys


def unwrapped(text: str, skipped: Skipped) -> list[Numbered]:
    """Splits a text into lines, without comments, front matter and code marks around it all.

    Lines that are struck out as a whole are left out, too: their author wants them no more.

    What is left out is added to ``skipped``, with the reason.
    """
    lines = _without_struck(_without_comments(text, skipped), skipped)
    return _without_wrapping(lines, skipped)


def _without_struck(lines: list[Numbered], skipped: Skipped) -> list[Numbered]:
    struck = {number for number, text in lines if "~~" in text and _STRUCK.fullmatch(text)}
    skipped += [(number, text, "struck out") for number, text in lines if number in struck]
    return [(number, "" if number in struck else text) for number, text in lines]


def _without_comments(text: str, skipped: Skipped) -> list[Numbered]:
    def blank(found: re.Match[str]) -> str:
        first = text.count("\n", 0, found.start()) + 1 if len(skipped) < 500 else 0
        skipped.append((first, found[0], "a comment"))
        return "\n" * found[0].count("\n")

    return list(enumerate(_COMMENT.sub(blank, text).split("\n"), 1))


def _without_wrapping(lines: list[Numbered], skipped: Skipped) -> list[Numbered]:
    """Removes a code block around the whole document, or front matter but for its prefix."""
    full = [at for at, (_, text) in enumerate(lines) if text.strip()]
    if len(full) < 3:
        return lines
    first, last = lines[full[0]][1].strip(), lines[full[-1]][1].strip()
    inner = lines[full[0] + 1 : full[-1]]
    fence = re.fullmatch(r"(`{3,}|~{3,})\s*(?:markdown|md|text)?", first)
    if fence and last == fence[1] and not any(t.strip().startswith(fence[1]) for _, t in inner):
        return inner if any(MARKED.match(text) for _, text in inner) else lines
    return _without_front_matter(lines, full, skipped) if first == "---" else lines


def _without_front_matter(
    lines: list[Numbered], full: list[int], skipped: Skipped
) -> list[Numbered]:
    kept: list[Numbered] = []
    for at in full[1:200]:
        number, text = lines[at]
        if text.strip() == "---":
            skipped += [(n, t, "front matter") for n, t in lines[:at] if t.strip(" -")]
            skipped[:] = [left for left in skipped if (left[0], left[1]) not in kept]
            return [*kept, (number, ""), *lines[at + 1 :]]
        if role_of(text.partition(":")[0]) in (Role.PREFIX, Role.SUFFIX, Role.NEGATIVE):
            kept.append((number, text))
        elif not re.match(r"\s+\S|-\s|[\w -]+:", text):
            break
    return lines


def keys_again(lines: list[Numbered]) -> frozenset[str]:
    """Finds the words before colons that begin several lines, if prompts are named so, too."""
    found = (KEY.match(text.strip()[:_LABEL]) for _, text in lines[:_MOST_LINES])
    counts: Counter[str] = Counter()
    sizes: dict[str, list[int]] = {}
    for key in found:
        if key:
            counts[key[1]] += 1
            sizes.setdefault(key[1], []).append(len(key.string) - key.end())
    again = [key for key, count in counts.items() if count > 1]
    short = [key for key in again if counts[key] > _OFTEN and max(sizes[key]) < _SHORT]
    asked = any(role_of(key) in (Role.PROMPT, Role.CONTENT) for key in again[:_LABEL])
    return frozenset(again if asked else short)
