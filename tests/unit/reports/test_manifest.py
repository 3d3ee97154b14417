"""``manifest.json`` and ``items.csv`` from what the ledger says."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SourceError, StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.reports.manifest import (
    BatchRecord,
    items_csv,
    manifest,
    neutral,
    read_record,
)

BATCH = Batch("b1", "slideshow", "Sale", "/out", "Sale 1", {"size": "1K"}, created_at=1_000_000.0)


@pytest.fixture
def record(tmp_path: Path) -> BatchRecord:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    gone = SourceError('=It is gone, for "good".\nReally.', kind="post_gone")
    ledger.batches.create(
        BATCH,
        [
            PlannedItem("a", 0, "Link 001 @a", {}),
            PlannedItem("b", 1, "Link 002 @b", {}),
            PlannedItem("c", 2, "=cmd|' /C calc'!A0", {}, gone),
            PlannedItem("d", 3, "Link 004 @d", {}),
        ],
    )
    for key in "ab":
        ledger.batches.start("b1", key)
        ledger.batches.finish("b1", key, [MadeFile(f"{key}/1.jpg", "image/jpeg", 3, key * 64)])
    ledger.deliveries.verify("b1", "a", [("a/1.jpg", "file:///out/a/1.jpg")])
    ledger.batches.wait("b1", "b", StoreError("The disk is full."))
    record = read_record(ledger, BATCH, 1_000_012.3456)
    ledger.close()
    return record


def read_json(record: BatchRecord) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(manifest(record))
    return content


def test_what_a_person_has_to_look_at_stands_in_the_summary(record: BatchRecord) -> None:
    said = replace(record, drafts=1, missing=3).summary()
    assert said.endswith("2 failed, 1 draft to be approved, 3 pictures missing")


def test_the_manifest_has_its_contracts_fields(record: BatchRecord) -> None:
    content = read_json(record)
    assert set(content) == {
        "batch", "kind", "title", "pressrun", "destination", "folder", "folders",
        "parameters", "totals", "models", "items", "plan", "status", "owner",
    }  # fmt: skip
    assert content["totals"] == {
        "items": 4, "completed": 1, "failed": 2, "cancelled": 0,
        "calls": 0, "cost_usd": 0, "calls_made_anew": 0, "seconds": 12.346,
    }  # fmt: skip
    assert content["items"][0] == {
        "key": "a",
        "title": "Link 001 @a",
        "asked": {},
        "status": "completed",
        "attempts": 1,
        "error": None,
        "cost_usd": 0,
        "files": [
            {
                "path": "a/1.jpg",
                "media_type": "image/jpeg",
                "bytes": 3,
                "sha256": "a" * 64,
                "url": "file:///out/a/1.jpg",
            }
        ],
    }


def test_an_item_that_is_made_but_not_delivered_is_failed_without_files(
    record: BatchRecord,
) -> None:
    entry = read_json(record)["items"][1]
    assert (entry["status"], entry["files"]) == ("failed", [])
    assert entry["error"] == {"kind": "store", "message": "The disk is full."}


def test_an_item_that_was_not_reached_is_pending(record: BatchRecord) -> None:
    assert read_json(record)["items"][3]["status"] == "pending"


def unread(file: DeliveredFile) -> bytes:
    raise StoreError(f"{file.path} is not read.")


def file_of_caption(key: str) -> DeliveredFile:
    return DeliveredFile(f"{key}/caption.txt", key, "text/plain", 9, key * 64, "verified", "")


def test_the_csv_has_a_row_an_item_and_no_formula(record: BatchRecord) -> None:
    data = items_csv(record, unread)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["key"] for row in rows] == ["a", "b", "c", "d"]
    assert rows[0]["folder"] == "a"
    assert rows[2]["title"] == "'=cmd|' /C calc'!A0"
    assert rows[2]["error"] == '\'=It is gone, for "good".\nReally.'


def test_the_csv_of_a_batch_to_post_has_caption_link_and_product_behind_the_old_columns(
    record: BatchRecord,
) -> None:
    link, caption = "https://www.tiktok.com/@a/photo/1", "Soup again? 🍲\nNever. #soup"
    first, second, *others = record.items
    entries = [
        replace(
            first,
            item=replace(first.item, spec={"source": link, "description": "=A mug"}),
            files=(*first.files, file_of_caption("a")),
        ),
        replace(second, files=(file_of_caption("b"),)),
        *others,
    ]

    def read(file: DeliveredFile) -> bytes:
        return caption.encode() if file.item_key == "a" else unread(file)

    text = items_csv(replace(record, items=entries), read).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == [
        "key", "title", "status", "attempts", "cost_usd", "files", "folder", "error_kind", "error",
        "caption", "link", "product",
    ]  # fmt: skip
    # One that cannot be read, and one of before captions had a file, leave the cell empty.
    assert [row[9:] for row in rows] == [[caption, link, "'=A mug"], *[["", "", ""]] * 3]


def test_the_csv_of_what_nobody_posts_has_the_old_columns(record: BatchRecord) -> None:
    images = replace(record, batch=replace(BATCH, kind="image"))
    head = items_csv(images, unread).decode("utf-8-sig").splitlines()[0]
    assert head.endswith("folder,error_kind,error")


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\u200b=1",
        "\uff1d1",
        "\n =1",
        "\ufe661",
        "\u22121",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["1", "a=b", "", " a", 5, -1])
def test_other_cells_stay(cell: object) -> None:
    assert neutral(cell) == cell


def test_the_summary_counts_in_words(record: BatchRecord) -> None:
    assert record.summary() == "1 of 4 completed, 2 failed"
