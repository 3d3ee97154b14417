"""A pasted document as blocks: headings, paragraphs, lists, tables, fences, with their lines.

Markdown gives the blocks; the words in them stay as they were typed but for the marks of bold,
italic and code. It must not know what is a prompt (see :mod:`pressrun.inputs.prompts.structure`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pressrun.inputs.prompts.words import Role, role_of

#: Characters that people use as bullets and markdown does not know.
_BULLET = re.compile(
    r"(\s*)(?:[\u2022\u25e6\u25aa\u25ab\u25cf\u25cb\u25a0\u25a1\u2023\u2219\u2043\u00b7\u25b8\u25b6\u25ba\u27a4\u2192\u2713\u2714\u2610\u2611\u2612"
    r"\u2013\u2014]|\((?:\d{1,4}|[a-zA-Z])\)|[a-zA-Z]\)|(?:[a-z]|[ivx]{2,4})\.|#\d{1,4}[.:)]?(?=\s))\s+(?=\S)"
)
_NUMBER = re.compile(
    r"(\s*)(?:\((\d{1,4})\)|(\d{1,4})(?:\s[-\u2013\u2014]|:|\uff0e|\u3001|\]))\s+(?=\S)"
)
#: ``=== Weapons ===``: a heading of those who know no markdown.
_ORNAMENT = re.compile(
    r"\s*([=~*\u2500-\u257f\u2014\u2013-])\1{2,}\s*(?=[^|]*\w)([^\s=~*|-].*?)\s*\1{3,}\s*$"
)
_BRACKETED = re.compile(r"\s*(?:\[([^\[\]]{2,60})\]|\u3010([^\u3011]+)\u3011)\s*:?\s*$")
_SUMMARY = re.compile(
    r"\s*<summary>\s*(?:<[^<>]*>)?(.+?)(?:<[^<>]*>)?\s*</summary>\s*$", re.IGNORECASE
)
_TITLE = 200  # characters; on longer lines the search for marks at both ends takes long
_GLUED_HEADING = re.compile(r"(#{2,6})(?=[^\s#])")
_LINE_OF_MARKS = re.compile(r"\s*[=~_*.\u2500-\u257f\u2014\u2013+-]{3,}\s*$")
_MARKUP_ONLY = re.compile(r"\s*</?[a-zA-Z][^<>]*>\s*$|\s*\\(?:newpage|pagebreak)\s*$")
_BREAK_TAG = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_LIST_LINE = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_TABS = re.compile(r"\A[ \t]+")
_FENCE = re.compile(r"\s*(?:```|~~~)")


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A piece of a line in one kind of type."""

    text: str
    bold: bool = False
    code: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source, without the marks of its block."""

    number: int
    spans: tuple[TextSpan, ...]
    hard: bool = False  # its author said that a new line begins behind it

    @property
    def text(self) -> str:
        """The line's words."""
        return "".join(span.text for span in self.spans).strip()


@dataclass(frozen=True, slots=True)
class HeadingBlock:
    """A heading of a level from 1."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines without a blank one among them."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """One entry of a list, with all that is nested in it."""

    number: int
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the head is its first row."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code with the word behind its opening marks."""

    info: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """A quotation."""

    lines: tuple[Line, ...]


Block = HeadingBlock | Paragraph | Items | Table | Fence | QuoteBlock


def read_blocks(lines: Iterable[tuple[int, str]]) -> list[Block]:
    """Reads the blocks of a document's lines, each given with its number."""
    numbered = list(_prepared(list(lines)))
    tokens = _markdown().parse("\n".join(text for _, text in numbered))
    return list(_BlockReader(tokens, numbered).blocks(0, len(tokens)))


@lru_cache
def _markdown() -> MarkdownIt:
    # Indented code would hide indented prompts; the others would change what was typed.
    inline = ["html_inline", "entity", "link", "image", "autolink"]
    without = ["code", "html_block", "reference", *inline]
    return MarkdownIt("commonmark").enable("table").disable(without)


def _prepared(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Rewrites what markdown would misread; also a list that is indented."""
    fenced = in_list = False
    before, margin = "", 0
    for number, given in lines:
        text = _TABS.sub(lambda tabs: tabs[0].expandtabs(4), given, count=1)
        if _FENCE.match(text):
            fenced = not fenced
        elif not fenced:
            text = _plain_marks(text)
            alone = _stands_alone(text)
            if in_list and before.strip() and alone:
                yield number, ""
            begins = bool(_LIST_LINE.match(text))
            goes_on = text[:1] == " " or (bool(before.strip()) and not alone)
            if text.strip():
                margin = _indent(text) if begins and not in_list else margin
                in_list = begins or (in_list and goes_on)
                margin = margin if in_list else 0
        before = text[min(margin, _indent(text)) :]
        yield number, before


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _plain_marks(text: str) -> str:
    text = text.replace("\u00a0", " ") if text[:1] == "\u00a0" else text
    for shape in (_ORNAMENT, _BRACKETED, _SUMMARY) if len(text) < _TITLE else ():
        if title := shape.match(text):
            return f"### {title[title.lastindex or 1]}"
    if _MARKUP_ONLY.match(text):
        return ""
    if glued := _GLUED_HEADING.match(text):
        return f"{glued[1]} {text[glued.end() :]}"
    if numbered := _NUMBER.match(text):
        return f"{numbered[1]}{numbered[2] or numbered[3]}. {text[numbered.end() :]}"
    if bullet := _BULLET.match(text):
        return f"{bullet[1]}- {text[bullet.end() :]}"
    return text


def _stands_alone(text: str) -> bool:
    """Says whether an unindented line right below a list begins something new."""
    if text[:1] in " \t" or _LIST_LINE.match(text):
        return False
    bare = text.strip()
    bold = re.fullmatch(r"(\*\*|__)(?!\s).+?\1:?", bare)
    label = bare.partition(":")[0]
    known = ":" in bare and role_of(label) not in (Role.GROUP, None)
    return bool(bold) or known or bare.endswith(":") or bare.startswith(("**", "__"))


class _BlockReader:
    """Turns markdown's tokens into blocks."""

    def __init__(self, tokens: list[Token], source: list[tuple[int, str]]):
        self._tokens, self._source = tokens, source

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        """Yields the blocks among the tokens from ``start`` to ``end``."""
        at = start
        while at < end:
            token = self._tokens[at]
            close = self._close(at)
            yield from self._block(token, at, close)
            at = close + 1

    def _block(self, token: Token, at: int, close: int) -> Iterator[Block]:
        if token.type == "heading_open":
            yield from self._heading(token, at)
        elif token.type == "paragraph_open":
            if lines := self._lines(self._tokens[at + 1]):
                yield Paragraph(lines)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            yield Items(tuple(self._items(at + 1, close)))
        elif token.type == "table_open":
            yield Table(tuple(self._rows(at + 1, close)))
        elif token.type == "fence":
            yield self._fence(token)
        elif token.type == "blockquote_open" and (quoted := self._all_lines(at + 1, close)):
            yield QuoteBlock(quoted)

    def _heading(self, token: Token, at: int) -> Iterator[Block]:
        lines = self._lines(self._tokens[at + 1])
        if not lines:
            return
        if token.markup in "-=" and not self._is_title(token, lines):
            yield Paragraph(lines)
        else:
            spans = tuple(span for line in lines for span in line.spans)
            yield HeadingBlock(int(token.tag[1]), Line(lines[0].number, spans))

    def _is_title(self, token: Token, lines: tuple[Line, ...]) -> bool:
        """Says whether a line below words makes a title of them, and does not just end them."""
        if len(lines) > 1 or token.markup == "=":
            return len(lines) == 1
        marks = self._source[(token.map or [0, 1])[1] - 1][1].strip()
        return (len(marks) > 3 or len(lines[0].text) <= 3) and len(lines[0].text) < 60

    def _items(self, start: int, end: int) -> Iterator[ListItem]:
        at = start
        while at < end:
            close = self._close(at)
            line = self._number(self._tokens[at])
            yield ListItem(line, tuple(self.blocks(at + 1, close)))
            at = close + 1

    def _rows(self, start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        cells: list[str] = []
        for token in self._tokens[start:end]:
            if token.type == "tr_open":
                cells, number = [], self._number(token)
            elif token.type == "inline":
                text = " ".join(line.text for line in self._lines(token))
                cells.append(_BREAK_TAG.sub(" ", text))
            elif token.type == "tr_close":
                yield number, tuple(cells)

    def _fence(self, token: Token) -> Fence:
        first = (token.map or [0, 0])[0] + 1
        lines = token.content.removesuffix("\n").split("\n") if token.content else []
        numbered = ((self._source[first + n][0], line) for n, line in enumerate(lines))
        return Fence(token.info.strip(), tuple(numbered))

    def _all_lines(self, start: int, end: int) -> tuple[Line, ...]:
        inline = (token for token in self._tokens[start:end] if token.type == "inline")
        return tuple(line for token in inline for line in self._lines(token))

    def _lines(self, token: Token) -> tuple[Line, ...]:
        first = (token.map or [0, 0])[0]
        found = enumerate(_typed(token.children or []))
        lines = [Line(self._source[first + n][0], spans, hard) for n, (spans, hard) in found]
        return tuple(line for line in lines if line.text and not _LINE_OF_MARKS.match(line.text))

    def _number(self, token: Token) -> int:
        return self._source[(token.map or [0, 0])[0]][0]

    def _close(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self._tokens)):
            depth += self._tokens[place].nesting
            if depth == 0:
                return place
        return len(self._tokens) - 1


def _typed(tokens: list[Token]) -> Iterator[tuple[tuple[TextSpan, ...], bool]]:
    """Yields the lines of inline tokens, and whether each was broken on purpose."""
    spans: list[TextSpan] = []
    literal: list[bool] = []
    bold = italic = 0
    for token in tokens:
        kind = token.type
        if kind in ("softbreak", "hardbreak"):
            yield tuple(spans), kind == "hardbreak"
            spans = []
        elif kind == "code_inline":
            spans.append(TextSpan(token.content, bold=bold > 0, code=True, italic=italic > 0))
        elif kind in ("strong_open", "em_open", "strong_close", "em_close"):
            opening = kind.endswith("open")
            if opening:
                # Between two letters the marks are typed characters: 5*4*3.
                literal.append(bool(spans) and spans[-1].text[-1:].isalnum())
            if literal[-1]:
                spans.append(TextSpan(token.markup, bold=bold > 0, italic=italic > 0))
            elif kind.startswith("strong"):
                bold += token.nesting
            else:
                italic += token.nesting
            if not opening:
                literal.pop()
        elif token.content:
            spans.append(TextSpan(token.content, bold=bold > 0, italic=italic > 0))
    yield tuple(spans), False
