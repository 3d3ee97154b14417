"""``index.html`` of an article batch: every article on one page, whatever words stand in it."""

import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressrun.errors import BadReply
from pressrun.kinds.article.files import Article, files_of
from pressrun.kinds.article.pictures.placing import NO_PICTURES, ArticlePictures
from pressrun.kinds.base import Output
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.reports.gallery.article_page import index
from pressrun.reports.gallery.page import page_part, source_hash
from pressrun.reports.manifest import read_record
from tests.support.articles import answer_of, settings_of, spec_of

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
BODY = f"## One {EVIL}\n\nSeen **here** [x](javascript:y) [z](https://a.example)\n\n## Two\n\nwords"


class Page(HTMLParser):
    """The elements of a page with their attributes, and its words."""

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
    tmp_path: Path,
    vault: Vault,
    *,
    url: str = "",
    lost: bool = False,
    changed: bytes = b"",
    pictures: ArticlePictures = NO_PICTURES,
) -> Page:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    settings = settings_of(text_model="gemini-3.8-flash")
    batch = Batch("b1", "article", EVIL, "/out", "r", settings, created_at=0.0)
    ledger.batches.create(
        batch,
        [
            PlannedItem("article_01", 1, f"Article 01: {EVIL}", spec_of()),
            PlannedItem("article_02", 2, f"Article 02: {EVIL}", {}, BadReply(EVIL, kind="bad")),
        ],
    )
    spec = spec_of(source={"title": EVIL, "url": "https://source.example"})
    answer = answer_of(spec_of(), title=f"Title {EVIL}", body=BODY, summary=EVIL)
    told = Article("b1", "article_01", spec, settings, answer, 1234, (), 0.0, pictures=pictures)
    outputs = files_of(told)
    files = [MadeFile(o.path, o.media_type, len(o.data), vault.put(o.data)) for o in outputs]
    ledger.batches.start("b1", "article_01")
    ledger.batches.finish("b1", "article_01", files)
    ledger.deliveries.verify("b1", "article_01", [(file.path, url) for file in files])
    if lost:
        vault.clear()
    record = read_record(ledger, batch, 90.0)
    ((_, data),) = index(record, lambda file: changed or vault.get(file.sha256))
    made = Page(data)
    ledger.close()
    return made


def test_every_article_can_be_read_on_it_and_reached_from_its_list(
    tmp_path: Path, vault: Vault
) -> None:
    made = page(tmp_path, vault)
    assert [s["id"] for s in made.all("section")] == ["item-1", "item-2"]
    links = [a["href"] for a in made.all("a")]
    assert links[:2] == ["#item-1", "#item-2"]
    name = "01-repairing-a-bicycle-puncture"
    assert {f"{name}.md", f"{name}.html", f"{name}.json", "https://source.example"} <= set(links)
    for words in ("Seen here", "1,234 words", "1 of 2 completed, 1 failed", "Written by AI"):
        assert words in made.text


def test_a_failed_article_stands_there_with_its_reason(tmp_path: Path, vault: Vault) -> None:
    assert EVIL in page(tmp_path, vault).text


def test_no_words_act_on_the_page(tmp_path: Path, vault: Vault) -> None:
    made = page(tmp_path, vault)
    assert made.all("img") == []
    assert len(made.all("script")) == 1  # ours, which leads back to the batch at the desk
    (policy,) = [one["content"] or "" for one in made.all("meta") if "http-equiv" in one]
    assert f"script-src '{source_hash(page_part('gallery_back.js'))}'" in policy
    assert not [n for _, attrs in made.elements for n in attrs if n.startswith("on")]
    assert not [a for a in made.all("a") if (a["href"] or "").startswith("javascript")]


def test_pictures_are_held_small_at_their_places_and_lead_to_their_files(
    tmp_path: Path, vault: Vault
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(out, "JPEG")
    records = tuple(
        {"heading": heading, "alt": EVIL, "file": f"01-x-{n}.jpg", "width": 1600, "height": 900,
         "cost_usd": 0.0}
        for n, heading in ((1, ""), (2, "Two"))
    )  # fmt: skip
    gone = {"heading": "", "alt": "a", "missing": "It was refused.", "kind": "blocked"}
    files = tuple(Output(str(one["file"]), "image/jpeg", out.getvalue()) for one in records)
    made = page(tmp_path, vault, pictures=ArticlePictures((*records, gone), files))
    images = made.all("img")
    assert [one["alt"] for one in images] == [EVIL, EVIL]
    assert all((one["src"] or "").startswith("data:image/jpeg;base64,") for one in images)
    names = [one["href"] for one in made.all("a") if one["href"] in ("01-x-1.jpg", "01-x-2.jpg")]
    assert names == ["01-x-1.jpg", "01-x-2.jpg"]
    assert "2 pictures" in made.text
    assert "img-src data:" in str(made.all("meta"))


def test_links_lead_to_the_destination_where_there_is_one(tmp_path: Path, vault: Vault) -> None:
    links = [a["href"] for a in page(tmp_path, vault, url="https://s3.example/k?s=1").all("a")]
    assert links.count("https://s3.example/k?s=1") == 3


@pytest.mark.parametrize("how", [{"lost": True}, {"changed": b"{"}, {"changed": b"[1]"}])
def test_an_article_that_cannot_be_read_back_is_left_out_and_linked(
    tmp_path: Path, vault: Vault, how: dict[str, Any]
) -> None:
    made = page(tmp_path, vault, **how)
    assert "Seen here" not in made.text
    assert "01-repairing-a-bicycle-puncture.html" in [a["href"] for a in made.all("a")]
