"""The list of words: named rules from data, held against every way a text can be read.

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
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from pressrun.errors import SettingError
from pressrun.moderation.folding import fold
from pressrun.moderation.readings import broken, forms, readings, words_of

#: The rule of words that the settings add.
OWN = "own words"

_SET = re.compile(r"\{(\w+)\}")
_MASKED = re.compile(r"[^\W_]+(?:\*[^\W_]+)+")
_MOST_MASKED = 1 / 3  # of a word's letters: "f*ck" leaves no doubt, "n**e" does
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
    """What must not be asked for, by a name that people are told.

    Attributes:
        about: What it forbids, in words for a model; empty where only the phrases say it.
        phrases: Words and phrases; ``{name}`` stands for each of a set of them.
        together: Words that only match in each other's company.
    """

    name: str
    about: str
    phrases: tuple[str, ...] = ()
    together: tuple[Near, ...] = ()


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WordList:
    """Rules, the first to be told first, and phrases that no rule forbids."""

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
    rule: int = -1
    pair: int = -1
    side: Literal["any", "near", ""] = ""

    @property
    def is_allowed(self) -> bool:
        return self.rule < 0


@dataclass(frozen=True, slots=True)
class _Hit:
    """An entry found in a reading, from its first word to its last."""

    entry: _Entry
    first: int
    last: int


class Moderator:
    """Holds texts against a list of words.

    Args:
        words: The list.

    Raises:
        SettingError: A phrase names a set that the list lacks, or has no letter.
    """

    def __init__(self, words: WordList):
        self.rules = words.rules
        self._within = [[pair.within for pair in rule.together] for rule in words.rules]
        self._by_first: dict[str, list[_Entry]] = defaultdict(list)
        self._single: dict[str, _Entry] = {}
        self._by_shape: dict[tuple[int, str, str], list[str]] = defaultdict(list)
        self._unspaced: list[tuple[str, _Entry]] = []
        for entry, text in _entries(words):
            self._add(entry, text)

    def check(self, text: str) -> Match | None:
        """The first rule that the text offends, if there is one."""
        folded = fold(text)
        plain: frozenset[str] = frozenset()
        for words in readings(folded):
            if found := self._check(words, plain):
                return found
            # What the plain reading has excused is not brought up again by another one.
            plain = plain or frozenset(words)
        for inside, entry in self._unspaced:
            if inside in folded:
                return Match(self.rules[entry.rule].name, (inside,))
        return None

    def _add(self, entry: _Entry, text: str) -> None:
        if _UNSPACED.search(text) and not (entry.is_allowed or entry.side):
            self._unspaced.append((fold(text), entry))
            return
        self._by_first[entry.words[0]].append(entry)
        if not (entry.is_allowed or entry.side):
            # Spelled letters say nothing of where a phrase's words end.
            key = "".join(entry.words)
            self._single.setdefault(key, entry)
            self._by_shape[len(key), key[0], key[-1]].append(key)

    def _check(self, words: list[str], known: frozenset[str]) -> Match | None:
        hits = list(self._hits(words))
        if not known:
            hits += self._hits_of_broken(words)
        allowed = [hit for hit in hits if hit.entry.is_allowed]
        told = [hit for hit in hits if not (hit.entry.is_allowed or _is_among(hit, allowed))]
        offending = [hit for hit in told if not hit.entry.side] + self._together(told)
        offending = [h for h in offending if not known.issuperset(words[h.first : h.last + 1])]
        if not offending:
            return None
        rule = min(hit.entry.rule for hit in offending)
        found = [" ".join(words[h.first : h.last + 1]) for h in offending if h.entry.rule == rule]
        return Match(self.rules[rule].name, tuple(dict.fromkeys(found)))

    def _hits(self, words: Sequence[str]) -> Iterator[_Hit]:
        for place, word in enumerate(words):
            for form in forms(word):
                for entry in self._by_first.get(form, ()):
                    if _follows(entry.words, words, place):
                        yield _Hit(entry, place, place + len(entry.words) - 1)
                if form in self._single:
                    yield _Hit(self._single[form], place, place)
            if "*" in word and (masked := self._masked(word)):
                yield _Hit(masked, place, place)

    def _hits_of_broken(self, words: list[str]) -> Iterator[_Hit]:
        for first, last, joined in broken(words):
            if entry := self._single.get(joined):
                yield _Hit(entry, first, last)

    def _masked(self, word: str) -> _Entry | None:
        if not _MASKED.fullmatch(word) or word.count("*") > _MOST_MASKED * len(word):
            return None
        alike = self._by_shape.get((len(word), word[0], word[-1]), ())
        return next((self._single[key] for key in alike if _fits(word, key)), None)

    def _together(self, hits: Sequence[_Hit]) -> list[_Hit]:
        """The hits of pairs whose two sides stand close to each other."""
        found = []
        for a in (hit for hit in hits if hit.entry.side == "any"):
            for b in (hit for hit in hits if hit.entry.side == "near"):
                same = (a.entry.rule, a.entry.pair) == (b.entry.rule, b.entry.pair)
                apart = max(a.first, b.first) - min(a.last, b.last) - 1
                if same and 0 <= apart <= self._within[a.entry.rule][a.entry.pair]:
                    found += [a, b]
        return found


@lru_cache
def default_words() -> WordList:
    """Gives the list that comes with Pressrun: ``blocked.toml``."""
    table = tomllib.loads(files(__package__).joinpath("blocked.toml").read_text("utf-8"))
    return TypeAdapter(WordList).validate_python(table)


@lru_cache
def moderator(blocked: str = "", allowed: str = "") -> Moderator:
    """The default list with a person's additions, as the settings have them.

    Args:
        blocked: Words and phrases, by commas, that are forbidden as well.
        allowed: The same that are not, whatever the list says.
    """
    known = default_words()
    own = Rule(OWN, "", tuple(split_words(blocked)))
    allow = (*known.allow, *split_words(allowed))
    return Moderator(WordList((*known.rules, own), allow, known.sets))


def split_words(setting: str) -> list[str]:
    """The words of a setting, which commas separate."""
    return [word.strip() for word in setting.split(",") if word.strip()]


def _entries(words: WordList) -> Iterator[tuple[_Entry, str]]:
    sets = words.sets or {}
    for number, rule in enumerate(words.rules):
        for text in _expanded(rule.phrases, sets):
            yield _Entry(_key(text), number), text
        for pair, near in enumerate(rule.together):
            for text in _expanded(near.any, sets):
                yield _Entry(_key(text), number, pair, "any"), text
            for text in _expanded(near.near, sets):
                yield _Entry(_key(text), number, pair, "near"), text
    for text in _expanded(words.allow, sets):
        yield _Entry(_key(text)), text


def _key(text: str) -> tuple[str, ...]:
    words = tuple(words_of(fold(text)))
    if not words:
        raise SettingError(f"{text[:40]!r} among the words to block or allow has no letter.")
    return words


def _expanded(phrases: Iterable[str], sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The phrases with every choice for each set that they name."""
    for phrase in phrases:
        named = _SET.findall(phrase)
        if unknown := [name for name in named if name not in sets]:
            raise SettingError(f"The list of words has no set {unknown[0]!r}.")
        pieces = _SET.split(phrase)[::2]
        for choice in product(*(list(_expanded(sets[name], sets)) for name in named)):
            yield "".join(a + b for a, b in zip(pieces, [*choice, ""], strict=True))


def _follows(phrase: Sequence[str], words: Sequence[str], place: int) -> bool:
    """Whether a phrase whose first word is there goes on as the words do."""
    rest = words[place + 1 : place + len(phrase)]
    return len(rest) == len(phrase) - 1 and all(
        wanted in forms(word) for wanted, word in zip(phrase[1:], rest, strict=True)
    )


def _fits(masked: str, word: str) -> bool:
    return all(a in ("*", b) for a, b in zip(masked, word, strict=True))


def _is_among(hit: _Hit, others: Iterable[_Hit]) -> bool:
    return any(hit.first <= other.last and other.first <= hit.last for other in others)
