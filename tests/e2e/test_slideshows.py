"""A new slideshow batch at the desk, as a person makes it: paste, drop, start."""

import io
import re
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import CHECKOUT, Up
from tests.e2e.test_desk_pages import looked_at
from tests.servers.tiktok import Outcome, TikTokServer, picture, snowflake

LINKS = 100
SAMPLES = CHECKOUT / "samples"
WIDTHS = (1400, 1000, 400)
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def page(up: Up, browser: Browser) -> Iterator[Page]:
    """The desk's first page for somebody who signed in; at its end nothing was wrong in it."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1400, "height": 1000})
    wrong = list[str]()
    page = opened(context, up, wrong)
    yield page
    assert wrong == []
    context.close()


def opened(context: BrowserContext, up: Up, wrong: list[str]) -> Page:
    """A tab of a person who has signed in."""
    page = context.new_page()
    page.set_default_timeout(180_000)
    expect.set_options(timeout=180_000)
    # Browsers write down each answer that refuses; here some are meant to.
    meant = re.compile(r"status of (400|401|409)")
    page.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and not meant.search(said.text)
            else None
        ),
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(desk_of(up))
    sign_in(page, up)
    return page


def sign_in(page: Page, up: Up) -> None:
    """Signs in, where the page asks."""
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()


def desk_of(up: Up) -> str:
    """The desk's address."""
    return up.link.partition("/sign-in")[0]


def paste(page: Page, label: str, text: str) -> None:
    """Pastes into a field, as Ctrl+V does."""
    page.get_by_label(label, exact=True).focus()
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const told = { clipboardData, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", told));
        }""",
        text,
    )


def drop(page: Page, words: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Drops files on the area with these words."""
    area = page.locator("[data-drop]", has_text=words)
    handle = page.evaluate_handle(
        """files => {
          const brought = new DataTransfer();
          for (const [name, data] of files) {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            brought.items.add(new File([bytes], name));
          }
          return brought;
        }""",
        [[name, _base64(data)] for name, data in files],
    )
    for moment in ("dragover", "drop"):
        area.dispatch_event(moment, {"dataTransfer": handle})


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def test_a_hundred_links_and_photos_are_a_started_batch_in_three_acts(
    up: Up, page: Page, tiktok: TikTokServer, request: pytest.FixtureRequest
) -> None:
    slides = [file.read_bytes() for file in sorted(SAMPLES.glob("slideshows/*/slide_*.jpg"))]
    products = [(file.stem, file.read_bytes()) for file in sorted(SAMPLES.glob("products/*"))]
    links = [
        tiktok.add_slideshow(f"user{n}", snowflake(7000 + n), [slides[n % len(slides)]] * 3)
        for n in range(1, LINKS + 1)
    ]
    named = [(n, *products[n % len(products)]) for n in range(1, LINKS + 1)]
    photos = [(f"{n:02d}_{name}.jpg", data) for n, name, data in named]
    text = "\n".join(
        f"{link}\tOrbit {name.capitalize()} {n}: made by hand, in small numbers"
        for link, (n, name, _) in zip(links, named, strict=True)
    )
    page.get_by_role("link", name="New slideshows").click()
    began = time.monotonic()

    paste(page, "Paste links", text)  # the first act
    expect(page.locator("[data-row]")).to_have_count(LINKS)
    drop(page, "Drop product photos here", photos)  # the second
    expect(page.locator(".rows .photo img")).to_have_count(LINKS)
    start = page.get_by_role("button", name=re.compile("^Start"))
    expect(start).to_be_enabled()
    expect(page.locator(".foot")).to_contain_text(
        "100 ready · 6 variations a slideshow · 600 items"
    )
    if kept := request.config.getoption("screenshots"):
        show(page, Path(kept) / "new_slideshows.png")
    start.click()  # the third
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}$"))
    assert time.monotonic() - began < 60

    run_id = page.url.rpartition("/")[2]
    given = up.ask("GET", f"flow_runs/{run_id}").json()["parameters"]
    assert len(given["links"].splitlines()) == LINKS + 1
    assert given["links"].count("upload:") == LINKS
    up.ask("POST", f"flow_runs/{run_id}/set_state", json=_CANCELLED)


def show(page: Page, place: Path) -> None:
    """Takes a picture of the page for the docs, with a price on its button."""
    page.get_by_label("Model account").select_option(label="shop")
    page.get_by_label("Image model").select_option("gemini-nano-banana-2.1")
    expect(page.locator("#start")).to_have_text(re.compile("[1-9]"))
    page.evaluate("() => scrollTo(0, 0)")
    page.screenshot(path=place)
    page.get_by_label("Image model").select_option("sketch")
    expect(page.locator("#start")).to_have_text("Start, free")


_CANCELLED = {"state": {"type": "CANCELLED", "name": "Cancelled"}, "force": True}


@pytest.mark.long
def test_rows_are_mended_kept_over_reloads_tabs_and_a_session_that_ended_then_made(
    up: Up, page: Page, tiktok: TikTokServer
) -> None:
    good = [tiktok.add_slideshow(f"maker{n}", snowflake(7500 + n), [picture()]) for n in (1, 2)]
    video = tiktok.add_post("maker3", snowflake(7503), Outcome.VIDEO)
    page.goto(f"{desk_of(up)}/new/slideshow-batch")
    paste(page, "Paste links", f"look at {good[0]}\nand {video}\n")
    expect(page.locator(".rows")).to_contain_text("@maker1 · 1 slide")
    expect(page.locator(".rows")).to_contain_text("This post is a video")
    drop(page, "Drop product photos here", [("1.jpg", picture()), ("bad.jpg", b"MZ" + b"\0" * 99)])
    expect(page.locator("[data-does=products] [data-refused]")).to_contain_text("bad.jpg")
    _mend_by_keyboard(page, good[1])
    drop(
        page, "Or drop slides of your own", [("b1.png", picture(kind="PNG")), ("b2.jpg", picture())]
    )
    expect(page.locator(".rows")).to_contain_text("2 slides")
    page.get_by_label("Name of slideshow 3").fill("Two mugs")
    _archives_in_the_order_of_the_drop(page)
    page.get_by_role("link", name="Write one description for all").click()
    expect(page.get_by_label("Description for all rows that have none")).to_be_focused()
    page.keyboard.type("A wide cup")
    for row in (2, 3):
        photo = page.get_by_label(f"Product photo of row {row}")
        photo.focus()  # it is filled only then: a hundred rows stay light
        photo.select_option(label="1.jpg")
    expect(page.locator(".foot")).to_contain_text("3 ready")
    _several_photos(page)
    page.reload()
    expect(page.locator(".foot")).to_contain_text("3 ready")
    expect(page.locator(".strip li").first).to_have_attribute("title", "mug_front.jpg")
    _two_tabs(up, page)
    _signed_out(up, page)
    for width in WIDTHS:
        for scheme in ("dark", "light"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(_OVERHANG) <= 0, width
    page.get_by_label("Photo variations").fill("1")
    page.get_by_label("Text variations").fill("1")
    expect(page.locator(".foot")).to_contain_text("3 items")
    page.get_by_role("button", name=re.compile("^Start")).click()
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}$"))
    state = up.wait_for_run(page.url.rpartition("/")[2])
    assert state["type"] == "COMPLETED"
    _change_words(page)


def _change_words(page: Page) -> None:
    """Types beside a slide, drops a table for others, and sees the slides as they will be."""
    page.reload()
    page.get_by_role("link", name="Change words").click()
    page.get_by_label("Slide 1").fill("Stop scrolling")
    expect(page.locator('#slide_0\\.jpg img[src^="data:"]')).to_be_visible()
    page.get_by_label("Slide 1").fill("ᚠᚢᚦ")
    expect(page.locator("#slide_0\\.jpg [data-problem]")).to_contain_text("Runic")
    expect(page.get_by_role("button", name="Change 1 slide")).to_be_disabled()
    assert looked_at(page) == []
    page.get_by_label("Slide 1").fill("Stop scrolling")
    expect(page.get_by_role("button", name="Change 1 slide")).to_be_enabled()
    other = page.locator("#item option").nth(1).get_attribute("value")
    table = f"item,slide,words\n{other},0,Hör auf zu wischen\n{other},99,Nein\n"
    drop(page, "Drop the table here", [("words.csv", table.encode())])
    expect(page.locator(".table-said")).to_contain_text("row 3: There is no slide 99")
    page.get_by_role("button", name="Change 2 slides").click()
    expect(page.locator("main")).to_contain_text("2 slides of 2 items changed")
    expect(page.get_by_label("Slide 1")).to_have_value("Stop scrolling")


def _several_photos(page: Page) -> None:
    """Adds photos to a row's own, moves one to the first place by keyboard, takes one out."""
    names = ("mug_navy.jpg", "mug_front.jpg", "mug_red.jpg")
    drop(page, "@maker2", [(name, picture(90, 150 + n)) for n, name in enumerate(names)])
    strip = page.get_by_label("Photos of the product of row 2")
    expect(strip.locator("li")).to_have_count(4)
    page.get_by_label("Move mug_front.jpg of row 2 forward").press("Enter")
    expect(strip.locator("li").first).to_have_attribute("title", "mug_front.jpg")
    page.get_by_label("Take mug_red.jpg from the photos of row 2").press("Enter")
    expect(strip.locator("li")).to_have_count(3)
    expect(page.locator("[data-row]").nth(1).locator("button:focus")).to_have_count(1)


def _mend_by_keyboard(page: Page, link: str) -> None:
    page.get_by_role("button", name="Next incomplete row").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Link of row 2").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(link)
    expect(page.locator(".rows")).to_contain_text("@maker2 · 1 slide")
    expect(page.get_by_label("Link of row 2")).to_be_focused()


def _archives_in_the_order_of_the_drop(page: Page) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        into.writestr("1.jpg", picture())
    both = [(name, archive.getvalue()) for name in ("z.zip", "a.zip")]
    drop(page, "Or drop slides of your own", both)
    names = page.locator('[data-field="name"]')
    for at, name in enumerate(("Two mugs", "z", "a")):
        expect(names.nth(at)).to_have_value(name)
    for row in (5, 4):
        page.get_by_label(f"Remove row {row}", exact=True).click()
    expect(names).to_have_count(1)


def _two_tabs(up: Up, page: Page) -> None:
    """Another tab changes a cell that this one is typing into: neither is lost."""
    other = page.context.new_page()
    other.goto(page.url)
    mine, theirs = (tab.get_by_label("Description of row 1") for tab in (page, other))
    theirs.fill("From the other tab")
    expect(other.locator("#kept")).to_have_text("Kept as a draft")
    mine.fill("From this tab")
    expect(page.get_by_role("alert").filter(has_text="Another tab")).to_be_visible()
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator("#kept")).to_have_text("Kept as a draft")
    other.reload()
    expect(theirs).to_have_value("From this tab")
    _one_setting_from_two_tabs(page, other)
    other.close()


def _one_setting_from_two_tabs(page: Page, other: Page) -> None:
    """Which field, and both values, are said where one is; what is not drawn yet is named."""
    mine, theirs = (tab.locator("#f-size") for tab in (page, other))
    before = mine.input_value()
    theirs.select_option("2K")
    expect(other.locator("#kept")).to_have_text("Kept as a draft")
    mine.select_option("4K")
    told = page.locator("#told")
    expect(told).to_contain_text("“4K” here, “2K” from another tab. Which holds?")
    expect(told).to_be_in_viewport()
    told.get_by_role("button", name="Take theirs").click()
    expect(mine).to_have_value("2K")
    expect(told).to_contain_text("Here stood “4K”.")
    told.get_by_role("button", name="Close").click()
    mine.select_option(before)
    expect(page.locator("#kept")).to_have_text("Kept as a draft")
    other.get_by_label("Description of row 1").fill("From this tab")  # the page is drawn anew
    expect(other.locator("#told")).to_contain_text("Another tab changed Size")


def _signed_out(up: Up, page: Page) -> None:
    """A session that ended keeps what is typed, and sends it after the sign-in."""
    other = page.context.new_page()
    other.goto(desk_of(up))
    other.get_by_role("button", name="Sign out").click()
    other.get_by_label("Password").wait_for()
    page.get_by_label("Description of row 2").fill("Typed after the session had ended")
    expect(page.locator("#kept")).to_contain_text("signed out")
    with page.expect_popup() as door:
        page.locator("#kept").get_by_role("link", name="Sign in (a new tab)").click()
    sign_in(door.value, up)
    door.value.close()
    expect(page.locator("#kept")).to_have_text("Kept as a draft")
    other.goto(page.url)
    expect(other.get_by_label("Description of row 2")).to_have_value(
        "Typed after the session had ended"
    )
    other.close()
