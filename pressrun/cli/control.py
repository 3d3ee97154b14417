"""Control of a run: sent to the Prefect server, and to the ledger what concerns the batch."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from pressrun.cli.output import chosen_batch, print_json, print_line
from pressrun.cli.stores import answering_server, target_of
from pressrun.errors import InputError

#: A process whose run was just paused may still end its calls.
_ORPHAN_S = 60.0

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State

    from pressrun.ledger.records import Batch


def pause(options: argparse.Namespace) -> int:
    """``pressrun pause``: without the timeout that the UI's button has."""
    from prefect.states import Suspended

    return _set(options, Suspended(message="Paused by pressrun pause."), "Paused")


def cancel(options: argparse.Namespace) -> int:
    """``pressrun cancel``: also of a run without a process, which waits, or died."""
    from prefect.states import Cancelled, Cancelling

    from pressrun.batches.finish import conclude_orphan

    batch, said = chosen_batch(options), "Cancelled by pressrun cancel."
    with asking() as client:
        now = client.read_flow_run(UUID(batch.id)).state
        # The server ends a waiting run at once, and runs nothing of ours for it.
        waits = now is not None and (now.is_paused() or now.is_cancelled())
        if not waits or batch.status == "cancelled":
            return _set(options, Cancelling(message=said), "Cancelling")
        client.set_flow_run_state(UUID(batch.id), Cancelled(message=said), force=True)
        conclude_orphan(batch, target_of(batch), _ORPHAN_S)
    return _report(options, batch, "Cancelled")


def resume(options: argparse.Namespace) -> int:
    """``pressrun resume``: also a run whose pause the server has ended by its timeout.

    Raises:
        InputError: It waits for a review, or there is nothing to resume.
    """
    from prefect.states import AwaitingRetry

    batch = chosen_batch(options)
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
    return _report(options, batch, "Resumed")


def retry(options: argparse.Namespace) -> int:
    """``pressrun retry``: makes what is not completed, or just some of it."""
    from prefect.states import AwaitingRetry

    from pressrun.ledger import open_ledger

    batch, batches = chosen_batch(options), open_ledger().batches
    items = {item.key: item for item in batches.items(batch.id)}
    if unknown := [key for key in options.only or () if key not in items]:
        raise InputError(f"The batch has no item {unknown[0]!r}. `items.csv` has the keys.")
    wanted = [items[key] for key in options.only] if options.only else list(items.values())
    wanted = [item for item in wanted if not item.is_made]
    # What failed when it was planned has nothing that could be made.
    again = [item.key for item in wanted if item.is_final and item.attempts]
    if not wanted:
        raise InputError("All of that is completed: there is nothing to retry.")
    with asking() as client:
        state = client.read_flow_run(UUID(batch.id)).state
        if state and not state.is_final():
            raise InputError(f"The run is {state.name}: wait for its end, or cancel it.")
        if options.all or options.only:
            batches.reopen(batch.id, again)
        batches.mark(batch.id, only=options.only)
        client.set_flow_run_state(UUID(batch.id), AwaitingRetry(), force=True)
    return _report(options, batch, f"Retrying {len(wanted)} items")


def rerun(options: argparse.Namespace) -> int:
    """``pressrun rerun``: a new batch with the same parameters; made anew, or reused."""
    from pressrun.kinds.parameters import with_action

    batch = chosen_batch(options)
    with asking() as client:
        old = client.read_flow_run(UUID(batch.id))
        if old.deployment_id is None:
            raise InputError("The run had no deployment. Start the flow again with its parameters.")
        reuse = {"reuse": batch.id} if options.reuse else {}
        parameters = with_action(old.parameters) | reuse
        new = client.create_flow_run_from_deployment(old.deployment_id, parameters=parameters)
    if options.json:
        print_json({"batch": str(new.id), "did": "Started"})
    else:
        print_line(f"Started {new.id}")
    return 0


def _set(options: argparse.Namespace, state: "State", did: str) -> int:
    batch = chosen_batch(options)
    with asking() as client:
        now = client.read_flow_run(UUID(batch.id)).state
        if now and now.is_final():
            raise InputError(f"The run has ended ({now.name}): there is nothing to stop.")
        client.set_flow_run_state(UUID(batch.id), state, force=True)
    return _report(options, batch, did)


def _report(options: argparse.Namespace, batch: "Batch", did: str) -> int:
    if options.json:
        print_json({"batch": batch.id, "did": did})
    else:
        print_line(f"{did}: {batch.root}")
    return 0


@contextmanager
def asking() -> "Iterator[SyncPrefectClient]":
    """A client of the Prefect server; what it does not know is said in words."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    with answering_server(), get_client(sync_client=True) as client:
        try:
            yield client
        except ObjectNotFound as error:
            raise InputError(
                "The Prefect server does not know this run. Is PREFECT_API_URL the right one?"
            ) from error
