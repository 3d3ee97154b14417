"""``gallery.html``: one page that needs nothing else, whatever words stand in it."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SourceError
from pressrun.ledger import Ledger
from pressrun.ledger.batches import Batch, MadeFile, PlannedItem
from pressrun.report.gallery import gallery
from pressrun.report.manifest import read_record
from pressrun.vault import Vault
from tests.batches import draw_picture

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


class Page(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, page: bytes):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def page(
    tmp_path: Path, vault: Vault, *, words: str = "Hello", model: str = "sketch", lost: bool = False
) -> Page:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    batch = Batch("b1", "slideshow", words, "/out", "r", {"model": model}, created_at=0.0)
    items = [
        PlannedItem("a", 0, f"Link 001 @a · {words}", {}),
        PlannedItem("b", 1, f"Link 002 · {words}", {}, SourceError(words, kind="post_gone")),
    ]
    ledger.batches.create(batch, items)
    picture = draw_picture(tmp_path / "picture.png").read_bytes()
    slide: dict[str, Any] = {"file": "slide 0#.png", "new_text": words, "prompt": words}
    analysis = json.dumps({"caption": words, "slides": [slide]}).encode()
    files = [
        MadeFile("L@1/slide 0#.png", "image/png", len(picture), vault.put(picture)),
        MadeFile("L@1/analysis.json", "application/json", len(analysis), vault.put(analysis)),
    ]
    ledger.batches.start("b1", "a")
    ledger.batches.finish("b1", "a", files)
    ledger.deliveries.verify("b1", "a", [(f.path, "") for f in files])
    if lost:
        vault.clear()
    made = Page(gallery(read_record(ledger, batch, 90.0), lambda file: vault.get(file.sha256)))
    ledger.close()
    return made


def test_every_item_stands_on_it_with_thumbnails_prompt_status_and_cost(
    tmp_path: Path, vault: Vault
) -> None:
    made = page(tmp_path, vault)
    assert len(made.all("article")) == 2
    (image,) = made.all("img")
    assert (image["src"] or "").startswith("data:image/jpeg;base64,")
    for words in ("1 of 2 completed, 1 failed", "completed", "post_gone: Hello", "$0.0000", "1:30"):
        assert words in made.text


def test_links_to_files_are_relative_and_quoted(tmp_path: Path, vault: Vault) -> None:
    assert [a["href"] for a in page(tmp_path, vault).all("a")] == [
        "L%401",
        "L%401/slide%200%23.png",
    ]


def test_it_loads_nothing_from_anywhere(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault)
    assert not made.all("script") + made.all("link") + made.all("iframe")
    for _, attributes in made.elements:
        for name in ("src", "href", "srcset", "style"):
            assert "//" not in (attributes.get(name) or "").partition("base64,")[0]


def test_words_of_users_and_models_stay_words(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault, words=EVIL)
    assert not made.all("script")
    assert len(made.all("img")) == 1
    assert not [a for _, a in made.elements if "onerror" in a]
    assert made.text.count("<script>alert(1)</script>") >= 5


def test_it_says_what_are_only_drafts(tmp_path: Path, vault: Vault) -> None:
    assert "labelled SKETCH" in page(tmp_path, vault).text


def test_it_does_not_call_a_models_work_drafts(tmp_path: Path, vault: Vault) -> None:
    assert "SKETCH" not in page(tmp_path, vault, model="gemini-nano-banana-2.1").text


def test_without_the_bytes_the_links_remain(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault, lost=True)
    assert not made.all("img")
    assert [a["href"] for a in made.all("a")] == [
        "L%401",
        "L%401/slide%200%23.png",
    ]


def test_items_are_grouped_as_their_specs_say_in_the_order_of_the_first(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    batch = Batch("b1", "image", "Cards", "/out", "r", {"prompts": "a pencil sketch"})
    groups = ["Speed, Level 1", "Speed, Level 2", "Speed, Level 1", ""]
    specs = [
        {"group": group, "prompt": f"Icon {EVIL}", "specific_prompt": f"{n} {EVIL}", "tags": [EVIL]}
        for n, group in enumerate(groups)
    ]
    items = [PlannedItem(f"t{n}", n, f"Task {n} · {EVIL}", spec) for n, spec in enumerate(specs)]
    ledger.batches.create(batch, items)
    made = Page(gallery(read_record(ledger, batch, 90.0), lambda file: b""))
    ledger.close()
    assert len(made.all("h2")) == 2  # what belongs to no group stands under none
    places = [made.text.index(words) for words in ("Task 0", "Task 2", "Task 1", "Task 3")]
    assert places == sorted(places)
    assert not made.all("script") + made.all("img")
    assert "SKETCH" not in made.text
