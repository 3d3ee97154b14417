"""A document of another format as text in Markdown, the form that all readers of texts know.

It must not know where its blocks come from (:mod:`pressrun.inputs.word`,
:mod:`pressrun.inputs.web.markdown`), nor what is asked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pressrun.boundary.text import counted

_MOST_LEVEL = 6
_INDENT = 4
#: Share of the plain paragraphs with an empty one between them, from which on that is how a
#: document parts its texts: what stands without one belongs together.
_PARTED = 0.2
_NOT_IN_ADDRESS = {" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "|": "%7C"}

Kind = Literal["heading", "paragraph", "item", "table"]


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The text of a document.

    Attributes:
        text: All of it, in Markdown where the document was no text itself.
        notes: In sentences, what it was read from, and what of it is left out.
    """

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    kind: Kind
    text: str
    after_empty: bool


class MarkdownWriter:
    """Takes the blocks of a document in order; gives its text.

    Attributes:
        characters: How long the text is so far, about.
    """

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._after_empty = False
        self.characters = 0

    def heading(self, level: int, words: str) -> None:
        """Adds a heading, of a level from 1."""
        self._add("heading", f"{'#' * min(level, _MOST_LEVEL)} {' '.join(words.split())}", words)

    def paragraph(self, words: str) -> None:
        """Adds a paragraph; its lines stay lines."""
        self._add("paragraph", "\n".join(line.strip() for line in words.split("\n")), words)

    def item(self, depth: int, mark: str, words: str) -> None:
        """Adds an entry of a list.

        Args:
            depth: How many entries it stands below.
            mark: Such as ``-``, ``- [x]`` or ``3.``.
            words: Its lines.
        """
        indent = " " * (_INDENT * depth)
        first, *rest = [line.strip() for line in words.split("\n")]
        lines = [f"{indent}{mark} {first}", *(f"{indent}  {line}" for line in rest if line)]
        self._add("item", "\n".join(lines), words)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Adds a table whose first row is its head; of one cell, its words."""
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        width = max(map(len, rows), default=0)
        # A title across the whole table is none of its rows.
        while len(rows) > 1 and width > 1 and _has_one_cell(rows[0]):
            self.paragraph(next(cell for cell in rows[0] if cell.strip()))
            rows = rows[1:]
        if width < 2 or len(rows) < 2:
            for row in rows:
                self.paragraph("\n".join(cell for cell in row if cell.strip()))
            return
        lines = [_row([*row, *[""] * (width - len(row))]) for row in rows]
        lines.insert(1, _row(["---"] * width))
        self._add("table", "\n".join(lines), "\n".join(lines))

    def empty(self) -> None:
        """Notes an empty paragraph."""
        self._after_empty = True

    def text(self) -> str:
        """Writes all of it."""
        plain = [
            below.after_empty
            for above, below in pairwise(self._blocks)
            if above.kind == below.kind == "paragraph"
        ]
        parted = any(plain) and sum(plain) >= _PARTED * len(plain)
        pieces = [self._blocks[0].text] if self._blocks else []
        for above, below in pairwise(self._blocks):
            joined = above.kind == below.kind == "item" or (
                parted and above.kind == below.kind == "paragraph"
            )
            pieces += ["\n" if joined and not below.after_empty else "\n\n", below.text]
        return "".join(pieces)

    def _add(self, kind: Kind, text: str, words: str) -> None:
        if words.strip():
            self._blocks.append(_Block(kind, text, self._after_empty))
            self.characters += len(text)
            self._after_empty = False


def linked(words: str, address: str) -> str:
    """Writes words that lead to a page as ``[words](address)``; other links are words alone."""
    if not words or not address.lower().startswith(("http://", "https://")):
        return words
    address = "".join(_NOT_IN_ADDRESS.get(letter, letter) for letter in address.strip())
    words = " ".join(words.replace("[", "(").replace("]", ")").split())
    return address if words.rstrip("/") == address.rstrip("/") else f"[{words}]({address})"


def struck(words: str) -> str:
    """Writes words as struck out, each line for itself."""
    return "\n".join(re.sub(r"\S(?:.*\S)?", r"~~\g<0>~~", line) for line in words.split("\n"))


def left_out(what: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Says in a sentence what of a document is left out: by noun, how often; none if nothing is."""
    told = [counted(number, noun) for noun, number in counts.items() if number]
    if not told:
        return ()
    last = told.pop()
    return (f"Left out of {what}: {', '.join(told)}{' and ' if told else ''}{last}.",)


def _has_one_cell(row: Sequence[str]) -> bool:
    return sum(bool(cell.strip()) for cell in row) == 1


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(words: str) -> str:
    lines = [" ".join(line.split()) for line in words.split("\n")]
    return "<br>".join(line.replace("|", "\\|") for line in lines if line)
