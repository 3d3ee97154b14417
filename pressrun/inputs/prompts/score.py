"""Which way of dividing a document is believed.

A reading is good if its pieces are alike in length, describe pictures and leave no other words
over, and better if the document says itself what is a prompt. The weights are calibrated on
documents of many people.
"""

import re
from collections.abc import Sequence
from statistics import median

from pressrun.inputs.prompts.blocks import Block
from pressrun.inputs.prompts.edges import without_odd
from pressrun.inputs.prompts.linewise import goes_by_lines
from pressrun.inputs.prompts.mixture import mixed
from pressrun.inputs.prompts.pictures import mean_picturing, picturing
from pressrun.inputs.prompts.pieces import (
    SAMPLE,
    PromptPiece,
    Reading,
    alike,
    is_label_known,
    names_group,
)
from pressrun.inputs.prompts.remarks import is_about, word_count
from pressrun.inputs.prompts.vocabulary import Role

#: How far each way is believed before its pieces are looked at.
_TRUST = {
    "labels": 2.0,
    "mixed": 2.0,
    "code blocks": 1.0,
    "quotations": 0.9,
    "table": 0.9,
    "list items": 0.9,
    "headings": 0.95,
    "paragraphs": 0.7,
    "lines": 0.7,
}
_LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*$")


def rank(readings: Sequence[Reading], blocks: Sequence[Block]) -> list[Reading]:
    """Orders readings by how far they are believed, the best first."""
    words = free_letters(blocks)
    # Words among things that are set apart introduce these.
    among = any(
        r.way in ("list items", "code blocks", "table") and len(r.pieces) > 2 for r in readings
    )
    readings = [without_odd(reading) for reading in readings]
    for reading in readings:
        reading.score = _score(reading, words, among=among)
    ranked = sorted(readings, key=lambda reading: -reading.score)
    both = mixed(ranked)
    if both is None:
        return ranked
    both = without_odd(both)
    likeness = alike([p.text for p in both.pieces]) / alike([p.text for p in ranked[0].pieces])
    both.score = ranked[0].score * (1.05 if likeness > 0.8 else 0.95)
    return sorted([*ranked, both], key=lambda reading: -reading.score)


def _score(reading: Reading, words: int, *, among: bool) -> float:
    texts = [piece.text for piece in reading.pieces[:SAMPLE]]
    used = sum(len(piece.text) for piece in reading.pieces) / max(1, words)
    share = 0.3 + 0.7 * min(1.0, 2.5 * used if reading.said else used)
    count = 1.0 if len(texts) > 1 or reading.said else 0.5
    fits = goes_by_lines(reading) * (
        0.7 if among and reading.way in ("paragraphs", "lines") else 1.0
    )
    fits *= 0.6 if reading.way == "headings" and _holds_several(reading) else 1.0
    trust = _TRUST[reading.way] * (0.3 + mean_picturing(texts))
    return trust * share * count * fits * alike(texts) * _plausible(reading) ** 2


def _holds_several(reading: Reading) -> bool:
    """Says whether titles hold several words each like those that stand alone below a title."""
    alone = [word_count(p.text) for p in reading.pieces if len(p.used) == 1]
    parts = [b for p in reading.pieces[:SAMPLE] if len(p.used) > 1 for b in p.used]
    least = 0.4 * median(alone) if alone else 0.0
    whole = [b for b in parts if word_count(b.text()) > max(8, least) and picturing(b.text()) > 0.5]
    return len({len(piece.used) for piece in reading.pieces}) > 1 and len(whole) > 0.8 * len(parts)


def free_letters(blocks: Sequence[Block]) -> int:
    """Counts the letters that might be prompts."""
    free = [
        b
        for b in blocks
        if b.kind in ("text", "code", "quote", "item") and b.decided in (None, Role.PROMPT)
    ]
    free = [b for b in free if not (b.kind == "item" and names_group(b))]
    cells = sum(
        max(map(len, cells), default=0)
        for b in blocks
        if b.kind == "table"
        for _, cells in b.rows[1:]
    )
    return cells + sum(
        len(b.text()) // (4 if is_about(b.text()) or is_label_known(b) else 1) for b in free
    )


def _plausible(reading: Reading) -> float:
    """Says which share of pieces may be prompts by their words."""
    sample = reading.pieces[:SAMPLE]
    return sum(may_be(piece, said=reading.said) for piece in sample) / len(sample)


def may_be(piece: PromptPiece, *, said: bool) -> float:
    """Says from 0 to 1 how far a piece may be a prompt by its form."""
    text = piece.text
    if not any(map(str.isalnum, text)) or _LINK.match(text):
        return 0.0
    if not said and piece.block.kind != "code" and is_about(text):
        return 0.2
    count = word_count(text)
    return 1.0 if count > 2 else 0.85 if count == 2 else 0.7
