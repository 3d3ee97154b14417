"""What every flow does: find who pays and where it goes, plan or quote, then work."""

from collections.abc import Mapping
from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from pressrun.blocks import ModelAccount, ResultStore
from pressrun.recipes.registry import find_flow
from tasks.account import find_account
from tasks.destination import find_target
from tasks.plan import plan, plan_only
from tasks.quote import quote, quote_rest
from tasks.work import work

Account = Annotated[
    ModelAccount | None,
    Field(
        json_schema_extra={
            "title": "Model account",
            "description": "Keys or Vertex AI project of the models. Empty: what the worker's "
            "environment has, such as GEMINI_API_KEY.",
        }
    ),
]
Store = Annotated[
    ResultStore | None,
    Field(
        json_schema_extra={
            "title": "Result store",
            "description": "Where the batch is delivered. Empty: a folder where the worker runs.",
        }
    ),
]


def run_batch(
    flow: str,
    given: Mapping[str, Any],
    models: tuple[str, ...],
    account: ModelAccount | None,
    store: ResultStore | None,
) -> State[Any]:
    """Runs one batch to its end; returns the flow run's state.

    Args:
        flow: The flow's name, as the registry of kinds has it.
        given: The parameters of the kind's order.
        models: Those that the batch calls.
        account: Who pays; None for the environment's key.
        store: Where it is delivered; None for a folder.
    """
    kind = find_flow(flow)
    payer = find_account(account, *models)
    order, target = kind.order(given), find_target(store, given["output"])
    if order.what == "quote only":
        items = [item for item in plan_only(kind, given, target, payer) if not item.error]
        return Completed(name="Quoted", message=quote(kind, order, items, payer()))
    batch = plan(kind, given, target, payer)
    quote_rest(kind, order, batch, payer())
    preview = order.what == "preview first"
    return work(batch, payer, target, preview=preview, tag_task_runs=order.tag_task_runs)
