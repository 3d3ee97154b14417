"""From the cells of one row to what an article needs: each checked, each problem in words."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from pressrun.boundary.text import LIST_COMMA, counted, one_line, plain_line, plain_text
from pressrun.errors import InputError
from pressrun.inputs.articles.sources import NOTHING, read_sources
from pressrun.inputs.articles.word_range import WordRange, read_word_range

MOST_TOPIC, MOST_KEYWORD, MOST_KEYWORDS, MOST_OPTION = 500, 100, 20, 2000
#: Of one row; every one is a page to fetch.
MOST_SOURCES = 20
_BETWEEN_KEYWORDS = re.compile(rf"{LIST_COMMA}|[;|\t\n\uff0c\uff1b\u3001]")
# In brackets behind a keyword: how often it is looked for. A year may belong to the keyword.
_FIGURES = re.compile(
    r"\s*\((?!(?:19|20)[0-9]{2}\))[0-9][0-9.,]*\s?[kKmM]?\+?"
    r"(?:\s?(?:/\s?mo(?:nth)?|searches|vol(?:ume)?))?\)(?=\s*(?:[,;|]|$))"
)


@dataclass(frozen=True, slots=True)
class Fields:
    """What one row gives, by field, as text.

    Attributes:
        line: Of the input, from 1.
        given: Without what is empty.
        problem: Why the row cannot be read at all; empty if it can.
    """

    line: int
    given: dict[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """What an article may have from its row or by default."""

    words: WordRange
    tone: str
    language: str
    audience: str
    instructions: str
    sources: tuple[str, ...] = ()


def without_figures(rows: Sequence[Fields]) -> tuple[list[Fields], list[str]]:
    """Removes what tools and assistants put behind keywords, as ``(1.2K/mo)``; says of how many.

    Only where most rows have it: a number in brackets may belong to a name.
    """
    cut = [
        replace(row, given={name: _without_figures(name, text) for name, text in row.given.items()})
        for row in rows
    ]
    of = [new.line for new, row in zip(cut, rows, strict=True) if new != row]
    if 2 * len(of) <= sum("primary" in row.given or "keywords" in row.given for row in rows):
        return [*rows], []
    where = f"{counted(len(of), 'row')}, from line {of[0]} on"
    return cut, [f"Left out: the figures behind keywords ({where})."]


def _without_figures(name: str, text: str) -> str:
    return _FIGURES.sub("", text) if name in ("primary", "keywords") else text


def checked_defaults(words: str, base: Values) -> Values:
    """Checks the defaults, and puts the language's code in place of its name.

    Args:
        words: How many, as a person wrote it.
        base: The others.

    Raises:
        InputError: One of them cannot be used; it would spoil every row.
    """
    said = {"word_count": words, "language": base.language}
    found, problems = _values(said, replace(base, language="en"))
    if problems:
        raise InputError("The defaults for all rows cannot be used.", problems)
    return found


def read_fields(
    fields: Fields, mode: str, base: Values
) -> tuple[str, tuple[str, ...], Values, list[str]]:
    """Reads a row's subject, its keywords, what else it says, and its problems."""
    subject, keywords, problems = _ABOUT[mode](fields.given)
    values, more = _values(fields.given, base)
    problems = [*problems, *_of_keywords(keywords), *more]
    return subject, keywords, values, [fields.problem] if fields.problem else problems


def _values(given: dict[str, str], base: Values) -> tuple[Values, list[str]]:
    problems = []
    words, language = given.get("word_count", "").strip(), _language(given.get("language"))
    length = read_word_range(words) if words else base.words
    if isinstance(length, str):
        problems.append(length)
    if language is None:
        problems.append(
            f"The language {one_line(given['language'], 40)!r} is not known: write an ISO 639-1 "
            "code or an English name, such as de or German. A country goes into instructions."
        )
    texts = {name: plain_line(given.get(name, "")) for name in ("tone", "audience", "instructions")}
    problems += [
        f"The {name} has over {MOST_OPTION:,} characters. Shorten it."
        for name, text in texts.items()
        if len(text) > MOST_OPTION
    ]
    sources = read_sources(given.get("sources", ""))
    if len(sources) > MOST_SOURCES:
        problems.append(f"There are {len(sources)} sources. Keep {MOST_SOURCES} at most.")
    values = Values(
        length if isinstance(length, WordRange) else base.words,
        texts["tone"] or base.tone,
        language or base.language,
        texts["audience"] or base.audience,
        " ".join(filter(None, (texts["instructions"] or base.instructions, _remark(given)))),
        sources,
    )
    return values, problems


def _remark(given: dict[str, str]) -> str:
    """Writes what stands behind a title in a list as an instruction."""
    remark = plain_line(given.get("remark", ""))
    return f"The plan says of this topic: {remark[:MOST_OPTION]}" if remark else ""


def _language(text: str | None) -> str | None:
    """Finds the language's code; empty if none is given; None if it is not known."""
    return language_code(text) if text and text.strip() else ""


_About = tuple[str, tuple[str, ...], list[str]]


def _topic(given: dict[str, str]) -> _About:
    topic = plain_line(given.get("topic", ""))
    problems = [] if any(map(str.isalnum, topic)) else ["There is no topic. Write one."]
    if len(topic) > MOST_TOPIC:
        problems.append(
            f"The topic has over {MOST_TOPIC} characters. Shorten it, and put the rest into "
            "instructions."
        )
    return topic, _split_keywords(given.get("keywords", "")), problems


def _primary(given: dict[str, str]) -> _About:
    first = _split_keywords(given.get("primary", ""))
    keywords = tuple(dict.fromkeys((*first, *_split_keywords(given.get("keywords", "")))))
    if not first:
        return "", keywords, ["There is no keyword. Write the primary one first."]
    return first[0], keywords, []


def _feed(given: dict[str, str]) -> _About:
    url = given.get("feed", "").strip()
    problems = [] if _is_address(url) else [_no_address(url, "feed")]
    return url, _split_keywords(given.get("keywords", "")), problems


def _source(given: dict[str, str]) -> _About:
    sources = [given[name] for name in ("source", "text", "url") if name in given]
    source = plain_text(sources[0]) if sources else ""
    problems = []
    if len(sources) > 1:
        problems.append("There is more than one source. Keep the text or the URL.")
    elif not any(map(str.isalnum, source)):
        problems.append("The source is empty. Give a text, or a URL.")
    elif len(source.split()) == 1 and not _is_address(source) and source.isascii():
        problems.append(_no_address(source, "source"))
    return source, _split_keywords(given.get("keywords", "")), problems


_ABOUT: dict[str, Callable[[dict[str, str]], _About]] = {
    "topic": _topic,
    "keywords": _primary,
    "trends": _feed,
    "spin": _source,
}


def _split_keywords(text: str) -> tuple[str, ...]:
    parts = (plain_line(part).strip("` ") for part in _BETWEEN_KEYWORDS.split(text))
    named = (part for part in parts if any(map(str.isalnum, part)))
    return tuple(dict.fromkeys(part for part in named if part.casefold() not in NOTHING))


def _of_keywords(keywords: Sequence[str]) -> list[str]:
    problems = []
    if len(keywords) > MOST_KEYWORDS:
        problems.append(f"There are {len(keywords)} keywords. Keep {MOST_KEYWORDS} at most.")
    if any(len(keyword) > MOST_KEYWORD for keyword in keywords):
        problems.append(f"A keyword has over {MOST_KEYWORD} characters. Part keywords with commas.")
    return problems


def _is_address(text: str) -> bool:
    """Says whether this is one http(s) URL with a host. The fetch checks where it leads."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and text.isprintable()
            and len(text.split()) == 1
        )
    except ValueError:
        return False


def _no_address(text: str, what: str) -> str:
    if not text:
        return f"There is no {what}. Give its URL."
    return f"{one_line(text, 80)!r} is not a web address. It should start with https://."


#: Code and English name. Norwegian Bokmål has the code "no", as in the check.
LANGUAGES = {
    "af": "Afrikaans", "am": "Amharic", "an": "Aragonese", "ar": "Arabic", "as": "Assamese",
    "az": "Azerbaijani", "ba": "Bashkir", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali",
    "br": "Breton", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "dz": "Dzongkha", "el": "Greek", "en": "English",
    "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fo": "Faroese", "fr": "French", "fy": "Western Frisian", "ga": "Irish",
    "gd": "Scottish Gaelic", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "ig": "Igbo", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "jv": "Javanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada",
    "ko": "Korean", "ku": "Kurdish", "ky": "Kyrgyz", "la": "Latin", "lb": "Luxembourgish",
    "lg": "Ganda", "ln": "Lingala", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "mg": "Malagasy", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "nn": "Norwegian Nynorsk", "no": "Norwegian", "oc": "Occitan", "om": "Oromo", "or": "Odia",
    "pa": "Punjabi", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "qu": "Quechua",
    "ro": "Romanian", "ru": "Russian", "rw": "Kinyarwanda", "sa": "Sanskrit",
    "se": "Northern Sami", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sn": "Shona",
    "so": "Somali", "sq": "Albanian", "sr": "Serbian", "st": "Southern Sotho", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai", "tk": "Turkmen",
    "tl": "Tagalog", "tr": "Turkish", "tt": "Tatar", "ug": "Uyghur", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "vo": "Volapük", "wa": "Walloon",
    "xh": "Xhosa", "yo": "Yoruba", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
_OTHER_LANGUAGES = {
    "nb": "no", "norwegian bokmål": "no", "bokmål": "no", "nynorsk": "nn", "farsi": "fa",
    "filipino": "tl", "frisian": "fy", "gaelic": "gd", "sami": "se", "sotho": "st",
    "bangla": "bn", "mandarin": "zh", "flemish": "nl", "iw": "he", "castilian": "es",
    "luganda": "lg", "volapuk": "vo", "norwegian bokmal": "no",
    # As they call themselves: tables of people who write in them have no English names.
    "deutsch": "de", "français": "fr", "francais": "fr", "español": "es", "espanol": "es",
    "italiano": "it", "português": "pt", "portugues": "pt", "nederlands": "nl", "polski": "pl",
    "svenska": "sv", "dansk": "da", "norsk": "no", "suomi": "fi", "čeština": "cs", "magyar": "hu",
    "română": "ro", "türkçe": "tr", "ελληνικά": "el", "русский": "ru", "українська": "uk",
    "tiếng việt": "vi", "bahasa indonesia": "id", "中文": "zh", "日本語": "ja", "한국어": "ko",
    "العربية": "ar", "हिन्दी": "hi", "ไทย": "th", "עברית": "he", "català": "ca", "hrvatski": "hr",
}  # fmt: skip


def language_code(text: str) -> str | None:
    """Finds the code of a language named by its code or in English, in any case; else None."""
    return _codes().get(" ".join(text.casefold().split()))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    named = {name.casefold(): code for code, name in LANGUAGES.items()}
    return _OTHER_LANGUAGES | named | {code: code for code in LANGUAGES}
