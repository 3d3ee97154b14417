"""What a run tells Prefect's server of its task runs: what a person sees.

A task run sends its server an event at each state. That it is pending is over in the moment in
which it is said, since items start when a slot is free: nobody sees it, and it costs the server as
much as the others (decision 42). Of very many items nobody looks at each one in work either: of
these the end is told (decision 60).
"""

from typing import Any

import prefect.task_engine
from prefect import Task
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.events import Event

#: Prefect's engine of tasks, of which one name is another here.
_engine: Any = prefect.task_engine
_emit = _engine.emit_task_run_state_change_event
_ends_only: set[str] = set()  # keys of tasks


def send_fewer() -> None:
    """Lets this process send no event of task runs that are pending for the first time."""
    _engine.emit_task_run_state_change_event = _seen


def tell_begins(step: Task[..., Any], *, told: bool) -> None:
    """Says whether this process tells that a task run of a step begins; a further try it does."""
    if told:
        _ends_only.discard(step.task_key)
    else:
        _ends_only.add(step.task_key)


def _seen(
    task_run: TaskRun,
    initial_state: State[Any] | None,
    validated_state: State[Any],
    follows: Event | None = None,
) -> Event | None:
    # A later one, of a try that follows, is a wait that people do see.
    if initial_state is None and validated_state.type is StateType.PENDING:
        return None
    begins = initial_state is not None and initial_state.type is StateType.PENDING
    if begins and validated_state.type is StateType.RUNNING and task_run.task_key in _ends_only:
        return None
    emitted: Event | None = _emit(task_run, initial_state, validated_state, follows)
    return emitted
