"""A gallery in a browser: enlarged pictures, the keyboard, dark and light, and nothing fetched."""

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pressrun.errors import EngineError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.reports.gallery.gallery import gallery
from pressrun.reports.gallery.store_page import read_entries, store_index
from pressrun.reports.manifest import read_record
from pressrun.stores.folder import FolderStore

MODELS = ("sketch", "sketch-ink", "sketch-poster", "gemini-3-pro-image", "gpt-image-2")
PROMPTS = ("A lighthouse at dusk", "<b>A fox</b> asleep", "An onion")
CAPTION = "Soup again? 🍲\nNever. #soup <b>#lunch</b>"
#: Widths of a phone, a laptop and a large screen, in CSS pixels.
WIDTHS = (400, 1200, 2000)

pytestmark = pytest.mark.timeout(300)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's folder: a comparison, a batch of images, and the list of both."""
    folder = tmp_path_factory.mktemp("store")
    ledger = Ledger(f"sqlite:///{folder / '.ledger.db'}")
    for kind, models in (("comparison", MODELS), ("image", MODELS[:1])):
        batch = Batch(kind, kind, f"A batch of {kind}", str(folder), kind, {}, "completed")
        _make(ledger, batch, models)
    entries = read_entries(ledger, str(folder))
    (folder / "index.html").write_bytes(store_index(entries, FolderStore(folder)))
    _make_slideshow(ledger, folder)
    ledger.close()
    return folder


def _make_slideshow(ledger: Ledger, folder: Path) -> None:
    batch = Batch("slideshow", "slideshow", "To post", str(folder), "slideshow", {}, "completed")
    ledger.batches.create(batch, [PlannedItem("a", 0, "Link 001 @a · variation 1", {})])
    ledger.batches.start(batch.id, "a")
    analysis = json.dumps({"caption": CAPTION, "slides": []}).encode()
    file = MadeFile("a/analysis.json", "application/json", len(analysis), "0" * 64)
    ledger.batches.finish(batch.id, "a", [file])
    ledger.deliveries.verify(batch.id, "a", [(file.path, "")])
    ((_, page),) = gallery(read_record(ledger, batch, 9.0), lambda _: analysis)
    (folder / "slideshow").mkdir()
    (folder / "slideshow" / "gallery.html").write_bytes(page)


def _make(ledger: Ledger, batch: Batch, models: tuple[str, ...]) -> None:
    planned = [
        PlannedItem(
            f"{row}-{model}",
            len(models) * row + column,
            f"Prompt {row:02d} · {model}",
            {"prompt": prompt, "enhanced": "rich " * 75, "model": model, "row": row, "dropped": []},
        )
        for row, prompt in enumerate(PROMPTS, 1)
        for column, model in enumerate(models)
    ]
    ledger.batches.create(batch, planned)
    root = Path(batch.destination) / batch.root
    root.mkdir()
    for number, item in enumerate(planned):
        ledger.batches.start(batch.id, item.key)
        if item.spec["model"] == "gpt-image-2":
            ledger.batches.fail(batch.id, item.key, EngineError("No answer. " * 30, kind="timeout"))
            continue
        out = io.BytesIO()
        Image.new("RGB", (600, 400 + number), (10 * number, 90, 160)).save(out, "PNG")
        (root / f"{item.key}.png").write_bytes(out.getvalue())
        file = MadeFile(f"{item.key}.png", "image/png", len(out.getvalue()), "0" * 64)
        ledger.batches.finish(batch.id, item.key, [file])
        url = (root / f"{item.key}.png").as_uri()
        ledger.deliveries.verify(batch.id, item.key, [(file.path, url)])
    record = read_record(ledger, batch, 90.0)
    ((_, page),) = gallery(record, lambda file: (root / file.path).read_bytes())
    (root / "gallery.html").write_bytes(page)
    report = DeliveredFile("gallery.html", "", "text/html", len(page), "0" * 64, "verified")
    ledger.deliveries.note_report(batch.id, report)


@pytest.fixture
def opened(browser: Browser, place: Path) -> Iterator[Open]:
    """Opens a page of the store; at its end nothing was fetched but files from beside it."""
    contexts: list[BrowserContext] = []
    requests: list[str] = []
    problems: list[str] = []

    def open_page(path: str, width: int = 1200, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((place / path).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    beside = place.as_uri()
    assert [url for url in requests if not url.startswith((beside, "data:image/jpeg"))] == []
    assert [said for said in problems if "ERR_FILE_NOT_FOUND" not in said] == []


def shown(page: Page) -> str:
    """The file that is enlarged, once it is there in full."""
    picture = page.locator("#light .picture")
    expect(picture).to_have_attribute("src", re.compile(r"^file:.*\.png$"))
    return (picture.get_attribute("src") or "").rpartition("/")[2]


def test_a_click_enlarges_the_file_itself_with_what_is_known_of_it(opened: Open) -> None:
    page = opened("comparison/gallery.html")
    page.locator("a.shot").first.click()
    assert shown(page) == "1-sketch.png"
    light = page.locator("#light")
    expect(light).to_contain_text("Prompt 01 · sketch")
    expect(light).to_contain_text("A lighthouse at dusk")
    expect(light).to_contain_text("600 \N{MULTIPLICATION SIGN} 400 px")
    expect(light.get_by_text("Open the file")).to_have_attribute(
        "href", re.compile(r"/1-sketch.png$")
    )
    natural = page.evaluate("document.querySelector('#light .picture').naturalWidth")
    assert natural == 600


def test_only_the_desk_has_a_batch_to_lead_back_to(opened: Open, place: Path) -> None:
    page = opened("image/gallery.html")
    expect(page.locator(".back")).to_be_hidden()
    address, whole = "http://desk.test/batches/a-batch/files/gallery.html", place / "image"
    back = page.context.new_page()
    back.route("http://desk.test/**", lambda route: route.fulfill(path=whole / "gallery.html"))
    back.goto(address)
    expect(back.get_by_role("link", name="The batch")).to_have_attribute("href", "/batches/a-batch")


def test_a_caption_is_copied_as_it_is_pasted(browser: Browser, served: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{served}/slideshow/gallery.html")
    button = page.get_by_role("button", name="Copy caption of variation 1")
    button.click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == CAPTION
    # Without a clipboard (by HTTP from another machine) what is selected is copied.
    page.evaluate("""() => {
      navigator.clipboard.writeText("something else");
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      getSelection().removeAllRanges();
    }""")
    button.click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == CAPTION
    context.close()


def test_arrows_step_escape_closes_and_the_focus_comes_back(opened: Open) -> None:
    page = opened("comparison/gallery.html")
    page.locator("a.shot").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    expect(page.get_by_role("button", name="Previous picture")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    assert shown(page) == "1-sketch-ink.png"
    page.keyboard.press("ArrowDown")
    assert shown(page) == "2-sketch-ink.png"
    page.keyboard.press("ArrowLeft")
    assert shown(page) == "2-sketch.png"
    page.keyboard.press("ArrowLeft")  # to the last picture of the row above
    assert shown(page) == "1-gemini-3-pro-image.png"
    expect(page.locator("#light .count")).to_have_text("4 of 12")
    page.keyboard.press("Escape")
    expect(page.locator("#light")).to_be_hidden()
    expect(page.locator("a.shot").nth(3)).to_be_focused()


def test_the_ends_hold_and_the_tab_key_stays_inside(opened: Open) -> None:
    page = opened("image/gallery.html")
    page.locator("a.shot").last.click()
    page.keyboard.press("ArrowRight")
    assert shown(page) == "3-sketch.png"
    expect(page.get_by_role("button", name="Next picture")).to_be_disabled()
    for _ in range(8):
        page.keyboard.press("Tab")
        inside = "!document.activeElement || document.activeElement === document.body"
        assert page.evaluate(f"{inside} || !!document.activeElement.closest('#light')")


def test_words_and_status_leave_what_fits_and_arrows_step_through_that(opened: Open) -> None:
    page = opened("comparison/gallery.html")
    rows = page.locator("tbody tr")
    page.get_by_label("Search").fill("FOX asleep")
    expect(rows.filter(visible=True)).to_have_count(1)
    expect(page.locator(".bar .told")).to_have_text("1 of 3 shown")
    page.locator("a.shot").filter(visible=True).last.click()
    expect(page.locator("#light .count")).to_have_text("4 of 4")
    page.keyboard.press("Escape")
    page.get_by_label("Search").fill("no such words")
    expect(page.get_by_text("Nothing has these words")).to_be_visible()
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name="Failed 3").click()
    expect(rows.filter(visible=True)).to_have_count(3)
    expect(page.locator("td.faded")).to_have_count(12)


@pytest.fixture
def served(place: Path) -> Iterator[str]:
    """The store's folder by HTTP; gives its URL."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(place))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_person_chooses_dark_or_light_and_the_page_remembers(
    browser: Browser, served: str
) -> None:
    # By HTTP: Chromium 156 forgot 1 to 14 of 80 things that pages at file:// stored, here none.
    page = browser.new_page(color_scheme="light")
    page.goto(f"{served}/image/gallery.html")
    light = background(page)
    page.locator("#theme").click()
    dark = background(page)
    assert (sum(light) > 600, sum(dark) < 100) == (True, True)
    page.reload()
    assert background(page) == dark
    expect(page.locator("#theme")).to_have_text("Light")
    page.close()


def test_without_a_choice_it_is_as_the_system_has_it(opened: Open) -> None:
    assert sum(background(opened("image/gallery.html", color_scheme="dark"))) < 100
    assert sum(background(opened("image/gallery.html", color_scheme="light"))) > 600


def background(page: Page) -> list[int]:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return [int(part) for part in colour.strip("rgb()").split(",")]


@pytest.mark.parametrize("path", ["comparison/gallery.html", "image/gallery.html", "index.html"])
def test_no_page_is_wider_than_its_window(opened: Open, path: str) -> None:
    page = opened(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if path != "index.html":
            page.locator("a.shot").first.click()
            assert shown(page)
            box = page.locator("#light .picture").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            page.keyboard.press("Escape")


def test_on_a_phone_the_table_scrolls_under_its_prompts_and_models(opened: Open) -> None:
    page = opened("comparison/gallery.html", 400)
    corner, model = page.locator("thead th").nth(0), page.locator("thead th").nth(3)
    before = corner.bounding_box()
    page.locator(".table").evaluate("table => table.scrollTo(300, 200)")
    after, head = corner.bounding_box(), model.bounding_box()
    assert before is not None
    assert after == before
    assert head is not None
    assert head["y"] == before["y"]
    prompt = page.locator("tbody th").nth(1).bounding_box()
    assert prompt is not None
    assert prompt["x"] == before["x"]


def test_without_scripts_it_is_a_page_with_links(opened: Open, place: Path) -> None:
    page = opened("comparison/gallery.html", java_script_enabled=False)
    expect(page.locator("a.shot").filter(visible=True)).to_have_count(12)
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("#light")).to_be_hidden()
    page.locator("a.shot").first.click()
    page.wait_for_url((place / "comparison/1-sketch.png").as_uri())


def test_where_the_file_is_gone_the_small_picture_stays_and_says_so(
    opened: Open, place: Path
) -> None:
    (place / "alone").mkdir(exist_ok=True)
    (place / "alone/gallery.html").write_bytes((place / "image/gallery.html").read_bytes())
    page = opened("alone/gallery.html")
    page.locator("a.shot").first.click()
    expect(page.locator("#light .missed")).to_contain_text("not beside this page")
    source = page.locator("#light .picture").get_attribute("src") or ""
    assert source.startswith("data:image/jpeg")


def test_the_list_of_a_store_leads_to_its_galleries(opened: Open) -> None:
    page = opened("index.html")
    page.get_by_label("Search").fill("comparison")
    expect(page.locator("tbody tr").filter(visible=True)).to_have_count(1)
    page.get_by_role("link", name="A batch of comparison").click()
    expect(page.locator("h1")).to_contain_text("A batch of comparison")
