"""A pasted document as blocks that know what holds them and what titles make of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pressrun.inputs.prompts.blocks import BESIDE, DECIDED, Block
from pressrun.inputs.prompts.labels import is_name, plain
from pressrun.inputs.prompts.levels import find_level
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.remarks import is_about, role_for_all
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.scanner import Scanner
from pressrun.inputs.prompts.vocabulary import Role
from pressrun.inputs.prompts.wrapping import KEY, Skipped, unwrapped

_BESIDE_ABOVE = (Role.DETAIL, Role.TAGS, Role.NAME)


@dataclass(frozen=True, slots=True)
class DocumentOutline:
    """A document's blocks in order, and its lines that are none, with the reason."""

    blocks: list[Block]
    skipped: Skipped


def read_outline(text: str) -> DocumentOutline:
    """Reads the blocks of a document."""
    skipped: Skipped = []
    lines = unwrapped(text, skipped)
    scanner = Scanner(lines, skipped)
    scanner.run()
    return DocumentOutline(_mended(scanner.blocks), skipped)


def _mended(blocks: list[Block]) -> list[Block]:
    """Makes words of labels over nothing, and titles of short lines over what they name."""
    labels = [b for b in blocks if b.kind == "label" and b.role is Role.GROUP and b.strong]
    if len(labels) > 1 and not any(label.children for label in labels):
        for label in labels:
            label.kind, label.label, label.role = "text", "", None
    for block in blocks:
        if block.kind == "item" and _names_nothing(block):
            block.lines, block.label, block.role = [(block.line, block.label)], "", None
    _untitle(blocks)
    _name_pictures(blocks)
    for block, below in pairwise(blocks):
        _announce(block, below)
    blocks = list(_titles(blocks))
    _label_keys(blocks)
    _connect(blocks)
    return blocks


def _names_nothing(block: Block) -> bool:
    """Says whether an entry is but a name, with nothing below it: then it is its words."""
    empty = bool(block.label) and not block.text() and not block.children
    return empty and block.role in (Role.GROUP, Role.NUMBER)


def _untitle(blocks: list[Block]) -> None:
    """Sees to it that a title of the whole document makes it neither notes nor one prompt."""
    first = blocks[0] if blocks else None
    if first and first.kind == "heading" and first.role is Role.NOTE:
        others = (b for b in blocks[1:] if b.kind == "heading" and b.rank <= first.rank)
        first.role = Role.NOTE if any(others) else Role.GROUP
    for block in blocks:
        above = block.parent
        if block.kind == "heading" and above and above.role is Role.PROMPT:
            above.role = Role.PROMPTS


def _name_pictures(blocks: Sequence[Block]) -> None:
    """Makes a mere name of a title of notes that holds one description of a picture."""
    for block in blocks:
        if block.kind == "heading" and block.role is Role.NOTE and len(block.children) == 1:
            held = block.children[0]
            words = held.text() if held.kind in ("text", "code", "quote") else ""
            if picturing(words) > 0.6 and not is_about(words):
                block.role = Role.GROUP


def _announce(block: Block, below: Block) -> None:
    """Makes a label of a sentence that says that the block below it is for every prompt."""
    if block.kind != "text" or block.label or below.kind not in ("code", "quote"):
        return
    role = role_for_all(block.text()[:400])
    if role and below.parent is block.parent:
        block.kind, block.role, block.label = "label", role, block.text()
        below.parent = block


def _label_keys(blocks: Sequence[Block]) -> None:
    """Makes labels of the words before a colon that come again and again beside prompts."""
    if sum(block.role in (Role.PROMPT, Role.CONTENT) for block in blocks) < 2:
        return
    free = [b for b in blocks if b.kind in ("text", "item") and not b.label]
    keyed = [(b, keys) for b in free if (keys := [KEY.match(text) for _, text in b.lines])]
    counts = Counter(key[1] for _, keys in keyed for key in keys if key)
    for block, keys in keyed:
        if all(key and counts[key[1]] > 1 for key in keys) and (key := keys[0]):
            number, text = block.lines[0]
            block.lines[0] = (number, text[key.end() :])
            block.label, block.role = key[1], Role.DETAIL


def _connect(blocks: Sequence[Block]) -> None:
    """Tells blocks what they hold, and what the titles above make of them."""
    for block in blocks:
        block.children = []
    for block in blocks:
        inherited = block.parent.decided if block.parent else None
        if block.parent:
            block.parent.children.append(block)
        block.decided = _decided(block) or inherited


def _decided(block: Block) -> Role | None:
    """Says what a block is by its own label or tick alone."""
    if block.is_done:
        return Role.NOTE
    if block.role in DECIDED or (block.kind != "heading" and block.role in _BESIDE_ABOVE):
        return block.role
    if block.kind in ("text", "item") and block.role in BESIDE:
        return block.role
    bare_level = block.role is Role.LEVEL and block.label and not find_level(block.label)
    return Role.LEVEL if bare_level else None


def _titles(blocks: Sequence[Block]) -> Iterator[Block]:
    title: Block | None = None
    titles = 0
    for at, block in enumerate(blocks):
        after = blocks[at + 1] if at + 1 < len(blocks) else None
        if block.kind in ("heading", "label") or (
            title and block.rank < 99 and block.kind != "item"
        ):
            title = None
        if after and _is_title(block, after, seen=titles > 0):
            titles += 1
            text = plain(block.lines[0][1])
            block.kind, block.rank, block.label, block.role = "heading", 6, text, role_of(text)
            title = block
        elif title and block.parent is title.parent:
            block.parent = title
        yield block


def _is_title(block: Block, after: Block, *, seen: bool) -> bool:
    if block.kind != "text" or len(block.lines) > 1 or block.label:
        return False
    text = block.lines[0][1].strip()
    listed = (
        after.kind == "text"
        and (len(after.lines) > 1 or (seen and text.istitle()))
        and not after.label
    )
    if block.parent and block.parent.kind != "heading":
        return False
    return listed and is_name(text) and "," not in text and text[:1].isupper()
