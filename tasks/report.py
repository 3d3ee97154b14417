"""The step ``report``: manifest, gallery, CSV and summary at a batch's end, and its state."""

from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from pressrun.report.finish import Outcome, finish
from pressrun.report.markdown import summary
from pressrun.run import BatchRun


@task(name="report", cache_policy=NO_CACHE, persist_result=False)
def report(run: BatchRun) -> Outcome:
    """Writes the reports and the summary artifact."""
    outcome = finish(run)
    create_markdown_artifact(
        summary(outcome), key="pressrun-summary", description=outcome.record.summary()
    )
    get_run_logger().info("%s. Look at %s", outcome.record.summary(), outcome.gallery)
    return outcome


def final_state(outcome: Outcome) -> State[Any]:
    """Completed, ``PartiallyFailed`` (so that Retry makes the rest), or Failed."""
    message = outcome.record.summary()
    if outcome.whole:
        return Completed(message=message)
    if outcome.empty:
        return Failed(message=f"{message}. {outcome.first_reason}")
    return Failed(name="PartiallyFailed", message=message)
