"""What the words around prompts say: which label is a level, a prefix, a note.

Works on short strings alone. It must not know where in a document they stand (see
:mod:`pressrun.inputs.prompts.structure`).
"""

import re
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a label announces; ``GROUP`` for a name that only its author knows."""

    PROMPT = "prompt"
    PREFIX = "prefix"
    LEVEL = "level"
    CATEGORY = "category"
    TAGS = "tags"
    NAME = "name"
    NUMBER = "number"
    NOTE = "note"
    GROUP = "group"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A label is of a role if it has one of the role's words and, beside them, only small words.
_SMALL = _words(
    """a all an and any applied apply applies as at be before below by card cards document each
    every everything file final first following for full general global here i icon icons image
    images in is item items line list main must my of on one our picture prompt prompts set shared
    should slide slides task tasks text that the them these this to use used using with your"""
)
_OWN = {
    Role.PREFIX: _words("prefix prefixes preamble style prepend"),
    Role.NOTE: _words(
        """about avoid caution changelog checklist comment comments contents context credits
        deliverables disclaimer exclude faq glossary guideline guidelines hint hints important info
        information instruction instructions intro introduction nb note notes overview ps readme
        reference references remember reminder requirement requirements rules specification
        specifications specs summary tip tips tldr todo usage warning"""
    ),
    Role.CATEGORY: _words("categories category group section theme type"),
    Role.TAGS: _words("keyword keywords label labels tag tags"),
    Role.NAME: _words("asset character concept filename name product sku sprite subject title"),
    Role.NUMBER: _words("id index no nr number order position"),
}
_WITH = {
    Role.PREFIX: _words(
        """art base begin block common default drawing graphic guide illustration look master
        overall rendering start visual visuals"""
    ),
    Role.NOTE: _words(
        """additional artist author background batch client design designer designers editor export
        extra format generation how implementation internal key legal license output production
        project quick review reviewer side special table team technical"""
    ),
}
_PROMPT = _words(
    "desc description idea image picture prompt prompts scene task text visual visuals"
)
_PROMPT_WITH = _words("ai art final full generation specific the")
# "Base prompt": a prompt that goes before all the others. "All prompts should start with": too.
_BASE = _words("base common default general global master shared")
_BEGIN = _words("begin start")
#: Settings that people write beside prompts, and a batch takes elsewhere.
_SETTING = re.compile(
    r"(?:negative(?: prompts?)?|suffix|aspect(?: ratio)?|ratio|size|resolution|dimensions?|seed|"
    r"model|steps|cfg(?: scale)?|sampler|quality|format|file ?name|status|priority|due|deadline|"
    r"owner|assignee|author|date|version|platform|channel|cost|rarity)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:(?:image|picture|photo|prompt|task|item|entry|img|pic|no|nr|number)s?\b\.?\s*)?"
    r"[#\u2116(]?\s*\d{1,4}\s*\)?(?:\s*(?:of|/)\s*\d{1,4})?[.:)]?",
    re.IGNORECASE,
)
_LEADING_NUMBER = re.compile(r"(?:#?\d{1,4}(?:\.\d{1,3})*[.)]|#\d{1,4}[:.)]?|\(\d{1,4}\))\s+")
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
_LEVEL = rf"(?<!\w)(?:level|lvl|lv|lev)\.?\s*[#:_-]?\s*{_NUMBER}"
_IS_LEVEL = re.compile(rf"[\s(\[]*(?:{_LEVEL}|l\s?(\d{{1,2}}))[\s)\].:]*", re.IGNORECASE)
_LEVEL_IN = re.compile(rf"[\s,;:|/(\[\u2013\u2014-]*{_LEVEL}[\s)\]]*", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"[(\[]?{_LEVEL}\s*[)\]]?", re.IGNORECASE)
_LEVEL_LAST = re.compile(
    rf"\s*(?:[(\[]\s*{_LEVEL}\s*[)\]]|(?:\s[\u2013\u2014|-]|,)\s*{_LEVEL})\s*\.?$", re.IGNORECASE
)

_META_START = re.compile(
    r"(?:here(?: (?:are|is|come|follow)|['\u2019]s)\b|my (?:list|prompts)\b|the following|"
    r"these (?:are|images|prompts|icons|cards|will)\b|(?:see )?below|"
    r"this (?:is|document|file|list|set|batch|sheet|page|pack|section|collection|doc)\b|"
    r"please\b|hi\b|hello\b|hey\b|dear\b|thanks\b|thank you[ ,.!]|cheers\b|regards\b|let me know|"
    r"(?:sure|of course|certainly)[,!]|i (?:need|want|would|have|am|made|think)\b|"
    r"i['\u2019](?:d|m|ve|ll)\b|we (?:need|want|are|will|have|use|would)\b|"
    r"we['\u2019](?:re|ll|ve|d)\b|you (?:can|should|will|may|need)\b|"
    r"(?:all|each|every) (?:of )?(?:the |these |our )?(?:images?|prompts?|pictures?|icons?|cards?|"
    r"assets?|items?|levels?|sprites?|photos?|category|section|entry|renders?)\b|"
    r"(?:note|notes|nb|n\.b\.|tip|tips|important|remember|reminder|todo|ps|p\.s\.|fyi|warning|"
    r"disclaimer|caution|attention)\s*[:!\u2013\u2014-]|"
    r"(?:remember|make sure|be sure|keep in mind|feel free|do not|don['\u2019]t|ensure|avoid) |"
    r"a (?:set|list|collection|batch|series|pack) of (?:\w+ )?(?:prompts|tasks|images to)\b|"
    r"(?:last )?updated\b|version \d|author:|end of (?:list|document|file|prompts))",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:copy|paste|use|generate|create|make|draw|render|add|put|apply|produce|design|run|try|list|"
    r"prompts?|images?|tasks?|to do|the (?:prompts|images|list|tasks))\b",
    re.IGNORECASE,
)
_META_IN = re.compile(
    r"\b(?:prompts? (?:below|above|for|are|is|list)|the following|as follows|listed below|"
    r"images? below|(?:these|those|the|our|your|following) (?:prompts|images)|image prompts|"
    r"this (?:document|batch|list)|(?:will|should|must) be (?:used|generated|rendered|made|created|"
    r"exported|delivered|square)|let me know|deadline|deliver(?:ed|ables?)? (?:by|as|in))\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def role_of(label: str) -> Role | None:
    """Finds what a label announces; None for a setting that a batch takes elsewhere."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", label).strip(" \t:.*_#-\u2013\u2014`")
    if is_level(bare) or bare.casefold() in ("level", "lv", "lvl"):
        return Role.LEVEL
    if _SETTING.fullmatch(bare):
        return None
    if _NUMBERED.fullmatch(bare):
        return Role.NUMBER
    if not bare:
        return Role.NUMBER  # the column "#"
    given = frozenset(word.casefold() for word in _WORD.findall(bare))
    return _role_of_words(given) if 0 < len(given) < 10 else Role.GROUP


def _role_of_words(given: frozenset[str]) -> Role:
    if given & _PROMPT and given <= _PROMPT | _PROMPT_WITH:
        return Role.PROMPT
    for role, own in _OWN.items():
        if given & own and given <= own | _SMALL | _WITH.get(role, frozenset()):
            return role
    before_all = given & _BEGIN or (given & _BASE and given & {"prompt", "prompts"})
    if before_all and given <= _SMALL | _BASE | _BEGIN:
        return Role.PREFIX
    return Role.GROUP


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
    rest = f"{label[: found.start()]} {label[found.end() :]}"
    return rest.strip(" \t:,;|/-\u2013\u2014"), _written(found)


def says_nothing(label: str) -> bool:
    """Says whether these are small words and no name: ``cards`` of ``Level 1 cards``."""
    return _SMALL.issuperset(_WORD.findall(label))


def is_level(label: str) -> bool:
    """Says whether a label is a level and nothing else."""
    return bool(_IS_LEVEL.fullmatch(label))


def cut_first_level(text: str) -> tuple[str, str]:
    """Cuts a level off the beginning of a text; returns it and what follows."""
    found = _LEVEL_FIRST.match(text)
    return (_written(found), text[found.end() :]) if found else ("", text)


def cut_last_level(text: str) -> tuple[str, str]:
    """Cuts off a level that is set apart at a text's end; returns the text and the level."""
    found = _LEVEL_LAST.search(text)
    return (text[: found.start()], _written(found)) if found else (text, "")


def without_number(title: str) -> str:
    """Removes the number before a heading or label: ``2. Armour``."""
    return _LEADING_NUMBER.sub("", title, count=1).strip()


def is_commentary(text: str) -> bool:
    """Says whether a sentence is about the prompts and no prompt itself."""
    start = text.lstrip(" *_(\"'\u201c")
    return bool(_META_START.match(start)) or bool(_META_IN.search(text)) or text.endswith(":")


def is_announcement(label: str) -> bool:
    """Checks whether words before a colon say what to do with what follows, and name nothing."""
    return bool(_ANNOUNCES.match(label)) or is_commentary(label)


def word_count(text: str) -> int:
    """Counts the words of a text; a script without spaces counts two letters a word."""
    return max(len(text.split()), sum(ord(char) > 0x2E7F for char in text) // 2)


def _written(found: re.Match[str]) -> str:
    number = next(group for group in found.groups() if group).casefold()
    return f"Level {_NUMERALS.get(number) or int(number)}"
