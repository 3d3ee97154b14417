"""What a run that is being planned waits for, in the message of its state on Prefect's pages."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from httpx import HTTPError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State, StateDetails
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from pressrun.batches.background import repeating

#: Each message is a state of its own on the server, which counts it as a start: a short plan
#: writes none, an hour's sixty.
FIRST_S, EVERY_S = 20.0, 60.0

logger = logging.getLogger(__name__)


@contextmanager
def told_in_state(newest: Callable[[], str], first_s: float = FIRST_S) -> Iterator[None]:
    """Keeps the message of the run's state at the newest words of a slow step.

    Args:
        newest: Gives them; empty while there are none.
        first_s: Seconds before the first look; the others follow every minute.
    """
    said = ""

    def look() -> float:
        nonlocal said
        if (words := newest()) and words != said and say(words):
            said = words
        return EVERY_S

    with repeating(look, first_s, "planning"):
        yield
    if said:
        say("")  # what it waited for is there


def say(words: str) -> bool:
    """Puts words into the state of a run in work; says whether they stand there."""
    try:
        with get_client(sync_client=True) as client:
            return _said(client, words)
    except (HTTPError, PrefectException) as error:
        logger.debug("The state's message is not changed this time: %s", error)
        return False


def _said(client: SyncPrefectClient, words: str) -> bool:
    before = client.read_flow_run(flow_run.id).state
    if before is None or not before.is_running():
        return False
    answer = client.set_flow_run_state(flow_run.id, _like(before, words))
    if answer.state is None or not answer.state.is_running():
        return False
    # A pause or a cancel that came between the two requests holds: it is put in place again.
    states = client.read_flow_run_states(flow_run.id)
    between = [
        state
        for state in states
        if before.timestamp < state.timestamp < answer.state.timestamp and not state.is_running()
    ]
    if between:
        last = max(between, key=lambda state: state.timestamp)
        client.set_flow_run_state(flow_run.id, _like(last, last.message or ""), force=True)
    return not between


def _like(state: State, words: str) -> State:
    details = state.state_details.model_copy(update={"transition_id": None})
    return State(
        type=state.type,
        name=state.name,
        message=words,
        state_details=StateDetails.model_validate(details.model_dump()),
    )
