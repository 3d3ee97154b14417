"""Who is signed in: one password, links that sign in once, sessions of this process.

Knows no page. A session ends with the desk, after two weeks, or when its person signs out.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pressrun.errors import PressrunError

#: The variable in which ``make up`` gives the desk what a link carries that signs in once. It is
#: no setting: it is made at each start.
LINK = "PRESSRUN_DESK_LINK"
#: How long a session lasts, and a link that was not used yet.
SESSION_S, LINK_S = 14 * 24 * 3600.0, 3600.0
#: Wrong tries in a row that are answered at once; each further one waits twice as long, at most so.
_FREE, _LONGEST_S = 5, 60.0
_MOST_ADDRESSES, _MOST_SESSIONS = 1000, 1000


class TooManyTries(PressrunError):
    """Nothing is compared for a while; ``wait_s`` says for how long."""

    kind = "too_many_tries"

    def __init__(self, wait_s: float):
        super().__init__(f"Too many wrong tries. Wait {wait_s:.0f} s, then try again.")
        self.wait_s = wait_s


@dataclass(slots=True)
class _Tries:
    """Wrong tries in a row of one address, and until when it waits."""

    wrong: int = 0
    until: float = 0.0


class SignIns:
    """Sessions, and what opens them.

    Args:
        login: Name and password with a colon between, as Prefect's server asks for them.
        link: What a link carries that signs in once; empty for none.
        clock: Gives seconds that only grow.
    """

    def __init__(self, login: str, link: str = "", clock: Callable[[], float] = time.monotonic):
        self._accepted = [_digest(login), _digest(login.partition(":")[2])]
        self._link = _digest(link) if link else b""
        self._clock = clock
        self._link_until = clock() + LINK_S
        self._sessions: OrderedDict[bytes, float] = OrderedDict()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = threading.Lock()

    def by_password(self, typed: str, address: str) -> str | None:
        """Compares a password, alone or with its name; gives a new session, or None.

        Args:
            typed: What a person typed.
            address: Whoever sent it, for the number of tries.

        Raises:
            TooManyTries: That address was wrong too often to be compared now.
        """
        with self._lock:
            self._require_patience(address)
            given = _digest(typed.strip())
            # Both, always: the time taken says nothing.
            fits = [hmac.compare_digest(given, accepted) for accepted in self._accepted]
            return self._counted(address, fits=any(fits) and bool(typed.strip()))

    def by_link(self, token: str, address: str) -> str | None:
        """Compares what a link carried; gives a new session once, or None.

        Raises:
            TooManyTries: As for a password.
        """
        with self._lock:
            self._require_patience(address)
            fits = bool(self._link) and hmac.compare_digest(_digest(token), self._link)
            fits = fits and self._clock() < self._link_until
            if fits:
                self._link = b""
            return self._counted(address, fits=fits)

    def is_open(self, session: str) -> bool:
        """Says whether that session is signed in."""
        with self._lock:
            return self._sessions.get(_digest(session), 0.0) > self._clock()

    def close(self, session: str) -> None:
        """Ends a session."""
        with self._lock:
            self._sessions.pop(_digest(session), None)

    def _require_patience(self, address: str) -> None:
        wait_s = self._tries.get(address, _Tries()).until - self._clock()
        if wait_s > 0:
            raise TooManyTries(wait_s)

    def _counted(self, address: str, *, fits: bool) -> str | None:
        if not fits:
            tries = self._tries.setdefault(address, _Tries())
            tries.wrong += 1
            if tries.wrong >= _FREE:
                pause_s = min(2.0 ** min(tries.wrong - _FREE, 10), _LONGEST_S)
                tries.until = self._clock() + pause_s
            _keep_newest(self._tries, _MOST_ADDRESSES)
            return None
        self._tries.pop(address, None)
        session = secrets.token_urlsafe(32)
        self._sessions[_digest(session)] = self._clock() + SESSION_S
        _keep_newest(self._sessions, _MOST_SESSIONS)
        return session


def _keep_newest(things: OrderedDict[str, _Tries] | OrderedDict[bytes, float], most: int) -> None:
    while len(things) > most:
        things.popitem(last=False)


def _digest(secret: str) -> bytes:
    # Equally long, so that their comparison takes the same time whatever was typed.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
