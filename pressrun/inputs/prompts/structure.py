"""From a document's blocks to its prompts, by their place alone: no model asked.

Headings are categories, bold and nested names are tags, ``Level 2`` is a level; a prefix holds
for the section that it stands in. What stands beside prompts in better shape (a sentence over a
list) tells about them and is none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pressrun.inputs.prompts.blocks import (
    Block,
    Fence,
    HeadingBlock,
    Items,
    Line,
    ListItem,
    Paragraph,
    QuoteBlock,
    Table,
    TextSpan,
    read_blocks,
)
from pressrun.inputs.prompts.draft import Context, PromptDraft
from pressrun.inputs.prompts.fields import (
    Field,
    begin_with_levels,
    fields_of_blocks,
    fields_of_list,
    head_of,
    read_fields,
    records,
)
from pressrun.inputs.prompts.labels import (
    bare,
    cut_label,
    flat,
    names_group,
    one_line,
    prompts_in,
    shown,
    unquoted,
)
from pressrun.inputs.prompts.lines import (
    MARKED,
    are_wrapped,
    ends_sentence,
    lines_of,
    split_prompts,
)
from pressrun.inputs.prompts.sections import (
    DocumentSection,
    Prefixes,
    Segment,
    is_shaped,
    prefix_in,
    sections_of,
    segments_of,
)
from pressrun.inputs.prompts.tables import read_rows, split_tags
from pressrun.inputs.prompts.words import (
    Role,
    cut_last_level,
    find_level,
    is_commentary,
    level_value,
    role_of,
    word_count,
)

_PROGRAMS = frozenset(
    [
        "bash",
        "c",
        "cpp",
        "css",
        "go",
        "html",
        "java",
        "javascript",
        "js",
        "jsx",
        "php",
        "py",
        "python",
        "rust",
        "sh",
        "shell",
        "sql",
        "ts",
        "tsx",
    ]
)
_SENTENCES = re.compile(r"[.!?]\s+\S")
_PLAIN_DOUBT = 0.4  # of a prompt on a plain line


@dataclass(frozen=True, slots=True)
class FoundPrompts:
    """All that a document holds.

    Attributes:
        prefix: What all prompts share, else the document's first.
        skipped: Lines that may have been prompts and were read as words about them.
        confidence: From 0 to 1: how far the structure leaves no doubt.
    """

    drafts: list[PromptDraft]
    prefix: str
    skipped: list[tuple[int, str]]
    confidence: float


def read_structure(text: str) -> FoundPrompts:
    """Finds the prompts of a document in markdown or plain lines, in order."""
    blocks = read_blocks(lines_of(text))
    reader = _StructureReader()
    reader.read(blocks)
    if not reader.drafts:  # a document that quotes its prompts has no others
        reader = _StructureReader(quotes=True)
        reader.read(blocks)
    return reader.found()


class _StructureReader:
    """Walks the sections and collects drafts."""

    def __init__(self, *, quotes: bool = False):
        self.drafts: list[PromptDraft] = []
        self._prefixes = Prefixes()
        self._skipped: list[tuple[int, str]] = []
        self._quotes = quotes
        self._wrapped = False
        self._sections = 0

    def read(self, blocks: Sequence[Block]) -> None:
        """Reads a whole document."""
        paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
        self._wrapped = are_wrapped([[line.text for line in p.lines] for p in paragraphs])
        root = sections_of(blocks)
        # A document's only title is no note or style, whatever it says.
        if len(root.sections) == 1 and not any(map(is_shaped, root.blocks)):
            root.sections[0].is_title = True
        self._section(root, Context())

    def found(self) -> FoundPrompts:
        """Returns what was collected, with every prefix where it holds."""
        for number, draft in enumerate(self.drafts):
            shared = self._prefixes.of(number, draft.scope)
            draft.prefix = " ".join(part for part in (shared, draft.prefix) if part)
        prefixes = {draft.prefix for draft in self.drafts}
        prefix = prefixes.pop() if len(prefixes) == 1 else self._prefixes.of_document()
        certain = sum(1.0 if draft.sure else 1 - _PLAIN_DOUBT for draft in self.drafts)
        total = len(self.drafts) + len(self._skipped)
        return FoundPrompts(self.drafts, prefix, self._skipped, certain / total if total else 0.0)

    # Sections

    def _section(self, section: DocumentSection, context: Context) -> None:
        self._sections += 1
        inside = self._enter(section, replace(context, scope=(*context.scope, self._sections)))
        if inside is None:
            return
        before = len(self.drafts)
        outer = any(inner.holds_prompts() for inner in section.sections)
        self._blocks(section.blocks, inside, outer=outer)
        for inner in section.sections:
            self._section(inner, inside)
        if len(self.drafts) == before:
            self._prefixes.lift(inside.scope)

    def _enter(self, section: DocumentSection, context: Context) -> Context | None:
        """Makes the context below a heading; None if what stands there is read or is no prompt."""
        title, role = section.title, role_of(section.title)
        label, _, value = title.partition(":")
        if value.strip():
            named = role_of(label)
            if named is Role.PREFIX:
                self._add_prefix(value, label, context)
                return context
            if named in (Role.CATEGORY, Role.PROMPT, Role.NUMBER):
                title, role = value.strip(), Role.GROUP
        if not title or section.is_title:
            return context.under(title)
        if role is Role.PREFIX and not section.is_long():
            around = replace(context, scope=context.scope[:-1])
            self._add_prefix(prefix_in(section.blocks), title, around)
            for inner in section.sections:
                self._section(inner, around)
            return None
        if role in (Role.NOTE, None) and not section.is_long():
            return None
        if role is Role.NUMBER or (role is Role.PROMPT and not title.casefold().endswith("s")):
            return context
        return context.under(title)

    def _add_prefix(self, text: str, label: str, context: Context) -> None:
        self._prefixes.add(text, label, context.scope, len(self.drafts))

    # Segments

    def _blocks(self, blocks: Sequence[Block], context: Context, *, outer: bool = False) -> None:
        """Reads what stands below one heading or nested in one entry.

        Args:
            blocks: Without headings.
            context: Of all that stands above.
            outer: Whether the prompts stand in sections below, so that text here tells of them.
        """
        segments = list(segments_of(blocks))
        if _are_prompts(segments):
            for segment in segments:
                if segment.marker:
                    self._add(segment.marker.text, segment.marker.line, context, sure=False)
            return
        # Names nest as they first come: levels in a group, or groups in a level.
        ranks: dict[tuple[Role | None, bool], int] = {}
        inside = [(-1, context)]
        for segment in segments:
            marker = segment.marker
            if marker is None:
                self._segment(segment, context, told=outer or len(segments) > 1)
                continue
            if marker.role is Role.PREFIX:
                self._add_prefix(prefix_in(segment.blocks[:1]), marker.label, context)
                segment.blocks = segment.blocks[1:]
            elif marker.role in (Role.NOTE, None):
                continue
            elif marker.role not in (Role.NUMBER, Role.PROMPT):
                rank = ranks.setdefault((marker.role, marker.plain), len(ranks))
                while inside[-1][0] >= rank:
                    inside.pop()
                inside.append(
                    (rank, _inside(marker.label, marker.role, inside[-1][1], plain=marker.plain))
                )
            self._segment(segment, inside[-1][1], told=outer)

    def _segment(self, segment: Segment, context: Context, *, told: bool) -> None:
        beside = any(map(is_shaped, segment.blocks))
        for block in self._without_prose(segment.blocks):
            if isinstance(block, Items):
                self._list(block, context, told=told)
            elif isinstance(block, Table):
                (_, titles), *rows = block.rows
                self.drafts += read_rows(titles, rows, context)
            elif isinstance(block, Fence):
                self._fence(block, context)
            elif isinstance(block, Paragraph) or (isinstance(block, QuoteBlock) and self._quotes):
                self._paragraph(block.lines, context, beside=beside, told=told)
            elif isinstance(block, QuoteBlock):
                self._quote(block, context)

    def _quote(self, quote: QuoteBlock, context: Context) -> None:
        """Reads a quotation, which is no prompt, and still may set the prefix."""
        for line in quote.lines:
            label = cut_label(line.spans)
            if label and label[1] is Role.PREFIX:
                self._add_prefix(shown(label[2]), label[0], context)

    def _without_prose(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """Leaves out a sentence that stands before lines that are none."""
        paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
        first, rest = paragraphs[:1], [line for b in paragraphs[1:] for line in b.lines]
        if len(rest) < 2 or blocks[0] is not first[0] or len(first[0].lines) > 1:
            return blocks
        line = first[0].lines[0]
        if ends_sentence(line.text) and not any(ends_sentence(other.text) for other in rest):
            self._skip([line], told=False)
            return blocks[1:]
        return blocks

    # Paragraphs

    def _paragraph(
        self, lines: Sequence[Line], context: Context, *, beside: bool, told: bool
    ) -> None:
        if fields := read_fields(lines):
            self._records(fields, context)
            return
        parts = list(self._parts(lines, named=bool(context.category or context.tags)))
        if told and not beside:
            told = not _lists_prompts(parts)
        sure = len(parts) == 1 and bool(context.category or context.tags)
        for part in parts:
            label = cut_label(part[0].spans)
            if label and label[1] is Role.NOTE:
                return
            if label:
                self._leaf(part, context, sure=True)
            elif beside or told:
                self._skip(part, told=told)
            elif not is_commentary(flat(part)):
                for text in prompts_in(one_line(part)):
                    self._add(text, part[0].number, context, sure=sure)

    def _parts(self, lines: Sequence[Line], *, named: bool) -> Iterator[list[Line]]:
        """Yields the lines of each prompt of a paragraph; below a name, a few sentences are one."""
        prose = named and len(lines) < 4 and all(ends_sentence(line.text) for line in lines)
        whole = not any(line.hard or cut_label(line.spans) for line in lines)
        if whole and (self._wrapped or prose):
            yield list(lines)
            return
        part: list[Line] = []
        starts = {number for number, _ in _starts(lines)}
        for line in lines:
            if part and line.number in starts:
                yield part
                part = []
            part.append(line)
        yield part

    def _skip(self, lines: Sequence[Line], *, told: bool) -> None:
        """Notes what may have been a prompt; sentences above or beside them introduce them."""
        text = flat(lines)
        if ends_sentence(text) and (told or _SENTENCES.search(text)):
            return
        italic = all(span.italic for line in lines for span in line.spans if span.text.strip())
        if not is_commentary(text) and not italic and word_count(text) > 2:
            self._skipped.append((lines[0].number, text))

    def _records(self, fields: Sequence[Field], context: Context) -> None:
        for record in records(fields):
            inside = self._described(record, context)
            for prompt in (field for field in record if field.role is Role.PROMPT):
                self._add(prompt.value, prompt.line, inside, sure=True)

    def _described(self, record: Sequence[Field], context: Context) -> Context:
        if not any(field.role is Role.PROMPT for field in record):
            for field in record:
                if field.role is Role.PREFIX:
                    self._add_prefix(field.value, field.label, context)
            return context
        for field in record:
            context = _with_field(field, context)
        return context

    # Lists

    def _list(self, block: Items, context: Context, *, told: bool) -> None:
        if fields := fields_of_list(block):
            self._records(fields, context)
            return
        levels = begin_with_levels(block)
        for item in block.items:
            self._item(item, context, told=told, levels=levels)

    def _item(self, item: ListItem, context: Context, *, told: bool, levels: bool) -> None:
        head, rest = head_of(item)
        if not head:
            self._blocks(rest, context)
        elif not rest:
            self._leaf(head, context, sure=not told, levels=levels)
        elif fields := fields_of_blocks(rest):
            self._described_item(head, fields, context)
        elif names_group(head, rest):
            self._group(bare(flat(head)), rest, context)
        elif any(map(is_shaped, rest)):
            inside = self._leaf(head, context, sure=False)
            self._blocks(rest, replace(inside, level=context.level))
        else:
            more = [line for block in rest if isinstance(block, Paragraph) for line in block.lines]
            kept = [line for line in more if not is_commentary(line.text)]
            self._leaf([*head, *kept], context, sure=False)

    def _described_item(self, head: list[Line], fields: Sequence[Field], context: Context) -> None:
        if any(field.role is Role.PROMPT for field in fields):
            self._records(fields, context.named(bare(flat(head))))
            return
        for field in fields:
            context = _with_field(field, context)
        self._leaf(head, context, sure=True)

    def _group(self, label: str, blocks: Sequence[Block], context: Context) -> None:
        role = role_of(label)
        if role is Role.PREFIX:
            self._add_prefix(prefix_in(blocks), label, context)
        elif role not in (Role.NOTE, None):
            self._blocks(blocks, _inside(label, role, context))

    def _fence(self, fence: Fence, context: Context) -> None:
        if fence.info.partition(" ")[0].casefold() in _PROGRAMS:
            return
        if any(MARKED.match(text) for _, text in fence.lines):
            self._blocks(
                [b for b in read_blocks(fence.lines) if not isinstance(b, HeadingBlock)], context
            )
            return
        for lines in _without_blanks(fence.lines):
            for number, text in split_prompts(lines):
                self._leaf([Line(number, (TextSpan(text),))], context, sure=True)

    # One prompt

    def _leaf(
        self, lines: Sequence[Line], context: Context, *, sure: bool, levels: bool = False
    ) -> Context:
        """Adds one prompt with the labels before it; returns the context that these give."""
        spans = one_line(lines)
        while label := cut_label(spans, levels=levels):
            name, role, spans = label
            if role is Role.PREFIX:
                self._add_prefix(shown(spans), name, context)
                return context
            if role in (Role.NOTE, None):
                return context
            context = _inside(name, role, context)
        for text in prompts_in(spans):
            if sure or not is_commentary(text):
                self._add(text, lines[0].number, context, sure=sure)
        return context

    def _add(self, text: str, line: int, context: Context, *, sure: bool) -> None:
        text, level = cut_last_level(text)
        if any(char.isalnum() for char in text):
            inside = replace(context, level=level or context.level)
            self.drafts.append(inside.draft(text.strip(), line, sure=sure))


def _inside(label: str, role: Role | None, context: Context, *, plain: bool = False) -> Context:
    """Makes the context of what a name stands over or before.

    Args:
        label: The name.
        role: What it announces.
        context: Around it.
        plain: Set in no special type: where no name stands above, it takes a heading's place.
    """
    if role in (Role.NUMBER, Role.PROMPT, Role.TAGS):
        return context
    if role is Role.LEVEL:
        return replace(context, level=find_level(label) or context.level)
    if role is Role.CATEGORY or (plain and not context.category and not context.tags):
        return context.under(label)
    return context.named(label)


def _with_field(field: Field, context: Context) -> Context:
    if field.role is Role.LEVEL:
        return replace(context, level=level_value(field.value))
    if field.role is Role.CATEGORY:
        return replace(context, category=field.value)
    if field.role is Role.NAME:
        return context.named(field.value)
    if field.role is Role.TAGS:
        return context.tagged(*split_tags(field.value))
    if field.role is Role.PREFIX:
        return replace(context, prefix=unquoted(field.value))
    return context


def _are_prompts(segments: Sequence[Segment]) -> bool:
    """Says whether bold lines have nothing below them, and so name nothing."""
    bold = [s for s in segments if s.marker and s.marker.role is Role.GROUP and not s.marker.plain]
    others = [s for s in segments if s not in bold]
    return len(bold) > 1 and not any(s.blocks for s in bold) and not any(s.marker for s in others)


def _lists_prompts(parts: Sequence[Sequence[Line]]) -> bool:
    """Says whether these are several lines and no sentence: prompts, even above other sections."""
    texts = [flat(part) for part in parts]
    return len(texts) > 1 and not any(t.endswith((".", "!")) or is_commentary(t) for t in texts)


def _starts(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Finds where prompts begin among lines: at labels, and where no sentence goes on."""
    run: list[Line] = []
    for line in lines:
        if cut_label(line.spans):
            yield from _run_starts(run)
            run = []
        run.append(line)
    yield from _run_starts(run)


def _run_starts(run: Sequence[Line]) -> list[tuple[int, str]]:
    hard = [line.number for line in run if line.hard]
    return split_prompts([(line.number, line.text) for line in run], hard)


def _without_blanks(lines: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    part: list[tuple[int, str]] = []
    for number, text in lines:
        if text.strip():
            part.append((number, text.strip()))
        elif part:
            yield part
            part = []
    if part:
        yield part
