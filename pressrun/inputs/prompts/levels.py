"""Levels and numbers in labels: ``Lv. 2``, ``level two``, ``(L2)``, ``2. Armour``.

Works on short strings alone.
"""

import re

from pressrun.inputs.prompts.vocabulary import SMALL

_LEADING_NUMBER = re.compile(
    r"(?:#?\d{1,4}(?:\.\d{1,3})*[.)]|\d{1,4}\.\d{1,3}|#\d{1,4}[:.)]?|\(\d{1,4}\))\s+"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_NUMERALS = {
    numeral: number
    for numerals in (
        "i ii iii iv v vi vii viii ix x",
        "one two three four five six seven eight nine ten",
    )
    for number, numeral in enumerate(numerals.split(), 1)
}
_NUMBER = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})(?!\w)"
_LEVEL = rf"(?<!\w)(?:level|lvl|lv|lev)\.?\s{{0,9}}[#:_-]?\s{{0,9}}{_NUMBER}"
_IS_LEVEL = re.compile(rf"[\s(\[]*(?:{_LEVEL}|l\s?(\d{{1,2}}))[\s)\].:]*", re.IGNORECASE)
_LEVEL_IN = re.compile(rf"{_LEVEL}", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"[(\[]?{_LEVEL}\s?[)\]]?", re.IGNORECASE)
_LEVEL_LAST = re.compile(
    rf"(?:[(\[]\s?{_LEVEL}\s?[)\]]|(?:\s[\u2013\u2014|-]|,)\s?{_LEVEL})\s?\.?$", re.IGNORECASE
)

_LEVEL_ENDS = (
    *"0123456789ivx",
    "one",
    "two",
    "three",
    "our",
    "ive",
    "six",
    "ven",
    "ght",
    "ine",
    "ten",
)


def find_level(text: str) -> str:
    """Finds ``Lv. 2``, ``level two`` or ``L2`` anywhere in a label, as ``Level 2``; else empty."""
    found = _IS_LEVEL.fullmatch(text) or _LEVEL_IN.search(text)
    return _written(found) if found else ""


def level_value(text: str) -> str:
    """Reads the level that stands in a column or field of its own: ``2`` is ``Level 2``."""
    if level := find_level(text):
        return level
    bare = text.strip().casefold()
    if bare.isdecimal() or bare in _NUMERALS:
        return f"Level {_NUMERALS.get(bare) or int(bare)}"
    return text.strip()


def split_level(label: str) -> tuple[str, str]:
    """Splits a label into what is no level, and the level: ``Quick Feet (Lv. 2)``."""
    if is_level(label):
        return "", find_level(label)
    found = _LEVEL_IN.search(label)
    if not found:
        return label.strip(), ""
    before = label[: found.start()].rstrip(" \t:,;|/-\u2013\u2014([")
    after = label[found.end() :].lstrip(" \t:,;|/-\u2013\u2014)]")
    name = f"{before} {after}".strip()
    return ("" if SMALL.issuperset(_WORD.findall(name)) and not before else name), _written(found)


def is_level(label: str) -> bool:
    """Says whether a label is a level and nothing else."""
    return bool(_IS_LEVEL.fullmatch(label))


def cut_first_level(text: str) -> tuple[str, str]:
    """Cuts a level off the beginning of a text; returns it and what follows."""
    found = _LEVEL_FIRST.match(text)
    return (_written(found), text[found.end() :]) if found else ("", text)


def cut_last_level(text: str) -> tuple[str, str]:
    """Cuts off a level that is set apart at a text's end; returns the text and the level."""
    at = max(0, len(text) - 40)
    if not text[-4:].rstrip(" )].").lower().endswith(_LEVEL_ENDS):
        return text, ""
    found = _LEVEL_LAST.search(text, at)
    return (text[: found.start()].rstrip(), _written(found)) if found else (text, "")


def without_number(title: str) -> str:
    """Removes the number before a heading or label: ``2. Armour``."""
    return _LEADING_NUMBER.sub("", title, count=1).strip()


def _written(found: re.Match[str]) -> str:
    number = next(group for group in found.groups() if group).casefold()
    return f"Level {_NUMERALS.get(number) or int(number)}"
