"""A run that waits for a person, from a terminal: what it asks, and the answer."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pressrun.cli.batches import standard_input
from pressrun.cli.control import asking
from pressrun.cli.output import chosen_batch, print_json, print_line
from pressrun.errors import InputError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def review(options: argparse.Namespace) -> int:
    """``pressrun review``: the page and the fields of the form, or just the text to edit."""
    batch = chosen_batch(options)
    with asking() as client:
        page, fields = _question(client, batch.id)
    if options.text:
        if "text" not in fields:
            raise InputError("This review has no text to edit. See --set of `pressrun approve`.")
        print(fields["text"]["default"], end="")
    elif options.json:
        chosen = {name: field.get("default") for name, field in fields.items()}
        chosen.pop("decision")
        print_json({"batch": batch.id, "page": page, "fields": chosen})
    else:
        for line in page.splitlines():
            print_line(line)
    return 0


def approve(options: argparse.Namespace) -> int:
    """``pressrun approve``: as it stands, or with changes."""
    changes = dict(_value(assignment) for assignment in options.set)
    if options.text:
        changes["text"] = (
            standard_input() if options.text == "-" else _read_text(Path(options.text))
        )
    if options.drop:
        changes["drop"] = options.drop
    return _answer(options, "edit" if options.show_again else "approve", changes)


def reject(options: argparse.Namespace) -> int:
    """``pressrun reject``: nothing more is made."""
    return _answer(options, "reject", {})


def _answer(options: argparse.Namespace, decision: str, changes: dict[str, Any]) -> int:
    batch = chosen_batch(options)
    with asking() as client:
        _, fields = _question(client, batch.id)
        if unknown := [name for name in changes if name not in fields]:
            known = ", ".join(name for name in fields if name != "decision")
            raise InputError(f"The review has no field {unknown[0]!r}. It has: {known}.")
        answer = client.resume_flow_run(UUID(batch.id), {"decision": decision} | changes)
    if answer.status.value != "ACCEPT":
        raise InputError(f"The answer is refused: {getattr(answer.details, 'reason', '')}")
    if options.json:
        print_json({"batch": batch.id, "did": decision, "changed": sorted(changes)})
    else:
        print_line(f"{decision}: {batch.root}")
    return 0


def _question(client: "SyncPrefectClient", batch_id: str) -> tuple[str, dict[str, Any]]:
    """The page that the server shows, and the fields of its form."""
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
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
