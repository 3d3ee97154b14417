"""What a reader sees of markdown: its words without markup, its headings, its unclosed code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class VisibleHeading:
    """A heading as it reads; level 1 to 6."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Visible:
    """A text as it reads.

    Attributes:
        text: All words, a line a block; code too.
        prose: The same without headings and code, where marks such as ``{{name}}`` are meant.
        headings: In their order.
        open_fence: Whether a block of code is begun and not ended.
    """

    text: str
    prose: str
    headings: tuple[VisibleHeading, ...]
    open_fence: bool


@dataclass(frozen=True, slots=True)
class Markdown:
    """A parsed text: its blocks, and where the links lead that it defines at its end or anywhere.

    As the most willing of all programs would read it: HTML is markup, and no address is refused.
    """

    blocks: "Sequence[Token]"
    definitions: tuple[str, ...]


@lru_cache(maxsize=16)
def parse_markdown(markdown: str) -> Markdown:
    """Parses CommonMark with tables."""
    environment: dict[str, Any] = {}
    blocks = parser().parse(markdown, environment)
    references: dict[str, Any] = environment.get("references", {})
    return Markdown(blocks, tuple(str(found["href"]) for found in references.values()))


@lru_cache(maxsize=16)
def read_markdown(markdown: str) -> Visible:
    """Reads what is seen of a text."""
    blocks = parse_markdown(markdown).blocks
    lines = markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text, prose, headings = [], [], []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.type in ("fence", "code_block"):
            text.append(block.content)
        elif block.type == "inline":
            text.append(_words(block, code=True))
            if before is not None and before.type == "heading_open":
                headings.append(VisibleHeading(int(before.tag[1]), text[-1].strip()))
            else:
                prose.append(_words(block, code=False))
    return Visible(
        text="\n".join(text),
        prose="\n".join(prose),
        headings=tuple(headings),
        open_fence=any(_is_open(block, lines) for block in blocks),
    )


def plain_line(markdown: str) -> str:
    """Reads the words of a title or heading that may have markup: ``## **Bees**``."""
    return " ".join(read_markdown(markdown).text.split())


@lru_cache(maxsize=1)
def parser() -> "MarkdownIt":
    """Makes the parser, once."""
    # Imported here: not every process reads articles, and it takes a tenth of a second.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    class Willing(MarkdownIt):
        def validateLink(self, _url: str) -> bool:  # noqa: N802 - the name that it overrides
            return True

    return Willing("commonmark", {"html": True}).enable("table")


def _words(block: "Token", *, code: bool) -> str:
    return "".join(_pieces(block.children or [], code=code))


def _pieces(tokens: Sequence["Token"], *, code: bool) -> Iterator[str]:
    for token in tokens:
        if token.type == "text" or (code and token.type == "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak", "code_inline"):
            yield " "


def _is_open(block: "Token", lines: Sequence[str]) -> bool:
    """Says whether a fence runs on to the text's end because no line closes it."""
    if block.type != "fence" or not block.map:
        return False
    first, end = block.map
    last = lines[end - 1].strip(" \t>") if end - 1 > first else ""
    return len(last) < len(block.markup) or bool(last.strip(block.markup[0]))
