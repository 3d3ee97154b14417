"""Lines that name what follows them: bold names, levels, plain titles over lists."""

from dataclasses import dataclass

from pressrun.inputs.prompts_blocks import Block, Line, Paragraph, Quote
from pressrun.inputs.prompts_fields import read_field
from pressrun.inputs.prompts_labels import bare, cut_label, is_bold, is_name
from pressrun.inputs.prompts_words import (
    Role,
    is_announcement,
    is_commentary,
    is_level,
    role_of,
    word_count,
)


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
    """What a line of a paragraph names, if it names something.

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
    """Whether a bold line is a name; ``**Prefix: …**`` has its text with it."""
    key, _, value = label.partition(":")
    if value.strip() and role_of(key) not in (Role.GROUP, Role.NUMBER):
        return False
    return is_name(label) or text.endswith(":")


def _announces_more(label: str, role: Role | None, text: str) -> bool:
    """Whether a line ends in a colon that names what follows it."""
    if not text.endswith((":", "\uff1a")):
        return False
    known = role not in (Role.GROUP, Role.CATEGORY, Role.TAGS, Role.NAME)
    return known or (is_name(label) and not is_announcement(label))


def _stands_for_title(label: str, role: Role | None, *, alone: bool) -> bool:
    """Whether a line is "Prefix", "Notes", "Prompt 1" and nothing else."""
    if label.casefold() in ("prompt", "prompts"):
        return True
    if role is Role.NUMBER:
        return True
    return alone and role in (Role.PREFIX, Role.NOTE) and word_count(label) < 4


def _is_over(text: str, before: Block | None, *, alone: bool, titles: bool) -> bool:
    """Whether a short line stands over a list, a table, code, or lines set apart from it."""
    if before is None or is_commentary(text) or not is_name(text) or "," in text:
        return False
    if not isinstance(before, Paragraph):
        return not isinstance(before, Quote)
    return alone and (titles or len(before.lines) > 1) and _is_title(text)


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 3 or word.isupper()]
    return text.isupper() or (len(words) > 1 and all(word[:1].isupper() for word in words))
