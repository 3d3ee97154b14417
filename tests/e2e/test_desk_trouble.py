"""What goes wrong while a person types at the desk: nothing on a page is lost or misread."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHECKOUT, Up
from tests.e2e.test_slideshows import desk_of, drop, opened, sign_in
from tests.servers.tiktok import picture

pytestmark = [pytest.mark.timeout(600), pytest.mark.fleet]


@pytest.fixture
def page(up: Up, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    wrong = list[str]()
    yield opened(context, up, wrong)
    assert wrong == []
    context.close()


def test_a_form_of_the_settings_stays_filled_in_when_the_session_ends(up: Up, page: Page) -> None:
    page.goto(f"{desk_of(up)}/settings/stores/new/folder")
    page.get_by_label("Name", exact=True).fill("late-shelf")
    page.get_by_label("Path", exact=True).fill(up.environment["PRESSRUN_OUTPUT"])
    page.context.clear_cookies()
    page.get_by_role("button", name="Check and save").click()
    expect(page.locator(".banner.lost")).to_contain_text("You are signed out, so nothing was sent.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("late-shelf")
    with page.context.expect_page() as other:
        page.locator(".banner.lost a").click()
    sign_in(other.value, up)
    expect(page.locator(".banner.lost")).to_be_hidden()  # at once, without a click
    page.get_by_role("button", name="Check and save").click()
    expect(page.locator("main")).to_contain_text("late-shelf is saved")
    page.goto(f"{desk_of(up)}/settings/stores/delete/late-shelf")
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("late-shelf is deleted")


def test_a_cap_with_a_comma_is_no_cap_of_ten_times_as_much(up: Up, page: Page) -> None:
    page.goto(f"{desk_of(up)}/new/image-batch")
    page.locator("#f-prompts").fill("a red mug\na blue mug")
    page.locator("details.more-settings summary").click()
    page.get_by_label("Cap (USD)").press_sequentially("oops")
    expect(page.locator(".wrong")).to_contain_text("that is no number")
    page.get_by_label("Cap (USD)").fill("")
    page.get_by_label("Cap (USD)").press_sequentially("1,5")
    expect(page.locator(".wrong")).to_have_count(0)
    start = page.get_by_role("button", name=re.compile("^Start"))
    expect(start).to_be_enabled()
    other = page.context.new_page()
    other.goto(page.url)
    start.click()
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}$"))
    run_id = page.url.rpartition("/")[2]
    assert up.ask("GET", f"flow_runs/{run_id}").json()["parameters"]["budget_usd"] == 1.5
    _typed_after_the_start(other)
    up.wait_for_run(run_id)


def _typed_after_the_start(page: Page) -> None:
    page.locator("#f-prompts").fill("a red mug\nand what came too late")
    expect(page.locator("#kept")).to_contain_text("Not kept: This draft was started")
    expect(page.locator(".foot")).to_contain_text("Open the batch")
    expect(page.locator("#start")).to_be_disabled()
    expect(page.locator("#f-prompts")).to_have_value("a red mug\nand what came too late")
    page.once("dialog", lambda dialog: dialog.accept())
    page.close()


def test_the_photo_of_a_failed_slideshow_is_dropped_and_it_is_made(up: Up, page: Page) -> None:
    show = CHECKOUT / "samples/slideshows/space"
    good = CHECKOUT / "samples/products/mug.jpg"
    rows = [f"{show}\t{photo}\tOrbit Mug: a wide cup" for photo in (good, "/tmp/no-photo.jpg")]
    run_id = _started(up, {"slides": "\n".join(rows), "photo_variations": 1, "text_variations": 1})
    assert up.wait_for_run(run_id)["name"] == "PartiallyFailed"
    page.goto(f"{desk_of(up)}/batches/{run_id}/mend")
    drop(page, "Product photo: or drop", [("mug.exe", b"MZ" + b"\0" * 99)])
    expect(page.locator("[data-refused]")).to_contain_text("mug.exe")
    drop(page, "Product photo: or drop", [("mug.jpg", picture(800, 800))])
    expect(page.get_by_label("Product photo", exact=True)).to_have_value(re.compile("^upload:"))
    page.get_by_role("button", name="Make 1 again, free").click()
    page.wait_for_url(re.compile(rf"/batches/{run_id}$"))
    expect(page.locator("main")).to_contain_text("Completed 2 of 2", ignore_case=True)


def _started(up: Up, given: dict[str, object]) -> str:
    """Starts a slideshow batch; a busy server is asked again. Gives the run's id."""
    deployment = up.ask("GET", "deployments/name/slideshow-batch/slideshows").json()["id"]
    deadline = time.monotonic() + 120
    while True:
        asked = {"parameters": given}
        run = up.ask("POST", f"deployments/{deployment}/create_flow_run", json=asked)
        if run.is_success:
            return str(run.json()["id"])
        assert run.status_code in (429, 500, 502, 503), run.text
        assert time.monotonic() < deadline, run.text
        time.sleep(0.5)
