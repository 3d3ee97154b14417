"""The labels before and over prompts: bold names, ``Level 2:``, ``Prompt:``, whole fields.

Works on the lines of one block. It must not know which section they stand in.
"""

import re
from collections.abc import Sequence

from pressrun.inputs.prompts.blocks import Block, Line, Paragraph, TextSpan
from pressrun.inputs.prompts.lines import joined
from pressrun.inputs.prompts.words import (
    Role,
    cut_first_level,
    is_level,
    role_of,
    split_level,
    without_number,
    word_count,
)

_AFTER_BOLD = re.compile(r"\s*(?:[:\uff1a]|[\u2013\u2014]|(?:-|=>|->|\|)(?=\s))\s*")
COLON = re.compile(r"([^:\uff1a`\n]{1,80}?)\s*[:\uff1a](?:\s+|$|(?=[\"\u201c]))")
_DASH = re.compile(r"([^:`\n]{1,60}?)\s*(?:\s-|\u2013|\u2014|\||=>|->|=)(?:\s+|$)")
_CHECKBOX = re.compile(r"\s*\[[ xX]?\]\s+")
_DECORATION = re.compile(r"[\s.,;:\u2013\u2014|*-]*")
_QUOTES = {
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
_NAME_LETTERS, _NAME_WORDS = 60, 7
SETTING_WORDS = 4  # of a setting's value

Spans = tuple[TextSpan, ...]


def prompts_in(spans: Spans) -> list[str]:
    """Finds the prompts of a text without its labels: what is in its backticks, else all."""
    codes = [span.text.strip() for span in spans if span.code]
    if codes:
        others = "".join(span.text for span in spans if not span.code)
        if _DECORATION.fullmatch(others):
            return codes
        if len(codes) == 1 and _from_first_word(spans)[0].code and word_count(codes[0]) > 2:
            return codes  # and a remark behind it
    return ["".join(span.text for span in spans).strip()]


def shown(spans: Spans) -> str:
    """Joins the prompts of a text, as :func:`prompts_in` finds them, into one."""
    return " ".join(prompts_in(spans))


def flat(lines: Sequence[Line]) -> str:
    """Joins the words of lines into one text."""
    return joined([line.text for line in lines])


def one_line(lines: Sequence[Line]) -> Spans:
    """Joins the spans of wrapped lines, without a box to tick."""
    spans: list[TextSpan] = []
    for line in lines:
        spans += [TextSpan(" ")] if spans else []
        spans += line.spans
    if spans and (box := _CHECKBOX.match(spans[0].text)):
        spans[0] = TextSpan(spans[0].text[box.end() :])
    return tuple(spans)


def is_bold(line: Line) -> bool:
    """Says whether all is bold but a colon, a box to tick, or a level."""
    bold = any(span.bold for span in line.spans)
    others = "".join(span.text for span in line.spans if not span.bold)
    return bold and (others.strip(" :\uff1a[]x") == "" or is_level(others))


def bare(label: str) -> str:
    """Removes the number before a label, and what ends the label."""
    return without_number(label.strip().rstrip(":\uff1a \u2013\u2014-").strip())


def is_name(text: str) -> bool:
    """Says whether this is short enough, and no sentence: the name of a group."""
    return (
        0 < len(text) <= _NAME_LETTERS
        and word_count(text) <= _NAME_WORDS
        and not text.endswith((".", "!", "?", ",", ";"))
    )


def cut_label(spans: Spans, *, levels: bool = False) -> tuple[str, Role | None, Spans] | None:
    """Cuts off the label that a text begins with; gives label, role and text, or None.

    Args:
        spans: Of one text.
        levels: Whether all its neighbours begin with a level, so that it needs no colon.
    """
    spans = _from_first_word(spans)
    if not spans:
        return None
    return _cut_marked(spans) or _cut_plain(spans, levels=levels)


def _cut_marked(spans: Spans) -> tuple[str, Role | None, Spans] | None:
    """Cuts off a label in bold or italic type."""
    kind = "bold" if spans[0].bold else "italic" if spans[0].italic else ""
    if not kind:
        return None
    size = next((n for n, span in enumerate(spans) if not getattr(span, kind)), len(spans))
    text = "".join(span.text for span in spans[:size]).strip()
    rest = spans[size:]
    after = rest[0].text if rest else ""
    if after.lstrip()[:1] in ("(", "["):  # **Quick Feet** (Level 2): …
        level, beyond = cut_first_level(after.lstrip())
        text, after = (f"{text} {level}", beyond) if level else (text, after)
    mark = _AFTER_BOLD.match(after)
    label = bare(text)
    if not is_name(label) or not "".join(span.text for span in rest).strip():
        return None
    if mark:
        after = after[mark.end() :]
        rest = (TextSpan(after, rest[0].bold, rest[0].code, rest[0].italic), *rest[1:])
    elif not text.endswith((":", "\uff1a", "-", "\u2013", "\u2014")):
        begins = _from_first_word(rest)[0]
        announced = begins.code or is_level(label) or begins.text[:1].isupper()
        if kind == "italic" or not announced or after[:1] not in ("", " "):
            return None
    rest = _from_first_word(rest)
    return (label, role_of(label), rest) if rest else None


def _cut_plain(spans: Spans, *, levels: bool) -> tuple[str, Role | None, Spans] | None:
    """Cuts off a label in plain type: of known words, or before a prompt in backticks."""
    text = spans[0].text
    if spans[0].code:
        return None
    if level := _cut_level(text, bare_allowed=levels):
        rest = _from_first_word((TextSpan(level[1]), *spans[1:]))
        return (level[0], Role.LEVEL, rest) if rest else None
    for shape in (COLON, _DASH):
        found = shape.match(text)
        if not found:
            continue
        label = bare(found[1])
        rest = _from_first_word((TextSpan(text[found.end() :]), *spans[1:]))
        role = role_of(label)
        if rest and _announces(label, role, rest, dashed=shape is _DASH):
            return label, role, rest
    return None


def _cut_level(text: str, *, bare_allowed: bool) -> tuple[str, str] | None:
    level, rest = cut_first_level(text.lstrip())
    if not level:
        return None
    if bare_allowed or text.lstrip()[:1] in "([":
        return level, rest.lstrip(" :\uff1a.)\u2013\u2014-|")
    return None


def _announces(label: str, role: Role | None, rest: Spans, *, dashed: bool) -> bool:
    """Says whether plain words before a colon or dash are a label and no part of the prompt."""
    if role is Role.LEVEL:
        return True
    name, level = split_level(label)
    code_only = all(span.code or _DECORATION.fullmatch(span.text) for span in rest)
    if (name and level and is_name(name)) or (code_only and is_name(label)):
        return True
    if role is Role.NUMBER:
        return any(char.isdigit() for char in label)
    if dashed:
        return role is Role.PREFIX
    if role is None:
        return word_count("".join(span.text for span in rest)) <= SETTING_WORDS
    return role in (Role.PROMPT, Role.PREFIX, Role.NOTE)


def _from_first_word(spans: Spans) -> Spans:
    """Removes the empty spans and spaces at the beginning."""
    for at, span in enumerate(spans):
        if text := span.text.lstrip():
            return (TextSpan(text, span.bold, span.code, span.italic), *spans[at + 1 :])
    return ()


def unquoted(text: str) -> str:
    """Removes the quotes around all of a text."""
    inner = text[1:-1]
    closing = _QUOTES.get(text[:1])
    return inner.strip() if closing and text.endswith(closing) and closing not in inner else text


def names_group(head: Sequence[Line], rest: Sequence[Block]) -> bool:
    """Says whether an entry's text is the name of what is nested below it."""
    text = flat(head)
    if is_level(text) or all(map(is_bold, head)) or text.endswith((":", "\uff1a")):
        return True
    spans = one_line(head)
    if cut_label(spans) or any(span.code for span in spans):
        return False
    shaped = any(
        not isinstance(block, Paragraph) or cut_label(block.lines[0].spans) for block in rest
    )
    return shaped and is_name(text) and "," not in text
