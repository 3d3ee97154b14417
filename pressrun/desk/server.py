"""Prefect's server as the desk asks it: its API alone, without importing Prefect."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pressrun.batches.control import RunState
from pressrun.boundary.text import plain_line
from pressrun.desk.prefect_api import ACT_S, PrefectApi
from pressrun.errors import InputError

#: The work pool that ``make up`` and docs/reference.md name.
POOL = "pressrun"
#: What Prefect writes before the words of an error.
_RAISED = re.compile(r"^Flow run encountered an exception: \w+: ")
#: For so many hours a run that has ended without a batch is shown.
_LATELY_H = 6

_STANDS = {
    "RUNNING": "Is being planned",
    "CANCELLING": "Is being cancelled",
    "CRASHED": "Goes on by itself",
}
_UNENDED = ("SCHEDULED", "PENDING", "RUNNING", "CANCELLING")
_ENDED = ("FAILED", "CRASHED", "COMPLETED", "CANCELLED")

#: How lines begin that Prefect logs of every run before its flow says anything.
_PREFECTS_OWN = re.compile(
    r"(Running \d+|Executing|All) deployment|Deployment step|Beginning flow run|View at |Finished "
)
#: And whose lines are about processes: what starts the run's.
_WORKERS = "prefect.flow_runs."


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that was started; whether it has a batch yet, only the ledger knows.

    Attributes:
        title: As its parameters say, else the run's name.
        type: Of its state, as Prefect writes it: ``PENDING`` …
        name: What that state is called.
        message: What it says.
        kind: Of what it makes; empty where the flow is not asked for.
        began_at: When it began or was due, in Unix seconds; 0 if that is not known.
        since: When it came to stand so, likewise.
    """

    id: str
    title: str
    type: str
    name: str
    message: str
    kind: str = ""
    began_at: float = 0.0
    since: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and does not go on by itself."""
        state = RunState(self.type, self.name, since=self.since)
        return state.is_final and not state.goes_on

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        if self.is_over:
            return self.name
        return _STANDS.get(self.type, "Waits for a worker")


@dataclass(frozen=True, slots=True)
class SavedBlock:
    """A block that is saved on the server; of a store, ``place`` is where it leads."""

    id: str
    name: str
    place: str = ""


class PrefectServer(PrefectApi):
    """The runs and deployments of a server; see :class:`pressrun.batches.control.RunServer`.

    Args:
        api_url: Such as ``http://127.0.0.1:4200/api``.
        login: Name and password; empty where it asks for none.
        ui_url: Where people open it; empty for the API's own address.
    """

    def __init__(self, api_url: str, login: str = "", ui_url: str = ""):
        super().__init__(api_url, login, ui_url)
        self._flows = dict[str, str]()

    def run_page(self, run_id: str) -> str:
        """Gives the address of a run's page in Prefect."""
        return f"{self.ui_url}/v2/runs/flow-run/{run_id}"

    def form_page(self, deployment: str) -> str:
        """Gives the address of the form that starts a run of a deployment, ``flow/name``.

        Raises:
            ServerAway: It does not answer.
            InputError: The deployment is not registered.
        """
        found = self.ask("GET", f"/deployments/name/{deployment}")
        return f"{self.ui_url}/v2/deployments/deployment/{found['id']}/run"

    def start(self, deployment: str, parameters: Mapping[str, Any], key: str) -> str:
        """Starts a run of a deployment with a form's parameters; gives its id.

        Args:
            deployment: ``flow/name``.
            parameters: As the form would send them; a block is ``{"$ref": …}``.
            key: The same key starts one run, however often it is sent.

        Raises:
            ServerAway: It does not answer.
            InputError: The deployment is not registered, or the server refuses the parameters.
        """
        found = self.ask("GET", f"/deployments/name/{deployment}")
        asked = {
            "parameters": dict(parameters),
            "idempotency_key": key,
            "state": {"type": "SCHEDULED", "name": "Scheduled"},
        }
        run = self.ask("POST", f"/deployments/{found['id']}/create_flow_run", asked, ACT_S)
        return str(run["id"])

    def saved(self, block_type: str) -> list[SavedBlock]:
        """Lists the saved blocks of a type, by name."""
        asked = {"block_types": {"slug": {"any_": [block_type]}}, "limit": 200}
        found = self.ask("POST", "/block_documents/filter", asked)
        blocks = [
            SavedBlock(block["id"], block["name"], (block.get("data") or {}).get("destination", ""))
            for block in found
            if block["name"]
        ]
        return sorted(blocks, key=lambda block: block.name)

    def rows(self, path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Reads rows of one of the server's lists, such as ``/deployments/filter``."""
        found: list[dict[str, Any]] = self.ask("POST", path, asked, ACT_S)
        return found

    def variable(self, name: str) -> Any:
        """Reads a variable's value; None if there is none of that name."""
        found = self.ask("POST", "/variables/filter", {"variables": {"name": {"any_": [name]}}})
        return found[0]["value"] if found else None

    def run(self, run_id: str) -> Begun:
        """Reads a run as it stands, whether it has a batch or not."""
        return _begun(self.ask("GET", _run(run_id)))

    def last_words(self, run_id: str) -> str:
        """Gives the newest line of a run's log that is not Prefect's own; empty if none is."""
        asked = {
            "logs": {"flow_run_id": {"any_": [run_id]}, "level": {"ge_": 20}},
            "sort": "TIMESTAMP_DESC",
            "limit": 20,
        }
        lines = self.ask("POST", "/logs/filter", asked)
        own = (
            one["message"]
            for one in lines
            if not (one["name"].startswith(_WORKERS) or _PREFECTS_OWN.match(one["message"]))
        )
        return plain_line(next(own, ""), 300)

    def given(self, run_id: str) -> tuple[str, dict[str, Any]]:
        """Gives a run's flow and the parameters that it was started with."""
        run = self.ask("GET", _run(run_id))
        flow = self.ask("GET", f"/flows/{quote(str(run['flow_id']), safe='')}")
        return str(flow["name"]), dict(run["parameters"])

    def has_worker(self) -> bool:
        """Says whether a worker of the pool is there, without which no batch starts."""
        workers = self.ask("POST", f"/work_pools/{POOL}/workers/filter", {})
        return any(worker["status"] == "ONLINE" for worker in workers)

    def begun(self, kinds: Mapping[str, str]) -> list[Begun]:
        """Lists the runs that are due, in work or ended lately, newest first.

        Args:
            kinds: What the flows make that are asked for, by the flow's name.
        """
        now = datetime.now(UTC)
        due, since = now + timedelta(minutes=1), now - timedelta(hours=_LATELY_H)
        known = self._kinds_of(kinds)
        begun = self._runs(known, _UNENDED, expected_start_time={"before_": str(due)})
        return begun + self._runs(known, _ENDED, end_time={"after_": str(since)})

    def _kinds_of(self, kinds: Mapping[str, str]) -> dict[str, str]:
        """Gives what the flows make by their ids, which stay as they are."""
        if missing := kinds.keys() - self._flows.keys():
            asked = {"flows": {"name": {"any_": sorted(missing)}}}
            found = self.ask("POST", "/flows/filter", asked)
            self._flows |= {flow["name"]: str(flow["id"]) for flow in found}
        return {self._flows[flow]: kinds[flow] for flow in kinds if flow in self._flows}

    def _runs(
        self, kinds: Mapping[str, str], types: Sequence[str], **fits: dict[str, str]
    ) -> list[Begun]:
        asked = {
            "flows": {"id": {"any_": list(kinds)}},
            "flow_runs": {"state": {"type": {"any_": list(types)}}, **fits},
            "sort": "EXPECTED_START_TIME_DESC",
            "limit": 50,
        }
        found = self.ask("POST", "/flow_runs/filter", asked)
        return [_begun(run, kinds.get(str(run["flow_id"]), "")) for run in found]

    def state(self, run_id: str) -> RunState | None:
        """Reads where a run stands; None before its first state."""
        state = self.ask("GET", _run(run_id))["state"]
        if state is None:
            return None
        asks = bool((state.get("state_details") or {}).get("run_input_keyset"))
        return RunState(state["type"], state["name"], asks, _seconds(state.get("timestamp")))

    def suspend(self, run_id: str, message: str) -> None:
        """Lets no further task start, without a timeout."""
        details = {"pause_reschedule": True}
        _require_accepted(self._set(run_id, "PAUSED", "Suspended", message, details))

    def resume(self, run_id: str) -> None:
        """Lets a suspended run go on."""
        _require_accepted(self.ask("POST", f"{_run(run_id)}/resume", {}, ACT_S))

    def answer(self, run_id: str, given: Mapping[str, object]) -> None:
        """Gives the answer to the form for which a run waits.

        Raises:
            InputError: It waits for none any more, or the form does not take this.
        """
        asked = {"run_input": dict(given)}
        _require_accepted(self.ask("POST", f"{_run(run_id)}/resume", asked, ACT_S))

    def await_retry(self, run_id: str) -> None:
        """Lets a run that has ended begin again."""
        details = {"scheduled_time": datetime.now(UTC).isoformat()}
        _require_accepted(self._set(run_id, "SCHEDULED", "AwaitingRetry", "", details))

    def cancel(self, run_id: str, message: str, *, at_once: bool) -> None:
        """Ends a run."""
        name = "Cancelled" if at_once else "Cancelling"
        answer = self._set(run_id, name.upper(), name, message, {})
        # The server itself says Cancelled in place of Cancelling where no process runs.
        if (answer.get("state") or {}).get("type") not in {"CANCELLING", "CANCELLED"}:
            _require_accepted(answer)

    def _set(
        self, run_id: str, state_type: str, name: str, message: str, details: dict[str, Any]
    ) -> dict[str, Any]:
        state = {"type": state_type, "name": name, "message": message, "state_details": details}
        asked = {"state": state, "force": True}
        answer: dict[str, Any] = self.ask("POST", f"{_run(run_id)}/set_state", asked, ACT_S)
        return answer


def _begun(run: Mapping[str, Any], kind: str = "") -> Begun:
    state = run.get("state") or {}
    return Begun(
        str(run["id"]),
        str(run["parameters"].get("title") or run["name"]),
        str(run["state_type"] or "SCHEDULED"),
        str(run["state_name"] or "Scheduled"),
        _RAISED.sub("", state.get("message") or ""),
        kind,
        _seconds(run.get("start_time") or run.get("expected_start_time")),
        _seconds(state.get("timestamp")),
    )


def _seconds(at: str | None) -> float:
    return datetime.fromisoformat(at).timestamp() if at else 0.0


def _run(run_id: str) -> str:
    return f"/flow_runs/{quote(run_id, safe='')}"


def _require_accepted(answer: dict[str, Any]) -> None:
    if answer["status"] != "ACCEPT":
        reason = (answer.get("details") or {}).get("reason") or answer["status"]
        raise InputError(f"Prefect's server refuses: {reason}")
