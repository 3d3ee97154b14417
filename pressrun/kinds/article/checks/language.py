"""Which language a text is written in, found offline by py3langid (a naive Bayes model)."""

import threading
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
)


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
    return any({found, code} <= group for group in _ALIKE)


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
