"""``gallery.html``: one page that needs nothing else, whatever words stand in it."""

import hashlib
import html
import io
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressrun.errors import SourceError
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.reports.gallery.gallery import gallery
from pressrun.reports.manifest import read_record
from tests.support.batches import draw_picture

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

    @property
    def links(self) -> list[str]:
        """Where its links lead, but for the one that its script fills in."""
        return [str(a["href"]) for a in self.all("a") if a.get("class") != "open"]

    @property
    def thumbnails(self) -> list[str]:
        return [str(image["src"]) for image in self.all("img") if "src" in image]


def only_page(pages: Iterable[tuple[str, bytes]]) -> bytes:
    """The bytes of a gallery that has one page."""
    ((name, data),) = pages
    assert name == "gallery.html"
    return data


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def page(
    tmp_path: Path,
    vault: Vault,
    *,
    words: str = "Hello",
    model: str = "sketch",
    lost: bool = False,
    changed: bytes = b"",
    url: str = "",
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
    ledger.deliveries.verify("b1", "a", [(f.path, url) for f in files])
    if lost:
        vault.clear()
    record = replace(read_record(ledger, batch, 300.0), work_s=90.0)  # the rest it waited
    data = only_page(gallery(record, lambda file: changed or vault.get(file.sha256)))
    (tmp_path / "gallery.html").write_bytes(data)
    ledger.close()
    return Page(data)


def test_every_item_stands_on_it_with_thumbnails_prompt_status_and_cost(
    tmp_path: Path, vault: Vault
) -> None:
    made = page(tmp_path, vault)
    assert [article["data-status"] for article in made.all("article")] == ["completed", "failed"]
    (thumbnail,) = made.thumbnails
    assert thumbnail.startswith("data:image/jpeg;base64,")
    for words in (
        "1 of 2 completed, 1 failed",
        "completed",
        "Hello",
        "$0.00",
        "1:30 in calls of models",
    ):
        assert words in made.text


def test_links_to_files_are_relative_and_quoted(tmp_path: Path, vault: Vault) -> None:
    assert page(tmp_path, vault).links == [
        "L%401",
        "L%401/slide%200%23.png",
        "L%401/analysis.json",
    ]


def test_the_whole_picture_is_shown_from_beside_the_page_with_what_is_known_of_it(
    tmp_path: Path, vault: Vault
) -> None:
    made = page(tmp_path, vault)
    (shot,) = [a for a in made.all("a") if a.get("class") == "shot"]
    assert shot["data-full"] == shot["href"] == "L%401/slide%200%23.png"
    assert (shot["data-width"], shot["data-height"]) == ("90", "160")
    told = {attributes.get("id") for _, attributes in made.elements}
    assert set(str(shot["data-about"]).split()) <= told
    assert "90 \N{MULTIPLICATION SIGN} 160 px · 1 KB" in made.text


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("https://bucket.example/made/L%401/slide%200%23.png?X-Amz-Signature=a", True),
        ("https://drive.example/file/d/1a2b/view", False),
    ],
    ids=["s3", "drive"],
)
def test_elsewhere_it_is_shown_only_from_an_address_of_its_bytes(
    tmp_path: Path, vault: Vault, url: str, full: bool
) -> None:
    (shot,) = [a for a in page(tmp_path, vault, url=url).all("a") if a.get("class") == "shot"]
    assert shot["href"] == url
    assert shot.get("data-full") == (url if full else None)


def test_it_loads_nothing_from_anywhere(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault)
    assert not made.all("link") + made.all("iframe")
    assert not [script for script in made.all("script") if script]  # no src, no type
    for _, attributes in made.elements:
        assert "style" not in attributes
        for name in ("src", "href", "srcset"):
            assert "//" not in (attributes.get(name) or "").partition("base64,")[0]


def test_the_policy_lets_just_its_own_style_and_script_run(tmp_path: Path, vault: Vault) -> None:
    page(tmp_path, vault)
    source = (tmp_path / "gallery.html").read_text("utf-8")
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', source)[0])
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_words_of_users_and_models_stay_words(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault, words=EVIL)
    assert len(made.all("script")) == 1
    assert len(made.thumbnails) == 1
    assert not [a for _, a in made.elements if "onerror" in a]
    assert made.text.count("<script>alert(1)</script>") >= 5


def test_it_says_what_are_only_drafts(tmp_path: Path, vault: Vault) -> None:
    assert "labelled SKETCH" in page(tmp_path, vault).text


def test_it_does_not_call_a_models_work_drafts(tmp_path: Path, vault: Vault) -> None:
    assert "SKETCH" not in page(tmp_path, vault, model="gemini-nano-banana-2.1").text


def test_without_the_bytes_the_links_remain(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault, lost=True)
    assert not made.thumbnails
    assert made.links == ["L%401", "L%401/slide%200%23.png", "L%401/analysis.json"]
    assert "slide 0#.png" in made.text


@pytest.mark.parametrize("changed", [b"{", b"[1]", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_a_person_changed_where_it_lies_takes_nothing_else_off_the_page(
    tmp_path: Path, vault: Vault, changed: bytes
) -> None:
    made = page(tmp_path, vault, changed=changed)
    assert not made.thumbnails
    assert made.links == ["L%401", "L%401/slide%200%23.png", "L%401/analysis.json"]


def test_without_its_script_nothing_is_shown_that_needs_it(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault)
    (bar,) = [div for div in made.all("div") if div.get("class") == "bar"]
    assert "hidden" in bar
    assert [dialog for dialog in made.all("dialog") if "open" in dialog] == []


def test_a_batch_without_items_says_so(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    batch = ledger.batches.create(Batch("b1", "image", "Cards", "/out", "r", {}), [])
    made = Page(only_page(gallery(read_record(ledger, batch, 90.0), lambda file: b"")))
    ledger.close()
    assert "Nothing was planned" in made.text


def test_thumbnails_of_thousands_are_smaller(tmp_path: Path, vault: Vault) -> None:
    few, many = (
        max(map(len, crowd(tmp_path / str(n), vault, n)["gallery.html"].thumbnails))
        for n in (2, 601)
    )
    assert many < few / 2


def test_a_large_batch_has_several_pages_that_lead_to_each_other(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressrun.reports.gallery.gallery.PAGE_ITEMS", 4)
    made = crowd(tmp_path / "many", vault, 9, failed=7)
    assert list(made) == ["gallery.html", "gallery_2.html", "gallery_3.html"]
    assert [len(page.all("article")) for page in made.values()] == [4, 4, 1]
    middle = made["gallery_2.html"]
    assert "Items 5 to 8 of 9" in middle.text
    assert "8 of 9 completed, 1 failed" in middle.text  # of the whole batch
    assert "Failed items are on page 2 (this one)." in middle.text
    assert "Failed items are on page 2." in made["gallery.html"].text
    ways = [(a.get("rel"), a["href"]) for a in middle.all("a") if "gallery" in str(a["href"])]
    near = [("prev", "gallery.html"), ("next", "gallery_3.html")]
    once = [*near, (None, "gallery.html"), (None, "gallery_3.html")]
    assert ways == 2 * once  # above and below the items
    assert "this page" in str(middle.all("input")[0]["placeholder"])


def test_a_batch_of_one_page_has_no_word_of_pages(tmp_path: Path, vault: Vault) -> None:
    (page,) = crowd(tmp_path / "few", vault, 2).values()
    assert not page.all("nav")[1:]  # but for the one between pictures
    assert "page" not in str(page.all("input")[0]["placeholder"])


def crowd(home: Path, vault: Vault, count: int, failed: int = -1) -> dict[str, Page]:
    """The pages of a gallery of so many pictures, by name; the item of that number has failed."""
    home.mkdir()
    ledger = Ledger(f"sqlite:///{home / 'ledger.db'}")
    batch = Batch("b1", "image", "Cards", "/out", "r", {})
    items = [PlannedItem(f"t{n}", n, f"Task {n}", {"prompt": "a cat"}) for n in range(count)]
    ledger.batches.create(batch, items)
    drawn = io.BytesIO()
    Image.effect_noise((640, 640), 90).save(drawn, "JPEG")
    digest, size = vault.put(drawn.getvalue()), len(drawn.getvalue())
    for n, item in enumerate(items):
        file = MadeFile(f"{item.key}.jpg", "image/jpeg", size, digest)
        ledger.batches.start("b1", item.key)
        if n == failed:
            ledger.batches.fail("b1", item.key, SourceError("It is gone."))
            continue
        ledger.batches.finish("b1", item.key, [file])
        ledger.deliveries.verify("b1", item.key, [(file.path, "file:///somewhere")])
    pages = gallery(read_record(ledger, batch, 90.0), lambda _: drawn.getvalue())
    made = {name: Page(data) for name, data in pages}
    ledger.close()
    return made


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
    made = Page(only_page(gallery(read_record(ledger, batch, 90.0), lambda file: b"")))
    ledger.close()
    assert len(made.all("section")) == 3
    headings = [h2 for h2 in made.all("h2") if h2.get("class") != "title"]
    assert len(headings) == 3
    assert "Without a category" in made.text  # they are not of the group above
    places = [made.text.index(words) for words in ("Task 0", "Task 2", "Task 1", "Task 3")]
    assert places == sorted(places)
    assert len(made.all("script")) == 1
    assert not made.thumbnails
    assert "SKETCH" not in made.text
