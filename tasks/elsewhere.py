"""A run whose batch only another machine can go on with: it waits for that machine, and says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import AwaitingRetry

from pressrun.batches.machine import require_here
from pressrun.errors import ElsewhereError
from pressrun.ledger import open_ledger
from pressrun.settings import settings

#: Until a worker takes the run again, perhaps one of the right machine.
WAIT_S = 20.0


def awaits_machine() -> State[Any] | None:
    """Gives the state in which this run waits for the machine of its batch; None if this is it."""
    batch_id = str(flow_run.id)
    batch = open_ledger().batches.find(batch_id) if settings().several_machines else None
    if batch is None:
        return None
    try:
        require_here(batch)
    except ElsewhereError as error:
        get_run_logger().warning("%s", error)
        open_ledger().waits.note(batch_id, "", 3 * WAIT_S, str(error))
        again = datetime.now(UTC) + timedelta(seconds=WAIT_S)
        return AwaitingRetry(scheduled_time=again, message=f"Waits for its machine. {error}")
    return None
