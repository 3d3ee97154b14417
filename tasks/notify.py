"""Notifies people when a run ends or waits for somebody, through Prefect's notification blocks.

What cannot be sent is a line in the log: a batch's outcome stands whatever a webhook says. Each
end is sent at most once; a process that is killed in that moment sends nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from httpx import HTTPStatusError
from prefect import get_run_logger
from prefect.blocks.abstract import NotificationBlock
from prefect.client.schemas.objects import State
from prefect.exceptions import MissingContextError, Pause, TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Failed
from prefect.utilities.urls import url_for

from pressrun.blocks.notification import notification_named
from pressrun.errors import PressrunError, SettingError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters
from pressrun.kinds.registry import find_kind
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.notice import End, Notice, Subject, notice
from tasks.control import is_being_cancelled

#: How long a batch's end waits for all its messages together.
LIMIT_S = 10.0
TRIES = 2
_PAUSE_S = 1.0
#: A message whose sending failed after a longer time may have arrived: it is not sent again.
_QUICK_S = 3.0


class Ended(Exception):
    """Ends a run before its last step.

    Args:
        state: The state that it ends in.
    """

    def __init__(self, state: State[Any]):
        super().__init__(state.message)
        self.state = state


@dataclass(frozen=True, slots=True)
class Notifier:
    """Notifies of one run, through these blocks by their names; with none, nothing is sent."""

    about: Subject
    blocks: Mapping[str, NotificationBlock]

    def watch(self, work: Callable[[], State[Any]]) -> State[Any]:
        """Does the work of a run and notifies how it ended; returns the state that it ends in.

        An error that is a sentence for people is such an end; a fault of ours is raised.
        """
        try:
            state = _ended(work)
        except Pause as pause:
            self.notify(_paused(pause.state))
            raise
        except TerminationSignal:
            if self.blocks and is_being_cancelled() and _is_concluded(self.about.run_id):
                self.notify(End("Cancelled"))
            raise
        except PressrunError as error:
            self.notify(End("Failed", str(error)))
            return failed(error)
        except Exception as error:
            self.notify(End("Failed", f"{type(error).__name__}: the run's log has more."))
            raise
        if state.name != "Quoted":
            self.notify(End(state.name or "", state.message or ""))
        return state

    def notify_asked(self) -> None:
        """Notifies that a run which waits in place shows a form."""
        self.notify(End("Paused", asks=True))

    def notify(self, end: End) -> None:
        """Sends one message through every block; raises nothing."""
        if not self.blocks:
            return
        try:
            message = notice(open_ledger(), self.about, end)
        except Exception as error:  # noqa: BLE001 - the outcome stands whatever the message lacks
            _log().warning("No notification was written: %s", type(error).__name__)
            return
        for name, reason in send(self.blocks, message).items():
            _log().warning("The notification through %s was not sent: %s.", name, reason)


def _ended(work: Callable[[], State[Any]]) -> State[Any]:
    try:
        return work()
    except Ended as ended:
        return ended.state


def failed(error: PressrunError) -> State[Any]:
    """Says in the run's log why it ends, and makes its state; who called the flow gets the error.

    Returned, not raised: Prefect would call it a crash of the engine, with a stack trace.
    """
    _log().warning("%s", error)
    return Failed(message=str(error), data=error)


def find_notifier(kind: Kind, parameters: BatchParameters, *, required: bool) -> Notifier:
    """Finds who is notified of the run in work.

    Args:
        kind: Of its batch.
        parameters: Of the batch; its ``notify`` names the blocks.
        required: Whether a block that is missing refuses the run; else it is a warning.

    Raises:
        SettingError: Such a block is missing, or sends no messages.
    """
    run_id = str(flow_run.id)
    return Notifier(
        _subject(kind, run_id, parameters.title), _blocks(parameters.notify, required=required)
    )


def notifier_of(batch: Batch) -> Notifier:
    """Finds who is notified of a batch that was begun before, perhaps by another process."""
    about = _subject(find_kind(batch.kind), batch.id, batch.title)
    return Notifier(about, _blocks(batch.parameters.get("notify", ""), required=False))


def send(
    blocks: Mapping[str, NotificationBlock], message: Notice, limit_s: float = LIMIT_S
) -> dict[str, str]:
    """Sends a message through all blocks at once; gives those that failed, with the reason."""
    failed = dict.fromkeys(blocks, f"there was no answer in {limit_s:g} s")
    deadline = time.monotonic() + limit_s
    # Threads that nobody waits for longer, and without the run's context: a block that finds
    # itself in a flow may do something else than send.
    threads = [
        threading.Thread(
            target=_try, args=(name, block, message, failed, deadline), name="notify", daemon=True
        )
        for name, block in blocks.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(failed)


def _try(
    name: str, block: NotificationBlock, message: Notice, failed: dict[str, str], deadline: float
) -> None:
    notify: Any = block.notify
    for _ in range(TRIES):
        begun = time.monotonic()
        try:
            with block.raise_on_failure():
                notify(message.body, message.subject)
        except Exception as error:  # noqa: BLE001 - blocks raise what their libraries do
            failed[name] = _reason(error)
        else:
            failed.pop(name, None)
            return
        now = time.monotonic()
        if now - begun > _QUICK_S or now + _PAUSE_S > deadline:
            return
        time.sleep(_PAUSE_S)


def _reason(error: Exception) -> str:
    """Says why it failed, without the error's words: they hold a webhook's secret address."""
    if isinstance(error, HTTPStatusError):
        return f"it answered {error.response.status_code}"
    return f"it failed with {type(error).__name__}"


def _blocks(names: str, *, required: bool) -> dict[str, NotificationBlock]:
    found = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        try:
            found[name] = notification_named(name)
        except SettingError as error:
            if required:
                raise
            _log().warning("%s", error)
    return found


def _subject(kind: Kind, run_id: str, title: str) -> Subject:
    return Subject(kind.flow, run_id, title, url_for("flow-run", obj_id=run_id) or "")


def _paused(state: State[Any] | None) -> End:
    if state is None:
        return End("Paused")
    return End(state.name or "Paused", asks=bool(state.state_details.run_input_keyset))


def _is_concluded(run_id: str) -> bool:
    batch = open_ledger().batches.find(run_id)
    return batch is not None and batch.status == "cancelled"


def _log() -> "logging.Logger | logging.LoggerAdapter[logging.Logger]":
    try:
        return get_run_logger()
    except MissingContextError:  # in the hook of a cancelled run
        return logging.getLogger(__name__)
