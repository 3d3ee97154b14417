"""What the pages of a review and of mending refuse, and that words of others stay words."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pressrun.batches.control import RunState
from pressrun.batches.planning import new_batch, planner_of
from pressrun.batches.vaults import vault_of
from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.review.drafts import ReviewDrafts
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.engines.account import Account
from pressrun.errors import SettingError
from pressrun.kinds.registry import find_kind
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from pressrun.stores.factory import folder_target
from tests.support.batches import time_of
from tests.unit.desk.conftest import ADDRESS, LOGIN

SCRIPT = "</textarea><script>alert(1)</script>"
ASKS = RunState("PAUSED", "Suspended", asks=True)


class StillServer(PrefectServer):
    """A server whose runs stand where a test puts them, and that remembers what it is told."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1/api")
        self.now, self.told = ASKS, list[Mapping[str, object]]()

    def state(self, run_id: str) -> RunState | None:
        return self.now

    def answer(self, run_id: str, given: Mapping[str, object]) -> None:
        self.told.append(given)

    def await_retry(self, run_id: str) -> None:
        self.told.append({"retried": run_id})

    def has_worker(self) -> bool:
        return True


@dataclass
class Reviewed:
    """A batch that waits for its review, and a browser at its desk."""

    client: TestClient
    server: StillServer
    batch: Batch
    origin: dict[str, str] = field(default_factory=lambda: {"Origin": ADDRESS, "X-Desk": "1"})

    @property
    def here(self) -> str:
        return f"/batches/{self.batch.id}"

    def post(self, path: str, content: object, status: int) -> str:
        """Sends JSON of the desk's own page; returns the answer."""
        answer = self.client.post(f"{self.here}/{path}", json=content, headers=self.origin)
        assert answer.status_code == status, answer.text
        return answer.text

    def draft(self, status: int = 200, **changes: object) -> str:
        typed = {name.replace("__", "/"): value for name, value in changes.items()}
        sent = {"number": 0, "seen": 0, "tab": "t", "changes": typed}
        return self.post("review/draft", sent, status)


def planned(prompts: str) -> Batch:
    kind, batch_id = find_kind("image"), str(uuid.uuid4())
    parameters = kind.parse_parameters({"prompts": prompts, "review": True})
    target = folder_target(Path(settings().output))
    with planner_of(kind, parameters, target, Account, vault_of(batch_id), print) as planner:
        items = planner.plan()
    moment = time_of(1_767_225_600)
    return open_ledger().batches.create(
        new_batch(kind, parameters, target, batch_id, moment), items
    )


@pytest.fixture
def reviewed(home: Path) -> Iterator[Reviewed]:
    server = StillServer()
    desk = Desk(open_ledger, server, Door(SignIns(LOGIN)), Names.of("", ADDRESS))
    with TestClient(create_app(desk), base_url=ADDRESS) as client:
        found = Reviewed(client, server, planned(f"- a kite {SCRIPT}\n- a boat\n- a boat\n"))
        client.post("/sign-in", data={"password": "a-long-password"}, headers=found.origin)
        yield found


def test_a_large_plan_has_pages_that_keep_what_was_typed_on_each(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressrun.desk.review.view.PAGE_ROWS", 2)

    def tasks(query: str) -> list[str]:
        page = reviewed.client.get(f"{reviewed.here}/review{query}").text
        assert "3 tasks" in page
        return re.findall(r'name="in/(task_\d+)"', page)

    assert tasks("") == tasks("?page=1") == ["task_0001", "task_0002"]
    assert tasks("?page=2") == tasks("?page=99") == ["task_0003"]
    first = reviewed.client.get(f"{reviewed.here}/review").text
    assert "Items 1 to 2 of 3" in first
    assert 'href="?page=2"' in first
    # A page sends what another one did not, and its price is of all.
    figures = json.loads(reviewed.draft(in__task_0003=False))["figures"]
    assert figures.startswith("2 items")
    assert "2 items" in reviewed.client.get(f"{reviewed.here}/review").text


def test_words_that_would_be_code_stay_words(reviewed: Reviewed) -> None:
    reviewed.draft(row__task_0002__specific_prompt=SCRIPT, row__task_0002__category='"><script>')
    for path in ("review", "", "live"):
        page = reviewed.client.get(f"{reviewed.here}/{path}".rstrip("/")).text
        assert "<script>alert" not in page
        assert '"><script>' not in page
    reviewed.server.now = RunState("FAILED", "PartiallyFailed")
    open_ledger().batches.mark(reviewed.batch.id, status="partial")
    sent = {"item/task_0003/prompt": f"{SCRIPT}{'x' * 5000}", "price": SCRIPT}
    answer = reviewed.client.post(f"{reviewed.here}/mend", data=sent, headers=reviewed.origin)
    assert (answer.status_code, "<script>alert" in answer.text) == (409, False)
    assert "4,000 are taken" in answer.text
    assert "x" * 5000 in answer.text  # what was typed is there again


def test_a_page_of_another_address_types_and_answers_nothing(reviewed: Reviewed) -> None:
    posts = ("review/draft", "review/answer", "mend", "mend/price")
    for path in posts:
        for origin in ({"Origin": "http://other.example"}, {"Origin": "null"}, {}):
            sent = reviewed.client.post(f"{reviewed.here}/{path}", json={}, headers=origin)
            assert sent.status_code == 403, path
    reviewed.client.cookies.clear()
    for path in posts:
        out = reviewed.origin | {"Sec-Fetch-Mode": "cors"}
        sent = reviewed.client.post(f"{reviewed.here}/{path}", json={}, headers=out)
        assert (sent.status_code, sent.text) == (401, "You are signed out."), path
    assert reviewed.server.told == []
    assert not (settings().data.expanduser() / "desk/reviews").exists()


def test_a_megabyte_is_kept_and_what_is_no_field_is_not(reviewed: Reviewed) -> None:
    long = "word " * 200_000
    told = json.loads(reviewed.draft(row__task_0001__specific_prompt=long))
    assert "1,000,000 characters" in told["wrong"]["row/task_0001"].replace("999,999", "1,000,000")
    assert long in reviewed.client.get(f"{reviewed.here}/review").text
    assert "has no field" in reviewed.draft(400, row__task_0001__prompt="x")
    assert "has no field" in reviewed.draft(400, row__other__specific_prompt="x")
    assert "has no field" in reviewed.draft(400, set__output="/etc")
    assert "too long" in reviewed.draft(400, all__prefix="x" * 8_000_001)
    for body in (b"[" * 200_000, b"{", b"[]", b"\xff", b"x" * (12 * 2**20 + 1)):
        answer = reviewed.client.post(
            f"{reviewed.here}/review/draft", content=body, headers=reviewed.origin
        )
        assert answer.status_code == 400
    garbled: list[dict[str, object]] = [
        {},
        {"number": "0"},
        {"number": 0, "seen": None, "changes": {}},
        {"number": 0, "seen": 0, "changes": []},
    ]
    for sent in garbled:
        reviewed.post("review/draft", sent, 400)


def test_only_a_batch_that_waits_is_answered_and_once(reviewed: Reviewed) -> None:
    answer = {"number": 0, "seen": 0, "decision": "approve", "price": "$0.00"}
    reviewed.post("review/answer", answer | {"decision": "delete"}, 400)
    assert "answered elsewhere" in reviewed.post("review/answer", answer | {"number": 3}, 409)
    reviewed.server.now = RunState("RUNNING", "Running")
    assert "does not wait for an answer" in reviewed.post("review/answer", answer, 409)
    plain = reviewed.client.get(f"{reviewed.here}/review").text
    anew = reviewed.client.get(f"{reviewed.here}/review?anew=1").text
    assert ("Nothing to answer now" in plain, "being made anew" in plain) == (True, False)
    assert "is being made anew, and is shown here by itself" in anew
    assert reviewed.server.told == []
    reviewed.server.now = ASKS
    reviewed.post("review/answer", answer, 200)
    (told,) = reviewed.server.told
    assert (told["decision"], told["drop"], told["images"]) == ("approve", "", 1)
    assert str(told["text"]).startswith("- a kite")
    other = reviewed.client.post(
        "/batches/none/review/answer", json=answer, headers=reviewed.origin
    )
    assert other.status_code == 400


def test_a_server_that_is_away_leaves_every_word(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed.draft(row__task_0002__specific_prompt="a ship")

    def away(*_: object) -> None:
        raise ServerAway("Prefect's server does not answer.")

    monkeypatch.setattr(reviewed.server, "answer", away)
    answer = {"number": 0, "seen": 1, "decision": "approve", "price": "$0.00"}
    assert "does not answer" in reviewed.post("review/answer", answer, 503)
    assert "a ship" in reviewed.client.get(f"{reviewed.here}/review").text


def test_nothing_is_mended_at_a_price_that_nobody_saw(reviewed: Reviewed) -> None:
    reviewed.server.now = RunState("FAILED", "PartiallyFailed")
    open_ledger().batches.mark(reviewed.batch.id, status="partial")
    here, sent = f"{reviewed.here}/mend", {"item/task_0003/prompt": "a ship"}

    def post(path: str = "", **more: str) -> tuple[int, str]:
        answer = reviewed.client.post(
            here + path, data=sent | more, headers=reviewed.origin, follow_redirects=False
        )
        return answer.status_code, answer.text

    assert "Look at the price on the button" in post()[1]
    assert 'value="$0.00" data-make>Make 1 item again, free' in post()[1]
    assert post(price="$9")[0] == 409
    assert json.loads(post("/price")[1])["button"] == "Make 1 item again, free"
    assert reviewed.server.told == []
    assert post(price="$0.00")[0] == 303
    assert reviewed.server.told == [{"retried": reviewed.batch.id}]
    found = open_ledger().batches.find(reviewed.batch.id)
    assert found is not None
    assert found.only == ["task_0003"]
    assert "your change is kept: a retry makes it so" in reviewed.client.get(reviewed.here).text
    retry = reviewed.client.get(f"{reviewed.here}/do/retry").text
    assert "Made with what you changed: 1 item, for about $0.00." in retry
    reviewed.server.now = RunState("CANCELLING", "Cancelling")
    assert "is being cancelled" in post(price="$0.00")[1]
    wrong = {"item/task_0001/prompt": "x"}
    answer = reviewed.client.post(here, data=wrong, headers=reviewed.origin)
    assert (answer.status_code, "only what has failed" in answer.text) == (400, True)


def test_drafts_are_kept_by_question_and_plan(tmp_path: Path) -> None:
    drafts = ReviewDrafts(tmp_path / "reviews")
    drafts.save("b/../x", 0, "plan", {"a": 1}, 0, "one")
    assert drafts.read("b/../x", 0, "plan").values == {"a": 1}
    assert drafts.read("b/../x", 1, "plan").values == {"a": 1}  # asked again about the same
    assert drafts.read("b/../x", 1, "another plan").values == {}
    assert drafts.read("b", 0, "plan").values == {}
    (place,) = (tmp_path / "reviews").iterdir()
    place.write_text("{")
    with pytest.raises(SettingError, match="cannot be read"):
        drafts.read("b/../x", 0, "plan")
