"""The addresses of feeds in what was given: one a line, among words, or in a list of feeds (OPML).

It must not know what a feed has in it (see :mod:`pressrun.inputs.web.feeds`).
"""

import re
from collections.abc import Sequence

from pressrun.boundary.text import counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import GivenFields
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.outline import bare
from pressrun.inputs.articles.pages import read_linked, read_marked_up
from pressrun.inputs.hyperlinks.blocks import Hyperlink, LinkBlock
from pressrun.inputs.hyperlinks.entries import every_link
from pressrun.inputs.hyperlinks.forms import form_of
from pressrun.inputs.hyperlinks.markdown import blocks_of_text
from pressrun.inputs.hyperlinks.markup import blocks_of_page, outlines_of

_SWITCHED_OFF = re.compile(r"\s*(?:#|//|;)\s*(?:[-*]\s*)?https?://", re.IGNORECASE)
_MISTYPED = re.compile(r"\w:/|www\.|\w\.\w{2,}/")
_LIKE_FEED = re.compile(
    r"(?://|[/._?&=])(?:feeds?|rss2?|atom|rdf|xml)(?:[/._?&=#]|$)|/index\.json", re.IGNORECASE
)
_NO_FEED = re.compile(
    r"\.(?:png|jpe?g|gif|svg|ico|webp|css|js|pdf|zip|mp[34]|docx?|xlsx?|opml)(?:[?#]|$)",
    re.IGNORECASE,
)
_SHOWN = 6  # links that a note names
_ITSELF = {"feed": "a feed", "page": "a page", "sitemap": "a sitemap", "bookmarks": "bookmarks"}


def read_feeds(lines: Sequence[str]) -> GivenFields:
    """Reads the addresses of feeds: one a line, among words, or in a list of feeds (OPML).

    Raises:
        InputError: It is a feed itself, or has no address of any.
    """
    text = "\n".join(lines)
    form = form_of(text)
    if form == "outline":
        return _of_outlines(text, lines)
    if form in ("page", "bookmarks"):
        return _among(_links(blocks_of_page(text)), text, form)
    if form:
        raise _no_address(text, form)
    off = {number for number, line in enumerate(lines, 1) if _SWITCHED_OFF.match(line)}
    kept = "\n".join("" if n in off else line for n, line in enumerate(lines, 1))
    said = [f"Left out: {counted(len(off), 'line')} with a sign before the address."] if off else []
    links = _links(blocks_of_text(kept))
    if not links:
        return _words_only([(n, line) for n, line in enumerate(lines, 1) if bare(line)])
    words = {n for n, line in enumerate(lines, 1) if bare(line)} - off
    titled = sum(bool(link.title) for link in links) > len(links) / 2
    if titled or len(words - {link.line for link in links}) > len(links):
        return _among(links, text, "", said)
    return _given([one for one in links if not _NO_FEED.search(one.url)], lines, off, said)


def _links(blocks: Sequence[LinkBlock]) -> list[Hyperlink]:
    """Gives the links of a document, each address once."""
    return [*every_link(blocks).entries]


def _of_outlines(text: str, lines: Sequence[str]) -> GivenFields:
    found = [Hyperlink(one.line, one.feed, one.title) for one in outlines_of(text) if one.feed]
    if not found:
        raise _no_address(text, "outline")
    return _given(found, lines, frozenset(), [])


def _among(
    links: Sequence[Hyperlink], text: str, form: str, said: Sequence[str] = ()
) -> GivenFields:
    """Takes the links of a document that look like addresses of feeds.

    Raises:
        InputError: None does.
    """
    feeds = [one for one in links if _LIKE_FEED.search(one.url) and not _NO_FEED.search(one.url)]
    if not feeds:
        raise _no_address(text, form, len(links))
    others = [one.url for one in links if one not in feeds]
    notes = [*said, *([_left_out(others)] if others else [])]
    return GivenFields([Fields(link.line, {"feed": link.url}) for link in feeds], tuple(notes))


def _left_out(links: Sequence[str]) -> str:
    some = ", ".join(one_line(url, 80) for url in links[:_SHOWN])
    more = ", …" if len(links) > _SHOWN else ""
    look = "looks" if len(links) == 1 else "look"
    return f"Left out: {counted(len(links), 'link')} that {look} like no feed ({some}{more})."


def _given(
    links: Sequence[Hyperlink],
    lines: Sequence[str],
    off: set[int] | frozenset[int],
    said: list[str],
) -> GivenFields:
    taken = off | {link.line for link in links}
    left = sum(bool(bare(line)) for n, line in enumerate(lines, 1) if n not in taken)
    if left:
        said = [f"Left out: {counted(left, 'line')} without the address of a feed.", *said]
    return GivenFields([Fields(link.line, {"feed": link.url}) for link in links], tuple(said))


def _words_only(told: Sequence[tuple[int, str]]) -> GivenFields:
    """Reads lines without any address: one, or mistyped ones, are told what is wrong with them.

    Raises:
        InputError: They are words.
    """
    if len(told) > 1 and not any(_MISTYPED.search(line) for _, line in told):
        raise InputError(
            f"There is no address of a feed in {len(told)} lines. Give feeds, one a line; or "
            "choose the mode topic for topics, and keywords for keywords."
        )
    return GivenFields([Fields(line, {"feed": bare(given)}) for line, given in told])


def _no_address(text: str, form: str, count: int = 0) -> InputError:
    """Makes the error of a document that names no feed: what it is, and what it may be used for."""
    if not form:
        what = f"None of the {counted(count, 'link')} of this text looks like the address of a feed"
    elif form == "outline":
        what = "This is a list (OPML) without the address of a feed"
    else:
        what = f"This is the text of {_ITSELF[form]}, not the address of a feed"
    pages = _count_pages(text)
    spin = f"choose the mode spin to rewrite the {counted(pages, 'page')} that it leads to"
    remedy = f"; or {spin}" if pages else ""
    return InputError(f"{what}. Give addresses of feeds, one a line{remedy}.")


def _count_pages(text: str) -> int:
    try:
        read = read_marked_up(text) or read_linked(text)
    except InputError:
        return 0
    return len(read.fields) if read else 0
