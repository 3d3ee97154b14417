"""A comparison: prompts down, models across, and what a cell, a column and a row say."""

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import EngineError, InputError, PressrunError
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import items as item_rows
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.reports.gallery.gallery import gallery
from pressrun.reports.gallery.grid import Grid, compare_grid
from pressrun.reports.manifest import BatchRecord, read_record
from tests.unit.reports.gallery.test_gallery import EVIL, Page, only_page

MODELS = ("sketch", "gpt-image-2")


def planned(row: int, model: str, error: PressrunError | None = None, **spec: Any) -> PlannedItem:
    """One cell; positions run by model, so that rows have to be put together."""
    whole = {"prompt": f"prompt {row}", "enhanced": "", "model": model, "row": row, "dropped": []}
    position = MODELS.index(model) * 100 + row
    title = f"Prompt {row:02d} · {model}"
    return PlannedItem(f"p{row}-{model}", position, title, whole | spec, error)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def record_of(ledger: Ledger, *cells: PlannedItem) -> BatchRecord:
    batch = Batch("b1", "comparison", "Three", "/out", "r", {"models": list(MODELS)})
    ledger.batches.create(batch, cells)
    return read_record(ledger, batch, 90.0)


def completed(ledger: Ledger, key: str, seconds: float) -> None:
    with ledger.database.write() as connection:
        values = {"status": "completed", "started_at": 100.0, "ended_at": 100.0 + seconds}
        connection.execute(item_rows.update().where(item_rows.c.key == key).values(values))


def grid_of(ledger: Ledger, *cells: PlannedItem) -> Grid:
    return compare_grid(record_of(ledger, *cells))


def all_of(rows: int, **spec: Any) -> list[PlannedItem]:
    return [planned(row, model, **spec) for model in MODELS for row in range(1, rows + 1)]


def test_rows_are_prompts_and_columns_models_however_their_items_are_mixed(ledger: Ledger) -> None:
    grid = grid_of(ledger, *all_of(12))
    assert [column.model for column in grid.columns] == list(MODELS)
    assert [row.number for row in grid.rows] == list(range(1, 13))
    keys = [[cell.record.item.key for cell in row.cells if cell] for row in grid.rows]
    assert keys[10] == ["p11-sketch", "p11-gpt-image-2"]


def test_a_model_that_was_not_asked_leaves_its_cell_empty(ledger: Ledger) -> None:
    grid = grid_of(ledger, planned(1, "sketch"), *[planned(2, model) for model in MODELS])
    assert [cell is None for cell in grid.rows[0].cells] == [False, True]
    assert [column.asked for column in grid.columns] == [2, 1]


def test_a_column_sums_its_cells_up(ledger: Ledger) -> None:
    record_of(ledger, *all_of(3))
    for row, seconds in ((1, 2.0), (2, 9.0), (3, 4.0)):
        completed(ledger, f"p{row}-sketch", seconds)
    batch = ledger.batches.match("b1")
    first, second = compare_grid(read_record(ledger, batch, 90.0)).columns
    assert (first.completed, first.asked, first.seconds) == (3, 3, 4.0)
    assert (second.completed, second.asked, second.seconds) == (0, 3, None)


def test_what_holds_for_all_of_a_column_is_said_once_at_its_head(ledger: Ledger) -> None:
    always, once = "seed 7 dropped: it knows none", "steps 30 dropped: it knows none"
    grid = grid_of(
        ledger,
        planned(1, "sketch", dropped=[always]),
        planned(2, "sketch", dropped=[always, once]),
    )
    assert grid.columns[0].dropped == (always,)
    assert [cell.dropped for row in grid.rows for cell in row.cells if cell] == [(), (once,)]


def test_an_enhanced_prompt_that_is_the_prompt_itself_is_not_shown_twice(ledger: Ledger) -> None:
    grid = grid_of(
        ledger, planned(1, "sketch", enhanced="prompt 1"), planned(2, "sketch", enhanced="richer")
    )
    assert [row.enhanced for row in grid.rows] == ["", "richer"]


def test_one_cell_stands_for_a_row_that_failed_for_one_reason(ledger: Ledger) -> None:
    blocked = InputError("The prompt is blocked.", kind="blocked")
    grid = grid_of(
        ledger,
        *[planned(1, model, blocked) for model in MODELS],
        planned(2, "sketch", blocked),
        planned(2, "gpt-image-2", EngineError("No answer.", kind="timeout")),
    )
    assert [row.refused is not None for row in grid.rows] == [True, False]


def test_the_page_shows_prompt_enhanced_prompt_dropped_parameters_time_and_reason(
    ledger: Ledger,
) -> None:
    record_of(
        ledger,
        planned(1, "sketch", enhanced="a richer prompt", dropped=["seed 7 dropped"]),
        planned(1, "gpt-image-2", EngineError("No answer in 60 s.", kind="timeout")),
    )
    completed(ledger, "p1-sketch", 4.2)
    record = read_record(ledger, ledger.batches.match("b1"), 90.0)
    made = Page(only_page(gallery(record, lambda file: b"")))
    assert [th["scope"] for th in made.all("th")] == ["col", "col", "col", "row"]
    for words in ("prompt 1", "a richer prompt", "seed 7 dropped", "4.2 s", "failed: timeout"):
        assert words in made.text
    assert "No answer in 60 s." in made.text
    assert "sketch: drafts of the offline sketch engine" in made.text
    assert "Made by AI" in made.text


def test_words_in_it_stay_words(ledger: Ledger) -> None:
    error = EngineError(EVIL, kind="refused")
    cells = [
        planned(1, "sketch", prompt=EVIL, enhanced=f"{EVIL} {EVIL}", dropped=[EVIL]),
        planned(1, "gpt-image-2", error, prompt=EVIL),
    ]
    made = Page(only_page(gallery(record_of(ledger, *cells), lambda file: b"")))
    assert len(made.all("script")) == 1
    assert not [a for _, a in made.elements if "onerror" in a]
    assert made.text.count("<script>alert(1)</script>") == 5
