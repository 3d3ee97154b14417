"""What the desk refuses: strangers, foreign pages, guesses, paths, words that would be code."""

import html
import re
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.types import Message, Scope

from pressrun.desk.results import headers_of
from pressrun.errors import Blocked
from pressrun.ledger import open_ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from tests.support.batches import folder_of, parameters, plan, work
from tests.unit.desk.conftest import ADDRESS, LINK, Asked

SCRIPT = "<script>alert(1)</script>"
SLIDE = "Link_001_@show_1/variation_1/slide_0.jpg"


def made(home: Path, **changes: Any) -> Batch:
    batch = plan(parameters(home, **changes))
    work(batch)
    return open_ledger().batches.match(batch.id)


def test_nobody_who_is_not_signed_in_is_shown_or_changes_anything(
    outside: Asked, home: Path
) -> None:
    batch = made(home, title="Secret title")
    here = f"/batches/{batch.id}"
    pages = (
        "/",
        "/live",
        here,
        f"{here}/live",
        f"{here}/zip",
        f"{here}/folder",
        "/new/image-batch",
    )
    files = (f"{here}/files/gallery.html", f"{here}/files/{SLIDE}", f"{here}/thumbs/{SLIDE}")
    for page in (*pages, *files, f"{here}/do/pause"):
        for cookie in ("", "pressrun-desk=", "pressrun-desk=guess", "pressrun-desk=" + "A" * 43):
            headers = {"Cookie": cookie} if cookie else {}
            answer = outside.client.get(page, headers=headers, follow_redirects=False)
            assert (answer.status_code, answer.content) == (303, b""), page
            assert answer.headers["location"].startswith("/sign-in?to=%2F"), page
        fetched = outside.client.get(page, headers={"Sec-Fetch-Mode": "cors"})
        assert (fetched.status_code, fetched.text) == (401, "You are signed out."), page
    for action in ("pause", "resume", "cancel", "retry"):
        assert outside.post(f"{here}/do/{action}") == 303
    assert open_ledger().batches.match(batch.id) == batch


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Host": "rebound.example:4300"}),
        ("GET", {"Host": "127.0.0.1"}),
        ("GET", {"Host": "127.0.0.1:4300.evil.example"}),
        ("GET", {"Host": ""}),
        ("POST", {"Host": "rebound.example:4300", "Origin": "http://rebound.example:4300"}),
        ("GET", {"Origin": "http://other.example"}),
        ("GET", {"Origin": "http://127.0.0.1:8080"}),
        ("POST", {"Origin": "http://other.example"}),
        ("POST", {"Origin": "https://127.0.0.1:4300"}),
        ("POST", {"Origin": "null"}),
        ("POST", {"Origin": ""}),
        ("POST", {}),
        ("PUT", {}),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}),
    ],
    ids=str,
)
def test_a_page_of_another_address_asks_nothing(
    desk: Asked, method: str, headers: dict[str, str]
) -> None:
    for path in ("/", "/live", "/sign-out", "/batches/x/do/cancel", "/health", "/static/desk.js"):
        answer = desk.client.request(method, path, headers=headers, follow_redirects=False)
        assert answer.status_code == 403, path
        assert "access-control-allow-origin" not in answer.headers
    assert desk.client.get("/").status_code == 200  # the person is still signed in


def test_a_link_of_another_address_may_lead_here(desk: Asked) -> None:
    """The browser keeps a strict cookie back at first; the page asks again by itself."""
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert desk.client.get("/", headers=led).status_code == 200
    desk.client.cookies.clear()
    assert 'http-equiv="refresh"' in desk.client.get("/batches/x", headers=led).text


def test_guesses_are_slowed_and_the_password_works_afterwards(outside: Asked) -> None:
    guesses = ["", " ", "pressrun", "pressrun:", ":a-long-password", "A-LONG-PASSWORD"]
    answers = [outside.post("/sign-in", password=guess) for guess in guesses]
    assert answers == [403, 403, 403, 403, 403, 429]
    assert outside.post("/sign-in", password="a-long-password") == 429  # not even compared
    assert outside.post("/sign-in", link=LINK) == 429
    waits = []
    for _ in range(9):
        outside.now += 100
        assert outside.post("/sign-in", password="wrong") == 403
        answer = outside.client.post("/sign-in", data={}, headers={"Origin": ADDRESS})
        waits.append(int(answer.headers["retry-after"]))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    outside.now += 60
    assert outside.post("/sign-in", password=" pressrun:a-long-password\n") == 303


def test_a_link_signs_in_once_and_within_an_hour(outside: Asked) -> None:
    assert outside.post("/sign-in", link="another") == 403
    assert outside.post("/sign-in", link=LINK) == 303
    assert outside.client.get("/").status_code == 200
    assert outside.post("/sign-in", link=LINK) == 403
    assert outside.post("/sign-out") == 303
    assert outside.client.get("/", follow_redirects=False).status_code == 303


def test_a_session_ends_and_its_cookie_is_for_this_desk_alone(outside: Asked) -> None:
    outside.now += 3601
    assert outside.post("/sign-in", link=LINK) == 403  # too old
    answer = outside.client.post(
        "/sign-in",
        data={"password": "a-long-password"},
        headers={"Origin": ADDRESS},
        follow_redirects=False,
    )
    said = answer.headers["set-cookie"].lower()
    assert all(word in said for word in ("httponly", "samesite=strict", "path=/"))
    stolen = answer.cookies["pressrun-desk"]
    outside.now += 14 * 24 * 3600
    assert outside.client.get("/", follow_redirects=False).status_code == 303
    outside.post("/sign-in", password="a-long-password")
    assert outside.client.cookies["pressrun-desk"] != stolen


@pytest.mark.parametrize(
    "to",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"),
        *("/sign-out", "/\x01", ""),
    ],
)
def test_the_sign_in_leads_nowhere_else(outside: Asked, to: str) -> None:
    answer = outside.client.post(
        "/sign-in",
        data={"password": "a-long-password", "to": to},
        headers={"Origin": ADDRESS},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_only_what_the_batch_delivered_is_sent_and_only_as_it_was(desk: Asked, home: Path) -> None:
    batch = made(home)
    root, here = folder_of(batch), f"/batches/{batch.id}/files"
    (root / "private.txt").write_text("PRIVATE")
    (root.parent / "above.txt").write_text("PRIVATE")
    paths = [
        *(
            "private.txt",
            "..%2f..%2fabove.txt",
            "%2e%2e/above.txt",
            "..%2fabove.txt",
            "..%5cabove.txt",
        ),
        *(
            f"%2f{root}/private.txt",
            str(root / "private.txt"),
            "",
            ".",
            f"{SLIDE}%2f..%2fprivate.txt",
        ),
        *(f"x%2f..%2f{SLIDE}", f".%2f{SLIDE}", f"{SLIDE}%00.txt", f"{SLIDE}/", "gallery.html%00"),
    ]
    for path in paths:
        for place in ("files", "thumbs"):
            answer = desk.client.get(f"/batches/{batch.id}/{place}/{path}")
            assert answer.status_code == 404, path
            assert b"PRIVATE" not in answer.content
    for other in (f"{batch.id[:8]}", "latest", "..", "%2e%2e"):
        assert desk.client.get(f"/batches/{other}/files/{SLIDE}").status_code == 404
    file = root / SLIDE
    assert desk.client.get(f"{here}/{SLIDE}").content == file.read_bytes()
    file.unlink()
    file.symlink_to(root / "private.txt")
    for _ in range(2):
        answer = desk.client.get(f"{here}/{SLIDE}")
        assert answer.status_code == 502
        assert b"PRIVATE" not in answer.content
    file.unlink()
    assert "not there" in desk.client.get(f"{here}/{SLIDE}").text
    gallery = root / "gallery.html"
    gallery.write_bytes(gallery.read_bytes().replace(b"</body>", SCRIPT.encode()))
    answer = desk.client.get(f"{here}/gallery.html")
    assert (answer.status_code, SCRIPT in answer.text) == (502, False)
    assert "pressrun audit --repair" in answer.text


def test_words_of_others_are_shown_as_words(desk: Asked, home: Path) -> None:
    batch = made(home, title=f"{SCRIPT}\" ' & <b>", shows=2, owner=f"Ana {SCRIPT}")
    item = open_ledger().batches.items(batch.id)[0]
    reason = f"Refused: <img src=x onerror=alert(1)> {SCRIPT}"
    open_ledger().batches.fail(batch.id, item.key, Blocked(reason))
    open_ledger().batches.mark(batch.id, status="partial")
    for path in (
        "/",
        "/live",
        f"/batches/{batch.id}",
        f"/batches/{batch.id}/live",
        f"/?q={SCRIPT}",
    ):
        page = desk.page(path)
        assert html.escape(SCRIPT) in page.replace("&#34;", "&quot;"), path
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>" not in re.sub(r"<b>[\w ,.+&;]+</b>", "", page)
        assert not re.findall(r"<[^>]+ on\w+=|style=|javascript:", page)
    policy = desk.client.get(f"/batches/{batch.id}").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("media_type", "item", "data", "kind", "policy"),
    [
        ("image/jpeg", "a", b"", "image/jpeg", "sandbox"),
        ("image/svg+xml", "a", b"", "saved", "sandbox"),
        ("IMAGE/SVG+XML; charset=x", "a", b"", "saved", "sandbox"),
        ("application/xhtml+xml", "a", b"", "saved", "sandbox"),
        ("text/xml", "a", b"", "saved", "sandbox"),
        ("text/csv", "", b"", "saved", "sandbox"),
        ("application/pdf", "a", b"", "saved", "sandbox"),
        ("text/html", "a", b'http-equiv="Content-Security-Policy"', "text/html", "sandbox"),
        ("text/markdown", "a", b"", "text/plain", "sandbox"),
        ("application/json", "", b"", "text/plain", "sandbox"),
        ("text/html", "", b"<p>", "text/html", "default-src 'none'"),
        ("text/html", "", b'http-equiv="Content-Security-Policy"', "text/html", "unsafe-inline"),
    ],
)
def test_what_others_wrote_is_never_active(
    media_type: str, item: str, data: bytes, kind: str, policy: str
) -> None:
    file = DeliveredFile('a/b"\r\n.x', item, media_type, len(data), "", "verified")
    headers = headers_of(file, data)
    saved = headers.get("Content-Disposition")
    assert (saved is not None) == (kind == "saved")
    assert saved in (None, "attachment; filename*=UTF-8''b%22%0D%0A.x")
    if kind != "saved":
        assert headers["Content-Type"].partition(";")[0] == kind
    assert policy in headers["Content-Security-Policy"]
    assert ("script-src" in headers["Content-Security-Policy"]) == (policy == "unsafe-inline")


def test_a_form_that_fills_the_memory_is_refused(outside: Asked) -> None:
    assert outside.post("/sign-in", password="x" * 20_000) == 400
    assert outside.post("/sign-in", password="a-long-password") == 303


def test_questions_that_make_no_sense_are_answered_in_a_sentence(desk: Asked, home: Path) -> None:
    batch = made(home)
    for path, words in (
        (f"/batches/{batch.id}/do/delete", "nothing that can be done"),
        (f"/batches/{batch.id}/do/retry", "nothing to retry"),
        ("/batches/none", "no such batch"),
        ("/new/other-flow", "no such kind"),
        ("/?most=-1", "asks for something that cannot be"),
        ("/nothing/here", "no such page"),
    ):
        answer = desk.client.get(path)
        assert answer.status_code in (400, 404), path
        assert words in answer.text, path


@pytest.mark.parametrize("path", ["values", "rows", "uploads", "start"])
def test_nothing_that_a_stranger_sends_is_read_before_the_sign_in(
    outside: Asked, path: str
) -> None:
    taken, said = list[int](), list[Message]()

    async def receive() -> Message:
        taken.append(1)
        return {"type": "http.request", "body": b"x" * 65536, "more_body": len(taken) < 1000}

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(b"host", b"127.0.0.1:4300"), (b"origin", ADDRESS.encode())]
    scope: Scope = {
        "type": "http", "method": "POST", "path": f"/drafts/{'0' * 32}/{path}", "query_string": b"",
        "headers": [*headers, (b"content-type", b"application/json")], "client": ("127.0.0.1", 1),
    }  # fmt: skip
    anyio.run(outside.client.app, scope, receive, send)
    assert (said[0]["status"], len(taken)) == (303, 0)


def test_a_page_that_is_only_asked_for_its_headers_says_them(desk: Asked) -> None:
    page, head = desk.client.get("/costs"), desk.client.head("/costs")
    assert (head.status_code, head.headers["content-type"]) == (200, page.headers["content-type"])
    assert desk.client.put("/costs", headers={"Origin": ADDRESS}).status_code == 405
    assert "only read" in desk.client.put("/costs", headers={"Origin": ADDRESS}).text


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"values": 5}', "values:"),
        ('{"values": {}, "more": 1}', "more:"),
        ('{"values": {"a": "' + "x" * 13_000_000 + '"}}', "more than 12 MiB"),
    ],
)
def test_the_script_of_a_page_is_told_in_words_what_is_wrong(
    desk: Asked, sent: str, words: str
) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    headers = {"Origin": ADDRESS, "X-Desk": "1", "Content-Type": "application/json"}
    answer = desk.client.post(f"{place}/values", content=sent, headers=headers)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text[:300]
    assert "<" not in answer.text
