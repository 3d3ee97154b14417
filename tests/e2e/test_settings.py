"""A person sets up an account and a store at the desk, and sees costs; in three widths."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Up
from tests.servers.gemini import GeminiServer
from tests.support.batches import KEY
from tests.support.waiting import until

#: Of a busy machine, where the first check loads Prefect and the providers' libraries.
_PATIENCE_MS = 180_000
PLANTED = "AIza-planted-by-the-journey"
#: Pixels of the page that stand over on the right.
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

pytestmark = pytest.mark.timeout(300)


@pytest.mark.long
def test_a_person_adds_an_account_and_a_store_and_sees_costs(
    up: Up, gemini: GeminiServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page, wrong = browser.new_page(reduced_motion="reduce"), list[str]()
    page.set_default_timeout(180_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    desk = up.link.partition("/sign-in")[0]
    page.goto(f"{desk}/settings")
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/settings")
    expect(page.get_by_role("link", name="Settings", exact=True)).to_have_attribute(
        "aria-current", "page"
    )

    _add_account(page, gemini)
    folder = tmp_path_factory.mktemp("shelf")
    page.get_by_role("link", name="Add a folder").click()
    page.get_by_label("Name", exact=True).fill("journey-shelf")
    page.get_by_label("Path", exact=True).fill(str(folder))
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Store journey-shelf is saved.", timeout=_PATIENCE_MS
    )

    page.get_by_label("Ask once more over (USD)").fill("35")
    page.get_by_label("Store", exact=True).select_option("journey-shelf")
    page.get_by_role("button", name="Save the defaults").click()
    expect(page.get_by_role("status")).to_contain_text(
        "The defaults are saved", timeout=_PATIENCE_MS
    )
    expect(page.get_by_label("Ask once more over (USD)")).to_have_value("35")
    # Prefect's form of a new batch begins with it too, until it is taken back.
    until(lambda: "store" in _form(up))
    page.get_by_label("Store", exact=True).select_option("")
    page.get_by_role("button", name="Save the defaults").click()
    until(lambda: "store" not in _form(up), _PATIENCE_MS / 1000)
    expect(page.get_by_role("status")).to_contain_text("The defaults are saved")

    for name in ("journey", "journey-shelf"):
        page.get_by_role("link", name=f"Delete {name}", exact=True).click()
        page.locator("dialog").get_by_role("button", name="Delete it").click()
        expect(page.get_by_role("status")).to_contain_text(
            f"{name} is deleted.", timeout=_PATIENCE_MS
        )

    page.get_by_role("link", name="Costs", exact=True).click()
    expect(page.get_by_role("heading", name="Costs", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Table (CSV)").click()
    assert download.value.path().read_text().startswith("model,title,calls,cost_usd")
    _look(page, desk)
    assert wrong == []
    assert PLANTED not in up.log.read_text()


def _form(up: Up) -> dict[str, Any]:
    """What Prefect's form of a new image batch begins with."""
    form = up.ask("GET", "deployments/name/image-batch/images").json()
    return dict(form["parameters"])


def _add_account(page: Page, gemini: GeminiServer) -> None:
    """Gives a wrong key, reads why it is refused, and gives the right one; without the mouse."""
    page.get_by_role("link", name="Add an account").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("journey")
    page.get_by_label("API key", exact=True).first.fill(PLANTED)
    page.get_by_text("Gemini at another address").focus()
    page.locator("summary", has_text="Gemini at another address").press("Enter")
    page.get_by_label("Base URL").first.fill(gemini.url)
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("does not work, so it is not saved", timeout=_PATIENCE_MS)
    expect(page.get_by_role("button", name="Save unchecked")).to_be_visible()
    assert PLANTED not in page.content()
    expect(page.get_by_label("Name")).to_have_value("journey")
    page.get_by_label("API key", exact=True).first.fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(
        "Account journey is saved. API key 1 works", timeout=_PATIENCE_MS
    )
    row = page.locator("li", has_text="journey").first
    expect(row).to_contain_text("Gemini: a key")


def _look(page: Page, desk: str) -> None:
    """Opens the pages in three widths, dark and light: nothing stands over."""
    paths = (
        "/settings",
        "/settings/accounts/new",
        "/settings/accounts/edit/shop",
        "/settings/stores/new/s3",
        "/settings/drive",
        "/costs?days=all",
        "/costs?by=batch",
    )
    for width, scheme in ((1400, "dark"), (1000, "light"), (400, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in paths:
            page.goto(desk + path)
            assert page.evaluate(_OVERHANG) <= 0, (path, width)
