"""From a document's blocks to its prompts, by their place alone: no model, nothing guessed twice.

Headings are categories, bold and nested names are tags, ``Level 2`` is a level; a prefix belongs
to the section that it stands in. What stands beside prompts in better shape (a sentence over a
list) tells about them and is none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pressrun.inputs.prompts_blocks import (
    Block,
    Fence,
    Heading,
    Items,
    Line,
    ListItem,
    Paragraph,
    Quote,
    Span,
    Table,
    number_lines,
    read_blocks,
)
from pressrun.inputs.prompts_lines import are_wrapped, joined, split_prompts
from pressrun.inputs.prompts_words import (
    Role,
    cut_first_level,
    cut_last_level,
    find_columns,
    find_level,
    is_commentary,
    is_level,
    level_value,
    role_of,
    split_level,
    without_number,
    word_count,
)

_SEPARATOR = re.compile(r"\s*(?:[:\uff1a]|\s[-\u2013\u2014|]|[\u2013\u2014])\s*|\s*\.\s+(?=\S)")
_PLAIN_LABEL = re.compile(r"([^:\uff1a`\n]{1,60}?)\s*[:\uff1a](?:\s+|$|(?=[`\"\u201c]))")
_DASHED_LABEL = re.compile(r"([^:`\n]{1,60}?)\s+[-\u2013\u2014|]\s+")
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c", "'": "'", "\u2018": "\u2019", "\u00ab": "\u00bb"}
_CHECKBOX = re.compile(r"\[[ xX]?\]\s+")
_DECORATION = re.compile(r"[\s.,;:()\[\]\u2013\u2014|*-]*")
_CODE_OF_PROGRAMS = frozenset(
    "bash c cpp css go html java javascript js jsx php python py rust sh shell sql ts tsx".split()
)
_LONG_NAME, _LONG_NAME_WORDS = 60, 7


@dataclass(slots=True)
class Draft:
    """A prompt as it was found; its prefix is known when the whole document is read."""

    text: str
    line: int
    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    prefix: str = ""
    scope: tuple[int, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a prompt from what stands above it."""

    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    scope: tuple[int, ...] = ()

    def named(self, label: str) -> "Context":
        """Inside a group of that name."""
        name, level = split_level(label)
        name = without_number(name)
        tags = (*self.tags, name) if name and name not in self.tags else self.tags
        return replace(self, tags=tags, level=level or self.level)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix with the label that it was given under, and where it holds."""

    text: str
    label: str
    scope: tuple[int, ...]
    after: int  # drafts that were found before it


@dataclass(slots=True)
class Section:
    """A heading with what stands below it, up to the next one of its level."""

    level: int
    heading: Line | None
    blocks: list[Block] = field(default_factory=list)
    sections: list["Section"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """All that a document holds.

    Attributes:
        skipped: Lines that may have been prompts and were taken for words about them.
        confidence: From 0 to 1: how far the structure leaves no doubt.
    """

    drafts: list[Draft]
    prefix: str
    skipped: list[tuple[int, str]]
    confidence: float


def read_structure(text: str) -> Found:
    """The prompts of a document in markdown or plain lines, in order."""
    reader = _Reader()
    blocks = read_blocks(_unwrapped(number_lines(text)))
    reader.read(blocks)
    if not reader.drafts:
        reader = _Reader(quotes=True)
        reader.read(blocks)
    return reader.found()


def _unwrapped(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines of a document that was pasted as one code block, and of one with front matter."""
    full = [at for at, (_, text) in enumerate(lines) if text.strip()]
    if len(full) > 2:
        first, last = lines[full[0]][1].strip(), lines[full[-1]][1].strip()
        inner = lines[full[0] + 1 : full[-1]]
        if re.fullmatch(r"(`{3,}|~{3,})\s*(?:markdown|md)?", first) and last == first[:3]:
            if not any(text.strip().startswith(first[:3]) for _, text in inner):
                marked = any(re.match(r"\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\*\*)", t) for _, t in inner)
                return inner if marked else lines
        if first == "---":
            return _without_front_matter(lines, full)
    return lines


def _without_front_matter(lines: list[tuple[int, str]], full: list[int]) -> list[tuple[int, str]]:
    for at in full[1:]:
        text = lines[at][1]
        if text.strip() in ("---", "..."):
            return [*lines[full[0] + 1 : at], (lines[at][0], ""), *lines[at + 1 :]]
        if not re.match(r"[\w -]+:|\s+-\s", text):
            break
    return lines


class _Reader:
    """Walks the sections and collects."""

    def __init__(self, *, quotes: bool = False):
        self.drafts: list[Draft] = []
        self._prefixes: list[Prefix] = []
        self._skipped: list[tuple[int, str]] = []
        self._quotes = quotes
        self._wrapped = False
        self._titled = False
        self._count = 0

    def read(self, blocks: Sequence[Block]) -> None:
        """Reads a whole document."""
        paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
        self._wrapped = are_wrapped([[line.text for line in p.lines] for p in paragraphs])
        self._titled = any(isinstance(block, Heading) for block in blocks)
        self._section(_sections(blocks), Context())

    def found(self) -> Found:
        """What was collected, with every prefix where it holds."""
        for number, draft in enumerate(self.drafts):
            own = draft.prefix
            draft.prefix = " ".join(part for part in (self._prefix(number, draft), own) if part)
        sure = sum(1.0 if draft.sure else 0.55 for draft in self.drafts)
        doubts = len(self._skipped)
        total = len(self.drafts) + doubts
        prefixes = {draft.prefix for draft in self.drafts}
        roots = [prefix.text for prefix in self._prefixes if len(prefix.scope) <= 1]
        shared = prefixes.pop() if len(prefixes) == 1 else " ".join(dict.fromkeys(roots[:1]))
        return Found(self.drafts, shared, self._skipped, sure / total if total else 0.0)

    def _prefix(self, number: int, draft: Draft) -> str:
        """The prefixes that hold for a draft: of each label, the nearest."""
        chosen: dict[str, Prefix] = {}
        for prefix in self._prefixes:
            if draft.scope[: len(prefix.scope)] != prefix.scope:
                continue
            known = chosen.get(prefix.label)
            nearer = known and len(prefix.scope) > len(known.scope)
            later = known and prefix.scope == known.scope and prefix.after <= number
            if known is None or nearer or later:
                chosen[prefix.label] = prefix
        return " ".join(prefix.text for prefix in chosen.values())

    # Sections

    def _section(self, section: Section, context: Context) -> None:
        self._count += 1
        context = replace(context, scope=(*context.scope, self._count))
        if section.heading:
            entered = self._enter(section, context)
            if entered is None:
                return
            context = entered
        before = len(self.drafts)
        outer = bool(section.sections) and any(_holds_prompts(s) for s in section.sections)
        self._blocks(section.blocks, context, outer=outer)
        for inner in section.sections:
            self._section(inner, context)
        if len(self.drafts) == before:
            # A section that only sets a prefix sets it for those around it.
            self._lift(context.scope)

    def _enter(self, section: Section, context: Context) -> Context | None:
        """The context below a heading; None if what stands there is no prompt."""
        heading = section.heading or Line(0, ())
        title = without_number(heading.text.rstrip(" #").rstrip(":\uff1a"))
        label, _, value = title.partition(":")
        role = role_of(title)
        if value.strip() and role_of(label) is Role.PREFIX:
            self._add_prefix(value, label, context.scope)
            return context
        if value.strip() and role_of(label) in (Role.CATEGORY, Role.PROMPT, Role.NUMBER):
            title, role = value.strip(), Role.GROUP
        if role is Role.PREFIX and not _has_many_prompts(section):
            self._add_prefix(_value_of(section.blocks), title, context.scope[:-1])
            for inner in section.sections:
                self._section(inner, context)
            return None
        if role is Role.NOTE or (role is None and not _has_many_prompts(section)):
            return None
        if role is Role.NUMBER or (role is Role.PROMPT and not title.casefold().endswith("s")):
            return context
        name, level = split_level(title)
        return replace(
            context, category=name or context.category, level=level or context.level, tags=()
        )

    def _add_prefix(self, text: str, label: str, scope: tuple[int, ...]) -> None:
        text = _unquoted(" ".join(text.split()))
        kind = "style" if "style" in label.casefold() else "prefix"
        if text:
            self._prefixes.append(Prefix(text, kind, scope, len(self.drafts)))

    def _lift(self, scope: tuple[int, ...]) -> None:
        self._prefixes = [
            replace(prefix, scope=scope[:-1]) if prefix.scope == scope and len(scope) > 1 else prefix
            for prefix in self._prefixes
        ]

    # Blocks of a section

    def _blocks(self, blocks: Sequence[Block], context: Context, *, outer: bool = False) -> None:
        """Reads blocks in segments, each begun by the name of a group.

        Args:
            blocks: Without headings.
            context: Of the section, or of the item of a list that they are nested in.
            outer: Whether the prompts stand in sections below, so that text here tells of them.
        """
        segments = list(_segments(blocks, titled=self._titled))
        groups = any(segment.label for segment in segments)
        for segment in segments:
            inside = context
            if segment.label:
                role = role_of(segment.label)
                if role is Role.PREFIX:
                    self._prefix_segment(segment, context)
                    continue
                if role is Role.NOTE or role is None:
                    continue
                inside = self._in_group(segment, role, context)
            told = outer or (groups and not segment.label)
            self._segment(segment.blocks, inside, told=told)

    def _in_group(self, segment: "Segment", role: Role, context: Context) -> Context:
        if role in (Role.NUMBER, Role.PROMPT):
            return context
        if role is Role.LEVEL:
            return replace(context, level=find_level(segment.label))
        if segment.title and not context.category:
            name, level = split_level(segment.label)
            return replace(context, category=name, level=level or context.level)
        return context.named(segment.label)

    def _prefix_segment(self, segment: "Segment", context: Context) -> None:
        """A prefix below its label; what follows the first block belongs to no group."""
        scope = context.scope
        head, rest = segment.blocks[:1], segment.blocks[1:]
        self._add_prefix(_value_of(head), segment.label, scope)
        self._segment(rest, context, told=False)

    def _segment(self, blocks: Sequence[Block], context: Context, *, told: bool) -> None:
        shaped = any(isinstance(block, Items | Table | Fence) for block in blocks)
        for block in blocks:
            if isinstance(block, Paragraph):
                self._paragraph(block.lines, context, beside=shaped, outer=told)
            elif isinstance(block, Items):
                self._list(block, context, outer=told)
            elif isinstance(block, Table):
                self._table(block, context)
            elif isinstance(block, Fence):
                self._fence(block, context)
            elif isinstance(block, Quote) and self._quotes:
                self._paragraph(block.lines, context, beside=False, outer=False)

    # Paragraphs

    def _paragraph(
        self, lines: Sequence[Line], context: Context, *, beside: bool, outer: bool
    ) -> None:
        fields = _read_fields(lines)
        if fields is not None:
            self._record(fields, context)
            return
        run: list[Line] = []
        for line in lines:
            if _label_of(line) is None:
                run.append(line)
                continue
            self._text(run, context, beside=beside, outer=outer)
            run = []
            self._leaf([line], context, sure=True)
        self._text(run, context, beside=beside, outer=outer)

    def _text(self, lines: list[Line], context: Context, *, beside: bool, outer: bool) -> None:
        """Lines without any mark: prompts, or words about prompts."""
        if not lines:
            return
        numbered = [(line.number, _shown(line.spans)) for line in lines]
        hard = [line.number for line in lines if line.hard]
        if self._wrapped and len(lines) > 1 and not hard:
            numbered = [(lines[0].number, joined([text for _, text in numbered]))]
        else:
            numbered = split_prompts(numbered, hard)
        for number, text in numbered:
            italic = all(span.italic or not span.text.strip() for span in _spans_at(lines, number))
            if is_commentary(text) or (italic and (beside or outer)):
                continue
            if beside or outer:
                if word_count(text) > 2 and not outer:
                    self._skipped.append((number, text))
                continue
            self._add(text, number, context, sure=False)

    def _record(self, fields: "list[Field]", context: Context) -> None:
        """Fields such as ``Prompt: …``, ``Level: 2``: one prompt, several, or what holds for more."""
        for record in _records(fields):
            entries = {f.role: f for f in record}
            inside = self._described(record, context)
            prompt = entries.get(Role.PROMPT)
            if prompt is None:
                continue
            self._add(prompt.value, prompt.line, inside, sure=True)

    def _described(self, record: "list[Field]", context: Context) -> Context:
        asks = any(f.role is Role.PROMPT for f in record)
        for entry in record:
            if entry.role is Role.PREFIX:
                self._add_prefix(entry.value, entry.label, context.scope)
            elif entry.role is Role.LEVEL and asks:
                context = replace(context, level=level_value(entry.value))
            elif entry.role is Role.CATEGORY and asks:
                context = replace(context, category=entry.value)
            elif entry.role is Role.NAME and asks:
                context = context.named(entry.value)
            elif entry.role is Role.TAGS and asks:
                context = replace(context, tags=_merged(context.tags, split_tags(entry.value)))
        return context

    # Lists

    def _list(self, block: Items, context: Context, *, outer: bool) -> None:
        fields = _fields_of_list(block)
        if fields is not None:
            self._record(fields, context)
            return
        numbered = _begin_with_levels(block)
        for item in block.items:
            self._item(item, context, outer=outer, levels=numbered)

    def _item(self, item: ListItem, context: Context, *, outer: bool, levels: bool) -> None:
        head, rest = _head_of(item)
        if not head:
            self._blocks(rest, context)
            return
        fields = _fields_of_blocks(rest)
        if fields is not None and any(f.role is Role.PROMPT for f in fields):
            self._record(fields, context.named(_bare_label(_flat(head))))
            return
        if fields is not None and not any(f.role is Role.PREFIX for f in fields):
            inside = self._described([*fields, Field(Role.PROMPT, "", "", item.number)], context)
            self._leaf(head, inside, sure=True)
            return
        if not rest:
            self._leaf(head, context, sure=not outer, levels=levels)
            return
        self._item_with_more(head, rest, context)

    def _item_with_more(self, head: list[Line], rest: Sequence[Block], context: Context) -> None:
        text = _flat(head)
        if _names_group(head, rest):
            label = _bare_label(text)
            role = role_of(label)
            if role is Role.PREFIX:
                self._add_prefix(_value_of(rest), label, context.scope)
            elif role is not Role.NOTE and role is not None:
                self._blocks(rest, self._in_group(Segment(label, []), role, context))
            return
        if all(isinstance(block, Paragraph | Quote) for block in rest):
            more = [line for b in rest if isinstance(b, Paragraph) for line in b.lines]
            kept = [line for line in more if not is_commentary(line.text)]
            self._leaf([*head, *kept], context, sure=False)
            return
        self._leaf(head, context, sure=False)
        self._blocks(rest, context)

    def _leaf(
        self, lines: list[Line], context: Context, *, sure: bool, levels: bool = False
    ) -> None:
        """One prompt with the labels before it."""
        spans, number = _joined_spans(lines), lines[0].number
        for _ in range(4):
            cut = _cut_label(spans, levels=levels)
            if cut is None:
                break
            label, rest = cut
            role = role_of(label)
            if role is Role.PREFIX:
                self._add_prefix(_shown(rest), label, context.scope)
                return
            if role is Role.NOTE or role is None:
                return
            if role in (Role.CATEGORY, Role.TAGS, Role.NAME):
                context = context.named(label) if role is Role.NAME else context
            elif role is Role.LEVEL:
                context = replace(context, level=find_level(label) or context.level)
            elif role is Role.GROUP:
                context = context.named(label)
            spans = rest
        text = _shown(spans)
        if not sure and is_commentary(text):
            return
        self._add(text, number, context, sure=sure)

    def _add(self, text: str, line: int, context: Context, *, sure: bool) -> None:
        text, level = cut_last_level(text)
        text = text.strip()
        if not any(char.isalnum() for char in text):
            return
        self.drafts.append(
            Draft(
                text,
                line,
                context.category,
                level or context.level,
                context.tags,
                scope=context.scope,
                sure=sure,
            )
        )

    # Tables and code

    def _table(self, table: Table, context: Context) -> None:
        (_, titles), *rows = table.rows
        for draft in read_rows(list(titles), rows, context):
            self.drafts.append(draft)

    def _fence(self, fence: Fence, context: Context) -> None:
        info = fence.info.partition(" ")[0].casefold()
        if info in _CODE_OF_PROGRAMS:
            return
        lines = [(number, text) for number, text in fence.lines]
        if any(re.match(r"\s*(?:[-*+\u2022]|\d{1,4}[.)])\s+\S|#{1,6}\s", text) for _, text in lines):
            self._blocks([b for b in read_blocks(lines) if not isinstance(b, Heading)], context)
            return
        for part in _parts(lines):
            for number, text in split_prompts(part):
                line = Line(number, (Span(text),))
                self._leaf([line], context, sure=True)
