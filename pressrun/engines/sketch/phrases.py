"""The words that the sketch engine puts an order's own words into, read from ``phrases.toml``."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

_ALL = tomllib.loads((files(__package__) / "phrases.toml").read_text("utf-8"))

#: The roles of slides between the hook and the call to action, in order.
BETWEEN = ("problem", "solution", "product", "proof", "how_to")
ROLES = ("hook", *BETWEEN, "call_to_action")
#: Ten sentences a role; where a description has only a name, those of that name alone.
ANGLES: Sequence[Mapping[str, str]] = _ALL["angles"]
BARE: Sequence[Mapping[str, str]] = [
    {role: end.format(words) for role, words in _ALL["bare"].items()} for end in _ALL["bare_ends"]
]
NEUTRAL: Sequence[str] = _ALL["neutral"]
NEUTRAL_BARE: Sequence[str] = _ALL["neutral_bare"]
PHOTOGRAPHIC: Sequence[str] = _ALL["photographic"]
#: Of articles, by what they are in a sentence.
ARTICLE: Mapping[str, Sequence[str]] = _ALL["article"]
#: Words that say nothing of a subject.
COMMON = frozenset(_ALL["common"].split())
#: Said first in every article.
LABEL = (
    "*Sketch draft: put together offline from the words of the order. It says what an article "
    "could treat and states no facts.*"
)


def clip(text: str, most: int) -> str:
    """Cuts a text to at most so many characters, between words where there are any."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return cut[: at if (at := cut.rfind(" ")) > most // 2 else None].rstrip(" ,;:.-") + "…"


def capital(text: str) -> str:
    """Begins a text with a capital letter."""
    return text[:1].upper() + text[1:]
