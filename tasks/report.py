"""The step ``report``: manifest, gallery, CSV and summary at a batch's end, and its state."""

from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import AwaitingRetry, Completed, Failed

from pressrun.batches.finish import finish
from pressrun.batches.run import BatchRun
from pressrun.boundary.text import counted
from pressrun.errors import BudgetSpent, QuotaExhausted
from pressrun.reports.artifacts.call_statistics import stats_page
from pressrun.reports.artifacts.progress import summary
from pressrun.reports.artifacts.quote import usd
from pressrun.reports.quote import quote_left
from pressrun.reports.writing import Outcome
from pressrun.settings import settings
from tasks.artifacts import artifact_key


@task(name="report", cache_policy=NO_CACHE, persist_result=False)
def report(run: BatchRun) -> Outcome:
    """Writes the reports, and the artifacts of summary and statistics."""
    outcome = finish(run)
    record, desk_url = outcome.record, settings().desk_url
    page = "\n".join(filter(None, [summary(outcome, desk_url), _rest(run)]))
    create_markdown_artifact(page, key=artifact_key("summary"), description=record.summary())
    if record.models:
        page = stats_page(record.models, record.batch.title)
        create_markdown_artifact(page, key=artifact_key("stats"), description="Calls by model")
    place = f"{desk_url}/batches/{run.batch.id}" if desk_url else outcome.gallery
    get_run_logger().info("%s. Look at %s", record.summary(), place)
    return outcome


def final_state(run: BatchRun, outcome: Outcome) -> State[Any]:
    """Makes the state: Completed, ``PartiallyFailed`` (Retry then makes the rest), or Failed.

    A run that a model's quota ended goes on by itself when the quota opens, if the settings say so.
    """
    message = outcome.record.summary()
    if outcome.whole:
        return Completed(message=message)
    stop = run.stopped_by
    message = f"{message}. {stop}" if stop else message
    if isinstance(stop, QuotaExhausted) and stop.until and settings().resume_at_reset:
        goes_on = f"The run goes on by itself at {stop.until:%Y-%m-%d %H:%M} UTC."
        message = f"{message} {_rest(run)} {goes_on}"
        return AwaitingRetry(scheduled_time=stop.until, message=message)
    message = f"{message} {_rest(run)}".strip()
    if outcome.empty and not stop:
        message = f"{message}. {outcome.first_reason}"
    if not stop:
        message = f"{message.rstrip('.')}. {outcome.record.advice()}"
    return Failed(name=None if outcome.empty else "PartiallyFailed", message=message)


def _rest(run: BatchRun) -> str:
    """Says what would finish a batch that its budget or a quota stopped; else nothing."""
    if not isinstance(run.stopped_by, BudgetSpent | QuotaExhausted):
        return ""
    left = len(run.todo())
    price = usd(quote_left(run.ledger, run.batch, run.account).cost_usd)
    are, them = ("is", "it") if left == 1 else ("are", "them")
    return f"{counted(left, 'item')} {are} not made; {price} more would finish {them}."
