"""The reports of a batch at its destination: a page at a time, and none left of earlier ones."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.ledger.reviews import plan_digest
from pressrun.ledger.vault import Vault
from pressrun.reports.writing import write_reports
from pressrun.stores.folder import FolderStore
from tests.support.batches import draw_picture

SPECS = [{"prompt": f"a cat, {n} \n\u2028", "b": n, "a": [1, {"z": 0, "y": 1}]} for n in range(5)]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A batch of five pictures, of which a ledger reads two at a time."""
    monkeypatch.setattr("pressrun.ledger.batches.PAGE", 2)
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    planned = [PlannedItem(f"t{n}", n, f"Task {n}", spec) for n, spec in enumerate(SPECS)]
    ledger.batches.create(BATCH, planned)
    yield ledger
    ledger.close()


BATCH = Batch("b1", "image", "Cards", "/out", "r", {"model": "sketch", "b": 1, "a": 2})


def make(ledger: Ledger, store: FolderStore, vault: Vault, home: Path) -> None:
    data = draw_picture(home / "picture.png").read_bytes()
    for n in range(5):
        file = MadeFile(f"t{n}.png", "image/png", len(data), vault.put(data))
        ledger.batches.start("b1", f"t{n}")
        ledger.batches.finish("b1", f"t{n}", [file])
        ledger.deliveries.verify("b1", f"t{n}", [(file.path, "file:///out")])


def test_pages_are_written_beside_each_other_and_removed_when_fewer_are_needed(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, vault = FolderStore(tmp_path / "out"), Vault(tmp_path / "vault")
    make(ledger, store, vault, tmp_path)
    root = tmp_path / "out" / "r"
    monkeypatch.setattr("pressrun.reports.gallery.gallery.PAGE_ITEMS", 2)
    outcome = write_reports(ledger, BATCH, store, vault, 90.0)
    pages = ["gallery.html", "gallery_2.html", "gallery_3.html"]
    assert sorted(path.name for path in root.glob("*.html")) == pages
    assert outcome.gallery.endswith("/gallery.html")
    assert 'href="gallery_2.html"' in (root / "gallery.html").read_text("utf-8")
    noted = [file.path for file in ledger.deliveries.all("b1", "")]
    assert noted == [*pages, "items.csv", "manifest.json"]
    (root / "gallery_7.html").write_text("A person's own.", "utf-8")
    monkeypatch.setattr("pressrun.reports.gallery.gallery.PAGE_ITEMS", 4)
    write_reports(ledger, BATCH, store, vault, 90.0)
    left = ["gallery.html", "gallery_2.html", "gallery_7.html"]
    assert sorted(path.name for path in root.glob("*.html")) == left
    assert "gallery_3.html" not in [file.path for file in ledger.deliveries.all("b1", "")]


def test_a_manifest_that_is_written_an_item_at_a_time_is_as_if_written_in_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    store, vault = FolderStore(tmp_path / "out"), Vault(tmp_path / "vault")
    make(ledger, store, vault, tmp_path)
    write_reports(ledger, BATCH, store, vault, 90.0)
    data = (tmp_path / "out" / "r" / "manifest.json").read_bytes()
    content = json.loads(data)
    assert data == orjson.dumps(content, option=orjson.OPT_INDENT_2)
    assert [entry["key"] for entry in content["items"]] == ["t0", "t1", "t2", "t3", "t4"]
    assert [len(entry["files"]) for entry in content["items"]] == [1] * 5


def test_a_plan_has_the_digest_that_it_has_as_one_object(ledger: Ledger) -> None:
    items = [[f"t{n}", spec] for n, spec in enumerate(SPECS)]
    whole = {"parameters": BATCH.parameters, "items": items}
    data = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    assert plan_digest(BATCH, ledger.batches.each("b1")) == hashlib.sha256(data).hexdigest()
