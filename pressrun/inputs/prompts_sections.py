"""The sections of a document, and the segments that names of groups divide each into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pressrun.inputs.prompts_blocks import (
    Block,
    Fence,
    Heading,
    Items,
    Line,
    Paragraph,
    Quote,
    Table,
)
from pressrun.inputs.prompts_fields import read_field, read_fields
from pressrun.inputs.prompts_labels import cut_label, flat, shown
from pressrun.inputs.prompts_markers import Marker, marker_of
from pressrun.inputs.prompts_words import Role, is_commentary, role_of, without_number

_MANY = 6  # entries of a list that describe no style any more


@dataclass(slots=True)
class Section:
    """A heading with what stands below it, up to the next one of its level; the root has none."""

    level: int = 0
    heading: Line | None = None
    blocks: list[Block] = field(default_factory=list)
    sections: list["Section"] = field(default_factory=list)
    is_title: bool = False

    @property
    def title(self) -> str:
        """The heading without its number."""
        return without_number(self.heading.text.rstrip(" #:\uff1a")) if self.heading else ""

    def holds_prompts(self) -> bool:
        """Whether prompts may stand in it, as far as its title says."""
        if role_of(self.title) in (Role.PREFIX, Role.NOTE, None) and not self.is_long():
            return False
        return bool(self.blocks) or any(section.holds_prompts() for section in self.sections)

    def is_long(self) -> bool:
        """Whether it has a list that is too long to be a style or a few settings."""
        return any(isinstance(b, Items) and len(b.items) >= _MANY for b in self.blocks)


@dataclass(slots=True)
class Segment:
    """Blocks that belong to one name; the first ones of a section to none."""

    marker: Marker | None
    blocks: list[Block] = field(default_factory=list)


def sections_of(blocks: Sequence[Block]) -> Section:
    """The document's root with all sections in their places."""
    root = Section()
    path = [root]
    for block in blocks:
        if isinstance(block, Heading):
            while len(path) > 1 and path[-1].level >= block.level:
                path.pop()
            section = Section(block.level, block.line)
            path[-1].sections.append(section)
            path.append(section)
        else:
            path[-1].blocks.append(block)
    return root


def segments_of(blocks: Sequence[Block]) -> Iterator[Segment]:
    """The segments of blocks without headings."""
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
    """The blocks with paragraphs of fields in one, where their author set them apart."""
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
    """The prefix that these blocks give: its code, its fields, or all that is no explanation."""
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
    quotes = [flat(block.lines) for block in blocks if isinstance(block, Quote)]
    return " ".join(said or quotes)


def _lines_of(block: Block) -> list[Line]:
    if isinstance(block, Paragraph | Quote):
        return list(block.lines)
    if isinstance(block, Items):
        return [line for item in block.items for inner in item.blocks for line in _lines_of(inner)]
    return []


def is_shaped(block: Block) -> bool:
    """Whether a block's own shape says what its entries are."""
    return isinstance(block, Items | Table | Fence)
