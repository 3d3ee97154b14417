"""A ledger from before ``what`` became ``action`` opens, and its batches go on.

``ledgers/before_action.zip`` was written by the code of commit 3b63d6b in the folder
``/srv/pressrun``: a slideshow batch of six items, approved, previewed and paused after two and a
half of them; and an image batch that is whole. What of the vault was delivered is left out.
"""

import sqlite3
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.variables import Variable

from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.batches.templates import variable_name
from pressrun.ledger import open_ledger
from pressrun.ledger.reviews import approvals, require_as_approved
from tests.servers.gemini import GeminiServer
from tests.support.batches import account_at, delivered, parameters, work

LEDGER = Path(__file__).parent / "ledgers" / "before_action.zip"
PAUSED = "11111111-2222-4333-8444-555555555555"
WHOLE = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


@pytest.fixture
def older(home: Path) -> Path:
    """The ledger with its vault, its batches' destination below ``home``."""
    with zipfile.ZipFile(LEDGER) as kept:
        kept.extractall(home / "data")
    connection = sqlite3.connect(home / "data" / "ledger.db")
    with connection:
        connection.execute("UPDATE batches SET destination = ?", [str(home / "output")])
    connection.close()
    return home


@pytest.mark.usefixtures("older")
def test_parameters_are_translated_and_what_was_approved_stays_approved() -> None:
    paused, whole = (open_ledger().batches.match(batch) for batch in (PAUSED, WHOLE))
    assert (paused.parameters["action"], whole.parameters["action"]) == ("preview", "run")
    assert "what" not in paused.parameters.keys() | whole.parameters.keys()
    assert set(approvals(paused)) == {"plan", "preview"}
    require_as_approved(open_ledger(), paused)


@pytest.mark.usefixtures("older")
def test_a_paused_batch_makes_what_is_left_and_pays_for_nothing_twice() -> None:
    batch = open_ledger().batches.match(PAUSED)
    assert open_ledger().batches.counts(PAUSED) == {"completed": 2, "pending": 4}
    with GeminiServer() as server:
        outcome = work(batch, account_at(server.url))
        assert len(server.bill) == 7  # of 12 pictures, five were paid before
    assert outcome.record.summary() == "6 of 6 completed"
    connection = sqlite3.connect(Path(batch.destination).parent / "data" / "ledger.db")
    calls = connection.execute(
        "SELECT item_key, slot, status FROM calls WHERE batch_id = ?", [PAUSED]
    ).fetchall()
    connection.close()
    assert set(Counter(calls).values()) == {1}
    assert {status for *_, status in calls} == {"settled"}
    made = {name for name in delivered(batch) if name.endswith(".jpg")}
    assert made == {
        f"Link_00{show}_@show_{show}/variation_1/slide_{slide}.jpg"
        for show in range(3, 7)
        for slide in range(2)
    }


def run_of(flow: Any, given: dict[str, Any], *, by_worker: bool = False) -> State[Any] | Pause:
    """The end of a run of a deployment, started as a test or as a worker's process starts it."""
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(client.create_flow_from_name(flow.name), "older")
        made = client.create_flow_run_from_deployment(deployment, parameters=given)
        flow_run = client.read_flow_run(made.id)
    handed = None if by_worker else flow_run.parameters
    try:
        ended: Any = run_flow(flow, flow_run, parameters=handed, return_type="state")
    except Pause as paused:
        return paused
    assert isinstance(ended, State)
    return ended


@pytest.mark.usefixtures("prefect_server", "home")
@pytest.mark.parametrize("by_worker", [False, True])
def test_a_run_that_was_made_before_is_read(home: Path, *, by_worker: bool) -> None:
    given = {"prompts": "- a cup\n- a plate"}
    state = run_of(image_batch, given | {"what": "quote only"}, by_worker=by_worker)
    assert isinstance(state, State)
    assert state.name == "Quoted"
    shows = parameters(home, shows=2, what="preview first")
    assert isinstance(run_of(slideshow_batch, shows, by_worker=by_worker), Pause)
    batch = open_ledger().batches.match("latest")
    assert batch.parameters["action"] == "preview"
    assert open_ledger().batches.counts(batch.id) == {"completed": 1, "pending": 1}


@pytest.mark.usefixtures("prefect_server", "home")
def test_what_todays_form_says_holds_in_a_copy_of_an_older_run() -> None:
    given = {"prompts": "- a cup", "what": "quote only", "action": "run"}
    state = run_of(image_batch, given)
    assert isinstance(state, State)
    assert state.is_completed()
    assert state.name == "Completed"


@pytest.mark.usefixtures("prefect_server", "home")
def test_an_older_template_fills_the_action() -> None:
    settings = {"what": "quote only", "format": "PNG"}
    template = {"flow": "image-batch", "settings": settings}
    Variable.set(variable_name("older"), template, overwrite=True)
    state: State[Any] = image_batch(prompts="- a cup", template="older", return_state=True)
    assert state.name == "Quoted"
