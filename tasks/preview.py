"""The hook of ``preview first``: the first item is shown, and the run waits for a person."""

from prefect import get_run_logger
from prefect.flow_runs import pause_flow_run, suspend_flow_run
from prefect.runtime import deployment

from pressrun.run import BatchRun

#: How long a run waits for its approval.
WEEK_S = 7 * 24 * 3600


def wait_for_approval(run: BatchRun) -> None:
    """Suspends the run until somebody resumes it; outside of a deployment it waits in place."""
    folder = run.store.link(f"{run.batch.root}/")
    get_run_logger().info("The first item is made: look at %s, then resume the run.", folder)
    # A suspended run's process ends; resuming begins a new one, which finds the item made.
    if deployment.id:
        suspend_flow_run(timeout=WEEK_S)
    else:
        pause_flow_run(timeout=WEEK_S)
