"""A run that waits for a person: its plan, or its first item, approved, changed or rejected."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Cancelling

from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.cli import main
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.ledger.reviews import plan_digest
from tests.support.batches import delivered, parameters
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

DOCUMENT = "Prefix: Icon\n\n# Speed\n\n- red sneakers\n- blue shoes\n- <b>green</b> boots\n"


class Waiting:
    """A run of a deployment, asked and answered as the server would."""

    def __init__(self, client: SyncPrefectClient, flow: Flow[..., Any], given: dict[str, Any]):
        self._client, self._flow = client, flow
        deployment_id = client.create_deployment(client.create_flow_from_name(flow.name), "test")
        self.id = client.create_flow_run_from_deployment(deployment_id, parameters=given).id

    def go_on(self) -> Any:
        """Runs it until it waits or ends."""
        flow_run = self._client.read_flow_run(self.id)
        try:
            return run_flow(
                self._flow, flow_run, parameters=flow_run.parameters, return_type="state"
            )
        except Pause as paused:
            return paused

    def form(self) -> tuple[str, dict[str, Any]]:
        """What the server shows: the page, and the form's fields."""
        state = self._client.read_flow_run(self.id).state
        assert state
        assert state.name == "Suspended"
        keys = state.state_details.run_input_keyset or {}
        read = [
            self._client.request(
                "GET",
                "/flow_runs/{id}/input/{key}",
                path_params={"id": str(self.id), "key": keys[part]},
            ).json()
            for part in ("description", "schema")
        ]
        return read[0], read[1]["properties"]

    def waits_for(self) -> str:
        """What its state says."""
        state = self._client.read_flow_run(self.id).state
        return state.message or "" if state else ""

    def answer(self, **given: Any) -> Any:
        """Resumes it with the form's answer."""
        answer = self._client.resume_flow_run(self.id, run_input=given)
        assert answer.status.value == "ACCEPT", answer.details
        return self.go_on()


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def prompts() -> list[str]:
    return [item.spec["prompt"] for item in open_ledger().batches.items(latest().id)]


def test_what_runs_is_what_was_approved(client: SyncPrefectClient) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    assert isinstance(waiting.go_on(), Pause)
    assert latest().status == "draft"
    said = waiting.waits_for()
    assert said.startswith("Waits for your review: 3 items free of charge, time ")
    assert said.endswith(f"under Resume on the run's page, or: pressrun review {latest().id[:8]}")
    page, fields = waiting.form()
    assert "| 3 | 7 | Speed |  |  |  | Icon &lt;b&gt;green&lt;/b&gt; boots |" in page
    assert fields["text"]["default"].startswith("Prefix: Icon")
    assert fields["model"]["title"] == "Image model"
    assert "default" not in fields["decision"]

    state = waiting.answer(decision="approve")
    assert (state.name, state.message) == ("Completed", "3 of 3 completed")
    batch = latest()
    manifest = json.loads(delivered(batch)["manifest.json"])
    digest = plan_digest(batch, open_ledger().batches.items(batch.id))
    assert manifest["plan"]["sha256"] == digest
    assert manifest["plan"]["approved"]["plan"]["plan_sha256"] == digest


UNSURE = "\n\n".join(
    f"## {name}\n\nA {name} at the sea, wide.\n\nThe same {name} from above."
    for name in ("Harbour", "Bridge", "Tower")
)


def test_a_person_chooses_how_a_doubtful_text_is_read(client: SyncPrefectClient) -> None:
    waiting = Waiting(client, image_batch, {"prompts": UNSURE, "review": True})
    waiting.go_on()
    page, fields = waiting.form()
    assert "set read\\_as: paragraphs: 6" in page
    assert "paragraphs" in fields["read_as"]["enum"]
    assert len(prompts()) == 3

    assert isinstance(waiting.answer(decision="edit", read_as="paragraphs"), Pause)
    assert len(prompts()) == 6
    assert waiting.answer(decision="approve", read_as="paragraphs").name == "Completed"
    assert len(prompts()) == 6


def test_an_edited_plan_is_shown_again_and_then_runs(client: SyncPrefectClient) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    waiting.go_on()
    edited = "Prefix: Icon\n\n# Speed\n\n- a kite\n- a balloon\n"
    assert isinstance(waiting.answer(decision="edit", text=edited, images=2), Pause)
    page, fields = waiting.form()
    assert "Icon a kite" in page
    assert fields["images"]["default"] == 2
    assert isinstance(waiting.answer(decision="edit", drop="2"), Pause)
    assert prompts() == ["Icon a kite"]
    assert waiting.answer(decision="approve").is_completed()
    files = delivered(latest())
    assert {name for name in files if name.endswith(".webp")} == {
        "task_0001_1.webp",
        "task_0001_2.webp",
    }


def test_an_answer_of_no_use_is_said_and_stands_in_the_next_form(
    client: SyncPrefectClient,
) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    waiting.go_on()
    for answer, said in (
        ({"drop": "9"}, "not among the numbers from 1 to 3"),
        ({"drop": "1-3"}, "Nothing would be left"),
        ({"drop": "1", "text": "- else"}, "not both at once"),
        ({"text": "Prefix: Icon\n", "drop": ""}, "There are no prompts"),
    ):
        assert isinstance(waiting.answer(decision="approve", **answer, images=2), Pause)
        page, fields = waiting.form()
        assert said in page.replace("\\", "")
        assert {name: fields[name]["default"] for name in answer} == answer
        assert fields["images"]["default"] == 2
        assert fields["drop"]["description"].startswith("Numbers")
    assert len(prompts()) == 3
    whole = {"text": DOCUMENT, "images": 1}
    assert isinstance(waiting.answer(decision="edit", drop="1-2", **whole), Pause)
    page, fields = waiting.form()
    assert (fields["drop"]["default"], fields["images"]["default"]) == ("", 1)
    assert "could not be used" not in page
    assert waiting.answer(decision="approve").message == "1 of 1 completed"


def test_warnings_are_shown_and_new_ones_are_not_approved_unseen(
    client: SyncPrefectClient,
) -> None:
    given = {"prompts": "- a red kite\n- the red kite\n- a boat\n", "review": True}
    waiting = Waiting(client, image_batch, given)
    waiting.go_on()
    assert "line 2: " in waiting.form()[0].replace("\\", "")
    edited = "- a red kite\n- a boat\n- the boat\n"
    assert isinstance(waiting.answer(decision="approve", text=edited), Pause)
    assert "line 3: " in waiting.form()[0].replace("\\", "")
    assert waiting.answer(decision="approve").message == "3 of 3 completed"


def test_a_rejected_plan_makes_nothing(client: SyncPrefectClient) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    waiting.go_on()
    state = waiting.answer(decision="reject")
    assert (state.name, state.is_cancelled()) == ("Rejected", True)
    assert (latest().status, latest().ended_at is None) == ("cancelled", False)
    assert open_ledger().batches.counts(latest().id) == {"cancelled": 3}
    assert open_ledger().calls.totals(latest().id) == (0, 0.0)


def test_a_waiting_run_can_be_cancelled_from_the_command_line_or_after_the_ui_did(
    client: SyncPrefectClient,
) -> None:
    for by_ui in (False, True):
        waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
        waiting.go_on()
        if by_ui:
            client.set_flow_run_state(waiting.id, Cancelling())
            assert client.read_flow_run(waiting.id).state_name == "Cancelled"
        assert main(["cancel", str(waiting.id)]) == 0
        assert client.read_flow_run(waiting.id).state_name == "Cancelled"
        assert (latest().id, latest().status) == (str(waiting.id), "cancelled")
        assert open_ledger().batches.counts(latest().id) == {"cancelled": 3}


def test_the_review_is_read_and_answered_from_a_terminal(
    client: SyncPrefectClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    waiting.go_on()
    run_id = str(waiting.id)
    assert main(["review", run_id, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["fields"]["format"] == "WEBP"
    assert main(["review", run_id, "--text"]) == 0
    edited = tmp_path / "tasks.md"
    edited.write_text(capsys.readouterr().out.replace("blue shoes", "a blue bicycle"))
    assert main(["resume", run_id]) == 2
    assert main(["approve", run_id, "--set", "colour=red"]) == 2
    assert "has no field 'colour'" in capsys.readouterr().err
    assert main(["approve", run_id, "--set", "images=9"]) == 2
    assert main(["approve", run_id, "--text", str(edited), "--set", "images=2"]) == 0
    assert waiting.go_on().message == "3 of 3 completed"
    assert prompts()[1] == "Icon a blue bicycle"
    assert latest().parameters["images"] == 2
    assert main(["reject", run_id]) == 2


def test_a_run_that_is_resumed_without_an_answer_is_asked_again(client: SyncPrefectClient) -> None:
    waiting = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True})
    waiting.go_on()
    refused = client.resume_flow_run(waiting.id)
    assert refused.status.value == "REJECT"
    # As after the review's time: the run failed, and somebody retries it.
    client.set_flow_run_state(waiting.id, AwaitingRetry(), force=True)
    assert isinstance(waiting.go_on(), Pause)
    assert "Nobody has answered" in waiting.form()[0]
    assert open_ledger().batches.counts(latest().id) == {"pending": 3}


def test_a_preview_shows_the_first_item_and_makes_it_anew_where_something_is_changed(
    home: Path, client: SyncPrefectClient
) -> None:
    given = parameters(home, shows=3, action="preview")
    waiting = Waiting(client, slideshow_batch, given)
    assert isinstance(waiting.go_on(), Pause)
    batch = latest()
    assert open_ledger().batches.counts(batch.id) == {"completed": 1, "pending": 2}
    page, fields = waiting.form()
    assert page.count("data:image/jpeg;base64,") == 2
    assert waiting.waits_for().startswith("Waits for your look at the first item: 2 items free")
    assert "cost $0.0000. The other 2 cost $0.0000 more." in page
    assert {"model", "text_model", "description", "photo_variations"} <= fields.keys()
    before = delivered(batch)

    assert isinstance(waiting.answer(decision="edit", description="A very tall lamp."), Pause)
    assert open_ledger().batches.counts(batch.id) == {"completed": 1, "pending": 2}
    after = delivered(latest())
    assert after.keys() == before.keys()
    assert after != before

    state = waiting.answer(decision="approve", text_variations=2)
    assert state.message == "6 of 6 completed"
    assert latest().parameters["description"] == "A very tall lamp."


def test_a_rejected_preview_keeps_what_is_made(home: Path, client: SyncPrefectClient) -> None:
    waiting = Waiting(client, slideshow_batch, parameters(home, shows=3, action="preview"))
    waiting.go_on()
    state = waiting.answer(decision="reject")
    assert (state.name, state.message) == ("Rejected", "1 of 3 completed, 2 cancelled")
    assert "manifest.json" in delivered(latest())


def test_outside_of_a_deployment_a_run_waits_in_place(client: SyncPrefectClient) -> None:
    states: list[State[Any]] = []

    def run() -> None:
        states.append(image_batch(prompts=DOCUMENT, review=True, return_state=True))

    thread = threading.Thread(target=run)
    thread.start()
    batch = until(latest)
    run_id = UUID(batch.id)
    until(lambda: client.read_flow_run(run_id).state_name == "Paused" or None)
    until(
        lambda: (
            client.resume_flow_run(run_id, run_input={"decision": "approve"}).status.value
            == "ACCEPT"
            or None
        )
    )
    thread.join(60)
    assert states[0].is_completed()


def test_a_warning_that_only_moved_is_not_shown_again(client: SyncPrefectClient) -> None:
    given = {"prompts": "- a boat\n- a red kite\n- the red kite\n", "review": True}
    waiting = Waiting(client, image_batch, given)
    waiting.go_on()
    edited = "- a red kite\n- the red kite\n"
    assert waiting.answer(decision="approve", text=edited).message == "2 of 2 completed"
