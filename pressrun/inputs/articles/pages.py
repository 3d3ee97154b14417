"""What is to be rewritten in a document: the pages that its links lead to, or its own text.

What its links are is known by its format (see :mod:`pressrun.inputs.hyperlinks`); where both are
sensible, the person is asked. It must not fetch what the links lead to.
"""

import re
from collections.abc import Sequence

from pressrun.boundary.text import count_words, counted, one_line
from pressrun.errors import InputError
from pressrun.inputs.articles.columns import GivenFields
from pressrun.inputs.articles.fields import Fields
from pressrun.inputs.hyperlinks.blocks import Hyperlink
from pressrun.inputs.hyperlinks.entries import (
    LinkedDocument,
    every_link,
    named_links,
    read_entries,
)
from pressrun.inputs.hyperlinks.forms import BEGINNING, form_of
from pressrun.inputs.hyperlinks.markdown import blocks_of_text
from pressrun.inputs.hyperlinks.markup import addresses_of_sitemap, blocks_of_page, outlines_of
from pressrun.inputs.web.page import read_page

_ENDS_RULED = re.compile(r"\n\s*-{3,}\s*\Z")
_MOST_NAMED = 3


def read_marked_up(text: str) -> GivenFields | None:
    """Reads the pages that a document in XML or HTML leads to; None if it is neither.

    Raises:
        InputError: It has none, or has feeds; or it is not clear whether it is a list of links.
    """
    form = form_of(text)
    if form == "feed":
        return _entries_of_feed(text)
    if form == "outline":
        return _pages_of_outline(text)
    if form == "sitemap":
        return _pages_of_sitemap(text)
    if form == "bookmarks":
        return _given(every_link(blocks_of_page(text)), "the bookmarks")
    if form == "page":
        return _of_document(read_entries(blocks_of_page(text))) or _main_text(text)
    return None


def read_linked(text: str, parts: Sequence[str] = ()) -> GivenFields | None:
    """Reads the pages that a text leads to; None if it is a text of its own, or of several texts.

    Args:
        text: All of it.
        parts: What stands between its rules: texts of their own unless one is a list of links.

    Raises:
        InputError: Both are sensible.
    """
    if "://" not in text or _ENDS_RULED.search(text):
        return None
    if len(parts) > 1 and not any(read_entries(blocks_of_text(part)).is_list for part in parts):
        return None
    return _of_document(read_entries(blocks_of_text(text)))


def _of_document(found: LinkedDocument) -> GivenFields | None:
    if found.is_text:
        return None
    if found.is_list:
        return _given(found, "the document")
    words = counted(found.beside + found.inside, "word")
    raise InputError(
        f"It is not clear what is to be rewritten: {counted(len(found.entries), 'page')} that the "
        f"text leads to ({named_links(found.entries, 2)}), or the text itself with its {words}. "
        "Give the addresses alone, one a line; or put a line of --- at the end of the text."
    )


def _given(found: LinkedDocument, where: str) -> GivenFields:
    """Makes a row of each entry.

    Raises:
        InputError: There is none.
    """
    if not found.entries:
        raise InputError(f"No link of {where} leads to a web page. {_ADDRESSES}")
    read = f"Read as {counted(len(found.entries), 'page')} to rewrite: the links of {where}."
    return GivenFields([*map(_row, found.entries)], (read, *found.left_out()))


def _main_text(text: str) -> GivenFields:
    """Reads what a page is about, without its navigation and its foot.

    Raises:
        InputError: There is too little.
    """
    page = read_page(text.encode(), "The page")
    said = f"Read as a page: {counted(count_words(page.text), 'word')} of main text."
    return GivenFields([Fields(1, {"source": page.text})], (said,))


_ADDRESSES = "Give addresses of pages, one a line."


def _row(link: Hyperlink) -> Fields:
    return Fields(link.line, {"url": link.url} | ({"title": link.title} if link.title else {}))


def _entries_of_feed(text: str) -> GivenFields:
    from pressrun.inputs.web.feeds import read_feed  # noqa: PLC0415 - slow

    # It is no bytes any more, so that what it says of its encoding is no longer true.
    data = re.sub(r"\A.{0,200}?<\?xml[^<>]*\?>", "", text, count=1, flags=re.DOTALL).encode()
    try:
        read = read_feed(data, "The feed")
    except InputError as error:
        raise InputError(
            f"This looks like the text of a feed, and no entry of it can be read. {_ADDRESSES}"
        ) from error
    links = [Hyperlink(n, entry.link, entry.title) for n, entry in enumerate(read, 1)]
    once = {link.url: link for link in reversed(links) if link.url}
    without = sum(not link.url for link in links)
    kept = sorted(once.values(), key=lambda link: link.line)
    if not kept:
        raise InputError(
            f"No entry of the feed has the address of a page ({without} were read). {_ADDRESSES}"
        )
    said = [f"Read as {counted(len(kept), 'page')} to rewrite: the entries of the feed."]
    if without:
        said.append(f"Left out: what has no address in the feed ({without} of {len(links)}).")
    if repeated := len(links) - without - len(kept):
        said.append(f"Left out: {counted(repeated, 'link')} to a page that is listed before.")
    return GivenFields([*map(_row, kept)], tuple(said))


def _pages_of_outline(text: str) -> GivenFields:
    found = outlines_of(text)
    feeds = [one for one in found if one.feed]
    if feeds:
        some = ", ".join(f"“{one_line(one.title or one.feed, 40)}”" for one in feeds[:_MOST_NAMED])
        raise InputError(
            f"This is a list of {counted(len(feeds), 'feed')} (OPML), not of pages: {some}. Choose "
            "the mode trends to write about their newest entries, or give addresses of pages."
        )
    links = [Hyperlink(one.line, one.page, one.title) for one in found]
    return _given(LinkedDocument(links, (), (), 0, 0, 0, 0), "the outline")


def _pages_of_sitemap(text: str) -> GivenFields:
    found = addresses_of_sitemap(text)
    if re.search(r"<sitemapindex\b", text[:BEGINNING], re.IGNORECASE):
        raise InputError(
            f"This is a list of {counted(len(found), 'sitemap')}, not of pages. Open the one that "
            "is meant, and give what it lists."
        )
    return _given(LinkedDocument(found, (), (), 0, 0, 0, 0), "the sitemap")
