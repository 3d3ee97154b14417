"""Slideshows that Pressrun letters: what is delivered, and words that are changed for nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.audit import audit
from pressrun.cli import main
from pressrun.kinds.slideshow.prompt import PROMPT_VERSION
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.pictures.picture import read_picture
from tests.servers.gemini import GeminiServer
from tests.support.batches import (
    GEMINI,
    KEY,
    account_at,
    delivered,
    folder_of,
    opened,
    parameters,
    plan,
    work,
)


@pytest.fixture
def batch(home: Path) -> Batch:
    """A batch of sketches with two slides, lettered and delivered."""
    batch = plan(parameters(home, lettering="Pressrun", lettering_style="white box"))
    assert work(batch).whole
    return batch


def analysis(batch: Batch) -> dict[str, Any]:
    (path,) = folder_of(batch).glob("*/*/analysis.json")
    return dict(json.loads(path.read_bytes()))


def table(capsys: pytest.CaptureFixture[str], batch: Batch) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["reletter", batch.id, "--json"]) == 0
    return list(json.loads(capsys.readouterr().out))


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["reletter", *arguments]) == 2
    return capsys.readouterr().err


def test_a_slide_is_1080_wide_and_its_picture_without_words_lies_beside_it(batch: Batch) -> None:
    (folder,) = folder_of(batch).glob("*/variation_1")
    slide, bare = folder / "slide_0.jpg", folder / "without_words/slide_0.jpg"
    sizes = [read_picture(path.read_bytes(), path.name) for path in (slide, bare)]
    assert [(one.width, one.height) for one in sizes] == [(1080, 1920), (768, 1376)]
    (item,) = open_ledger().batches.items(batch.id)
    assert item.status == "completed"
    page = (folder_of(batch) / "gallery.html").read_text()
    assert "slide_0.jpg" in page
    assert "without_words" not in page
    said = analysis(batch)["slides"][0]
    assert said["lettering"]["style"] == "white box"
    assert " ".join(said["lettering"]["lines"]) == said["new_text"]
    assert said["sha256"] == hashlib.sha256(slide.read_bytes()).hexdigest()


def test_words_change_for_nothing_and_nothing_else_does(
    batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, calls = delivered(batch), open_ledger().calls.totals(batch.id)
    item = table(capsys, batch)[0]["item"]
    new = "Ganz andere Wörter 👀"
    arguments = ["reletter", batch.id, "--item", item, "--slide", "1", "--yes", new]
    assert main([*arguments, "--dry-run"]) == 0
    assert delivered(batch) == before
    assert main(arguments) == 0
    after = delivered(batch)
    changed = {path.rpartition("/")[2] for path in after if after[path] != before.get(path)}
    assert changed == {"slide_1.jpg", "analysis.json", "manifest.json", "gallery.html"}
    assert analysis(batch)["slides"][1]["new_text"] == new
    assert open_ledger().calls.totals(batch.id) == calls
    found = audit(opened(batch))
    assert found.in_order
    files = json.loads(after["manifest.json"])["items"][0]["files"]
    (said,) = [file for file in files if file["path"].endswith("analysis.json")]
    assert said["provenance"] == {"prompts": f"slideshow {PROMPT_VERSION}"}
    (told,) = [file for file in files if file["path"].endswith("variation_1/slide_1.jpg")]
    (path,) = [path for path in after if path.endswith("variation_1/slide_1.jpg")]
    assert told["sha256"] == hashlib.sha256(after[path]).hexdigest()


def test_a_table_of_words_in_another_language_goes_out_and_comes_back(
    batch: Batch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    capsys.readouterr()
    assert main(["reletter", batch.id]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "item,slide,words"
    item = rows[1].split(",")[0]
    given = tmp_path / "words.csv"
    given.write_text(f"Slide;Item;Words\n0;{item};この新しいボトル\n1;{item};زجاجة جديدة 50%\n")
    assert main(["reletter", batch.id, "--csv", str(given), "--yes"]) == 0
    assert [one["words"] for one in table(capsys, batch)] == ["この新しいボトル", "زجاجة جديدة 50%"]
    assert "stand there already" in refusal(capsys, batch.id, "--csv", str(given), "--yes")


def test_words_that_cannot_be_set_are_all_named_before_anything_is_written(
    batch: Batch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = delivered(batch)
    item = table(capsys, batch)[0]["item"]
    given = tmp_path / "words.csv"
    given.write_text(
        f"item,slide,words\n{item},0,{'long ' * 80}\n{item},1,ᚠᚢᚦ\n{item},7,Hello\n"
        f"link_009/variation_1,0,Hello\n{item},0,Again\n"
    )
    said = refusal(capsys, batch.id, "--csv", str(given), "--yes")
    for word in (
        "row 2: 399 letters",
        "ᚠ (Runic)",
        "no slide 7; it has 0 to 1",
        "'link_009/variation_1'",
        "row 6: This slide is named twice",
    ):
        assert word in said
    one = [batch.id, "--yes", "--item", item, "--slide", "0"]
    assert "There are only emoji" in refusal(capsys, *one, "🔥🔥")
    assert "There are no words" in refusal(capsys, *one, " ")
    assert delivered(batch) == before


def test_a_picture_that_somebody_changed_is_not_lettered(
    batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    item = table(capsys, batch)[0]["item"]
    (bare,) = folder_of(batch).glob("*/*/without_words/slide_0.jpg")
    bare.write_bytes(bare.read_bytes()[:-9])
    said = refusal(capsys, batch.id, "--item", item, "--slide", "0", "--yes", "Other words")
    assert "was changed where it lies" in said
    assert analysis(batch)["slides"][0]["new_text"] != "Other words"


def test_words_that_a_model_painted_are_not_changed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = plan(parameters(home))
    assert work(batch).whole
    assert not list(folder_of(batch).glob("*/*/without_words"))
    said = refusal(capsys, batch.id, "--item", "link_001/variation_1", "--slide", "0", "Words")
    assert "image model painted the words" in said


@pytest.mark.parametrize("lettering", ["Pressrun", "model"])
def test_the_model_is_asked_for_words_only_where_it_paints_them(home: Path, lettering: str) -> None:
    with GeminiServer(keys={KEY}) as server:
        batch = plan(parameters(home, slides=1, lettering=lettering, **GEMINI))
        assert work(batch, account_at(server.url)).whole
    words = analysis(batch)["slides"][0]
    assert (words["new_text"] in words["prompt"]) == (lettering == "model")
    assert ("no letters or words on it" in words["prompt"]) == (lettering == "Pressrun")


def test_a_batch_of_before_there_was_a_choice_stays_as_it_was(home: Path) -> None:
    given = parameters(home)
    batch = plan(given)
    old = {name: value for name, value in batch.parameters.items() if "lettering" not in name}
    open_ledger().batches.mark(batch.id, parameters=old)
    batch = open_ledger().batches.match(batch.id)
    assert work(batch).whole
    assert "lettering" not in analysis(batch)["slides"][0]


def test_a_ground_without_calm_is_said_in_the_log_and_in_the_manifest_until_it_is_mended(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pressrun.pictures.lettering.slide.BUSY", -1.0)
        batch = plan(parameters(home, slides=1, lettering="Pressrun"))
        assert work(batch).whole
    assert "link_001/variation_1, slide 0: The picture has no calm place" in caplog.text
    assert "has no calm place" in told_of_words(batch)
    arguments = ["--item", "link_001/variation_1", "--slide", "0", "--yes", "Other words"]
    assert main(["reletter", batch.id, *arguments]) == 0
    assert told_of_words(batch) == ""


def told_of_words(batch: Batch) -> str:
    files = json.loads(delivered(batch)["manifest.json"])["items"][0]["files"]
    (said,) = [file for file in files if file["path"].endswith("analysis.json")]
    return str(said["provenance"].get("lettering", ""))
