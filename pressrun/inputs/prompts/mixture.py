"""A reading of several forms: what the best way leaves out, where it looks like its prompts."""

from collections.abc import Sequence
from statistics import fmean, median

from pressrun.inputs.prompts.blocks import Block
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.pieces import (
    SAMPLE,
    PromptPiece,
    Reading,
    is_words_about,
    section_of,
)
from pressrun.inputs.prompts.tongues import spoken, tongue

_MARKED = ("labels", "code blocks", "quotations", "list items")


def mixed(ranked: Sequence[Reading]) -> Reading | None:
    """Reads what the best way leaves out in the other ways, where it looks like its prompts."""
    if not ranked or ranked[0].way not in _MARKED:
        return None
    best = ranked[0].pieces
    pieces, alike = list(best), _Likeness(best)
    for other in ranked[1:]:
        if other.way in _MARKED:
            same = other.pieces[0].block.kind in alike.forms
            place = _own_block if same else section_of
            taken = {id(place(piece.block)) for piece in pieces}
            free = [p for p in other.pieces if id(place(p.block)) not in taken]
            pieces += [p for p in free if alike.has(p, 0.35 if same else 0.15)]
        elif other.way == "headings":
            taken = {id(section_of(piece.block)) for piece in pieces}
            free = [p for p in other.pieces if p.block.rank in alike.ranks]
            pieces += [p for p in free if id(p.block) not in taken and alike.has(p, 0.15)]
    if len(pieces) < 1.25 * len(best):
        own = set(map(id, best))
        pieces = [p for p in pieces if id(p) in own or alike.is_of_form(p)]
    if len(pieces) == len(best):
        return None  # a few more of another form are remarks rather than prompts
    return Reading("mixed", sorted(pieces, key=lambda piece: piece.lines), said=ranked[0].said)


class _Likeness:
    """What the prompts of a reading are like."""

    def __init__(self, pieces: Sequence[PromptPiece]):
        self.forms = {piece.block.kind for piece in pieces} - {"item", "text"}
        self.ranks = {title.rank for p in pieces if (title := section_of(p.block))}
        texts = [piece.text for piece in pieces[:SAMPLE]]
        self._middle = median(map(len, texts))
        self._likely = fmean(map(picturing, texts))
        self._tongue = spoken(texts)

    def is_of_form(self, piece: PromptPiece) -> bool:
        """Says whether a piece has the form of theirs, or stands below a title like theirs."""
        return piece.block.kind in self.forms or piece.block.kind == "heading"

    def has(self, piece: PromptPiece, less: float) -> bool:
        """Says whether a piece may be one of them, though its words say less of a picture."""
        alike = 0.25 * self._middle < len(piece.text) < 4 * self._middle
        likely = picturing(piece.text) >= max(0.4, self._likely) - less
        known = not self._tongue or tongue(piece.text) in ("", self._tongue)
        return alike and likely and known and not is_words_about(piece)


def _own_block(block: Block) -> Block:
    return block
