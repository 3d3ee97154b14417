"""A run that waits for a person, from a terminal: what it asks, and the answer."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from typer import Option

from pressrun.boundary.files import read_text
from pressrun.cli.batches import standard_input
from pressrun.cli.control import asking
from pressrun.cli.options import Json, Owner, Run, chosen_batch
from pressrun.cli.output import print_json, print_line
from pressrun.errors import InputError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

    from pressrun.ledger.records import Batch

_MOST_BYTES = 64 * 2**20


def review(
    run: Run,
    owner: Owner = "",
    text: Annotated[bool, Option("--text", help="Print just the text that can be edited.")] = False,
    as_json: Json = False,
) -> int:
    """Show what a waiting run asks."""
    batch = chosen_batch(run, owner)
    with asking() as client:
        page, fields = _question(client, batch.id)
    if text:
        if "text" not in fields:
            raise InputError("This review has no text to edit. See --set of `pressrun approve`.")
        print(fields["text"]["default"], end="")
    elif as_json:
        chosen = {name: field.get("default") for name, field in fields.items()}
        chosen.pop("decision")
        print_json({"batch": batch.id, "page": page, "fields": chosen})
    else:
        for line in page.splitlines():
            print_line(line)
    return 0


def approve(
    run: Run,
    owner: Owner = "",
    text: Annotated[
        str, Option(metavar="FILE", help="The plan as you edited it; - for input.")
    ] = "",
    drop: Annotated[str, Option(metavar="NUMBERS", help="What to leave out, such as 3,7-9.")] = "",
    assignments: Annotated[
        list[str] | None, Option("--set", metavar="NAME=VALUE", help="A setting of the batch.")
    ] = None,
    show_again: Annotated[
        bool, Option("--show-again", help="Ask once more with the changes.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Let a waiting run go on."""
    changes = dict(_value(assignment) for assignment in assignments or ())
    if text:
        changes["text"] = standard_input() if text == "-" else _read_text(Path(text))
    if drop:
        changes["drop"] = drop
    decision = "edit" if show_again else "approve"
    return _answer(chosen_batch(run, owner), decision, changes, as_json)


def reject(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Let a waiting run make nothing more."""
    return _answer(chosen_batch(run, owner), "reject", {}, as_json)


def _answer(batch: "Batch", decision: str, changes: dict[str, Any], as_json: bool) -> int:
    with asking() as client:
        _, fields = _question(client, batch.id)
        if unknown := [name for name in changes if name not in fields]:
            known = ", ".join(name for name in fields if name != "decision")
            raise InputError(f"The review has no field {unknown[0]!r}. It has: {known}.")
        answer = client.resume_flow_run(UUID(batch.id), {"decision": decision} | changes)
    if answer.status.value != "ACCEPT":
        raise InputError(f"The answer is refused: {getattr(answer.details, 'reason', '')}")
    if as_json:
        print_json({"batch": batch.id, "did": decision, "changed": sorted(changes)})
    else:
        print_line(f"{decision}: {batch.root}")
    return 0


def _question(client: "SyncPrefectClient", batch_id: str) -> tuple[str, dict[str, Any]]:
    """Reads the page that the server shows, and the fields of its form."""
    state = client.read_flow_run(UUID(batch_id)).state
    keys = state.state_details.run_input_keyset if state and state.is_paused() else None
    if not keys:
        raise InputError("The run waits for no review. `pressrun status` says where it stands.")
    page, form = (
        client.request(
            "GET",
            "/flow_runs/{id}/input/{key}",
            path_params={"id": batch_id, "key": keys[part]},
        ).json()
        for part in ("description", "schema")
    )
    return page, form["properties"]


def _value(assignment: str) -> tuple[str, Any]:
    name, equals, value = assignment.partition("=")
    if not equals:
        raise InputError(f"--set takes NAME=VALUE, not {assignment[:40]!r}.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


def _read_text(path: Path) -> str:
    return read_text(path, _MOST_BYTES)
