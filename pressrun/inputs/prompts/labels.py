"""The labels before words and over them: bold names, ``Level 2:``, ``Prompt:``; marks removed.

Works on single lines. It must not know where they stand.
"""

import re
from dataclasses import dataclass

from pressrun.inputs.prompts.levels import cut_first_level, is_level, split_level, without_number
from pressrun.inputs.prompts.remarks import announces, word_count
from pressrun.inputs.prompts.roles import numbered_name, role_of
from pressrun.inputs.prompts.vocabulary import Role

_MARKED = re.compile(r"(\*\*\*|\*\*|__|\*|_)(?=[^\s*_])([^*\n]{1,90}?)\1(?!\w)")
_AFTER = re.compile(r"\s{0,3}(?:[:\uff1a]|[\u2013\u2014]|(?:-|=>|->|\|)(?=\s))\s*")
_LEVEL_BEHIND = re.compile(r"\s?[(\[]([^()\[\]]{1,20})[)\]]")
_COLON = re.compile(r"([^:\uff1a`\n]{1,80}?)\s{0,3}[:\uff1a](?:\s+|$|(?=[\"\u201c`])|(?<=\uff1a))")
_DASH = re.compile(r"([^:`\n]{1,60}?)\s{0,3}(?:\s-|\u2013|\u2014|\||=>|->)(?:\s+|$)")
_EQUALS = re.compile(r"([A-Za-z][\w.-]{1,40})\s{0,3}=\s{0,3}(?=\S)")
#: Pictures of a keyboard before a name.
_SIGNS = re.compile("^[\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+\\s*(?=[*_\\w])")
_FILE = re.compile(r"[\w./ -]{1,80}\.(?:png|jpe?g|webp|gif|svg|avif|mp4|psd)", re.IGNORECASE)
_BOLD = re.compile(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*|(?<!\w)__(?=\S)([^_]*\s[^_]*)(?<=\S)__(?!\w)")
_ITALIC = re.compile(
    r"(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?![\w*])|(?<!\w)_(?=[^\s_])([^_\n]+)(?<=\S)_(?!\w)"
)
_CODED_NAME = re.compile(r"`([^`\n]{1,80})`\s?(?:[:\uff1a]|\u2013|\u2014|-\s)\s*(?=\S)")
_CODE = re.compile(r"`([^`\n]+)`")
_ESCAPED = re.compile(r"\\([*_`|#\\\[\]>~-])")
_DECORATION = re.compile(r"[\s.,;:\u2013\u2014|*+&-]*")
_QUOTES = {
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
    "\u300c": "\u300d",
}
_NAME_LETTERS, _NAME_WORDS = 60, 7
_LONGEST = 20_000  # letters; what is longer is no prompt, and stays as it is
#: Roles of which the word alone, in plain type before a colon, is a label.
_SAID = (
    *(Role.PROMPT, Role.PREFIX, Role.SUFFIX, Role.NEGATIVE, Role.NOTE, Role.TAGS, Role.CATEGORY),
    *(Role.LEVEL, Role.NAME, Role.DETAIL, Role.CONTENT),
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was cut off: its name, what it announces, the words behind it.

    ``marked`` says that it is set in bold or italic type.
    """

    name: str
    role: Role
    rest: str
    marked: bool = False


def plain(text: str) -> str:
    """Removes the marks of bold, italic and code from a text, and of escaped characters."""
    if len(text) > _LONGEST:
        return text.strip()
    if "`" in text:
        text = _CODE.sub(lambda found: found[1], text)
    if "*" in text or "_" in text:
        text = _BOLD.sub(lambda found: found[1] or found[2], text)
        text = _ITALIC.sub(lambda found: found[1] or found[2], text)
    return _ESCAPED.sub(r"\1", text).strip() if "\\" in text else text.strip()


def codes_in(text: str) -> list[str]:
    """Finds the pieces between backticks that all of a text consists of; else none."""
    if len(text) > _LONGEST:
        return []
    codes = [code.strip() for code in _CODE.findall(text)]
    if not codes:
        return []
    if _DECORATION.fullmatch(_CODE.sub("", text)[:500]):
        return codes
    alone = text.lstrip().startswith("`") and len(codes) == 1 and word_count(codes[0]) > 2
    return codes if alone else []


def unquoted(text: str) -> str:
    """Removes the quotes around all of a text."""
    inner = text[1:-1]
    closing = _QUOTES.get(text[:1])
    return inner.strip() if closing and text.endswith(closing) and closing not in inner else text


def bare(label: str) -> str:
    """Removes number and marks around a label."""
    return without_number(plain(label).rstrip(":\uff1a \u2013\u2014-").strip())


def is_name(text: str) -> bool:
    """Says whether this is short enough, and no sentence: the name of something."""
    return (
        0 < len(text) <= _NAME_LETTERS
        and word_count(text) <= _NAME_WORDS
        and not text.endswith((".", "!", "?", ",", ";", "\u3002"))
    )


def is_file(text: str) -> bool:
    """Says whether this is a file's name or path."""
    return bool(_FILE.fullmatch(text.strip("`* ")))


def name_line(text: str) -> str:
    """Reads a line that is a name and nothing else: bold, before a colon, or "Prompt 3"."""
    text = _SIGNS.sub("", text.strip())
    if len(text) > 2 * _NAME_LETTERS:
        return ""
    found = _MARKED.match(text)
    if found and found[1] != "_" and found[1] != "*":
        behind = text[found.end() :].strip(" :\uff1a[]x")
        name = plain(found[2]).rstrip(":\uff1a ")
        if not behind or is_level(behind):
            return f"{name} {behind}".strip() if is_name(bare(name)) else ""
    colon = text.endswith((":", "\uff1a"))
    if colon and is_name(bare(text)) and not _COLON.match(text[:-1]):
        own = role_of(bare(text)) in (Role.GROUP, Role.PROMPTS)
        return "" if own and announces(text) else bare(text)
    alone = (
        role_of(text) is Role.NUMBER and any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    )
    return text if alone or (is_level(text) and len(text) < 12 and ":" not in text[:-1]) else ""


def cut_label(text: str) -> Label | None:
    """Cuts off the label that a text begins with."""
    text = _SIGNS.sub("", text.strip())
    if text[:1] in "*_" and (marked := _cut_marked(text)):
        return marked
    return _cut_plain(text)


def _cut_marked(text: str) -> Label | None:
    found = _MARKED.match(text)
    if not found:
        return None
    name, after = plain(found[2]), text[found.end() :]
    if (behind := _LEVEL_BEHIND.match(after)) and is_level(behind[1]):
        name, after = f"{name} {behind[1]}", after[behind.end() :]
    mark = _AFTER.match(after)
    label = bare(name)
    if not is_name(label) or not after.strip():
        return None
    if not mark and not name.endswith((":", "\uff1a", "-", "\u2013", "\u2014")):
        role = role_of(label)
        begins = after.lstrip()[:1]
        if len(found[1]) < 2 or role is Role.GROUP or not (begins in '`"(' or begins.isupper()):
            return None
    rest = after[mark.end() :] if mark else after
    return _label(label, rest.strip(), marked=True) if rest.strip() else None


def _cut_plain(text: str) -> Label | None:
    if (level := cut_first_level(text))[0] and text[:1] in "([":
        return Label(level[0], Role.LEVEL, level[1].lstrip(" :\uff1a.)\u2013\u2014-|"))
    if (coded := _CODED_NAME.match(text)) and is_file(coded[1]):
        return Label(coded[1], Role.GROUP, text[coded.end() :])
    for shape in (_COLON, _DASH):
        found = shape.match(text)
        if not found or not (rest := text[found.end() :].strip()):
            continue
        name = bare(found[1])
        if name and _announces(name, rest, dashed=shape is _DASH):
            return _label(name, rest, marked=False)
    if (found := _EQUALS.match(text)) and role_of(found[1].replace("_", " ")) in _SAID:
        return _label(found[1].replace("_", " "), unquoted(text[found.end() :]), marked=False)
    return None


def _announces(name: str, rest: str, *, dashed: bool) -> bool:
    """Says whether plain words before a colon or dash are a label and no part of the prompt."""
    role = role_of(name)
    words, level = split_level(name)
    if role is Role.LEVEL or (words and level and is_name(words)) or is_file(name):
        return True
    if codes_in(rest) and rest.startswith("`") and is_name(name):
        return True
    if dashed:
        return role in (Role.PREFIX, Role.NEGATIVE) and is_name(name)
    if role is Role.NUMBER or numbered_name(f"{name}: x")[1] == "x":
        return any(char.isdigit() for char in name)
    return role in _SAID and (is_name(name) or role in (Role.PREFIX, Role.SUFFIX))


def _label(name: str, rest: str, *, marked: bool) -> Label:
    if is_file(name):
        return Label(name.strip("` "), Role.GROUP, rest, marked)
    numbered, own = numbered_name(f"{name} \u2013 x")
    if numbered:  # "Prompt 3" or "Prompt 3 - Final"
        return Label(own.removesuffix("x").rstrip(" \u2013"), Role.PROMPT, rest, marked)
    return Label(name, role_of(name), rest, marked)
