"""What is typed and not saved yet, and sign-ins under way: kept for minutes, in memory.

A page that comes back after a refusal has no key in it: the key waits here, and the page has a word
that only the same session can redeem.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_KEPT_S, _MOST = 900.0, 100


@dataclass(frozen=True, slots=True)
class _Kept:
    session: str
    content: Any
    until: float


class Pending:
    """Contents by a word; each is of the session that brought it.

    Args:
        clock: Of the process, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, session: str, content: Any, word: str = "") -> str:
        """Keeps a content for a quarter of an hour; gives the word for it."""
        word = word or secrets.token_urlsafe(16)
        with self._lock:
            self._kept[word] = _Kept(session, content, self._clock() + _KEPT_S)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return word

    def take(self, session: str, word: str) -> Any:
        """Gives what was kept under a word, once; None if it is another's, used or old."""
        with self._lock:
            kept = self._kept.get(word)
            if kept is None or not secrets.compare_digest(kept.session, session):
                return None
            del self._kept[word]
        return kept.content if kept.until > self._clock() else None

    def take_fields(self, session: str, word: str) -> dict[str, Any]:
        """Gives the fields that were kept under a word, once; empty if there are none."""
        content = self.take(session, word)
        return dict(content) if isinstance(content, dict) else {}
