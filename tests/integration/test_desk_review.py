"""A review answered at the desk: over its own addresses, to a real server, by a real flow."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import Pause
from prefect.settings import PREFECT_API_URL
from prefect.states import Running, Suspended
from starlette.testclient import TestClient

from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from pressrun.batches import control
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.ledger import open_ledger
from tests.integration.test_review import DOCUMENT, UNSURE, Waiting, latest, prompts
from tests.support.batches import delivered, parameters

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

ADDRESS = "http://127.0.0.1:4300"


class Tab:
    """A page of a review, as its script asks.

    Args:
        client: A browser at the desk.
        batch_id: The batch.
        name: Of the tab.
    """

    def __init__(self, client: TestClient, batch_id: str, name: str = "one"):
        self._client, self._here, self._name = client, f"/batches/{batch_id}/review", name
        self.page = client.get(self._here).text
        batch = latest()
        self.number = int((batch.reviews or {}).get("answers", 0))
        self.seen, self.price = 0, ""

    def type(self, **changes: Any) -> dict[str, Any]:
        """Types into fields; ``__`` in a name stands for a slash."""
        names = {name.replace("__", "/"): value for name, value in changes.items()}
        told = self.send(
            "draft", {"seen": self.seen, "tab": self._name, "changes": names}, expected=200
        )
        self.seen, self.price = told["seen"], told["price"]
        return told

    def answer(self, decision: str, expected: int = 200) -> dict[str, Any]:
        """Presses a button."""
        asked = {"decision": decision, "seen": self.seen, "price": self.price}
        return self.send("answer", asked, expected)

    def send(self, path: str, content: dict[str, Any], expected: int) -> dict[str, Any]:
        answer = self._client.post(
            f"{self._here}/{path}",
            json={"number": self.number} | content,
            headers={"Origin": ADDRESS, "X-Desk": "1"},
        )
        assert answer.status_code == expected, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def browser(home: Path) -> Iterator[TestClient]:
    """Somebody who is signed in at a desk over the tests' server."""
    server = PrefectServer(PREFECT_API_URL.value() or os.environ["PREFECT_API_URL"])
    desk = Desk(
        open_ledger, server, Door(SignIns("pressrun:a-long-password")), Names.of("", ADDRESS)
    )
    with TestClient(create_app(desk), base_url=ADDRESS) as browser:
        browser.post("/sign-in", data={"password": "a-long-password"}, headers={"Origin": ADDRESS})
        yield browser


def waiting(client: SyncPrefectClient, **given: Any) -> Waiting:
    """An image batch that waits for its review."""
    found = Waiting(client, image_batch, {"prompts": DOCUMENT, "review": True} | given)
    assert isinstance(found.go_on(), Pause)
    return found


def test_rows_are_edited_left_out_and_approved(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    tab = Tab(browser, str(run.id))
    assert "&lt;b&gt;green&lt;/b&gt; boots" in tab.page
    assert "<b>green</b>" not in tab.page
    assert "Approve, free" in tab.page
    tab.type(row__task_0002__specific_prompt="a blue bicycle", row__task_0002__level="Level 2")
    told = tab.type(in__task_0001=False, all__prefix="A drawing of", set__images="2")
    assert told["figures"].startswith("2 items · free")
    again = Tab(browser, str(run.id)).page  # another browser, another day
    assert "a blue bicycle" in again
    assert "A drawing of" in again
    assert tab.answer("approve") == {"done": "approve"}
    assert run.go_on().message == "2 of 2 completed"
    assert prompts() == ["A drawing of a blue bicycle", "A drawing of <b>green</b> boots"]
    assert latest().parameters["images"] == 2
    assert {name for name in delivered(latest()) if name.endswith(".webp")} == {
        f"task_000{task}_{picture}.webp" for task in (1, 2) for picture in (1, 2)
    }


def test_two_tabs_lose_nothing_and_the_later_one_is_told(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    one, two = (Tab(browser, str(run.id), name) for name in ("one", "two"))
    one.type(row__task_0001__specific_prompt="mine")
    told = two.type(
        row__task_0001__specific_prompt="theirs", row__task_0002__specific_prompt="another"
    )
    assert told["refused"] == {"row/task_0001/specific_prompt": "mine"}
    assert one.answer("approve", 409)["words"].startswith("Another tab has changed this")
    assert one.type()["theirs"] == {"row/task_0002/specific_prompt": "another"}
    # Who was told may say it again, and it holds.
    assert two.type(row__task_0001__specific_prompt="theirs")["refused"] == {}
    one.type()
    one.answer("approve")
    assert run.go_on().is_completed()
    assert prompts()[:2] == ["Icon theirs", "Icon another"]


def test_what_cannot_be_used_is_said_beside_its_field_and_kept(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    tab = Tab(browser, str(run.id))
    told = tab.type(
        row__task_0001__specific_prompt="x" * 5000,
        row__task_0002__specific_prompt=" ",
        set__images="9",
        set__budget_usd="a lot",
    )
    assert "4,000 are taken" in told["wrong"]["row/task_0001"]
    assert told["wrong"].keys() == {"row/task_0001", "set/images", "set/budget_usd"}
    assert tab.answer("approve", 409)["words"].startswith("A setting cannot be used")
    told = tab.type(set__images="1", set__budget_usd="0", row__task_0001__specific_prompt="")
    assert told["price"] == "$0.00"
    tab.price = "$9.99"
    assert tab.answer("approve", 409)["words"].startswith("By now it costs $0.00.")
    for key in ("task_0001", "task_0002", "task_0003"):
        tab.type(**{f"in__{key}": False})
    nothing = browser.post(
        f"/batches/{run.id}/review/answer",
        json={"number": 0, "decision": "approve", "seen": tab.seen, "price": tab.price},
        headers={"Origin": ADDRESS, "X-Desk": "1"},
    )
    assert (nothing.status_code, "Nothing would be left" in nothing.text) == (400, True)
    assert client.read_flow_run(run.id).state_name == "Suspended"


def test_an_answer_that_the_run_refuses_is_shown_with_every_word(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    assert isinstance(run.answer(decision="approve", drop="9", text="- mine\n", images=2), Pause)
    page = Tab(browser, str(run.id)).page
    assert "could not be used; what you typed stands below" in page
    assert "\n- mine\n</textarea>" in page  # typed in Prefect's form
    assert 'name="set/images" type="text" inputmode="numeric" value="2"' in page


def test_what_is_read_anew_is_shown_again_first(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client, prompts=UNSURE)
    tab = Tab(browser, str(run.id))
    assert "set read_as: paragraphs: 6" in tab.page
    told = tab.type(set__read_as="paragraphs", row__task_0001__specific_prompt="mine")
    assert (told["price"], "read anew" in told["figures"]) == ("", True)
    assert tab.answer("approve", 409)["words"].startswith("What you changed is read anew")
    tab.answer("edit")
    waits = browser.get(f"/batches/{run.id}/review").text
    assert "It is now: Waits for a worker" in waits
    assert isinstance(run.go_on(), Pause)
    assert len(prompts()) == 6
    assert "6 tasks" in Tab(browser, str(run.id)).page


def test_a_question_that_was_answered_elsewhere_is_not_answered_twice(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    tab = Tab(browser, str(run.id))
    tab.type(row__task_0001__specific_prompt="mine")
    assert isinstance(run.answer(decision="edit", drop="2"), Pause)
    asked = {"decision": "approve", "seen": 1, "price": "$0.00"}
    assert "answered elsewhere" in tab.send("answer", asked, 409)["gone"]
    assert run.answer(decision="approve").is_completed()
    assert "now: Completed" in tab.send("draft", {"seen": 1, "changes": {}}, 409)["gone"]
    answer = browser.get(f"/batches/{run.id}/review")
    assert (answer.status_code, "now: Completed" in answer.text) == (200, True)


def test_a_comparison_is_priced_for_the_models_that_are_ticked_and_rejected(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    given = {"prompts": "- a kite\n- a boat\n", "models": ["sketch"], "review": True}
    run = Waiting(client, model_comparison, given)
    run.go_on()
    tab = Tab(browser, str(run.id))
    told = tab.type(set__models=["sketch", "gpt-image-2.5-flare"])
    assert told["figures"].startswith("4 items · $0.0")
    assert tab.type(set__prompt="x")["price"] == ""
    assert tab.answer("reject") == {"done": "reject"}
    assert run.go_on().name == "Rejected"


def test_a_preview_is_changed_shown_again_and_approved(
    home: Path, client: SyncPrefectClient, browser: TestClient
) -> None:
    run = Waiting(client, slideshow_batch, parameters(home, shows=3, action="preview"))
    assert isinstance(run.go_on(), Pause)
    tab = Tab(browser, str(run.id))
    assert tab.page.count("<img ") == 2
    assert "2 more items · free" in tab.page
    assert "Make it anew, free" in tab.page
    assert tab.type(set__text_variations="2")["figures"].startswith("6 more items")
    tab.answer("edit")
    assert isinstance(run.go_on(), Pause)
    tab = Tab(browser, str(run.id))
    assert 'name="set/text_variations" type="text" inputmode="numeric" value="2"' in tab.page
    tab.type()
    tab.answer("approve")
    assert run.go_on().message == "6 of 6 completed"


def test_a_batch_whose_process_died_is_paused_resumed_and_cancelled(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run, post = waiting(client), {"Origin": ADDRESS}
    open_ledger().batches.mark(latest().id, status="running")
    open_ledger().batches.start(latest().id, "task_0001")
    client.set_flow_run_state(run.id, Running(), force=True)
    here = f"/batches/{run.id}"
    browser.post(f"{here}/do/pause", headers=post)
    assert latest().status == "paused"
    assert open_ledger().batches.counts(latest().id) == {"pending": 3}
    assert "It holds until somebody resumes it" in browser.get(here).text
    browser.post(f"{here}/do/resume", headers=post)
    assert client.read_flow_run(run.id).state_name == "Resuming"
    client.set_flow_run_state(run.id, Running(), force=True)
    open_ledger().batches.mark(latest().id, status="running")
    browser.post(f"{here}/do/cancel", headers=post)
    assert (client.read_flow_run(run.id).state_name, latest().status) == ("Cancelled", "cancelled")


def test_a_pause_of_the_server_is_shown_as_one_though_no_process_has_said_so(
    client: SyncPrefectClient, browser: TestClient
) -> None:
    run = waiting(client)
    open_ledger().batches.mark(latest().id, status="running")
    client.set_flow_run_state(run.id, Suspended(), force=True)
    page = browser.get(f"/batches/{run.id}").text
    assert "<b>Paused</b>" in page
    assert "do/resume" in page
    assert control.possible(None, latest(), 1) == []
