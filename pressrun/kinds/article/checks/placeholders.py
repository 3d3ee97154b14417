"""Words that a model leaves where something is still to be written, or in place of an article.

Careful with what only looks so: a to-do list, and an article on templates or on naming a company,
are good prose.
"""

import re
from collections.abc import Iterator

_INSENSITIVE = re.IGNORECASE | re.MULTILINE
_FILL_IN = (
    r"(?:insert|add|enter|include|fill in|replace|write|describe)\s"
    r"|your\s+(?:\w+\s+)?(?:name|company|brand|business|product|city|e-?mail|address|phone|website"
    r"|url|link|title|keyword|topic|text|content)\b"
    r"|(?:company|brand|business|client|product|author|first|last)\s+name\]"
    r"|(?:name|placeholder|tbd|tbc|todo)\]|placeholder\b|todo\s*:"
)
_MARKS = (
    re.compile(r"\blorem ipsum\b", _INSENSITIVE),
    re.compile(rf"\[(?:{_FILL_IN})[^\[\]\n]{{0,120}}\]?", _INSENSITIVE),
    re.compile(r"<(?:insert|your|add|enter)\s[^<>\n]{1,80}>", _INSENSITIVE),
    re.compile(r"\{\{\s*[\w. ]{1,60}\s*\}\}"),
    re.compile(
        r"\byour (?:company|brand|business|product) name (?:here|goes here)\b", _INSENSITIVE
    ),
    # A capital in the middle of a sentence: the words stand for a name.
    re.compile(r"(?<=[a-z,] )Your (?:[Cc]ompany|[Bb]rand|[Bb]usiness) [Nn]ame\b"),
    re.compile(r"\bYour (?:Company|Brand|Business) Name\b"),
    re.compile(
        r"[\[(](?:\u2026|\.{3})?\s*(?:to be )?continued"
        r"(?: (?:in|from|on) (?:the )?(?:next|previous|following|part)\b[^\])\n]{0,40})?[\])]"
        r"|(?:\u2026|\.{3})\s*(?:to be )?continued\W*$",
        _INSENSITIVE,
    ),
    re.compile(r"\[(?:the )?(?:rest|remainder) of (?:the |this )?(?:article|text)\b", _INSENSITIVE),
    # In quotation marks it is spoken of, not said.
    re.compile(
        r"(?<![\"'\u2018\u201c\u201e\u00ab])\bas an? (?:ai|artificial intelligence|large language)"
        r"(?: language)?(?: model| assistant)?,? (?:i|developed|created|trained)\b"
        r"|(?<![\"'\u2018\u201c\u201e\u00ab])\bas an? (?:ai|large) language model\b",
        _INSENSITIVE,
    ),
)
# Upper case alone is a marker; "TODO list" and "TODO comments" are spoken of.
_TODO = re.compile(
    r"\b(?:TODO|FIXME|TBD)\b"
    r"(?!['\u2019]?s\b|[ -](?:lists?|apps?|comments?|items?|markers?|tags?|notes?)\b)"
)
_TODO_MARK = re.compile(r"(?:^|[\[(<*]\s*)(?:TODO|FIXME|TBD)\b\s*[:\])>]", re.MULTILINE)
#: Where TODO is a word ("all").
_ALL_SAY_TODO = frozenset({"es", "pt", "gl", "ext", "an"})
_REFUSAL = re.compile(
    r"\W*+(?:(?:i['\u2019]?m|i am|we are|we['\u2019]re)?\s*(?:very |so )?(?:sorry|afraid)\b,?"
    r"\s*(?:but )?)?(?:that )?(?:i|we)\s+"
    r"(?:can(?:no|['\u2019])t|can not|could(?:n['\u2019]t| not)|(?:am|are) (?:unable|not able) to"
    r"|won['\u2019]t|will not|must decline to)\s+"
    r"(?:(?:help|assist)(?: you)?(?: with| in)?\b(?! \w+ing\b)|comply\b|do (?:that|this)\b"
    r"|(?:provide|write|fulfill?|create|generate|produce|complete|answer)"
    r" (?:that|this|such|your|content|an? (?:article|text|post|answer|response))\b)",
    re.IGNORECASE,
)


def placeholders(prose: str, language: str = "en") -> list[str]:
    """Finds the placeholders in a text, as they stand there, each once.

    Args:
        prose: Without code, where such marks are meant.
        language: ISO 639-1 code of the text.
    """
    return list(dict.fromkeys(_found(prose, language)))


def is_refusal(text: str) -> bool:
    """Says whether a text begins as a model's refusal does."""
    return bool(_REFUSAL.match(text))


def _found(prose: str, language: str) -> Iterator[str]:
    todo = _TODO_MARK if language in _ALL_SAY_TODO else _TODO
    for pattern in (*_MARKS, todo):
        for match in pattern.finditer(prose):
            yield " ".join(match[0].split())
