"""The process that reads foreign files: takes a request after another until its input ends.

Limits its own memory and processor time around each request. A request that breaks them ends this
process, which the other side notices.
"""

import os
import resource
import signal
import sys
from importlib import import_module
from typing import Any, BinaryIO

from pressrun.errors import InputError
from pressrun.inputs.confined.caller import Reader, confine
from pressrun.inputs.confined.frames import read_frame, write_frame

_MOST_BYTES = 200 * 2**20
#: Grown by so much, a process leaves the next request too little: it ends, and a new one comes.
_MOST_KEPT_BYTES = 64 * 2**20
_MOST_REQUEST = 64 * 2**20


def main() -> None:
    """Answers requests until there are no more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    confine()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    at_first: dict[str, int] = {}
    while True:
        try:
            request, data = read_frame(asked, _MOST_REQUEST)
        except EOFError:
            return
        read = _loaded(request)
        size = at_first.setdefault(request["reader"], _memory_bytes())
        said, *rest = _answered(answers, read, request, data)
        is_last = _memory_bytes() > size + _MOST_KEPT_BYTES
        write_frame(answers, [said, is_last, *rest])
        if is_last:
            return


def _loaded(request: dict[str, Any]) -> Reader:
    """Finds the parser, and imports what it needs before anything is limited."""
    for module in request["imports"]:
        import_module(module)
    module, _, name = request["reader"].partition(":")
    read: Reader = getattr(import_module(module), name)
    return read


def _answered(answers: BinaryIO, read: Reader, request: dict[str, Any], data: bytes) -> list[Any]:
    """Writes what the parser finds, a part a frame; returns how it ended."""
    _limit_memory(_memory_bytes() + _MOST_BYTES)
    # The kernel ends the process at this signal, also within a library's own code.
    signal.setitimer(signal.ITIMER_PROF, request["cpu_s"])
    try:
        for value, content in read(data, **request["arguments"]):
            write_frame(answers, ["part", value], content)
        return ["end"]
    except InputError as error:
        summary = str(error).partition("\n")[0]
        return ["refused", summary, list(error.problems), error.kind]
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - whatever a library raises at a damaged file
        return ["failed", f"{type(error).__name__}: {error}"]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _limit_memory(resource.RLIM_INFINITY)


def _limit_memory(size: int) -> None:
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    if most != resource.RLIM_INFINITY:
        size = most if size == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_AS, (size, most))


def _memory_bytes() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main()
