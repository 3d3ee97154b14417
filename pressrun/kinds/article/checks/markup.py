"""What a markdown text has beside words that could act on its reader: raw HTML, and addresses."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pressrun.kinds.article.checks.visible import parse_markdown, parser

if TYPE_CHECKING:
    from markdown_it.token import Token

# Bare addresses are no links in CommonMark, and become some on GitHub and in many editors.
_BARE = re.compile(
    r"\b(?:(?:https?|ftp)://|www\.|(?:mailto|xmpp):)[^\s<>\"'`|\\]{1,2000}", re.IGNORECASE
)
_AFTER = ".,:;!?)]}*_~\u2026"


def raw_html(markdown: str) -> list[str]:
    """Finds the HTML outside of code: tags, comments, blocks; each once."""
    tokens = _all_tokens(parse_markdown(markdown).blocks)
    found = (token.content.strip() for token in tokens if token.type.startswith("html_"))
    return list(dict.fromkeys(found))


def addresses(markdown: str) -> list[str]:
    """Finds where the text leads: links, pictures, definitions and bare addresses; each once."""
    parsed = parse_markdown(markdown)
    found = list(parsed.definitions)
    for token in _all_tokens(parsed.blocks):
        if token.type in ("link_open", "image"):
            found.append(str(token.attrGet("href") or token.attrGet("src") or ""))
        elif token.type == "text":
            found += _bare_addresses(token.content)
    return list(dict.fromkeys(filter(None, found)))


def same_address(address: str, other: str) -> bool:
    """Says whether two addresses are written in ways that mean the same."""
    one, two = (parser().normalizeLink(url.strip()).rstrip("/") for url in (address, other))
    return one == two


def _bare_addresses(text: str) -> list[str]:
    return [found[0].rstrip(_AFTER) for found in _BARE.finditer(text)]


def _all_tokens(tokens: "Sequence[Token]") -> "Iterator[Token]":
    for token in tokens:
        yield token
        yield from _all_tokens(token.children or ())
