"""One processor for a batch's process: all threads move there, and back; each process its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pressrun.pictures import processors
from pressrun.pictures.processors import all_processors, pinned_to_one_cpu

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity")
    or len(os.sched_getaffinity(0)) == 1
    or processors.in_container(),
    reason="one processor, a system that does not say, or a container",
)

#: Apart from the claims of batches that other tests work on meanwhile.
CLAIM = f"pressrun-test-{os.getpid()}-{{}}"
HOLDS_ONE = f"""
import os
from pressrun.pictures import processors
processors.CLAIM = {CLAIM!r}
with processors.pinned_to_one_cpu():
    print(*os.sched_getaffinity(0), flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "CLAIM", CLAIM)


def mine() -> set[int]:
    return os.sched_getaffinity(0)


class Bystander(threading.Thread):
    """A thread that says where it may run, when it is asked."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._asked, self._answered = threading.Semaphore(0), threading.Semaphore(0)
        self._found: set[int] = set()
        self.start()

    def run(self) -> None:
        while True:
            self._asked.acquire()
            self._found = mine()
            self._answered.release()

    def ask(self) -> set[int]:
        self._asked.release()
        self._answered.acquire()
        return self._found


@contextmanager
def another_process() -> Iterator[set[int]]:
    """A process at work on a batch, killed at the end; gives the processors that it keeps to."""
    command = [sys.executable, "-c", HOLDS_ONE]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield {int(number) for number in process.stdout.readline().split()}
        finally:
            process.kill()


def test_threads_from_before_and_from_within_keep_to_one_cpu_until_the_end() -> None:
    usual, before = mine(), Bystander()
    with pinned_to_one_cpu():
        within = Bystander()
        assert len(mine()) == 1
        assert before.ask() == within.ask() == mine()
    assert mine() == before.ask() == within.ask() == usual


def test_what_computes_outside_of_python_uses_all_and_comes_back() -> None:
    usual = mine()
    with pinned_to_one_cpu():
        place = mine()
        with all_processors():
            assert mine() == usual
        assert mine() == place
    with all_processors():
        assert mine() == usual


def test_a_batch_that_fails_leaves_the_process_as_it_was() -> None:
    usual = mine()
    with pytest.raises(ValueError), pinned_to_one_cpu():
        raise ValueError
    assert mine() == usual
    with pinned_to_one_cpu():  # and its place is free again
        assert len(mine()) == 1


def test_no_two_processes_take_the_same_and_who_finds_none_keeps_to_none() -> None:
    usual = mine()
    with another_process() as first, another_process() as second:
        assert len(first) == len(second) == 1
        assert first != second
        if len(usual) == 2:
            with pinned_to_one_cpu():
                assert mine() == usual
    with pinned_to_one_cpu():  # both were killed, and their places are free
        assert len(mine()) == 1


def test_a_second_batch_of_the_same_process_changes_nothing() -> None:
    with pinned_to_one_cpu():
        place = mine()
        with pinned_to_one_cpu():
            assert mine() == place
        assert mine() == place


def test_a_container_leaves_it_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = mine()
    monkeypatch.setattr(processors, "FIRST_NAMESPACES", {"pid": 1})
    with pinned_to_one_cpu():
        assert mine() == usual


@pytest.mark.skipif(
    subprocess.run(["unshare", "-u", "true"], capture_output=True, check=False).returncode != 0,
    reason="this user may make no namespace",
)
def test_a_namespace_of_its_own_is_seen() -> None:
    asks = "from pressrun.pictures.processors import in_container; print(in_container())"
    found = subprocess.run(
        ["unshare", "-u", sys.executable, "-c", asks], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "True"
