"""How far the best reading is believed.

Two views must agree: how far it is from the next reading that gives other prompts, and whether its
words describe pictures, and those that it leaves out do not.
"""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from pressrun.inputs.prompts.blocks import Block, Kind
from pressrun.inputs.prompts.codes import is_program
from pressrun.inputs.prompts.flags import flags_in, places_in
from pressrun.inputs.prompts.pictures import mean_picturing, picturing
from pressrun.inputs.prompts.pieces import (
    SAMPLE,
    PromptPiece,
    Reading,
    is_label_known,
    is_series,
    names_group,
    section_of,
)
from pressrun.inputs.prompts.remarks import is_about, word_count
from pressrun.inputs.prompts.score import free_letters, may_be
from pressrun.inputs.prompts.tongues import spoken, tongue
from pressrun.inputs.prompts.vocabulary import Role

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
_PICTURES = re.compile(
    r"\b(?:prompts?|images?|pictures?|illustrations?|im\w?gen\w*|bilder)\b", re.IGNORECASE
)
_SENTENCE_LETTERS = 400
_FEW_TITLES = 3  # with more, a text is no mere list


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
    if reading.said or not spoken(texts) or mean_picturing(texts) >= _TELLING:
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


def _surely(reading: Reading, blocks: Sequence[Block]) -> float:
    """Says how far the pieces themselves leave no doubt."""
    plausible = sum(may_be(piece, said=reading.said) > 0.5 for piece in reading.pieces) / len(
        reading.pieces
    )
    forms = Counter(piece.block.kind for piece in reading.pieces).values()
    odd = 0.6 if len(forms) > 1 and min(forms) == 1 and sum(forms) > 2 else 1.0
    odd *= 0.45 if reading.doubtful else 1.0
    odd *= 0.45 if _begins_oddly(reading) or _speaks_twice(reading) else 1.0
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
    likely = mean_picturing([piece.text for piece in reading.pieces[:SAMPLE]])
    titles = [block for block in blocks if block.kind == "heading"]
    said = any(title.role in (Role.PROMPT, Role.PROMPTS) for title in titles)
    used = sum(len(piece.text) for piece in reading.pieces) / max(1, free_letters(blocks))
    announced = any(b.kind == "text" and _announces(b.text()[:_SENTENCE_LETTERS]) for b in blocks)
    only = (used > 0.85 or announced) and len(titles) < _FEW_TITLES
    above = [section_of(piece.block) for piece in reading.pieces[:SAMPLE]]
    called = all(title is not None and title.role in _CALLED for title in above)
    return called or only or likely > 0.56 or (said and likely >= 0.5)


def _announces(text: str) -> bool:
    """Says whether words about a text say that it has prompts or pictures."""
    return is_about(text) and bool(_PICTURES.search(text))


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
    alike = sum(word_count(b.text()) > max(4.0, 0.6 * middle) for b in left)
    words = sum(word_count(b.text()) for b in left)
    share = words / max(1, words + sum(word_count(piece.text) for piece in reading.pieces))
    cut = 0.6 if _cut_short(reading, left) else 0.0
    return min(0.8, max(1.5 * alike / (alike + len(reading.pieces)), 1.5 * (share - 0.15), cut))


def _begins_oddly(reading: Reading) -> bool:
    """Says whether the first piece stands under another kind of title than nearly all others.

    It may be a style that is for all of them.
    """
    titles = [section_of(piece.block) for piece in reading.pieces[:SAMPLE]]
    first, others = titles[0], [title for title in titles[1:] if title]
    if first is None or is_series(first) or len(others) < 3:
        return False
    most = 0.8 * len(titles[1:])
    numbered = [title for title in others if is_series(title)]
    alone = len(numbered) >= most and any(title.parent is first.parent for title in numbered[:1])
    return alone or sum(first.rank < title.rank for title in others) >= most


def _cut_short(reading: Reading, left: Sequence[Block]) -> bool:
    """Says whether a few sections go on behind their prompt, as no others do."""
    sections = Counter(id(section_of(piece.block)) for piece in reading.pieces)
    words: Counter[int] = Counter()
    for block in left:
        words[id(section_of(block))] += word_count(block.text())
    longer = sum(words[section] > 40 for section in sections)
    return reading.said and 0 < longer <= len(sections) / 3


def _labels_beside(blocks: Sequence[Block], count: int) -> set[str]:
    """Finds the labels that stand beside most prompts: what they hold tells of these."""
    labels = Counter(b.label.casefold() for b in blocks if b.label and b.role is not Role.PROMPT)
    return {label for label, times in labels.items() if times > 1 and times >= 0.5 * count}


def _may_be_left(block: Block, kinds: set[Kind]) -> bool:
    if block.kind not in ("text", "item", "code", "quote") or is_label_known(block):
        return False
    if block.is_given_up:
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
