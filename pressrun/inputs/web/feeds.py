"""News and trends as RSS and Atom feeds have them: entries in plain text, newest first.

Reads bytes and fetches nothing. What a title says is data, whatever it asks for.
"""

import calendar
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from importlib import import_module
from typing import Any
from urllib.parse import urljoin, urlsplit

from pressrun.boundary.text import one_line, plain_line, short_url, tokens, without_tags
from pressrun.errors import InputError
from pressrun.inputs.confined import read_confined

#: Google's feed of what a country (ISO 3166-1 code) looks for today.
TRENDS_URL = "https://trends.google.com/trending/rss?geo={country}"
MOST_ENTRIES = 1000
_CPU_S = 2.0
MOST_TITLE, MOST_SUMMARY = 300, 2000
#: Titles with so large a share of common words tell the same story.
SAME_TITLE = 0.8
_UNDATED = datetime.min.replace(tzinfo=UTC)
_MARKUP = 10  # times longer than its words a summary may be
# Programs put these marks around words that they escape as well.
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_OUTLINE = re.compile(rb"\bxmlUrl\s*=\s*[\"']([^\"'<>\s]{1,1000})", re.IGNORECASE)
_DATES = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%Y %m %d", "%d.%m.%Y", "%Y%m%d")
_AHEAD = timedelta(days=1)  # clocks and time zones differ; what lies further ahead is no news
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_LINK = re.compile(rb"<link\b[^<>]{0,1000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(rb"application/(?:rss|atom)\+xml", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']?([^\"'\s<>]{1,1000})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed, in plain text.

    Attributes:
        link: Web address of the story; empty if the feed gives none.
        source: Who published it: of trends the paper, else the feed's title.
    """

    title: str
    link: str
    summary: str
    published: datetime | None
    source: str


def read_feed(data: bytes, url: str) -> list[FeedEntry]:
    """Reads the entries of an RSS or Atom feed, in its order; at most 1,000.

    Args:
        data: The feed as it came, in any encoding.
        url: Where it was found: relative links start there.

    Raises:
        InputError: It is no feed (a web page, anything else), or has no entries.
    """
    advice = "Give another feed's address."
    parts = read_confined(
        parsed_entries, short_url(url), advice, data, cpu_s=_CPU_S, imports=["feedparser"], url=url
    )
    found = [_of_plain(value) for value, _ in parts]
    if not found:
        raise InputError(
            f"{short_url(url)} is a feed without entries. Give another one, or try again later.",
            kind="empty_feed",
        )
    return found


def parsed_entries(data: bytes, url: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yields the entries of a feed as plain values. Runs in the reading process.

    Raises:
        InputError: It is no feed.
    """
    feed = _parsed(data)
    if not feed.get("version"):
        raise _no_feed(data, url)
    for raw in feed["entries"][:MOST_ENTRIES]:
        if entry := _entry(raw, feed, url):
            when = entry.published.isoformat() if entry.published else ""
            yield asdict(entry) | {"published": when}, b""


def _of_plain(value: dict[str, Any]) -> FeedEntry:
    when = value["published"]
    return FeedEntry(**value | {"published": datetime.fromisoformat(when) if when else None})


def newest_distinct(entries: Sequence[FeedEntry], count: int) -> list[FeedEntry]:
    """Chooses at most ``count`` entries, newest first, each story once.

    Two entries are one story if they have the same link, or if 0.8 of the words of both titles
    are common to them. Entries without a date, or with one in the future, come
    last, in their order.
    """
    latest = datetime.now(UTC) + _AHEAD

    def moment(entry: FeedEntry) -> datetime:
        when = entry.published or _UNDATED
        return when if when <= latest else _UNDATED

    chosen: list[FeedEntry] = []
    links: set[str] = set()
    titles: list[frozenset[str]] = []
    for entry in sorted(entries, key=moment, reverse=True):
        if len(chosen) >= count:
            break
        link, title = _same_link(entry.link), frozenset(tokens(entry.title))
        if link in links or any(_overlap(title, other) >= SAME_TITLE for other in titles):
            continue
        chosen.append(entry)
        titles.append(title)
        links.update({link} - {""})
    return chosen


def _parsed(data: bytes) -> Any:
    # Imported here: it takes a tenth of a second. By name: it comes without types.
    feedparser = import_module("feedparser")
    # In a stream: bytes themselves might be the name of a file. What it gives is made plain here,
    # so its own cleaning is off: a feed of a megabyte can keep that busy for an hour.
    return feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


def _entry(raw: Any, feed: Any, url: str) -> FeedEntry | None:
    """Puts an entry into plain text; None if it has neither title nor summary."""
    summary = raw.get("ht_news_item_title") or raw.get("summary") or _content(raw)
    summary = _plain(summary, MOST_SUMMARY)
    title = _plain(raw.get("title") or "", MOST_TITLE) or plain_line(summary, 120)
    if not title:
        return None
    channel = feed["feed"]
    return FeedEntry(
        title=title,
        link=_link(raw, (url, channel.get("link") or ""), url),
        summary=summary,
        published=_published(raw),
        source=_plain(raw.get("ht_news_item_source") or channel.get("title") or "", MOST_TITLE),
    )


def _content(raw: Any) -> str:
    return next((str(part.get("value") or "") for part in raw.get("content") or ()), "")


def _plain(text: str, longest: int) -> str:
    return plain_line(without_tags(_CDATA.sub(r"\1", text[: longest * _MARKUP])), longest)


def _link(raw: Any, places: Iterable[str], url: str) -> str:
    """Finds the story's address; empty where it is only the feed's or its site's own."""
    for candidate in (raw.get("ht_news_item_url"), raw.get("link")):
        link = _absolute(candidate or "", url)
        if link and _same_link(link) not in map(_same_link, places):
            return link
    return ""


def _absolute(link: str, url: str) -> str:
    try:
        # Browsers take a space in an address as %20.
        found = urljoin(url, plain_line(_CDATA.sub(r"\1", link)).replace(" ", "%20"))
        parts = urlsplit(found)
        safe = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:
        return ""
    return found if link.strip() and safe and len(found) <= 2000 else ""


def _published(raw: Any) -> datetime | None:
    # Of a plain dict: feedparser's own would give the published date once more, with a warning.
    text = str(raw.get("published") or dict.get(raw, "updated") or "")
    when = raw.get("published_parsed") or dict.get(raw, "updated_parsed")
    if when is None or "/" in text:  # feedparser reads 2025/12/04 as the first of November
        return _odd_date(text)
    try:
        return datetime.fromtimestamp(calendar.timegm(when), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _odd_date(text: str) -> datetime | None:
    """Reads the day of a date that no standard has: "Dec 4, 2025", "Thursday, 4 December 2025"."""
    words = re.findall(r"[A-Za-z]+|[0-9.]+", _CDATA.sub(r"\1", text[:100]))
    bare = (word.strip(".") for word in words)
    words = [word for word in bare if word and not word.lower().endswith("day")]
    for size in (3, 1):
        day = " ".join(word[:3] if word.lower() == "sept" else word for word in words[:size])
        for form in _DATES:
            with suppress(ValueError):
                return datetime.strptime(day, form).replace(tzinfo=UTC)
    return None


def _same_link(link: str) -> str:
    """Reduces a link to what is compared: no scheme, no ``www.``, none of the sender's marks."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    query = "&".join(p for p in parts.query.split("&") if p and not p.startswith("utm_"))
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{query}#{parts.fragment}".rstrip("?#")


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


def _no_feed(data: bytes, url: str) -> InputError:
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
    if not _HTML.search(data[:4000]):
        return InputError(
            f"{short_url(url)} is neither an RSS nor an Atom feed. Give a feed's address.",
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
            yield from filter(None, [_absolute(unescape(href[1].decode("utf-8", "replace")), url)])
