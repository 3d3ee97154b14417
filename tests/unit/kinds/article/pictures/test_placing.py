"""Where the pictures of an article stand, in HTML, Word and markdown alike."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from pressrun.kinds.article.html import html_of, tokens_of
from pressrun.kinds.article.pictures.placing import (
    ArticlePictures,
    Illustration,
    illustration,
    with_pictures,
)
from pressrun.kinds.base import Output

EVIL = '"><script>alert(1)</script>](javascript:x)'
BODY = "Lead words.\n\n## One *thing*\n\ntext\n\nTwo\n---\nmore\n\n> ## Two\n\n## Two\nend"


class Order(HTMLParser):
    """Headings, pictures and words of a page, in their order."""

    def __init__(self, page: str):
        super().__init__()
        self.seen: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))
            self.seen.append(f"[{dict(attrs)['src']}]")

    def handle_data(self, data: str) -> None:
        self.seen += [data.strip()] if data.strip() else []


def picture(heading: str, name: str, **changes: Any) -> Illustration:
    return replace(Illustration(heading, f"Alt {name}", name, 16, 9), **changes)


PICTURES = [picture("", "a.jpg"), picture("One thing", "b.jpg"), picture("TWO", "c.jpg")]


def test_pictures_stand_above_the_text_and_below_the_first_heading_of_their_name() -> None:
    seen = Order(html_of(BODY, PICTURES)).seen
    assert seen[:5] == ["[a.jpg]", "Lead words.", "One", "thing", "[b.jpg]"]
    assert seen[5:] == ["text", "Two", "[c.jpg]", "more", "Two", "Two", "end"]


def test_markdown_has_them_at_the_same_places_and_reads_the_same() -> None:
    made = with_pictures(BODY, tokens_of(BODY), PICTURES)
    assert made == (
        "![Alt a.jpg](a.jpg)\n\nLead words.\n\n## One *thing*\n\n![Alt b.jpg](b.jpg)\n\ntext\n\n"
        "Two\n---\n\n![Alt c.jpg](c.jpg)\n\nmore\n\n> ## Two\n\n## Two\nend"
    )


def test_a_text_without_pictures_stays_as_it_is() -> None:
    assert with_pictures(BODY, tokens_of(BODY), []) == BODY
    assert html_of(BODY, []) == html_of(BODY)


def test_a_picture_whose_heading_is_gone_stands_above_the_text() -> None:
    assert Order(html_of(BODY, [picture("Gone", "d.jpg")])).seen[0] == "[d.jpg]"


def test_words_of_a_model_are_data_in_a_picture() -> None:
    made = Order(html_of("## x", [picture("x", "a.jpg", alt=EVIL, link="b?c=1&d")]))
    assert made.images == [{"src": "a.jpg", "alt": EVIL, "width": "16", "height": "9"}]
    line = with_pictures("## x", tokens_of("## x"), [picture("x", "a.jpg", alt=EVIL)])
    page = html_of(line)
    assert "javascript" not in page.replace("](javascript:x)", "")
    assert "<script" not in page


def test_an_alternative_text_is_one_line() -> None:
    record = {"heading": "", "alt": "a\n\n# b\x00 c", "width": 1, "height": 1}
    assert illustration(record, "a.jpg").alt == "a # b c"


def test_a_picture_that_is_missing_is_said_and_counted_nowhere_else() -> None:
    there = {"heading": "", "alt": "a", "file": "01-x-1.jpg", "width": 2, "height": 1}
    gone = {"heading": "H", "alt": "b", "missing": "It was blocked.", "kind": "blocked"}
    output = Output("01-x-1.jpg", "image/jpeg", b"jpeg")
    pictures = ArticlePictures(({**there, "cost_usd": 0.04}, gone), (output,))
    assert [one.source for one in pictures.shown] == ["01-x-1.jpg"]
    assert pictures.missing == ["Picture 2 is missing: It was blocked."]
    assert pictures.cost_usd == pytest.approx(0.04)
