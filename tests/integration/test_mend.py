"""Failed items whose words a person changes, and that are then made in the same batch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Suspended

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.batches.control import RunState
from pressrun.batches.mend import MendProblems, read_mends, takes_effect
from pressrun.cli import main
from pressrun.errors import InputError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.settings import settings
from tests.support.batches import delivered, draw_picture, parameters, write_slides

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

PROMPTS = "- a red kite\n- blue sneakers\n- a boat\n"


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def no_sneakers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", "sneakers")
    settings.cache_clear()


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def items() -> dict[str, Item]:
    return {item.key: item for item in open_ledger().batches.items(latest().id)}


def calls() -> int:
    return open_ledger().calls.totals(latest().id)[0]


def go_on(client: SyncPrefectClient, flow: Flow[..., Any]) -> State[Any]:
    """What a worker does with a run that is scheduled again."""
    flow_run = client.read_flow_run(UUID(latest().id))
    assert flow_run.state is not None
    assert flow_run.state.is_scheduled()
    state = run_flow(flow, flow_run, parameters=flow_run.parameters, return_type="state")
    assert isinstance(state, State)
    return state


@pytest.mark.usefixtures("no_sneakers")
def test_a_blocked_prompt_is_changed_and_made_in_the_same_folder(
    client: SyncPrefectClient, capsys: pytest.CaptureFixture[str]
) -> None:
    image_batch(prompts=PROMPTS, return_state=True)
    before, paid = delivered(latest()), calls()
    assert items()["task_0002"].status == "failed"

    assert main(["mend", latest().id]) == 0
    shown = capsys.readouterr().out
    assert "task_0002: line 2: The prompt is blocked" in shown
    assert "--prompt  blue sneakers" in shown
    mend = ["mend", latest().id, "--item", "task_0002"]
    assert main([*mend, "--prompt", "red sneakers", "--yes"]) == 2
    assert "blocked by the rule" in capsys.readouterr().err
    assert main([*mend, "--link", "x", "--yes"]) == 2
    assert "has no 'link' that can be changed. It has: prompt." in capsys.readouterr().err
    assert main([*mend, "--prompt", "blue shoes", "--dry-run"]) == 0
    assert "for about $0.0000" in capsys.readouterr().err
    assert "mending" not in items()["task_0002"].spec
    assert main([*mend, "--prompt", "blue shoes", "--yes", "--json"]) == 0
    did = json.loads(capsys.readouterr().out)
    assert did["did"] == "1 item changed. Made now, in the same batch and folder."

    assert go_on(client, image_batch).message == "3 of 3 completed"
    assert calls() == paid + 1
    after = delivered(latest())
    assert {name for name in after if name not in before} == {"task_0002.webp"}
    assert after["task_0001.webp"] == before["task_0001.webp"]
    entry = json.loads(after["manifest.json"])["items"][1]
    assert entry["asked"]["prompt"] == "blue shoes"
    (history,) = entry["mended"]
    assert (history["before"], history["after"]) == (
        {"prompt": "blue sneakers"},
        {"prompt": "blue shoes"},
    )
    assert history["error"]["kind"] == "blocked"
    assert latest().parameters["prompts"] == PROMPTS
    assert main([*mend, "--prompt", "x", "--yes"]) == 2
    assert "only what has failed can be changed" in capsys.readouterr().err


def test_slides_that_are_not_there_are_changed_and_all_variations_are_made(
    home: Path, client: SyncPrefectClient
) -> None:
    given = parameters(home, shows=2, text_variations=2)
    first, _ = given["slides"].splitlines()
    slideshow_batch(**given | {"slides": f"{first}\n{home / 'gone'}"}, return_state=True)
    assert items()["link_002"].status == "failed"
    mend = ["mend", latest().id, "--yes", "--item", "link_002"]
    # Still of no use: the words that were tried stand there, and the old ones are kept.
    assert main([*mend, "--link", str(home / "gone too")]) == 0
    assert (go_on(client, slideshow_batch).message or "").startswith("2 of 3 completed, 1 failed")
    assert items()["link_002"].spec["tried"] == {"link": str(home / "gone too")}

    paid, other = calls(), draw_picture(home / "lamp.png", (10, 200, 40))
    slides = write_slides(home / "show_9", 3)
    words = ["--link", str(slides), "--photo", str(other), "--description", "A lamp."]
    assert main([*mend, *words]) == 0
    assert go_on(client, slideshow_batch).message == "4 of 4 completed"
    made = items()["link_002/variation_2"].spec
    assert (made["description"], made["source"]) == ("A lamp.", "show_9")
    assert [len(entry["after"]) for entry in made["mended"]] == [1, 3]
    assert calls() == paid + 2 * 4
    assert "Link_002_@show_9/variation_2/slide_2.jpg" in delivered(latest())


@pytest.mark.usefixtures("no_sneakers")
def test_a_paused_batch_makes_it_when_it_goes_on(client: SyncPrefectClient) -> None:
    image_batch(prompts=PROMPTS, return_state=True)
    batch = latest()
    client.set_flow_run_state(UUID(batch.id), Suspended(), force=True)
    assert main(["mend", batch.id, "--yes", "--item", "task_0002", "--prompt", "a hat"]) == 0
    assert items()["task_0002"].spec["mending"] == {"prompt": "a hat"}
    client.set_flow_run_state(UUID(batch.id), AwaitingRetry(), force=True)
    assert go_on(client, image_batch).message == "3 of 3 completed"


@pytest.mark.usefixtures("no_sneakers")
def test_what_a_batch_in_work_is_told_it_makes_before_its_end(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.kinds.image.recipe import ImageRecipe

    make = ImageRecipe.make

    def changed_meanwhile(self: ImageRecipe, batch_id: str, item: Item, *rest: Any) -> Any:
        if item.key == "task_0001":
            open_ledger().batches.mend(batch_id, {"task_0002": {"prompt": "a hat"}})
        return make(self, batch_id, item, *rest)

    monkeypatch.setattr(ImageRecipe, "make", changed_meanwhile)
    state = image_batch(prompts=PROMPTS, return_state=True)
    assert state.message == "3 of 3 completed"
    assert items()["task_0002"].spec["prompt"] == "a hat"


def test_when_a_change_is_made_or_refused() -> None:
    batch = Batch("b", "image", "t", "/out", "r", {}, "running")
    assert "when the batch goes on" in takes_effect(batch, RunState("PAUSED", "Suspended"))
    assert "in this run" in takes_effect(batch, RunState("RUNNING", "Running"))
    for status, state, said in (
        ("deleting", RunState("FAILED", "Failed"), "is being deleted"),
        ("draft", RunState("PAUSED", "Suspended", asks=True), "waits for your review"),
        ("running", RunState("CANCELLING", "Cancelling"), "is being cancelled"),
        ("running", None, "does not say"),
    ):
        with pytest.raises(InputError, match=said):
            takes_effect(Batch("b", "image", "t", "/out", "r", {}, status), state)


def test_each_problem_is_said_of_its_field() -> None:
    batch = Batch("b", "slideshow", "t", "/out", "r", {}, "partial")
    item = Item("link_001", 1, "t", "failed", 0, {"link": 1, "source": "https://tiktok.com/x"})
    with pytest.raises(MendProblems) as found:
        read_mends(batch, [item], {"link_001": {"link": "not a link", "photo": "p" * 5000}})
    assert list(found.value.fields["link_001"]) == ["photo"]
    with pytest.raises(MendProblems) as found:
        read_mends(batch, [item], {"link_001": {"link": "https://example.org/x"}})
    assert "tiktok" in found.value.fields["link_001"]["link"].lower()
    with pytest.raises(InputError, match="no item"):
        read_mends(batch, [item], {"link_009": {"link": "x"}})
    same = {"link_001": {"link": " https://tiktok.com/x\r\n"}}
    assert read_mends(batch, [item], same) == []


def test_a_page_that_is_away_for_a_while_is_tried_again_by_a_retry(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.inputs.web.fetch import Fetcher
    from pressrun.inputs.web.page import Document

    there = set[str]()

    def fetch(_: Fetcher, url: str) -> Document:
        if url not in there:
            raise InputError("The page cannot be reached.", kind="unreachable")
        told = "".join(
            f"<p>Mill {n} of {url} grinds wheat, and its miller sells flour to the {n} bakers of "
            f"the valley below it. The river turned its wheel until the year {1800 + n}.</p>"
            for n in range(1, 12)
        )
        page = f"<html><head><title>Mills</title></head><body><main>{told}</main></body></html>"
        return Document(page.encode(), "text/html", url)

    monkeypatch.setattr(Fetcher, "fetch_document", fetch)
    settings.cache_clear()
    good, gone, new = (f"https://example.org/{name}" for name in ("good", "gone", "new"))
    there.add(good)
    given = {
        "mode": "spin",
        "rights": "mine",
        "items": f"{good}\n{gone}",
        "delay_s": 0.0,
        "word_count": 200,
    }
    article_batch(**given | {"most_similarity": 1.0}, return_state=True)
    assert items()["article_02"].error_kind == "unreachable"
    mend = ["mend", latest().id, "--yes", "--item", "article_02", "--link", new]
    assert main(mend) == 0
    go_on(client, article_batch)
    assert items()["article_02"].spec["mending"] == {"link": new}
    there.add(new)
    assert main(["retry", latest().id]) == 0
    go_on(client, article_batch)
    spec = items()["article_02"].spec
    assert (spec["source"]["url"], [entry["before"] for entry in spec["mended"]]) == (
        new,
        [{"link": gone}],
    )


def test_words_that_change_while_they_are_planned_are_planned_next() -> None:
    image_batch(prompts="- a kite\n- a kite\n", return_state=True)
    batches, batch_id = open_ledger().batches, latest().id
    assert batches.mend(batch_id, {"task_0001": {"prompt": "x"}}) == []  # it is made
    batches.mend(batch_id, {"task_0002": {"prompt": "a boat"}})
    batches.mend(batch_id, {"task_0002": {"prompt": "a ship"}})
    batches.mark(batch_id, only=["task_0002"])
    planned = [PlannedItem(f"task_0002/{n}", n, "t", {}) for n in (1, 2)]
    assert not batches.replace(batch_id, "task_0002", planned, {"prompt": "a boat"})
    assert batches.replace(batch_id, "task_0002", planned, {"prompt": "a ship"})
    assert latest().only == ["task_0002/1", "task_0002/2"]
