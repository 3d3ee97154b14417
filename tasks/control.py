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

#: Seconds from one look to the next: with its answer, a stop is noticed within a second.
LOOK_S = 0.8
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
            if kind := _halt(client):
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


def is_in_state(client: SyncPrefectClient, *types: StateType) -> bool:
    """Says whether this run is in one of these states; no, if the server does not answer.

    What looks every second or two asks this: a number comes back. The run itself comes with all its
    parameters, ten thousand prompts perhaps, which the server reads and writes out each time.
    """
    asked = {"id": {"any_": [str(flow_run.id)]}, "state": {"type": {"any_": types}}}
    try:
        answer = client.request("POST", "/flow_runs/count", json={"flow_runs": asked})
        return bool(answer.json())
    except (HTTPError, PrefectException, ValueError) as error:
        logger.debug("The run's state is not seen this time: %s", error)
        return False


def _halt(client: SyncPrefectClient) -> str | None:
    state = current_state() if is_in_state(client, *_HALTS) else None
    return _HALTS.get(state.type) if state else None
