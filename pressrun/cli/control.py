"""Control of a run: sent to the Prefect server, and to the ledger what concerns the batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from typer import Option

from pressrun.cli.options import Json, Owner, Run, chosen_batch
from pressrun.cli.output import print_json, print_line
from pressrun.cli.server import answering_server
from pressrun.cli.stores import target_of
from pressrun.errors import InputError

#: A process whose run was just paused may still end its calls.
_ORPHAN_S = 60.0

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State

    from pressrun.ledger.records import Batch


def pause(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Send no further call; what is in flight is kept.

    Without the timeout that the button in Prefect's UI has.
    """
    from prefect.states import Suspended

    state: State = Suspended(message="Paused by pressrun pause.")
    return _set(chosen_batch(run, owner), state, "Paused", as_json)


def cancel(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """End a batch; what is made is delivered.

    Also a run without a process: one that waits, or whose process died.
    """
    from prefect.states import Cancelled, Cancelling

    from pressrun.batches.finish import conclude_orphan

    batch, said = chosen_batch(run, owner), "Cancelled by pressrun cancel."
    with asking() as client:
        now = client.read_flow_run(UUID(batch.id)).state
        # The server ends a waiting run at once, and runs nothing of ours for it.
        waits = now is not None and (now.is_paused() or now.is_cancelled())
        if not waits or batch.status == "cancelled":
            return _set(batch, Cancelling(message=said), "Cancelling", as_json)
        client.set_flow_run_state(UUID(batch.id), Cancelled(message=said), force=True)
        conclude_orphan(batch, target_of(batch), _ORPHAN_S)
    return _report(batch, "Cancelled", as_json)


def resume(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Go on with a paused batch.

    Also where the server has ended the pause by its timeout.
    """
    from prefect.states import AwaitingRetry

    batch = chosen_batch(run, owner)
    with asking() as client:
        state = client.read_flow_run(UUID(batch.id)).state
        if state and state.is_paused() and state.state_details.run_input_keyset:
            raise InputError("The run waits for its review: pressrun review, approve or reject.")
        if state and state.is_paused():
            client.resume_flow_run(UUID(batch.id))
        elif state and state.is_final() and not state.is_completed():
            client.set_flow_run_state(UUID(batch.id), AwaitingRetry(), force=True)
        else:
            name = state.name if state else "unknown"
            raise InputError(f"The run is {name}, not paused: there is nothing to resume.")
    return _report(batch, "Resumed", as_json)


def retry(
    run: Run,
    owner: Owner = "",
    only: Annotated[list[str] | None, Option(metavar="KEY ...", help="Just these items.")] = None,
    blocked_too: Annotated[bool, Option("--all", help="Also what was blocked.")] = False,
    as_json: Json = False,
) -> int:
    """Make what is not completed."""
    from prefect.states import AwaitingRetry

    from pressrun.ledger import open_ledger

    batch, batches = chosen_batch(run, owner), open_ledger().batches
    items = {item.key: item for item in batches.items(batch.id)}
    if unknown := [key for key in only or () if key not in items]:
        raise InputError(f"The batch has no item {unknown[0]!r}. `items.csv` has the keys.")
    wanted = [items[key] for key in only] if only else list(items.values())
    wanted = [item for item in wanted if not item.is_made]
    # An item that failed when it was planned has nothing that could be made.
    again = [item.key for item in wanted if item.is_final and item.attempts]
    if not wanted:
        raise InputError("All of that is completed: there is nothing to retry.")
    with asking() as client:
        state = client.read_flow_run(UUID(batch.id)).state
        if state and not state.is_final():
            raise InputError(f"The run is {state.name}: wait for its end, or cancel it.")
        if blocked_too or only:
            batches.reopen(batch.id, again)
        batches.mark(batch.id, only=only)
        client.set_flow_run_state(UUID(batch.id), AwaitingRetry(), force=True)
    return _report(batch, f"Retrying {len(wanted)} items", as_json)


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

    batch = chosen_batch(run, owner)
    with asking() as client:
        old = client.read_flow_run(UUID(batch.id))
        if old.deployment_id is None:
            raise InputError("The run had no deployment. Start the flow again with its parameters.")
        reused = {"reuse": batch.id} if reuse else {}
        parameters = with_present_names(old.parameters) | reused
        new = client.create_flow_run_from_deployment(old.deployment_id, parameters=parameters)
    if as_json:
        print_json({"batch": str(new.id), "did": "Started"})
    else:
        print_line(f"Started {new.id}")
    return 0


def _set(batch: "Batch", state: "State", did: str, as_json: bool) -> int:
    with asking() as client:
        now = client.read_flow_run(UUID(batch.id)).state
        if now and now.is_final():
            raise InputError(f"The run has ended ({now.name}): there is nothing to stop.")
        client.set_flow_run_state(UUID(batch.id), state, force=True)
    return _report(batch, did, as_json)


def _report(batch: "Batch", did: str, as_json: bool) -> int:
    if as_json:
        print_json({"batch": batch.id, "did": did})
    else:
        print_line(f"{did}: {batch.root}")
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
            raise InputError(
                "The Prefect server does not know this run. Is PREFECT_API_URL the right one?"
            ) from error
