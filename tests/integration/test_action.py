"""``action``: a quote that pays nothing, a preview that waits for a person."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State

from flows.slideshow_batch import slideshow_batch
from pressrun.errors import InputError
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.integration.conftest import artifacts_by_subject
from tests.support.batches import parameters
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def run(given: dict[str, Any]) -> State[Any]:
    state: State[Any] = slideshow_batch(**given, return_state=True)
    return state


def test_a_quote_writes_no_batch_keeps_no_bytes_and_is_shown(home: Path) -> None:
    state = run(parameters(home, shows=3, text_variations=2, action="quote"))
    assert (state.name, state.is_completed()) == ("Quoted", True)
    assert (state.message or "").startswith("6 items, 18 calls, $0.0000")
    with pytest.raises(InputError, match="No batch"):
        open_ledger().batches.match("latest")
    assert not list(settings().vault_folder.rglob("*.*"))
    assert not (home / "output").exists()
    run_id = state.state_details.flow_run_id
    assert run_id
    shown = artifacts_by_subject(run_id)
    assert set(shown) == {"quote"}
    assert "| sketch | 18 | 12 |" in str(shown["quote"].data)


def test_each_run_shows_its_own_quote_also_when_a_newer_run_has_one(home: Path) -> None:
    first = run(parameters(home, action="quote", text_variations=2)).state_details.flow_run_id
    run(parameters(home, action="quote", text_variations=5))
    assert first
    key = artifacts_by_subject(first)["quote"].key
    # As the UI opens a card: the newest artifact of its key.
    with get_client(sync_client=True) as client:
        newest = client.request("GET", "/artifacts/{key}/latest", path_params={"key": key}).json()
    assert newest["flow_run_id"] == str(first)
    assert "2 items" in newest["description"]


def test_a_preview_makes_one_item_and_goes_on_when_it_is_resumed(home: Path) -> None:
    states: list[State[Any]] = []
    given = parameters(home, shows=3, action="preview")
    thread = threading.Thread(target=lambda: states.append(run(given)))
    thread.start()
    batch = until(lambda: open_ledger().batches.match("latest"))
    with get_client(sync_client=True) as client:
        run_id = UUID(batch.id)
        until(lambda: client.read_flow_run(run_id).state_name == "Paused")
        counts = open_ledger().batches.counts(batch.id)
        assert counts == {"completed": 1, "pending": 2}
        client.resume_flow_run(run_id, run_input={"decision": "approve"})
    thread.join(60)
    assert states[0].is_completed()
    assert open_ledger().batches.counts(batch.id) == {"completed": 3}
