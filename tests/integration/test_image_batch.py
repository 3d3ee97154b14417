"""The flow ``image-batch`` on a real Prefect server: a pasted document becomes pictures."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from prefect.logging.loggers import flow_run_logger

from flows.image_batch import image_batch
from pressrun.blocks import ModelAccount
from pressrun.kinds.image.recipe import ImageRecipe
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.pictures import provenance
from pressrun.pictures.provenance import prompt_digest
from pressrun.settings import settings
from tests.integration.conftest import Written
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, IMAGE_MODEL, KEY, TEXT_MODEL, delivered, folder_of

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

DOCUMENT = """# Cards

Prefix: Icon

### Speed

**Quick Feet**

- Level 1: red sneakers
- Level 2: blue shoes

**High Jump**

- Level 1: a coiled spring
"""


@pytest.fixture(scope="module")
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


def run(**given: Any) -> State[Any]:
    state: State[Any] = image_batch(**given, return_state=True)
    return state


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def test_a_document_becomes_webp_pictures_that_say_where_they_come_from() -> None:
    state = run(prompts=DOCUMENT, owner="ana", session_id="chat-7", images=2)
    assert (state.name, state.message) == ("Completed", "3 of 3 completed")
    batch, files = latest(), delivered(latest())
    made = {f"task_{task:04d}_{number}.webp" for task in (1, 2, 3) for number in (1, 2)}
    assert set(files) == made | {"manifest.json", "items.csv", "gallery.html"}
    for name in made:
        with Image.open(folder_of(batch) / name) as image:
            assert (image.format, image.size) == ("WEBP", (1024, 1024))
    origin = provenance.read(files["task_0002_1.webp"])
    assert origin is not None
    assert (origin.batch, origin.item) == (batch.id, "task_0002")
    assert origin.prompt_sha256 == prompt_digest("Icon blue shoes")
    assert len({files[name] for name in made}) == 6
    manifest = json.loads(files["manifest.json"])
    assert manifest["parameters"]["session_id"] == "chat-7"
    assert manifest["parameters"]["owner"] == "ana"


def test_the_gallery_groups_by_category_and_level() -> None:
    run(prompts=DOCUMENT)
    page = delivered(latest())["gallery.html"].decode()
    headings = re.findall(r"<h2[^>]*>\s*(.*?)\s*</h2>", page, re.DOTALL)
    names = [re.sub(r"<.*", "", heading, flags=re.DOTALL).strip() for heading in headings]
    assert list(filter(None, names)) == ["Speed, Level 1", "Speed, Level 2"]
    first, second = page.index("Speed, Level 1"), page.index("Speed, Level 2")
    assert first < page.index("red sneakers") < page.index("a coiled spring") < second
    assert second < page.index("blue shoes")


def test_run_batch_folder_and_gallery_have_one_name() -> None:
    with get_client(sync_client=True) as client:

        def names(typed: str | None, **given: Any) -> tuple[str, str]:
            given |= {"prompts": "- a kite"}
            created = client.create_flow_run(image_batch, name=typed, parameters=given)
            run_flow(image_batch, created, parameters=given)
            batch = latest()
            assert client.read_flow_run(created.id).name == batch.name
            assert f'<h1 dir="auto">{batch.name}</h1>' in delivered(batch)["gallery.html"].decode()
            return batch.title, batch.name

        title, name = names("Spring kites")
        assert title == "Spring kites"
        assert re.fullmatch(r"Spring kites \d{4}-\d\d-\d\d \d\d-\d\d-\d\d", name)
        assert names(name)[0] == "Spring kites"  # a copy of it
        assert names("Spring kites", title="Own")[0] == "Own"
        assert names(None)[0] == "Images"


@pytest.mark.parametrize(("format_", "suffix"), [("JPEG", "jpg"), ("PNG", "png")])
def test_other_formats_and_shapes_are_made_as_asked(format_: str, suffix: str) -> None:
    assert run(prompts="a cat", format=format_, aspect_ratio="16:9").is_completed()
    with Image.open(folder_of(latest()) / f"task_0001.{suffix}") as image:
        assert (image.format, image.size) == (format_, (1376, 768))


def test_a_blocked_word_fails_its_task_and_the_others_are_made(
    logs: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", "sneakers")
    settings.cache_clear()
    state = run(prompts=DOCUMENT)
    assert (state.name, state.type.value) == ("PartiallyFailed", "FAILED")
    assert "line 9: The prompt is blocked by the rule 'own words' ('sneakers')." in logs.text
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert manifest["items"][0]["error"]["kind"] == "blocked"


def as_a_worker_runs_it(given: dict[str, Any]) -> str:
    """Runs a run to its end as a worker's process does; gives its state's message."""
    with get_client(sync_client=True) as client:
        created = client.create_flow_run(image_batch, parameters=given)
        log = flow_run_logger(created)
        with pytest.raises(Exception):  # noqa: B017 - Prefect raises whatever the state holds
            run_flow(image_batch, created, parameters=given, error_logger=log)  # type: ignore[arg-type]
        state = client.read_flow_run(created.id).state
    assert state
    assert state.is_failed()
    return state.message or ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"prompts": "Note: nothing yet."}, "There are no prompts. Paste a list of them"),
        ({"prompts": "- a kite\n- sneakers"}, "1 of 2 completed, 1 failed. A retry fails in the"),
        ({"prompts": "- a kite", "reuse": "nothing"}, "No batch"),
        ({"prompts": "- a kite", "template": "none"}, "There is no template 'none'."),
        ({"prompts": "- a kite", "notify": "x/y"}, "There is no usable notification block"),
    ],
)
def test_an_end_that_is_foreseen_is_a_sentence_in_the_log(
    given: dict[str, Any], said: str, logs: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", "sneakers")
    settings.cache_clear()
    assert as_a_worker_runs_it(given).startswith(said)
    assert said in logs.text
    assert logs.errors == []
    assert "Traceback" not in logs.text


def test_a_fault_of_ours_keeps_its_trace(logs: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageRecipe, "make", lambda *_: int("no such thing"))
    as_a_worker_runs_it({"prompts": "- a kite"})
    assert "ValueError: invalid literal for int()" in "\n".join(logs.errors)
    assert "Traceback" in logs.text


def test_a_quote_counts_every_picture_and_makes_none() -> None:
    state = run(prompts=DOCUMENT, images=4, action="quote")
    assert state.name == "Quoted"
    assert (state.message or "").startswith("3 items, 12 calls, $0.0000")


def test_the_delay_is_waited_between_tasks() -> None:
    assert run(prompts=DOCUMENT, delay_s=0.4, concurrency=1).is_completed()
    starts = [item.started_at or 0.0 for item in open_ledger().batches.items(latest().id)]
    ends = [item.ended_at or 0.0 for item in open_ledger().batches.items(latest().id)]
    assert ends[1] - starts[1] >= 0.4
    assert ends[2] - starts[2] >= 0.4


def test_gemini_is_asked_exactly_the_combined_prompt_and_bills_each_picture(
    gemini: GeminiServer,
) -> None:
    gemini.reset()
    account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
    state = run(prompts=DOCUMENT, model=IMAGE_MODEL, text_model="", account=account, images=2)
    assert state.message == "3 of 3 completed"
    combined = ("Icon red sneakers", "Icon blue shoes", "Icon a coiled spring")
    asked = sorted(call.prompt_sha256 for call in gemini.bill)
    assert asked == sorted(2 * [prompt_digest(prompt) for prompt in combined])
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert manifest["totals"]["cost_usd"] == pytest.approx(gemini.bill_usd, abs=1e-9)
    assert gemini.bill_usd > 0


def test_a_models_reading_that_does_not_fit_the_text_makes_nothing_and_says_why(
    gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch, logs: Written
) -> None:
    gemini.reset()  # it answers in the asked shape, with words of its own
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemini.url)
    state = run(prompts=DOCUMENT, read_as="model", text_model=TEXT_MODEL)
    assert state.is_failed()
    assert "The model's reading does not fit the text" in (state.message or "")
    assert "list items: 3" in (state.message or "")  # what can be chosen in its place
    assert "Traceback" not in logs.text
    assert len(gemini.bill) == 1
