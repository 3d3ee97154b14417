"""The language of a text, as far as its commonest words or its script give it away.

Prompts are often in another language than the words around them; that tells them apart whatever
the structure.
"""

import re
from collections import Counter
from functools import lru_cache

from pressrun.inputs.prompts.vocabulary import words

#: Words that come in nearly every sentence of a language and in few of another.
_COMMON = {
    "en": words("the and with of for is are this that from you your it on by at an into its"),
    "es": words("el los las del una con por para y que es al su como sin este esta"),
    "pt": words("os uma com por para que da dos das na em ao aos seu sua não um pelo pela"),
    "fr": words("le les des du une avec pour et est dans sur au aux ce cette sans vous qui un"),
    "it": words("il gli della del una con per di che sono nel nella alla questo senza"),
    "de": words("der die das und mit ein eine einer einem im auf ist für den von zu nicht als"),
    "nl": words("het een van met voor de en op zijn niet dat bij aan deze"),
}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 1_000  # letters that are looked at


@lru_cache(maxsize=4096)
def tongue(text: str) -> str:
    """Names the language of a text, as ``en``; empty where nothing gives it away."""
    text = text[:_LONGEST].casefold()
    letters = sum(map(str.isalpha, text))
    if not text.isascii():
        for name, script in _SCRIPTS:
            # A letter of such a script says more than one of an alphabet; names stay in theirs.
            if letters and len(script.findall(text)) > 0.2 * letters:
                return name
    given = Counter(_WORD.findall(text))
    hits = {name: sum(given[word] for word in common) for name, common in _COMMON.items()}
    (best, most), (_, next_most) = sorted(hits.items(), key=lambda hit: -hit[1])[:2]
    return best if most >= 2 and most > 1.5 * next_most else ""


def spoken(texts: list[str]) -> str:
    """Names the language of nearly all texts; empty if they are of several, or none is known."""
    known = Counter(filter(None, map(tongue, texts)))
    if not known:
        return ""
    name, most = known.most_common(1)[0]
    return name if most >= 0.7 * known.total() else ""
