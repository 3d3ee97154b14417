"""Fields of prompts (``Level: 2``, ``Tags: …``) in lines, lists and paragraphs.

Works on the blocks of one entry. It must not know which section they stand in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pressrun.inputs.prompts.blocks import Block, Items, Line, ListItem, Paragraph
from pressrun.inputs.prompts.labels import (
    COLON,
    SETTING_WORDS,
    bare,
    cut_label,
    is_bold,
    is_name,
    one_line,
    shown,
)
from pressrun.inputs.prompts.lines import joined
from pressrun.inputs.prompts.words import Role, cut_first_level, is_level, role_of, word_count


@dataclass(frozen=True, slots=True)
class Field:
    """One ``Key: value``; ``role`` is None for a setting that this batch takes elsewhere."""

    role: Role | None
    label: str
    value: str
    line: int


def begin_with_levels(block: Items) -> bool:
    """Says whether every entry of a list begins with a level: then it is a label."""
    heads = [head for head, _ in map(head_of, block.items) if head]
    return len(heads) > 1 and all(cut_first_level(head[0].text)[0] for head in heads)


def head_of(item: ListItem) -> tuple[list[Line], list[Block]]:
    """Splits an entry into its own text and what stands below: labelled lines, nested blocks."""
    if not item.blocks or not isinstance(item.blocks[0], Paragraph):
        return [], list(item.blocks)
    lines, rest = list(item.blocks[0].lines), list(item.blocks[1:])
    size = 1
    if not (is_bold(lines[0]) or _ends_label(lines[0])):
        while size < len(lines) and not _begins_label(lines[size]):
            size += 1
    if lines[size:]:
        rest.insert(0, Paragraph(tuple(lines[size:])))
    return lines[:size], rest


def _ends_label(line: Line) -> bool:
    return line.text.endswith((":", "\uff1a")) and is_name(bare(line.text))


def _begins_label(line: Line) -> bool:
    return read_field(line) is not None or cut_label(line.spans) is not None


def read_field(line: Line) -> Field | None:
    """Reads ``Key: value`` of a known key; a level that has its number is a label, no key."""
    found = COLON.match(line.text)
    if not found:
        return None
    label, value = bare(found[1]), line.text[found.end() :].strip()
    role = role_of(label)
    if role is Role.GROUP or is_level(label) or (role is Role.NUMBER and label[-1:].isdigit()):
        return None
    if role is None and word_count(value) > SETTING_WORDS + 4:
        return None
    cut = cut_label(line.spans)
    if role is Role.PROMPT and cut:
        value = shown(cut[2])
    return Field(role, label, value.strip("` "), line.number)


def read_fields(lines: Sequence[Line]) -> list[Field] | None:
    """Reads the fields of lines that are nothing else, at least two and a prompt among them."""
    fields: list[Field] = []
    for at, line in enumerate(lines):
        field = read_field(line)
        if field:
            fields.append(field)
        elif at == 0 and is_name(bare(line.text)):
            fields.append(Field(Role.NAME, "", bare(line.text), line.number))
        elif fields and fields[-1].role is not Role.NAME and not cut_label(line.spans):
            last = fields.pop()
            fields.append(Field(last.role, last.label, joined([last.value, line.text]), last.line))
        else:
            return None
    asks = sum(field.role is Role.PROMPT for field in fields)
    return fields if asks and len(fields) > 1 else None


def fields_of_list(block: Items) -> list[Field] | None:
    """Reads the fields of a list whose entries are fields, as :func:`read_fields` does."""
    lines = [line for item in block.items for line in _own_line(item)]
    if len(lines) != len(block.items) or not all(map(read_field, lines)):
        return None
    return read_fields(lines)


def fields_of_blocks(blocks: Sequence[Block]) -> list[Field] | None:
    """Reads the fields that all of these blocks consist of, whatever they say."""
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines += block.lines
        elif isinstance(block, Items):
            for item in block.items:
                own = _own_line(item)
                if not own:
                    return None
                lines += own
        else:
            return None
    fields = [read_field(line) for line in lines]
    return [field for field in fields if field] if lines and all(fields) else None


def _own_line(item: ListItem) -> list[Line]:
    head, rest = head_of(item)
    return [Line(head[0].number, one_line(head))] if head and not rest else []


def records(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """Groups fields by record: a key that comes again begins the next one."""
    record: list[Field] = []
    for field in fields:
        if any(field.role is known.role and field.role for known in record):
            yield record
            record = []
        record.append(field)
    if record:
        yield record
