"""Pause, resume, cancel and retry of a batch: what may be done now, and what is done.

The same for the command line and the desk. Knows Prefect's server only as :class:`RunServer`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pressrun.batches.finish import conclude_orphan
from pressrun.batches.lease import is_held
from pressrun.errors import InputError
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.records import OPEN, OVER, RUNNING, Batch, Item
from pressrun.stores.factory import Target

#: A process whose run was just paused may still end its calls.
_ORPHAN_S = 60.0
_FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})
#: A crashed run is scheduled again within two minutes, by the server or by a worker
#: (``deployments/lost.py``); one that was not for so long waits for a person.
_GOES_ON_S = 300.0

Action = Literal["pause", "resume", "cancel", "retry"]


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands, as Prefect's server says it.

    Attributes:
        type: Prefect's word in capitals: ``RUNNING``, ``PAUSED``, ``CANCELLED`` …
        name: What it is called, such as ``Suspended``.
        asks: Whether it waits for a person's answer.
        since: When it came to stand so (Unix seconds); 0 if that is not known.
    """

    type: str
    name: str
    asks: bool = False
    since: float = field(default=0.0, compare=False)

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.type in _FINAL

    @property
    def is_paused(self) -> bool:
        """Whether it waits, for an answer or to be resumed."""
        return self.type == "PAUSED"

    @property
    def goes_on(self) -> bool:
        """Whether its process died a moment ago, so that it is scheduled again by itself."""
        return self.type == "CRASHED" and time.time() - self.since < _GOES_ON_S

    def begins(self, batch: Batch) -> bool:
        """Says whether its process begins, and the ledger has the batch still as it had ended."""
        return (
            self.type == "RUNNING" and batch.status in OVER and self.since > (batch.ended_at or 0)
        )


class RunServer(Protocol):
    """What is asked of the server that has the runs; a run has its batch's id.

    Each raises an ``InputError`` for a run that the server does not know.
    """

    def state(self, run_id: str) -> RunState | None:
        """Reads where a run stands; None before its first state."""
        ...

    def suspend(self, run_id: str, message: str) -> None:
        """Lets no further task start, without a timeout."""
        ...

    def resume(self, run_id: str) -> None:
        """Lets a suspended run go on."""
        ...

    def await_retry(self, run_id: str) -> None:
        """Lets a run that has ended begin again."""
        ...

    def cancel(self, run_id: str, message: str, *, at_once: bool) -> None:
        """Ends a run; at once where no process works on it, else through its process."""
        ...


#: How long a process that has let go of its batch may take to write down its run's state.
_SETTLED_S, _SETTLED_TRIES = 5.0, 10


def possible(state: RunState | None, batch: Batch, unmade: int) -> list[Action]:
    """Lists what makes sense now, the most likely first.

    Args:
        state: Of the run.
        batch: As the ledger has it.
        unmade: How many of its items are not made.
    """
    if state is None or batch.status == "deleting":
        return []
    if state.is_final and batch.status in (*OPEN, "paused"):
        # It ended without a word of its process: killed, or its pause or question timed out.
        ended: list[Action] = ["cancel"] if state.type == "CANCELLED" else []
        return ["resume", *ended] if state.type != "COMPLETED" else ended
    if state.is_final:
        return ["retry"] if unmade else []
    if state.type == "RUNNING" and batch.status in OVER and not state.begins(batch):
        return []  # its process ends: there is nothing left to stop
    if state.is_paused:
        return ["cancel"] if state.asks else ["resume", "cancel"]
    return [] if state.type == "CANCELLING" else ["pause", "cancel"]


def pause(runs: RunServer, ledger: Ledger, batch: Batch, by: str) -> None:
    """Sends no further call; what is in flight ends and is kept.

    Args:
        runs: Where the run is.
        ledger: Where the batch stands.
        batch: The batch.
        by: What did it, for the state's message.

    Raises:
        InputError: The run has ended.
    """
    _require_unended(runs.state(batch.id))
    runs.suspend(batch.id, f"Paused by {by}.")
    if batch.status in RUNNING and not is_held(ledger, batch.id):
        # Nobody else says so: its process is gone, or has not begun.
        ledger.batches.abandon(batch.id)
        ledger.batches.mark(batch.id, status="paused")


def resume(runs: RunServer, batch: Batch) -> None:
    """Lets a paused batch go on, also where the server has ended the pause by its timeout.

    Raises:
        InputError: It is not paused, or waits for an answer.
    """
    state = runs.state(batch.id)
    if state and state.is_paused and state.asks:
        raise InputError("The run waits for its review: pressrun review, approve or reject.")
    if state and state.is_paused:
        runs.resume(batch.id)
    elif state and state.is_final and state.type != "COMPLETED":
        runs.await_retry(batch.id)
    else:
        name = state.name if state else "unknown"
        raise InputError(f"The run is {name}, not paused: there is nothing to resume.")


def cancel(
    runs: RunServer, batch: Batch, target_of: Callable[[Batch], Target | None], by: str
) -> bool:
    """Ends a batch; what is made is delivered.

    Args:
        runs: Where the run is.
        batch: The batch.
        target_of: Gives what reaching its destination takes; None for a plain folder.
        by: What did it, for the state's message.

    Returns:
        Whether it is over; else its process ends it.

    Raises:
        InputError: The run has ended.
    """
    now, said = runs.state(batch.id), f"Cancelled by {by}."
    # The server ends a waiting run at once, and runs nothing of ours for it.
    waits = now is not None and (now.is_paused or now.type in ("SCHEDULED", "CANCELLED"))
    if now is not None and now.type == "RUNNING" and batch.status == "running":
        waits = not is_held(open_ledger(), batch.id)  # its process died, and nobody noticed yet
    if not waits or batch.status == "cancelled":
        _require_unended(now)
        runs.cancel(batch.id, said, at_once=False)
        if batch.status == "cancelled" and not is_held(open_ledger(), batch.id):
            # A retry that had not begun: what it was to make is given up, and nobody else says so.
            open_ledger().batches.cancel(batch.id)
        return False
    ending = is_held(open_ledger(), batch.id)
    runs.cancel(batch.id, said, at_once=True)
    conclude_orphan(batch, target_of(batch), _ORPHAN_S)
    if ending:
        _cancel_again(runs, batch, said)
    return True


def cancel_unplanned(runs: RunServer, run_id: str, by: str) -> bool:
    """Ends a run that has no batch yet: nothing of it is made, and nothing is paid.

    Its process is told so, and ends. If it is gone, or takes too long, asking once more ends the
    run at once; so does asking while it waits, also to go on after a crash. What it plans
    meanwhile is concluded with the other cancelled batches.

    Args:
        runs: Where the run is.
        run_id: The run.
        by: What did it, for the state's message.

    Returns:
        Whether it is over; else its process ends it.

    Raises:
        InputError: The run has ended.
    """
    now = runs.state(run_id)
    goes_on = now is not None and now.goes_on
    if not goes_on:
        _require_unended(now)
    at_once = goes_on or (
        now is not None and (now.is_paused or now.type in ("SCHEDULED", "CANCELLING"))
    )
    runs.cancel(run_id, f"Cancelled by {by}.", at_once=at_once)
    return at_once


def _cancel_again(runs: RunServer, batch: Batch, said: str) -> None:
    """Cancels a run once more whose process has written down its pause since."""
    for _ in range(_SETTLED_TRIES):
        now = runs.state(batch.id)
        if now is not None and not now.is_final:
            runs.cancel(batch.id, said, at_once=True)
            return
        time.sleep(_SETTLED_S / _SETTLED_TRIES)


def wanted(ledger: Ledger, batch: Batch, only: Sequence[str] | None = None) -> list[Item]:
    """Lists the items that a retry would make or deliver: what is not completed, or of the keys.

    Raises:
        InputError: A key is none of the batch's, or all of that is completed.
    """
    items = {item.key: item for item in ledger.batches.items(batch.id)}
    if unknown := [key for key in only or () if key not in items]:
        raise InputError(f"The batch has no item {unknown[0]!r}. `items.csv` has the keys.")
    chosen = [items[key] for key in only] if only else list(items.values())
    if found := [item for item in chosen if item.status != "completed"]:
        return found
    raise InputError("All of that is completed: there is nothing to retry.")


def retry(
    runs: RunServer,
    ledger: Ledger,
    batch: Batch,
    items: Sequence[Item],
    only: Sequence[str] | None = None,
    *,
    blocked_too: bool = False,
) -> None:
    """Makes what is not completed.

    Args:
        runs: Where the run is.
        ledger: Where the batch stands.
        batch: The batch.
        items: Those that are wanted, see :func:`wanted`.
        only: Keys of the items that were named; None or none for all.
        blocked_too: Whether what was blocked is asked again.

    Raises:
        InputError: The run has not ended.
    """
    state = runs.state(batch.id)
    if state and not state.is_final:
        raise InputError(f"The run is {state.name}: wait for its end, or cancel it.")
    if blocked_too or only:
        # An item that failed when it was planned has nothing that could be made.
        again = [item.key for item in items if item.is_final and item.attempts]
        ledger.batches.reopen(batch.id, again)
        ledger.calls.forget_blocked(batch.id, only or None)
    ledger.batches.mark(batch.id, only=list(only) if only else None)
    runs.await_retry(batch.id)


def _require_unended(state: RunState | None) -> None:
    if state and state.is_final:
        raise InputError(f"The run has ended ({state.name}): there is nothing to stop.")
