"""Articles that a person reads and approves at the desk."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.reports.progress import read_progress
from tests.support.articles import TOPICS
from tests.support.batches import delivered, folder_of, parameters, plan, work
from tests.support.waiting import until
from tests.unit.desk.conftest import ADDRESS, Asked
from tests.unit.desk.test_who import HEADER, behind_proxy

FIRST, SECOND = "article_09", "article_10"
SENT = {"Origin": ADDRESS}


@pytest.fixture
def batch(home: Path) -> Batch:
    """Ten articles, of which two are drafts."""
    subjects = [*TOPICS[:8], "How to invest in index funds", "Treatment of a migraine"]
    given = {"items": "\n".join(subjects), "words": "300-400", "delay_s": 0.0, "title": "Guides"}
    batch = plan(given, flow="article-batch")
    work(batch)
    return open_ledger().batches.match(batch.id)


def approved(client: TestClient, batch: Batch, headers: dict[str, str], **fields: str) -> str:
    """Presses the button, and waits; returns the page then."""
    here = f"/batches/{batch.id}/drafts"
    answer = client.post(here, data=fields, headers=SENT | headers, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    until(lambda: client.get(f"{here}/live", headers=headers).status_code == 205)
    return client.get(here, headers=headers).text


def test_drafts_are_read_and_approved_and_their_status_follows(desk: Asked, batch: Batch) -> None:
    here = f"/batches/{batch.id}"
    page = desk.page(here)
    for words in ("Drafts to approve", "touches money", "touches health", f"item={FIRST}"):
        assert words in page
    page = desk.page(f"{here}/drafts?item={FIRST}")
    assert "checked" not in page
    assert page.count("data-open-it") == 1
    read = desk.page(f"{here}/drafts/read?item={SECOND}")
    assert "draft on health" in read
    assert "<i>migraine" not in read

    for fields, why in (
        ({"by": "Ana"}, "Tick the articles"),
        ({f"draft/{FIRST}": "on"}, "Say who"),
    ):
        answer = desk.client.post(f"{here}/drafts", data=fields, headers=SENT)
        assert (answer.status_code, why in answer.text) == (409, True)
        assert ("checked" in answer.text) == (f"draft/{FIRST}" in fields)
    foreign = desk.client.post(f"{here}/drafts", data=fields, headers={"Origin": "http://a.b"})
    assert foreign.status_code == 403
    fields = {f"draft/{FIRST}": "on", "by": " Ana  Berg <b> "}
    page = approved(desk.client, batch, {}, **fields)
    assert "1 article approved by Ana Berg &lt;b&gt;. No call was made." in page
    assert "touches money" not in page
    assert "touches health" in page
    page = desk.page(here)
    assert "touches money" not in page
    assert "touches health" in page
    files = delivered(batch)
    assert [path for path in files if path.startswith("draft-09")] == []
    assert b"Ana Berg" in files["manifest.json"]
    assert "were approved before" in approved(desk.client, batch, {}, **fields)

    (draft,) = (path for path in files if path.startswith("draft-10") and path.endswith(".json"))
    (folder_of(batch) / draft).write_text("{}")
    answer = desk.client.get(f"{here}/drafts/read?item={SECOND}")
    assert (answer.status_code, "was changed where it lies" in answer.text) == (502, True)
    page = approved(desk.client, batch, {}, **{f"draft/{SECOND}": "on", "by": "Ana"})
    assert "was changed where it lies" in page
    assert "touches health" in page


def test_an_approval_changes_no_time_of_an_article(desk: Asked, batch: Batch) -> None:
    def told() -> list[object]:
        ledger = open_ledger()
        return [ledger.batches.items(batch.id), read_progress(ledger, batch).events]

    before = told()
    page = approved(desk.client, batch, {}, **{f"draft/{FIRST}": "on", "by": "Ana"})
    assert "1 article approved by Ana" in page
    assert told() == before


def test_whom_the_server_knows_approves_in_their_own_name(batch: Batch) -> None:
    with behind_proxy("10.0.0.5") as client:
        known = {HEADER: "zoe"}
        page = client.get(f"/batches/{batch.id}/drafts", headers=known).text
        assert 'as <b dir="auto">zoe</b>' in page
        assert 'name="by"' not in page
        fields = {f"draft/{FIRST}": "on", f"draft/{SECOND}": "on", "by": "Eve"}
        page = approved(client, batch, known, **fields)
        assert "2 articles approved by zoe." in page
        assert "No article of this batch awaits an approval." in page


@pytest.mark.parametrize(
    ("flow", "status", "why"),
    [("article-batch", "running", "when it has ended"), ("slideshow-batch", "completed", "Only")],
)
def test_what_cannot_be_approved_says_why(
    desk: Asked, home: Path, flow: str, status: str, why: str
) -> None:
    given = {"items": "\n".join(TOPICS)} if flow == "article-batch" else parameters(home)
    batch = plan(given, flow=flow)
    open_ledger().batches.mark(batch.id, status=status)
    for path in ("drafts", f"drafts/read?item={FIRST}"):
        answer = desk.client.get(f"/batches/{batch.id}/{path}")
        assert (answer.status_code, why in answer.text) == (404, True)
    assert desk.post(f"/batches/{batch.id}/drafts", by="Ana", **{f"draft/{FIRST}": "on"}) == 400


def test_a_draft_is_read_with_its_pictures(desk: Asked, home: Path) -> None:
    subjects = [*TOPICS[:8], "How to invest in index funds", "Treatment of a migraine"]
    given = {"items": "\n".join(subjects), "words": "300-400", "delay_s": 0.0, "pictures": 1}
    illustrated = plan(given, flow="article-batch")
    work(illustrated)
    read = desk.page(f"/batches/{illustrated.id}/drafts/read?item={SECOND}")
    (picture,) = (
        file for file in open_ledger().deliveries.all(illustrated.id, SECOND) if file.is_picture
    )
    assert f"/batches/{illustrated.id}/files/{picture.path}" in read
    assert f"/batches/{illustrated.id}/thumbs/{picture.path}?large=1" in read
