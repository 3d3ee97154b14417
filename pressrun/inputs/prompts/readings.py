"""The ways in which a document can be divided into prompts; each is a small function.

Each takes the blocks of the document and gives the pieces that would be prompts. Which way is
believed is decided elsewhere (:mod:`pressrun.inputs.prompts.score`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from pressrun.inputs.prompts.blocks import BESIDE, DECIDED, Block
from pressrun.inputs.prompts.codes import is_program, pieces_of_code, strings_in
from pressrun.inputs.prompts.labels import codes_in, plain
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.pieces import (
    SAMPLE,
    PromptPiece,
    Reading,
    is_label_known,
    is_series,
    is_words_about,
    joined_piece,
    lines_of,
    names_group,
    pieces_of_words,
)
from pressrun.inputs.prompts.remarks import is_about
from pressrun.inputs.prompts.tables import find_prompts
from pressrun.inputs.prompts.vocabulary import Role

#: Of labels of prompts that are not for pictures, and of those that say the same in few words.
_FOR_OTHERS = re.compile(
    r"\b(?:video|motion|animat\w+|audio|music|sound|voice|song|system|v\u00eddeo)\b", re.IGNORECASE
)
_SHORT_FORM = re.compile(
    r"\b(?:short|brief|simple|mini|kurz\w*|cort[oa]|curt[oa]|court)\b", re.IGNORECASE
)


def _without_remarks(pieces: list[PromptPiece]) -> list[PromptPiece]:
    """Leaves out a greeting and a closing line among the words of a text."""
    return [piece for piece in pieces if not is_words_about(piece)] or pieces


def read_ways(blocks: Sequence[Block]) -> list[Reading]:
    """Divides a document in each way that it allows."""
    found = []
    for way, divide in WAYS.items():
        pieces = list(divide(blocks))
        pieces = _without_remarks(pieces) if way in ("paragraphs", "lines") else pieces
        said = way == "labels" and any(b.role is Role.PROMPT for b in blocks)
        found.append(Reading(way, pieces, said=said or (way == "labels" and _is_cell(pieces))))
    return [reading for reading in found if reading.pieces]


def _is_cell(pieces: Sequence[PromptPiece]) -> bool:
    return any(piece.block.kind == "table" for piece in pieces)


def _body(blocks: Sequence[Block], kind: str) -> list[Block]:
    """Selects the blocks of a kind that may be prompts."""
    return [b for b in blocks if b.kind == kind and b.decided in (None, Role.PROMPT)]


def by_labels(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes what the document calls a prompt, or else a description or scene."""
    if found := list(_labelled(blocks, (Role.PROMPT,))):
        yield from _of_pictures(found)
        return
    told = list(_labelled(blocks, (Role.CONTENT,)))
    named: dict[str, list[PromptPiece]] = {}
    for piece in told:
        named.setdefault(piece.block.label.casefold(), []).append(piece)
    again = [pieces for pieces in named.values() if len(pieces) > 1]
    if len(again) > 1:  # a text and its picture: the picture is meant
        told = max(again, key=lambda ps: fmean(picturing(p.text) for p in ps[:SAMPLE]))
    yield from told if len(told) > 1 else ()


def _of_pictures(pieces: list[PromptPiece]) -> list[PromptPiece]:
    """Leaves out prompts of films and sounds, and short forms beside full ones."""
    for others in (_FOR_OTHERS, _SHORT_FORM):
        kept = [piece for piece in pieces if not others.search(_called(piece))]
        pieces = kept if 2 * len(kept) >= len(pieces) else pieces
    return pieces


def _called(piece: PromptPiece) -> str:
    """Finds the label that calls a piece a prompt."""
    labels = (b.label for b in (piece.block, *piece.block.above()) if b.role is Role.PROMPT)
    return next(labels, "")


def _labelled(blocks: Sequence[Block], roles: tuple[Role, ...]) -> Iterator[PromptPiece]:
    outer = {id(above) for b in blocks if b.role in roles for above in b.above()}
    for block in blocks:
        if block.kind == "table" and Role.PROMPT in roles:
            yield from _cells(block, said=True)
        elif block.role not in roles or id(block) in outer or block.is_given_up:
            continue
        elif block.kind in ("heading", "label") or (block.kind == "item" and not block.text()):
            if Role.PROMPT in roles:
                yield from _held(block)
        elif words := block.text():
            yield from pieces_of_words(block, words)


def _held(title: Block) -> Iterator[PromptPiece]:
    """Takes what stands below a title as its prompt: code before quotations before words."""
    inside = [
        b for b in _inside(title) if b.role not in (*BESIDE, Role.NOTE, Role.PREFIX, Role.SUFFIX)
    ]
    if codes := [b for b in inside if b.kind == "code" and not is_program(b)]:
        for code in codes:
            yield from pieces_of_code(code)
    elif quotes := [b for b in inside if b.kind == "quote"]:
        yield joined_piece(quotes, title)
    elif tables := [b for b in inside if b.kind == "table"]:
        for table in tables:
            yield from _cells(table)
    elif words := _words_of(title, inside):
        items = [b for b in words if b.kind == "item"]
        if len(items) > 1 and len(items) == len(words) and not any(b.label for b in items):
            for item in items:
                yield from pieces_of_words(item, item.text())
        else:
            yield joined_piece(words, title)


def _words_of(title: Block, inside: Sequence[Block]) -> list[Block]:
    """Selects the words below a title; labelled lines belong to them where all are labelled."""
    texts = [b for b in inside if b.kind in ("text", "item") and b.text()]
    if free := [b for b in texts if not is_label_known(b)]:
        return _own_words(free)
    return [b for b in _inside(title) if b.kind in ("text", "item") and b.text()]


def _own_words(blocks: list[Block]) -> list[Block]:
    """Leaves out what is said about the prompts, such as a greeting, beside other words."""
    return [b for b in blocks if not is_about(b.text())] or blocks


def by_code(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each block of code, whole."""
    for block in _body(blocks, "code"):
        if not is_program(block):
            yield from pieces_of_code(block)
    for block in _body(blocks, "text"):
        if strings_in(block):
            yield from pieces_of_code(block)


def by_quotes(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each quotation."""
    for block in _body(blocks, "quote"):
        if block.text():
            yield joined_piece([block], block)


def by_table(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes a cell of each row."""
    for block in _body(blocks, "table"):
        yield from _cells(block)


def by_items(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each entry of a list that names nothing below it."""
    for block in _body(blocks, "item"):
        below = [b for b in block.children if b.kind == "text" and not b.label]
        words = block.text()
        if names_group(block) or not (words or below):
            continue
        if codes := codes_in("\n".join(text for _, text in block.lines)):
            for code in codes:
                yield PromptPiece(code, lines_of(block), block, (block,))
        else:
            yield joined_piece([*([block] if words else []), *below], block)


def by_headings(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes all words below each title of the kind that has most of them."""
    titles = [block for block in blocks if block.kind in ("heading", "label")]
    held = [(title, below) for title in titles if (below := _below(title))]
    most = Counter(title.rank for title, _ in held).most_common(1)
    chosen = [found for found in held if found[0].rank == most[0][0]]
    for title, below in _by_parent(chosen) or chosen:
        if title.decided in (None, Role.PROMPT):
            yield joined_piece(below, title)


def _by_parent(held: Sequence[tuple[Block, list[Block]]]) -> list[tuple[Block, list[Block]]]:
    """Joins what stands below titles that come again and again, as the parts of one prompt do."""
    counts = Counter(title.label.casefold() for title, _ in held)
    again = [(t, below) for t, below in held if counts[t.label.casefold()] > 2 and t.parent]
    joined: dict[int, tuple[Block, list[Block]]] = {}
    for title, below in again:
        if title.parent:
            joined.setdefault(id(title.parent), (title.parent, []))[1].extend(below)
    return list(joined.values()) if len(again) > 0.5 * len(held) else []


def _below(title: Block) -> list[Block]:
    texts = [b for b in title.children if b.kind == "text" and b.text()]
    items = [b for b in title.children if b.kind == "item" and b.text() and not b.label]
    if not texts and len(items) > 1 and len(items) == len(title.children) and is_series(title):
        return items
    if sum(bool(b.label) and not is_label_known(b) for b in texts) > 1:
        return []  # each has a name of its own
    free = _own_words([b for b in texts if not is_label_known(b)])
    return free or [b for b in texts if b.role in (Role.DETAIL, Role.CONTENT)]


def by_paragraphs(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each paragraph."""
    for block in _body(blocks, "text"):
        if not is_label_known(block) and block.text():
            yield from pieces_of_words(block, block.text())


def by_lines(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each line: of the blocks of code, if there are any, else of the paragraphs."""
    codes = [b for b in _body(blocks, "code") if not is_program(b)]
    for block in codes or _body(blocks, "text"):
        if codes or not is_label_known(block):
            for number, text in block.lines:
                words = text.strip() if codes else plain(text)
                if words:
                    yield from pieces_of_words(block, words, ((number, text),))


WAYS: dict[str, Callable[[Sequence[Block]], Iterator[PromptPiece]]] = {
    "labels": by_labels,
    "code blocks": by_code,
    "quotations": by_quotes,
    "table": by_table,
    "list items": by_items,
    "headings": by_headings,
    "paragraphs": by_paragraphs,
    "lines": by_lines,
}


def as_one(blocks: Sequence[Block]) -> list[Reading]:
    """Reads all words as one prompt, which is what is left where no way gives any."""
    kinds = ("text", "item", "quote")
    words = [b for b in blocks if b.kind in kinds and b.text() and b.decided not in DECIDED[1:4]]
    if not any(block.role in (Role.DETAIL, Role.CONTENT) for block in words):
        return []
    piece = joined_piece(words, words[0])
    return [Reading("paragraphs", [piece])] if picturing(piece.text) > 0.55 else []


def _inside(title: Block) -> list[Block]:
    found: list[Block] = []
    todo = list(reversed(title.children))
    while todo:
        block = todo.pop()
        if block.kind not in ("heading", "label"):
            found.append(block)
        if block.role not in (
            Role.NOTE,
            Role.NEGATIVE,
            Role.DETAIL,
            Role.TAGS,
            Role.NAME,
            Role.PREFIX,
        ):
            todo += reversed(block.children)
    return found


def _cells(table: Block, *, said: bool = False) -> Iterator[PromptPiece]:
    for cell in find_prompts(table.rows, said=said):
        yield PromptPiece(cell.text, (cell.line,), table, (table,), cell)
