"""Task runs that a dead process left ``Running`` on the server, where nothing else would end them.

Prefect marks a dead flow run, never its task runs. Called by a process that holds the batch, so
that whoever ran them is known to be gone.
"""

import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.exceptions import PrefectException
from prefect.states import Crashed

#: When this process began, about. Its own task runs are younger.
_BEGAN_AT = time.time()
_PAGE = 200
#: A server may write a task run's state down a second late (``deployments/up.py``).
_WRITTEN_DOWN_S = 2.0

logger = logging.getLogger(__name__)


def end_leftovers(flow_run_id: UUID, before: float = _BEGAN_AT) -> int:
    """Marks the run's task runs of dead processes as crashed; returns how many there were.

    Args:
        flow_run_id: The run.
        before: Those that began before this moment (Unix seconds).
    """
    ended = 0
    try:
        with get_client(sync_client=True) as client:
            left = client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id])),
                task_run_filter=TaskRunFilter(
                    state=TaskRunFilterState(
                        type=TaskRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
                    )
                ),
                limit=_PAGE,
            )
            for task_run in (one for one in left if _began_before(one, before)):
                state: State[Any] = Crashed(message="The process that ran it died.")
                client.set_task_run_state(task_run.id, state, force=True)
                ended += 1
    except (HTTPError, PrefectException) as error:
        logger.debug("Task runs of a dead process are left as they are: %s", error)
    return ended


def end_all(flow_run_id: UUID) -> int:
    """As :func:`end_leftovers`, of a run whose items have all stopped just now."""
    stopped_at = time.time()
    time.sleep(_WRITTEN_DOWN_S)
    return end_leftovers(flow_run_id, stopped_at)


def _began_before(task_run: TaskRun, moment: float) -> bool:
    began = task_run.start_time or task_run.created
    return began is not None and began < datetime.fromtimestamp(moment, UTC)
