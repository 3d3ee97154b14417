"""Articles with pictures of the local Gemini: priced, refused, delivered, shown and approved."""

import io
import json
import re
from collections import Counter
from typing import Any

import docx
import pytest
from sqlalchemy import select

from flows.article_batch import article_batch
from pressrun.batches.approval import approve
from pressrun.batches.audit import audit
from pressrun.batches.delivered import Delivered
from pressrun.blocks import ModelAccount
from pressrun.desk.kept import Kept
from pressrun.desk.results import Results
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from pressrun.pictures.picture import read_picture
from pressrun.pictures.provenance import read
from tests.servers.gemini import GeminiServer
from tests.support.articles import TOPICS
from tests.support.batches import FAST, IMAGE_MODEL, KEY, delivered

STEM = "01-treatment-of-a-migraine"
GIVEN: dict[str, Any] = {
    "items": "\n".join(["Treatment of a migraine", *TOPICS[:9]]),
    "words": "300-400",
    "pictures": 2,
    "model": IMAGE_MODEL,
    "delay_s": 0.0,
    "concurrency": 5,
    "docx": True,
}


@pytest.mark.usefixtures("prefect_server", "home")
def test_a_refused_picture_is_not_asked_again_when_its_article_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = GIVEN | {"items": "Treatment of a migraine", "docx": False, "retries": 1}
    with GeminiServer(keys={KEY}) as gemini:
        gemini.fail("block_prompt", picture_seed=1101)
        gemini.fail("503", picture_seed=1102, times=1)
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        state = article_batch(**asked, account=account, return_state=True)
    assert state.message == "1 of 1 completed, 1 draft to be approved, 1 picture missing"
    ledger = open_ledger()
    batch = ledger.batches.match("latest")
    with ledger.database.read() as connection:
        rows = connection.execute(select(calls).where(calls.c.slot.like("picture%"))).all()
    assert Counter((row.slot, row.error_kind) for row in rows) == {
        ("picture_1", "blocked"): 1,
        ("picture_2", "unavailable"): 1,
        ("picture_2", None): 1,
    }
    files = delivered(batch)
    content = json.loads(
        next(data for name, data in files.items() if name.endswith(f"{STEM}.json"))
    )
    assert content["pictures"][0]["missing"].startswith("Gemini refuses the prompt")
    assert b"Picture 1 is missing: Gemini refuses the prompt" in files["index.html"]


@pytest.mark.usefixtures("prefect_server", "home")
def test_pictures_are_priced_drawn_and_delivered_and_a_refused_one_costs_no_article() -> None:
    with GeminiServer(keys={KEY}) as gemini:
        gemini.fail("block_prompt", picture_seed=2102)
        account = ModelAccount(api_key=KEY, base_url=gemini.url, limits=FAST)
        quoted = article_batch(**GIVEN, account=account, action="quote", return_state=True)
        assert not gemini.bill
        state = article_batch(**GIVEN, account=account, return_state=True)
        assert state.message == "10 of 10 completed, 1 draft to be approved, 1 picture missing"
        (low, high) = map(
            float, re.findall(r"\(\$([\d.]+) to \$([\d.]+)\)", quoted.message or "")[0]
        )
        # One of twenty is refused, and sketched scenes are shorter than usual ones.
        assert 0.9 * low <= gemini.bill_usd <= high
        usd = gemini.bill_usd
    ledger = open_ledger()
    batch = ledger.batches.match("latest")
    files = delivered(batch)
    manifest = json.loads(files["manifest.json"])
    assert manifest["totals"]["cost_usd"] == pytest.approx(usd, abs=1e-9)
    entry, blocked = manifest["items"][:2]
    paths = {file["path"] for file in entry["files"]}
    assert {f"{STEM}-1.jpg", f"{STEM}-2.jpg", f"draft-{STEM}.html"} <= paths
    assert sum(file["media_type"] == "image/jpeg" for file in blocked["files"]) == 1
    told = [file["provenance"] for file in blocked["files"] if "missing_pictures" in str(file)]
    assert [one["missing_pictures"] for one in told] == ["1"]
    picture = read_picture(files[f"{STEM}-1.jpg"], "the lead picture")
    assert picture.media_type == "image/jpeg"
    assert picture.width <= 1600
    origin = read(files[f"{STEM}-1.jpg"])
    assert origin
    assert (origin.model, origin.item) == (IMAGE_MODEL, "article_01")
    assert b"Picture 2 is missing: " in files["index.html"]
    assert files["index.html"].count(b"<img ") == 19
    assert b"A simple drawing in place of a picture" in files["gallery.html"]

    # In its sandbox an article's page can ask the desk for nothing, so it holds its pictures.
    results = Results(open_ledger, Kept("slow"))
    shown = bytes(results.file(batch.id, f"draft-{STEM}.html").body)
    assert shown.count(b'<img src="data:image/jpeg;base64,') == 2

    there = Delivered.open(ledger, batch)
    assert approve(there, [], "Ana Berg") == ["article_01"]
    now = delivered(batch)
    assert now[f"{STEM}-1.jpg"] == files[f"{STEM}-1.jpg"]
    assert f'<img src="{STEM}-2.jpg"'.encode() in now[f"{STEM}.html"]
    document = docx.Document(io.BytesIO(now[f"{STEM}.docx"]))
    assert len(document.inline_shapes) == 2
    assert audit(there).in_order
