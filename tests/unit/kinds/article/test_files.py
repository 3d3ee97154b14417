"""The files of an article: what a model wrote is data in each of them."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image
from ruamel.yaml import YAML

from pressrun.kinds.article.approval import approved
from pressrun.kinds.article.docx import docx_of
from pressrun.kinds.article.files import HEAD, Approval, Article, about_of, files_of
from pressrun.kinds.article.html import html_of
from pressrun.kinds.article.pictures.placing import ArticlePictures
from pressrun.kinds.base import Output
from tests.support.articles import answer_of, illustrated_of, settings_of, spec_of

EVIL = """## <script>alert(1)</script>

[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](//evil.example)
[e](https://good.example/?a=1&b="2) ![seen](https://tracker.example/p.png) <img src=x onerror=y>
<https://auto.example> [ref] <a href="https://raw.example">raw</a>

[ref]: vbscript:x "title"
"""


#: JSON-LD, which no browser runs.
DATA = b'<script type="application/ld+json">'


class Page(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def article(spec: dict[str, Any] | None = None, docx_: bool = False, **changes: Any) -> Article:
    spec = spec or spec_of()
    answer = answer_of(spec, **changes)
    return Article("b1", "article_01", spec, settings_of(docx=docx_), answer, 300, (("x",),), 0.25)


def front_matter(markdown: str) -> dict[str, Any]:
    _, matter, _ = markdown.split("---\n", 2)
    read: dict[str, Any] = YAML(typ="safe").load(matter)
    return read


def made(article: Article) -> dict[str, bytes]:
    return {output.path.rpartition(".")[2]: output.data for output in files_of(article)}


def test_an_article_is_markdown_html_and_json_and_word_if_asked() -> None:
    plain = [(o.path, o.media_type) for o in files_of(article())]
    assert plain == [
        ("01-repairing-a-bicycle-puncture.md", "text/markdown"),
        ("01-repairing-a-bicycle-puncture.html", "text/html"),
        ("01-repairing-a-bicycle-puncture.json", "application/json"),
    ]
    assert files_of(article(docx_=True))[3].path == "01-repairing-a-bicycle-puncture.docx"


def test_made_again_every_file_has_the_same_bytes() -> None:
    assert files_of(article(docx_=True)) == files_of(article(docx_=True))


@pytest.mark.parametrize(
    ("slug", "title", "name"),
    [
        ("../../etc/passwd", "T", "etc-passwd"),
        ("UPPER case_slug", "T", "upper-case-slug"),
        ("???", "Über Straße & Œuvre", "uber-strasse-oeuvre"),
        ("", "???", "repairing-a-bicycle-puncture"),
        ("x" * 500, "T", "x" * 60),
        ("a\x00b/..\\c", "T", "a-b-c"),
    ],
)
def test_a_files_name_is_made_here_whatever_the_model_says(
    slug: str, title: str, name: str
) -> None:
    found = article(slug=slug, title=title).slug
    assert found.replace("ab", "a-b") == name


def test_front_matter_is_read_back_as_it_was_written() -> None:
    evil = 'No: "x", # hash, {{x}}, *a, &b, !!python/object, 2026-01-01\n---\nkey: v\u2028\x85\x1b'
    matter = front_matter(
        made(article(title=evil, summary=evil, keywords=["yes", "1e3"]))["md"].decode()
    )
    assert matter["title"].startswith('No: "x", # hash, {{x}}, *a, &b, !!python/object')
    assert matter["summary"] == evil
    assert matter["keywords"] == ["yes", "1e3"]
    assert (matter["ai_generated"], matter["draft"], matter["words"]) == (True, True, 300)


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_words_make_front_matter_that_can_be_read(words: str) -> None:
    matter = front_matter(
        made(article(title=words, summary=words, keywords=[words]))["md"].decode()
    )
    assert matter["item"] == "article_01"
    assert isinstance(matter["summary"], str)


def test_the_page_has_no_script_no_picture_and_links_to_web_addresses_only() -> None:
    page = Page(made(article(body=EVIL, title="<script>alert(0)</script>"))["html"].decode())
    assert page.all("script") == [{"type": "application/ld+json"}]  # data, which no browser runs
    assert page.all("img") == []
    assert [(a["href"], a["rel"]) for a in page.all("a")] == [
        ("https://good.example/?a=1&b=%222", "nofollow noopener"),
        ("https://auto.example", "nofollow noopener"),
    ]
    assert "<script>alert(0)</script>" in page.text
    assert "seen" in page.text
    handlers = [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert handlers == []


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "script", "](", "[", "!", "javascript:", "http://", "`", "*", "\n", "- ",
             '"', "onload=", "<!--", "&#106;", "|", "    ", "x", "data:", "\\"]
        ),
        max_size=25,
    ).map("".join)
)  # fmt: skip
def test_no_markdown_becomes_an_element_that_acts(markdown: str) -> None:
    page = Page(html_of(markdown))
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"script", "img", "iframe", "style", "form"}
    )
    assert all((a["href"] or "").startswith("http") for a in page.all("a"))
    assert not [n for _, attrs in page.elements for n in attrs if n.startswith("on")]


def test_the_page_states_its_language_and_description() -> None:
    page = Page(made(article(spec_of(language="ar"), meta_description='"><b>'))["html"].decode())
    assert page.all("html") == [{"lang": "ar"}]
    assert {"name": "description", "content": '"><b>'} in page.all("meta")
    assert "A draft of the offline sketch engine" in page.text


def test_the_json_holds_the_answer_what_was_asked_and_what_was_wrong_before() -> None:
    data = made(article())["json"]
    content = json.loads(data)
    assert data.startswith(HEAD)
    assert content["asked"]["word_count"] == 300
    assert content["faults_of_earlier_answers"] == [["x"]]
    assert (content["cost_usd"], content["words"]) == (0.25, 300)


def test_an_article_on_a_trend_links_its_source_and_nothing_else_can_hide_there() -> None:
    source = {"title": "Tides ](x) <b>", "url": "https://news.example/a b)>", "summary": ""}
    files = made(article(spec_of(mode="trends", source=source)))
    (link,) = Page(files["html"].decode()).all("a")
    assert link["href"] == "https://news.example/a%20b)%3E"
    assert front_matter(files["md"].decode())["source"]["title"] == "Tides ](x) <b>"
    bad = made(article(spec_of(mode="trends", source=source | {"url": "javascript:alert(1)"})))
    assert Page(bad["html"].decode()).all("a") == []


def test_a_title_that_the_model_repeats_in_the_body_stands_once() -> None:
    page = Page(made(article(body="# Title\n\n## One\n\nwords"))["html"].decode())
    assert len(page.all("h1")) == 1


def paragraphs(markdown: str) -> list[tuple[str, str]]:
    document = docx.Document(io.BytesIO(docx_of("T", "S", "k", markdown)))
    return [(p.style.name if p.style else "", p.text) for p in document.paragraphs][2:]


def test_a_word_document_has_headings_lists_and_links_as_text() -> None:
    text = (
        "## Two\n\nplain\nnext [site](https://a.example) <https://b.example>\n\n"
        "1. one\n2. two\n   - deep\n\n4. other list\n\n> said\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n"
    )
    assert paragraphs(text) == [
        ("Heading 2", "Two"),
        ("Normal", "plain next site (https://a.example) https://b.example"),
        ("List Paragraph", "1.\tone"),
        ("List Paragraph", "2.\ttwo"),
        ("List Paragraph", "•\tdeep"),
        ("List Paragraph", "3.\tother list"),
        ("Quote", "said"),
        ("Normal", "a | b"),
        ("Normal", "1 | 2"),
        ("Normal", "code"),
    ]


def test_a_word_document_has_bold_and_italic_where_the_text_has() -> None:
    document = docx.Document(io.BytesIO(docx_of("T", "S", "k", "a **b _c_** d")))
    runs = [(run.text, bool(run.bold), bool(run.italic)) for run in document.paragraphs[2].runs]
    assert [run for run in runs if run[0]] == [
        ("a ", False, False),
        ("b ", True, False),
        ("c", True, True),
        (" d", False, False),
    ]


def test_a_word_document_takes_any_characters() -> None:
    assert made(article(docx_=True, title="a\x01b\ud7ff", body="## x\n\n\x0b\x00 \ufffe text"))[
        "docx"
    ]


def jpeg(*, jfif: bool = True) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (160, 90), "teal").save(out, "JPEG")
    data = out.getvalue()
    # Signed pictures begin with other segments: the one that says JFIF is no duty.
    return data if jfif else data[:2] + data[20:]


def illustrated(alt: str = "A wheel on a bench", data: bytes = b"", **changes: Any) -> Article:
    answer = illustrated_of(spec_of(), 2, **changes)
    records = tuple(
        one.model_dump()
        | {"alt": alt, "file": f"01-x-{n}.jpg", "width": 160, "height": 90, "cost_usd": 0.04}
        for n, one in enumerate(answer.pictures, 1)
    )
    files = tuple(Output(one["file"], "image/jpeg", data or jpeg()) for one in records)
    told = settings_of(docx=True, pictures=2)
    pictures = ArticlePictures(records, files)
    return Article("b1", "article_01", spec_of(), told, answer, 300, (), 0.25, pictures=pictures)


def test_pictures_stand_in_every_file_with_their_alternative_text() -> None:
    evil = 'A "wheel" <b>on</b> ![x](javascript:y) & a bench'
    article = illustrated(evil)
    files = {output.path: output.data for output in files_of(article)}
    assert list(files)[4:] == ["01-x-1.jpg", "01-x-2.jpg"]
    stem = "01-repairing-a-bicycle-puncture"
    page = Page(files[f"{stem}.html"].decode())
    shown = [(one["src"], one["alt"], one["width"], one["height"]) for one in page.all("img")]
    assert shown == [(f"01-x-{n}.jpg", evil, "160", "90") for n in (1, 2)]
    (policy,) = (one["content"] for one in page.all("meta") if "http-equiv" in one)
    assert "img-src 'self' data: file:;" in (policy or "")
    data = json.loads(re.findall(r"ld\+json\">(.*?)</script>", files[f"{stem}.html"].decode())[0])
    assert [(one["url"], one["caption"]) for one in data["image"]] == [
        ("01-x-1.jpg", evil),
        ("01-x-2.jpg", evil),
    ]
    matter = front_matter(files[f"{stem}.md"].decode())
    assert matter["images"] == [{"file": f"01-x-{n}.jpg", "alt": evil} for n in (1, 2)]
    markdown = MarkdownIt().parse(files[f"{stem}.md"].decode())
    images = [i for t in markdown for i in t.children or () if i.type == "image"]
    assert [(i.attrGet("src"), i.content.replace("\\", "")) for i in images] == [
        ("01-x-1.jpg", evil),
        ("01-x-2.jpg", evil),
    ]
    content = json.loads(files[f"{stem}.json"])
    assert [one["file"] for one in content["pictures"]] == ["01-x-1.jpg", "01-x-2.jpg"]
    assert files_of(article) == files_of(illustrated(evil))


@pytest.mark.parametrize("jfif", [True, False])
def test_a_word_document_holds_the_pictures_and_describes_them(jfif: bool) -> None:
    document = docx.Document(io.BytesIO(made(illustrated(data=jpeg(jfif=jfif)))["docx"]))
    found = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert found == ["A wheel on a bench"] * 2
    assert [round(shape.width.cm) for shape in document.inline_shapes] == [15, 15]


def test_an_article_says_that_its_pictures_are_made_too() -> None:
    told = settings_of(text_model="gemini-3.8-flash")
    assert about_of(replace(illustrated(), settings=told)).closing == (
        "Written and illustrated by AI."
    )
    assert about_of(replace(article(), settings=told)).closing == "Written by AI."


def test_an_article_without_pictures_says_nothing_of_them() -> None:
    files = made(article())
    assert json.loads(files["json"])["pictures"] == []
    assert b"image" not in DATA.join(files["html"].split(DATA)[1:])
    assert b"img-src" not in files["html"]
    assert "images" not in front_matter(files["md"].decode())


def test_an_approved_article_keeps_its_pictures_under_their_names() -> None:
    draft = illustrated(touches=["law"])
    before = files_of(draft)
    content = next(o.data for o in before if o.path.endswith(".json"))
    pictures = [replace(one, path=f"articles/{one.path}") for one in before[4:]]
    after = approved(content, draft.spec, draft.settings, "Ana", "2026-11-30", pictures)
    assert [o.path.removeprefix("draft-") for o in before] == [o.path for o in after]
    assert [o.data for o in after[4:]] == [o.data for o in before[4:]]
    assert Page(after[1].data.decode()).all("img") == Page(before[1].data.decode()).all("img")


def test_no_file_holds_a_script_that_a_page_would_run() -> None:
    evil = "<script>alert(1)</script>"
    files = made(article(title=evil, summary=evil, meta_description=evil, keywords=[evil]))
    for kind in ("md", "json", "html"):
        assert b"<script" not in files[kind].replace(b"\\<script", b"").replace(DATA, b"")
    assert front_matter(files["md"].decode())["summary"] == evil
    assert json.loads(files["json"])["summary"] == evil


def test_a_draft_says_so_everywhere_until_a_person_approves_it() -> None:
    draft = replace(
        article(docx_=True, touches=["law"]),
        settings=settings_of(
            docx=True, author="Ana", publisher="Shop", text_model="gemini-3.8-flash"
        ),
    )
    assert all(output.path.startswith("draft-01-") for output in files_of(draft))
    files = made(draft)
    assert front_matter(files["md"].decode())["awaits_approval"] == ["law"]
    assert "Draft on law: to be approved" in Page(files["html"].decode()).text
    words = [p.text for p in docx.Document(io.BytesIO(files["docx"])).paragraphs]
    assert words[1].startswith("Draft on law")
    final = replace(draft, approval=Approval("Eve Sund", "2026-11-30"))
    assert all(output.path.startswith("01-") for output in files_of(final))
    files = made(final)
    matter = front_matter(files["md"].decode())
    assert (matter["author"], matter["reviewed_by"]) == ("Ana", "Eve Sund")
    words = [p.text for p in docx.Document(io.BytesIO(files["docx"])).paragraphs]
    assert words[1] == "Ana · Shop"
    assert words[-1] == "Written by AI. Reviewed by Eve Sund, 2026-11-30."


def test_what_is_told_to_search_engines_is_known_and_ends_no_element() -> None:
    evil = '</script><script>alert(1)</script>&"'
    told = replace(article(title=evil), settings=settings_of(author=evil))
    page = made(told)["html"].decode()
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    read = json.loads(data)
    assert (read["headline"], read["author"]["name"]) == (evil, evil)
    assert {"publisher", "image", "aggregateRating", "dateModified"}.isdisjoint(read)
