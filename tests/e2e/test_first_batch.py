"""The first batch of a new user: blocks saved in the UI, a form filled in, slideshows delivered."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Up, running_up
from tests.e2e.prefect_ui import PATIENCE_MS, PrefectUI
from tests.servers.gemini import GeminiServer
from tests.servers.tiktok import TikTokServer, picture, snowflake
from tests.support.batches import KEY, TEXT_MODEL, draw_picture
from tests.support.prefect_database import copy_tables

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys=(KEY,)) as server:
        yield server


@pytest.fixture(scope="module")
def tiktok() -> Iterator[TikTokServer]:
    with TikTokServer() as server:
        yield server


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, tiktok: TikTokServer) -> Iterator[Up]:
    settings = {
        "PRESSRUN_TIKTOK_PROXY": tiktok.proxy_url,
        "PRESSRUN_TIKTOK_CA": str(tiktok.ca_file),
        "PRESSRUN_TIKTOK_PAUSE_S": "0",
    }
    home = tmp_path_factory.mktemp("up")
    copy_tables(home / "prefect" / "prefect.db")
    with running_up(home, settings) as up:
        yield up


def test_two_links_and_a_photo_of_an_iphone_become_slideshows_from_the_form(
    up: Up,
    browser: Browser,
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
    ui = PrefectUI(browser, up.url, up.login)

    ui.save_block("model-account", "team", {"Gemini: API key": KEY, "Gemini: base URL": gemini.url})
    ui.save_block("result-store", "results", {"Destination": str(store)})

    ui.open_form("slideshow-batch/default")
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
    ui.show("Image model")
    ui.page.screenshot(path=pictures / "form_account.png")
    run = ui.submit()

    state = up.wait_for_run(run)
    assert (state["type"], state["message"]) == ("COMPLETED", "4 of 4 completed")
    (manifest,) = [json.loads(file.read_text()) for file in store.rglob("manifest.json")]
    assert manifest["totals"]["cost_usd"] == pytest.approx(gemini.bill_usd, abs=1e-9)
    assert len([*store.rglob("slide_*.jpg")]) == 2 * 2 + 2 * 1

    # A second run has a quote and a summary too: each run's page shows its own.
    ui.open_form("slideshow-batch/default")
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
    expect(quote).to_contain_text("4 items", timeout=PATIENCE_MS)
    ui.page.screenshot(path=pictures / "quote.png")
    summary = ui.open_artifact(run, "summary")
    cost = f"${manifest['totals']['cost_usd']:.4f}"
    expect(summary).to_contain_text(cost, timeout=PATIENCE_MS)
    ui.page.screenshot(path=pictures / "summary.png")


def iphone_photo(path: Path) -> Path:
    """A JPEG with a second frame in it (MPO), as iPhones write them."""
    with Image.open(draw_picture(path.with_suffix(".png"))) as still:
        data = io.BytesIO()
        still.save(data, "MPO", save_all=True, append_images=[still.resize((45, 80))])
    assert Image.open(data).format == "MPO"
    path.write_bytes(data.getvalue())
    return path
