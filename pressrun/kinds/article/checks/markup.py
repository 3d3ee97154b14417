"""What a markdown text has beside words that could act on its reader: raw HTML, and addresses.

Reads as the most willing of all programs would: HTML is markup, and every address is a link.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Bare addresses are no links in CommonMark, and become some on GitHub and in many editors.
_BARE = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'`|\\]{1,2000}", re.IGNORECASE)
_AFTER = ".,:;!?)]}*_~\u2026"


def raw_html(markdown: str) -> list[str]:
    """Finds the HTML outside of code: tags, comments, blocks; each once."""
    tokens = _all_tokens(_parsed(markdown)[0])
    found = (token.content.strip() for token in tokens if token.type.startswith("html_"))
    return list(dict.fromkeys(found))


def addresses(markdown: str) -> list[str]:
    """Finds where the text leads: links, pictures, definitions and bare addresses; each once."""
    tokens, environment = _parsed(markdown)
    references: dict[str, Any] = environment.get("references", {})
    found = [str(reference["href"]) for reference in references.values()]
    for token in _all_tokens(tokens):
        if token.type in ("link_open", "image"):
            found.append(str(token.attrGet("href") or token.attrGet("src") or ""))
        elif token.type == "text":
            found += [_parser().normalizeLink(bare) for bare in _bare_addresses(token.content)]
    return list(dict.fromkeys(filter(None, found)))


def same_address(address: str, other: str) -> bool:
    """Says whether two addresses are written in ways that mean the same."""
    one, two = (_parser().normalizeLink(url.strip()).rstrip("/") for url in (address, other))
    return one == two


def _bare_addresses(text: str) -> list[str]:
    return [found[0].rstrip(_AFTER) for found in _BARE.finditer(text)]


@lru_cache(maxsize=4)
def _parsed(markdown: str) -> "tuple[list[Token], dict[str, Any]]":
    environment: dict[str, Any] = {}
    return _parser().parse(markdown, environment), environment


def _all_tokens(tokens: "Sequence[Token]") -> "Iterator[Token]":
    for token in tokens:
        yield token
        yield from _all_tokens(token.children or ())


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - as in checks.visible

    class Willing(MarkdownIt):
        def validateLink(self, _url: str) -> bool:  # noqa: N802 - the name that it overrides
            return True

    return Willing("commonmark", {"html": True}).enable("table")
