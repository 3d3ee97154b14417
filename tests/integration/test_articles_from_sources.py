"""Articles from sources on a real Prefect server: checked, delivered as drafts, approved."""

import hashlib
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from flows.article_batch import article_batch
from pressrun.batches.approval import approve, awaiting
from pressrun.batches.audit import audit
from pressrun.batches.delivered import Delivered
from pressrun.errors import InputError, StoreError
from pressrun.ledger import open_ledger
from tests.support.articles import TOPICS
from tests.support.batches import delivered

SOURCE = "The harbour of Esbjerg opened in 1874 and has 4.5 million square metres of quays."
GIVEN: dict[str, Any] = {
    "items": "\n".join([*TOPICS[:9], "Treatment of a migraine"]),
    "words": "300-400",
    "delay_s": 0.0,
    "sources": SOURCE,
    "facts": "strict",
    "links": "https://shop.example/a Boots\nhttps://shop.example/b Maps",
    "author": "Ana Berg </script>",
    "publisher": "The Shop",
    "disclosure": "Von KI geschrieben.",
    "docx": True,
}

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


class Data(HTMLParser):
    """The JSON-LD of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.inside, self.text = False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"


def manifest_of(files: dict[str, bytes]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files["manifest.json"])
    return read


def test_articles_say_their_sources_and_who_answers_and_drafts_wait_for_a_person() -> None:
    state = article_batch(**GIVEN, return_state=True)
    assert (state.name, state.message) == (
        "Completed",
        "10 of 10 completed, 1 draft to be approved",
    )
    ledger = open_ledger()
    batch = ledger.batches.match("latest")
    files = delivered(batch)
    drafts = sorted(name for name in files if name.startswith("draft-"))
    assert [Path(name).suffix for name in drafts] == [".docx", ".html", ".json", ".md"]
    content = json.loads(files[drafts[2]])
    assert content["awaits_approval"] == ["health"]
    assert [(one["id"], one["characters"]) for one in content["sources"]] == [("S1", len(SOURCE))]
    assert "https://shop.example/a" in content["body"]
    assert {claim["source"] for claim in content["claims"]} == {"S1"}
    page = files[drafts[1]].decode()
    assert "Draft on health" in page
    assert "Von KI geschrieben" not in page  # a sketch says what it is
    said = json.loads(Data(page).text)
    assert said["author"] == {"@type": "Person", "name": "Ana Berg </script>"}
    assert said["publisher"] == {"@type": "Organization", "name": "The Shop"}
    assert "image" not in said

    there = Delivered.open(ledger, batch)
    assert awaiting(there) == {"article_10": "health"}
    calls = ledger.calls.totals(batch.id)
    with pytest.raises(InputError, match="Say who has read them"):
        approve(there, [], " ")
    with pytest.raises(InputError, match="no finished item"):
        approve(there, ["article_11"], "Ana")
    assert approve(there, [], "Ana Berg") == ["article_10"]
    assert approve(there, ["article_10"], "Eve") == []
    assert ledger.calls.totals(batch.id) == calls

    files = delivered(batch)
    assert not [name for name in files if name.startswith("draft-")]
    (name,) = (name for name in files if name.startswith("10-") and name.endswith(".json"))
    now = json.loads(files[name])
    assert (now["reviewed_by"], now["awaits_approval"]) == ("Ana Berg", [])
    assert now["body"] == content["body"]
    assert "Reviewed by Ana Berg, " in files[name.replace(".json", ".html")].decode()
    (entry,) = (e for e in manifest_of(files)["items"] if e["key"] == "article_10")
    for file in entry["files"]:
        assert hashlib.sha256(files[file["path"]]).hexdigest() == file["sha256"]
    told = next(file["provenance"] for file in entry["files"] if file["path"] == name)
    assert told == {
        "prompts": "article 3",
        "warnings": str(len(now["warnings"])),
        "reviewed_by": "Ana Berg",
        "reviewed_at": now["reviewed_at"],
    }
    assert audit(there).in_order
    assert "10 of 10 completed" in files["index.html"].decode()
    assert "to be approved" not in files["index.html"].decode()


def test_an_article_that_was_changed_where_it_lies_is_not_approved_over(home: Path) -> None:
    article_batch(**GIVEN, return_state=True)
    ledger = open_ledger()
    batch = ledger.batches.match("latest")
    there = Delivered.open(ledger, batch)
    (place,) = (home / "output").rglob("draft-10-*.json")
    place.write_text("{}")
    with pytest.raises(StoreError, match="was changed where it lies"):
        approve(there, [], "Ana")
    assert awaiting(there) == {"article_10": "health"}


def test_old_settings_hold_and_rewriting_without_a_right_stops_unpaid(home: Path) -> None:
    text = "The mill grinds seventy sacks of rye a week, and its miller sells the flour. " * 5
    items = "\n---\n".join(f"Number {n}. {text}" for n in range(10))
    state = article_batch(mode="spin", items=items, delay_s=0.0, return_state=True)
    assert state.is_failed()
    assert "set rights to mine, licensed or open" in (state.message or "")
    assert not list((home / "output").glob("*"))
    article_batch(items="\n".join(TOPICS), word_count=300, delay_s=0.0, return_state=True)
    batch = open_ledger().batches.match("latest")
    assert (batch.parameters["words"], batch.status) == ("300", "completed")
    assert {item.spec["words_to"] for item in open_ledger().batches.items(batch.id)} == {330}
