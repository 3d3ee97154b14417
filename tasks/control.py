"""Pause and cancel of a run in work, by a person or the server: noticed within a second.

Prefect notifies a running flow of nothing: it only refuses to start further task runs. An item
makes several calls, so the run looks at its own state.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from httpx import HTTPError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from pressrun.batches.background import repeating
from pressrun.batches.run import BatchRun

LOOK_S = 0.5
_HALTS = {
    StateType.PAUSED: "paused",
    StateType.CANCELLING: "cancelled",
    StateType.CANCELLED: "cancelled",
}

logger = logging.getLogger(__name__)


@contextmanager
def controlled(run: BatchRun) -> Iterator[None]:
    """Halts the batch as soon as its flow run is paused or cancelled."""
    with get_client(sync_client=True) as client:

        def look() -> float | None:
            if (found := _state_type(client)) and (kind := _HALTS.get(found)):
                run.halt(kind)
                return inf
            return None

        with repeating(look, LOOK_S, "control"):
            yield


def current_state() -> State | None:
    """Reads the run's state from the server; None if the server does not answer."""
    try:
        with get_client(sync_client=True) as client:
            return client.read_flow_run(flow_run.id).state
    except (HTTPError, PrefectException) as error:
        logger.debug("The run's state cannot be read: %s", error)
        return None


def is_being_cancelled() -> bool:
    """Says whether somebody cancels this run (and its process is not just stopped)."""
    state = current_state()
    return state is not None and _HALTS.get(state.type) == "cancelled"


def _state_type(client: SyncPrefectClient) -> StateType | None:
    try:
        # The type alone: reading the whole run into objects takes ten times as long.
        answer = client.request("GET", "/flow_runs/{id}", path_params={"id": str(flow_run.id)})
        return StateType(answer.json()["state_type"])
    except (HTTPError, PrefectException, ValueError, KeyError) as error:
        logger.debug("The run's state is not seen this time: %s", error)
        return None
