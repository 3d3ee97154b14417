"""What an article is about: a row as it is, or for trends the newest entries of feeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pressrun.boundary.text import short_url
from pressrun.errors import InputError, PressrunError, foreseen
from pressrun.inputs.articles.rows import ArticleRow
from pressrun.inputs.web.page import Document
from pressrun.kinds.article.parameters import ArticleParameters

if TYPE_CHECKING:
    from pressrun.inputs.web.feeds import FeedEntry

#: From a web address to what is there, or a PressrunError.
Fetch = Callable[[str], Document]
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """One article to write.

    Attributes:
        row: What was asked for it; of trends the row of its feed.
        source: Of trends the entry's title, address, feed, date and summary.
        title: Of trends the entry's.
    """

    row: ArticleRow
    source: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    @property
    def subject(self) -> str:
        """What the article is about."""
        return self.title or self.row.subject


def find_topics(
    parameters: ArticleParameters,
    feeds: Sequence[ArticleRow],
    fetch: Fetch,
    log: Callable[[str], None],
) -> list[Topic]:
    """Finds as many of the newest distinct entries of all feeds as the parameters ask for.

    Raises:
        InputError: No feed can be read, or one cannot and ``skip_invalid`` is off.
    """
    from pressrun.inputs.web.feeds import newest_distinct, read_feed  # noqa: PLC0415 - slow

    rows: dict[FeedEntry, ArticleRow] = {}
    problems = []
    documents = side_by_side(fetch, [row.subject for row in feeds if not row.problem])
    for row in feeds:
        try:
            if row.problem:
                raise InputError(row.problem)
            found = or_raise(next(documents))
            entries = read_feed(found.data, found.url)
        except Exception as error:  # noqa: BLE001 - what is wrong with one feed ends no other
            problems.append(f"row {row.line}: {foreseen(error)}")
            continue
        log(f"{len(entries)} entries in {short_url(row.subject)}")
        for entry in entries:
            rows.setdefault(entry, row)
    if problems and (not parameters.skip_invalid or not rows):
        raise InputError("Feeds cannot be used; nothing was made or paid.", problems)
    for problem in problems:
        log(f"A feed is left out. {problem}")
    chosen = newest_distinct(list(rows), parameters.count)
    if len(chosen) < parameters.count:
        log(f"The feeds have {len(chosen)} distinct topics; {parameters.count} are asked for.")
    return [Topic(rows[entry], _source(entry), entry.title) for entry in chosen]


def side_by_side(fetch: Fetch, urls: Sequence[str]) -> Iterator[Document | PressrunError]:
    """Fetches addresses some at a time, as their servers are waited for; gives them in order."""

    def outcome(url: str) -> Document | PressrunError:
        try:
            return fetch(url)
        except Exception as error:  # noqa: BLE001 - what is wrong with one ends no other
            return foreseen(error)

    for start in range(0, len(urls), _AT_ONCE):  # so that few are in memory at once
        # Not from within: a generator that nobody reads to its end would be closed, and wait for
        # the pool's threads, wherever garbage is collected; in a thread that begins, for ever.
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch") as pool:
            found = [*pool.map(outcome, urls[start : start + _AT_ONCE])]
        yield from found


def or_raise(found: Document | PressrunError) -> Document:
    """Gives what was fetched, or raises why it was not."""
    if isinstance(found, PressrunError):
        raise found
    return found


def _source(entry: "FeedEntry") -> dict[str, str]:
    return {
        "title": entry.title,
        "url": entry.link,
        "feed": entry.source,
        "published": entry.published.isoformat() if entry.published else "",
        "summary": entry.summary,
    }
