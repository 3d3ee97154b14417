"""Crashes: after so many in a row, a run waits for a person, whichever step its process died in."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.runtime import flow_run
from prefect.states import Failed

from pressrun.batches.planning import crashes_counted
from tasks.notify import Ended

MOST_CRASHES = 5


def require_few_crashes(crashes: int) -> None:
    """Ends the run if its process died too often.

    Raises:
        Ended: It did.
    """
    if crashes > MOST_CRASHES:
        said = f"The process died {crashes} times in a row. What is paid is kept: look at the "
        raise Ended(Failed(name="TooManyCrashes", message=f"{said}worker's log, then retry."))


@contextmanager
def planning_watched() -> Iterator[None]:
    """Counts the crashes while this run is planned, when the ledger does not know it yet.

    Raises:
        Ended: It died too often.
    """
    with crashes_counted(str(flow_run.id)) as crashes:
        require_few_crashes(crashes)
        yield
