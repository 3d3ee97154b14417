"""The lists of a Word document: what stands before each entry, as Word counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pressrun.inputs.word.elements import Element, child, local, number, value
from pressrun.inputs.word.styles import ListPlace, StyleSheet

_MOST_LEVEL = 8
_LEVEL = re.compile(r"%([1-9])")
#: A box to tick as the bullet of a list; the last two are letters of Wingdings.
_EMPTY_BOX = frozenset({"\u2610", "\u25a1", "\u2751", "\uf0a8", "\uf06f"})
_TICKED_BOX = frozenset({"\u2611", "\u2612", "\uf0fe", "\uf0fd"})


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Numbering:
    abstract: str
    starts: Mapping[int, int]
    levels: Mapping[int, _Level]


class Lists:
    """Counts the entries of a document's lists, in order.

    Args:
        root: Of the part with the numberings; None without.
        styles: Of the document.
    """

    def __init__(self, root: Element | None, styles: StyleSheet):
        self._abstracts: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._numberings: dict[str, _Numbering] = {}
        self._styles = styles
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        self._levels: dict[ListPlace, _Level | None] = {}
        for element in () if root is None else root:
            if local(element) == "abstractNum":
                key = value(element, "abstractNumId")
                self._abstracts[key] = _levels(element)
                if link := value(child(element, "numStyleLink")):
                    self._links[key] = link
            elif local(element) == "num":
                self._numberings[value(element, "numId")] = _numbering(element)

    def mark(self, place: ListPlace) -> str | None:
        """Counts an entry; gives what stands before it in Markdown, None where nothing does."""
        label = self.label(place)
        level = self._level(place)
        if level is None:
            return "1." if place.is_numbered else "-"
        if level.format == "none":
            return None
        if level.format != "bullet":
            return f"{self._count(place)}." if label else None
        box = level.text.strip()
        return "- [ ]" if box in _EMPTY_BOX else "- [x]" if box in _TICKED_BOX else "-"

    def label(self, place: ListPlace) -> str:
        """Counts an entry; gives its number as the document writes it; empty without."""
        level = self._level(place)
        if level is None or level.format in ("bullet", "none"):
            return ""
        self._advance(place, level)
        return _LEVEL.sub(lambda at: str(self._count(place, int(at[1]) - 1)), level.text).strip()

    def _count(self, place: ListPlace, depth: int | None = None) -> int:
        depth = place.level if depth is None else depth
        level = self._level(ListPlace(place.num_id, depth))
        counts = self._counts.get(self._key(place), {})
        return counts.get(depth, level.start if level else 1)

    def _advance(self, place: ListPlace, level: _Level) -> None:
        counts = self._counts.setdefault(self._key(place), {})
        numbering = self._numberings[place.num_id]
        if place.num_id not in self._begun:  # begins anew, if it says so
            self._begun.add(place.num_id)
            for at, start in numbering.starts.items():
                counts[at] = start - 1
        counts[place.level] = counts.get(place.level, level.start - 1) + 1
        for deeper in [at for at in counts if at > place.level]:
            del counts[deeper]

    def _key(self, place: ListPlace) -> str:
        numbering = self._numberings.get(place.num_id)
        return numbering.abstract if numbering else ""

    def _level(self, place: ListPlace) -> _Level | None:
        if place not in self._levels:
            self._levels[place] = self._found(place)
        return self._levels[place]

    def _found(self, place: ListPlace) -> _Level | None:
        numbering = self._numberings.get(place.num_id)
        if numbering is None:
            return None
        abstract = numbering.abstract
        if (link := self._links.get(abstract)) and (named := self._styles.list_place(link)):
            linked = self._numberings.get(named.num_id)
            abstract = linked.abstract if linked else abstract
        levels = self._abstracts.get(abstract, {}) | dict(numbering.levels)
        return levels.get(min(place.level, _MOST_LEVEL))


def _levels(element: Element) -> dict[int, _Level]:
    found = (one for one in element if local(one) == "lvl")
    return {number(one, "ilvl") or 0: _level(one) for one in found}


def _level(element: Element) -> _Level:
    start = number(child(element, "start"))
    return _Level(
        value(child(element, "numFmt")) or "decimal",
        value(child(element, "lvlText")),
        1 if start is None else start,
    )


def _numbering(element: Element) -> _Numbering:
    starts, levels = dict[int, int](), dict[int, _Level]()
    for override in element:
        if local(override) != "lvlOverride":
            continue
        at = number(override, "ilvl") or 0
        if (start := number(child(override, "startOverride"))) is not None:
            starts[at] = start
        if (level := child(override, "lvl")) is not None:
            levels[at] = _level(level)
    return _Numbering(value(child(element, "abstractNumId")), starts, levels)
