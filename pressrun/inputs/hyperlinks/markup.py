"""The links of HTML: of pages, of the bookmarks that browsers export; and the outlines of OPML.

Only what a person may click on is a link: no namespace, icon, script or comment. What stands in the
navigation of a page, its head and its foot belongs to the site.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from pressrun.boundary.text import plain_line
from pressrun.inputs.hyperlinks.blocks import Hyperlink, LinkBlock, is_web

_SITE = frozenset({"nav", "header", "footer", "aside"})
_UNSEEN = frozenset({"script", "style", "template", "noscript", "title", "select", "button", "svg"})
_BLOCKS = {
    **dict.fromkeys(("li", "dt"), "item"),
    "tr": "row",
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("p", "div", "section", "article", "main", "blockquote", "dd", "body"), ""),
    **dict.fromkeys(("ul", "ol", "dl", "table"), ""),
}


@dataclass(frozen=True, slots=True)
class PageOutline:
    """One entry of an OPML list.

    Attributes:
        line: Of the document, from 1.
        title: What it is called.
        feed: The address of its feed; empty without.
        page: That of its site or page; empty without.
    """

    line: int
    title: str
    feed: str
    page: str


def blocks_of_page(text: str) -> list[LinkBlock]:
    """Reads the blocks of HTML."""
    reader = _PageReader()
    _read(reader, text)
    return [*reader.read()]


def outlines_of(text: str) -> list[PageOutline]:
    """Reads the entries of OPML that have an address."""
    reader = _OutlineReader()
    _read(reader, text)
    return reader.found


def addresses_of_sitemap(text: str) -> list[Hyperlink]:
    """Reads the pages that the map of a site lists."""
    reader = _SitemapReader()
    _read(reader, text)
    return reader.found


def _read(reader: HTMLParser, text: str) -> None:
    # Tags that are never closed would be looked through again and again.
    reader.feed(text[: text.rfind(">") + 1])
    reader.close()


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks = [LinkBlock(1, "paragraph")]
        self._aside: list[str] = []  # open elements whose content belongs to the site
        self._url: str | None = None  # of the open link
        self._title, self._line = "", 0

    def read(self) -> Iterator[LinkBlock]:
        """Yields the blocks that have anything in them."""
        self._end_link()
        for block in self._blocks:
            if block.links or block.others or block.text.strip():
                yield block

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begins a link or a block."""
        if tag in _SITE | _UNSEEN:
            self._aside.append(tag)
        elif tag in _BLOCKS and not self._aside:
            self._end_link()
            kind = _BLOCKS[tag] or "paragraph"
            inside = self._blocks[-1].kind in ("item", "row") and tag in ("p", "div", "li")
            fresh = not self._blocks[-1].links and not self._blocks[-1].text.strip()
            if not (inside and fresh and tag != "li"):
                self._blocks.append(LinkBlock(self.getpos()[0], kind))  # type: ignore[arg-type]
        elif tag == "a" and not self._aside:
            self._end_link()
            self._url, self._title = (dict(attrs).get("href") or "").strip(), ""
            self._line = self.getpos()[0]
        elif tag in ("br", "td", "th"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        """Ends a link, or a part of the page that belongs to the site."""
        if tag in self._aside:
            while self._aside.pop() != tag:
                pass
        elif tag == "a":
            self._end_link()
        elif tag in ("li", "tr", "table", "ul", "ol", "dl") and not self._aside:
            self._end_link()
            self._blocks.append(LinkBlock(self.getpos()[0], "paragraph"))

    def handle_data(self, data: str) -> None:
        """Adds words to the open link or block."""
        if self._aside:
            return
        if self._url is None:
            self._blocks[-1].add_text(data)
        else:
            self._title += data

    def _end_link(self) -> None:
        if self._url is not None:
            self._blocks[-1].add_link(self._line, self._url, self._title)
            self._url = None


class _OutlineReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[PageOutline] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an outline with an address."""
        given = {name: value or "" for name, value in attrs}
        if tag != "outline":
            return
        feed, page = given.get("xmlurl", "").strip(), given.get("htmlurl") or given.get("url") or ""
        if feed or is_web(page):
            title = plain_line(given.get("title") or given.get("text") or "", 300)
            self.found.append(PageOutline(self.getpos()[0], title, feed, page.strip()))


class _SitemapReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Hyperlink] = []
        self._is_open, self._url = False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begins an address."""
        if tag == "loc":  # of a picture it is image:loc
            self._is_open, self._url = True, ""

    def handle_data(self, data: str) -> None:
        """Reads an address."""
        self._url += data if self._is_open else ""

    def handle_endtag(self, tag: str) -> None:
        """Ends an address."""
        if tag == "loc" and self._is_open:
            self._is_open = False
            if is_web(self._url.strip()):
                self.found.append(Hyperlink(self.getpos()[0], self._url.strip()))
