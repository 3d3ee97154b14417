"""The state that this run has at Prefect's server, which a person or the server may change."""

import logging

from httpx import HTTPError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

#: The states in which nothing more is made, and what the batch is then.
HALTS = {
    StateType.PAUSED: "paused",
    StateType.CANCELLING: "cancelled",
    StateType.CANCELLED: "cancelled",
}

logger = logging.getLogger(__name__)


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
    return state is not None and HALTS.get(state.type) == "cancelled"


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
