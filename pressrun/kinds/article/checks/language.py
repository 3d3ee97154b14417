"""Which language a text is written in, found offline by py3langid (a naive Bayes model)."""

import threading
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

_lock = threading.Lock()
# Written forms that differ too little to be distinguished in every text.
_ALIKE = (
    frozenset({"no", "nb", "nn"}),
    frozenset({"hr", "bs", "sr"}),
    frozenset({"id", "ms"}),
    frozenset({"zh", "yue", "wuu"}),
    frozenset({"ar", "ary", "arz"}),
    frozenset({"ku", "sdh"}),
    frozenset({"uz", "uzs"}),
    frozenset({"el", "grc"}),
    frozenset({"he", "hbo"}),
    frozenset({"en", "pcm"}),
)
#: By how much a language has to be likelier a word than the next one (natural logarithm): titles in
#: 20 languages had 1.5 to 28, English lists of brands, dishes, plants and composers up to 0.9.
_SURE = 1.3
_FEWEST_TITLES, _FEWEST_WORDS = 3, 6
_MOST_TITLES, _LONGEST = 200, 300
#: Titles that are judged together: of more, the margin for each word gets smaller.
_AT_ONCE, _NEARLY_ALL = 4, 0.75


def language_of(text: str) -> str:
    """Finds the language's ISO 639-1 code (639-3 if it has no short one); ``zxx`` is none.

    Reliable from about fifty words on.
    """
    code, _ = _identifier().classify(text)
    return str(code)


def is_in(text: str, code: str) -> bool:
    """Says whether a text may be in that language, or in one that is hard to tell from it.

    A language that is not known here cannot be denied.
    """
    found = language_of(text)
    if found == code or code not in known_languages():
        return True
    return is_alike(found, code)


def language_of_titles(titles: Sequence[str]) -> str:
    """Finds the language's code of a list of titles; empty unless that is sure.

    Sure is what nearly all of them say, a few at a time, and what fits each word clearly better
    than any other language. Names of brands, plants and dishes do not, wherever they come from.
    """
    some = [title[:_LONGEST] for title in titles[:_MOST_TITLES]]
    if len(some) < _FEWEST_TITLES:
        return ""
    parts = max(1, len(some) // _AT_ONCE)
    said = Counter(_surely(some[start::parts]) for start in range(parts))
    code, count = said.most_common(1)[0]
    return code if count >= _NEARLY_ALL * parts else ""


def _surely(titles: Sequence[str]) -> str:
    words = sum(len(title.split()) for title in titles)
    (found, likely), *others = _identifier().rank(". ".join(titles))
    next_likely = next(value for code, value in others if not is_alike(found, code))
    return str(found) if likely - next_likely >= _SURE * max(words, _FEWEST_WORDS) else ""


def is_alike(one: str, other: str) -> bool:
    """Says whether two languages are one, or hard to tell from each other."""
    return one == other or any({one, other} <= group for group in _ALIKE)


def known_languages() -> frozenset[str]:
    """Lists the codes of all languages that are distinguished."""
    return frozenset(_identifier().labels)


def _identifier() -> Any:
    with _lock:  # two threads would load it twice
        return _load()


@lru_cache(maxsize=1)
def _load() -> Any:
    # Imported here: loading takes half a second and 30 MB. By name: it comes without types.
    langid = import_module("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
