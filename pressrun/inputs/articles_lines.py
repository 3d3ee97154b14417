"""Pasted lines of articles: one item a line, or whole texts between lines of ``---``."""

import re
from collections.abc import Iterator, Sequence

from pressrun.inputs.articles_fields import Fields

_BULLET = re.compile(
    r"\s*(?:[-*+\u2022\u00b7\u2023\u25e6\u25aa\u2013\u2014]\s+(?:\[[ xX]?\]\s+)?"
    r"|\(?[0-9]{1,3}[.)]\s+)"
)
_RULE = re.compile(r"\s*-{3,}\s*")
_FIELDS = {"topic": "topic", "keywords": "primary", "trends": "feed"}

Numbered = tuple[int, str]


def read_lines(text: str, mode: str) -> list[Fields]:
    """The items of a text without a head, numbered by their lines."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    numbered = list(enumerate(lines, 1))
    if mode == "spin":
        return [found for block in _blocks(numbered) for found in _sources(block)]
    return [_item(line, words, mode) for line, words in numbered if _bare(words)]


def _item(line: int, words: str, mode: str) -> Fields:
    words = _bare(words)
    if "\t" in words and mode != "keywords":
        return Fields(
            line,
            {_FIELDS[mode]: words.partition("\t")[0]},
            "There are several columns. Put a row with their names above, or keep one.",
        )
    return Fields(line, {_FIELDS[mode]: words})


def _bare(words: str) -> str:
    """A line without the bullet or number of a list; empty if nothing else is there."""
    mark = _BULLET.match(words + " ")
    return "" if _RULE.fullmatch(words) else words[mark.end() if mark else 0 :].strip()


def _blocks(lines: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """The texts between rules, without their blank ends; nothing where a text is blank."""
    block: list[Numbered] = []
    for line, words in [*lines, (0, "---")]:
        if not _RULE.fullmatch(words):
            if block or words.strip():
                block.append((line, words))
        elif block:
            yield block
            block = []


def _sources(block: Sequence[Numbered]) -> list[Fields]:
    """One text; or one source a line, where no line has more than one word, as URLs have not."""
    bare = [(line, _bare(words)) for line, words in block if _bare(words)]
    if not bare:
        return []
    if all(len(words.split()) == 1 and words.isascii() for _, words in bare):
        return [Fields(line, {"source": words}) for line, words in bare]
    return [Fields(block[0][0], {"source": "\n".join(words for _, words in block)})]
