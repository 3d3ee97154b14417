"""Writes the sketch engine's articles: honest drafts of the asked length, labelled as such.

A draft says what an article on the subject could treat, in neutral sentences around the order's
own words. It claims no fact, needs no model, and differs from every other one by its seed.
"""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pressrun.boundary.text import count_words as _count
from pressrun.engines.base import TextRequest
from pressrun.engines.sketch import phrases
from pressrun.errors import Refused

_TERM = re.compile(r"[^\W\d_]{4,20}")
_NUMBER = re.compile(
    r"(?:(?<![\w.,])\d[\d.,:]*\d%?|(?<![\w.,])\d%?)(?: (?:hundred|thousand|million|billion)\b)?"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
#: Marks of markdown; in a text of ours they would be more than letters.
_MARKS = re.compile(r"[<>\[\]`*_|~\\]+")
_COMMON = frozenset((
    "about", "above", "after", "again", "also", "another", "because", "been", "before", "being",
    "between", "both", "could", "does", "doing", "down", "during", "each", "even", "every", "from",
    "have", "having", "here", "into", "just", "like", "made", "make", "many", "more", "most",
    "much", "must", "only", "other", "over", "said", "same", "should", "some", "such", "than",
    "that", "their", "them", "then", "there", "these", "they", "this", "those", "through", "under",
    "until", "very", "were", "what", "when", "where", "which", "while", "whom", "will", "with",
    "without", "would", "your", "article", "guide", "best",
))  # fmt: skip
_ADDRESS = re.compile(r"\(<https?://[^\s<>]*>\)")
_TOPIC_WORDS, _READ_LETTERS, _MOST_TERMS, _MOST_FACTS = 8, 60_000, 24, 12
_WORDS_A_SECTION, _WORDS_A_FACT, _HALF_A_SENTENCE = 280, 40, 6
_ALT_LETTERS = 120
#: Of a text, the share that a keyword's occurrences are, by its number of words.
_RATE, _LEAST_RATE, _WORDS_RATE = 0.011, 0.0045, 0.022


@dataclass(frozen=True, slots=True)
class Theme:
    """What a draft is put together from, in the order's own words."""

    topic: str
    keywords: tuple[str, ...]
    terms: tuple[str, ...]
    facts: tuple[str, ...]

    @property
    def rate(self) -> float:
        """How often the topic comes, for each word of the text."""
        return min(_RATE, max(_LEAST_RATE, _WORDS_RATE / max(1, _count(self.topic))))


def write_outline(request: TextRequest) -> dict[str, Any]:
    """Plans an article, in the shape of the recipe's outline."""
    theme, chance = _begin(request)
    count = max(2, round(_number(request, "word_count") / _WORDS_A_SECTION))
    headings = _headings(theme, chance, count)
    return {
        "title": _title(theme, chance),
        "angle": f"What an article on {theme.topic} could treat, as a sketch.",
        "sections": [
            {"heading": heading, "points": [_thing(theme, chance) for _ in range(3)]}
            for heading in headings
        ],
    }


def write_article(request: TextRequest) -> dict[str, Any]:
    """Writes a labelled draft, in the shape of the recipe's answer."""
    theme, chance = _begin(request)
    count = _number(request, "word_count")
    given = request.brief.get("headings")
    headings = [_plain(str(heading)) for heading in given] if isinstance(given, list) else []
    headings = headings or _headings(theme, chance, max(2, round(count / _WORDS_A_SECTION)))
    title = _title(theme, chance)
    return {
        "title": title,
        "slug": _slug(theme.topic, request.seed),
        "summary": f"Sketch draft: what an article on {theme.topic} could treat. No facts stated.",
        "meta_description": _meta(theme),
        "headings": headings,
        "body": _Body(theme, chance, count, _links(request)).write(headings),
        "keywords": list(dict.fromkeys((*theme.keywords, theme.topic, *theme.terms)))[:12],
        "claims": _claims(request, theme),
        **_pictures(request, theme, headings),
    }


def read_theme(subject: str, keywords: Sequence[str], material: str) -> Theme:
    """Reads topic, keywords, words and facts of an order, however it is written."""
    kept = tuple(filter(None, (_plain(keyword) for keyword in keywords)))
    topic = kept[0] if kept else " ".join(_plain(subject).split()[:_TOPIC_WORDS])
    text = f"{subject} {' '.join(keywords)} {material}"[:_READ_LETTERS]
    found = Counter(word.lower() for word in _TERM.findall(text))
    # Otherwise a topic of one word would be in every sentence.
    terms = [word for word, _ in found.most_common() if _is_apart(word, topic)]
    names = dict.fromkeys([*_NUMBER.findall(material), *_NAME.findall(material)])
    return Theme(topic or "the subject", kept, tuple(terms[:_MOST_TERMS]), tuple(names))


class _Body:
    """One text on its way to its length."""

    def __init__(self, theme: Theme, chance: random.Random, count: int, links: Sequence[str] = ()):
        self._theme, self._chance, self._count, self._links = theme, chance, count, links
        self._blocks = [phrases.LABEL]
        self._words = _count(phrases.LABEL)
        self._named = 0
        self._due = list(theme.keywords[1:])

    def write(self, headings: Sequence[str]) -> str:
        """Writes the text under these headings."""
        rest = self._count - self._words - sum(map(_count, headings))
        for number, heading in enumerate(headings, 1):
            self._add(f"## {heading}")
            if number == 1:
                self._add_facts()
                for link in self._links:
                    self._add(f"More on this stands in {link}.")
            left = sum(map(_count, headings[number:]))
            self._fill(self._count - left - rest * (len(headings) - number) // len(headings))
        return "\n\n".join(self._blocks)

    def _add(self, block: str) -> None:
        self._note(block)
        self._blocks.append(block)

    def _note(self, text: str) -> None:
        self._words += _count(_ADDRESS.sub("", text))
        self._named += text.casefold().count(self._theme.topic.casefold())

    def _add_facts(self) -> None:
        facts = self._theme.facts[: min(_MOST_FACTS, self._count // _WORDS_A_FACT)]
        if facts:
            self._add("The source names these, to be kept and checked:")
            self._add("\n".join(f"- {fact}" for fact in facts))

    def _fill(self, until: int) -> None:
        enough = until - _HALF_A_SENTENCE
        while self._words < enough:
            sentences: list[str] = []
            most = self._chance.randint(3, 6)
            while len(sentences) < most and self._words < enough:
                sentences.append(self._sentence())
                self._note(sentences[-1])
            self._blocks.append(" ".join(sentences))

    def _sentence(self) -> str:
        theme, chance = self._theme, self._chance
        named = ""
        if self._named < theme.rate * self._words:
            named = theme.topic
        elif self._due:
            named = self._due.pop(0)
        if named:
            return _sentence(chance, chance.choice(phrases.ON_TOPIC).format(on=named))
        return _sentence(chance, _thing(theme, chance), _thing(theme, chance))


def _begin(request: TextRequest) -> tuple[Theme, random.Random]:
    brief = request.brief
    if brief.get("language", "en") != "en":
        raise Refused(
            "The sketch engine writes English only. Choose another text model, or the language en.",
            kind="language",
        )
    keywords = brief.get("keywords")
    theme = read_theme(
        str(brief.get("subject", "")),
        [str(keyword) for keyword in keywords] if isinstance(keywords, list | tuple) else [],
        "\n".join((str(brief.get("material", "")), *_sources(request).values())),
    )
    return theme, random.Random(f"{request.seed} {theme.topic}")


def _links(request: TextRequest) -> list[str]:
    links = request.brief.get("links")
    pairs = links.items() if isinstance(links, dict) else ()
    return [f"[{_plain(str(title))}](<{url}>)" for url, title in pairs]


def _pictures(request: TextRequest, theme: Theme, headings: Sequence[str]) -> dict[str, Any]:
    """Plans pictures, if there are any: one above the text, the others below headings."""
    count = int(str(request.brief.get("pictures") or 0))
    if not count:
        return {}
    # Spread over the text, and the last heading is not the place for one if another is free.
    step = len(headings) / count
    places = ["", *(headings[int(number * step)] for number in range(1, count))]
    return {
        "pictures": [
            {
                "heading": place,
                "scene": f"Calm shapes and colours for an article on {theme.topic}",
                "alt": _cut(
                    f"Soft shapes in place of a picture: {place or theme.topic}", _ALT_LETTERS
                ),
            }
            for place in places
        ]
    }


def _sources(request: TextRequest) -> dict[str, str]:
    sources = request.brief.get("sources")
    return dict(sources) if isinstance(sources, dict) else {}


def _claims(request: TextRequest, theme: Theme) -> list[dict[str, str]]:
    sources = _sources(request)
    found = (
        {"text": fact, "source": name}
        for fact in theme.facts[:_MOST_FACTS]
        for name, text in sources.items()
        if fact in text
    )
    return list(found)[:20]


def _headings(theme: Theme, chance: random.Random, count: int) -> list[str]:
    first = chance.choice(phrases.FIRST_HEADINGS).format(on=theme.topic)
    found = dict.fromkeys([first])
    for heading in chance.sample(phrases.HEADINGS, len(phrases.HEADINGS)):
        found.setdefault(heading.format(**_pair(theme, chance)))
    return list(found)[:count]


def _title(theme: Theme, chance: random.Random) -> str:
    return chance.choice(phrases.TITLES).format(On=_capital(theme.topic))


def _meta(theme: Theme) -> str:
    text = f"Sketch draft on {theme.topic}: what a reader may ask and what an article could explain"
    return _cut(text, 158)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: text.rfind(" ", 0, longest)]


def _thing(theme: Theme, chance: random.Random) -> str:
    return chance.choice(phrases.THINGS).format(**_pair(theme, chance))


def _pair(theme: Theme, chance: random.Random) -> Mapping[str, str]:
    own = chance.choice(theme.terms or phrases.NOUNS)
    others = [noun for noun in phrases.NOUNS if noun != own and _is_apart(noun, theme.topic)]
    pair = [own, chance.choice(others)]
    chance.shuffle(pair)
    return dict(zip("ab", pair, strict=True))


def _is_apart(word: str, topic: str) -> bool:
    topic = topic.casefold()
    same = " " not in topic and (topic in word or word in topic)
    return word not in _COMMON and not same


def _sentence(chance: random.Random, thing: str, more: str = "") -> str:
    actor, does = chance.choice(phrases.ACTORS), chance.choice(phrases.DOES)
    said = f"{actor} {does} {thing}"
    shape = chance.randrange(4)
    if shape == 0 and more:
        said += f", and {chance.choice(phrases.ACTORS)} {chance.choice(phrases.DOES)} {more}"
    elif shape != 1:
        said += f" {chance.choice(phrases.TAILS)}"
    if shape > 1:
        said = f"{chance.choice(phrases.OPENERS)}, {said}"
    return f"{_capital(said)}."


def _slug(topic: str, seed: int) -> str:
    letters = unicodedata.normalize("NFKD", topic).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-")
    return slug if len(slug) >= 3 else f"sketch-draft-{seed}"


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(request: TextRequest, name: str) -> int:
    return int(str(request.brief.get(name, 0)))
