"""Rare pauses: what is there is left out of the search for garbage, and afterwards it is not."""

import gc
import platform
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from prefect.task_runners import ThreadPoolTaskRunner

from tasks.process import forget, tuned_gc


def test_a_batch_searches_for_garbage_seldom_and_not_in_what_was_there() -> None:
    usual = gc.get_threshold()
    with tuned_gc():
        # Tests are imported by now: they are among what is not walked any more.
        assert gc.get_freeze_count() > 10_000
        assert all(seldom > often for seldom, often in zip(gc.get_threshold(), usual, strict=True))
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_a_batch_that_fails_leaves_the_process_as_it_was() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError), tuned_gc():
        raise ValueError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)


def test_task_runs_that_are_over_share_what_would_have_cancelled_them() -> None:
    ended, in_work = [uuid4() for _ in range(3)], uuid4()
    runner: ThreadPoolTaskRunner[None] = ThreadPoolTaskRunner(max_workers=1)
    event = threading.Event()
    runner._cancel_events = {run: threading.Event() for run in ended} | {in_work: event}
    for run in (*ended, uuid4()):
        forget(runner, run)
    # As many as before: the runner may go through them in this moment.
    assert list(runner._cancel_events) == [*ended, in_work]
    assert len({id(runner._cancel_events[run]) for run in ended}) == 1
    assert runner._cancel_events[in_work] is event


#: Thirty threads that each keep a little from the C library; prints how many arenas there are.
_THREADS = """
import ctypes, threading
from tasks.process import share_memory
{setup}
there = threading.Barrier(30)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
kept = []
def keep():
    there.wait()
    kept.append(libc.malloc(2000))
threads = [threading.Thread(target=keep) for _ in range(30)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_two_heaps() -> None:
    def arenas(setup: str) -> int:
        command = [sys.executable, "-c", _THREADS.format(setup=setup)]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        return told.stdout.count("<heap nr=")

    assert arenas("share_memory()") <= 2 < arenas("")
