"""Where a batch stands, in words, and what may be done to it."""

import time
from dataclasses import replace

import pytest

from pressrun.batches.control import RunState, possible
from pressrun.desk.batches.status import said
from pressrun.ledger.records import Batch


@pytest.mark.parametrize(
    ("status", "state", "words", "actions"),
    [
        ("running", RunState("RUNNING", "Running"), "In work", ["pause", "cancel"]),
        ("running", None, "In work", []),
        ("paused", RunState("PAUSED", "Suspended"), "Paused", ["resume", "cancel"]),
        ("draft", RunState("PAUSED", "Suspended", asks=True), "Waits for your answer", ["cancel"]),
        ("draft", RunState("RUNNING", "Running"), "Is being planned", ["pause", "cancel"]),
        ("running", RunState("CRASHED", "Crashed"), "Stopped (Crashed)", ["resume"]),
        ("paused", RunState("RUNNING", "Running"), "Goes on", ["pause", "cancel"]),
        ("completed", RunState("RUNNING", "Running"), "Completed", []),
        ("partial", RunState("RUNNING", "Running"), "Ended, not all is made", []),
        ("paused", RunState("FAILED", "Failed"), "Paused", ["resume"]),
        ("paused", RunState("CANCELLED", "Cancelled"), "Paused", ["resume", "cancel"]),
        ("running", RunState("CANCELLING", "Cancelling"), "Is being cancelled", []),
        ("partial", RunState("SCHEDULED", "Late"), "Waits for a worker", ["pause", "cancel"]),
        ("partial", RunState("FAILED", "PartiallyFailed"), "Ended, not all is made", ["retry"]),
        ("completed", RunState("COMPLETED", "Completed"), "Completed", []),
        ("deleting", RunState("COMPLETED", "Completed"), "Is being deleted", []),
    ],
)  # fmt: skip
def test_a_batch_says_where_it_stands_and_offers_what_makes_sense(
    status: str, state: RunState | None, words: str, actions: list[str]
) -> None:
    batch = Batch("id", "image", "Title", "/out", "root", {}, status)
    assert said(batch, state, is_held=not (state and state.is_final)).words == words
    assert possible(state, batch, 0 if status == "completed" else 1) == actions


def test_a_batch_whose_process_begins_or_died_is_not_called_ended_or_stopped() -> None:
    now = time.time()
    ended = Batch("id", "image", "Title", "/out", "root", {}, "partial", ended_at=now - 60)
    running = replace(ended, status="running", ended_at=None)

    def at(kind: str, ago_s: float) -> RunState:
        return RunState(kind, kind.capitalize(), since=now - ago_s)

    retried, ends = at("RUNNING", 5), at("RUNNING", 300)
    assert said(ended, retried).words == "Starts"
    assert possible(retried, ended, 1) == ["pause", "cancel"]
    assert said(ended, ends).words == "Ended, not all is made"
    assert possible(ends, ended, 1) == []
    died, long_ago = at("CRASHED", 5), at("CRASHED", 3600)
    assert said(running, died, is_held=False).words == "Goes on by itself"
    assert said(running, long_ago, is_held=False).words == "Stopped (Crashed)"
    assert possible(died, running, 1) == possible(long_ago, running, 1) == ["resume"]
    assert said(running, died, is_held=True).words == "In work"  # silent for long, and alive
    assert said(running, None, is_held=False).words == "Nobody works on it"
    waits = RunState("PENDING", "Pending")  # as read a moment before its process began
    assert said(running, waits, is_held=True).words == "In work"
    assert said(running, waits, is_held=False).words == "Waits for a worker"
