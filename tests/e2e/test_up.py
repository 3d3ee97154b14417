"""``make up``: the desk, a server, a worker and the deployments; runs from the command line.

A person who has signed in opens pages of others in the same browser: none reads or starts anything.
"""

import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHECKOUT, FOREIGN_NAME, Up
from tests.e2e.prefect_ui import PrefectUI

SAMPLES = CHECKOUT / "samples"
PARAMETERS = {
    "slides": str(SAMPLES / "slideshows/space"),
    "photo": str(SAMPLES / "products/mug.jpg"),
    "description": "Orbit Mug: a wide cup",
    "photo_variations": 1,
    "text_variations": 1,
    "title": "From the command line",
}

#: Asks with the type of a form too, for which a browser needs no permission beforehand.
_TRY = """
async ([url, body, type, mode]) => {
    try {
        const answer = await fetch(
            url, {method: "POST", body, mode, headers: {"Content-Type": type}});
        return answer.type === "opaque" ? "unread" : answer.status + " " + await answer.text();
    } catch (error) { return "unread"; }
}
"""
#: Pixels of the page that stand over on the right.
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SECRETS = '{"include_secrets": true}'
_COMMAND = '{"job_variables": {"command": "touch /tmp/of-a-page"}}'

pytestmark = pytest.mark.timeout(300)


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>A page of somebody else</title>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def foreign_page() -> Iterator[str]:
    """The address of a page at another port, which is another origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_run_from_the_command_line_completes_on_the_worker(up: Up) -> None:
    said = up.prefect(
        "deployment", "run", "slideshow-batch/slideshows", "--params", json.dumps(PARAMETERS)
    )
    found = re.search(r"UUID: ([0-9a-f-]{36})", said)
    assert found is not None, said
    state = up.wait_for_run(found[1])
    assert (state["type"], state["message"]) == ("COMPLETED", "1 of 1 completed")
    assert delivered(up, "From the command line") == [
        "Link_001_@space/variation_1/analysis.json",
        "Link_001_@space/variation_1/caption.txt",
        "Link_001_@space/variation_1/slide_0.jpg",
        "Link_001_@space/variation_1/slide_1.jpg",
        "Link_001_@space/variation_1/slide_2.jpg",
        *(f"Link_001_@space/variation_1/without_words/slide_{n}.jpg" for n in range(3)),
        "gallery.html",
        "items.csv",
        "manifest.json",
    ]


@pytest.fixture(scope="module")
def ui(up: Up, browser: Browser) -> PrefectUI:
    """One tab of a person who has signed in: to draw the UI anew takes seconds."""
    return PrefectUI(browser, up.url, up.login)


@pytest.mark.parametrize("name", ["another origin", "a foreign name"])
def test_a_foreign_page_reads_no_key_and_starts_no_run(
    up: Up, ui: PrefectUI, foreign_page: str, name: str
) -> None:
    runs = up.ask("POST", "flow_runs/count", json={}).json()
    deployment = up.ask("GET", "deployments/name/slideshow-batch/slideshows").json()["id"]
    rebound = up.url.replace("127.0.0.1", FOREIGN_NAME)
    page, url = (rebound, rebound) if name == "a foreign name" else (foreign_page, up.url)
    ui.page.goto(page)  # in the same tab: it may take what the person's session has
    said = {
        ui.page.evaluate(_TRY, [f"{url}/api/{path}", body, media_type, mode])
        for path, body in (
            ("block_documents/filter", _SECRETS),
            (f"deployments/{deployment}/create_flow_run", _COMMAND),
        )
        for media_type in ("application/json", "text/plain")
        for mode in ("cors", "no-cors")
    }
    refused = '401 {"exception_message":"Unauthorized"}'
    assert said == ({refused} if name == "a foreign name" else {"unread"})
    assert up.ask("POST", "flow_runs/count", json={}).json() == runs


def test_the_own_page_reads_after_its_user_has_signed_in(up: Up, ui: PrefectUI) -> None:
    ui.page.goto(f"{up.url}/v2/deployments")
    ui.page.get_by_text("weekly-trends").first.wait_for()


def test_a_person_follows_steers_and_reads_batches_at_the_desk(up: Up, browser: Browser) -> None:
    """Also with the keyboard alone, in three widths, dark and light, without an error."""
    page, wrong = browser.new_page(reduced_motion="reduce"), list[str]()
    page.set_default_timeout(180_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    link, desk = up.link, up.link.partition("/sign-in")[0]

    page.goto(link)
    page.wait_for_url(f"{desk}/")  # signed in, and nothing of the link is left in the address
    assert link.partition("#")[2] not in up.log.read_text()
    page.get_by_role("link", name=str(PARAMETERS["title"])).click()
    _read_results(page)
    many = {"title": "At the desk", "photo_variations": 10, "text_variations": 10, "concurrency": 1}
    deployment = up.ask("GET", "deployments/name/slideshow-batch/slideshows").json()["id"]
    asked = {"parameters": PARAMETERS | many}
    run_id = up.ask("POST", f"deployments/{deployment}/create_flow_run", json=asked).json()["id"]
    page.goto(desk)
    page.locator(f'a.row[href="/batches/{run_id}"]').click()  # there as soon as it is planned
    _steer(page)
    for path in ("/", f"/batches/{run_id}", f"/batches/{run_id}/do/retry"):
        page.goto(desk + path)
        for width in (1400, 1000, 400):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(_OVERHANG) <= 0, (path, width)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{desk}/batches/{run_id}")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(up.login)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/batches/{run_id}")
    assert wrong == []


def _read_results(page: Page) -> None:
    """Looks at the pictures of a batch, saves all as a ZIP file, and opens the gallery."""
    small = page.locator(".thumbs img")
    expect(small).to_have_count(3)
    for n in range(3):
        small.nth(n).scroll_into_view_if_needed()
        page.wait_for_function("at => document.images[at].naturalWidth > 0", arg=n)
    with page.expect_download() as download:
        page.get_by_role("link", name="ZIP").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 11
    page.get_by_role("link", name="Gallery").click()
    page.locator("a.shot").first.click()  # its script runs, and finds the file
    expect(page.locator("#light .missed")).to_have_text("")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="The batch").click()
    page.get_by_role("link", name="Gallery").wait_for()


def _steer(page: Page) -> None:
    """Pauses a batch in work and cancels it, once it has made something."""
    page.locator(".thumbs img").first.wait_for()
    page.get_by_role("link", name="Pause …").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pause this batch?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    _answer(page, "Pause …", "Pause")
    expect(page.locator(".said b")).to_have_text("Paused", timeout=180_000)
    _answer(page, "Cancel …", "Cancel the batch")
    expect(page.locator(".said b")).to_have_text("Cancelled", timeout=180_000)
    page.get_by_role("link", name="Retry").click()
    expect(page.get_by_text("It costs nothing.")).to_be_visible()


def _answer(page: Page, link: str, button: str) -> None:
    """Opens a question, and says yes."""
    page.get_by_role("link", name=link).click()
    page.locator("dialog").get_by_role("button", name=button).click()


def test_ctrl_c_stops_the_desk_the_server_the_worker_and_what_they_started(up: Up) -> None:
    running = psutil.Process(up.process.pid).children(recursive=True)
    assert len(running) >= 3
    assert up.stop() == 0
    _gone, alive = psutil.wait_procs(running, timeout=20)
    assert alive == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{up.url}/api/health")
    with pytest.raises(httpx.ConnectError):
        httpx.get(up.link)


def delivered(up: Up, title: str) -> list[str]:
    output = Path(up.environment["PRESSRUN_OUTPUT"])
    return sorted(
        str(file.relative_to(root))
        for root in output.glob(f"{title} *")
        for file in root.rglob("*")
        if file.is_file()
    )
