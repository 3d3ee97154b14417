"""What the words around prompts say: which label is a level, a prefix, a note, a column.

Works on short strings alone. It must not know where in a document they stand (see
:mod:`pressrun.inputs.prompts_structure`).
"""

import re
from dataclasses import dataclass
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


# A label is of a role if it has one of the role's words and, beside them, only small words.
_SMALL = frozenset(
    "a all an and any applied apply applies as at be before below by card cards document each every "
    "everything file final first following for full general global here i icon image images in is "
    "item items line list main my of on one our picture prompt prompts set shared slide slides task "
    "tasks text that the them these this to use used using with your".split()
)
_WORDS: dict[Role, frozenset[str]] = {
    Role.PREFIX: frozenset({"prefix", "prefixes", "style", "preamble"}),
    Role.NOTE: frozenset(
        "about caution changelog checklist comment comments contents context credits deliverables "
        "disclaimer faq glossary guideline guidelines important info information instruction "
        "instructions intro introduction legend nb note notes overview ps readme reference "
        "references reminder remember requirement requirements rules specs specification "
        "specifications summary tip tips tldr todo usage warning avoid exclude hint hints".split()
    ),
    Role.CATEGORY: frozenset({"category", "categories", "section", "group", "theme", "type"}),
    Role.TAGS: frozenset({"tag", "tags", "keyword", "keywords", "label", "labels"}),
    Role.NAME: frozenset(
        "name title asset product character subject sku sprite concept filename".split()
    ),
    Role.NUMBER: frozenset({"no", "nr", "number", "id", "order", "position", "index"}),
}
_WITH = {
    Role.PREFIX: frozenset(
        "art base common default drawing graphic illustration master overall visual rendering "
        "visuals start begin block guide look".split()
    ),
    Role.NOTE: frozenset(
        "additional artist author background batch client design designer designers editor extra "
        "how implementation internal key legal output production project quick review reviewer "
        "side special table team technical usage generation export format license".split()
    ),
}
#: "Base prompt", "Global prompt": a prompt that goes before all the others.
_BASE = frozenset({"base", "common", "global", "master", "shared", "general", "default"})
_PROMPT = frozenset(
    "prompt prompts description desc text idea scene visual visuals image picture instruction".split()
)
_PROMPT_WITH = frozenset("ai full generation image specific picture final the visual art".split())
#: Settings that people write beside prompts, and this batch takes elsewhere.
_SETTINGS = re.compile(
    r"(?:negative(?: prompts?)?|suffix|aspect(?: ratio)?|ratio|size|resolution|dimensions?|seed|"
    r"model|steps|cfg(?: scale)?|sampler|quality|format|file ?name|status|priority|due|deadline|"
    r"owner|assignee|author|date|version|platform|channel|cost|rarity)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:(?:image|picture|photo|prompt|task|item|entry|img|pic|no|nr|number)s?\b\.?\s*)?"
    r"[#№(]?\s*\d{1,4}\s*\)?(?:\s*(?:of|/)\s*\d{1,4})?[.:)]?|(?:image|img|prompt|task)s?",
    re.IGNORECASE,
)
_LEADING_NUMBER = re.compile(r"(?:#?\d{1,4}(?:\.\d{1,3})*[.)]|#\d{1,4}[:.)]?|\(\d{1,4}\))\s+")

_NUMERALS = {
    **{numeral: n for n, numeral in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)},
    **{
        word: n
        for n, word in enumerate(
            "one two three four five six seven eight nine ten".split(), 1
        )
    },
}
_LEVEL_WORD = r"(?:level|lvl|lv|lev)"
_LEVEL_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})"
_LEVEL = rf"(?<![\w]){_LEVEL_WORD}\b?\.?\s*[#:_-]?\s*({_LEVEL_NUMBER})(?![\w])"
_IS_LEVEL = re.compile(rf"[\s(\[]*{_LEVEL}[\s)\].:]*|[\s(\[]*l\s?(\d{{1,2}})[\s)\].:]*", re.IGNORECASE)
_LEVEL_IN = re.compile(rf"[\s,;:|/(\[\u2013\u2014-]*{_LEVEL}[\s)\]]*", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"[(\[]?{_LEVEL}\s*[)\]]?", re.IGNORECASE)
_LEVEL_LAST = re.compile(
    rf"\s*(?:[(\[]\s*{_LEVEL}\s*[)\]]|\s[\u2013\u2014|-]\s*{_LEVEL}|,\s*{_LEVEL})\s*\.?$",
    re.IGNORECASE,
)

_META_START = re.compile(
    r"(?:here (?:are|is|come|follow)|these (?:are|images|prompts|icons|cards|will)|this (?:is|"
    r"document|file|list|set|batch|sheet|page|pack|section|collection|doc)\b|the following|"
    r"(?:see )?below|please\b|hi\b|hello\b|hey\b|dear\b|thanks\b|thank you\b[ ,.!]|cheers\b|regards\b|"
    r"let me know|sure[,!]|of course[,!]|certainly[,!]|i (?:need|want|would|have|am|made|think)\b|"
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
_META_IN = re.compile(
    r"\b(?:prompts? (?:below|above|for|are|is|list)|the following|as follows|listed below|"
    r"images? below|(?:these|those|the|our|your|following) (?:prompts|images)|image prompts|"
    r"this (?:document|batch|list)|(?:will|should|must) be (?:used|generated|rendered|made|created|"
    r"exported|delivered|square)|let me know|deadline|deliver(?:ed|ables?)? (?:by|as|in))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


@lru_cache(maxsize=4096)
def role_of(label: str) -> Role | None:
    """What a label announces; None for a setting that this batch takes elsewhere."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", label).strip(" \t:.*_#-\u2013\u2014`")
    if find_level(bare) and _IS_LEVEL.fullmatch(bare) or bare.casefold() in ("level", "lv", "lvl"):
        return Role.LEVEL
    if _SETTINGS.fullmatch(bare):
        return None
    words = [word.casefold() for word in _WORD.findall(bare)]
    if len(words) > 9 or not words:
        return Role.NUMBER if bare and _NUMBERED.fullmatch(bare) else Role.GROUP
    return _role_of_words(words, bare)


def _role_of_words(words: list[str], bare: str) -> Role:
    if _NUMBERED.fullmatch(bare) and any(char.isdigit() for char in bare):
        return Role.NUMBER
    given = set(words)
    if given <= _PROMPT | _PROMPT_WITH | {"1"} and given & _PROMPT and not given & _BASE:
        return Role.PROMPT
    for role, own in _WORDS.items():
        if given & own and given <= own | _SMALL | _WITH.get(role, frozenset()):
            return role
    if given & _BASE and given & {"prompt", "prompts"} and given <= _BASE | _SMALL:
        return Role.PREFIX
    if given & {"start", "begin", "prepend"} and given <= _SMALL | {"start", "begin", "prepend", "should", "must"}:
        return Role.PREFIX
    return Role.GROUP


def find_level(text: str) -> str:
    """``Level 2`` for ``Lv. 2``, ``level two`` or ``L2`` anywhere in a label; else empty."""
    found = _IS_LEVEL.fullmatch(text) or _LEVEL_IN.search(text)
    return _written(found) if found else ""


def level_value(text: str) -> str:
    """The level that stands in a column or field of its own: ``2`` is ``Level 2``."""
    if level := find_level(text):
        return level
    bare = text.strip().casefold()
    if bare.isdecimal() or bare in _NUMERALS:
        return f"Level {_NUMERALS.get(bare) or int(bare)}"
    return text.strip()


def split_level(label: str) -> tuple[str, str]:
    """A label without the level in it, and the level: ``Quick Feet (Lv. 2)``."""
    if is_level(label):
        return "", find_level(label)
    found = _LEVEL_IN.search(label)
    if not found:
        return label.strip(), ""
    rest = f"{label[: found.start()]} {label[found.end() :]}"
    return rest.strip(" \t:,;|/-\u2013\u2014"), _written(found)


def is_level(label: str) -> bool:
    """Whether a label is a level and nothing else."""
    return bool(_IS_LEVEL.fullmatch(label))


def cut_first_level(text: str) -> tuple[str, str]:
    """A level at the beginning of a text, and what follows."""
    found = _LEVEL_FIRST.match(text)
    return (_written(found), text[found.end() :]) if found else ("", text)


def cut_last_level(text: str) -> tuple[str, str]:
    """A text without a level that is set apart at its end, and that level."""
    found = _LEVEL_LAST.search(text)
    return (text[: found.start()], _written(found)) if found else (text, "")


def without_number(title: str) -> str:
    """A heading or label without the number before it: ``2. Armour``."""
    return _LEADING_NUMBER.sub("", title, count=1).strip()


def is_commentary(text: str) -> bool:
    """Whether a sentence is about the prompts and no prompt itself."""
    start = text.lstrip(" *_(\"'\u201c")
    return bool(_META_START.match(start)) or bool(_META_IN.search(text)) or text.endswith(":")


def word_count(text: str) -> int:
    """How many words a text has; a script without spaces counts two letters a word."""
    return max(len(text.split()), sum(ord(char) > 0x2E7F for char in text) // 2)


def _written(found: re.Match[str]) -> str:
    number = next(group for group in found.groups() if group).casefold()
    return f"Level {_NUMERALS.get(number) or int(number)}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table stand.

    Attributes:
        prompts: Place of each column with prompts and the level that its title names.
    """

    prompts: tuple[tuple[int, str], ...]
    level: int | None = None
    category: int | None = None
    names: tuple[int, ...] = ()
    tags: int | None = None
    prefix: int | None = None
    known: bool = False


def find_columns(titles: list[str], weights: list[float]) -> Columns:
    """The columns by their titles; without a title that says so, the longest texts are prompts.

    Args:
        titles: Of the table's head.
        weights: Mean length of each column's texts.
    """
    roles = [role_of(title) if title.strip() else None for title in titles]
    levels = [(at, find_level(title)) for at, title in enumerate(titles) if is_level(title)]
    first = _first_of(roles)
    prompts = [at for at, role in enumerate(roles) if role is Role.PROMPT]
    known = bool(prompts) or len(levels) > 1
    if len(prompts) > 1:  # "Prompt" and "Description": one of them asks, the other tells
        named = [at for at in prompts if "prompt" in titles[at].casefold()]
        prompts = (named or [max(prompts, key=lambda at: weights[at])])[:1]
    if len(levels) > 1 and not prompts:
        chosen = tuple(levels)
    elif prompts:
        chosen = ((prompts[0], ""),)
    else:
        free = [at for at, role in enumerate(roles) if role in (Role.GROUP, Role.NAME, None)]
        free = [at for at in free if titles[at].strip() or not any(t.strip() for t in titles)]
        at = max(free or range(len(titles)), key=lambda at: weights[at])
        chosen = ((at, ""),)
    taken = {at for at, _ in chosen}
    names = tuple(
        at
        for at, role in enumerate(roles)
        if at not in taken and role in (Role.NAME, Role.GROUP) and titles[at].strip()
    )
    return Columns(
        chosen,
        level=None if len(levels) > 1 else first.get(Role.LEVEL),
        category=first.get(Role.CATEGORY),
        names=names,
        tags=first.get(Role.TAGS),
        prefix=first.get(Role.PREFIX),
        known=known,
    )


def _first_of(roles: list[Role | None]) -> dict[Role, int]:
    found: dict[Role, int] = {}
    for at, role in enumerate(roles):
        if role is not None:
            found.setdefault(role, at)
    return found
