"""Writes the sketch engine's articles: honest drafts of the asked length, labelled as such.

A draft says what an article on the subject could treat, in neutral sentences around the order's
own words. It claims no fact, needs no model, and differs from every other one by its seed.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slugify import slugify

from pressrun.boundary.text import count_words as _count
from pressrun.engines.base import TextRequest
from pressrun.engines.sketch.phrases import ARTICLE, COMMON, LABEL, capital, clip
from pressrun.errors import Refused

_TERM = re.compile(r"[^\W\d_]{4,20}")
_NUMBER = re.compile(
    r"(?:(?<![\w.,])\d[\d.,:]*\d%?|(?<![\w.,])\d%?)(?: (?:hundred|thousand|million|billion)\b)?"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
#: Marks of markdown; in a text of ours they would be more than letters.
_MARKS = re.compile(r"[<>\[\]`*_|~\\]+")
_ADDRESS = re.compile(r"\(<https?://[^\s<>]*>\)")
_TOPIC_WORDS, _READ_LETTERS, _MOST_TERMS, _MOST_FACTS = 8, 60_000, 24, 12
_WORDS_A_SECTION, _WORDS_A_FACT, _HALF_A_SENTENCE = 280, 40, 6
_ALT_LETTERS, _META_LETTERS, _SLUG_LETTERS, _MOST_CLAIMS = 120, 158, 60, 20
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
    writer = _Writer(request)
    headings = writer.headings()
    return {
        "title": writer.title(),
        "angle": f"What an article on {writer.theme.topic} could treat, as a sketch.",
        "sections": [
            {"heading": heading, "points": [writer.thing() for _ in range(3)]}
            for heading in headings
        ],
    }


def write_article(request: TextRequest) -> dict[str, Any]:
    """Writes a labelled draft, in the shape of the recipe's answer."""
    writer = _Writer(request)
    theme, about = writer.theme, f"Sketch draft on {writer.theme.topic}: what a reader may ask and"
    slug = str(slugify(theme.topic, max_length=_SLUG_LETTERS))
    headings = list(map(_plain, writer.brief.get("headings") or ())) or writer.headings()
    return {
        "title": writer.title(),
        "slug": slug if len(slug) > 2 else "sketch-draft",
        "summary": f"Sketch draft: what an article on {theme.topic} could treat. No facts stated.",
        "meta_description": clip(f"{about} what an article could explain", _META_LETTERS),
        "headings": headings,
        "body": writer.body(headings),
        "keywords": list(dict.fromkeys((*theme.keywords, theme.topic, *theme.terms)))[:12],
        "claims": [
            {"text": fact, "source": name}
            for fact in theme.facts[:_MOST_FACTS]
            for name, text in writer.sources.items()
            if fact in text
        ][:_MOST_CLAIMS],
        **writer.pictures(headings),
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


class _Writer:
    """Writes one text up to its length.

    Raises:
        Refused: Another language than English is asked.
    """

    def __init__(self, request: TextRequest):
        brief: Mapping[str, Any] = request.brief
        self.brief = brief
        if brief.get("language", "en") != "en":
            raise Refused(
                "The sketch engine writes English only. Choose another text model, or the "
                "language en.",
                kind="language",
            )
        self.sources: Mapping[str, str] = brief.get("sources", {})
        material = "\n".join((brief.get("material", ""), *self.sources.values()))
        self.theme = read_theme(brief["subject"], brief.get("keywords", ()), material)
        self._chance = random.Random(f"{request.seed} {self.theme.topic}")
        self._count: int = brief["word_count"]
        self._blocks, self._words, self._named = list[str](), 0, 0
        self._due = list(self.theme.keywords[1:])

    def title(self) -> str:
        return self._pick("titles").format(On=capital(self.theme.topic))

    def headings(self) -> list[str]:
        first = self._pick("first_headings").format(on=self.theme.topic)
        found, others = dict.fromkeys([first]), ARTICLE["headings"]
        for heading in self._chance.sample(others, len(others)):
            found.setdefault(heading.format(**self._pair()))
        return list(found)[: max(2, round(self._count / _WORDS_A_SECTION))]

    def thing(self) -> str:
        return self._pick("things").format(**self._pair())

    def pictures(self, headings: Sequence[str]) -> dict[str, Any]:
        """Plans pictures, if there are any: one above the text, the others below headings."""
        count, topic = self.brief.get("pictures", 0), self.theme.topic
        if not count:
            return {}
        # Spread over the text, and the last heading is not the place for one if another is free.
        step = len(headings) / count
        places = ["", *(headings[int(number * step)] for number in range(1, count))]
        alt = "A simple drawing in place of a picture: "
        return {
            "pictures": [
                {
                    "heading": place,
                    "scene": f"Things that belong to {topic}",
                    "alt": clip(alt + (place or topic), _ALT_LETTERS),
                }
                for place in places
            ]
        }

    def body(self, headings: Sequence[str]) -> str:
        """Writes the text under these headings."""
        self._add(LABEL)
        rest = self._count - self._words - sum(map(_count, headings))
        for number, heading in enumerate(headings, 1):
            self._add(f"## {heading}")
            if number == 1:
                self._add_facts_and_links()
            left = sum(map(_count, headings[number:]))
            self._fill(self._count - left - rest * (len(headings) - number) // len(headings))
        return "\n\n".join(self._blocks)

    def _pick(self, name: str) -> str:
        return self._chance.choice(ARTICLE[name])

    def _pair(self) -> Mapping[str, str]:
        nouns, topic = ARTICLE["nouns"], self.theme.topic
        own = self._chance.choice(self.theme.terms or nouns)
        others = [noun for noun in nouns if noun != own and _is_apart(noun, topic)]
        pair = [own, self._chance.choice(others)]
        self._chance.shuffle(pair)
        return dict(zip("ab", pair, strict=True))

    def _add(self, block: str) -> None:
        self._note(block)
        self._blocks.append(block)

    def _note(self, text: str) -> None:
        self._words += _count(_ADDRESS.sub("", text))
        self._named += text.casefold().count(self.theme.topic.casefold())

    def _add_facts_and_links(self) -> None:
        facts = self.theme.facts[: min(_MOST_FACTS, self._count // _WORDS_A_FACT)]
        if facts:
            self._add("The source names these, to be kept and checked:")
            self._add("\n".join(f"- {fact}" for fact in facts))
        for url, title in self.brief.get("links", {}).items():
            self._add(f"More on this stands in [{_plain(title)}](<{url}>).")

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
        named = ""
        if self._named < self.theme.rate * self._words:
            named = self.theme.topic
        elif self._due:
            named = self._due.pop(0)
        thing = self._pick("on_topic").format(on=named) if named else self.thing()
        said, shape = self._clause(thing), self._chance.randrange(4)
        if shape == 0 and not named:
            said += f", and {self._clause(self.thing())}"
        elif shape != 1:
            said += f" {self._pick('tails')}"
        if shape > 1:
            said = f"{self._pick('openers')}, {said}"
        return f"{capital(said)}."

    def _clause(self, thing: str) -> str:
        return f"{self._pick('actors')} {self._pick('does')} {thing}"


def _is_apart(word: str, topic: str) -> bool:
    topic = topic.casefold()
    same = " " not in topic and (topic in word or word in topic)
    return word not in COMMON and not same


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())
