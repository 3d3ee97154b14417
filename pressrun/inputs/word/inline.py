"""The words of a paragraph of a Word document: with links, struck out words and tracked changes."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from pressrun.inputs.markdown import linked, struck
from pressrun.inputs.word.elements import (
    Element,
    child,
    children,
    has_any,
    is_on,
    local,
    value,
    visible,
)
from pressrun.inputs.word.styles import StyleSheet

_HYPERLINK = re.compile(r"\s*HYPERLINK\s+(?:\\[lmno]\s+)*\"([^\"]+)\"", re.IGNORECASE)
_CONTENTS = re.compile(r"\s*TOC\b", re.IGNORECASE)
_UNTICKED, _TICKED = "\u2610", "\u2612"
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
#: Letters of Wingdings that stand for a box to tick.
_SYMBOLS = {"F0A8": _UNTICKED, "F06F": _UNTICKED, "F0FE": _TICKED, "F0FD": _TICKED}
#: What holds no words that are read, or is looked at by name.
_SILENT = frozenset(
    ["pPr", "rPr", "sdtPr", "sdtEndPr", "delText", "delInstrText", "rt", "lastRenderedPageBreak"]
)
_COUNTED = {
    "commentReference": "comment",
    "footnoteReference": "footnote",
    "endnoteReference": "footnote",
    "del": "tracked deletion",
    "moveFrom": "tracked deletion",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    is_struck: bool
    address: str


@dataclass(slots=True)
class _Field:
    """A field that is open: its code is read until its result begins."""

    code: str = ""
    in_result: bool = False

    @property
    def address(self) -> str:
        found = _HYPERLINK.match(self.code)
        return found[1] if found else ""


class InlineReader:
    """Reads paragraphs in order: fields may go on from one to the next.

    Args:
        targets: By id, where the document's relations lead.
        styles: Of the document.
        counts: Where what is left out is counted, by noun.
    """

    def __init__(self, targets: Mapping[str, str], styles: StyleSheet, counts: Counter[str]):
        self._targets, self._styles, self._counts = targets, styles, counts
        self._fields: list[_Field] = []
        self._pieces: list[_Piece] = []

    @property
    def in_contents(self) -> bool:
        """Whether the next words belong to a table of contents."""
        return any(_CONTENTS.match(field.code) for field in self._fields)

    def read(self, paragraph: Element, *, is_struck: bool = False) -> str:
        """Gives the words of a paragraph; its line breaks are lines, also those at its ends."""
        self._pieces = []
        self._walk(paragraph, is_struck, "")
        return "".join(self._written()).replace("\u00ad", "")

    def _walk(self, element: Element, is_struck: bool, address: str) -> None:
        for one in visible(element):
            name = local(one)
            if name in _SILENT:
                continue
            if noun := _COUNTED.get(name):
                self._counts[noun] += 1
            elif name in ("drawing", "pict", "object"):
                self._count_drawn(one)
            elif name == "r":
                self._read_run(one, is_struck, address)
            elif name == "hyperlink":
                self._walk(one, is_struck, self._targets.get(value(one, "id"), "") or address)
            elif name == "fldSimple":
                code = _HYPERLINK.match(value(one, "instr"))
                self._walk(one, is_struck, code[1] if code else address)
            elif name == "t":
                self._add(one.text or "", is_struck, address)
            else:
                self._walk(one, is_struck, address)

    def _read_run(self, run: Element, is_struck: bool, address: str) -> None:
        properties = children(child(run, "rPr"))
        style = value(properties.get("rStyle"))
        hidden = properties.get("vanish")
        if is_on(hidden) if hidden is not None else self._styles.hides(style):
            self._counts["hidden text"] += 1
            return
        marks = [properties[name] for name in ("strike", "dstrike") if name in properties]
        said = any(map(is_on, marks)) if marks else is_struck or self._styles.strikes(style)
        for one in visible(run):
            self._read_part(one, said, address)

    def _read_part(self, one: Element, is_struck: bool, address: str) -> None:
        name = local(one)
        if name in _SIGNS or name in ("t", "sym"):
            self._add(_letters(one, name), is_struck, address)
        elif name == "fldChar":
            self._read_mark(one)
        elif name == "instrText":
            if self._fields and not self._fields[-1].in_result:
                self._fields[-1].code = (self._fields[-1].code + (one.text or ""))[:4000]
        elif name in ("drawing", "pict", "object"):
            self._count_drawn(one)
        elif name == "AlternateContent":
            for part in visible(one):
                self._read_part(part, is_struck, address)
        elif noun := _COUNTED.get(name):
            self._counts[noun] += 1
        elif name not in _SILENT:
            self._walk(one, is_struck, address)

    def _read_mark(self, mark: Element) -> None:
        kind = value(mark, "fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            box = child(mark, "ffData", "checkBox")
            if box is not None:
                said = child(box, "checked")
                on = is_on(child(box, "default") if said is None else said)
                self._pieces.append(_Piece(_TICKED if on else _UNTICKED, False, ""))
        elif kind == "separate" and self._fields:
            self._fields[-1].in_result = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _add(self, text: str, is_struck: bool, address: str) -> None:
        if not text or not all(field.in_result for field in self._fields):
            return
        field = next((one.address for one in reversed(self._fields) if one.address), "")
        self._pieces.append(_Piece(text, is_struck, address or field))

    def _count_drawn(self, drawn: Element) -> None:
        if has_any(drawn, "txbxContent", "textbox"):
            self._counts["text box"] += 1
        elif not any(value(one, "hr") for one in drawn):  # a rule
            self._counts["picture"] += 1

    def _written(self) -> Iterator[str]:
        for is_struck, part in groupby(self._pieces, lambda piece: piece.is_struck):
            words = "".join(_with_links(part))
            yield struck(words) if is_struck else words


def _letters(one: Element, name: str) -> str:
    if name == "sym":
        return _SYMBOLS.get(value(one, "char").upper(), "")
    if name == "br" and value(one, "type") in ("page", "column"):
        return ""
    return _SIGNS.get(name) or one.text or ""


def _with_links(pieces: Iterator[_Piece]) -> Iterator[str]:
    for address, part in groupby(pieces, lambda piece: piece.address):
        words = "".join(piece.text for piece in part)
        core = words.strip()
        if address and core:
            start = words.index(core)
            yield words[:start] + linked(core, address) + words[start + len(core) :]
        else:
            yield words
