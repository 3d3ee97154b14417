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
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from pressrun.boundary.text import plain_line, short_url, tokens, without_tags
from pressrun.errors import InputError
from pressrun.inputs.confined import read_confined
from pressrun.inputs.web.json_feed import json_feed
from pressrun.inputs.web.no_feed import CDATA, absolute, is_template, no_feed, template_of_feed

#: Google's feed of what a country (ISO 3166-1 code) looks for today.
TRENDS_URL = "https://trends.google.com/trending/rss?geo={country}"
MOST_ENTRIES = 1000
_CPU_S = 2.0
MOST_TITLE, MOST_SUMMARY = 300, 2000
#: Titles with so large a share of common words tell the same story.
SAME_TITLE = 0.8
_UNDATED = datetime.min.replace(tzinfo=UTC)
_MARKUP = 10  # times longer than its words a summary may be
_DATES = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%Y %m %d", "%d.%m.%Y", "%Y%m%d")
# What feedparser guesses of other forms is wrong: 2025/12/04 is the first of November to it.
_STANDARD = re.compile(r"^\s*[0-9]{4}-[0-9]|^[^/]*[A-Za-z]{3}[^/]*$")
_SECONDS = re.compile(r"\s*([0-9]{10})(?:[0-9]{3})?\s*")  # or milliseconds, since 1970
_AHEAD = timedelta(days=1)  # clocks and time zones differ; what lies further ahead is no news


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
    feed = json_feed(data) or _parsed(data)
    if not feed.get("version"):
        raise no_feed(data, url)
    found = [entry for raw in feed["entries"][:MOST_ENTRIES] if (entry := _entry(raw, feed, url))]
    if is_template(data, [entry.title for entry in found]):
        raise template_of_feed(url)
    for entry in found:
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
    title = _plain(raw.get("title") or "", MOST_TITLE)
    if not any(map(str.isalpha, title)):  # a number or a date says nothing of the story
        title = plain_line(summary, 120) or title
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
    return plain_line(without_tags(CDATA.sub(r"\1", text[: longest * _MARKUP])), longest)


def _link(raw: Any, places: Iterable[str], url: str) -> str:
    """Finds the story's address; empty where it is only the feed's or its site's own."""
    for candidate in (raw.get("ht_news_item_url"), raw.get("link")):
        link = absolute(candidate or "", url)
        if link and _same_link(link) not in map(_same_link, places):
            return link
    return ""


def _published(raw: Any) -> datetime | None:
    # Of a plain dict: feedparser's own would give the published date once more, with a warning.
    text = str(raw.get("published") or dict.get(raw, "updated") or "")
    when = raw.get("published_parsed") or dict.get(raw, "updated_parsed")
    if when is None or not _STANDARD.search(text):
        return _odd_date(text)
    try:
        return datetime.fromtimestamp(calendar.timegm(when), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _odd_date(text: str) -> datetime | None:
    """Reads the day of a date that no standard has: "Dec 4, 2025", "Thursday, 4 December 2025"."""
    with suppress(ValueError):  # as JSON feeds have them
        exact = datetime.fromisoformat(text.strip())
        return exact if exact.tzinfo else exact.replace(tzinfo=UTC)
    if seconds := _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(seconds[1]), UTC)
    words = re.findall(r"[A-Za-z]+|[0-9.]+", CDATA.sub(r"\1", text[:100]))
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
