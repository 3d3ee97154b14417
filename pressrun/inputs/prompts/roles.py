"""What the words around prompts say: which label is a level, a style for all, a note.

Works on short strings alone. It must not know where in a document they stand.
"""

import re
from functools import lru_cache

from pressrun.inputs.prompts.levels import is_level, without_number
from pressrun.inputs.prompts.remarks import role_for_all
from pressrun.inputs.prompts.vocabulary import (
    BASE,
    CONTENT,
    DETAIL,
    MAKING,
    OWN,
    PARTS,
    PROMPT,
    PROMPTS,
    SMALL,
    WITH,
    Role,
)

_NUMBERED = re.compile(
    r"(?:(?:ai|final|the)\s+)?(?:(?:image|picture|photo|prompt|task|item|entry|img|pic|no|nr|number|"
    r"imagen|imagem|bild|foto|prompt de imagen)s?\b\.?\s*)?"
    r"[#\u2116(]?\s*\d{1,4}\s*\)?(?:\s*(?:of|/)\s*\d{1,4})?[.:)]?",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(
    r"(?:prompt|промпт|提示词)\s*[#\u2116]?\s*\d{1,4}\s*(?:[:.)\u2013\u2014|]|-\s|\uff1a)?\s*(?=\S)",
    re.IGNORECASE,
)
#: Lists of what people have to do, or have done.
_TO_DO = re.compile(
    r"(?:(?:my|our|open|team|offene|noch|still)\s+)*(?:to[- ]?dos?|action (?:items|points)|"
    r"aufgaben|punkte|zu erledigen|erledigt|done|\u00e0 faire|tareas|pendientes|por hacer|tarefas|"
    r"a fazer|da fare|te doen)(?:[- ](?:lists?|liste))?",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\.(?:mp3|wav|ogg|m4a)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ASIDE = re.compile(r"\([^()]{0,200}\)|\uff08[^\uff08\uff09]{0,200}\uff09|\[[^\[\]]{0,200}\]")
_MARKS = " \t:\uff1a.*_#-\u2013\u2014`~>=|"
_LONG = 90


@lru_cache(maxsize=4096)
def role_of(label: str) -> Role:
    """Finds what a label announces."""
    if len(label) > _LONG:
        return Role.GROUP
    if said := role_for_all(label):
        return said
    bare = without_number(_ASIDE.sub(" ", label).strip(_MARKS)).strip(_MARKS)
    if is_level(bare) or bare.casefold() in ("level", "lv", "lvl", "stufe", "niveau", "nivel"):
        return Role.LEVEL
    if _SOUND.search(bare) or _TO_DO.fullmatch(bare):
        return Role.NOTE
    if not bare or _NUMBERED.fullmatch(bare):
        return Role.NUMBER
    given = [word.casefold() for word in _WORD.findall(bare.replace("_", " "))]
    return _role_of_words(given, bare) if 0 < len(given) < 10 else Role.GROUP


def _role_of_words(said: list[str], bare: str) -> Role:
    given = frozenset(said)
    for role, parts in PARTS:
        if any(part in bare.casefold() for part in parts.split()):
            return role
    return _role_by_own(said, given) or _prompt_role(said, given) or _role_by_place(said, given)


def _role_by_own(said: list[str], given: frozenset[str]) -> Role | None:
    for role, own in OWN.items():
        known = own | SMALL | WITH.get(role, frozenset())
        if given & own and given <= known and (role is not Role.NUMBER or len(said) < 3):
            return role
    return None


def _prompt_role(said: list[str], given: frozenset[str]) -> Role | None:
    """Finds the role of a label that has the word prompt in it."""
    if not given & (PROMPT | PROMPTS):
        return None
    if given & BASE and given <= SMALL | BASE | PROMPT | PROMPTS:
        return Role.PREFIX
    if given & (OWN[Role.NOTE] | MAKING):
        return None
    if given & PROMPTS:
        return Role.PROMPTS
    return Role.PROMPT if said[-1] in PROMPT or said[0] in PROMPT else None


def _role_by_place(said: list[str], given: frozenset[str]) -> Role:
    """Finds the role that the first or last word of a label gives, or that all of them are of."""
    beginnings = OWN[Role.NOTE] - {"about", "next", "rules", "tip", "tips"}
    first_says = said[0] in beginnings or said[:2] == ["how", "to"]
    if first_says or (said[-1] in OWN[Role.NOTE] and len(said) < 4):
        return Role.NOTE
    for role, own in ((Role.CONTENT, CONTENT), (Role.DETAIL, DETAIL)):
        if given & own and given <= own | SMALL:
            return role
    return Role.GROUP


def numbered_name(title: str) -> tuple[bool, str]:
    """Says whether a title is "Prompt 3" with a name behind it; returns the name."""
    found = _NUMBER_FIRST.match(title)
    return (True, title[found.end() :].strip()) if found else (False, title)
