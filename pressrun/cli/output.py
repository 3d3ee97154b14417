"""What commands print: answers on standard output, all else on standard error."""

import json
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pressrun.engines.account import Account

#: Between two lines of progress where they do not overwrite each other.
_EVERY_S = 5.0


def print_json(value: object) -> None:
    """Prints one JSON value."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # Half of an emoji has no UTF-8; written as JSON's escape it is read back as it was.
    print(text.encode("utf-8", "backslashreplace").decode())


def print_line(text: str) -> None:
    """Prints a line of the answer; words of users cannot steer the terminal."""
    print(_plain(text))


def print_note(text: str) -> None:
    """Prints a line for the person at the terminal, which is no part of the answer."""
    print(_plain(text), file=sys.stderr, flush=True)


def print_error(error: Exception) -> None:
    """Prints why a command could not do what was asked, a line for each problem."""
    first, *more = str(error).split("\n")
    for line in (f"pressrun: {first}", *more):
        print_note(line)


def print_notes(account: "Account", models: Iterable[str]) -> None:
    """Prints what an account's owner should know before these models are called."""
    for note in account.notes(models):
        print_note(note)


def ask(question: str) -> bool:
    """Asks the person at the terminal; says whether the answer is yes."""
    print(_plain(question), "[y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def size(count: int) -> str:
    """Writes a number of bytes as ``3.4 MB``."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


class Counter:
    """``Compared 12 of 600 files``, in place in a terminal, else a line every few seconds."""

    def __init__(self, verb: str):
        self._verb = verb
        self._terminal = sys.stderr.isatty()
        self._shown_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def step(self, done: int, total: int) -> None:
        """Shows how far it is."""
        line, now = f"{self._verb} {done} of {total} files", time.monotonic()
        if self._terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif now - self._shown_at >= _EVERY_S:
            self._shown_at = now
            print_note(line)


def _plain(text: str) -> str:
    # Words on both sides of a line break stay apart.
    return "".join(c for c in " ".join(text.splitlines()) if c.isprintable())
