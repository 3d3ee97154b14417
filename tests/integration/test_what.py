"""``what``: a quote that pays nothing, a preview that waits for a person."""

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
from tests.batches import parameters
from tests.integration.conftest import artifacts_of
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def run(given: dict[str, Any]) -> State[Any]:
    state: State[Any] = slideshow_batch(**given, return_state=True)
    return state


def test_a_quote_writes_no_batch_keeps_no_bytes_and_is_shown(home: Path) -> None:
    state = run(parameters(home, shows=3, text_variations=2, what="quote only"))
    assert (state.name, state.is_completed()) == ("Quoted", True)
    assert (state.message or "").startswith("6 items, 18 calls, $0.0000")
    with pytest.raises(InputError, match="No batch"):
        open_ledger().batches.match("latest")
    assert not list(settings().vault.rglob("*.*"))
    assert not (home / "output").exists()
    with get_client(sync_client=True) as client:
        run_id = state.state_details.flow_run_id
        assert run_id
        mine = client.read_artifacts(artifact_filter=artifacts_of(run_id))
    assert [page.key for page in mine] == ["pressrun-quote"]
    assert "| sketch | 18 | 12 |" in str(mine[0].data)


def test_a_preview_makes_one_item_and_goes_on_when_it_is_resumed(home: Path) -> None:
    states: list[State[Any]] = []
    given = parameters(home, shows=3, what="preview first")
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
