"""Where a batch stands, in words: the ledger knows what is made, its run whether anybody works."""

from dataclasses import dataclass

from pressrun.batches.control import RunState
from pressrun.ledger.records import OPEN, Batch


@dataclass(frozen=True, slots=True)
class Said:
    """Where a batch stands, in words; ``status`` is the ledger's or the style's."""

    status: str
    words: str
    about: str = ""


def said(batch: Batch, state: RunState | None, *, is_held: bool = True) -> Said:
    """Says where a batch stands, from the ledger and from its run.

    The ledger knows what is made; only the run knows that somebody is waited for.

    Args:
        batch: As the ledger has it.
        state: Of its run.
        is_held: Whether a process that lives works on it, as far as that is known.
    """
    of_run = _of_run(batch, state, is_held=is_held) if state else None
    if state is None and batch.status == "running" and not is_held:
        of_run = Said(
            "ready", "Nobody works on it", "It goes on by itself when the server is back."
        )
    return of_run or _OF_LEDGER.get(batch.status, Said(batch.status, batch.status.capitalize()))


def _of_run(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says what only the run knows; None if the ledger knows better."""
    if state.is_paused and state.asks:
        return Said("draft", "Waits for your answer", "Nothing more is made until you give it.")
    if state.is_paused and batch.status in OPEN:
        return _OF_LEDGER["paused"]
    if state.type == "RUNNING":
        return _of_beginning(batch, state, is_held=is_held)
    if state.type in ("SCHEDULED", "PENDING") and batch.status == "running" and is_held:
        return None  # what was read of the run is older than its process
    if state.is_final and batch.status in OPEN:
        return _of_end(batch, state, is_held=is_held)
    return _OF_STATE.get(state.type)


def _of_beginning(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says of a process whose run is begun what the ledger does not know yet, if so."""
    if batch.status == "running" and not is_held:
        about = "Its process begins, or is gone: then another one goes on within three minutes."
        return Said("ready", "Begins again", about)
    if state.begins(batch):
        return Said("ready", "Starts", "Its process begins.")
    if batch.status == "paused":
        return Said("ready", "Goes on", "Its process begins.")
    return None


def _of_end(batch: Batch, state: RunState, *, is_held: bool) -> Said | None:
    """Says what becomes of a batch whose run ended without a word of its process."""
    if state.type == "CRASHED" and batch.status == "running" and is_held:
        return None  # it was silent for long, and lives
    if state.goes_on:
        about = "Its process is gone. It goes on within about two minutes; Resume does it now."
        return Said("ready", "Goes on by itself", about)
    about = "Its process died or was stopped. What is paid is kept; Resume goes on."
    return Said("failed", f"Stopped ({state.name})", about)


_WAITS = Said("ready", "Waits for a worker", "It starts by itself.")
_OF_STATE = {
    "CANCELLING": Said(
        "cancelled", "Is being cancelled", "Calls in flight end; what is made arrives."
    ),
    "SCHEDULED": _WAITS,
    "PENDING": _WAITS,
}
_OF_LEDGER = {
    "draft": Said("draft", "Is being planned", "Nothing is paid yet."),
    "ready": Said("ready", "Starts"),
    "running": Said("running", "In work"),
    "paused": Said("paused", "Paused", "It holds until somebody resumes it."),
    "completed": Said("completed", "Completed"),
    "partial": Said("partial", "Ended, not all is made"),
    "failed": Said("failed", "Failed"),
    "cancelled": Said("cancelled", "Cancelled"),
    "deleting": Said("deleting", "Is being deleted"),
}
