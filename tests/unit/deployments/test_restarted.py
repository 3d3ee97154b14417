"""A process that is there again soon after it has ended, and is given up where it keeps ending."""

import subprocess
import sys

from deployments.restarted import MOST, WELL_S, RestartedProcess


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ending() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.exit(3)"])
    process.wait()
    return process


def living() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_what_was_ended_is_started_again_after_a_pause_and_that_is_told() -> None:
    clock, said = Clock(), list[str]()
    kept = RestartedProcess("worker", living, "up.log", said.append, clock)
    first = kept.process
    assert first is not None
    assert kept.look()
    assert not said
    first.terminate()
    first.wait()
    assert kept.look()
    (told,) = said
    assert told.startswith("The worker ended by itself (SIGTERM); its last words are in up.log.")
    assert told.endswith("It starts again in 2 s (1 of 5).")
    clock.now = 1.9
    assert kept.look()
    assert kept.process is None
    clock.now = 2.0
    assert kept.look()
    second = kept.process
    assert second is not None
    assert said[1:] == ["The worker is started again."]
    clock.now += WELL_S  # it was well: the count begins anew
    second.kill()
    second.wait()
    assert kept.look()
    assert "(SIGKILL)" in said[2]
    assert "(1 of 5)" in said[2]


def test_what_keeps_ending_is_given_up_with_a_word() -> None:
    clock, said = Clock(), list[str]()
    kept = RestartedProcess("worker", ending, "up.log", said.append, clock)
    while kept.look():
        clock.now += 0.5
        assert clock.now < 300, said
    assert "(code 3)" in said[0]
    assert len([words for words in said if "starts again in" in words]) == MOST
    assert said[-1].endswith(f"It was started {MOST} times in a row, and is not tried again.")
    assert 50 < clock.now < 80  # 2, 4, 8, 16 and 30 s
    assert not kept.look()
