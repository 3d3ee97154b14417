"""The sections of a document, their prefixes, and the segments into which names divide them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pressrun.inputs.prompts.blocks import (
    Block,
    Fence,
    HeadingBlock,
    Items,
    Line,
    Paragraph,
    QuoteBlock,
    Table,
)
from pressrun.inputs.prompts.fields import read_field, read_fields
from pressrun.inputs.prompts.labels import bare, cut_label, flat, is_bold, is_name, shown, unquoted
from pressrun.inputs.prompts.words import (
    Role,
    is_announcement,
    is_commentary,
    is_level,
    role_of,
    without_number,
    word_count,
)

_MANY = 6  # entries of a list that describe no style any more


@dataclass(frozen=True, slots=True)
class Marker:
    """A line that names what follows it.

    Attributes:
        label: The name, bare.
        text: The whole line.
        plain: Set in no special type.
    """

    label: str
    role: Role | None
    text: str
    line: int
    plain: bool = False


def marker_of(line: Line, before: Block | None, *, alone: bool, titles: bool) -> Marker | None:
    """Finds what a line of a paragraph names, if it names something.

    Args:
        line: The line.
        before: The block right below it, if it is the last of its paragraph.
        alone: Whether it is the paragraph's only line.
        titles: Whether a line set apart above plain lines was a title before.
    """
    label = bare(line.text)
    role = role_of(label)
    field, labelled = read_field(line), cut_label(line.spans) is not None
    if field and field.role is Role.CATEGORY and field.value:
        return Marker(field.value, Role.CATEGORY, line.text, line.number)
    over = before is not None or alone
    if is_level(line.text) or (is_bold(line) and _names_in_bold(label, line.text)):
        plain = False
    elif ":" in label or is_bold(line):
        return None
    elif _announces_more(label, role, line.text) or _stands_for_title(label, role, alone=over):
        plain = True
    elif labelled or not _is_over(line.text, before, alone=alone, titles=titles):
        return None
    else:
        role, plain = Role.GROUP, True
    return Marker(label, role, line.text, line.number, plain)


def _names_in_bold(label: str, text: str) -> bool:
    """Says whether a bold line is a name; ``**Prefix: …**`` has its text with it."""
    key, _, value = label.partition(":")
    if value.strip() and role_of(key) not in (Role.GROUP, Role.NUMBER):
        return False
    return is_name(label) or text.endswith(":")


def _announces_more(label: str, role: Role | None, text: str) -> bool:
    """Says whether a line ends in a colon that names what follows it."""
    if not text.endswith((":", "\uff1a")):
        return False
    known = role not in (Role.GROUP, Role.CATEGORY, Role.TAGS, Role.NAME)
    return known or (is_name(label) and not is_announcement(label))


def _stands_for_title(label: str, role: Role | None, *, alone: bool) -> bool:
    """Says whether a line is "Prefix", "Notes", "Prompt 1" and nothing else."""
    if label.casefold() in ("prompt", "prompts"):
        return True
    if role is Role.NUMBER:
        return True
    return alone and role in (Role.PREFIX, Role.NOTE) and word_count(label) < 4


def _is_over(text: str, before: Block | None, *, alone: bool, titles: bool) -> bool:
    """Says whether a short line stands over a list, a table, code, or lines set apart from it."""
    if before is None or is_commentary(text) or not is_name(text) or "," in text:
        return False
    if not isinstance(before, Paragraph):
        return not isinstance(before, QuoteBlock)
    return alone and (titles or len(before.lines) > 1) and _is_title(text)


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 3 or word.isupper()]
    return text.isupper() or (len(words) > 1 and all(word[:1].isupper() for word in words))


@dataclass(frozen=True, slots=True)
class _Prefix:
    """A prefix, the kind of label that it was given under, and where it holds."""

    text: str
    kind: str
    scope: tuple[int, ...]
    after: int  # drafts that were found before it


class Prefixes:
    """Every prefix of a document."""

    def __init__(self) -> None:
        self._all: list[_Prefix] = []

    def add(self, text: str, label: str, scope: tuple[int, ...], after: int) -> None:
        """Notes a prefix that holds in a section, from the first draft after it."""
        if text := unquoted(" ".join(text.split())):
            kind = "style" if "style" in label.casefold() else "prefix"
            self._all.append(_Prefix(text, kind, scope, after))

    def lift(self, scope: tuple[int, ...]) -> None:
        """Lets those of a section without prompts hold for the one around it."""
        self._all = [
            replace(prefix, scope=scope[:-1]) if prefix.scope == scope and scope[1:] else prefix
            for prefix in self._all
        ]

    def of(self, number: int, scope: tuple[int, ...]) -> str:
        """Finds what holds for a draft: of each kind the nearest, of those the last before it."""
        chosen: dict[str, _Prefix] = {}
        for prefix in self._all:
            if scope[: len(prefix.scope)] != prefix.scope:
                continue
            known = chosen.get(prefix.kind)
            nearer = known and len(prefix.scope) > len(known.scope)
            later = known and prefix.scope == known.scope and prefix.after <= number
            if known is None or nearer or later:
                chosen[prefix.kind] = prefix
        return " ".join(prefix.text for prefix in chosen.values())

    def of_document(self) -> str:
        """Finds the first that holds everywhere."""
        return next((prefix.text for prefix in self._all if len(prefix.scope) < 2), "")


@dataclass(slots=True)
class DocumentSection:
    """A heading with what stands below it, up to the next one of its level; the root has none."""

    level: int = 0
    heading: Line | None = None
    blocks: list[Block] = field(default_factory=list)
    sections: list["DocumentSection"] = field(default_factory=list)
    is_title: bool = False

    @property
    def title(self) -> str:
        """The heading without its number."""
        return without_number(self.heading.text.rstrip(" #:\uff1a")) if self.heading else ""

    def holds_prompts(self) -> bool:
        """Says whether prompts may stand in it, as far as its title shows."""
        if role_of(self.title) in (Role.PREFIX, Role.NOTE, None) and not self.is_long():
            return False
        return bool(self.blocks) or any(section.holds_prompts() for section in self.sections)

    def is_long(self) -> bool:
        """Says whether it has a list that is too long to be a style or a few settings."""
        return any(isinstance(b, Items) and len(b.items) >= _MANY for b in self.blocks)


@dataclass(slots=True)
class Segment:
    """Blocks that belong to one name; the first ones of a section to none."""

    marker: Marker | None
    blocks: list[Block] = field(default_factory=list)


def sections_of(blocks: Sequence[Block]) -> DocumentSection:
    """Builds the document's root with all sections in their places."""
    root = DocumentSection()
    path = [root]
    for block in blocks:
        if isinstance(block, HeadingBlock):
            while len(path) > 1 and path[-1].level >= block.level:
                path.pop()
            section = DocumentSection(block.level, block.line)
            path[-1].sections.append(section)
            path.append(section)
        else:
            path[-1].blocks.append(block)
    return root


def segments_of(blocks: Sequence[Block]) -> Iterator[Segment]:
    """Divides blocks without headings into segments."""
    segment, titles = Segment(None), False
    merged = _with_whole_records(blocks)
    for at, block in enumerate(merged):
        below = merged[at + 1] if at + 1 < len(merged) else None
        if not isinstance(block, Paragraph) or read_fields(block.lines):
            segment.blocks.append(block)
            continue
        run: list[Line] = []
        for line in block.lines:
            last = line is block.lines[-1]
            marker = marker_of(
                line, below if last else None, alone=len(block.lines) == 1, titles=titles
            )
            if marker is None:
                run.append(line)
                continue
            segment.blocks += [Paragraph(tuple(run))] if run else []
            yield segment
            segment, run = Segment(marker), []
            titles = titles or (marker.plain and isinstance(below, Paragraph))
        segment.blocks += [Paragraph(tuple(run))] if run else []
    yield segment


def _with_whole_records(blocks: Sequence[Block]) -> list[Block]:
    """Joins paragraphs of fields into one, where their author set them apart."""
    merged: list[Block] = []
    for block in blocks:
        before = merged[-1] if merged else None
        if _is_record(block) and _is_record(before):
            merged[-1] = Paragraph((*before.lines, *block.lines))  # type: ignore[union-attr]
        else:
            merged.append(block)
    return merged


def _is_record(block: Block | None) -> bool:
    return isinstance(block, Paragraph) and all(map(read_field, block.lines))


def prefix_in(blocks: Sequence[Block]) -> str:
    """Finds the prefix that these blocks give: code, fields, or all that is no explanation."""
    for block in blocks:
        if isinstance(block, Fence):
            return " ".join(" ".join(text for _, text in block.lines).split())
    lines = [line for block in blocks for line in _lines_of(block)]
    values = []
    for line in lines:
        cut = cut_label(line.spans)
        if cut and cut[1] in (Role.PREFIX, Role.PROMPT):
            values.append(shown(cut[2]))
    codes = [s.text for line in lines for s in line.spans if s.code]
    return " ".join(values or codes) or _plain_prefix(blocks)


def _plain_prefix(blocks: Sequence[Block]) -> str:
    paragraphs = [flat(block.lines) for block in blocks if isinstance(block, Paragraph)]
    said = [text for text in paragraphs if not is_commentary(text)]
    lists = [block for block in blocks if isinstance(block, Items)]
    said += [", ".join(line.text.rstrip(",;.") for line in _lines_of(block)) for block in lists]
    quotes = [flat(block.lines) for block in blocks if isinstance(block, QuoteBlock)]
    return " ".join(said or quotes)


def _lines_of(block: Block) -> list[Line]:
    if isinstance(block, Paragraph | QuoteBlock):
        return list(block.lines)
    if isinstance(block, Items):
        return [line for item in block.items for inner in item.blocks for line in _lines_of(inner)]
    return []


def is_shaped(block: Block) -> bool:
    """Checks whether a block's own shape says what its entries are."""
    return isinstance(block, Items | Table | Fence)
