"""Who names a block or a template: deployments with their schedules, and runs that are not over."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pressrun.boundary.text import plain_line
from pressrun.desk.server import PrefectServer

_MOST = 200
_OPEN = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")


def users_of(server: PrefectServer, *names: str) -> list[str]:
    """Lists what names one of these among its parameters, a sentence each.

    Args:
        server: Prefect's.
        names: As parameters have them: a block's id or ``slug/name``, a template's name.

    Raises:
        ServerAway: It does not answer.
    """
    return [*_deployments(server, names), *_runs(server, names)]


def _deployments(server: PrefectServer, names: Sequence[str]) -> Iterator[str]:
    for one in server.ask("POST", "/deployments/filter", {"limit": _MOST, "sort": "NAME_ASC"}):
        schedules = [schedule for schedule in one.get("schedules", ()) if schedule.get("active")]
        given = [one.get("parameters"), *(each.get("parameters") for each in schedules)]
        if _names_one(given, names):
            runs = "runs by a schedule" if schedules else "has no schedule"
            yield f"The deployment {plain_line(one['name'], 80)} names it ({runs})."


def _runs(server: PrefectServer, names: Sequence[str]) -> Iterator[str]:
    asked = {"flow_runs": {"state": {"type": {"any_": _OPEN}}}, "limit": _MOST}
    for run in server.ask("POST", "/flow_runs/filter", asked):
        if _names_one(run.get("parameters"), names):
            title = plain_line(str(run["parameters"].get("title") or run["name"]), 80)
            yield f"The batch “{title}” is not over and names it ({run['state_name'].lower()})."


def _names_one(parameters: Any, names: Sequence[str]) -> bool:
    text = json.dumps(parameters)
    return any(json.dumps(name) in text for name in names)
