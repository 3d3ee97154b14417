"""The addresses of feeds in what was given: one a line, among words, or in a list of feeds (OPML).

It must not know what a feed has in it (see :mod:`pressrun.inputs.web.feeds`).
"""

import re
from collections.abc import Sequence
from html import unescape

from pressrun.boundary.text import counted
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import GivenFields
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.articles.outline import bare

_ADDRESS = re.compile(
    r"https?://[^\s<>\"'`|\\^{}()\[\]]+[^\s<>\"'`|\\^{}()\[\].,;:!?]", re.IGNORECASE
)
_COMMENT_ENDS = re.compile(r"(<!--|-->)")
_SWITCHED_OFF = re.compile(r"\s*(?:#|//|;)\s*(?:[-*]\s*)?https?://", re.IGNORECASE)
_MISTYPED = re.compile(r"\w:/|www\.|\w\.\w{2,}/")
# Also as a browser shows it, and a map of a site.
_FEED_ITSELF = re.compile(
    r"<(?:rss|rdf:RDF|channel|urlset|sitemapindex|!doctype html|html)\b|<feed\s[^>]*xmlns",
    re.IGNORECASE,
)
_OUTLINE = re.compile(r"\bxmlUrl\s*=\s*[\"']([^\"'<>\s]{1,2000})", re.IGNORECASE)

Numbered = tuple[int, str]


def read_feeds(lines: Sequence[Numbered]) -> GivenFields:
    """Reads the addresses of feeds: one a line, among words, or in a list of feeds (OPML).

    Raises:
        InputError: It is a feed itself, or has no address of any.
    """
    if any(_FEED_ITSELF.search(given) for _, given in lines):
        raise InputError(
            "This is the text of a feed or a page, not its address. Give the address, or choose "
            "the mode topic and give the titles, one a line."
        )
    told = [(line, given) for line, given in lines if bare(given)]
    addresses = _ADDRESS
    if any("<outline" in given for _, given in lines):
        lines, addresses = _without_comments(lines), _OUTLINE
    off = {line for line, given in lines if _SWITCHED_OFF.match(given)}
    lines = [(line, given) for line, given in lines if line not in off]
    found = [(line, url) for line, given in lines for url in addresses.findall(given)]
    if not found and len(told) > 1 and not any(_MISTYPED.search(given) for _, given in told):
        raise InputError(
            f"There is no address of a feed in {len(told)} lines. Give feeds, one a line; or "
            "choose the mode topic for topics, and keywords for keywords."
        )
    if not found:
        return GivenFields([Fields(line, {"feed": bare(given)}) for line, given in told])
    taken = off | {line for line, _ in found}
    left = sum(line not in taken for line, _ in told)
    said = []
    if left:
        said.append(f"Left out: {counted(left, 'line')} without the address of a feed.")
    if off:
        said.append(f"Left out: {counted(len(off), 'line')} with a sign before the address.")
    return GivenFields([Fields(line, {"feed": unescape(url)}) for line, url in found], tuple(said))


def _without_comments(lines: Sequence[Numbered]) -> list[Numbered]:
    """Takes what stands between ``<!--`` and ``-->`` out of lines, also over several ones."""
    kept, inside = [], False
    for line, given in lines:
        shown = []
        for part in _COMMENT_ENDS.split(given):
            if part in ("<!--", "-->"):
                inside = part == "<!--"
            elif not inside:
                shown.append(part)
        kept.append((line, " ".join(shown)))
    return kept
