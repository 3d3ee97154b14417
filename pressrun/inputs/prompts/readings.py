"""The ways in which a document can be divided into prompts; each is a small function.

Each takes the blocks of the document and gives the pieces that would be prompts. Which way is
believed is decided elsewhere (:mod:`pressrun.inputs.prompts.score`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

from pressrun.errors import InputError
from pressrun.inputs.prompts import records
from pressrun.inputs.prompts.blocks import BESIDE, Block
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.labels import codes_in, cut_label, is_file, is_name, plain, unquoted
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.remarks import is_about, word_count
from pressrun.inputs.prompts.tables import find_prompts
from pressrun.inputs.prompts.tongues import spoken, tongue
from pressrun.inputs.prompts.vocabulary import Role, words

#: Pieces and lines that are looked at; more say nothing new.
SAMPLE = 400
#: A line that is a string of a program.
_STRING = re.compile(
    r"\s*(?:[\"'`]?[\w.-]{1,40}[\"'`]?\s?[:=]\s?)?[\"'`](.{10,})[\"'`]\s?,?\s*$|"
    r".*\bprompt[\"']?\s?[:=]\s?[\"'`](.{10,})[\"'`][\s,;})]*$",
    re.IGNORECASE,
)
_SERIES = re.compile(r"\W*(?:\w+ )?\d+(?:\.\d+)*(?:[\s.):]|$)")
_COUNTED = re.compile(r"\(?\d{1,4}[.)]\s+")
#: Of labels of prompts that are not for pictures, and of those that say the same in few words.
_FOR_OTHERS = re.compile(
    r"\b(?:video|motion|animat\w+|audio|music|sound|voice|song|system|v\u00eddeo)\b", re.IGNORECASE
)
_SHORT_FORM = re.compile(
    r"\b(?:short|brief|simple|mini|kurz\w*|cort[oa]|curt[oa]|court)\b", re.IGNORECASE
)
_MARKED = ("labels", "code blocks", "quotations", "list items")
_PROGRAMS = words(
    """bash c cpp cs csharp css diff dockerfile go graphql html ini java javascript js jsx kotlin
    lua mermaid php powershell ps1 py python rb ruby rust scss sh shell sql svelte swift toml ts
    tsx typescript vue xml yaml yml zsh"""
)
#: Of lines of commands, programs and trees of folders.
_PROGRAM_STARTS = (
    *("$ ", "npm ", "git ", "cd ", "{", "}", "#!", "import ", "const "),
    *"\u251c\u2514\u2502",
)


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

    ``said`` means that the document itself says of every piece that it is a prompt.
    """

    way: str
    pieces: list[PromptPiece] = field(default_factory=list)
    said: bool = False
    score: float = 0.0

    def texts(self) -> tuple[str, ...]:
        """The prompts, as they are compared."""
        return tuple(" ".join(piece.text.split()) for piece in self.pieces)


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


def is_program(block: Block) -> bool:
    """Says whether a block of code is code."""
    words = block.text()
    if _strings(block) or _records(block):
        return False
    if block.info.partition(" ")[0].casefold() in _PROGRAMS:
        return True
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    marks = sum(line.startswith(_PROGRAM_STARTS) for line in lines)
    paths = sum(" " not in line and ("/" in line or "." in line) for line in lines)
    return not lines or (marks + paths) * 2 >= len(lines)


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


def is_series(title: Block) -> bool:
    """Says whether a title is one of a series, as "Image 3: Gate"."""
    return title.kind == "heading" and bool(_SERIES.match(title.label or title.text()))


def section_of(block: Block) -> Block | None:
    """Finds the nearest heading above a block."""
    return next((above for above in (block, *block.above()) if above.kind == "heading"), None)


# The ways


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
    """Leaves out what is called a prompt of a film or of sound, and short forms beside full ones."""
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
        elif block.role not in roles or id(block) in outer:
            continue
        elif block.kind in ("heading", "label") or (block.kind == "item" and not block.text()):
            if Role.PROMPT in roles:
                yield from _held(block)
        elif words := block.text():
            yield from _of_words(block, words)


def _held(title: Block) -> Iterator[PromptPiece]:
    """Takes what stands below a title as its prompt: code before quotations before words."""
    inside = [
        b for b in _inside(title) if b.role not in (*BESIDE, Role.NOTE, Role.PREFIX, Role.SUFFIX)
    ]
    if codes := [b for b in inside if b.kind == "code" and not is_program(b)]:
        for code in codes:
            yield from _of_code(code)
    elif quotes := [b for b in inside if b.kind == "quote"]:
        yield _joined(quotes, title)
    elif tables := [b for b in inside if b.kind == "table"]:
        for table in tables:
            yield from _cells(table)
    elif words := _words_of(title, inside):
        items = [b for b in words if b.kind == "item"]
        if len(items) > 1 and len(items) == len(words) and not any(b.label for b in items):
            for item in items:
                yield from _of_words(item, item.text())
        else:
            yield _joined(words, title)


def _words_of(title: Block, inside: Sequence[Block]) -> list[Block]:
    """Selects the words below a title; labelled lines belong to them where all are labelled."""
    texts = [b for b in inside if b.kind in ("text", "item") and b.text()]
    if free := [b for b in texts if not is_label_known(b)]:
        return _own_words(free)
    return [b for b in _inside(title) if b.kind in ("text", "item") and b.text()]


def _own_words(blocks: list[Block]) -> list[Block]:
    """Leaves out what is said about the prompts, such as a greeting, beside other words."""
    return [b for b in blocks if not is_about(b.text())] or blocks


def is_label_known(block: Block) -> bool:
    """Says whether the words before a block's colon are ones that people write beside prompts."""
    return block.role not in (None, Role.GROUP, Role.LEVEL, Role.NUMBER)


def by_code(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each block of code, whole."""
    for block in _body(blocks, "code"):
        if not is_program(block):
            yield from _of_code(block)
    for block in _body(blocks, "text"):
        if _strings(block):
            yield from _of_code(block)


def _of_code(block: Block) -> Iterator[PromptPiece]:
    """Takes a block of code as one prompt, or as several where each begins with a mark."""
    text = block.text()
    if known := _fields(block):
        yield PromptPiece(known.text, _lines(block), block, (block,), replace(known, text=""))
        return
    if strings := _strings(block):
        yield from (PromptPiece(text, (number,), block, (block,)) for number, text in strings)
        return
    if drafts := _records(block):
        for draft in drafts:
            number = block.lines[min(draft.line, len(block.lines)) - 1][0]
            yield PromptPiece(draft.text, (number,), block, (block,), replace(draft, text=""))
        return
    for parted in (re.split(r"\n\s*\n", text), text.split("\n")):
        parts = [part.strip() for part in parted if part.strip()]
        if len(parts) > 1 and all(map(_begins, parts)):
            yield from _numbered_parts(block, parts)
            return
    yield PromptPiece(text, _lines(block), block, (block,))


def _fields(block: Block) -> Draft | None:
    """Reads a block whose lines say which is the prompt, and which are not: "Negative: ..."."""
    labels = [cut_label(line) for _, line in block.lines if line.strip()]
    roles = [label.role if label else None for label in labels]
    first = labels[0] if labels else None
    if not first or roles[0] is not Role.PROMPT or roles.count(Role.PROMPT) > 1 or len(roles) < 2:
        return None
    if not any(role in (Role.NEGATIVE, Role.DETAIL) for role in roles):
        return None
    parts = [[first.name, first.role, first.rest]]
    for (_, line), label in zip(
        [ln for ln in block.lines if ln[1].strip()][1:], labels[1:], strict=True
    ):
        if label and label.role in (Role.NEGATIVE, Role.DETAIL):
            parts.append([label.name, label.role, label.rest])
        else:
            parts[-1][2] += f"\n{line.strip()}"
    negative = ", ".join(rest for _, role, rest in parts if role is Role.NEGATIVE)
    notes = [f"{name}: {rest}" for name, role, rest in parts if role is Role.DETAIL]
    return Draft(parts[0][2], block.line, negative=negative).noted(notes)


def _strings(block: Block) -> list[tuple[int, str]]:
    """Finds the strings of a block that lists phrases as programs do, with their lines."""
    lines = [(number, line) for number, line in block.lines if len(line.strip()) > 2]
    found = [(n, string[1] or string[2]) for n, line in lines if (string := _STRING.match(line))]
    phrases = sum(word_count(string) > 3 for _, string in found)
    return found if phrases > 1 and phrases >= 0.6 * len(lines) else []


def _records(block: Block) -> list[Draft]:
    """Reads the prompts of a block of JSON whose keys call them so."""
    text = block.text()
    if text[:1] not in ("[", "{") or "prompt" not in text:
        return []
    try:
        value = records.load(text)
    except InputError:
        return []
    drafts = records.read_values(value)[1] if value is not None else []
    called = drafts and records.confidence(value, drafts) == 1.0
    return records.with_lines([draft for draft in drafts if draft.text], text) if called else []


def _begins(part: str) -> bool:
    """Says whether a prompt of its own seems to begin here."""
    label = cut_label(part.partition("\n")[0])
    named = label is not None and (is_file(label.name) or label.role in (Role.PROMPT, Role.LEVEL))
    return named or part.startswith("/imagine") or bool(_COUNTED.match(part))


def _numbered_parts(block: Block, parts: Sequence[str]) -> Iterator[PromptPiece]:
    lines = [(number, text.strip()) for number, text in block.lines if text.strip()]
    at = 0
    for part in parts:
        size = sum(bool(line.strip()) for line in part.splitlines())
        label = cut_label(part)
        words = label.rest if label else _COUNTED.sub("", part, count=1)
        known = Draft("", 0).named(label.name) if label and is_file(label.name) else None
        yield PromptPiece(words, tuple(n for n, _ in lines[at : at + size]), block, (block,), known)
        at += size


def by_quotes(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each quotation."""
    for block in _body(blocks, "quote"):
        if block.text():
            yield _joined([block], block)


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
                yield PromptPiece(code, _lines(block), block, (block,))
        else:
            yield _joined([*([block] if words else []), *below], block)


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


def by_headings(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes all words below each title of the kind that has most of them."""
    titles = [block for block in blocks if block.kind in ("heading", "label")]
    held = [(title, below) for title in titles if (below := _below(title))]
    most = Counter(title.rank for title, _ in held).most_common(1)
    chosen = [found for found in held if found[0].rank == most[0][0]]
    for title, below in _by_parent(chosen) or chosen:
        if title.decided in (None, Role.PROMPT):
            yield _joined(below, title)


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
            yield from _of_words(block, block.text())


def by_lines(blocks: Sequence[Block]) -> Iterator[PromptPiece]:
    """Takes each line: of the blocks of code, if there are any, else of the paragraphs."""
    codes = [b for b in _body(blocks, "code") if not is_program(b)]
    for block in codes or _body(blocks, "text"):
        if codes or not is_label_known(block):
            for number, text in block.lines:
                words = text.strip() if codes else plain(text)
                if words:
                    yield from _of_words(block, words, ((number, text),))


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
    words = [b for b in blocks if b.kind in ("text", "item", "quote") and b.text()]
    if not words:
        return []
    piece = _joined(words, words[0])
    return [Reading("paragraphs", [piece])] if picturing(piece.text) > 0.55 else []


# Pieces


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


def _lines(block: Block) -> tuple[int, ...]:
    return tuple(number for number, text in block.lines if text.strip())


def _cells(table: Block, *, said: bool = False) -> Iterator[PromptPiece]:
    for cell in find_prompts(table.rows, said=said):
        yield PromptPiece(cell.text, (cell.line,), table, (table,), cell)


def _of_words(
    block: Block, words: str, lines: Sequence[tuple[int, str]] = ()
) -> Iterator[PromptPiece]:
    raw = "\n".join(text for _, text in lines or block.lines)
    numbers = tuple(number for number, _ in lines) or _lines(block)
    for text in codes_in(raw) or [words]:
        yield PromptPiece(unquoted(text), numbers, block, (block,))


def _joined(blocks: Sequence[Block], at: Block) -> PromptPiece:
    """Makes one prompt of several blocks, which keeps its paragraphs."""
    texts = [
        f"{b.label}: {b.text()}" if is_label_known(b) and b.kind != "item" else b.text()
        for b in map(_as_shown, blocks)
    ]
    tight = all(b.kind == "item" or is_label_known(b) for b in blocks)
    text = ("\n" if tight else "\n\n").join(texts)
    lines = tuple(n for b in blocks for n in _lines(b))
    return PromptPiece(unquoted(text.strip()), lines, at, tuple(blocks))


def _as_shown(block: Block) -> Block:
    if block.kind != "quote" or not any(not text.strip() for _, text in block.lines):
        return block
    words = "\n".join(text.strip() for _, text in block.lines)
    parts = [" ".join(part.split()) for part in words.split("\n\n")]
    return Block("code", [(block.line, "\n\n".join(plain(part) for part in parts))])


def is_words_about(piece: PromptPiece) -> bool:
    """Says whether a piece is about the prompts and no prompt."""
    return piece.block.kind != "code" and is_about(piece.text)
