"""TikTok as a source: where a short link leads, and the slideshow that a post holds.

Asks for one post at a time with a pause between two, as TikTok blocks those who ask fast. Which
links are posts at all is decided in :mod:`pressrun.inputs.tiktok.links`; what a post's page says,
in :mod:`pressrun.inputs.tiktok.gallery_dl`; how images are downloaded, in
:mod:`pressrun.inputs.web.fetch`.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ssrfguard import Policy

from pressrun.boundary.text import short_url
from pressrun.errors import PictureError, SourceError
from pressrun.inputs.slides import MAX_SLIDES, Slideshow
from pressrun.inputs.tiktok.gallery_dl import read_post
from pressrun.inputs.tiktok.links import TikTokLink, check_link
from pressrun.inputs.tiktok.verdicts import REASONS, LinkVerdict
from pressrun.inputs.web.fetch import Fetcher, RedirectAnswer
from pressrun.pictures.picture import Picture

MAX_HOPS = 3
MAX_MIRRORS = 3
_IMAGE_HEADERS = {"Referer": "https://www.tiktok.com/"}
# To a browser a short link may answer with a page; to a link preview it answers with a redirect.
_SHORT_LINK_HEADERS = {"User-Agent": "facebookexternalhit/1.1", "Accept": "*/*"}
_LEAVES = {
    LinkVerdict.NOT_TIKTOK,
    LinkVerdict.UNSAFE_URL,
    LinkVerdict.BAD_SCHEME,
    LinkVerdict.NOT_A_URL,
}
_HOSTS = (
    "tiktok.com",
    "tiktokcdn.com",
    "tiktokcdn-us.com",
    "tiktokcdn-eu.com",
    "tiktokv.com",
    "tiktokv.us",
    "tiktokv.eu",
    "ttwstatic.com",
    "byteoversea.com",
    "ibyteimg.com",
    "ibytedtos.com",
    "muscdn.com",
)
# A proxy looks names up itself, so that here the names must say where a request may go.
PROXIED = Policy(
    allow_proxy=True,
    allowed_schemes=frozenset({"https"}),
    allowed_hosts=frozenset(_HOSTS) | {f"*.{host}" for host in _HOSTS},
    max_redirects=3,
)


class _Turn:
    """Lets one post through at a time, and the next one a pause later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0

    @contextmanager
    def take(self, pause_s: tuple[float, float]) -> Iterator[None]:
        with self._lock:
            time.sleep(max(0.0, self._free_at - time.monotonic()))
            try:
                yield
            finally:
                self._free_at = time.monotonic() + random.uniform(*pause_s)


@dataclass(frozen=True, slots=True)
class TikTok:
    """TikTok for one batch. Holds no connection, so it needs no closing; threads may share it.

    Attributes:
        proxy: The operator's proxy, for pages, short links and images alike.
        ca_file: Certificates to trust in place of the built-in ones.
        pause_s: Shortest and longest pause between two posts, in seconds.
        timeout_s: Longest time for one post with its images, in seconds.
        fetcher: Downloads images and asks short links; made from the above by default.
    """

    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    pause_s: tuple[float, float] = (1.0, 3.0)
    timeout_s: float = 90.0
    fetcher: Fetcher | None = None
    _turn: _Turn = field(default_factory=_Turn, init=False, repr=False, compare=False)

    def resolve(self, link: TikTokLink) -> TikTokLink:
        """Follows a short link to its post, asking only hosts that are TikTok's own.

        Args:
            link: A checked link; one that is a post already comes back as it is.

        Raises:
            SourceError: ``short_link_dead``, ``short_link_leaves_tiktok``, ``blocked``, or the
                verdict on what it leads to instead of a post (``profile_link`` …).
        """
        hop = link
        for _ in range(MAX_HOPS):
            if hop.verdict is not LinkVerdict.NEEDS_RESOLVING:
                break
            hop = self._follow(hop)
        if hop.verdict is LinkVerdict.OK:
            return hop
        raise _dead_end(hop)

    def fetch(self, canonical: str) -> Slideshow:
        """Fetches one post and downloads its images, since their addresses soon expire.

        Args:
            canonical: ``https://www.tiktok.com/@user/photo/ID``.

        Raises:
            SourceError: ``kind`` is the verdict on the link.
            SettingError: gallery-dl is not installed.
        """
        with self._turn.take(self.pause_s):
            end = time.monotonic() + self.timeout_s
            post = read_post(
                canonical, proxy=self.proxy, ca_file=self.ca_file, timeout_s=self.timeout_s
            )
            if len(post.images) > MAX_SLIDES:
                raise SourceError(
                    f"The post has {len(post.images)} slides; at most {MAX_SLIDES} are read.",
                    kind="page_changed",
                )
            fetcher = self.image_fetcher()
            slides = tuple(
                _download(fetcher, urls, f"slide {n} of {canonical}", end)
                for n, urls in enumerate(post.images, 1)
            )
        return Slideshow(slides, post.caption, post.user, canonical)

    def image_fetcher(self) -> Fetcher:
        """Returns what fetches images and follows short links: the one given, or a strict one."""
        if self.fetcher is not None:
            return self.fetcher
        if self.proxy:
            return Fetcher(proxy=self.proxy, ca_file=self.ca_file, policy=PROXIED)
        return Fetcher(ca_file=self.ca_file)

    def _follow(self, link: TikTokLink) -> TikTokLink:
        url = link.canonical or ""
        try:
            answer = self.image_fetcher().ask(url, headers=_SHORT_LINK_HEADERS)
            if answer.status in {405, 501}:
                answer = self.image_fetcher().ask(url, "GET", headers=_SHORT_LINK_HEADERS)
        except SourceError as error:
            if error.kind == LinkVerdict.NOT_A_URL:
                # What the client could not read is the address that it was sent on to.
                raise _error(LinkVerdict.SHORT_LINK_LEAVES_TIKTOK) from error
            raise SourceError(str(error), kind="blocked", retryable=error.retryable) from error
        return check_link(urljoin(url, _location(answer)), link.line)


def _location(answer: RedirectAnswer) -> str:
    if 300 <= answer.status < 400 and answer.location:
        return answer.location
    if answer.status in {404, 410}:
        raise _error(LinkVerdict.SHORT_LINK_DEAD)
    raise SourceError(
        f"TikTok does not say where the short link leads (it answered {answer.status}). "
        "Try again later, or paste the link that the browser shows for the post.",
        kind="blocked",
        retryable=True,
    )


def _dead_end(hop: TikTokLink) -> SourceError:
    """Makes the error for a short link that led to something else than a post."""
    if hop.verdict in _LEAVES:
        return _error(LinkVerdict.SHORT_LINK_LEAVES_TIKTOK, f"(It leads to {short_url(hop.link)}.)")
    if urlsplit(hop.link).path.startswith("/login"):
        return _error(LinkVerdict.PRIVATE_OR_LOGIN)
    if hop.verdict in {LinkVerdict.NEEDS_RESOLVING, LinkVerdict.NOT_A_POST}:
        return _error(LinkVerdict.SHORT_LINK_DEAD)
    return _error(hop.verdict, sentence=f"The short link leads elsewhere. {hop.reason}")


def _error(verdict: LinkVerdict, detail: str = "", sentence: str = "") -> SourceError:
    return SourceError(f"{sentence or REASONS[verdict]} {detail}".strip(), kind=verdict.value)


def _download(fetcher: Fetcher, urls: tuple[str, ...], what: str, end: float) -> Picture:
    """Downloads one image from the first of its servers that gives it."""
    failure: Exception | None = None
    for url in urls[:MAX_MIRRORS]:
        try:
            return fetcher.fetch(url, what, headers=_IMAGE_HEADERS, within_s=end - time.monotonic())
        except (SourceError, PictureError) as error:
            failure = error
    if isinstance(failure, SourceError) and failure.kind == "unreachable":
        # Also where it says 403: the addresses expire, and the next fetch brings new ones.
        raise SourceError(str(failure), kind="blocked", retryable=True) from failure
    raise SourceError(
        f"TikTok gave no usable address or picture for {what}. {failure or ''}".strip(),
        kind="page_changed",
    )
