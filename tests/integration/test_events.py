"""Which events a run sends of its task runs, what the server makes of them, what is left out."""

from pathlib import Path
from typing import Any
from uuid import UUID

import prefect.results
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext

from flows.image_batch import image_batch
from pressrun.ledger import open_ledger
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def task_runs(run_id: str) -> list[TaskRun]:
    mine = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id)]))
    with get_client(sync_client=True) as client:
        return client.read_task_runs(flow_run_filter=mine)


def ended(run_id: str) -> list[TaskRun]:
    """The run's task runs when the server has written down the ends of all."""
    found = task_runs(run_id)
    over = [run for run in found if run.state and run.state.is_final()]
    return over if len(over) == 5 else []  # plan, two items, deliver, report


def test_the_server_knows_every_task_run_though_it_was_not_told_that_they_were_pending(
    home: Path,
) -> None:
    state = image_batch(prompts="- a cup\n- a plate", return_state=True)
    assert state.is_completed()
    run_id = open_ledger().batches.match("latest").id
    runs = until(lambda: ended(run_id), 60)
    assert {run.name.split("-")[0] for run in runs} >= {"plan", "deliver", "report"}
    assert {run.state_name for run in runs} == {"Completed"}
    assert all(run.start_time and run.end_time for run in runs)
    with get_client(sync_client=True) as client:
        states = [client.read_task_run_states(run.id) for run in runs]
    assert {state.name for each in states for state in each} == {"Running", "Completed"}


def test_of_many_items_only_the_ends_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.execute._SHOWN_IN_WORK", 1)
    state = image_batch(prompts="- a cup\n- a plate", return_state=True)
    assert state.is_completed()
    run_id = open_ledger().batches.match("latest").id
    runs = until(lambda: ended(run_id), 60)
    assert all(run.start_time and run.end_time for run in runs)
    with get_client(sync_client=True) as client:
        told = {run.name: [s.name for s in client.read_task_run_states(run.id)] for run in runs}
    items = [names for name, names in told.items() if name.startswith("Task ")]
    steps = [names for name, names in told.items() if not name.startswith("Task ")]
    assert items == [["Completed"]] * 2, told
    assert all("Running" in names for names in steps)


def test_no_place_is_worked_out_for_what_a_made_item_gives(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[str] = []
    store: Any = prefect.results.ResultStore
    create = store.create_result_record

    def spied(self: Any, *arguments: Any, **named: Any) -> Any:
        if context := TaskRunContext.get():
            placed.append(context.task.name)
        return create(self, *arguments, **named)

    monkeypatch.setattr(store, "create_result_record", spied)
    assert image_batch(prompts="- a cup\n- a plate", return_state=True).is_completed()
    assert "plan" in placed
    assert "generate" not in placed
