"""Feeds and pages that a draft names, fetched behind its page and kept for a while.

A draft that changes asks again and again; each address is fetched once.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from pressrun.boundary.files import downloads
from pressrun.errors import InputError, foreseen
from pressrun.inputs.web.page import Document

#: How long what was fetched stands, and what could not be fetched.
_FRESH_S, _FAILED_S = 900.0, 60.0
_AT_ONCE = 6
#: More than so many addresses of one draft are read only when its batch runs.
MOST = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    """A document without its bytes, which lie in a file."""

    path: Path
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class _Asked:
    future: Future[_Kept]
    at: float


class KeptPages:
    """What lies at web addresses. One instance serves many threads.

    Args:
        fetch: Gives what is at an address, or raises a PressrunError.
        clock: Gives seconds.
    """

    def __init__(
        self, fetch: Callable[[str], Document], clock: Callable[[], float] = time.monotonic
    ):
        self._fetch, self._clock, self._lock = fetch, clock, Lock()
        self._asked: dict[str, _Asked] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, "pages")
        self._folder: TemporaryDirectory[str] | None = None
        self._count, self._is_closed = 0, False

    def get(self, url: str) -> Document | None:
        """Gives what is at an address; None while it is fetched.

        Raises:
            PressrunError: Why it could not be fetched.
        """
        with self._lock:
            asked = self._asked.get(url)
            if asked is None or self._is_old(asked):
                self._forget_old()
                asked = _Asked(self._pool.submit(self._keep, url), self._clock())
                self._asked[url] = asked
        if not asked.future.done():
            return None
        kept = asked.future.result()
        return Document(kept.path.read_bytes(), kept.media_type, kept.url)

    def close(self) -> None:
        """Ends the threads, and removes what was kept."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:  # a thread that has just fetched something writes it before, or not at all
            self._is_closed = True
            if self._folder:
                self._folder.cleanup()

    def _keep(self, url: str) -> _Kept:
        try:
            found = self._fetch(url)
        except Exception as error:
            raise foreseen(error) from error
        with self._lock:
            if self._is_closed:
                raise InputError("The desk ends.")
            if self._folder is None:
                self._folder = TemporaryDirectory(prefix="pages-", dir=downloads())
            self._count += 1
            path = Path(self._folder.name, str(self._count))
            path.write_bytes(found.data)
        return _Kept(path, found.media_type, found.url)

    def _is_old(self, asked: _Asked) -> bool:
        if not asked.future.done():
            return False
        failed = asked.future.exception() is not None
        return self._clock() - asked.at > (_FAILED_S if failed else _FRESH_S)

    def _forget_old(self) -> None:
        for url, asked in [*self._asked.items()]:
            if self._is_old(asked):
                del self._asked[url]
                if asked.future.exception() is None:
                    asked.future.result().path.unlink(missing_ok=True)


class PagesOfDraft:
    """The addresses of one plan, as its planner fetches them.

    Attributes:
        asked: How many they are.
        waiting: Those that are still fetched.
    """

    def __init__(self, kept: KeptPages):
        self._kept = kept
        self.asked: set[str] = set()
        self.waiting: set[str] = set()

    def fetch(self, url: str) -> Document:
        """Gives what is at an address.

        Raises:
            PressrunError: It could not be fetched, or not yet.
        """
        self.asked.add(url)
        if len(self.asked) > MOST:
            raise InputError(f"Only {MOST} addresses are read here; the batch itself reads all.")
        found = self._kept.get(url)
        if found is None:
            self.waiting.add(url)
            raise InputError("It is still read.", kind="waiting")
        return found
