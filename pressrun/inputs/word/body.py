"""The body of a Word document: its headings, paragraphs, lists and tables, in order."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from pressrun.inputs.markdown import MarkdownWriter
from pressrun.inputs.word.elements import Element, child, children, local, number, value, visible
from pressrun.inputs.word.inline import InlineReader
from pressrun.inputs.word.numbering import Lists
from pressrun.inputs.word.styles import ListPlace, StyleSheet

_BODY = 9  # the outline level of what is no heading
_BOX = re.compile(r"([\u2610\u2611\u2612\u25a1])\s*")
_EMPTY_BOXES = "\u2610\u25a1"
_MOST_SPAN = 63  # columns of a table of Word


class BodyReader:
    """Writes the blocks of a document in the order in which they come.

    Attributes:
        counts: What is left out, by noun.
    """

    def __init__(
        self, writer: MarkdownWriter, styles: StyleSheet, lists: Lists, inline: InlineReader,
        counts: Counter[str],
    ):  # fmt: skip
        self._writer, self._styles, self._lists, self._inline = writer, styles, lists, inline
        self._counts = counts
        self._joined = ""  # the words before a mark of a paragraph that was deleted

    def read(self, element: Element) -> None:
        """Writes a block: a paragraph, a table, or what holds some."""
        name = local(element)
        if name == "p":
            self._read_paragraph(element)
        elif name == "tbl":
            self._read_table(element)
        elif name in ("del", "moveFrom"):
            self._counts["tracked deletion"] += 1
        elif name == "altChunk":
            self._counts["embedded document"] += 1
        elif name not in ("sectPr", "sdtPr", "sdtEndPr", ""):
            for one in visible(element):
                self.read(one)

    def _read_paragraph(self, element: Element) -> None:
        properties = children(child(element, "pPr"))
        style = value(properties.get("pStyle"))
        in_contents = self._inline.in_contents
        words = self._words(element, style)
        if in_contents or self._inline.in_contents or self._styles.is_contents(style):
            self._counts["line of a table of contents"] += bool(words.strip())
            return
        if child(properties.get("rPr"), "del") is not None:  # it goes on in the next one
            self._joined += words
            return
        words, self._joined = (self._joined + words).strip(), ""
        if not words:
            self._writer.empty()
            return
        level, place = self._heading_level(properties, style), self._place(properties, style)
        if level:
            label = self._lists.label(place) if place else ""
            self._writer.heading(level, f"{label} {words}")
        elif box := _BOX.match(words):
            ticked = "- [ ]" if box[1] in _EMPTY_BOXES else "- [x]"
            self._writer.item(place.level if place else 0, ticked, words[box.end() :])
        elif place and (mark := self._lists.mark(place)):
            self._writer.item(place.level, mark, words)
        else:
            self._writer.paragraph(words)

    def _words(self, element: Element, style: str) -> str:
        return self._inline.read(element, is_struck=self._styles.strikes(style))

    def _heading_level(self, properties: Mapping[str, Element], style: str) -> int:
        direct = number(properties.get("outlineLvl"))
        if direct is not None:
            return direct + 1 if 0 <= direct < _BODY else 0
        return self._styles.heading_level(style) if style else 0

    def _place(self, properties: Mapping[str, Element], style: str) -> ListPlace | None:
        of_style = self._styles.list_place(style) if style else None
        own = children(properties.get("numPr"))
        num_id, level = value(own.get("numId")), number(own.get("ilvl"))
        if num_id == "0":
            return None
        if num_id:
            return ListPlace(num_id, max(0, min(level or 0, _BODY - 1)))
        if of_style and level is not None:
            return ListPlace(of_style.num_id, max(0, min(level, _BODY - 1)), of_style.is_numbered)
        return of_style

    # --- Tables ---------------------------------------------------------------------------------

    def _read_table(self, table: Element) -> None:
        rows = [*_rows(table)]
        # A frame around a part of the document, or columns of a layout with one cell each.
        if all(len([*_cells(row)]) == 1 for row in rows):
            for row in rows:
                for cell in _cells(row):
                    for one in cell:
                        self.read(one)
            return
        above: dict[int, str] = {}
        grid = []
        for row in rows:
            if child(row, "trPr", "del") is not None:
                self._counts["tracked deletion"] += 1
                continue
            grid.append(self._read_row(row, above))
        self._writer.table(grid)

    def _read_row(self, row: Element, above: dict[int, str]) -> list[str]:
        """Reads the cells of a row; those merged with one above have its words."""
        skipped = number(child(row, "trPr", "gridBefore")) or 0
        cells = [""] * max(0, min(skipped, _MOST_SPAN))
        for cell in _cells(row):
            properties = child(cell, "tcPr")
            merged = child(properties, "vMerge")
            at = len(cells)
            words = "\n".join(self._lines(cell))
            if merged is not None and value(merged) != "restart":
                words = words or above.get(at, "")
            above[at] = words
            span = number(child(properties, "gridSpan")) or 1
            cells += [words, *[""] * (max(1, min(span, _MOST_SPAN)) - 1)]
        return cells

    def _lines(self, holder: Element) -> Iterator[str]:
        """Yields the words of a cell a line, also those of a table within it."""
        for one in visible(holder):
            name = local(one)
            if name == "p":
                if words := self._words(one, value(child(one, "pPr", "pStyle"))).strip():
                    yield words.replace("\t", " ")
            elif name == "tr" and child(one, "trPr", "del") is not None:
                self._counts["tracked deletion"] += 1
            elif name == "tr":
                cells = (", ".join(self._lines(cell)) for cell in _cells(one))
                yield "; ".join(filter(None, cells))
            elif name in ("del", "moveFrom"):
                self._counts["tracked deletion"] += 1
            elif name not in ("tcPr", "tblPr", "tblGrid", "sdtPr", "sdtEndPr", ""):
                yield from self._lines(one)


def _rows(table: Element) -> Iterator[Element]:
    for one in visible(table):
        if local(one) == "tr":
            yield one
        elif local(one) in ("sdt", "sdtContent", "ins", "moveTo", "customXml"):
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    for one in visible(row):
        if local(one) == "tc":
            yield one
        elif local(one) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(one)
