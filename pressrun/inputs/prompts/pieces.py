"""Pieces of a document that would be prompts, and a reading: all that one way gives.

It must not know how documents are divided.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log
from statistics import pstdev

from pressrun.inputs.prompts.blocks import BESIDE, Block
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.labels import codes_in, is_name, plain, unquoted
from pressrun.inputs.prompts.remarks import is_about, word_count
from pressrun.inputs.prompts.vocabulary import Role

#: Pieces and lines that are looked at; more say nothing new.
SAMPLE = 400
_SERIES = re.compile(r"\W*(?:\w+ )?\d+(?:\.\d+)*(?:[\s.):]|$)")


@dataclass(frozen=True, slots=True)
class PromptPiece:
    """A part of a document that would be one prompt.

    Attributes:
        block: Where it stands; names are found above it.
        used: The blocks that its words are from.
        known: What is said of it where it stands, as by the other cells of its row.
    """

    text: str
    lines: tuple[int, ...]
    block: Block
    used: tuple[Block, ...] = ()
    known: Draft | None = None


@dataclass(slots=True)
class Reading:
    """A way to divide a document, and what it gives.

    ``said`` means that the document itself says of every piece that it is a prompt. ``odd`` are
    pieces of the others' form that were left out; ``doubtful`` of these may be prompts all the
    same, and are where a person chooses this way.
    """

    way: str
    pieces: list[PromptPiece] = field(default_factory=list)
    said: bool = False
    score: float = 0.0
    odd: Sequence[PromptPiece] = ()
    doubtful: Sequence[PromptPiece] = ()

    def texts(self) -> tuple[str, ...]:
        """The prompts, as they are compared."""
        return tuple(" ".join(piece.text.split()) for piece in self.pieces)


def section_of(block: Block) -> Block | None:
    """Finds the nearest heading above a block."""
    return next((above for above in (block, *block.above()) if above.kind == "heading"), None)


def is_series(title: Block) -> bool:
    """Says whether a title is one of a series, as "Image 3: Gate"."""
    return title.kind == "heading" and bool(_SERIES.match(title.label or title.text()))


def is_label_known(block: Block) -> bool:
    """Says whether the words before a block's colon are ones that people write beside prompts."""
    return block.role not in (None, Role.GROUP, Role.LEVEL, Role.NUMBER)


def names_group(block: Block) -> bool:
    """Says whether an entry's words are the name of what stands below it."""
    deeper = [b for b in block.children if b.kind in ("item", "code", "quote", "table")]
    if not deeper or (block.label and block.text()):
        return not block.text() and not any(
            b.kind == "text" and not b.label for b in block.children
        )
    if all(
        b.kind == "item"
        and (b.role in BESIDE or (b.role is Role.LEVEL and not b.text("").strip(" 0123456789")))
        for b in deeper
    ):
        return False
    words = block.text()
    return not words or (is_name(words) and "," not in words)


def is_words_about(piece: PromptPiece) -> bool:
    """Says whether a piece is about the prompts and no prompt."""
    return piece.block.kind != "code" and is_about(piece.text)


def lines_of(block: Block) -> tuple[int, ...]:
    """Finds the lines of a block that have words."""
    return tuple(number for number, text in block.lines if text.strip())


def pieces_of_words(
    block: Block, words: str, lines: Sequence[tuple[int, str]] = ()
) -> Iterator[PromptPiece]:
    """Makes a prompt of words, or one of each piece between backticks if they are all."""
    raw = "\n".join(text for _, text in lines or block.lines)
    numbers = tuple(number for number, _ in lines) or lines_of(block)
    for text in codes_in(raw) or [words]:
        yield PromptPiece(unquoted(text), numbers, block, (block,))


def joined_piece(blocks: Sequence[Block], at: Block) -> PromptPiece:
    """Makes one prompt of several blocks, which keeps its paragraphs."""
    texts = [
        f"{b.label}: {b.text()}" if is_label_known(b) and b.kind != "item" else b.text()
        for b in map(_as_shown, blocks)
    ]
    tight = all(b.kind == "item" or is_label_known(b) for b in blocks)
    text = ("\n" if tight else "\n\n").join(texts)
    lines = tuple(n for b in blocks for n in lines_of(b))
    return PromptPiece(unquoted(text.strip()), lines, at, tuple(blocks))


def _as_shown(block: Block) -> Block:
    if block.kind != "quote" or not any(not text.strip() for _, text in block.lines):
        return block
    words = "\n".join(text.strip() for _, text in block.lines)
    parts = [" ".join(part.split()) for part in words.split("\n\n")]
    return Block("code", [(block.line, "\n\n".join(plain(part) for part in parts))])


def alike(texts: Sequence[str]) -> float:
    """Says from 0 to 1 how alike texts are in length."""
    if len(texts) < 2:
        return 0.9
    spread = pstdev(log(1 + word_count(text)) for text in texts)
    return 1 / (1 + 0.6 * spread * spread)
