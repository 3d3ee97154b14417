"""What surrounds a prompt: the names above it, the notes beside it, what is for every prompt.

Every line of a document ends here as part of a prompt, as something said of prompts, or as left
out with the reason.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.boundary.text import one_line
from pressrun.inputs.prompts.blocks import BESIDE, Block
from pressrun.inputs.prompts.codes import is_program
from pressrun.inputs.prompts.draft import Draft, Told
from pressrun.inputs.prompts.labels import is_name, unquoted
from pressrun.inputs.prompts.levels import cut_last_level, find_level, level_value
from pressrun.inputs.prompts.outline import DocumentOutline
from pressrun.inputs.prompts.pieces import PromptPiece, Reading, names_group
from pressrun.inputs.prompts.ratios import is_of_shape, stated_ratio
from pressrun.inputs.prompts.remarks import is_about
from pressrun.inputs.prompts.tables import split_tags
from pressrun.inputs.prompts.vocabulary import Role

_FOR_ALL: dict[Role, Told] = {
    Role.PREFIX: "prefix",
    Role.SUFFIX: "suffix",
    Role.NEGATIVE: "negative",
}
_LETTERS = 120
_MOST_SHARED = 20  # notes about several prompts that are kept with each


@dataclass(frozen=True, slots=True)
class LineUse:
    """What became of a line.

    Attributes:
        use: ``prompt``, ``name``, ``prefix``, ``suffix``, ``negative``, ``aspect ratio``, ``note``
            or ``left out``.
        why: Of a line that was left out.
    """

    line: int
    use: str
    text: str
    why: str = ""


class Surroundings:
    """All that a document says beside the prompts of one reading."""

    def __init__(self, outline: DocumentOutline, reading: Reading):
        self._blocks, self._reading = outline.blocks, reading
        self._skipped = outline.skipped
        self._used = {id(block) for piece in reading.pieces for block in piece.used}
        self._odd = {id(block) for piece in reading.odd for block in piece.used}
        self._within: dict[int, list[int]] = defaultdict(list)
        for place, piece in enumerate(reading.pieces):
            for block in (piece.block, *piece.block.above()):
                self._within[id(block)].append(place)
        way = "prompts" if reading.way == "mixed" else reading.way
        self._beside = f"beside the {way}"
        self._all = [*range(len(reading.pieces))]
        self._noted: set[int] = set()
        self._said: Counter[int] = Counter()
        self._records: dict[int, dict[int, list[int]]] = {}

    def drafts(self) -> list[Draft]:
        """Makes drafts of the pieces, with what surrounds each."""
        drafts = [_named(piece, self._is_of_all) for piece in self._reading.pieces]
        for block in self._blocks:
            if id(block) not in self._used | self._odd and not block.is_given_up:
                self._tell(block, drafts)
        return drafts

    def _is_of_all(self, block: Block) -> bool:
        """Says whether all prompts stand below a block: then it tells none from the others."""
        return len(self._within[id(block)]) == len(self._all)

    def _tell(self, block: Block, drafts: list[Draft]) -> None:
        """Says of the prompts that a block belongs to what it says."""
        inside = block.parent.decided if block.parent else None
        if block.role in _FOR_ALL:
            if inside not in _FOR_ALL and (words := _content(block)):
                self._for_all(block.role, block, words, self._scope(block), drafts)
        elif _says_something(block) and inside in (None, Role.PROMPT):
            self._note(block, drafts)

    def _note(self, block: Block, drafts: list[Draft]) -> None:
        places = self._places(block)
        if not places:
            return
        self._noted.add(id(block))
        self._said[id(block.parent)] += len(places) > 1
        if self._said[id(block.parent)] <= _MOST_SHARED:
            for place in places:
                drafts[place] = _with(drafts[place], block)

    def _for_all(
        self, role: Role, block: Block, words: str, places: list[int], drafts: list[Draft]
    ) -> None:
        self._noted.add(id(block))
        name = _FOR_ALL[role]
        beside = role is Role.PREFIX and self._reading.said and len(places) == 1 < len(drafts)
        for place in places:
            before = getattr(drafts[place], name)
            if beside and "prefix" not in block.label.casefold():
                drafts[place] = drafts[place].noted([f"{block.label}: {words}"])
            else:
                joint = ", " if role is Role.NEGATIVE else " "
                joined = joint.join(filter(None, (before, words)))
                drafts[place] = drafts[place].told(name, joined)

    def _places(self, block: Block) -> list[int]:
        """Finds the prompts of which a block says something: its record's, or its section's."""
        record = self._record(block)
        if record is not None:
            return record
        return self._within[id(block.parent)] if block.parent else self._all

    def _scope(self, block: Block) -> list[int]:
        """Finds the prompts that a style is for: those of the nearest section that has some."""
        places = self._places(block)
        for above in block.above():
            if places:
                return places
            places = self._within[id(above)]
        return places or self._all

    def _record(self, block: Block) -> list[int] | None:
        """Finds the prompts of a block's record; None if its label comes only once."""
        at = id(block.parent)
        if at not in self._records:
            top = (b for b in self._blocks if b.parent is None)
            self._records[at] = self._split(block.parent.children if block.parent else [*top])
        return self._records[at].get(id(block)) or None

    def _split(self, siblings: Sequence[Block]) -> dict[int, list[int]]:
        """Splits siblings into records, which begin where a label or a prompt comes again."""
        labels = Counter(sibling.label for sibling in siblings if sibling.label)
        ruled = any(sibling.kind == "rule" for sibling in siblings)
        found: dict[int, list[int]] = {}
        record: list[int] = []
        keys: set[str] = set()
        for sibling in siblings:
            own = id(sibling) in self._used
            key = "prompt" if own else sibling.label.casefold() or "rule"
            if key in keys or sibling.kind == "rule":
                record, keys = [], set()
            keys.add(key)
            record += self._within[id(sibling)] if own else []
            if labels[sibling.label] > 1 or (ruled and sibling.role is not Role.PREFIX):
                found[id(sibling)] = record
        return found

    # Lines

    def lines(self) -> Iterator[LineUse]:
        """Says of every line with words what became of it."""
        taken = {line for piece in self._reading.pieces for line in piece.lines}
        for line, text, why in self._skipped:
            if any(map(str.isalnum, text)):
                yield LineUse(line, "left out", one_line(text[: 2 * _LETTERS], _LETTERS), why)
        for block in self._blocks:
            use, why = self._use(block)
            for line, text in block.lines:
                own = line == block.line and block.label not in ("", text)
                shown = one_line(f"{block.label}: " * own + text[: 2 * _LETTERS], _LETTERS)
                if line in taken:
                    yield LineUse(line, "prompt", shown)
                elif any(map(str.isalnum, shown)):
                    yield LineUse(line, use, shown, why)

    def _use(self, block: Block) -> tuple[str, str]:
        role = (block.parent.decided if block.parent else None) or block.decided
        if id(block) in self._odd:
            return "left out", "unlike the other prompts"
        holds = bool(self._within.get(id(block)))
        told = next((b for b in (block, *block.above()) if id(b) in self._noted), None)
        if block.kind == "rule" or (block.kind == "table" and id(block) in self._used):
            return "name", ""  # of a table its head; rows without a prompt are told elsewhere
        if told and (told is block or told.role in _FOR_ALL):
            states = told is block and is_of_shape(block.label) and stated_ratio(block.text())
            return _FOR_ALL.get(told.role or Role.NOTE, "aspect ratio" if states else "note"), ""
        if holds and block.kind in ("heading", "label", "item"):
            return "name", ""
        return "left out", self._why(block, role)

    def _why(self, block: Block, role: Role | None) -> str:
        reasons = (
            (block.is_given_up, "ticked: it is done"),
            (role is Role.NOTE, "a section of notes"),
            (block.kind in ("heading", "label"), "a title without prompts below it"),
            (role in _FOR_ALL, "a style or negative prompt for no prompt that was found"),
            (block.kind == "code" and is_program(block), "a program, or a list of files"),
            (block.kind == "table", "a table without a column of prompts"),
            (role in BESIDE, "says something of a prompt that was not found"),
            (is_about(block.text()), "words about the prompts"),
        )
        return next((why for holds, why in reasons if holds), self._beside)


def _says_something(block: Block) -> bool:
    """Says whether a block is a label with words behind it, about a prompt."""
    labelled = block.kind in ("text", "item") and bool(block.label)
    return labelled and block.role is not Role.NOTE and bool(block.text())


def _content(block: Block) -> str:
    """Joins what a label or title stands over: its code or quotation, else its words."""
    if block.kind in ("text", "quote") or (block.kind == "item" and block.text()):
        return unquoted(block.text())
    inside = [b for child in block.children for b in (child, *child.children)]
    best = [b for b in inside if b.kind in ("code", "quote")] or [b for b in inside if b.text()]
    best = [b for b in best if not is_about(b.text())] or best
    joint = ", " if all(b.kind == "item" for b in best) else " "
    return joint.join(unquoted(" ".join(b.text().split())) for b in best)


def _named(piece: PromptPiece, is_of_all: Callable[[Block], bool]) -> Draft:
    """Makes the draft of a piece with the names above it.

    The nearest heading is its category. Those above that one are tags, but for titles of all.
    """
    draft = Draft("", piece.lines[0] if piece.lines else piece.block.line)
    upper: list[str] = []
    for block in reversed(list(piece.block.above())):
        before, draft = draft, _inside(block, draft)
        if is_of_all(block):
            upper.clear()
        elif block.kind == "heading" and draft.category != before.category:
            upper.append(draft.category)
    own = piece.block
    if own.kind in ("heading", "label"):
        draft = _inside(own, draft)
    elif own.label and draft.line in _first(own) and own.kind in ("text", "item"):
        draft = _own(own, draft)
    text, level = cut_last_level(piece.text)
    draft = replace(draft, text=text, level=level or draft.level, lines=piece.lines)
    draft = _with_known(draft, piece.known) if piece.known else draft
    above = [name for name in upper if name != draft.category]
    return replace(draft, tags=(*dict.fromkeys((*above, *draft.tags)),))


def _first(block: Block) -> list[int]:
    """Finds the line on which a block's words begin."""
    return [number for number, text in block.lines if text.strip()][:1]


def _inside(block: Block, draft: Draft) -> Draft:
    is_named = block.kind == "item" and (names_group(block) or is_name(block.text()))
    name = block.label or (block.text() if is_named else "")
    if block.role is Role.LEVEL:
        return replace(draft, level=find_level(name) or draft.level)
    if block.kind == "heading":
        return draft if block.role is Role.NUMBER else draft.under(name) if name else draft
    if block.role not in (Role.GROUP, Role.CONTENT, Role.DETAIL, None) and not (
        block.role is Role.PROMPT and name
    ):
        return draft
    if block.role is Role.PROMPT and name.casefold().strip(": ").endswith(("prompt", "prompts")):
        return draft
    if block.kind == "label" and not block.strong and not draft.category and not draft.tags:
        return draft.under(name)
    return draft.named(name) if 0 < len(name) < _LETTERS else draft


def _own(block: Block, draft: Draft) -> Draft:
    if block.role is Role.LEVEL:
        return replace(draft, level=find_level(block.label))
    if block.role in (Role.GROUP, Role.DETAIL, Role.CONTENT) or (
        block.role is Role.PROMPT and "prompt" not in block.label.casefold()
    ):
        return draft.named(block.label)
    return draft


def _with_known(draft: Draft, cell: Draft) -> Draft:
    known = draft.under(cell.category) if cell.category else draft
    known = replace(known.tagged(*cell.tags), level=cell.level or known.level)
    return replace(
        known.noted(cell.notes),
        aspect_ratio=cell.aspect_ratio or known.aspect_ratio,
        prefix=cell.prefix,
        suffix=cell.suffix,
        negative=cell.negative,
    )


def _with(draft: Draft, block: Block) -> Draft:
    words = block.text()
    if block.role is Role.LEVEL:
        return replace(draft, level=level_value(words))
    if block.role is Role.CATEGORY:
        return replace(draft, category=words)
    if block.role is Role.NAME:
        return draft.named(words)
    if block.role is Role.TAGS:
        return draft.tagged(*split_tags(words))
    return draft.beside(block.label, words)
