"""One processor for all threads of a process that works on a batch.

Only one of them runs Python at a time, and they pass that right on thousands of times a second.
On one processor that is a switch; over several, each switch first wakes another processor,
which takes longer than most threads then run, and calls are sent late. What computes without
that right (pictures) uses all processors.

Linux only; elsewhere, and where there is one processor, nothing is done. Neither in a container:
the claims of two containers do not see each other, so both could keep to the same processor.
"""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Place:
    """A processor that this process keeps to, and all that it may use.

    Attributes:
        claim: A name that one process of the machine can have; the kernel frees it when that
            one ends.
    """

    number: int
    allowed: frozenset[int]
    claim: socket.socket


#: Names of claims, by the processor's number; all of the machine's processes have one list of them.
CLAIM = "pressrun-processor-{}"
#: What a machine's own processes are in. Nearly every container has all of its own.
FIRST_NAMESPACES = {
    "ipc": 0xEFFFFFFF,
    "uts": 0xEFFFFFFE,
    "pid": 0xEFFFFFFC,
    "cgroup": 0xEFFFFFFB,
}
_door = threading.Lock()
_place: _Place | None = None


@contextmanager
def pinned_to_one_cpu() -> Iterator[None]:
    """Keeps all threads on one processor that no other batch's process has, if one is free."""
    global _place  # noqa: PLW0603 - where a process runs is a matter of the whole process
    with _door:
        mine = None if _place else _claimed()
        if mine:
            _place = mine
            _move_all({mine.number})
    try:
        yield
    finally:
        if mine:
            with _door:
                _place = None
                _move_all(mine.allowed)
                mine.claim.close()


@contextmanager
def all_processors() -> Iterator[None]:
    """Lets the calling thread use all of them: for what computes outside of Python."""
    place = _place
    if place is None:
        yield
        return
    _move(0, place.allowed)
    try:
        yield
    finally:
        if _place is place:
            _move(0, {place.number})


def _claimed() -> _Place | None:
    if not sys.platform.startswith("linux") or in_container():
        return None
    allowed = frozenset(os.sched_getaffinity(0))
    if len(allowed) == 1:
        return None
    # Where the kernel has put this thread first, since it knows where there is room; then on.
    here = _where()
    for number in sorted(allowed, key=lambda number: (number < here, number)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0{CLAIM.format(number)}")  # abstract: no file
        except OSError:
            claim.close()
            continue
        return _Place(number, allowed, claim)
    return None


def in_container() -> bool:
    """Says whether this process lives in a namespace of its own, as processes of a container do.

    The first namespaces of a machine have fixed numbers (Linux, include/linux/proc_ns.h).
    """
    with suppress(OSError):
        return any(
            Path("/proc/self/ns", kind).stat().st_ino != number
            for kind, number in FIRST_NAMESPACES.items()
        )
    return True  # where it is not told, nothing is claimed


def _where() -> int:
    """Finds the processor that this thread runs on: field 39 of its ``stat`` (proc(5))."""
    # Field 2, a name in brackets, may hold anything; the one after it is field 3.
    with open("/proc/thread-self/stat") as file:  # noqa: PTH123
        return int(file.read().rpartition(")")[2].split()[36])


def _move_all(processors: set[int] | frozenset[int]) -> None:
    # Twice: a thread may have begun another one during the first pass.
    for _ in range(2):
        for thread in os.listdir("/proc/self/task"):  # noqa: PTH208
            _move(int(thread), processors)


def _move(thread: int, processors: set[int] | frozenset[int]) -> None:
    with suppress(OSError):  # it has ended, or the machine's owner has taken the processor away
        os.sched_setaffinity(thread, processors)
