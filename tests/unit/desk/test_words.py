"""Words that are changed at the desk: kept, drawn and refused beside their slides, then written."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches import reletter as letters
from pressrun.desk.jobs import DeskJob, JobDone, Jobs
from pressrun.errors import InputError, StoreError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from tests.support.batches import delivered, parameters, plan
from tests.support.waiting import until
from tests.unit.desk.conftest import ADDRESS, Asked
from tests.unit.desk.test_attacks import SCRIPT, made

ITEM, OTHER = "link_001/variation_1", "link_002/variation_1"
SENT = {"Origin": ADDRESS, "X-Desk": "1"}


@pytest.fixture
def batch(home: Path) -> Batch:
    """Two items of two slides, lettered and delivered."""
    return made(home, shows=2, lettering="Pressrun", title="Mugs")


def keep(desk: Asked, batch: Batch, slide: int, words: str, item: str = ITEM) -> dict[str, Any]:
    """Types into a slide's field."""
    answer = desk.client.post(
        f"/batches/{batch.id}/words/keep",
        json={"item": item, "slide": slide, "words": words},
        headers=SENT,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def drop(desk: Asked, batch: Batch, text: str) -> str:
    """Drops a table on the page; returns what it refuses."""
    here = f"/batches/{batch.id}"
    sent = desk.client.post(
        f"{here}/uploads", content=text.encode(), headers=SENT | {"X-Name": "words.csv"}
    )
    reference = {"reference": sent.json()["reference"]}
    answer = desk.client.post(f"{here}/words/table", json=reference, headers=SENT)
    assert (answer.status_code, answer.content) == (204, b"") or answer.status_code == 400
    return answer.text


def written(desk: Asked, batch: Batch, **fields: str) -> str:
    """Presses the button, and waits; returns the page then."""
    here = f"/batches/{batch.id}/words"
    assert desk.post(here, item=ITEM, **fields) == 303
    until(lambda: desk.client.get(f"{here}/live").status_code == 205)
    return desk.page(here)


def words_of(batch: Batch) -> list[str]:
    """What stands on the slides, as their files say."""
    files = sorted(delivered(batch).items())
    return [
        slide["new_text"]
        for path, data in files
        if path.endswith("analysis.json")
        for slide in json.loads(data)["slides"]
    ]


def test_words_are_kept_and_drawn_and_nothing_is_written_before_the_button(
    desk: Asked, batch: Batch
) -> None:
    before, calls = delivered(batch), open_ledger().calls.totals(batch.id)
    here = f"/batches/{batch.id}"
    assert f"{here}/words" in desk.page(here)
    assert "words?item=link_001/variation_1#slide_0.jpg" in desk.page(here)
    told = keep(desk, batch, 0, f"Zoë {SCRIPT}")
    assert told["picture"].startswith("data:image/jpeg;base64,")
    assert (told["problem"], told["button"], told["ready"]) == ("", "Change 1 slide", True)
    keep(desk, batch, 1, "Ganz andere Wörter", OTHER)
    assert delivered(batch) == before
    page = desk.page(f"{here}/words?item={ITEM}")
    assert SCRIPT not in page
    assert "Zoë &lt;script&gt;" in page
    assert "2 slides of 2 items get other words." in page
    assert "No call is made, it costs nothing." in page

    page = written(desk, batch, **{f"slide/{ITEM}/1": "Typed\r\nlast"})
    assert "3 slides of 2 items changed, delivered and noted in the manifest." in page
    assert "get other words" not in page
    old = words_of(batch)
    assert (old[0], old[1], old[3]) == (f"Zoë {SCRIPT}", "Typed\nlast", "Ganz andere Wörter")
    after = delivered(batch)
    changed = {path for path in after if after[path] != before[path]}
    assert {Path(path).name for path in changed} == {
        "slide_0.jpg", "slide_1.jpg", "analysis.json", "manifest.json", "gallery.html",
    }  # fmt: skip
    assert open_ledger().calls.totals(batch.id) == calls


def test_what_is_typed_while_words_are_written_stays(
    desk: Asked, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(desk, batch, 0, "First")
    keep(desk, batch, 1, "Second")
    write = letters.reletter

    def slowly(*given: Any) -> Any:
        done = write(*given)
        keep(desk, batch, 0, "Typed meanwhile")
        return done

    monkeypatch.setattr(letters, "reletter", slowly)
    page = written(desk, batch)
    assert words_of(batch)[:2] == ["First", "Second"]
    assert "Typed meanwhile" in page
    assert "1 slide of 1 item get" in page
    monkeypatch.undo()
    keep(desk, batch, 1, "After it")
    written(desk, batch)
    assert words_of(batch)[:2] == ["Typed meanwhile", "After it"]


def test_what_cannot_be_set_is_said_beside_its_field_and_stops_the_button(
    desk: Asked, batch: Batch
) -> None:
    before = delivered(batch)
    for words, why in (
        ("long " * 80, "399 letters do not fit"),
        ("ᚠᚢᚦ", "ᚠ (Runic)"),
        ("🔥🔥", "only emoji"),
        ("  \n ", "There are no words."),
    ):
        told = keep(desk, batch, 0, words, OTHER)
        assert why in told["problem"]
        assert (told["picture"], told["ready"]) == ("", False)
    here = f"/batches/{batch.id}/words"
    page = desk.page(f"{here}?item={ITEM}")  # another item's
    assert "link_002/variation_1, slide 1</a>: There are no words." in page
    answer = desk.client.post(here, data={"item": OTHER}, headers=SENT)
    assert (answer.status_code, "cannot be set yet" in answer.text) == (409, True)
    (first, *_) = (one["words"] for one in table_of(desk, batch) if one["item"] == OTHER)
    told = keep(desk, batch, 0, first, OTHER)  # as it stands there
    assert (told["changed"], told["button"]) == (False, "Nothing is changed yet")
    answer = desk.client.post(here, data={"item": OTHER}, headers=SENT)
    assert (answer.status_code, "No words are changed yet" in answer.text) == (409, True)
    keep(desk, batch, 0, "Other words")
    assert "1 slide of 1 item get other words." in desk.page(f"{here}/discard?item={ITEM}")
    assert desk.post(f"{here}/discard", item=ITEM) == 303
    assert "Other words" not in desk.page(here)
    _ask_for_what_is_not_there(desk, here)
    assert delivered(batch) == before


def _ask_for_what_is_not_there(desk: Asked, here: str) -> None:
    for path in ("", "/keep", "/table", "/discard"):
        foreign = {"Origin": "http://a.example"}
        assert desk.client.post(f"{here}{path}", headers=foreign).status_code == 403
    for content in (
        {"item": "../..", "slide": 0, "words": "a"},
        {"item": ITEM, "slide": 5, "words": "a"},
        {"item": ITEM, "slide": -1, "words": "a"},
        {"item": ITEM, "slide": 0, "words": "a" * 20_001},
    ):
        answer = desk.client.post(f"{here}/keep", json=content, headers=SENT)
        assert answer.status_code == 400, content
    assert desk.post(here, **{f"slide/{ITEM}/9": "a"}) == 400
    assert desk.client.get(f"{here}?item=none").status_code == 404


def table_of(desk: Asked, batch: Batch) -> list[dict[str, str]]:
    """The table that the page gives, as Excel opens it."""
    content = desk.client.get(f"/batches/{batch.id}/words/table.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_table_fills_in_the_fields_and_names_each_row_that_it_leaves_out(
    desk: Asked, batch: Batch
) -> None:
    stands = table_of(desk, batch)[1]["words"]
    # What was typed before gives way to the table, also where it says what stands there.
    typed = {"item": ITEM, "slide": 1, "words": "Typed before"}
    assert desk.client.post(f"/batches/{batch.id}/words/keep", json=typed, headers=SENT).is_success
    told = drop(
        desk,
        batch,
        f"item;slide;words\n{ITEM};0;この新しいボトル\n{ITEM};1;{stands}\n"
        f"{OTHER};0;زجاجة جديدة 50%\n{OTHER};1;ᚠᚢᚦ\n{ITEM};7;Hello\n"
        f"link_009/variation_1;0;{SCRIPT}\n{OTHER};0;Again\n",
    )
    assert told == ""
    page = desk.page(f"/batches/{batch.id}/words?item={OTHER}")
    for words in (
        "words.csv: 3 slides filled in. 1 row as it stands there already.",
        "Left out: 3 rows",
        "row 6: There is no slide 7; it has 0 to 1.",
        "row 7: There is no delivered item &#39;link_009/variation_1&#39;.",
        "row 8: This slide is named twice.",
        "ᚠ (Runic)",
    ):
        assert words in page
    assert "Typed before" not in desk.page(f"/batches/{batch.id}/words?item={ITEM}")
    assert "no column slide" in drop(desk, batch, "item,words\na,b\n")
    assert "zero" in drop(desk, batch, f"item,slide,words\n{ITEM},zero,b\n")
    keep(desk, batch, 1, "Noch eine", OTHER)
    assert "3 slides of 2 items changed" in written(desk, batch)
    assert words_of(batch) == ["この新しいボトル", stands, "زجاجة جديدة 50%", "Noch eine"]
    assert "Left out" not in desk.page(f"/batches/{batch.id}/words")


@pytest.mark.parametrize(
    ("lettering", "status", "why"),
    [
        ("model", "completed", "The image model painted the words"),
        ("Pressrun", "running", "Change its words when it has ended"),
        ("Pressrun", "deleting", "is being deleted"),
        ("Pressrun", "cancelled", "no words to change"),
    ],
)
def test_a_batch_whose_words_cannot_be_changed_says_why(
    desk: Asked, home: Path, lettering: str, status: Any, why: str
) -> None:
    batch = plan(parameters(home, lettering=lettering))
    open_ledger().batches.mark(batch.id, status=status)
    here = f"/batches/{batch.id}"
    answer = desk.client.get(f"{here}/words")
    assert (answer.status_code, why in answer.text) == (404, True)
    assert f'href="{here}">Back to the batch' in answer.text
    assert desk.post(f"{here}/words", item=ITEM) == 400
    assert ("can be changed when the batch has ended" in desk.page(here)) == (
        lettering == "Pressrun" and status != "cancelled"
    )


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


def test_one_job_at_a_time_works_on_a_batch_and_tells_how_it_ended(jobs: Jobs) -> None:
    go, seen = threading.Event(), list[DeskJob | None]()

    def work(step: Any) -> JobDone:
        step(1, 2)
        seen.append(jobs.of("a"))
        go.wait(60)
        return JobDone("Done.", ["a note"])

    jobs.start("a", "Working", 2, work)
    with pytest.raises(InputError, match="still being made"):
        jobs.start("a", "Working", 2, work)
    jobs.start("b", "Working", 1, failing)
    go.set()
    until(lambda: all(job and job.is_over for job in map(jobs.of, "ab")))
    assert seen == [DeskJob("Working", 1, 2)]
    assert jobs.of("a") == DeskJob("Working", 1, 2, JobDone("Done.", ["a note"]))
    assert jobs.of("b") == DeskJob("Working", 0, 1, error="It is full.")


def failing(_: object) -> JobDone:
    raise StoreError("It is full.")


def test_a_desk_that_ends_lets_a_job_end_after_the_file_that_it_is_at(jobs: Jobs) -> None:
    steps = []

    def work(step: Any) -> JobDone:
        jobs.close()
        for count in (1, 2, 3):
            steps.append(count)
            step(count, 3)
        return JobDone("Done.")

    jobs.start("a", "Working", 3, work)
    until(lambda: bool((job := jobs.of("a")) and job.is_over))
    job = jobs.of("a")
    assert steps == [1]
    assert job is not None
    assert "The desk was stopped" in job.error
