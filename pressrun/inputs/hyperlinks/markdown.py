"""The links of a text: of Markdown inline, by reference and as addresses; of plain text as well.

Comments, code and pictures have none. It must not know which links are wanted
(see :mod:`pressrun.inputs.hyperlinks.entries`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pressrun.inputs.hyperlinks.blocks import LinkBlock, bare_addresses, is_web

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Slack's <address|words>, and Org's [[address][words]].
_CHAT = re.compile(r"<(https?://[^\s<>|]+)\|([^<>|]+)>", re.IGNORECASE)
_ORG = re.compile(r"\[\[(https?://[^\s\[\]]+)\]\[([^\[\]]+)\]\]", re.IGNORECASE)
_BREAKS = ("softbreak", "hardbreak")
_FRONT = re.compile(
    r"\A(?:---\n(?:[\w-]+:.*\n|[ \t]+.*\n|- .*\n|#.*\n|\n)*---|\+\+\+\n(?:[^+\n].*\n|\n)*\+\+\+)\n"
)
_HEADED = re.compile(r"\A(?:[A-Z][\w-]*: .*\n)+(?=\n)")


def without_front_matter(text: str) -> str:
    """Blanks the settings between rules that stand before a text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _FRONT.sub(_blank, text, count=1)


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def blocks_of_text(text: str) -> list[LinkBlock]:
    """Reads the blocks of a text, without the settings before it."""
    text = _HEADED.sub(_blank, without_front_matter(text), count=1)
    text = _ORG.sub(r"[\2](<\1>)", _CHAT.sub(r"[\2](<\1>)", text))
    return [*_blocks(_parser().parse(text))]


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - it takes a tenth of a second

    return MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")


def _blocks(tokens: Sequence["Token"]) -> Iterator[LinkBlock]:
    row: LinkBlock | None = None
    items, opened, began = 0, "", False
    for token in tokens:
        items += (token.type == "list_item_open") - (token.type == "list_item_close")
        line = token.map[0] + 1 if token.map else 0
        began = token.type != "list_item_open" and began
        if token.type == "tr_open":
            row = LinkBlock(line, "row")
        elif token.type == "tr_close" and row:
            yield row
            row = None
        elif token.type.endswith("_open"):
            opened = token.type
        elif token.type == "fence":
            yield LinkBlock(line, "paragraph", token.content, goes_on=bool(items) and began)
        elif token.type == "inline" and row:
            _read(row, token.children or (), line or row.line)
            row.add_text(" ")
        elif token.type == "inline":
            for block in _inline(token, line, "heading" if opened == "heading_open" else "", items):
                block.goes_on = bool(items) and began
                yield block
            began = True


def _inline(token: "Token", line: int, kind: str, items: int) -> Iterator[LinkBlock]:
    """Yields the blocks of a paragraph: its lines, where addresses stand on lines of their own."""
    lines = [*_lines(token.children or (), line)]
    named = "heading" if kind else "item" if items else "paragraph"
    if not items and _are_entries([part for _, part in lines]):
        for number, part in lines:
            block = LinkBlock(number, "item")
            _read(block, part, number)
            yield block
        return
    block = LinkBlock(line, "heading" if kind else "item" if named == "item" else "paragraph")
    for number, part in lines:
        _read(block, part, number)
        block.add_text(" ")
    yield block


def _lines(tokens: Sequence["Token"], line: int) -> Iterator[tuple[int, list["Token"]]]:
    part: list[Token] = []
    inside = False
    for token in tokens:
        inside = token.type == "link_open" or (inside and token.type != "link_close")
        if token.type in _BREAKS and not inside:
            yield line, part
            line, part = line + 1, []
        else:
            part.append(token)
    yield line, part


def _are_entries(lines: Sequence[Sequence["Token"]]) -> bool:
    """Says whether lines are entries of a list without marks, and no sentences that were wrapped.

    At least every third has an address at its end or its beginning, in plain text.
    """
    ends = sum(map(_has_address_at_edge, lines))
    return len(lines) > 1 and 3 * ends >= len(lines)


def _has_address_at_edge(line: Sequence["Token"]) -> bool:
    words = "".join(token.content for token in line).strip(" .,;:()*_-\u2013\u2014|")
    if any(token.type == "link_open" and token.markup != "autolink" for token in line):
        return False
    return any(not start or end >= len(words) for start, end, _ in bare_addresses(words))


def _read(block: LinkBlock, tokens: Sequence["Token"], line: int) -> None:
    """Adds words and links of one line to a block."""
    url, title, inside = "", "", False
    for token in tokens:
        if token.type == "link_open":
            url, title, inside = str(token.attrGet("href") or ""), "", True
        elif token.type == "link_close":
            block.add_link(line, url, title)
            inside = False
        elif inside:
            title += " " if token.type in _BREAKS else token.content
        elif token.type in ("text", "code_inline", "text_special"):
            _add_plain(block, token.content, line, is_code=token.type == "code_inline")
        elif token.type == "image":
            block.others += is_web(str(token.attrGet("src") or ""))


def _add_plain(block: LinkBlock, text: str, line: int, *, is_code: bool) -> None:
    at = 0
    for start, end, url in () if is_code else bare_addresses(text):
        block.add_text(text[at:start])
        block.add_link(line, url, url)
        at = end
    block.add_text(text[at:])
