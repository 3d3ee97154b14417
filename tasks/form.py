"""A form under Resume: shown with the words for what the run waits, until a person answers it.

A run of a deployment is suspended: its process ends, and resuming begins a new one, which finds
the answer on the server. Any other run waits in place. Prefect's own functions do the same, but
take no message for the state.
"""

import time
from collections.abc import Callable
from typing import Any, cast

from prefect import get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.input import RunInput, keyset_from_paused_state
from prefect.runtime import deployment, flow_run
from prefect.states import Failed, Paused, Suspended
from prefect.utilities.engine import propose_state_sync
from pydantic import ValidationError

from tasks.notify import Ended

_POLL_S = 2.0


def ask_form(
    form: type[RunInput], words: str, key: str, limit_s: int, notify_asked: Callable[[], None]
) -> RunInput | None:
    """Shows a form and waits for its answer; None if there is none that counts.

    Args:
        form: What is asked; its description is the page above it.
        words: For what the run waits and where to answer: its state's message and a line of its
            log.
        key: Of this form among all of the run, so that no answer is taken for another's.
        limit_s: Seconds after which the run fails without an answer.
        notify_asked: Called where the run waits in place.

    Raises:
        Pause: The run is suspended; its next process finds the answer.
        Ended: It waited in place, and nobody has answered.
    """
    make = Suspended if deployment.id else Paused
    state: State[Any] = make(message=words, timeout_seconds=limit_s, pause_key=key)
    keys = keyset_from_paused_state(state)
    state.state_details.run_input_keyset = cast("dict[str, str]", keys)
    with get_client(sync_client=True) as client:
        now = propose_state_sync(client, state, flow_run_id=flow_run.id)
        if not now.is_running():  # else it was asked before, and is resumed
            if now is not state:  # somebody paused or cancelled the run in this moment
                raise Pause(state=now)
            form.save(keys)
            get_run_logger().info("%s", words)
            if deployment.id:
                raise Pause(state=state)
            notify_asked()
            _wait_until_resumed(client, limit_s)
    try:
        return cast("RunInput", form.load(keys))
    except ValidationError:
        # Resumed by other ways than the form, or after its time: nothing was said.
        return None


def _wait_until_resumed(client: SyncPrefectClient, limit_s: int) -> None:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        time.sleep(min(_POLL_S, limit_s / 2))
        state = client.read_flow_run(flow_run.id).state
        if state and state.is_running():
            return
    said = "Nobody has answered in time: nothing more was made or paid. A retry asks again."
    raise Ended(Failed(message=said))
