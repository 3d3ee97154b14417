"""Who names a block or a template: deployments with their schedules, and runs that are not over."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pressrun.batches.templates import variable_name
from pressrun.boundary.text import plain_line
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError

_MOST = 200
_OPEN = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")

#: Says whether parameters name what is looked for.
Naming = Callable[[Mapping[str, Any]], bool]


def naming_block(block_id: str, slug: str, name: str) -> Naming:
    """Looks for a block: by its id, or by the slug of its type and its name."""
    marks = [json.dumps(mark) for mark in (block_id, f"{slug}/{name}")]
    return lambda given: any(mark in json.dumps(given) for mark in marks)


def naming_template(name: str) -> Naming:
    """Looks for a template, however its name is written."""

    def named(given: Mapping[str, Any]) -> bool:
        try:
            return variable_name(str(given.get("template") or "")) == variable_name(name)
        except InputError:  # none is named
            return False

    return named


def users_of(server: PrefectServer, names: Naming) -> list[str]:
    """Lists what names it, a sentence each.

    Raises:
        ServerAway: Prefect's server does not answer.
    """
    return [*_deployments(server, names), *_runs(server, names)]


def _deployments(server: PrefectServer, names: Naming) -> Iterator[str]:
    for one in server.ask("POST", "/deployments/filter", {"limit": _MOST, "sort": "NAME_ASC"}):
        schedules = [schedule for schedule in one.get("schedules", ()) if schedule.get("active")]
        given = [one.get("parameters"), *(each.get("parameters") for each in schedules)]
        if any(names(each) for each in given if each):
            runs = "runs by a schedule" if schedules else "has no schedule"
            yield f"The deployment {_title(one)} names it ({runs})."


def _title(deployment: Mapping[str, Any]) -> str:
    # Four of them are called default: one for each flow.
    _, _, flow = (deployment.get("entrypoint") or "").rpartition(".")
    name = plain_line(deployment["name"], 80)
    return f"{plain_line(flow, 40).replace('_', '-')}/{name}" if flow else name


def _runs(server: PrefectServer, names: Naming) -> Iterator[str]:
    asked = {"flow_runs": {"state": {"type": {"any_": _OPEN}}}, "limit": _MOST}
    for run in server.ask("POST", "/flow_runs/filter", asked):
        given = run.get("parameters") or {}
        if names(given):
            title = plain_line(str(given.get("title") or run["name"]), 80)
            yield f"The batch “{title}” is not over and names it ({run['state_name'].lower()})."
