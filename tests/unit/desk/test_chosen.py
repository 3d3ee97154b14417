"""Pictures of an ended batch, of which a person wants some again."""

from dataclasses import asdict
from pathlib import Path

import pytest

from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.images.rows import EditedRows
from pressrun.inputs.prompts.documents import parse_prompts
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.recipe import image_request
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from tests.support.batches import plan, work
from tests.unit.desk.conftest import ADDRESS, Asked

PROMPTS = "## Heroes\n- a red fox --ar 16:9\n- a blue cup\n- a wooden chair\n"


def made(home: Path) -> Batch:
    batch = plan({"prompts": PROMPTS, "output": str(home / "out")}, flow="image-batch")
    work(batch)
    return open_ledger().batches.match(batch.id)


def test_the_page_shows_what_is_made_and_nothing_is_ticked(desk: Asked, home: Path) -> None:
    batch = made(home)
    assert f"/batches/{batch.id}/some" in desk.page(f"/batches/{batch.id}")
    page = desk.page(f"/batches/{batch.id}/some")
    assert page.count('type="checkbox" name="item/') == 3
    assert page.count("/thumbs/task_000") == 3
    assert "checked" not in page
    assert "free" in page
    sent = desk.client.post(f"/batches/{batch.id}/some", headers={"Origin": ADDRESS})
    assert sent.status_code == 409
    # In the bar, which is in sight wherever one is on the page.
    bar = sent.text.partition('<div class="bar answer"')[2]
    assert "Tick what should be made again." in bar
    assert "data-ticked" in bar


def test_a_batch_of_another_kind_or_in_work_has_no_such_page(desk: Asked, home: Path) -> None:
    waiting = plan({"prompts": PROMPTS, "output": str(home / "out")}, flow="image-batch")
    assert "/some" not in desk.page(f"/batches/{waiting.id}")
    for batch_id in (waiting.id, "unknown"):
        answer = desk.client.get(f"/batches/{batch_id}/some")
        assert answer.status_code >= 400


def test_the_draft_has_only_the_chosen_ones_ticked(
    desk: Asked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = made(home)
    monkeypatch.setattr(
        NewBatches,
        "_given_to",
        lambda *_: ("image-batch", {"prompts": PROMPTS, "row:2": {"prompt": "old"}}),
    )
    answer = desk.client.post(
        f"/batches/{batch.id}/some",
        data={"item/task_0001": "on", "item/task_0003": "on"},
        headers={"Origin": ADDRESS},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    place = answer.headers["location"]
    rows = desk.client.get(f"{place}/tasks").json()["rows"]
    assert [(row["prompt"], row["off"]) for row in rows] == [
        ("a red fox", False),
        ("a blue cup", True),
        ("a wooden chair", False),
    ]
    assert rows[0]["aspect_ratio"] == "16:9"
    edited = EditedRows.of({"rows": rows})
    assert edited is not None
    tasks = parse_prompts(edited.text).tasks
    settings = ImageParameters().model_dump()
    first = [image_request({**asdict(task)}, settings, 1).seed for task in tasks]
    assert not {*first} & {1000, 2000, 3000}  # the same seed may give the same picture
