"""What every flow does: find who pays and where it goes, plan or quote, then work."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.states import Completed
from prefect.variables import Variable
from pydantic import Field

from pressrun.batches.templates import filled, variable_name
from pressrun.blocks import ModelAccount, ResultStore, Saved, account_of, account_reader, target_of
from pressrun.engines import account as accounts
from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters, with_action
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.stores.factory import Target
from tasks.cancel import reject
from tasks.execute import work
from tasks.notify import find_notifier
from tasks.plan import plan, plan_only
from tasks.process import filter_task_logs
from tasks.quote import quote, quote_rest
from tasks.review import Reviewer, is_scheduled

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


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they are called now, also of a run that was made before."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    # A copy of an old run, made in today's form: what the form showed holds.
    shown = run is not None and run.deployment_id is not None and "action" in run.parameters
    return with_action({**given, "what": ""} if shown else given)


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
        given: The flow's parameters.
        account: Who pays; None for the environment's key.
        store: Where it is delivered; None for a folder.
    """
    filter_task_logs()
    kind = find_flow(flow)
    known = open_ledger().batches.find(str(flow_run.id))
    # What was planned stands, however a person or a template has changed it.
    given = known.parameters if known else with_template(kind, {**_present(given), **_who(given)})
    parameters = kind.parse_parameters(given)
    # What is planned may be paid: a block that is gone by now is no reason to refuse it.
    notifier = find_notifier(kind, parameters, required=known is None)
    return notifier.watch(lambda: _run(kind, parameters, account, store, notifier.notify_asked))


def _run(
    kind: Kind,
    parameters: BatchParameters,
    account: ModelAccount | None,
    store: ResultStore | None,
    notify_asked: Callable[[], None],
) -> State[Any]:
    payer, target = (
        find_account(account, *parameters.called_models()),
        find_target(store, parameters.output),
    )
    parameters = parameters.with_account(payer())
    given = parameters.model_dump()
    log_notes(payer(), [*kind.recipe.models(given), given.get("text_model", "")])
    if parameters.action == "quote":
        notes: list[str] = []
        planned = plan_only(kind, given, target, payer, notes.append)
        items = [item for item in planned if not item.error]
        return Completed(name="Quoted", message=quote(kind, parameters, items, payer(), notes))
    batch = plan(kind, given, target, payer)
    quote_rest(batch, payer())
    reviewer = Reviewer(kind, payer, target, notify_asked)
    if parameters.review and not is_scheduled():
        reviewed = reviewer.plan(batch)
        if reviewed is None:
            return reject(batch)
        batch = reviewed
    preview = parameters.action == "preview"
    return work(batch, reviewer, preview=preview, tag_task_runs=parameters.tag_task_runs)


def find_account(block: ModelAccount | None, *models: str) -> Callable[[], accounts.Account]:
    """Gives the account for these models as it stands at any moment: its limits may change.

    No task of its own, since secrets are no task's argument.

    Raises:
        SettingError: One of the models needs a key and there is none.
    """
    account_of(block, *models)
    return account_reader(block)


def log_notes(account: accounts.Account, models: Iterable[str]) -> None:
    """Logs what the account's owner should know of it; mostly nothing."""
    for note in account.notes(models):
        get_run_logger().warning("%s", note)


def find_target(block: ResultStore | None, output: str) -> Target:
    """The destination of this run; no task of its own, since secrets are no task's argument.

    Raises:
        SettingError: The block and the folder contradict each other.
    """
    return target_of(block, output)


def with_template(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The flow's parameters, filled from the template that they name.

    Raises:
        InputError: There is no such template, or it is of another flow.
    """
    name = str(given.get("template", "")).strip()
    if not name:
        return dict(given)
    template = Variable.get(variable_name(name))
    if not isinstance(template, dict):
        raise InputError(f"There is no template {name!r}. `pressrun templates` lists them.")
    return filled(kind, given, template, kind.parse_parameters({}))
