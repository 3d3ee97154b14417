"""New images, articles and comparisons at the desk, from a paste or a drop to what was made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Up
from tests.e2e.test_desk_pages import looked_at
from tests.support.word import paragraph, word_file

DOCUMENT = """# Mugs

Here are the prompts that we spoke of.

1. A red enamel mug on a wooden table, morning light
2. A blue enamel mug beside a book, rainy window
3. A glass mug for {NAME}, backlit
"""
_OVERHANG = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def desk(up: Up, browser: Browser) -> Iterator[Page]:
    """The desk for somebody who signed in; no page may say an error."""
    address, wrong = up.link.partition("/sign-in")[0], list[str]()
    context = browser.new_context(base_url=address, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(180_000)
    expect.set_options(timeout=180_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/sign-in")
    page.get_by_label("Password").fill(up.login)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Batches").wait_for()
    yield page
    assert wrong == []
    context.close()


def test_a_pasted_document_is_edited_in_rows_started_and_drafted_again(desk: Page) -> None:
    desk.get_by_role("link", name="New images").click()
    desk.get_by_label("Prompts", exact=True).fill(DOCUMENT)
    rows = desk.locator("#task-rows > li")
    expect(rows).to_have_count(3)
    expect(desk.locator(".understood")).to_contain_text("1 line left out")
    rows.nth(1).get_by_role("button").press("Enter")  # by the keyboard alone
    desk.keyboard.press("End")
    desk.keyboard.type(", snow outside")
    desk.keyboard.press("Escape")
    rows.nth(2).get_by_role("checkbox").press("Space")
    desk.get_by_role("button", name="Add a prompt").press("Enter")
    desk.keyboard.type("A mug of my own")
    expect(desk.locator(".understood")).to_contain_text("1 changed, 1 added, 1 left out")
    expect(desk.locator("#kept")).to_have_text("Kept as a draft")
    _clicks_reach_what_they_were_on(desk)
    desk.reload()  # nothing is lost
    expect(rows).to_have_count(4)
    for width in (1400, 1000, 400):
        desk.set_viewport_size({"width": width, "height": 900})
        assert desk.evaluate(_OVERHANG) <= 0, width
    desk.get_by_role("button", name="Start, free").click()
    _made(desk, "3 of 3")
    desk.get_by_role("button", name="Again as a draft").click()
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("snow outside")
    expect(desk.locator("#tasks-said")).to_have_text("3 of 4 are made")


def _clicks_reach_what_they_were_on(desk: Page) -> None:
    """A row's editor closes by a click elsewhere, and what was clicked moves only afterwards."""
    rows, editor = desk.locator("#task-rows > li"), desk.locator("#task-rows .edit")
    rows.nth(0).locator(".words").click()
    rows.nth(1).locator(".words").click()
    expect(rows.nth(1).locator(".edit textarea")).to_be_focused()
    expect(editor).to_have_count(1)
    rows.nth(3).get_by_role("checkbox").click()
    expect(rows.nth(3).get_by_role("checkbox")).not_to_be_checked()
    expect(editor).to_have_count(0)
    rows.nth(3).get_by_role("checkbox").click()
    expect(desk.locator("#kept")).to_have_text("Kept as a draft")


@pytest.mark.long
def test_a_table_is_dropped_and_other_files_are_refused_beside_it(
    desk: Page, tmp_path: Path
) -> None:
    table, other = tmp_path / "prompts.csv", tmp_path / "prompts.odt"
    table.write_text("Prompt;Category\nA red mug;Mugs\nA cat on a roof;Pets\n", "utf-16")
    other.write_bytes(b"PK\x03\x04")
    desk.goto("/new/image-batch")
    desk.locator("#f-file").set_input_files(other)
    expect(desk.locator("#drop-said")).to_contain_text("prompts.odt: files of this type are not")
    document = word_file(tmp_path, paragraph("A red mug on a wooden table", "ListBullet"))
    desk.locator("#f-file").set_input_files(document)
    expect(desk.locator("#file")).to_contain_text("plan.docx")
    expect(desk.locator("#task-rows > li")).to_have_count(1)
    desk.locator("#f-file").set_input_files(table)
    expect(desk.locator("#file")).to_contain_text("prompts.csv")
    expect(desk.locator("#task-rows > li")).to_have_count(2)
    desk.get_by_label("Image model").select_option("gemini-3-pro-image")
    desk.get_by_label("Model account").select_option(label="shop")
    expect(desk.get_by_role("button", name="Start for $0.2")).to_be_enabled()
    desk.get_by_label("Image model").select_option("sketch")
    desk.get_by_role("button", name="Start, free").click()
    _made(desk, "2 of 2")


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1000, 800), (400, 800)])
def test_the_bar_at_the_end_of_a_draft_covers_nothing(desk: Page, width: int, height: int) -> None:
    desk.set_viewport_size({"width": width, "height": height})
    desk.goto("/new/image-batch")
    desk.locator("#f-prompts").fill("- a red mug\n- a blue mug")
    desk.get_by_label("Image model").select_option("gemini-3-pro-image")
    desk.get_by_label("Cap (USD)").fill("0.2")
    expect(desk.get_by_role("button", name="Start, at most $0.20")).to_be_enabled()
    expect(desk.locator(".bar")).to_contain_text("This machine has no key for")  # a third line
    bar = "document.querySelector('.bar').getBoundingClientRect()"
    for open_it in ("", "#look details summary"):
        if open_it:
            desk.locator(open_it).click(timeout=5000)
        desk.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        end = desk.evaluate("document.querySelector('#look').getBoundingClientRect().bottom")
        assert end <= desk.evaluate(f"{bar}.top")
        assert desk.evaluate(f"{bar}.bottom") <= height
    desk.locator("#look .field :is(input, select, textarea)").last.click(timeout=5000)
    desk.locator("#look details summary").focus()
    shown = desk.evaluate("document.activeElement.getBoundingClientRect().bottom")
    assert shown <= desk.evaluate(f"{bar}.top")
    assert desk.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long
def test_bookmarks_are_dropped_with_their_links(desk: Page, tmp_path: Path) -> None:
    bookmarks = tmp_path / "bookmarks.html"
    links = "".join(f'<DT><A HREF="http://127.0.0.1:9/{n}">Mill {n}</A>\n' for n in range(3))
    bookmarks.write_text(f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<H1>Menu</H1>\n<DL>\n{links}</DL>")
    desk.goto("/new/article-batch")
    desk.locator("#mode-spin").check()
    desk.get_by_label("Right to the source").select_option("mine")
    desk.locator("#f-file").set_input_files(bookmarks)
    expect(desk.locator(".rows-read tbody tr")).to_have_count(3)
    expect(desk.locator("body")).to_contain_text("Read as 3 pages to rewrite")


@pytest.mark.long
def test_articles_and_a_comparison_are_started_from_a_paste(desk: Page) -> None:
    desk.goto("/new/article-batch")
    desk.locator("#mode-topic").check()
    topics = [f"How to brew the coffee number {n} at home" for n in range(9)]
    topics.append("Treatment of a migraine")
    desk.locator("#f-items").fill("\n".join(topics))
    expect(desk.locator(".rows-read tbody tr")).to_have_count(10)
    desk.locator(".more-settings summary").click()
    desk.get_by_label("Delay between articles").fill("0")
    desk.get_by_role("button", name="Start, free").click()
    desk.wait_for_url("**/batches/*")
    articles = desk.url
    desk.goto("/new/model-comparison")
    desk.get_by_label("Prompt, or several").fill("- A lighthouse in a storm\n- A cat on a roof")
    for model in ("sketch", "sketch-ink"):
        desk.locator(f'[data-list="models"][value="{model}"]').check()
    expect(desk.locator(".foot")).to_contain_text("2 prompts on 2 models, 4 pictures")
    desk.get_by_role("button", name="Start, free").click()
    _made(desk, "4 of 4")
    desk.get_by_role("link", name="Gallery").wait_for()
    desk.goto(articles)
    _made(desk, "10 of 10")
    _approve(desk)


def _approve(desk: Page) -> None:
    """Reads the draft that awaits a person, and approves it."""
    desk.get_by_role("link", name="Treatment of a migraine").click()
    expect(desk.locator(".article")).to_contain_text("draft on health")
    assert looked_at(desk) == []
    desk.get_by_role("checkbox").check()
    desk.get_by_label("Your name").fill("Ana Berg")
    desk.get_by_role("button", name="Approve what is ticked").click()
    expect(desk.locator("main")).to_contain_text("1 article approved by Ana Berg")
    desk.get_by_role("link", name="the batch").click()
    expect(desk.get_by_role("heading", name="Drafts to approve")).to_be_hidden()


def _made(desk: Page, count: str) -> None:
    """Waits until a batch that was just started is completed."""
    desk.wait_for_url("**/batches/*")
    expect(desk.locator(".figures")).to_contain_text(count)
    expect(desk.locator(".said b")).to_contain_text("Completed")
