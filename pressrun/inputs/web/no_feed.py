"""What is given as a feed and is none: named for what it is, with the feeds that it names."""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from urllib.parse import urljoin, urlsplit

from pressrun.boundary.text import one_line, plain_line, short_url
from pressrun.errors import InputError

_OUTLINE = re.compile(rb"\bxmlUrl\s*=\s*[\"']([^\"'<>\s]{1,1000})", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:urlset|sitemapindex)\b", re.IGNORECASE)
_LINK = re.compile(rb"<link\b[^<>]{0,1000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(rb"application/(?:rss|atom)\+xml|application/feed\+json", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']?([^\"'\s<>]{1,1000})", re.IGNORECASE)
# Places to fill of Liquid, Jinja, Handlebars, ERB, PHP and scripts.
_PLACE = re.compile(r"\{\{.{1,200}?\}\}|\{%|<%|<\?|\$\{")
_PROGRAM = re.compile(rb"\{%-?\s*(?:for|if|assign)\b|<\?(?:php|=|\s)|<%")
# Programs put these marks around words that they escape as well.
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


def absolute(link: str, url: str) -> str:
    """Makes a web address of a link as it stands in a page or feed; empty if it is none."""
    try:
        # Browsers take a space in an address as %20.
        found = urljoin(url, plain_line(CDATA.sub(r"\1", link)).replace(" ", "%20"))
        parts = urlsplit(found)
        safe = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:
        return ""
    return found if link.strip() and safe and len(found) <= 2000 else ""


def is_template(data: bytes, titles: Sequence[str]) -> bool:
    """Says whether a feed has places to fill where its entries' titles should stand."""
    if not titles:
        return bool(_PROGRAM.search(data))
    return sum(bool(_PLACE.search(title)) for title in titles) * 2 > len(titles)


def template_of_feed(url: str) -> InputError:
    """Makes the error of the template that a program makes a feed from."""
    return InputError(
        f"{short_url(url)} is the template of a feed, with places that a program fills. Give the "
        "address of the feed itself.",
        kind="no_feed",
    )


def no_feed(data: bytes, url: str) -> InputError:
    """Makes the error of something that is no feed."""
    if data.lstrip()[:5] == b"%PDF-":
        return InputError(f"{short_url(url)} is a PDF. Give a feed's address.", kind="no_feed")
    if b"<opml" in data[:4000].lower():
        first = [one_line(found.decode("utf-8", "replace")) for found in _OUTLINE.findall(data)[:3]]
        such = f", such as {', '.join(first)}" if first else ""
        return InputError(
            f"{short_url(url)} is a list of feeds (OPML), no feed. Give the addresses of its "
            f"feeds{such}.",
            kind="no_feed",
        )
    if _SITEMAP.search(data[:4000]):
        return InputError(
            f"{short_url(url)} is a list of a site's pages (sitemap), no feed. Give a feed's "
            "address.",
            kind="no_feed",
        )
    if not _HTML.search(data[:4000]):
        return InputError(
            f"{short_url(url)} is no RSS, Atom or JSON feed. Give a feed's address.",
            kind="no_feed",
        )
    named = next(_feeds_named(data, url), "")
    advice = f"It names this one: {one_line(named)}" if named else "Look for its RSS link"
    return InputError(
        f"{short_url(url)} is a web page, not a feed. {advice}, and give that address.",
        kind="no_feed",
    )


def _feeds_named(page: bytes, url: str) -> Iterator[str]:
    """Finds the feeds that a page links to in its head."""
    for tag in _LINK.findall(page[:200_000]):
        href = _HREF.search(tag)
        if _FEED_TYPE.search(tag) and href:
            yield from filter(None, [absolute(unescape(href[1].decode("utf-8", "replace")), url)])
