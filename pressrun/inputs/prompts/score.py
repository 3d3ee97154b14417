"""Which way of dividing a document is believed, and how far.

A reading is good if its pieces are alike in length, look like prompts and leave no other words
over, and better if the document says itself what is a prompt. How far it is believed is its
distance from the next reading that gives other prompts, and how little of what it leaves out looks
like its own prompts. The weights are calibrated on documents of many people.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log
from statistics import fmean, median, pstdev

from pressrun.inputs.prompts.blocks import Block, Kind
from pressrun.inputs.prompts.edges import without_odd
from pressrun.inputs.prompts.flags import flags_in, places_in
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.readings import (
    SAMPLE,
    PromptPiece,
    Reading,
    is_label_known,
    is_program,
    mixed,
    names_group,
    section_of,
)
from pressrun.inputs.prompts.remarks import is_about, word_count
from pressrun.inputs.prompts.tongues import spoken, tongue
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
_HANGING = re.compile(
    r"(?:[,;(\[/&+\u2013\u2014-]|\b(?:a|an|and|as|at|by|for|from|in|into|is|near|of|on|or|over|the|to|under|with))$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?\u2026\u3002:]['\")\u201d*_`]*$")
_KEY = re.compile(r"[A-Z][\w /-]{1,30}:\s")
_LANGUAGE = re.compile(
    r"\b(?:english|german|french|spanish|italian|chinese|japanese|russian|deutsch|englisch|anglais|"
    r"fran\u00e7ais|ingl\u00e9s|espa\u00f1ol|ingl\u00eas|\u0430\u043d\u0433\u043b|\u0440\u0443\u0441)|"
    r"\((?:en|de|fr|es|it|pt|zh|ja|ru)\)|\u82f1\u6587|\u82f1\u8a9e|\u4e2d\u6587|\u65e5\u672c\u8a9e",
    re.IGNORECASE,
)
_ASPECTS = (Role.DETAIL, Role.PREFIX, Role.SUFFIX, Role.NEGATIVE, Role.CONTENT)
_COUNT = re.compile(r"\d+")
_FEW_PARAGRAPHS = 6
_SENTENCES = 1.7  # that a paragraph has on average at least, if it is one of several of a prompt
_SENTENCE = re.compile(r"[.!?\u3002](?:\s|$)")
#: Below the one, words that are taken tell; up to the other, none of all others shows.
_TELLING, _SHOWING = 0.47, 0.7
#: What titles are that call what stands below them a prompt or a picture.
_CALLED = (Role.PROMPT, Role.PROMPTS, Role.NUMBER)
_FEW_TITLES = 3  # with more, a text is no mere list
_NARROW = 50  # letters; shorter lines are not ended by the width of a page


def rank(readings: Sequence[Reading], blocks: Sequence[Block]) -> list[Reading]:
    """Orders readings by how far they are believed, the best first."""
    words = _words(blocks)
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
    likeness = _alike([p.text for p in both.pieces]) / _alike([p.text for p in ranked[0].pieces])
    both.score = ranked[0].score * (1.05 if likeness > 0.8 else 0.95)
    return sorted([*ranked, both], key=lambda reading: -reading.score)


def confidence(ranked: Sequence[Reading], blocks: Sequence[Block]) -> float:
    """Says from 0 to 1 how far the first of ranked readings is to be believed."""
    if not ranked:
        return 0.0
    best, texts = ranked[0], ranked[0].texts()
    rivals = [reading.score for reading in ranked[1:] if not _within(reading, best, texts)]
    margin = 1 - max(rivals, default=0.0) / best.score if best.score else 0.0
    return round(min(1.0, margin / 0.35) * _surely(best, blocks) * (1 - _doubt(best, blocks)), 2)


def tells_only(reading: Reading, blocks: Sequence[Block]) -> bool:
    """Says whether all of a text speaks to a reader, and nothing in it describes a picture."""
    texts = [piece.text for piece in reading.pieces[:SAMPLE]]
    if reading.said or not spoken(texts) or _picturing(texts) >= _TELLING:
        return False
    if any(b.kind == "heading" and b.role in _CALLED for b in blocks):
        return False
    words = (b.text() for b in blocks[:SAMPLE] if b.kind in ("text", "item", "code", "quote"))
    return max((picturing(text) for text in words if word_count(text) > 5), default=0.0) <= _SHOWING


def _within(reading: Reading, best: Reading, texts: tuple[str, ...]) -> bool:
    """Says whether a reading gives the same prompts, or a part of a mixed one."""
    others = reading.texts()
    part = best.way == "mixed" or 2 * len(others) < len(texts)
    return others == texts or (part and set(others) <= set(texts))


def _score(reading: Reading, words: int, *, among: bool) -> float:
    texts = [piece.text for piece in reading.pieces[:SAMPLE]]
    used = sum(len(piece.text) for piece in reading.pieces) / max(1, words)
    share = 0.3 + 0.7 * min(1.0, 2.5 * used if reading.said else used)
    count = 1.0 if len(texts) > 1 or reading.said else 0.5
    fits = _goes_by_lines(reading) * (
        0.7 if among and reading.way in ("paragraphs", "lines") else 1.0
    )
    fits *= 0.6 if reading.way == "headings" and _holds_several(reading) else 1.0
    trust = _TRUST[reading.way] * (0.3 + _picturing(texts))
    return trust * share * count * fits * _alike(texts) * _plausible(reading) ** 2


def _holds_several(reading: Reading) -> bool:
    """Says whether titles hold several words each like those that stand alone below a title."""
    alone = [word_count(p.text) for p in reading.pieces if len(p.used) == 1]
    parts = [b for p in reading.pieces[:SAMPLE] if len(p.used) > 1 for b in p.used]
    least = 0.4 * median(alone) if alone else 0.0
    whole = [b for b in parts if word_count(b.text()) > max(8, least) and picturing(b.text()) > 0.5]
    return len({len(piece.used) for piece in reading.pieces}) > 1 and len(whole) > 0.8 * len(parts)


def _picturing(texts: Sequence[str]) -> float:
    """Says from 0 to 1 how far the words of most texts describe pictures."""
    return fmean(map(picturing, texts))


def _words(blocks: Sequence[Block]) -> int:
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


def _alike(texts: Sequence[str]) -> float:
    """Says from 0 to 1 how alike texts are in length."""
    if len(texts) < 2:
        return 0.9
    spread = pstdev(log(1 + word_count(text)) for text in texts)
    return 1 / (1 + 0.6 * spread * spread)


def _plausible(reading: Reading) -> float:
    """Says which share of pieces may be prompts by their words."""
    sample = reading.pieces[:SAMPLE]
    return sum(_may_be(piece, said=reading.said) for piece in sample) / len(sample)


def _may_be(piece: PromptPiece, *, said: bool) -> float:
    text = piece.text
    if not any(map(str.isalnum, text)) or _LINK.match(text):
        return 0.0
    if not said and piece.block.kind != "code" and is_about(text):
        return 0.2
    count = word_count(text)
    return 1.0 if count > 2 else 0.85 if count == 2 else 0.7


def _goes_by_lines(reading: Reading) -> float:
    """Says how well the ends of lines fit a way: ends of prompts, or of what fits on a line."""
    if reading.way not in ("lines", "paragraphs", "headings", "code blocks"):
        return 1.0
    used = {id(block): block for piece in reading.pieces[:SAMPLE] for block in piece.used}
    parts = [b for b in used.values() if len([t for _, t in b.lines if t.strip()]) > 1]
    broken = [
        (a.strip(), b.strip()) for part in parts for (_, a), (_, b) in pairwise(part.lines[:SAMPLE])
    ]
    if not broken:
        return 1.0
    going_on = sum(_goes_on(a, b) for a, b in broken) / len(broken)
    blank = any(not a or not b for a, b in broken)
    lined = _lined(parts) * (1 - going_on) * (0.4 if blank else 1.0)
    lined *= 0.3 if len(used) > 2 and len(parts) < 0.7 * len(used) else 1.0
    lined *= 0.2 if len(parts) > 1 and _wrapped(parts) > 0.85 else 1.0
    titled = {id(section_of(block)) for block in used.values()}
    lined = lined**3 if len(used) > 2 and len(titled) > 0.8 * len(used) else lined
    return lined if reading.way == "lines" else 1 - lined


def _wrapped(parts: Sequence[Block]) -> float:
    """Says which share of lines end where the next word would be too much for the line."""
    full, breaks = 0, 0
    for part in parts:
        lines = [text.strip() for _, text in part.lines[:SAMPLE]]
        width = max(_NARROW, *map(len, lines))
        for line, after in pairwise(lines):
            if line and after:
                breaks += 1
                full += len(line) + len(after.split()[0]) + 4 >= width
    return full / breaks if breaks else 0.0


def _lined(parts: Sequence[Block]) -> float:
    """Says how far lines look like prompts of their own: alike, and few blocks of many."""
    lines = [text.strip() for part in parts for _, text in part.lines if text.strip()]
    starts = [text[:200].split()[0].casefold() for text in lines]
    same = max(starts.count(word) for word in set(starts[:20])) / len(starts)
    upper = sum(not text[:1].islower() for text in lines) / len(lines)
    ends = sum(bool(_ENDS.search(text)) for text in lines) / len(lines)
    single = len(parts) == 1 or len(lines) / len(parts) > 4
    even = max(upper, 1 - upper) if upper > 0.5 or ends < 0.3 else 0.5
    even = max(even, fmean(picturing(text) > 0.45 for text in lines[:SAMPLE]) if single else 0.0)
    sentences = 1.0 if single or ends < 0.5 else 0.4
    keys = [found[0] for text in lines if (found := _KEY.match(text))]
    fields = len(keys) > 0.6 * len(lines) and len(set(keys)) < 0.7 * len(keys)
    return 0.2 if fields else min(1.0, 0.15 + even * sentences * _alike(lines) + 0.3 * (same > 0.6))


def _goes_on(line: str, after: str) -> float:
    """Says how far a sentence seems to go on in the line below."""
    if not line or not after or _ENDS.search(line):
        return 0.0
    if _HANGING.search(line):
        return 0.7 if after[:1].isupper() else 1.0
    return 0.6 if after[:1].islower() and len(line) > 45 else 0.1


def _surely(reading: Reading, blocks: Sequence[Block]) -> float:
    """Says how far the pieces themselves leave no doubt."""
    plausible = sum(_may_be(piece, said=reading.said) > 0.5 for piece in reading.pieces) / len(
        reading.pieces
    )
    forms = Counter(piece.block.kind for piece in reading.pieces).values()
    odd = 0.6 if len(forms) > 1 and min(forms) == 1 and sum(forms) > 2 else 1.0
    odd *= 0.45 if _speaks_twice(reading) else 1.0
    odd *= 0.45 if not reading.said and (_of_one(blocks) or _flows(reading)) else 1.0
    if reading.way == "mixed":
        odd *= 0.8 if reading.said else 0.5
    joined = sum(_is_joined(piece) for piece in reading.pieces) / len(reading.pieces)
    odd *= 0.45 if joined > 0.3 and not reading.said else 1.0  # one prompt, or one a paragraph?
    sample = reading.pieces[:SAMPLE]
    talks = sum(picturing(piece.text) < 0.5 for piece in sample) / len(sample)
    odd *= 0.45 if talks > 0.5 and not reading.said else 1.0
    odd *= 1.0 if reading.said or _shown(reading, blocks) else 0.4
    few = 1.0 if len(reading.pieces) > 1 or reading.said else 0.6
    return few * odd * (1.0 if plausible > 0.95 else 0.45)


def _is_joined(piece: PromptPiece) -> bool:
    """Says whether a piece is of several blocks with words; flags alone are none."""
    parts = piece.used[:SAMPLE] if len(piece.used) > 1 else ()
    return sum(not (b.lines and b.lines[0][1].lstrip().startswith("--")) for b in parts) > 1


def _shown(reading: Reading, blocks: Sequence[Block]) -> bool:
    """Says whether anything speaks for pictures: the words, a title, or that all is but a list."""
    likely = _picturing([piece.text for piece in reading.pieces[:SAMPLE]])
    titles = [block for block in blocks if block.kind == "heading"]
    said = any(title.role in (Role.PROMPT, Role.PROMPTS) for title in titles)
    used = sum(len(piece.text) for piece in reading.pieces) / max(1, _words(blocks))
    only = used > 0.85 and len(titles) < _FEW_TITLES
    above = [section_of(piece.block) for piece in reading.pieces[:SAMPLE]]
    called = all(title is not None and title.role in _CALLED for title in above)
    return called or only or likely > 0.56 or (said and likely >= 0.5)


def _of_one(blocks: Sequence[Block]) -> bool:
    """Says whether most titles and labels are aspects of a picture, and none comes again."""
    named = [b for b in blocks if b.label and (b.text() or b.children)]
    counts = Counter(_COUNT.sub("", block.label.casefold()) for block in named)
    aspects = [b for b in named if b.role in _ASPECTS and not _COUNT.search(b.label)]
    once = [b for b in aspects if counts[b.label.casefold()] == 1]
    return len(once) > 1 and len(once) >= 0.5 * len(named)


def _flows(reading: Reading) -> bool:
    """Says whether a few paragraphs of sentences may be one prompt: none begins as another does."""
    texts = [piece.text for piece in reading.pieces]
    if reading.way != "paragraphs" or not 1 < len(texts) < _FEW_PARAGRAPHS:
        return False
    if any(section_of(piece.block) for piece in reading.pieces[1:]) or any(map(flags_in, texts)):
        return False
    sentences = fmean(len(_SENTENCE.findall(text)) for text in texts)
    starts = {" ".join(text.casefold().split()[:2]) for text in texts}
    return sentences >= _SENTENCES and len(starts) == len(texts)


def _speaks_twice(reading: Reading) -> bool:
    """Says whether prompts are given in several languages, of which one may be meant."""
    tongues = Counter(filter(None, (tongue(p.text) for p in reading.pieces[:SAMPLE])))
    if len(tongues) > 1 and tongues.most_common(2)[1][1] >= 0.3 * tongues.total():
        return True
    titles = (above for p in reading.pieces[:SAMPLE] for above in (p.block, *p.block.above()))
    named = (_LANGUAGE.search(title.lines[0][1][:200]) for title in titles if title.label)
    return len({found[0].casefold() for found in named if found}) > 1


def _doubt(reading: Reading, blocks: Sequence[Block]) -> float:
    """Says how far what is left out could be prompts: is like those taken, or is much."""
    used = {id(block) for piece in reading.pieces for block in piece.used}
    kinds = {piece.block.kind for piece in reading.pieces}
    middle = median(word_count(piece.text) for piece in reading.pieces)
    beside = _labels_beside(blocks, len(reading.pieces))
    left = [
        b
        for b in blocks
        if id(b) not in used
        and _may_be_left(b, kinds)
        and not any(above.label.casefold() in beside for above in b.above())
    ]
    likely = _picturing([piece.text for piece in reading.pieces[:SAMPLE]])
    common = spoken([piece.text for piece in reading.pieces[:SAMPLE]])
    weights = [_as_likely(b.text(), likely, common) for b in left]
    alike = sum(
        weight
        for b, weight in zip(left, weights, strict=True)
        if word_count(b.text()) > max(4.0, 0.6 * middle)
    )
    words = sum(word_count(b.text()) * w for b, w in zip(left, weights, strict=True))
    share = words / max(1, words + sum(word_count(piece.text) for piece in reading.pieces))
    return min(0.8, max(1.5 * alike / (alike + len(reading.pieces)), 1.5 * (share - 0.15)))


def _labels_beside(blocks: Sequence[Block], count: int) -> set[str]:
    """Finds the labels that stand beside most prompts: what they hold tells of these."""
    labels = Counter(b.label.casefold() for b in blocks if b.label and b.role is not Role.PROMPT)
    return {label for label, times in labels.items() if times > 1 and times >= 0.5 * count}


def _as_likely(text: str, likely: float, common: str) -> float:
    """Says from 0 to 1 how far words that are left out describe a picture as those taken do."""
    if common and tongue(text) not in ("", common):
        return 0.1
    return min(1.0, max(0.0, 1 - (likely - picturing(text)) / 0.3))


def _may_be_left(block: Block, kinds: set[Kind]) -> bool:
    if block.kind not in ("text", "item", "code", "quote") or is_label_known(block):
        return False
    if block.decided in (Role.PREFIX, Role.SUFFIX, Role.NEGATIVE, Role.DETAIL) or is_about(
        block.text()
    ):
        return False
    if places_in(block.text()) or (block.decided is Role.NOTE and block.kind not in kinds):
        return False
    return not (block.kind == "code" and is_program(block)) and not (
        block.kind == "item" and names_group(block)
    )
