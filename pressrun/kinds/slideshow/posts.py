"""Posts that are looked at behind, while a person still puts a batch together.

TikTok bears one question at a time from an address, so all who ask share the same few visitors,
and what one has found nobody asks again: it is kept in memory, and on this machine for hours. Knows
nothing of pages and drafts.
"""

import base64
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from pressrun.errors import PressrunError, foreseen
from pressrun.inputs.tiktok.links import LinkVerdict, TikTokLink
from pressrun.inputs.tiktok.source import TikTok
from pressrun.kinds.slideshow.lookup import is_passing
from pressrun.kinds.slideshow.shelf import PostShelf
from pressrun.pictures.picture import thumbnail

#: Seconds for which a slideshow, and a reason why there is none, are taken as they were found.
_GOOD_S, _BAD_S = 6 * 3600.0, 3600.0
#: A post that nobody has asked for so long is not looked at any more.
_WANTED_S = 15 * 60.0
_MOST = 1500
_THUMB_PX = 120
#: What a post takes beside the pause, before one was looked at.
_SUPPOSED_S = 1.5


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A slideshow as TikTok shows it.

    Attributes:
        sizes: Width and height of each slide in pixels.
        thumb: A small JPEG of the first slide; empty if it cannot be made.
    """

    user: str
    caption: str
    sizes: tuple[tuple[int, int], ...]
    thumb: bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a link by now.

    Attributes:
        link: The post that it leads to, as far as that is known.
        post: The slideshow.
        error: Why there is none. Neither: it waits to be looked at.
    """

    link: TikTokLink
    post: SeenPost | None = None
    error: PressrunError | None = None

    @property
    def waits(self) -> bool:
        """Whether it is still to be looked at."""
        return self.post is None and self.error is None

    @property
    def may_pass(self) -> bool:
        """Whether a later try may find a slideshow after all: the run makes one."""
        return self.error is not None and is_passing(self.error)


@dataclass(frozen=True, slots=True)
class _Found:
    found: TikTokLink | SeenPost | PressrunError
    until: float


@dataclass(frozen=True, slots=True)
class _Wanted:
    link: TikTokLink
    who: str
    at: float


class Posts:
    """Looks at posts, each once, at the pace that TikTok bears.

    Args:
        visitors: Opens TikTok, once for each address that TikTok sees; called when first needed.
        shelf: Where posts are kept for runs on this machine, and found after a restart.
        is_wanted: Says whether whoever asked still wants it: a batch that was started looks itself.
        clock: Gives seconds.
    """

    def __init__(
        self,
        visitors: Callable[[], Sequence[TikTok]],
        shelf: PostShelf,
        is_wanted: Callable[[str], bool] = lambda _: True,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._visitors, self._shelf = visitors, shelf
        self._is_wanted, self._clock = is_wanted, clock
        self._changed = threading.Condition()
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._wanted: OrderedDict[str, _Wanted] = OrderedDict()
        self._under_way: set[str] = set()
        self._took: deque[float] = deque(maxlen=30)
        self._threads: list[threading.Thread] = []
        self._pause_s = 0.0
        self._closed = False

    def look(self, links: Sequence[TikTokLink], who: str = "") -> list[Looked]:
        """Gives what is known of good links, in their order; the others are looked at next.

        Args:
            links: Each is a post or a short link.
            who: Who asks.
        """
        with self._changed:
            known = [self._known(link, who) for link in links]
            self._start()
            self._changed.notify_all()
        return known

    def look_again(self, link: TikTokLink) -> None:
        """Forgets what was found of a link, so that it is looked at once more."""
        with self._changed:
            for key in (_key(link), _key(self._ended(link))):
                self._found.pop(key, None)

    def thumb(self, post_id: str) -> bytes:
        """Gives a small JPEG of a post's first slide; empty if it was not looked at."""
        with self._changed:
            found = self._fresh(f"post {post_id}")
        return found.thumb if isinstance(found, SeenPost) else b""

    def left_s(self, waiting: int) -> float:
        """Says how long so many take."""
        with self._changed:
            each = fmean(self._took) if self._took else self._pause_s + _SUPPOSED_S
            return waiting * each / max(1, len(self._threads))

    def close(self) -> None:
        """Looks at nothing any more; a post that is under way ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _known(self, link: TikTokLink, who: str) -> Looked:
        post = self._ended(link)
        found = self._fresh(_key(post))
        if isinstance(found, SeenPost):
            return Looked(post, found)
        if isinstance(found, PressrunError):
            return Looked(post, error=found)
        self._wanted[_key(post)] = _Wanted(post, who, self._clock())
        return Looked(post)

    def _ended(self, link: TikTokLink) -> TikTokLink:
        """Gives the post that a short link leads to, where that is known."""
        found = self._fresh(_key(link)) if link.short_code else None
        return found if isinstance(found, TikTokLink) else link

    def _fresh(self, key: str) -> TikTokLink | SeenPost | PressrunError | None:
        known = self._found.get(key)
        return known.found if known and known.until > self._clock() else None

    def _start(self) -> None:
        if self._threads or not self._wanted:
            return
        visitors = self._visitors()
        self._pause_s = fmean(fmean(visitor.pause_s) for visitor in visitors)
        for visitor in visitors:
            thread = threading.Thread(
                target=self._look_on, args=(visitor,), name="post", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _look_on(self, visitor: TikTok) -> None:
        while (wanted := self._next()) is not None:
            began = self._clock()
            found = _looked(visitor, self._shelf, wanted.link)
            with self._changed:
                self._keep(_key(wanted.link), found)
                if isinstance(found, TikTokLink):
                    self._wanted[_key(found)] = replace(wanted, link=found)
                else:
                    self._took.append(self._clock() - began)

    def _keep(self, key: str, found: TikTokLink | SeenPost | PressrunError) -> None:
        good = not isinstance(found, PressrunError)
        self._found[key] = _Found(found, self._clock() + (_GOOD_S if good else _BAD_S))
        self._found.move_to_end(key)
        self._under_way.discard(key)
        while len(self._found) > _MOST:
            self._found.popitem(last=False)

    def _next(self) -> _Wanted | None:
        while (wanted := self._taken()) is not None:
            # Asked without the lock: it reads a file.
            if self._clock() - wanted.at < _WANTED_S and self._is_wanted(wanted.who):
                return wanted
            with self._changed:
                self._under_way.discard(_key(wanted.link))
        return None

    def _taken(self) -> _Wanted | None:
        with self._changed:
            while not self._closed:
                if not self._wanted:
                    self._changed.wait()
                    continue
                key, wanted = self._wanted.popitem(last=False)
                if self._fresh(key) is None and key not in self._under_way:
                    self._under_way.add(key)
                    return wanted
        return None


def _looked(
    visitor: TikTok, shelf: PostShelf, link: TikTokLink
) -> TikTokLink | SeenPost | PressrunError:
    try:
        if link.verdict is LinkVerdict.NEEDS_RESOLVING:
            return visitor.resolve(link)
        show = shelf.find(link.post_id)
        if show is None:
            show = visitor.fetch(link.canonical or "")
            shelf.keep(link.post_id, show)
    except Exception as error:  # noqa: BLE001 - what is wrong with one post ends no other
        return foreseen(error)
    small = thumbnail(show.slides[0].data, _THUMB_PX) if show.slides else ""
    sizes = tuple((slide.width, slide.height) for slide in show.slides)
    return SeenPost(show.user, show.caption, sizes, base64.b64decode(small.partition(",")[2]))


def _key(link: TikTokLink) -> str:
    return f"post {link.post_id}" if link.post_id else f"short {link.short_code}"
