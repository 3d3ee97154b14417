"""The side that asks: starts the reading process when it is needed, and says what it could not.

One process reads for this one, a request at a time; it gets no key in its environment.
"""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

from pressrun.boundary.text import one_line
from pressrun.errors import InputError
from pressrun.inputs.confined.frames import read_frame, write_frame

_MOST_ANSWER = 256 * 2**20
#: However little of its processor time the reading process was given.
_LONGEST_S = 120.0
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
_ROOT = str(Path(__file__).parents[3])

Part = tuple[Any, bytes]
#: Takes bytes, and arguments by name. Found again by its name, so no method and no lambda.
Reader = Callable[..., Iterator[Part]]

#: Whether this is the reading process itself, in which a parser may need another one.
_confined = False
_lock = Lock()
_processes: list["_Process"] = []


def read_confined(
    read: Reader,
    what: str,
    advice: str,
    data: bytes = b"",
    *,
    cpu_s: float,
    imports: Sequence[str] = (),
    **arguments: Any,
) -> list[Part]:
    """Reads with a parser in the reading process; gives the values and bytes that it found.

    Args:
        read: The parser.
        what: How a sentence names what is read.
        advice: What to do if it cannot be read, in a sentence.
        data: What is read.
        cpu_s: Seconds of processor time that it may take.
        imports: Modules that it imports late, which shall not count.
        **arguments: Of the parser.

    Raises:
        InputError: The parser refused it, failed, or broke its limits.
    """
    if _confined:
        return list(read(data, **arguments))
    request = {
        "reader": place_of(read),
        "imports": imports,
        "cpu_s": cpu_s,
        "arguments": arguments,
    }
    with _lock:
        process = _running()
        try:
            return process.ask(request, data, what, advice)
        except (EOFError, BrokenPipeError, ValueError) as error:
            ended = process.end()
            raise InputError(f"{what} {_why(ended, cpu_s)} {advice}") from error
        except InputError:
            raise
        except BaseException:
            process.end()  # in the middle of an answer
            raise


def place_of(function: Callable[..., object]) -> str:
    """Names a function as ``module:name``."""
    return f"{function.__module__}:{function.__name__}"


def confine() -> None:
    """Notes that this is the reading process."""
    global _confined  # noqa: PLW0603 - what a process is
    _confined = True


def close() -> None:
    """Ends the reading process; the next request starts another."""
    with _lock:
        _end_all()


atexit.register(close)


def _why(ended: int, cpu_s: float) -> str:
    if ended == -signal.SIGPROF:
        return f"takes more than {cpu_s:g} s to read, so its reading was ended."
    return "cannot be read: it is damaged, or far more than its size when it is read."


def _end_all() -> None:
    while _processes:
        _processes.pop().end()


def _running() -> "_Process":
    if not _processes or not _processes[0].usable():
        _end_all()
        _processes.append(_Process())
    return _processes[0]


class _Process:
    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._owner = os.getpid()
        self._is_last = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pressrun.inputs.confined"],
            env=environment | {"PYTHONPATH": _ROOT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def usable(self) -> bool:
        """Says whether it is ours (no process's that this one was copied from) and goes on."""
        mine = self._owner == os.getpid() and not self._is_last
        return mine and self._process.poll() is None

    def ask(self, request: Any, data: bytes, what: str, advice: str) -> list[Part]:
        timer = Timer(_LONGEST_S, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            write_frame(_pipe(self._process.stdin), request, data)
            return self._answer(what, advice)
        finally:
            timer.cancel()

    def _answer(self, what: str, advice: str) -> list[Part]:
        parts: list[Part] = []
        left = _MOST_ANSWER
        while True:
            (said, *rest), data = read_frame(_pipe(self._process.stdout), left)
            if said != "part":
                self._is_last, *rest = rest
                _raise_if_refused(said, rest, what, advice)
                return parts
            left -= len(data)
            parts.append((rest[0], data))

    def end(self) -> int:
        """Ends the process if it is ours; gives its exit code, the signal's number below zero."""
        if self._owner != os.getpid():
            return 0
        with suppress(subprocess.TimeoutExpired):
            # Its pipe closes a moment before it can be waited for.
            self._process.wait(0.5)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _pipe(pipe).close()
        return self._process.wait()


def _raise_if_refused(said: str, rest: Sequence[Any], what: str, advice: str) -> None:
    if said == "refused":
        summary, problems, kind = rest
        raise InputError(summary, problems, kind=kind)
    if said == "failed":
        raise InputError(f"{what} cannot be read ({one_line(rest[0])}). {advice}")


def _pipe(stream: IO[bytes] | None) -> Any:
    assert stream is not None  # noqa: S101 - both were asked for
    return stream
