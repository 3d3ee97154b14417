"""The addresses that articles may lead to, as a person lists them: one a line, with its title."""

import re
from dataclasses import dataclass

from pressrun.boundary.text import one_line, plain_line

MOST_LINKS = 200
_MOST_TITLE = 200
_ADDRESS = re.compile(r"https?://[^\s<>\"|;\t]+", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^\W*\[(?P<title>[^\[\]]+)\]\(\s*<?(?P<url>https?://[^\s<>]+?)>?\s*\)\W*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AllowedLink:
    """A page that an article may lead to."""

    url: str
    title: str


def read_links(text: str) -> tuple[tuple[AllowedLink, ...], list[str]]:
    """Reads lines such as ``https://shop.example/mugs  Mugs``; returns what is wrong beside them.

    Title and address stand in any order, also as a link of markdown or as two columns.
    """
    found: dict[str, AllowedLink] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        link = _link(line)
        if isinstance(link, str):
            problems.append(f"line {number}: {link}")
        else:
            found.setdefault(link.url, link)
    if len(found) > MOST_LINKS:
        problems.append(f"There are {len(found)} links. Keep {MOST_LINKS} at most.")
    return tuple(found.values()), problems


def _link(line: str) -> AllowedLink | str:
    if whole := _MARKDOWN.match(line.strip()):
        return AllowedLink(whole["url"], plain_line(whole["title"], _MOST_TITLE))
    addresses = _ADDRESS.findall(line)
    if len(addresses) != 1:
        return (
            f"“{one_line(line, 80)}” has {len(addresses) or 'no'} addresses. Write one, which "
            "begins with https://, and its title behind it."
        )
    title = plain_line(line.replace(addresses[0], " ").strip(" \t,;|-\u2013\u2014:"), _MOST_TITLE)
    if not any(map(str.isalnum, title)):
        return f"“{one_line(line, 80)}” has no title. Write behind the address what is there."
    return AllowedLink(addresses[0].rstrip(",."), title)
