"""A process that is started again where it ends by itself, with a pause, until it keeps failing."""

import signal
import subprocess
import time
from collections.abc import Callable

#: Starts in a row of which none lasts; what has run for so long counts as well again.
MOST, WELL_S = 5, 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 30.0


class RestartedProcess:
    """A process that is there again soon after it has ended.

    Args:
        name: What a person calls it.
        start: Starts it.
        log: Where its last words stand.
        tell: Called with a line on the terminal.
        clock: Gives seconds.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], "subprocess.Popen[bytes]"],
        log: str,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._name, self._start, self._log, self._tell = name, start, log, tell
        self._clock, self._in_a_row, self._due = clock, 0, 0.0
        self._process: subprocess.Popen[bytes] | None = start()
        self._since = clock()

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The process; None while another one is waited for."""
        return self._process

    def look(self) -> bool:
        """Starts it again where that is due; says whether it is tried any longer."""
        now = self._clock()
        if self._in_a_row > MOST:
            return False
        if self._process is None:
            if now >= self._due:
                self._process, self._since = self._start(), now
                self._tell(f"The {self._name} is started again.")
        elif (code := self._process.poll()) is not None:
            self._ended(code, now)
        return self._in_a_row <= MOST

    def _ended(self, code: int, now: float) -> None:
        self._process = None
        self._in_a_row = 1 if now - self._since >= WELL_S else self._in_a_row + 1
        ended = (
            f"The {self._name} ended by itself ({_how(code)}); its last words are in {self._log}."
        )
        if self._in_a_row > MOST:
            self._tell(f"{ended} It was started {MOST} times in a row, and is not tried again.")
            return
        pause_s = min(_FIRST_PAUSE_S * 2 ** (self._in_a_row - 1), _LONGEST_PAUSE_S)
        self._due = now + pause_s
        self._tell(f"{ended} It starts again in {pause_s:.0f} s ({self._in_a_row} of {MOST}).")


def _how(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
