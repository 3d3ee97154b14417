"""Each page of the desk: no overhang, no serious finding of axe-core, no error, at all widths."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHECKOUT, Up

WIDTHS = (1400, 1000, 400)
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: What axe-core looks for: all, then what other colours can break; the other rules take seconds.
_RULES: dict[str, dict[str, object]] = {
    "dark": {"resultTypes": ["violations"]},
    "light": {"runOnly": ["color-contrast", "link-in-text-block"]},
}
_SERIOUS = frozenset({"serious", "critical"})
DOCUMENT = "# Mugs\n\nPrefix: Photo of\n\n1. a red mug\n2. a {COLOUR} mug\n\nThank you!\n"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def page(up: Up, browser: Browser) -> Iterator[Page]:
    """A tab on the page that asks for the password; no page may say an error."""
    address, wrong = up.link.partition("/sign-in")[0], list[str]()
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(180_000)
    expect.set_options(timeout=180_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/sign-in")
    yield page
    assert wrong == []
    context.close()


def test_every_page_fits_reads_and_is_for_everybody(page: Page, up: Up) -> None:
    found = {"/sign-in": looked_at(page)}
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Batches").wait_for()
    page.goto("/new/image-batch")
    draft = page.url
    page.get_by_label("Prompts", exact=True).fill(DOCUMENT)
    expect(page.locator("#start")).to_be_enabled()
    found["images"] = looked_at(page)
    page.goto(f"{draft}/delete")
    found["a question"] = looked_at(page)
    page.goto(draft)
    page.locator("#start").click()
    page.wait_for_url("**/batches/*")
    expect(page.locator(".said b")).to_contain_text("Completed")
    found["a batch"] = looked_at(page)
    for path, ready in (
        ("/new/slideshow-batch", "h1"),
        ("/new/article-batch", "h1"),
        ("/new/model-comparison", "h1"),
        ("/", ".batches"),
        ("/costs", "h1"),
        ("/settings", "h1"),
        ("/settings/accounts/new", "form"),
        ("/settings/stores/new/drive", "form"),
    ):
        page.goto(path)
        page.locator(f"main {ready}").first.wait_for()
        found[path] = looked_at(page)
    assert {where: said for where, said in found.items() if said} == {}


def test_every_page_of_a_batch_fits_reads_and_is_for_everybody(page: Page, up: Up) -> None:
    """The plan to review, a preview, what failed, the words on slides, and questions."""
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Batches").wait_for()
    plan = {"prompts": "# Sea\n\n- a kite\n- a boat\n- a kite\n", "text_model": ""}
    review = started(up, "image-batch/images", **plan, review=True, title="Reviewed pages")
    preview = started(
        up, "image-batch/images", **plan, review=False, action="preview", title="One page first"
    )
    samples = CHECKOUT / "samples"
    made = started(
        up,
        "slideshow-batch/slideshows",
        links="https://shop.example/1\nhttps://shop.example/2",
        slides=str(samples / "slideshows/cat"),
        photo=str(samples / "products/mug.jpg"),
        description="A wide cup",
        photo_variations=1,
        text_variations=1,
    )
    assert up.wait_for_run(made)["name"] == "PartiallyFailed"
    for run, link in ((review, "Review the plan"), (preview, "Look at the first item")):
        page.goto(f"/batches/{run}")
        page.get_by_role("link", name=link).wait_for()
    found = {}
    for path, ready in (
        (f"{made}", "[data-part=failures] .failures"),
        (f"{made}/mend", ".mend-items"),
        (f"{made}/words", "textarea"),
        (f"{made}/template", "#template-name"),
        (f"{review}/review", ".plan"),
        (f"{review}/do/cancel", "#question"),
        (f"{preview}/review", "h1"),
    ):
        page.goto(f"/batches/{path}")
        page.locator(f"main {ready}").first.wait_for()
        found[path] = looked_at(page)
    assert {where: said for where, said in found.items() if said} == {}


def started(up: Up, deployment: str, **parameters: Any) -> str:
    """Starts a batch; gives its run's id."""
    found = up.ask("GET", f"deployments/name/{deployment}").json()["id"]
    asked = {"parameters": parameters}
    answer = up.ask("POST", f"deployments/{found}/create_flow_run", json=asked)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def looked_at(page: Page) -> list[str]:
    """Lists what is wrong with a page, at each width and in both colours."""
    said = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate(_OVERHANG)) > 0:
            said.append(f"{over} pixels stand over at {width}")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for one in Axe().run(page, options=_RULES[scheme]).response["violations"]:
            if one["impact"] in _SERIOUS:
                where = ", ".join(str(node["target"]) for node in one["nodes"][:3])
                said.append(f"{scheme}: {one['help']} ({where})")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return said
