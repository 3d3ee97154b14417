"""Takes the pictures of the desk and of a gallery that README and docs show: ``--screenshots``.

Those of Prefect's UI are taken by ``test_launch.py``, that of a new batch by
``test_slideshows.py``.
"""

import random
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch
from tests.e2e.conftest import CHECKOUT, Up
from tests.e2e.test_desk_pages import started

SAMPLES = CHECKOUT / "samples"
PLAN = "Prefix: Flat icon, two colours, thick lines.\n\n# Sea\n\n" + "".join(
    f"- {what}\n"
    for what in (
        *("a paper kite above the dunes", "a sailing boat on calm water"),
        *("a spiral shell on wet sand", "a gull in the wind", "a lighthouse at dusk"),
        *("a red buoy", "a pair of oars", "a crab between stones", "a bucket and a spade"),
        *("a striped beach chair", "a jar of sea glass"),
    )
)
#: Who asked for batches of the past thirty days, and how much each spent on a usual day, in USD.
OWNERS = {"Ana": 1.1, "Bo": 0.7, "Chidi": 0.5}
MODELS = ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gpt-image-2")
DAY_S = 86_400

#: The pictures that stand in sight have come.
_DRAWN = """() => [...document.querySelectorAll(".thumbs img")]
  .filter((one) => one.getBoundingClientRect().top < innerHeight)
  .every((one) => one.naturalWidth)"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the pictures are kept."""
    return Path(request.config.getoption("screenshots") or tmp_path)


@pytest.fixture
def page(up: Up, browser: Browser) -> Iterator[Page]:
    """The desk for somebody who has signed in."""
    desk = up.link.partition("/sign-in")[0]
    context = browser.new_context(
        base_url=desk, reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.goto("/sign-in")
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Batches").wait_for()
    yield page
    context.close()


def test_the_desk_is_pictured(up: Up, page: Page, folder: Path) -> None:
    slides = [str(SAMPLES / "slideshows" / name) for name in ("cat", "space")]
    product = {
        "photo": str(SAMPLES / "products/mug.jpg"),
        "description": "Orbit Mug: a wide ceramic cup that keeps coffee warm at the desk",
        "owner": "Ana",
    }
    work = started(
        up,
        "slideshow-batch/slideshows",
        slides="\n".join(slides),
        **product,
        photo_variations=10,
        text_variations=5,
        concurrency=1,
        budget_usd=5,
        title="Autumn mugs",
    )
    page.goto(f"/batches/{work}")
    expect(page.locator(".thumbs img").nth(14)).to_be_visible(timeout=180_000)
    expect(page.get_by_text("is not running")).to_have_count(0)
    page.wait_for_function(_DRAWN)
    # What is kept names no folder of the machine that made it.
    page.evaluate("""() => {
      const place = document.querySelector(".place");
      place.textContent = `/home/ana/Pressrun/${place.textContent.split("/").pop()}`;
    }""")
    page.screenshot(path=folder / "desk.png")
    up.ask("POST", f"flow_runs/{work}/set_state", json=_CANCELLED)


def test_a_gallery_is_pictured(up: Up, page: Page, folder: Path) -> None:
    shows = (
        ("space", "mug.jpg", "Orbit Mug: a wide ceramic cup", "Coffee in orbit"),
        ("cat", "gravel.jpg", "Cat Garden Gravel: smooth washed pebbles", "Her new garden"),
    )
    rows = [("link", "photo", "description", "slideshow name")]
    for slides, photo, words, called in shows:
        place = f"slides: {SAMPLES / 'slideshows' / slides}"
        rows.append((place, str(SAMPLES / "products" / photo), words, called))
    run = started(
        up,
        "slideshow-batch/slideshows",
        links="\n".join(map("\t".join, rows)),
        photo_variations=2,
        text_variations=1,
        title="Autumn launch",
    )
    assert up.wait_for_run(run)["type"] == "COMPLETED"
    page.goto(f"/batches/{run}/files/gallery.html")
    page.locator(".shot img").last.wait_for()
    page.screenshot(path=folder / "gallery.png", full_page=True)


def test_a_review_is_pictured(up: Up, page: Page, folder: Path) -> None:
    account = up.ask("POST", "block_documents/filter", json=_ACCOUNTS).json()[0]["id"]
    run = started(
        up,
        "image-batch/images",
        prompts=PLAN,
        text_model="",
        review=True,
        model="gemini-nano-banana-2.1",
        account={"$ref": {"block_document_id": account}},
        title="Icons for the sea",
    )
    page.goto(f"/batches/{run}")
    page.get_by_role("link", name="Review the plan").click()
    approve = page.get_by_role("button", name=re.compile(r"Approve for \$"))
    approve.wait_for()
    page.screenshot(path=folder / "desk-review.png")
    up.ask("POST", f"flow_runs/{run}/set_state", json=_CANCELLED)


def test_costs_are_pictured(up: Up, page: Page, folder: Path) -> None:
    """The calls are written into the ledger: a month of work cannot be waited for."""
    ledger = open_ledger(f"sqlite:///{up.environment['PRESSRUN_DATA']}/ledger.db")
    chance, now = random.Random(7), time.time()
    for owner, usual in OWNERS.items():
        batch = Batch(uuid.uuid4().hex, "image", f"Work of {owner}", "/o", "r", {}, owner=owner)
        ledger.batches.create(batch, [])
        rows = [
            call(batch.id, now - ago * DAY_S, usual * chance.uniform(0.5, 1.4) / 20, chance)
            for ago in range(29, -1, -1)
            for _ in range(20 + (30 - ago))
        ]
        with ledger.database.write() as connection:
            connection.execute(insert(calls), rows)
    page.goto("/costs?days=30")
    expect(page.locator("svg rect").nth(28)).to_be_visible()
    page.screenshot(path=folder / "desk-costs.png", full_page=True)


def call(batch_id: str, at: float, cost_usd: float, chance: random.Random) -> dict[str, Any]:
    """A row of a call that was paid; now and then nothing came of it."""
    return {
        "id": str(uuid.uuid4()),
        "batch_id": batch_id,
        "item_key": "i",
        "slot": "s",
        "call_key": uuid.uuid4().hex,
        "account": "shop",
        "model": chance.choice(MODELS),
        "status": "failed" if chance.random() < 0.03 else "settled",
        "send_at": at,
        "settled_at": at,
        "cost_nusd": round(cost_usd * 10**9),
    }


_CANCELLED = {"state": {"type": "CANCELLED", "name": "Cancelled"}, "force": True}
_ACCOUNTS = {
    "block_types": {"slug": {"any_": ["model-account"]}},
    "block_documents": {"name": {"any_": ["shop"]}},
}
