"""What every flow does: find who pays and where it goes, plan or quote, then work."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from pressrun.blocks import ModelAccount, ResultStore, Saved
from pressrun.ledger import open_ledger
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind, find_flow
from tasks.account import find_account, tell_notes
from tasks.cancel import reject
from tasks.destination import find_target
from tasks.logs import quiet_logs
from tasks.notify import find_notifier
from tasks.plan import plan, plan_only
from tasks.quote import quote, quote_rest
from tasks.review import Reviewer, is_scheduled
from tasks.template import with_template
from tasks.work import work

Account = Annotated[
    Annotated[ModelAccount, Saved()] | None,
    Field(
        json_schema_extra={
            "title": "Model account",
            "description": "Keys or Vertex AI project of the models. Empty: what the worker's "
            "environment has, such as GEMINI_API_KEY.",
        }
    ),
]
Store = Annotated[
    Annotated[ResultStore, Saved()] | None,
    Field(
        json_schema_extra={
            "title": "Result store",
            "description": "Where the batch is delivered. Empty: a folder where the worker runs.",
        }
    ),
]


def _who(given: Mapping[str, Any]) -> dict[str, str]:
    """Who asks: as was said, else the person that the server knows."""
    context = FlowRunContext.get()
    creator = context.flow_run.created_by if context and context.flow_run else None
    known = creator.display_value if creator and creator.type == "USER" else ""
    return {"requested_by": given["requested_by"] or known or ""}


def run_batch(
    flow: str,
    given: Mapping[str, Any],
    account: ModelAccount | None,
    store: ResultStore | None,
) -> State[Any]:
    """Runs one batch to its end; returns the flow run's state.

    Args:
        flow: The flow's name, as the registry of kinds has it.
        given: The parameters of the kind's order.
        account: Who pays; None for the environment's key.
        store: Where it is delivered; None for a folder.
    """
    quiet_logs()
    kind = find_flow(flow)
    known = open_ledger().batches.find(str(flow_run.id))
    # What was planned stands, however a person or a template has changed it.
    given = known.parameters if known else with_template(kind, {**given, **_who(given)})
    order = kind.order(given)
    # What is planned may be paid: a block that is gone by now is no reason to refuse it.
    notifier = find_notifier(kind, order, required=known is None)
    return notifier.watch(lambda: _run(kind, order, account, store, notifier.tell_asked))


def _run(
    kind: Kind,
    order: Order,
    account: ModelAccount | None,
    store: ResultStore | None,
    tell_asked: Callable[[], None],
) -> State[Any]:
    payer, target = find_account(account, *order.called_models()), find_target(store, order.output)
    order = order.with_account(payer())
    given = order.model_dump()
    tell_notes(payer(), [*kind.recipe.models(given), given.get("text_model", "")])
    if order.what == "quote only":
        notes: list[str] = []
        planned = plan_only(kind, given, target, payer, notes.append)
        items = [item for item in planned if not item.error]
        return Completed(name="Quoted", message=quote(kind, order, items, payer(), notes))
    batch = plan(kind, given, target, payer)
    quote_rest(batch, payer())
    reviewer = Reviewer(kind, payer, target, tell_asked)
    if order.review and not is_scheduled():
        reviewed = reviewer.plan(batch)
        if reviewed is None:
            return reject(batch)
        batch = reviewed
    preview = order.what == "preview first"
    return work(batch, reviewer, preview=preview, tag_task_runs=order.tag_task_runs)
