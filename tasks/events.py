"""What a run tells Prefect's server of its task runs: what a person sees, and in bundles.

A task run sends its server an event at each state. That it is pending is over in the moment in
which it is said, since items start when a slot is free: nobody sees it, and it costs the server as
much as the others. Events that come while others are sent are cheap, for each one alone two threads
wake each other: so they are sent together, half a second late at most.
"""

import asyncio
from typing import Any

import prefect.task_engine
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.events import Event
from prefect.events.worker import EventsWorker

#: Heartbeats and the run's own states come so much later, too.
BUNDLE_S = 0.5

#: Prefect's engine of tasks, of which one name is another here.
_engine: Any = prefect.task_engine
_emit = _engine.emit_task_run_state_change_event
_next = EventsWorker._get_item


def send_fewer() -> None:
    """Lets this process send no event of pending task runs, and the others in bundles."""
    _engine.emit_task_run_state_change_event = _seen
    worker: Any = EventsWorker
    worker._get_item = _bundled


def _seen(
    task_run: TaskRun,
    initial_state: State[Any] | None,
    validated_state: State[Any],
    follows: Event | None = None,
) -> Event | None:
    # A later one (of a try that follows) is a wait that people do see.
    if initial_state is None and validated_state.type is StateType.PENDING:
        return None
    emitted: Event | None = _emit(task_run, initial_state, validated_state, follows)
    return emitted


async def _bundled(worker: EventsWorker, timeout: float | None = None) -> Event | None:
    if not worker._queue.empty():
        return await _next(worker, timeout)
    first = await _next(worker, timeout)
    if first is not None and not worker._stopped:
        await asyncio.sleep(BUNDLE_S)
    return first
