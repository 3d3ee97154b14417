"""A person reviews a plan at the desk, task by task, and mends what failed of it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Up

#: The last one is asked for twice: it fails, and is mended.
PROMPTS = "Prefix: Flat icon.\n\n# Sea\n\n" + "".join(
    f"- {name}\n"
    for name in ("a kite", "a boat", "a shell", "a gull", "a <b>net</b>", "a buoy", "a kite")
)
#: Pixels of the page that stand over on the right.
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: On a busy machine.
_PATIENCE_MS = 120_000

pytestmark = pytest.mark.timeout(300)


def test_a_plan_is_edited_kept_and_approved_and_what_fails_is_mended(
    up: Up, browser: Browser
) -> None:
    page, wrong = browser.new_page(reduced_motion="reduce"), list[str]()
    page.set_default_timeout(180_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    desk = up.link.partition("/sign-in")[0]
    page.goto(f"{desk}/sign-in")
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/")
    deployment = up.ask("GET", "deployments/name/image-batch/images").json()["id"]
    asked = {"parameters": {"prompts": PROMPTS, "review": True, "title": "Reviewed"}}
    run_id = up.ask("POST", f"deployments/{deployment}/create_flow_run", json=asked).json()["id"]
    page.locator(f'a.row[href="/batches/{run_id}"]').click()
    page.get_by_role("link", name="Review the plan").click()
    _edit(page)
    page.reload()  # as another browser would find it
    _look(page)
    page.get_by_role("button", name="Approve, free").click()
    page.wait_for_url(f"{desk}/batches/{run_id}")
    expect(page.locator(".said b")).to_have_text("Ended, not all is made", timeout=_PATIENCE_MS)
    _mend(page)
    expect(page.locator(".said b")).to_have_text("Completed", timeout=_PATIENCE_MS)
    expect(page.locator(".thumbs img")).to_have_count(5, timeout=_PATIENCE_MS)
    assert wrong == []


def _edit(page: Page) -> None:
    """Changes three tasks, leaves two out, and chooses what cannot be before what can."""
    for number, words in ((3, "a shell in the sand"), (5, "a <i>net</i>")):
        page.get_by_label(f"Prompt of task {number}", exact=True).fill(words)
    page.get_by_label("Make task 4", exact=True).focus()
    page.keyboard.press("Tab")  # with the keyboard alone
    page.keyboard.press("Control+a")
    page.keyboard.type("a white gull")
    page.get_by_label("Search the tasks").fill("buoy")
    expect(page.get_by_text("1 of 7 shown")).to_be_visible()
    page.get_by_role("button", name="Untick shown").click()
    page.get_by_label("Search the tasks").fill("")
    page.get_by_label("Make task 2", exact=True).uncheck()
    page.get_by_label("Images a prompt").fill("9")
    wrong = page.locator('[data-wrong="set/images"]')
    expect(wrong).to_contain_text("it can be at most 8", timeout=_PATIENCE_MS)
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    page.get_by_label("Images a prompt").fill("1")
    expect(page.locator("#figures")).to_contain_text("4 items", timeout=_PATIENCE_MS)
    expect(page.locator("#kept")).to_have_text("Kept.", timeout=_PATIENCE_MS)


def _look(page: Page) -> None:
    """Finds all that was typed, in every width, dark and light."""
    expect(page.get_by_label("Prompt of task 5", exact=True)).to_have_value("a <i>net</i>")
    expect(page.get_by_label("Make task 2", exact=True)).not_to_be_checked()
    page.get_by_label("Which tasks").select_option("out")
    expect(page.get_by_text("2 of 7 shown")).to_be_visible()
    for width in (1400, 1000, 400):
        for scheme in ("dark", "light"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(_OVERHANG) <= 0, width


def _mend(page: Page) -> None:
    """Changes the prompt that failed; the price stands on the button."""
    page.get_by_role("link", name="Mend").click()
    dialog = page.locator("dialog")
    expect(dialog.get_by_text("Nothing is changed yet.")).to_be_visible(timeout=_PATIENCE_MS)
    expect(dialog.get_by_role("button", name="Make again")).to_be_disabled()
    dialog.get_by_label("Prompt").fill("Flat icon. a green kite")
    dialog.get_by_role("button", name=re.compile("Make 1 item again")).click()
