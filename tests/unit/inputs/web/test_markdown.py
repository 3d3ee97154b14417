"""Saved web pages read as text in Markdown."""

from pathlib import Path

import pytest

from pressrun.errors import InputError
from pressrun.inputs.articles.document import read_document_file, read_document_text
from pressrun.inputs.articles.rows import Defaults, read_rows_text
from pressrun.inputs.prompts.bounded import read_prompt_file, read_prompts, shown_text
from pressrun.inputs.web.markdown import readable

SAID = "Read from the page's text, without navigation and the like; lines are those of it."
PAGE = """<!DOCTYPE html>
<html><head><title>Ideas | Site</title><style>p {color: red}</style></head><body class="home menu">
<header><a href="/">The site</a><nav><ul><li>Home</li><li>Blog</li></ul></nav></header>
<div class="cookie-banner"><p>We use cookies.</p><ul><li>Accept all</li></ul></div>
<div class="content">
<h1>Article ideas for bakers</h1>
<p>What we <b>want</b> to write<br>next year.</p>
<h2>Bread</h2>
<ul><li>How to keep a sourdough alive <ul><li>in summer</li></ul></li>
<li><a href="/rye">Rye or wheat: which one is healthier?</a></li>
<li><del>Why crusts crack in the oven</del></li></ul>
<ol start="4"><li><p>Ten cakes for a birthday party</p></li>
<li><input type="checkbox" checked> Cheesecake without an oven</li></ol>
<table><tr><th>Keyword</th><th>Volume</th></tr><tr><td rowspan="2">rye | bread</td><td>200</td></tr>
<tr><td><p>30</p><p>40</p></td></tr></table>
<img src="a.png" alt="A cake"><script>alert("x")</script><p style="display: none">Hidden</p>
</div>
<footer><ul><li>Imprint</li></ul></footer></body></html>"""


def test_a_page_keeps_headings_lists_and_tables_without_what_is_the_sites() -> None:
    found = readable(PAGE)
    assert found.text == (
        "# Article ideas for bakers\n\nWhat we want to write\nnext year.\n\n## Bread\n\n"
        "- How to keep a sourdough alive\n    - in summer\n"
        "- Rye or wheat: which one is healthier?\n- ~~Why crusts crack in the oven~~\n"
        "4. Ten cakes for a birthday party\n- [x] Cheesecake without an oven\n\n"
        "| Keyword | Volume |\n| --- | --- |\n| rye \\| bread | 200 |\n| rye \\| bread | 30<br>40 |"
    )
    assert found.notes == (SAID, "Left out of the page: 1 picture.")


def test_titles_that_are_links_stay_headings() -> None:
    titles = "".join(f"<div><h3><a href='/{n}'>Topic {n}</a></h3></div>" for n in range(3))
    found = readable(f"<html><body><main><h1>All</h1>{titles}</main></body></html>")
    assert found.text == "# All\n\n### Topic 0\n\n### Topic 1\n\n### Topic 2"


def test_a_text_that_is_no_page_stays_as_it_is() -> None:
    text = "Use <b>bold</b> print\n<html> is a tag"
    assert readable(text).text is text


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<html><body><nav>Home</nav></body></html>", "The page has no text"),
        ("<html><body>" + "<p>" * 150_001, "more than 150,000 tags"),
    ],
)
def test_a_page_without_text_is_refused(page: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        readable(page)


def test_a_page_of_any_depth_is_read_within_bounds() -> None:
    deep = f"<html><body><p>Some words of it</p>{'<div>' * 20_000}x"
    assert readable(deep).text.startswith("Some words of it")


def test_topics_of_a_page_are_its_list(tmp_path: Path) -> None:
    ideas = "".join(f"<li>How to bake {kind} at home</li>" for kind in ("rye", "spelt", "oats"))
    page = f"<!doctype html><html><body><h1>Blog post ideas</h1><ul>{ideas}</ul></body></html>"
    path = tmp_path / "ideas.html"
    path.write_text(page)
    subjects = [f"How to bake {kind} at home" for kind in ("rye", "spelt", "oats")]
    for given in (
        read_document_text(page, "topic", Defaults()),
        read_document_file(path, "topic", Defaults()),
    ):
        assert [row.subject for row in given.rows] == subjects
        assert given.notes[0] == SAID
        assert given.text.startswith("# Blog post ideas\n\n- How to bake rye")
    assert [row.subject for row in read_rows_text(page, "keywords", Defaults()).rows] == subjects


def test_a_page_in_an_encoding_of_its_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ideas.html"
    page = (
        '<html><head><meta charset="shift_jis"></head><body><p>パンの焼き方 その他</p><p>a b c</p>'
    )
    path.write_bytes(page.encode("shift_jis"))
    given = read_document_file(path, "topic", Defaults())
    assert given.rows[0].subject == "パンの焼き方 その他"


def test_prompts_of_a_page_are_read_and_shown_to_a_model_as_its_text(tmp_path: Path) -> None:
    items = "".join(f"<li>A watercolor of a {kind} in soft light</li>" for kind in ("fox", "hen"))
    page = f"<!doctype html><html><body><h1>Prompts</h1><ol>{items}</ol></body></html>"
    path = tmp_path / "prompts.html"
    path.write_text(page)
    for parsed in (read_prompts(page), read_prompt_file(path)):
        assert [task.specific_prompt for task in parsed.tasks] == [
            "A watercolor of a fox in soft light",
            "A watercolor of a hen in soft light",
        ]
        assert parsed.warnings[0] == SAID
    assert shown_text(page).startswith("# Prompts\n\n1. A watercolor of a fox")


def test_prompts_that_are_struck_out_are_left_out() -> None:
    struck = "2. ~~A watercolor of a hen~~"
    parsed = read_prompts(f"1. A watercolor of a fox\n{struck}\n3. An oil painting")
    assert [task.specific_prompt for task in parsed.tasks] == [
        "A watercolor of a fox",
        "An oil painting",
    ]
    assert (struck, "struck out") in [(line.text, line.why) for line in parsed.left_out]
