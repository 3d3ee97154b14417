"""The process of a run: the log lines that a person sees, garbage, and what Prefect keeps for long.

Python's search for cyclic garbage holds every thread until it has walked all objects: in a
process of some hundred items in work, full of imported modules, 0.2 to 0.6 s every ten
seconds. Calls whose moment comes meanwhile are sent late and in a bunch, which a strict
provider refuses, and nobody reserves the moments after them. Garbage in cycles is rare here,
so it can wait.
"""

import ctypes
import gc
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any
from uuid import UUID

from prefect.exceptions import CancelledRun, FailedRun
from prefect.task_runners import ThreadPoolTaskRunner

from pressrun.boundary.telemetry.logs import begin_json
from pressrun.errors import PressrunError

#: New objects after which the young ones are searched, and searches after which older ones are.
_RARELY = (50_000, 20, 50)


#: How a run ends that did what it could: our own errors, and what Prefect raises for the state that
#: a flow returned.
_FORESEEN = (PressrunError, FailedRun, CancelledRun)
_FINISHED = "Finished in state "
_FAILED = re.compile(
    _FINISHED + r"Failed\((?P<mark>['\"])(Task run encountered an exception \w+: )?"
    r"(?P<reason>.*)(?P=mark)\)",
    re.DOTALL,
)


class _ForPeople(logging.Filter):
    """Leaves out what buries the lines that a person looks for.

    "Finished in state Completed()" six hundred times, and the stack traces with which Prefect
    says once more that an item or a run has failed for a reason that is a sentence already. A
    fault of ours keeps its trace, and what a task itself logs passes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.module not in ("task_engine", "flow_engine"):
            return True
        if record.exc_info and isinstance(record.exc_info[1], _FORESEEN):
            return False  # the line of the state, which follows or went before, has the reason
        if record.module == "flow_engine":
            return True
        said = record.getMessage()
        if failed := _FAILED.match(said):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "It failed: %s", (failed["reason"],)
            # The failure of these steps is the run's, which says it once.
            return getattr(record, "task_name", "") not in ("plan", "plan-only", "report")
        # Items that were stopped by a pause or a cancellation go on, or are counted, elsewhere.
        stopped = said.startswith(_FINISHED) and not said.startswith(f"{_FINISHED}Crashed(")
        return record.levelno >= logging.WARNING and not stopped


_filter = _ForPeople()


def filter_task_logs() -> None:
    """Filters task runs' log lines of this process; every flow's first step calls it.

    They are JSON from here on at the latest, if the settings ask for that: a process that another
    worker than ours started writes its first lines before.
    """
    begin_json()
    for name in ("prefect.task_runs", "prefect.flow_runs"):
        logging.getLogger(name).addFilter(_filter)


#: The number of that option in glibc's malloc.h, and how many arenas are enough: mostly one thread
#: at a time runs Python.
_M_ARENA_MAX, _ARENAS = -8, 2


def share_memory() -> None:
    """Lets all threads of this process allocate from two of glibc's arenas.

    By itself it makes eight a processor, and each keeps what the largest pictures of its threads
    took: with fifty items in work on two processors 200 MB that nobody uses. Where the environment
    sets ``MALLOC_ARENA_MAX``, that holds; other systems have no such thing.
    """
    if "MALLOC_ARENA_MAX" not in os.environ and sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


#: Stands for the events of all task runs that are over.
_OVER = Event()


def forget(runner: ThreadPoolTaskRunner[Any], task_run_id: UUID) -> None:
    """Lets a task runner forget how a task run that is over would have been cancelled.

    It keeps an event for each of them until its end, 2 KB with its locks. One stands in for all,
    since the runner may go through them in this moment.
    """
    events: dict[UUID, Event] = runner._cancel_events
    if task_run_id in events:
        events[task_run_id] = _OVER


@contextmanager
def tuned_gc() -> Iterator[None]:
    """Tunes garbage collection: skips what is there already, and searches new objects rarely."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
