"""Control of a run: sent to the Prefect server, and to the ledger what concerns the batch."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from typer import Option

from pressrun.boundary.text import counted
from pressrun.cli.options import Json, Owner, Run, chosen_batch
from pressrun.cli.output import ask, print_json, print_line, print_note
from pressrun.cli.server import answering_server
from pressrun.cli.stores import target_of
from pressrun.errors import InputError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State

    from pressrun.batches.control import RunState
    from pressrun.batches.retried import RetriedItems
    from pressrun.ledger import Ledger
    from pressrun.ledger.records import Batch

_UNKNOWN = "The Prefect server does not know this run. Is PREFECT_API_URL the right one?"


class ClientRuns:
    """The runs of the server that Prefect's client asks; see ``RunServer``."""

    def __init__(self, client: "SyncPrefectClient"):
        self._client = client

    def state(self, run_id: str) -> "RunState | None":
        """Reads where a run stands."""
        from prefect.exceptions import ObjectNotFound

        from pressrun.batches.control import RunState

        try:
            state = self._client.read_flow_run(UUID(run_id)).state
        except ObjectNotFound as error:
            raise InputError(_UNKNOWN) from error
        if state is None:
            return None
        asks = bool(state.state_details.run_input_keyset)
        since = state.timestamp.timestamp()
        return RunState(state.type.value, state.name or state.type.value, asks, since)

    def suspend(self, run_id: str, message: str) -> None:
        """Lets no further task start, without the timeout that the UI's button has."""
        from prefect.states import Suspended

        state: State = Suspended(message=message)
        self._client.set_flow_run_state(UUID(run_id), state, force=True)

    def resume(self, run_id: str) -> None:
        """Lets a suspended run go on."""
        self._client.resume_flow_run(UUID(run_id))

    def await_retry(self, run_id: str) -> None:
        """Lets a run that has ended begin again."""
        from prefect.states import AwaitingRetry

        self._client.set_flow_run_state(UUID(run_id), AwaitingRetry(), force=True)

    def cancel(self, run_id: str, message: str, *, at_once: bool) -> None:
        """Ends a run."""
        from prefect.states import Cancelled, Cancelling

        state: State = (Cancelled if at_once else Cancelling)(message=message)
        self._client.set_flow_run_state(UUID(run_id), state, force=True)


def pause(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Send no further call; what is in flight is kept.

    Without the timeout that the button in Prefect's UI has.
    """
    from pressrun.batches import control
    from pressrun.ledger import open_ledger

    batch = chosen_batch(run, owner)
    with asking() as client:
        control.pause(ClientRuns(client), open_ledger(), batch, "pressrun pause")
    return _report(batch, "Paused", as_json)


def cancel(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """End a batch; what is made is delivered.

    Also a run without a process: one that waits, or whose process died; and, by its whole id, a run
    that is still planned.
    """
    from pressrun.batches import control

    by = "pressrun cancel"
    with asking() as client:
        if not owner and _is_unplanned(run):
            over = control.cancel_unplanned(ClientRuns(client), run, by)
            return _reported(run, f"run {run}", "Cancelled" if over else "Cancelling", as_json)
        batch = chosen_batch(run, owner)
        over = control.cancel(ClientRuns(client), batch, target_of, by)
    return _report(batch, "Cancelled" if over else "Cancelling", as_json)


def resume(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Go on with a paused batch.

    Also where the server has ended the pause by its timeout.
    """
    from pressrun.batches import control

    batch = chosen_batch(run, owner)
    with asking() as client:
        control.resume(ClientRuns(client), batch)
    return _report(batch, "Resumed", as_json)


def retry(
    run: Run,
    owner: Owner = "",
    only: Annotated[list[str] | None, Option(metavar="KEY ...", help="Just these items.")] = None,
    blocked_too: Annotated[bool, Option("--all", help="Also what was blocked.")] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Make what is not completed.

    Says the price first; where it costs something, a person at a terminal is asked.
    """
    from pressrun.batches import control
    from pressrun.batches.retried import RetriedItems
    from pressrun.ledger import open_ledger

    batch = chosen_batch(run, owner)
    ledger = open_ledger()
    items = control.wanted(ledger, batch, only)
    retried = RetriedItems.among(items)
    cost_usd = _price(ledger, batch, retried)
    if not as_json:
        print_note(f"It costs about ${cost_usd:.4f}." if cost_usd else "It costs nothing.")
        if unread := len(retried.unread):
            print_note(
                f"That has none of {counted(unread, 'item')} that could not be read yet and "
                f"{'is' if unread == 1 else 'are'} looked at first."
            )
    if cost_usd and not yes and sys.stdin.isatty() and not ask("Retry?"):
        print_note("Nothing was changed.")
        return 2
    with asking() as client:
        control.retry(ClientRuns(client), ledger, batch, items, only, blocked_too=blocked_too)
    return _report(batch, f"Retrying {len(items)} items", as_json)


def _price(ledger: "Ledger", batch: "Batch", retried: "RetriedItems") -> float:
    """Computes what a retry will probably cost, in USD."""
    known = retried.quote_known(ledger, batch).cost_usd.expected if retried.known else 0.0
    mended = retried.quote_mended(ledger, batch).cost_usd.expected if retried.mended else 0.0
    return known + mended


def rerun(
    run: Run,
    owner: Owner = "",
    reuse: Annotated[
        bool, Option("--reuse", help="Take over what is paid and asked just the same.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Start a new batch with the same parameters."""
    from pressrun.kinds.parameters import with_present_names
    from pressrun.kinds.registry import find_kind

    batch = chosen_batch(run, owner)
    with asking() as client:
        old = client.read_flow_run(UUID(batch.id))
        if old.deployment_id is None:
            raise InputError("The run had no deployment. Start the flow again with its parameters.")
        reused = {"reuse": batch.id} if reuse else {}
        parameters = find_kind(batch.kind).before_choices(batch.parameters)
        parameters |= with_present_names(old.parameters) | reused
        new = client.create_flow_run_from_deployment(old.deployment_id, parameters=parameters)
    if as_json:
        print_json({"batch": str(new.id), "did": "Started"})
    else:
        print_line(f"Started {new.id}")
    return 0


def _is_unplanned(run: str) -> bool:
    """Says whether a whole id of a run was given of which the ledger knows no batch (yet)."""
    from pressrun.ledger import open_ledger

    try:
        return open_ledger().batches.find(str(UUID(run))) is None
    except ValueError:
        return False


def _report(batch: "Batch", did: str, as_json: bool) -> int:
    return _reported(batch.id, batch.root, did, as_json)


def _reported(batch_id: str, called: str, did: str, as_json: bool) -> int:
    if as_json:
        print_json({"batch": batch_id, "did": did})
    else:
        print_line(f"{did}: {called}")
    return 0


@contextmanager
def asking() -> "Iterator[SyncPrefectClient]":
    """Opens a client of the Prefect server; says in a sentence what the server does not know."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    with answering_server(), get_client(sync_client=True) as client:
        try:
            yield client
        except ObjectNotFound as error:
            raise InputError(_UNKNOWN) from error
