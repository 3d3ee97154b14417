"""A paused run waits until a person lets it go on, and says what for.

The pause of Prefect's own page ends after a time, 300 s if nobody changes it, and then its server
fails the run. So the run puts a state without an end in its place, as soon as it notices.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from httpx import HTTPError
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause, PrefectException
from prefect.runtime import flow_run
from prefect.states import Suspended

from pressrun.boundary.text import counted
from pressrun.errors import PressrunError
from pressrun.ledger import open_ledger
from pressrun.reports.artifacts.progress import plain
from pressrun.reports.artifacts.quote import usd
from pressrun.reports.quote import quote_left
from tasks.artifacts import artifact_key
from tasks.control import current_state
from tasks.request import BatchRequest

_BY_A_PERSON, _RESUME = "Paused by a person", "or: pressrun resume "

logger = logging.getLogger(__name__)


@contextmanager
def worded(asked: BatchRequest) -> Iterator[None]:
    """Gives a pause that ends the steps the state that it has, with words.

    Raises:
        Pause: In place of Prefect's.
    """
    try:
        yield
    except Pause as pause:
        held = hold(asked)
        if held:
            # By now the calls that were under way have ended.
            _show(paused_words(asked))
        raise Pause(state=held or current_state() or pause.state) from None


def hold(asked: BatchRequest) -> State | None:
    """Puts a pause without an end, and with words, in the place of a person's; returns it.

    None if the run is not paused, or a form that waits for its answer is shown.
    """
    state = current_state()
    if state is None or not state.is_paused() or state.state_details.run_input_keyset:
        return None
    if _RESUME in (state.message or "") and not state.state_details.pause_timeout:
        return state
    held: State = Suspended(message=paused_words(asked, state.message or _BY_A_PERSON))
    try:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(flow_run.id, held, force=True)
    except (HTTPError, PrefectException) as error:
        logger.debug("The pause is not held this time: %s", error)
        return None
    return held


def _show(words: str) -> None:
    get_run_logger().info("%s", words)
    batch = open_ledger().batches.find(str(flow_run.id))
    page = f"## {plain(batch.name if batch else '')}: paused\n\n{plain(words)}"
    create_markdown_artifact(page, key=artifact_key("summary"), description=words)


def paused_words(asked: BatchRequest, paused: str = _BY_A_PERSON) -> str:
    """Says what a paused run has made, what is left at what price, and how it goes on.

    Args:
        asked: What the run was asked for.
        paused: By whom, or how.
    """
    run_id, paused = str(flow_run.id), paused.rstrip(". ")
    resume = f"Resume it on its page, {_RESUME}{run_id[:8]}"
    ledger = open_ledger()
    batch = ledger.batches.find(run_id)
    if batch is None:
        return f"{paused}: while it was planned, and nothing is made. {resume}"
    counts = ledger.batches.counts(batch.id)
    made = counts.get("completed", 0) + counts.get("made", 0)
    try:
        quote = quote_left(ledger, batch, asked.account())
        price = f", {usd(quote.cost_usd)}"
    except PressrunError:  # an account that is wrong by now is no reason to let the run fail
        price = ""
    left = counted(sum(counts.values()) - made - counts.get("failed", 0), "item")
    return f"{paused}: {made} of {sum(counts.values())} made, {left} left{price}. {resume}"
