"""What the desk shows of batches, and what it says when something is away."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from pressrun.batches.control import RunState
from pressrun.desk.server import PrefectServer
from pressrun.errors import LedgerError, NotBegun, PressrunError, SettingError, Unavailable
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import items
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch
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
        "1 of 1 <small>made</small>",
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
    assert "of $0.30 cap" in page
    assert "0 of 3 <small>made</small>" in page  # it has ended: what failed is not done
    assert page.count("Not begun: no room.") == 1
    assert "For lack of budget 2 items are not made; a retry helps only with a higher cap" in page
    assert page.count("not made for lack of budget") == 2
    assert page.count("may pass: a retry tries it again") == 1  # the one that is away


def test_an_item_that_lacks_a_key_is_told_what_helps(
    desk: Asked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, ledger = made(home, shows=2), open_ledger()
    first, *_ = ledger.batches.items(batch.id)
    reason = SettingError("It needs a key: choose a block as `account`.")
    ledger.batches.fail(batch.id, first.key, reason)
    ledger.batches.mark(batch.id, status="partial")
    page = desk.page(f"/batches/{batch.id}")
    assert "choose a block as account." in page
    assert "add an account in Settings</a>" in page
    assert "may pass: a retry tries it again" not in page
    assert 'slide 1"' in page  # what a picture is, in place of its path
    assert 'alt="Link_' not in page
    ended = RunState("COMPLETED", "Completed")
    monkeypatch.setattr(PrefectServer, "state", lambda *_: ended)
    mends = desk.page(f"/batches/{batch.id}/mend")
    assert 'placeholder="mug.png"' in mends  # what holds where a field is left empty
    assert 'placeholder="A mug that keeps coffee warm."' in mends
    assert f'<a data-close href="/batches/{batch.id}"' in mends


def test_what_is_made_and_did_not_arrive_stands_among_what_failed(desk: Asked, home: Path) -> None:
    batch, ledger = made(home, shows=2), open_ledger()
    with ledger.database.write() as connection:
        first = ledger.batches.items(batch.id)[0].key
        connection.execute(update(items).where(items.c.key == first).values(status="made"))
    ledger.batches.mark(batch.id, status="partial")
    page = desk.page(f"/batches/{batch.id}")
    assert "made, paid and kept: a retry delivers it, and pays nothing" in page
    assert "Begun" not in page
    assert "Ended, not all is made" in page
    assert "Ended, not all is made" in desk.page("/")  # the same words in the list


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
