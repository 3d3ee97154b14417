"""What a flow run was asked for: its parameters, template, requester, account and store."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from prefect import get_run_logger
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.variables import Variable
from pydantic import Field

from pressrun.batches.templates import filled, variable_name
from pressrun.blocks import ModelAccount, ResultStore, Saved, account_of, account_reader, target_of
from pressrun.boundary.files import why_no_output
from pressrun.boundary.text import one_line
from pressrun.engines import account as accounts
from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters, with_present_names
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.stores.factory import Target, scheme_of
from tasks.notify import Notifier, find_notifier

_MADE_UP = re.compile(r"[a-z]+-[a-z]+")
_TIME = re.compile(r" \d{4}-\d\d-\d\d \d\d-\d\d-\d\d\b.*")

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
    """Gives the parameters their present names, also where an older version made the run."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    # A copy of an old run, made in today's form: what the form showed holds.
    shown = run is not None and run.deployment_id is not None and "action" in run.parameters
    if shown:
        given = {**given, "what": "", "parser": ""}
    if run is not None and run.deployment_id is not None and "words" in run.parameters:
        given = {**given, "word_count": 0}
    return with_present_names(given)


def _who(given: Mapping[str, Any]) -> dict[str, str]:
    """Finds the requester: the person that the server knows, else as the parameters say."""
    context = FlowRunContext.get()
    creator = context.flow_run.created_by if context and context.flow_run else None
    known = creator.display_value if creator and creator.type == "USER" else ""
    return {"requested_by": known or given["requested_by"]}


def _title(given: Mapping[str, Any], usual: str) -> dict[str, str]:
    """Takes the name that a person gave to the run as the title, if there is no other.

    The name that Prefect makes up is two words; that of a copied run has the time behind it.
    """
    typed = _TIME.sub("", str(flow_run.name or "")).strip()[:100]
    if given["title"] != usual or not typed or _MADE_UP.fullmatch(typed):
        return {}
    return {"title": typed}


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a flow run was asked for.

    Attributes:
        kind: Of the batch.
        parameters: Checked, and with the account's own defaults.
        account: Gives who pays, as it stands at any moment: its limits may change.
        target: Where the batch goes.
        notify_asked: Notifies people that a run which waits in place shows a form.
    """

    kind: Kind
    parameters: BatchParameters
    account: Callable[[], accounts.Account]
    target: Target
    notify_asked: Callable[[], None]

    @property
    def given(self) -> dict[str, Any]:
        """The parameters as plain data."""
        return self.parameters.model_dump()


def read_parameters(flow: str, given: Mapping[str, Any]) -> tuple[Kind, BatchParameters, Notifier]:
    """Reads a flow's parameters: the kind of batch, what is asked, and who is notified.

    Args:
        flow: The flow's name, as the registry of kinds has it.
        given: The flow's parameters.

    Raises:
        InputError: One of them cannot be used, or there is no such template.
        SettingError: A notification block is missing.
    """
    kind = find_flow(flow)
    known = open_ledger().batches.find(str(flow_run.id))
    # What was planned stands, however a person or a template has changed it.
    if known:
        given = known.parameters
    else:
        given = with_template(kind, {**_present(given), **_who(given)})
        given |= _title(given, kind.parse_parameters({}).title)
    parameters = kind.parse_parameters(given)
    # What is planned may be paid: a block that is gone by now is no reason to refuse it.
    return kind, parameters, find_notifier(kind, parameters, required=known is None)


def find_request(
    kind: Kind,
    parameters: BatchParameters,
    account: ModelAccount | None,
    store: ResultStore | None,
    notify_asked: Callable[[], None],
) -> BatchRequest:
    """Finds who pays and where the batch goes; logs what the account's owner should know.

    Args:
        kind: Of the batch.
        parameters: Of the batch.
        account: Who pays; None for the environment's key.
        store: Where it is delivered; None for a folder.
        notify_asked: Notifies people of a form.

    Raises:
        SettingError: A model needs a key and there is none, or block and folder contradict.
    """
    payer = find_account(account, *parameters.called_models())
    target = find_target(store, parameters.output)
    parameters = parameters.with_account(payer())
    given = parameters.model_dump()
    log_notes(payer(), [*kind.recipe.models(given), given.get("text_model", "")])
    return BatchRequest(kind, parameters, payer, target, notify_asked)


def find_account(block: ModelAccount | None, *models: str) -> Callable[[], accounts.Account]:
    """Gives the account for these models as it stands at any moment: its limits may change.

    No task of its own, since secrets must not be a task's argument.

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
    """Finds the destination of this run; no task, since secrets must not be a task's argument.

    Raises:
        SettingError: The block and the folder contradict each other.
        InputError: Runs may not deliver into that folder.
    """
    target = target_of(block, output)
    if scheme_of(target.address) == "folder" and (no := why_no_output(Path(target.address))):
        raise InputError(f"Nothing is delivered into {one_line(target.address)}. {no}")
    return target


def with_template(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fills the flow's parameters from the template that they name.

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
