"""A document as blocks with their links: what every format is read into.

It must not know what the links are wanted for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pressrun.boundary.text import count_words, plain_line

#: An address in plain text, as GitHub's Markdown and chat programs make a link of it.
BARE = re.compile(r"https?://[^\s<>\"`|\\^{}\[\]]{1,2000}", re.IGNORECASE)
_LONGEST = 2000
_TITLE = 300


@dataclass(frozen=True, slots=True)
class Hyperlink:
    """A link that leads to a web address.

    Attributes:
        line: Of the document, from 1.
        url: Where it leads.
        title: Its own words; empty for an address that stands for itself.
        words_before: How many words of its block stand before it.
    """

    line: int
    url: str
    title: str = ""
    words_before: int = 0


@dataclass(slots=True)
class LinkBlock:
    """An item of a list, a row of a table, a heading or a paragraph.

    Attributes:
        line: Where it begins.
        kind: What it is.
        text: Its words outside of its links.
        links: Those to web addresses.
        others: How many lead within the document or its site, to a picture, or are no addresses.
        goes_on: Whether it belongs to the item that began before it.
    """

    line: int
    kind: Literal["item", "row", "heading", "paragraph"]
    text: str = ""
    links: list[Hyperlink] = field(default_factory=list)
    others: int = 0
    goes_on: bool = False

    @property
    def words(self) -> int:
        """How many words stand outside of its links."""
        return count_words(self.text)

    def add_text(self, text: str) -> None:
        """Adds words outside of links."""
        self.text += text

    def add_link(self, line: int, url: str, title: str) -> None:
        """Adds a link; one that leads nowhere on the web, or has nothing to click on, is counted.

        A link whose words are its address has no title.
        """
        title = plain_line(title, _TITLE)
        if not is_web(url) or not any(map(str.isalnum, title)):
            self.others += 1
            return
        if BARE.fullmatch(title) or title.rstrip("/") == url.rstrip("/"):
            title = ""
        self.links.append(Hyperlink(line, url, title, self.words))


def is_web(url: str) -> bool:
    """Says whether this is a whole http(s) address."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def bare_addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields the addresses of a plain text, with where each begins and ends.

    Marks of the sentence at its end are none of it, nor a bracket that was opened before it.
    """
    for found in BARE.finditer(text):
        url = found[0]
        while url and (url[-1] in ".,;:!?'*_~\u2019\u201d\u3002" or _closes(url)):
            url = url[:-1]
        if len(url) <= _LONGEST and is_web(url):
            yield found.start(), found.start() + len(url), url


def _closes(url: str) -> bool:
    return url[-1] == ")" and url.count(")") > url.count("(")
