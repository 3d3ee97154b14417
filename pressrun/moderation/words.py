"""The list of words: named rules from data, compared with the ways to read a text.

Whole words and phrases only: what merely stands inside another word ("Scunthorpe") is none. What
the list cannot know is a text's meaning; a model may judge that (:mod:`pressrun.moderation.model`).
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from operator import contains

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from pressrun.boundary.text import fold_look_alikes
from pressrun.errors import SettingError
from pressrun.moderation.readings import forms, readings, words_of

#: The rule of words that the settings add.
OWN = "own words"

_SET = re.compile(r"\{(\w+)\}")
#: Scripts that put no space between words: Thai to Khmer, kana, Han.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Near:
    """Words of two kinds that are a match where they stand together.

    Attributes:
        within: Most words between them.
    """

    any: tuple[str, ...]
    near: tuple[str, ...]
    within: int


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Rule:
    """What must not be asked for, by a name that people are shown.

    Attributes:
        about: What it forbids, in words for a model; empty where only the phrases say it.
        phrases: Words and phrases; ``{name}`` stands for each of a set of them.
        together: Words that only match where they stand together.
    """

    name: str
    about: str
    phrases: tuple[str, ...] = ()
    together: tuple[Near, ...] = ()


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WordList:
    """Rules, of which the first that matches is reported, and phrases that no rule forbids."""

    rules: tuple[Rule, ...]
    allow: tuple[str, ...] = ()
    sets: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that a text offends, and the words of the text that do."""

    rule: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        said = ", ".join(map(repr, self.words))
        return f"blocked by the rule {self.rule!r}" + (f" ({said})" if said else "")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase and what it is for: of a rule alone, one side of a pair of it, or allowed."""

    words: tuple[str, ...]
    rule: int | None = None
    pair: Near | None = None
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    """An entry found in a reading, from its first word to its last."""

    entry: _Entry
    first: int
    last: int

    @property
    def places(self) -> range:
        return range(self.first, self.last + 1)


class Moderator:
    """Checks texts against a list of words.

    Args:
        words: The list.

    Raises:
        SettingError: A phrase names a set that the list lacks, or has no letter.
    """

    def __init__(self, words: WordList):
        self.rules = words.rules
        self._by_first: dict[str, list[_Entry]] = defaultdict(list)
        self._unspaced: list[tuple[str, int]] = []
        sets = words.sets or {}
        for number, rule in enumerate(words.rules):
            for text in _expanded(rule.phrases, sets):
                self._add_blocked(text, number)
            for pair in rule.together:
                for text in _expanded(pair.any, sets):
                    self._add(_Entry(_key(text), number, pair))
                for text in _expanded(pair.near, sets):
                    self._add(_Entry(_key(text), number, pair, is_near=True))
        for text in _expanded(words.allow, sets):
            self._add(_Entry(_key(text)))

    def check(self, text: str) -> Match | None:
        """Finds the first rule that the text offends, if there is one."""
        folded = fold_look_alikes(text)
        plain: frozenset[str] = frozenset()
        for words in readings(folded):
            if found := self._check(words, plain):
                return found
            # What the plain reading has excused is not reported for another one.
            plain = plain or frozenset(words)
        for inside, rule in self._unspaced:
            if inside in folded:
                return Match(self.rules[rule].name, (inside,))
        return None

    def _add_blocked(self, text: str, rule: int) -> None:
        words = _key(text)
        if _UNSPACED.search(text):
            self._unspaced.append((fold_look_alikes(text), rule))
            return
        self._add(_Entry(words, rule))
        if len(words) > 1:  # also run together, as in a hashtag
            self._add(_Entry(("".join(words),), rule))

    def _add(self, entry: _Entry) -> None:
        self._by_first[entry.words[0]].append(entry)

    def _check(self, words: list[str], known: frozenset[str]) -> Match | None:
        hits = list(self._hits(words))
        excused = {place for hit in hits if hit.entry.rule is None for place in hit.places}
        told = [hit for hit in hits if excused.isdisjoint(hit.places)]
        alone = [hit for hit in told if hit.entry.pair is None]
        offending: dict[int, list[str]] = defaultdict(list)
        for hit in alone + _together(told):
            found = words[hit.first : hit.last + 1]
            if hit.entry.rule is not None and not known.issuperset(found):
                offending[hit.entry.rule].append(" ".join(found))
        if not offending:
            return None
        rule = min(offending)
        return Match(self.rules[rule].name, tuple(dict.fromkeys(offending[rule])))

    def _hits(self, words: Sequence[str]) -> Iterator[_Hit]:
        read = [forms(word) for word in words]
        for first, found in enumerate(read):
            for entry in (entry for form in found for entry in self._by_first.get(form, ())):
                after = first + len(entry.words)
                if _are(read[first:after], entry.words):
                    yield _Hit(entry, first, after - 1)


@lru_cache
def default_words() -> WordList:
    """Reads the list that comes with Pressrun: ``blocked.toml``."""
    table = tomllib.loads(files(__package__).joinpath("blocked.toml").read_text("utf-8"))
    return TypeAdapter(WordList).validate_python(table)


@lru_cache
def moderator(blocked: str = "", allowed: str = "") -> Moderator:
    """Builds the default list with a person's additions, as the settings have them.

    Args:
        blocked: Words and phrases, by commas, that are forbidden as well.
        allowed: The same that are not, whatever the list says.
    """
    known = default_words()
    own = Rule(OWN, "", tuple(split_words(blocked)))
    allow = (*known.allow, *split_words(allowed))
    return Moderator(WordList((*known.rules, own), allow, known.sets))


def split_words(setting: str) -> list[str]:
    """Splits a setting at its commas."""
    return [word.strip() for word in setting.split(",") if word.strip()]


def _key(text: str) -> tuple[str, ...]:
    words = tuple(words_of(fold_look_alikes(text)))
    if not words:
        raise SettingError(f"{text[:40]!r} among the words to block or allow has no letter.")
    return words


def _expanded(phrases: Iterable[str], sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yields the phrases with every choice for each set that they name."""
    for phrase in phrases:
        named = _SET.findall(phrase)
        if unknown := [name for name in named if name not in sets]:
            raise SettingError(f"The list of words has no set {unknown[0]!r}.")
        pieces = _SET.split(phrase)[::2]
        for choice in product(*(list(_expanded(sets[name], sets)) for name in named)):
            yield "".join(a + b for a, b in zip(pieces, [*choice, ""], strict=True))


def _are(read: Sequence[tuple[str, ...]], phrase: Sequence[str]) -> bool:
    """Says whether words, each with its forms, can be read as the phrase."""
    return len(read) == len(phrase) and all(map(contains, read, phrase))


def _together(hits: Sequence[_Hit]) -> list[_Hit]:
    """Lists the hits of pairs whose two sides stand close to each other."""
    found = []
    nears = [hit for hit in hits if hit.entry.is_near]
    for a in hits:
        pair = a.entry.pair
        if pair is None or a.entry.is_near:
            continue
        for b in nears:
            apart = max(a.first, b.first) - min(a.last, b.last) - 1
            if b.entry.pair is pair and 0 <= apart <= pair.within:
                found += [a, b]
    return found
