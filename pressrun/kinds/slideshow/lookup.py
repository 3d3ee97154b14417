"""Slideshows looked at before they are planned: each once, as many at once as their site bears.

TikTok blocks whoever asks fast, so an address asks for one post at a time; each proxy is an address
of its own. Own slides come from other places, and are read side by side.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from queue import SimpleQueue
from typing import Any, TypeVar

from pressrun.errors import PressrunError, SourceError, foreseen
from pressrun.inputs.slides import Slideshow
from pressrun.inputs.tiktok.links import LinkVerdict, TikTokLink
from pressrun.inputs.tiktok.source import TikTok
from pressrun.kinds.slideshow.entry import SlideshowEntry
from pressrun.kinds.slideshow.shelf import PostShelf
from pressrun.settings import Settings

#: Why a link could not be fetched, where it may be available later.
PASSING_KINDS = frozenset({LinkVerdict.BLOCKED, LinkVerdict.PAGE_CHANGED, "unreachable"})

#: Own slides that are read side by side.
_AT_ONCE = 6
_EVERY_S = 15.0  # between two lines of progress

Show = dict[str, Any]
_T = TypeVar("_T")


class SlideshowLookup:
    """Posts and own slides of a batch, each fetched once for however many products it is made.

    Args:
        tiktoks: One for each address that TikTok sees.
        shelf: Posts that were fetched a short while ago.
        read_own: Reads the slides that a person names.
        keep: Keeps the slides; gives what specs say of the slideshow.
        log: Called with a count and the time left, now and then.
    """

    def __init__(
        self,
        tiktoks: Sequence[TikTok],
        shelf: PostShelf,
        read_own: Callable[[str], Slideshow],
        keep: Callable[[Slideshow], Show],
        log: Callable[[str], None],
    ):
        self._tiktoks = SimpleQueue[TikTok]()
        for tiktok in tiktoks:
            self._tiktoks.put(tiktok)
        self._addresses, self._shelf = len(tiktoks), shelf
        self._read_own, self._keep, self._log = read_own, keep, log
        self._led: dict[str, TikTokLink | PressrunError] = {}
        self._had: dict[str, Show | PressrunError] = {}

    def look(self, entries: Sequence[SlideshowEntry]) -> None:
        """Looks at all slideshows of good entries, so that asking for one takes no time."""
        wanted = [entry for entry in entries if not entry.error and entry.product]
        links = [entry.link for entry in wanted if entry.link]
        short = {link.short_code: link for link in links if link.short_code not in (*self._led, "")}
        follow = _Progress("Follows short links at TikTok's pace", len(short), self._log)
        self._each(
            self._addresses, lambda code: self._follow(short[code]), short, self._led, follow
        )
        posts = {_key(post): post for post in map(self._ended, links) if post}
        posts = {key: post for key, post in posts.items() if key not in self._had}
        own = {entry.text: entry.text for entry in wanted if not entry.link}
        own = {text: text for text in own if text not in self._had}
        # Each at its own pace: what is read side by side says nothing of how long TikTok takes.
        read = _Progress("Reads own slides", len(own), self._log)
        self._each(_AT_ONCE, self._read, own, self._had, read)
        look = _Progress("Looks at slideshows at TikTok's pace", len(posts), self._log)
        self._each(self._addresses, lambda key: self._fetch(posts[key]), posts, self._had, look)

    def post(self, link: TikTokLink) -> TikTokLink:
        """Finds the post that a link leads to; raises a PressrunError if it leads to none."""
        return _or_raise(self._led[link.short_code]) if link.short_code else link

    def show(self, entry: SlideshowEntry, post: TikTokLink | None) -> Show:
        """Gives what specs say of a slideshow; raises a PressrunError if it cannot be used."""
        return _or_raise(self._had[_key(post) if post else entry.text])

    def _ended(self, link: TikTokLink) -> TikTokLink | None:
        found = self._led[link.short_code] if link.short_code else link
        return found if isinstance(found, TikTokLink) else None

    def _each(
        self,
        at_once: int,
        look: Callable[[str], Any],
        keys: Sequence[str] | dict[str, Any],
        into: dict[str, Any],
        progress: "_Progress",
    ) -> None:
        if not keys:
            return
        pool = ThreadPoolExecutor(at_once, thread_name_prefix="look")
        try:
            running = {pool.submit(look, key): key for key in keys}
            for done in as_completed(running):
                into[running[done]] = _outcome(done)
                progress.step()
        finally:
            # A run that is cancelled waits for no others than those under way.
            pool.shutdown(wait=False, cancel_futures=True)

    def _follow(self, link: TikTokLink) -> TikTokLink:
        return self._asked(lambda tiktok: tiktok.resolve(link))

    def _read(self, source: str) -> Show:
        return self._keep(self._read_own(source))

    def _fetch(self, post: TikTokLink) -> Show:
        show = self._shelf.find(post.post_id)
        return self._keep(show or self._asked(lambda tiktok: tiktok.fetch(post.canonical or "")))

    def _asked(self, ask: Callable[[TikTok], _T]) -> _T:
        tiktok = self._tiktoks.get()
        try:
            return ask(tiktok)
        finally:
            self._tiktoks.put(tiktok)


def is_passing(error: PressrunError) -> bool:
    """Says whether what could not be fetched may be available later, or to another machine."""
    return error.kind in PASSING_KINDS or not isinstance(error, SourceError)


def open_visitors(settings: Settings) -> list[TikTok]:
    """Opens TikTok once for each proxy, which TikTok takes for another visitor."""
    pause_s = (settings.tiktok_pause_s / 2, settings.tiktok_pause_s * 1.5)
    proxies: list[str | None] = [*(settings.tiktok_proxy or "").split()]
    return [
        TikTok(proxy=proxy, ca_file=settings.tiktok_ca, pause_s=pause_s)
        for proxy in proxies or [None]
    ]


def open_shelf(settings: Settings) -> PostShelf:
    """Opens the posts that were fetched on this machine lately."""
    return PostShelf(settings.data.expanduser() / "posts")


class _Progress:
    """How many of all were looked at, and how long the rest takes at this pace."""

    def __init__(self, what: str, total: int, log: Callable[[str], None]):
        self._what, self._total, self._log, self._done = what, total, log, 0
        self._begun = self._said = time.monotonic()

    def step(self) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._said < _EVERY_S or self._done == self._total:
            return
        self._said = now
        left_s = (now - self._begun) / self._done * (self._total - self._done)
        left = f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"
        count = f"{self._done} of {self._total}"
        self._log(f"{self._what}: {count}; about {left} left.")


def _key(post: TikTokLink) -> str:
    return f"post {post.post_id}"


def _outcome(done: Future[Any]) -> Any:
    try:
        return done.result()
    except Exception as error:  # noqa: BLE001 - what is wrong with one row ends no other
        return foreseen(error)


def _or_raise(found: _T | PressrunError) -> _T:
    if isinstance(found, PressrunError):
        raise found
    return found
