"""What the styles of a Word document say: which paragraphs are headings, which are in lists.

Programs call the same style otherwise: Word has "heading 1" and, in German, the id
"berschrift1"; LibreOffice "Heading 1"; templates their own names, on the base of one of these.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pressrun.inputs.word.elements import Element, child, is_on, local, number, value

_MOST_BASES = 12
_BODY = 9  # the outline level of what is no heading
# As Word calls its headings in its languages; ids are without the letters that are not ASCII.
_HEADING = re.compile(
    r"(?:heading|(?:ü|u|ue)?berschrift|titre|t[ií]?tulo|titolo|kop|rubrik|overskrift|otsikko|"
    r"nag[lł]?[oó]?wek|nadpis|заголовок|ba[sş]?l[iı]?k|c[ií]?msor|encabezado|intestazione|"  # noqa: RUF001 - Turkish
    r"見出し|标题|標題|제목)\s?([1-9])"
)
_TITLE = re.compile(
    r"title|titel|titre|t[ií]?tulo|titolo|tytu[lł]?|название|otsikko|n[aá]zev|rubrik|tittel|"
    r"表題|标题|標題|제목|heading"
)
_CONTENTS = re.compile(
    r"(?:toc|contents|verzeichnis|inhaltsverzeichnis|tdc|tm|tabledesmati[eè]res|sommario|inhopg)\s?"
    r"(?:[1-9]|heading|überschrift|berschrift)"
)
_LIST = re.compile(r"list (bullet|number)(?: ([2-9]))?")
_DEEPER = re.compile(r"[2-9]$")


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    outline: int | None
    num_id: str
    level: int | None
    struck: bool | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a paragraph stands in a list.

    Attributes:
        num_id: Of the numbering; empty where only the style's name says that it is a list.
        level: From 0.
        is_numbered: What the style's name says.
    """

    num_id: str
    level: int
    is_numbered: bool = False


class StyleSheet:
    """The styles of one document.

    Args:
        root: Of the part that holds them; None without.
    """

    def __init__(self, root: Element | None):
        found = [one for one in root if local(one) == "style"] if root is not None else []
        self._styles = {value(one, "styleId"): _style(one) for one in found}
        self._levels: dict[str, int] = {}
        self._places: dict[str, ListPlace | None] = {}

    def heading_level(self, style_id: str) -> int:
        """Gives the level of a heading from 1; 0 if a paragraph of that style is none."""
        if style_id not in self._levels:
            self._levels[style_id] = self._heading_level(style_id)
        return self._levels[style_id]

    def _heading_level(self, style_id: str) -> int:
        if _TITLE.fullmatch(self._name(style_id)) or _TITLE.fullmatch(style_id.lower()):
            return 1
        for at, style in self._chain(style_id):
            if style.outline is not None:
                return style.outline + 1 if style.outline < _BODY else 0
            if said := _HEADING.fullmatch(style.name) or _HEADING.fullmatch(at.lower()):
                return int(said[1])
        said = None if style_id in self._styles else _HEADING.fullmatch(style_id.lower())
        return int(said[1]) if said else 0

    def is_contents(self, style_id: str) -> bool:
        """Says whether paragraphs of that style are lines of a table of contents."""
        return bool(
            _CONTENTS.fullmatch(self._name(style_id)) or _CONTENTS.fullmatch(style_id.lower())
        )

    def list_place(self, style_id: str) -> ListPlace | None:
        """Says where paragraphs of that style stand in a list; None if in none."""
        if style_id not in self._places:
            self._places[style_id] = self._list_place(style_id)
        return self._places[style_id]

    def _list_place(self, style_id: str) -> ListPlace | None:
        level: int | None = None
        for _, style in self._chain(style_id):
            level = style.level if level is None else level
            if style.num_id == "0":
                return None
            if style.num_id:
                return ListPlace(style.num_id, level or self._depth(style_id))
        if named := _LIST.fullmatch(self._name(style_id)):
            return ListPlace("", int(named[2] or 1) - 1, named[1] == "number")
        return None

    def _depth(self, style_id: str) -> int:
        """Reads the depth of "List Bullet 2", whose numbering is one of its own."""
        name = self._name(style_id)
        deeper = _DEEPER.search(name) if name.startswith("list ") else None
        return int(deeper[0]) - 1 if deeper else 0

    def strikes(self, style_id: str) -> bool:
        """Says whether words of that style are struck out."""
        said = (style.struck for _, style in self._chain(style_id))
        return next((struck for struck in said if struck is not None), False)

    def hides(self, style_id: str) -> bool:
        """Says whether words of that style are hidden."""
        return any(style.hidden for _, style in self._chain(style_id))

    def _name(self, style_id: str) -> str:
        style = self._styles.get(style_id)
        return style.name if style else ""

    def _chain(self, style_id: str) -> Iterator[tuple[str, _Style]]:
        """Yields a style and those that it is based on, with their ids."""
        for _ in range(_MOST_BASES):
            if (style := self._styles.get(style_id)) is None:
                return
            yield style_id, style
            style_id = style.based_on


def _style(element: Element) -> _Style:
    paragraph, run = child(element, "pPr"), child(element, "rPr")
    numbering, strike = child(paragraph, "numPr"), child(run, "strike")
    return _Style(
        " ".join(value(child(element, "name")).lower().split())[:80],
        value(child(element, "basedOn")),
        number(child(paragraph, "outlineLvl")),
        value(child(numbering, "numId")),
        number(child(numbering, "ilvl")),
        None if strike is None else is_on(strike),
        is_on(child(run, "vanish")),
    )
