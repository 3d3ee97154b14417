"""The steps of every batch, in their order: what each flow does."""

from collections.abc import Mapping
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from pressrun.blocks import ModelAccount, ResultStore
from pressrun.errors import PressrunError
from tasks.crashes import planning_watched
from tasks.deliver import deliver
from tasks.elsewhere import awaits_machine
from tasks.events import send_fewer
from tasks.execute import in_work, opened
from tasks.generate import generate
from tasks.notify import failed
from tasks.plan import mended, plan, plan_only
from tasks.process import filter_task_logs, share_memory
from tasks.quote import quote, quote_rest
from tasks.report import final_state, report
from tasks.request import BatchRequest, find_request, read_parameters
from tasks.review import preview, review
from tasks.stop import outlasts_stops
from tasks.watch import watched


@outlasts_stops
def run_batch(
    flow: str,
    given: Mapping[str, Any],
    account: ModelAccount | None,
    store: ResultStore | None,
) -> State[Any]:
    """Runs one batch to its end; returns the flow run's state.

    Args:
        flow: The flow's name, as the registry of kinds has it.
        given: The flow's parameters.
        account: Who pays; None for the environment's key.
        store: Where it is delivered; None for a folder.
    """
    share_memory()
    send_fewer()
    try:
        filter_task_logs()
        kind, parameters, notifier = read_parameters(flow, given)
        if waiting := awaits_machine():
            return waiting
    except PressrunError as error:
        return failed(error)

    def steps() -> State[Any]:
        asked = find_request(kind, parameters, account, store, notifier.notify_asked)
        with watched(asked) as watch:
            with planning_watched():
                if parameters.action == "quote":
                    return _quoted(asked)
                batch = plan(asked.kind, asked.given, asked.target, asked.account)
            quote_rest(batch, asked.account())
            batch = review(asked, batch)
            batch = preview(asked, batch, watch)
            with opened(asked, batch) as run:
                with in_work(run, watch) as work:
                    delivery = work.submit(deliver, run=run)
                    work.map(generate, run.todo())
                    while changed := mended(asked, run):
                        work.map(generate, changed)
                    work.finish(delivery)
                return final_state(run, report(run))

    return notifier.watch(steps)


def _quoted(asked: BatchRequest) -> State[Any]:
    notes: list[str] = []
    planned = plan_only(asked.kind, asked.given, asked.target, asked.account, notes.append)
    items = [item for item in planned if not item.error]
    words = quote(asked.kind, asked.parameters, items, asked.account(), notes)
    return Completed(name="Quoted", message=words)
