"""Batches are launched the ways that people take: form, API, command; the first one by a new user.

Whoever is new saves blocks in the UI, fills in a form and finds slideshows delivered. Then every
deployment is launched with the blocks of a shop.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Scheduled

from tests.e2e.conftest import CHECKOUT, Up
from tests.e2e.prefect_ui import PATIENCE_MS, PrefectUI
from tests.servers.gemini import GeminiServer
from tests.servers.tiktok import TikTokServer, picture, snowflake
from tests.servers.webhook import WebhookServer
from tests.support.articles import TOPICS
from tests.support.batches import GEMINI, KEY, TEXT_MODEL, draw_picture

SAMPLES = CHECKOUT / "samples"
#: Parameters that are saved blocks, and the types of these.
BLOCKS = {"account": "model-account", "store": "result-store"}
SHOW, PHOTO = str(SAMPLES / "slideshows/space"), str(SAMPLES / "products/mug.jpg")

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Launch:
    """What a person asks of one deployment.

    Attributes:
        deployment: Its flow's name and its own.
        fields: Texts of the form by their labels.
        choices: Values that are chosen in the form.
        on: Switches of the form that are on and are switched off.
        parameters: The same as parameters, for a quote that needs the account's key.
        paid: Whether what the form asks goes to the account's models.
    """

    deployment: str
    fields: Mapping[str, str]
    parameters: Mapping[str, Any]
    choices: Mapping[str, str] = field(default_factory=dict)
    on: tuple[str, ...] = ()
    paid: bool = True


ARTICLES = {"Items": "\n".join(TOPICS), "Words": "200", "Delay between articles (s)": "0"}
TEN_ARTICLES = {"items": "\n".join(TOPICS), "mode": "topic", "text_model": TEXT_MODEL}
LAUNCHES = (
    Launch(
        "slideshow-batch/slideshows",
        {
            "Own slides": SHOW,
            "Product photo": PHOTO,
            "Product description": "Orbit Mug: a wide cup",
            "Photo variations": "1",
            "Text variations": "1",
        },
        {"slides": SHOW, "photo": PHOTO, "description": "Orbit Mug", **GEMINI},
        {"Image model": GEMINI["model"], "Text model": TEXT_MODEL},
    ),
    Launch(
        "image-batch/images",
        {"Prompts": "- a red fox\n- a blue whale"},
        {"prompts": "- a red fox\n- a blue whale", "model": GEMINI["model"], "review": False},
        # The local Gemini answers with words by chance: no reading of a text.
        {"Image model": GEMINI["model"], "Read as": "list items"},
        ("Review",),
    ),
    # Without models it takes those that the account has: the account's own are among them.
    Launch("model-comparison/comparisons", {"Prompt": "a lighthouse"}, {"prompt": "a lighthouse"}),
    Launch("article-batch/articles", ARTICLES, TEN_ARTICLES, paid=False),
    Launch("article-batch/weekly-trends", ARTICLES, TEN_ARTICLES, {"Mode": "topic"}, paid=False),
)
every_deployment = pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.deployment)


@pytest.fixture(scope="module")
def ui(up: Up, browser: Browser) -> PrefectUI:
    return PrefectUI(browser, up.url, up.login)


@pytest.mark.long
def test_two_links_and_a_photo_of_an_iphone_become_slideshows_from_the_form(
    up: Up,
    ui: PrefectUI,
    gemini: GeminiServer,
    tiktok: TikTokServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    kept = request.config.getoption("screenshots")
    pictures = Path(kept or tmp_path)
    # What is kept names no folder of the machine that made it.
    place = Path("/tmp/pressrun") if kept else tmp_path
    place.mkdir(exist_ok=True)
    photo, store = iphone_photo(place / "IMG_0001.jpg"), place / "results"
    links = [
        tiktok.add_slideshow("ana", snowflake(1), [picture(), picture(colour="navy")], "Cats"),
        tiktok.add_slideshow("ben", snowflake(2), [picture(colour="maroon")], "Dogs"),
    ]
    ui.save_block("model-account", "team", {"Gemini: API key": KEY, "Gemini: base URL": gemini.url})
    ui.save_block("result-store", "results", {"Destination": str(store)})

    ui.open_form("slideshow-batch/slideshows")
    ui.fill("TikTok links", "\n".join(links))
    ui.fill("Product photo", str(photo))
    ui.fill("Product description", "Orbit Mug: a wide cup")
    ui.fill("Photo variations", "1")
    ui.fill("Title", "First batch")
    ui.choose("Image model", "gemini-nano-banana-2.1")
    ui.choose("Text model", TEXT_MODEL)
    ui.choose_block("ModelAccount", "team")
    ui.choose_block("ResultStore", "results")
    ui.show("TikTok links")
    ui.page.screenshot(path=pictures / "form.png")
    ui.show("Model account")
    ui.page.screenshot(path=pictures / "form_account.png")
    run = ui.submit()

    state = up.wait_for_run(run)
    assert (state["type"], state["message"]) == ("COMPLETED", "4 of 4 completed")
    (manifest,) = [json.loads(file.read_text()) for file in store.rglob("manifest.json")]
    assert manifest["totals"]["cost_usd"] == pytest.approx(gemini.bill_usd, abs=1e-9)
    assert len([*store.rglob("slide_*.jpg")]) == 2 * (2 * 2 + 2 * 1)  # each without words too

    # A second run has a quote and a summary too: each run's page shows its own.
    ui.open_form("slideshow-batch/slideshows")
    ui.fill("TikTok links", links[0])
    ui.fill("Product photo", str(photo))
    ui.fill("Product description", "Orbit Mug: a wide cup")
    ui.choose("Action", "quote")
    assert up.wait_for_run(ui.submit())["name"] == "Quoted"

    ui.open_run(run)
    expect(ui.page.get_by_text("4 of 4 completed").first).to_be_visible(timeout=PATIENCE_MS)
    if kept:
        ui.page.wait_for_timeout(3_000)  # the graph of the run grows into its place
    ui.page.screenshot(path=pictures / "run.png", full_page=True)
    quote = ui.open_artifact(run, "quote")
    words = quote.get_by_text("Nothing is paid yet").locator("visible=true")  # not only its head
    expect(words.first).to_be_visible(timeout=PATIENCE_MS)
    ui.page.screenshot(path=pictures / "quote.png")
    summary = ui.open_artifact(run, "summary")
    cost = f"${manifest['totals']['cost_usd']:.4f}"
    shown = summary.get_by_text(cost).locator("visible=true")  # not only in its raw data
    expect(shown.first).to_be_visible(timeout=PATIENCE_MS)
    ui.page.screenshot(path=pictures / "summary.png")


@pytest.mark.long  # in short, the first batch is made from a form
@every_deployment
def test_the_form_launches_it_with_blocks_that_are_chosen(
    up: Up,
    ui: PrefectUI,
    launch: Launch,
    gemini: GeminiServer,
    webhook: WebhookServer,
    store: Path,
) -> None:
    title = f"Form of {launch.deployment}".replace("/", " ")
    paid = len(gemini.bill)
    ui.open_form(launch.deployment)
    for label, value in launch.choices.items():
        ui.choose(label, value)
    for label, value in {**launch.fields, "Title": title, "Notify": "custom-webhook/shop"}.items():
        ui.fill(label, value)
    for label in launch.on:
        ui.switch_off(label)
    ui.choose_block("ModelAccount", "shop")
    ui.choose_block("ResultStore", "shop")
    run = ui.submit()
    state = up.wait_for_run(run)
    assert state["type"] == "COMPLETED", state
    assert (len(gemini.bill) > paid) == launch.paid
    delivered = [json.loads(file.read_text()) for file in store.rglob("manifest.json")]
    assert run in [manifest["batch"] for manifest in delivered]
    assert [title in message["text"] for message in webhook.received].count(True) == 1


def test_the_api_takes_a_saved_account_and_store_for_every_deployment(up: Up) -> None:
    with get_client(sync_client=True) as client:
        ids = {
            parameter: client.read_block_document_by_name("shop", slug).id
            for parameter, slug in BLOCKS.items()
        }
        blocks = {name: {"$ref": {"block_document_id": str(ids[name])}} for name in BLOCKS}
        for launch in LAUNCHES:
            found = client.read_deployment_by_name(launch.deployment)
            given = {**launch.parameters, **blocks, "action": "quote"}
            # The form asks the same of the API, and what it makes is made above.
            state: State[Any] = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(days=1))
            made = client.create_flow_run_from_deployment(found.id, parameters=given, state=state)
            assert made.parameters | blocks == made.parameters


@pytest.mark.long
def test_the_command_takes_a_saved_account_and_store_for_every_deployment(up: Up) -> None:
    blocks = {
        name: {"$ref": {"block_document_slug": f"{slug}/shop"}} for name, slug in BLOCKS.items()
    }
    runs: list[str] = []
    for launch in LAUNCHES:
        given = json.dumps({**launch.parameters, **blocks, "action": "quote"})
        later = ("--start-in", "1 day") if runs else ()
        said = up.prefect("deployment", "run", launch.deployment, "--params", given, *later)
        found = re.search(r"UUID: ([0-9a-f-]{36})", said)
        assert found is not None, said
        runs.append(found[1])
    assert up.wait_for_run(runs[0])["name"] == "Quoted"


@every_deployment
def test_an_account_that_is_written_out_is_refused_before_there_is_a_run(
    up: Up, launch: Launch
) -> None:
    deployment = up.ask("GET", f"deployments/name/{launch.deployment}").json()
    made = up.ask(
        "POST",
        f"deployments/{deployment['id']}/create_flow_run",
        json={"parameters": {"account": {"api_key": "AIza-written-out"}}},
    )
    assert made.status_code == 409
    assert "Validation failed for field 'account'" in made.text


def iphone_photo(path: Path) -> Path:
    """A JPEG with a second frame in it (MPO), as iPhones write them."""
    with Image.open(draw_picture(path.with_suffix(".png"))) as still:
        data = io.BytesIO()
        still.save(data, "MPO", save_all=True, append_images=[still.resize((45, 80))])
    assert Image.open(data).format == "MPO"
    path.write_bytes(data.getvalue())
    return path
