"""The step ``report``: manifest, gallery, CSV and summary at a batch's end, and its state."""

from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import AwaitingRetry, Completed, Failed

from pressrun.batches.finish import finish
from pressrun.batches.run import BatchRun
from pressrun.errors import BudgetSpent, QuotaExhausted
from pressrun.reports.artifacts.call_statistics import stats_page
from pressrun.reports.artifacts.progress import plain, summary
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
        return AwaitingRetry(scheduled_time=stop.until, message=message)
    if isinstance(stop, BudgetSpent):
        message = f"{message} {_rest(run)}"
    if outcome.empty:
        return Failed(message=message if stop else f"{message}. {outcome.first_reason}")
    return Failed(name="PartiallyFailed", message=message)


def show_paused(run: BatchRun) -> None:
    """Says on the server what a paused batch has, and what is left with its price."""
    counts = run.ledger.batches.counts(run.batch.id)
    run.ledger.batches.mark(run.batch.id, status="paused")
    done = f"Paused: {counts.get('completed', 0)} of {sum(counts.values())} completed."
    page = f"## {plain(run.batch.title)}: paused\n\n{done} {_left(run)}\n\nResume to go on."
    create_markdown_artifact(page, key=artifact_key("summary"), description=done)
    get_run_logger().info("%s %s", done, _left(run))


def _rest(run: BatchRun) -> str:
    """Says what would finish a batch that its budget stopped; nothing for any other."""
    return _left(run) if isinstance(run.stopped_by, BudgetSpent) else ""


def _left(run: BatchRun) -> str:
    quote = quote_left(run.ledger, run.batch, run.account)
    return f"{len(run.todo())} items are not made; {usd(quote.cost_usd)} more would finish them."
