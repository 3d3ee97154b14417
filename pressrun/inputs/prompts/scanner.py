"""The lines of a document read into blocks, each line once, so that no text takes long.

The marks of markdown are read as people write them, not as a standard has them. It must not know
what is a prompt.
"""

import re

from pressrun.inputs.prompts.blocks import DECIDED, Block, Kind, Numbered
from pressrun.inputs.prompts.labels import Label, cut_label, is_name, name_line, plain
from pressrun.inputs.prompts.levels import without_number
from pressrun.inputs.prompts.roles import numbered_name, role_of
from pressrun.inputs.prompts.tables import split_row
from pressrun.inputs.prompts.vocabulary import Role
from pressrun.inputs.prompts.wrapping import KEY, Skipped, keys_again

_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([^`]*)$")
_HEADING = re.compile(r"\s{0,3}(#{1,6})(?:\s+|(?=[^\s#!]))(.*?)\s*#*\s*$")
_RULE = re.compile(r"\s*([=~_*.#\u2500-\u257f\u2014\u2013+-])(?:\s?\1){2,}\s*$")
_ORNAMENT = re.compile(
    r"\s*([=~*\u2500-\u257f\u2014\u2013#-])\1{2,80}\s*(?=[^|]*\w)([^\s=~*|#-].*?)\s*\1{2,80}\s*$"
)
_BRACKETED = re.compile(r"\s*(?:\[([^\[\]]{2,60})\]|\u3010([^\u3011]+)\u3011)\s*:?\s*$")
_SUMMARY = re.compile(r"\s*(?:<details[^>]*>\s*)?<summary>(.+?)(?:</summary>)?\s*$", re.IGNORECASE)
_TAG_LINE = re.compile(r"\s*</?[a-zA-Z!][^<>]*>\s*$|\s*!\[[^\]]*\]\([^)]*\)\s*$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_ITEM = re.compile(
    r"(\s*)((?:[-*+\u2022\u25e6\u25aa\u25ab\u25cf\u25cb\u25a0\u25a1\u2023\u2219\u2043\u00b7\u25b8\u25b6\u25ba\u27a4\u2192\u2713\u2714\u2610\u2611\u2612\u2013\u2014])"
    r"|\(?\d{1,4}[.)\uff0e\u3001\]]|\d{1,4}(?=\s[-\u2013\u2014])|\d{1,4}:|\((?:\d{1,4}|[a-zA-Z])\)|[a-zA-Z]\)|(?:[a-z]|[ivx]{2,4})\.|#\d{1,4}[.:)]?)"
    r"\s+(?:[-\u2013\u2014]\s+)?(?=\S)"
)
_BOX = re.compile(r"\[([ xX\u2713\u2714]?)\]\s+")
_TICKED = "\u2611\u2612"  # bullets
_QUOTE = re.compile(r"\s*(?:>\s?)+(?:\[!\w+\][+-]?)?")
_CALLOUT = re.compile(r"\s*>\s?\[!\w+\][+-]?\s*")
#: What YAML has behind a colon where the words follow in the lines below.
_SCALARS = ("|", ">", "|-", ">-", "|+", ">+")
_SCALAR = re.compile(r":\s+[|>][+-]?$")
_TABLE_LINE = re.compile(r"\s*\|?\s*:?-{1,200}:?\s*(?:\|\s*:?-{0,200}:?\s*)*\|?\s*$")
_ASIDE = re.compile(r"\s[\u2013\u2014-]\s")
#: A bold label of a prompt behind a sentence.
_LABEL_WITHIN = re.compile(r"(.*[.!?)])\s+(\*\*[^*]{0,30}prompt[^*]{0,30}\*\*.*)", re.IGNORECASE)
_TITLE = 90  # characters that a title in plain type has at most
_SHORT = 200  # characters; longer lines are no titles


class Scanner:
    """Reads line by line; knows the containers that are open."""

    def __init__(self, lines: list[Numbered], skipped: Skipped):
        self._lines, self._skipped = lines, skipped
        self.blocks: list[Block] = []
        self._stack: list[Block] = []
        self._open: Block | None = None  # takes the next line of words
        self._blank = True
        self._keys = keys_again(lines)
        self._order: dict[str, int] = {}  # which kind of label stands outside of the other

    def run(self) -> None:
        """Reads all lines."""
        at = 0
        while at < len(self._lines):
            at += self._read(at)

    def _read(self, at: int) -> int:
        """Reads the block or line at a place; returns how many lines it took."""
        number, raw = self._lines[at]
        text = raw.expandtabs(4) if raw[:1] in "\t " else raw
        if not text.strip():
            self._open, self._blank = None, True
            return 1
        if text.endswith(_SCALARS):
            text = _SCALAR.sub(":", text)
        taken = self._code(at, text) or self._titled(at, text) or self._table(at, text)
        if not taken:
            self._words(at, number, text)
            taken = 1
        self._blank = False
        return taken

    def _code(self, at: int, text: str) -> int:
        found = _FENCE.match(text)
        if not found:
            return 0
        end = at + 1
        while end < len(self._lines) and not self._lines[end][1].strip().startswith(found[1]):
            end += 1
        if end == len(self._lines):
            return 0  # never closed: marks and no code
        self._leave_items(text)
        lines = [(n, t.strip() if found[0][:1] == " " else t) for n, t in self._lines[at + 1 : end]]
        self._add(Block("code", lines or [(self._lines[at][0], "")], info=found[2].strip()))
        self._open = None
        return end - at + 1

    def _titled(self, at: int, text: str) -> int:
        number = self._lines[at][0]
        if len(text) > _SHORT:
            return 0
        if heading := _HEADING.match(text):
            self._heading(number, heading[2], len(heading[1]))
            return 1
        ahead = [t for _, t in self._lines[at + 1 : at + 3]] + ["", ""]
        if rule := _RULE.match(text):
            return self._rule(number, text, ahead, rule[1])
        if title := _ORNAMENT.match(text) or _BRACKETED.match(text) or _SUMMARY.match(text):
            self._heading(
                number, _TAG.sub("", title[title.lastindex or 1]), 3 if "<" not in text else 6
            )
            return 1
        if _TAG_LINE.match(text):
            self._skipped.append((number, text, "markup"))
            return 1
        return self._underlined(number, text, ahead[0])

    def _rule(self, number: int, text: str, ahead: list[str], mark: str) -> int:
        """Reads a line of marks: with words and another one below it, a title in a box."""
        boxed = _RULE.match(ahead[1]) and 0 < len(ahead[0].strip()) < _SHORT
        if boxed and (mark != "-" or len(text.strip()) > 9) and not _RULE.match(ahead[0]):
            self._heading(number + 1, ahead[0], 1)
            return 3
        self._close(10)
        self._add(Block("rule", [(number, text)]))
        self._open = None
        return 1

    def _underlined(self, number: int, text: str, below: str) -> int:
        marks = below.strip()
        if not self._blank or not re.fullmatch(r"=+|-+", marks) or len(marks) < 2:
            return 0
        words = text.strip()
        dashed = (len(marks) > 3 or len(words) <= 3) and len(words) < 60
        if (
            _ITEM.match(text)
            or (marks[0] == "-" and not dashed)
            or (marks[0] == "=" and len(marks) < 3)
        ):
            return 0
        self._heading(number, words, 1 if marks[0] == "=" else 2)
        return 2

    def _heading(self, number: int, title: str, rank: int) -> None:
        title = plain(title).strip().rstrip(":\uff1a").strip()
        label = cut_label(title)
        if label and label.role in (Role.PREFIX, Role.SUFFIX, Role.NEGATIVE):
            self._open = None
            _labelled(self._add(Block("text", [])), number, label)
            return
        title = label.rest if label and label.role is Role.CATEGORY else title
        self._close(rank)
        self._order = {}
        self._push(_container("heading", number, title, rank))

    def _table(self, at: int, text: str) -> int:
        below = self._lines[at + 1][1] if at + 1 < len(self._lines) else ""
        if "|" not in text or not ("|" in below and _TABLE_LINE.match(below)):
            return 0
        end = at + 2
        while end < len(self._lines) and "|" in self._lines[end][1]:
            end += 1
        places = [at, *range(at + 2, end)]
        rows = [(self._lines[n][0], split_row(self._lines[n][1])) for n in places]
        self._close(20)
        self._add(Block("table", [self._lines[n] for n in places], rows=rows))
        self._open = None
        return end - at

    def _words(self, at: int, number: int, text: str) -> None:
        if quote := _QUOTE.match(text):
            self._quote(number, text[quote.end() :], text)
        elif item := _ITEM.match(text):
            self._item(number, len(item[1]), text[item.end() :], item[2])
        elif self._blank and self._names_prompt(at, text):
            self._heading(number, text, 9)
        else:
            self._text(number, text)

    def _names_prompt(self, at: int, text: str) -> bool:
        """Says whether a line is the name of the prompt that is announced right below it."""
        below = self._lines[at + 1][1].strip() if at + 1 < len(self._lines) else ""
        if len(text) > _TITLE or text.rstrip().endswith((".", ",", ":", "\uff1a")) or not below:
            return False
        if cut_label(text.strip()) or name_line(text):
            return False
        label = cut_label(below)
        return (label.role if label else role_of(name_line(below))) is Role.PROMPT

    def _quote(self, number: int, words: str, text: str) -> None:
        if self._open and self._open.kind == "quote":
            self._open.lines.append((number, words))
            return
        self._leave_items(text)
        if (callout := _CALLOUT.match(text)) and is_name(text[callout.end() :]):
            self._label_line(number, text[callout.end() :], bold=True, indent=0)
            self._open = self._add(Block("quote", []))
            return
        label = cut_label(words)
        self._open = self._add(Block("quote", [(number, words)]))
        if label and label.role not in (Role.GROUP, Role.CONTENT, Role.DETAIL):
            self._open.label, self._open.role = label.name, label.role
            self._open.lines = [(number, label.rest)]
        elif (name := name_line(words)) and role_of(name) is not Role.GROUP:
            self._open.label, self._open.role = name, role_of(name)
            self._open.lines = [(number, "")]

    def _item(self, number: int, indent: int, words: str, mark: str) -> None:
        box = _BOX.match(words)
        is_done = box[1].strip() if box else mark in _TICKED
        words = words[box.end() :] if box else words
        self._close(20 + indent)
        block = Block("item", [(number, words)], rank=20 + indent, info=mark)
        block.is_done = bool(is_done)
        if name := name_line(words):
            block.label, block.role, block.lines = name, role_of(name), [(number, "")]
            block.strong = True
        elif label := cut_label(words):
            _labelled(block, number, label)
        self._open = self._push(block)

    def _text(self, number: int, text: str) -> None:
        indent = len(text) - len(text.lstrip())
        inside = self._stack and self._stack[-1].kind == "item"
        if inside and not indent and (self._blank or self._ends_items(text)):
            self._close(20)
            inside = False
        elif inside and self._blank:
            self._close(20 + indent)
        if (
            self._open
            and self._open.kind == "text"
            and text.lstrip()[:1].islower()
            and text.rstrip().endswith((":", "\uff1a"))
        ):
            self._open.lines.append((number, text.strip()))
            return
        if within := _LABEL_WITHIN.match(text):
            self._text(number, within[1])
            self._open = None
            text = within[2]
        label = cut_label(text.strip()) or self._key(text.strip())
        name = name_line(text)
        going_on = self._open and inside and self._open.kind == "item"
        if name and (not going_on or role_of(name) in (Role.PROMPT, Role.NEGATIVE)):
            self._label_line(
                number, name, bold=text.lstrip()[:1] in "*_", indent=indent if inside else 0
            )
        elif label or not self._open or self._open.kind == "quote":
            block = Block("text", [(number, text.strip())])
            if label:
                _labelled(block, number, label)
            self._open = self._add(block)
        else:
            self._open.lines.append((number, text.strip() + ("  " if text.endswith("  ") else "")))

    def _key(self, text: str) -> Label | None:
        """Cuts off words before a colon that come again and again beside prompts."""
        found = KEY.match(text)
        return (
            Label(found[1], Role.DETAIL, text[found.end() :])
            if found and found[1] in self._keys
            else None
        )

    def _ends_items(self, text: str) -> bool:
        """Says whether an unindented line right below a list names what follows."""
        name = name_line(text)
        return bool(name) and role_of(name) is not Role.PROMPT

    def _label_line(self, number: int, name: str, *, bold: bool, indent: int) -> None:
        role = role_of(name)
        key = "level" if role is Role.LEVEL else "name" if role in (Role.GROUP, Role.NUMBER) else ""
        rank: float = 10 + self._order.setdefault(key, len(self._order)) if key else 15
        if not key or rank == 10:
            self._order = {k: v for k, v in self._order.items() if v == 0}
        rank = 20 + indent + 0.5 if indent else rank
        self._close(rank)
        block = _container("label", number, name, rank)
        block.strong = bold
        self._push(block)

    def _leave_items(self, text: str) -> None:
        indent = len(text) - len(text.lstrip())
        numbered = (
            self._stack and self._stack[-1].kind == "item" and self._stack[-1].info[-1:] in ".):"
        )
        if not (numbered and not indent and self._stack[-1].rank == 20):
            self._close(20 + indent)

    def _add(self, block: Block) -> Block:
        if self._stack and self._stack[-1].kind == "label" and _is_over(self._stack[-1], block):
            self._stack.pop()
        block.parent = self._stack[-1] if self._stack else None
        if block.parent:
            block.parent.children.append(block)
        self.blocks.append(block)
        return block

    def _push(self, block: Block) -> Block:
        self._add(block)
        self._stack.append(block)
        if block.kind != "item":
            self._open = None
        return block

    def _close(self, rank: float) -> None:
        while self._stack and self._stack[-1].rank >= rank:
            self._stack.pop()


def _is_over(label: Block, block: Block) -> bool:
    """Says whether what a label stands over ends where a block of another form comes."""
    if label.role in (Role.GROUP, Role.LEVEL, Role.NUMBER, Role.PROMPT, Role.PROMPTS, None):
        return False
    return bool(label.children) and label.children[0].kind != block.kind


def _container(kind: Kind, number: int, title: str, rank: float) -> Block:
    numbered, name = numbered_name(without_number(title))
    role = Role.PROMPT if numbered else role_of(title)
    if (
        role is Role.GROUP
        and (begins := role_of(_ASIDE.split(title, maxsplit=1)[0])) in DECIDED[1:4]
    ):
        role = begins
    return Block(kind, [(number, title)], rank=rank, label=name if numbered else title, role=role)


def _labelled(block: Block, number: int, label: Label) -> None:
    block.label, block.role, block.lines = label.name, label.role, [(number, label.rest)]
    block.strong = label.marked
