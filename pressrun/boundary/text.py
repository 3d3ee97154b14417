"""Text of others (file names, URLs, what a server, a page or a model said) made fit to use.

On one safe line, as a safe name, as plain text, in words. Such text may hold control
characters, secrets or a novel; what its words say stays as it is: they are data.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

#: In a pattern: a comma between things of a list, and none of a number, such as 1,2 l.
LIST_COMMA = r"(?:(?<![0-9]),|,(?![0-9]))"
#: Forbidden in a name on some file system or in an object key, and control characters.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')
# Each runs to the text's end if nothing closes it, so that no text is searched twice.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Controls but for tab and newline, and surrogates.
# Only what pages are made of: "a <b> c" of a formula or a heart, <3, is no markup.
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|u|strong|em|h[1-6]|a|img|table|tr|td|th|font|hr)\b[^<>]*>"
    r"|&(?:amp|nbsp|lt|gt|quot|apos|#[0-9]{1,6}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]+)\]\(\s*<?[a-z]+://[^\s()<>]+>?\s*\)", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*\*|__|(?<![\w*])\*(?=\w))(?=\S)([^*_\n]+?)(?<=\S)\1")
_QUOTED = re.compile(
    r"\"([^\"]+)\"|\u201c([^\u201c\u201d]+)\u201d|\u201e([^\u201c\u201d\u201e]+)\u201c"
    r"|\u2018([^\u2018]+)\u2019|\u00ab([^\u00ab\u00bb]+)\u00bb|'((?:[^']|\w'\w)+)'|`([^`]+)`"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
# Scripts that set no spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e40-\u0e46\u0e81-\u0eb0\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3"
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003134f"
)
_CHARACTER = re.compile(f"[{_UNSPACED}]")
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")

#: Cyrillic, Greek and crossed letters, and the Latin ones that they look like.
_ALIKE = str.maketrans(
    "авекмнорстухѕіјһԁԛԝӏαβεηικνορτυχøłđıɑɡհոսօ",
    "abekmhopctyxsijhdqwlabeniknoptuxoldiaghnuo",
)
#: Letters of which nothing is seen, beside accents and format signs: fillers, an empty Braille
#: cell, marks that choose a form. And control characters that are no spaces.
_BLANK = frozenset(
    map(chr, (*range(9), *range(14, 28), 127, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800))
) | frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xE0100, 0xE01F0))))


def one_line(text: str, longest: int = 200) -> str:
    """Puts foreign text on one printable line, shortened with an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def short_url(url: str) -> str:
    """Writes a URL on one short line, without credentials and (signed) query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2] if parts.hostname else None
    except ValueError:
        host = None
    if not host:
        return one_line(url.partition("?")[0], 80)
    return one_line(f"{parts.scheme}://{host}{parts.path}", 120)


def safe_name(text: str, fallback: str, longest: int = 80) -> str:
    """Makes a folder name that keeps the text's letters, of any script.

    Args:
        text: What a person called it.
        fallback: The name if nothing usable is left.
        longest: Most UTF-8 bytes; cut between characters.
    """
    name = unicodedata.normalize("NFC", text)
    name = re.sub(r"\s+", " ", _UNSAFE.sub("-", name)).strip(" .-")
    while len(name.encode()) > longest:
        name = name[:-1].rstrip(" .-")
    return name or fallback


def handle(text: str, fallback: str = "unknown") -> str:
    """Writes a user's handle, or a folder's name, in the letters that handles have."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", text).strip("_")[:40] or fallback


def plain_text(text: str) -> str:
    """Removes control characters and halves of characters from a text, but keeps its lines."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_line(text: str, longest: int | None = None) -> str:
    """Puts a text on one line, shortened with an ellipsis to ``longest`` characters."""
    line = " ".join(plain_text(text).split())
    if longest is None or len(line) <= longest:
        return line
    return line[: longest - 1].rstrip() + "\u2026"


def without_tags(text: str) -> str:
    """Extracts the words of HTML, and of a text that only looks a little like it."""
    return html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))


def plain_markup(text: str) -> str:
    """Extracts the words of a text that has HTML or links of markdown in it; else it stays."""
    if "](" in text:
        text = _MARKDOWN_LINK.sub(r"\1", text)
    return plain_line(without_tags(text)) if _MARKUP.search(text) else text


def without_emphasis(text: str) -> str:
    """Removes the marks of bold and italic print, and the quotation marks around a whole text."""
    if "*" in text or "__" in text:
        text = _EMPHASIS.sub(r"\2", text)
    quoted = _QUOTED.fullmatch(text)
    return next(filter(None, quoted.groups())).strip() if quoted else text


def counted(number: int, noun: str) -> str:
    """Writes ``1 item`` or ``2,000 items``, of a noun whose plural ends in s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def count_words(text: str) -> int:
    """Counts the words of a text as a word processor does.

    What stands between spaces is one word if it has a letter or digit in it ("long-tail" is
    one). In scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) every character
    counts as a word; Korean has spaces.
    """
    characters = len(_CHARACTER.findall(text))
    spaced = _CHARACTER.sub(" ", text) if characters else text
    return characters + sum(any(map(str.isalnum, word)) for word in spaced.split())


# No accents to Unicode: l, o, d and h with a stroke, i without its dot.
_STROKES = str.maketrans("\u0142\u00f8\u0111\u0127\u0131", "lodhi")


def fold(text: str) -> str:
    """Writes a text in lower case and without diacritics, so that "Café" is "cafe".

    Strokes are some, too: exports write "slowo" for "słowo".
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    # Latin, Greek and Cyrillic lose their accents; vowel signs of other scripts are letters.
    bare = "".join(char for char in parts if not "\u0300" <= char <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


def fold_look_alikes(text: str) -> str:
    """Writes the text in small letters without accents, Latin ones where they look like it.

    For comparing only: words of languages that use these letters otherwise become nonsense.
    """
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(letter for letter in letters if letter.isascii() or not _is_unseen(letter))


def fold_name(name: str) -> str:
    """Writes a name as all names that look like it: for comparing people, not for showing texts."""
    seen = "".join(letter for letter in name if letter not in _BLANK)
    return " ".join(fold_look_alikes(seen).split())


def _is_unseen(letter: str) -> bool:
    """Says whether it is an accent, a variation selector or a format sign (a soft hyphen)."""
    return (
        "\u0300" <= letter <= "\u036f"
        or "\ufe00" <= letter <= "\ufe0f"
        or unicodedata.category(letter) == "Cf"
    )


def tokens(text: str) -> list[str]:
    """Splits a text into folded words, at punctuation too: "l'abeille" and "bee's" are two each."""
    return _TOKEN.findall(fold(text))


def occurrences(words: Sequence[str], phrase: str, language: str = "en") -> int:
    """Counts how often a phrase stands among words, in the plural or singular.

    Languages with richer endings than English may change the last letters of long words.

    Args:
        words: Of the text, as :func:`tokens` gives them.
        phrase: One or several words, as written.
        language: ISO 639-1 code of both.
    """
    matchers = [_matcher(token, language) for token in tokens(phrase)]
    if not matchers:
        return 0
    first = matchers[0]
    return sum(
        all(matcher.fullmatch(word) for matcher, word in zip(matchers, words[at:], strict=False))
        for at in range(len(words) - len(matchers) + 1)
        if first.fullmatch(words[at])
    )


def _matcher(token: str, language: str) -> re.Pattern[str]:
    forms = {re.escape(form) for form in _forms(token)}
    if language != "en" and len(token) >= 5:
        forms.add(re.escape(token[:-2]) + r"\w{0,4}")
    return re.compile("|".join(sorted(forms)))


def _forms(token: str) -> set[str]:
    """Lists the plural and singular of a token, by the simple rules of English spelling."""
    forms = {token, token + "s", token + "es"}
    if token.endswith("y"):
        forms.add(token[:-1] + "ies")
    if len(token) > 3 and token.endswith("s") and not token.endswith("ss"):
        forms.add(token[:-1])
    if len(token) > 4 and token.endswith("es"):
        forms.add(token[:-2])
    if len(token) > 4 and token.endswith("ies"):
        forms.add(token[:-3] + "y")
    return forms


def usd(amount: float) -> str:
    """Writes ``$12.35`` and ``$0.50``, and ``$0.0042`` for less than a dollar in no whole cents."""
    is_small = amount < 1 and round(amount, 4) != round(amount, 2)
    return f"${amount:.4f}" if is_small else f"${amount:,.2f}"
