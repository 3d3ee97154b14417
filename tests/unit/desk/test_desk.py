"""What the desk shows of batches, and what it says when something is away."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from pressrun.batches import control
from pressrun.batches.control import RunState, possible
from pressrun.desk.actions import Actions
from pressrun.desk.kept import Kept, LastLook, TooSlow
from pressrun.desk.server import PrefectServer
from pressrun.desk.views import BatchView, said
from pressrun.errors import InputError, LedgerError, NotBegun, PressrunError, Unavailable
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import items
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
from pressrun.reports.progress import read_progress
from tests.support.batches import delivered, parameters, plan
from tests.unit.desk.conftest import Asked
from tests.unit.desk.test_attacks import SLIDE, made


def test_an_empty_ledger_is_no_error(desk: Asked) -> None:
    page = desk.page("/")
    assert "There is no batch yet." in page
    assert page.count("/new/") == 4
    assert "Prefect&#39;s server at http://127.0.0.1:1 does not answer" in page


def test_a_batch_is_found_by_words_kind_and_owner_and_those_in_work_come_first(
    desk: Asked, home: Path
) -> None:
    done = made(home, title="Autumn mugs", owner="Ana")
    open_work = plan(parameters(home, title="Winter mugs 100%", owner="Bo"))
    open_ledger().batches.mark(open_work.id, status="paused")
    page = desk.page("/")
    assert page.index("In work") < page.index("Winter mugs") < page.index("Ended")
    assert page.index("Ended") < page.index("Autumn mugs")
    for asked, shown in (
        ("q=MUGS", {"Autumn", "Winter"}),
        ("q=mugs+autumn", {"Autumn"}),
        ("q=100%25", {"Winter"}),
        ("q=_", set()),
        (f"q={done.id[:13]}", {"Autumn"}),
        ("owner=Bo", {"Winter"}),
        ("kind=slideshow&owner=Ana", {"Autumn"}),
        ("kind=image", set()),
    ):
        page = desk.page(f"/live?{asked}")
        assert {word for word in ("Autumn", "Winter") if word in page} == shown, asked
        assert ("No batch has these words" in page) == (not shown), asked


def test_a_batch_has_its_figures_pictures_reasons_and_results(desk: Asked, home: Path) -> None:
    batch = made(home, budget_usd=3.0)
    page = desk.page(f"/batches/{batch.id}")
    for words in (
        "Completed",
        "100%",
        "of $3.00 cap",
        "Gallery",
        "Table (CSV)",
        "7 files",
        "of it in calls of models",
    ):
        assert words in page
    small = desk.client.get(f"/batches/{batch.id}/thumbs/{SLIDE}")
    with Image.open(io.BytesIO(small.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (220, 394))
    assert "immutable" in small.headers["cache-control"]
    answer = desk.client.get(f"/batches/{batch.id}/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {f"{batch.root}/{path}": data for path, data in delivered(batch).items()}
    gallery = desk.client.get(f"/batches/{batch.id}/files/gallery.html")
    assert gallery.content == delivered(batch)["gallery.html"]


def test_what_a_cap_keeps_back_is_said_once_and_promises_nothing(desk: Asked, home: Path) -> None:
    batch, ledger = made(home, shows=3, budget_usd=0.3), open_ledger()
    reasons: list[PressrunError] = [
        NotBegun("Not begun: no room."),
        NotBegun("Not begun: no room."),
    ]
    for item, reason in zip(
        ledger.batches.items(batch.id), [*reasons, Unavailable("It is away.")], strict=True
    ):
        ledger.batches.fail(batch.id, item.key, reason)
    page = desk.page(f"/batches/{batch.id}")
    assert page.count("Not begun: no room.") == 1
    assert "For lack of budget 2 items are not made; a retry helps only with a higher cap" in page
    assert page.count("not made for lack of budget") == 2
    assert page.count("may pass: a retry tries it again") == 1  # the one that is away


def test_what_lies_elsewhere_is_led_to_and_only_by_a_link_that_browsers_open(desk: Asked) -> None:
    batch = Batch("b", "image", "Away", "s3://bucket/x", "root", {}, "completed")
    files = {
        "a.png": "https://cdn.example/root/a.png",
        "b.png": "javascript:alert(1)",
        "gallery.html": "https://cdn.example/root/gallery.html",
    }
    open_ledger().batches.create(batch, [])
    for path, url in files.items():
        kind = "text/html" if path.endswith("html") else "image/png"
        report = DeliveredFile(path, "", kind, 1, "0" * 64, "verified", url)
        open_ledger().deliveries.note_report(batch.id, report)
    for path, url in files.items():
        answer = desk.client.get(f"/batches/b/files/{path}", follow_redirects=False)
        if url.startswith("https:"):
            assert (answer.status_code, answer.headers["location"]) == (303, url)
        else:
            assert (answer.status_code, "location" in answer.headers) == (502, False)
    assert "Open in S3" in desk.page("/batches/b")


def test_a_page_that_did_not_change_is_not_sent_again(desk: Asked, home: Path) -> None:
    batch = made(home)
    first = desk.client.get(f"/batches/{batch.id}/live")
    again = desk.client.get(
        f"/batches/{batch.id}/live", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_ledger_that_is_away_is_said_and_tried_again(desk: Asked, home: Path) -> None:
    batch = made(home)
    desk.trouble = LedgerError("The ledger is locked by another process.", retryable=True)
    for path in ("/", f"/batches/{batch.id}"):
        answer = desk.client.get(path)
        assert (answer.status_code, "locked by another" in answer.text) == (503, True)
        assert 'http-equiv="refresh"' in answer.text
    part = desk.client.get("/live", headers={"X-Desk": "1"})
    assert (part.status_code, part.text) == (503, str(desk.trouble))
    desk.trouble = None
    assert "Completed" in desk.page(f"/batches/{batch.id}")


def test_where_prefect_is_away_nothing_is_changed_and_the_page_goes_on(
    desk: Asked, home: Path
) -> None:
    batch = plan(parameters(home))
    open_ledger().batches.mark(batch.id, status="paused")
    page = desk.page(f"/batches/{batch.id}")
    assert "does not answer" in page
    assert "/do/" not in page  # no button that cannot work
    before = open_ledger().batches.match(batch.id)
    for action in ("pause", "resume", "cancel", "retry"):
        assert desk.post(f"/batches/{batch.id}/do/{action}") == 503
    assert open_ledger().batches.match(batch.id) == before


@pytest.mark.parametrize(
    ("status", "state", "words", "actions"),
    [
        ("running", RunState("RUNNING", "Running"), "In work", ["pause", "cancel"]),
        ("running", None, "In work", []),
        ("paused", RunState("PAUSED", "Suspended"), "Paused", ["resume", "cancel"]),
        ("draft", RunState("PAUSED", "Suspended", asks=True), "Waits for your answer", ["cancel"]),
        ("draft", RunState("RUNNING", "Running"), "Is being planned", ["pause", "cancel"]),
        ("running", RunState("CRASHED", "Crashed"), "Stopped (Crashed)", ["resume"]),
        ("paused", RunState("RUNNING", "Running"), "Goes on", ["pause", "cancel"]),
        ("completed", RunState("RUNNING", "Running"), "Completed", []),
        ("partial", RunState("RUNNING", "Running"), "Ended, not all is made", []),
        ("paused", RunState("FAILED", "Failed"), "Paused", ["resume"]),
        ("paused", RunState("CANCELLED", "Cancelled"), "Paused", ["resume", "cancel"]),
        ("running", RunState("CANCELLING", "Cancelling"), "Is being cancelled", []),
        ("partial", RunState("SCHEDULED", "Late"), "Waits for a worker", ["pause", "cancel"]),
        ("partial", RunState("FAILED", "PartiallyFailed"), "Ended, not all is made", ["retry"]),
        ("completed", RunState("COMPLETED", "Completed"), "Completed", []),
        ("deleting", RunState("COMPLETED", "Completed"), "Is being deleted", []),
    ],
)  # fmt: skip
def test_a_batch_says_where_it_stands_and_offers_what_makes_sense(
    status: str, state: RunState | None, words: str, actions: list[str]
) -> None:
    batch = Batch("id", "image", "Title", "/out", "root", {}, status)
    assert said(batch, state, is_held=not (state and state.is_final)).words == words
    assert possible(state, batch, 0 if status == "completed" else 1) == actions


def test_a_batch_whose_process_begins_or_died_is_not_called_ended_or_stopped() -> None:
    now = time.time()
    ended = Batch("id", "image", "Title", "/out", "root", {}, "partial", ended_at=now - 60)
    running = replace(ended, status="running", ended_at=None)

    def at(kind: str, ago_s: float) -> RunState:
        return RunState(kind, kind.capitalize(), since=now - ago_s)

    retried, ends = at("RUNNING", 5), at("RUNNING", 300)
    assert said(ended, retried).words == "Starts"
    assert possible(retried, ended, 1) == ["pause", "cancel"]
    assert said(ended, ends).words == "Ended, not all is made"
    assert possible(ends, ended, 1) == []
    died, long_ago = at("CRASHED", 5), at("CRASHED", 3600)
    assert said(running, died, is_held=False).words == "Goes on by itself"
    assert said(running, long_ago, is_held=False).words == "Stopped (Crashed)"
    assert possible(died, running, 1) == possible(long_ago, running, 1) == ["resume"]
    assert said(running, died, is_held=True).words == "In work"  # silent for long, and alive
    assert said(running, None, is_held=False).words == "Nobody works on it"
    waits = RunState("PENDING", "Pending")  # as read a moment before its process began
    assert said(running, waits, is_held=True).words == "In work"
    assert said(running, waits, is_held=False).words == "Waits for a worker"


def test_nothing_is_called_in_work_where_no_process_lives(desk: Asked, home: Path) -> None:
    batch, ledger = plan(parameters(home, shows=2)), open_ledger()
    ledger.batches.mark(batch.id, status="running")
    (first, _) = ledger.batches.items(batch.id)
    ledger.batches.start(batch.id, first.key)
    page = desk.page(f"/batches/{batch.id}")
    assert "<dt>Begun</dt><dd>1</dd>" in page
    assert "In work" not in page
    assert "in work" not in page
    assert "Time left" not in page


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept = Kept("It does not answer.", patience_s=0.2)
    yield kept
    kept.close()


def test_a_look_that_takes_long_is_taken_less_often() -> None:
    large = LastLook("ten thousand items", "running", 1, at=100.0, took_s=0.2)
    small = LastLook("ten items", "running", 1, at=100.0, took_s=0.01)
    assert [large.rests(101.0), small.rests(101.0)] == [True, False]
    assert not large.rests(104.1)
    # However long it took, and though nothing happened, waits are shown in the end.
    assert not LastLook("", "", 1, at=100.0, took_s=9.0).rests(108.1)
    assert [small.is_old(107.0), small.is_old(108.1)] == [False, True]


def test_what_many_ask_at_once_is_read_once_and_an_error_is_not_kept(kept: Kept) -> None:
    read, go = [], threading.Event()

    def once() -> int:
        go.wait(10)
        read.append(1)
        return len(read)

    with ThreadPoolExecutor(10) as tabs:
        answers = [tabs.submit(kept.get, "page", 60, once) for _ in range(10)]
        go.set()
        assert [answer.result() for answer in answers] == [1] * 10

    def fail() -> int:
        raise LedgerError("away")

    for _ in range(2):
        with pytest.raises(LedgerError, match="away"):
            kept.get("other", 60, fail)
    assert kept.get("other", 60, lambda: 5) == 5


def test_a_page_waits_no_longer_than_a_person(kept: Kept) -> None:
    go = threading.Event()
    began = time.monotonic()
    with pytest.raises(TooSlow, match="does not answer"):
        kept.get("page", 60, lambda: go.wait(30))
    assert time.monotonic() - began < 20
    go.set()


def test_posts_that_could_not_be_read_are_looked_at_again_by_a_retry(home: Path) -> None:
    batch, ledger = plan(parameters(home, shows=2)), open_ledger()
    for kind, key in (
        ("blocked", "link_001/variation_1"),
        ("not_slideshow", "link_002/variation_1"),
    ):
        failed = {"status": "failed", "error_kind": kind, "attempts": 0, "spec": '{"link": 1}'}
        with ledger.database.write() as connection:
            connection.execute(update(items).where(items.c.key == key).values(**failed))
    view = BatchView(batch, read_progress(ledger, batch), said(batch, None))
    server = PrefectServer("http://127.0.0.1:1/api", "")
    question = Actions(lambda: ledger, server).question("retry", view)
    assert question.title == "Retry 1 item?"
    assert any(words.startswith("Looked at again first") for words in question.told)
    assert any(words.startswith("Left out: 1 item") for words in question.told)


def test_a_cap_is_raised_where_a_batch_is_resumed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, ledger = plan(parameters(home, budget_usd=0.3)), open_ledger()
    ledger.batches.mark(batch.id, status="paused")
    resumed: list[str] = []
    monkeypatch.setattr(control, "resume", lambda _, batch: resumed.append(batch.id))
    actions = Actions(lambda: ledger, PrefectServer("http://127.0.0.1:1/api", ""))
    view = BatchView(batch, read_progress(ledger, batch), said(batch, None))
    question = actions.question("resume", view)
    assert (question.cap, "raise it here" in question.told[-1]) == (0.3, True)
    for typed in ("a lot", "-1"):
        with pytest.raises(InputError):
            actions.do("resume", batch.id, typed)
    assert resumed == []
    for typed, cap in (("", 0.3), ("$1.50", 1.5), ("0", None)):
        actions.do("resume", batch.id, typed)
        assert ledger.batches.match(batch.id).budget_usd == cap
    assert len(resumed) == 3
