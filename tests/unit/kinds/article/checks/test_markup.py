"""What a body may not have: raw HTML, and addresses beside the named source."""

import pytest

from pressrun.kinds.article.checks.markup import addresses, raw_html, same_address


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("a <b>bold</b> word", ["<b>", "</b>"]),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
        ("<SCRIPT src=//x.example>", ["<SCRIPT src=//x.example>"]),
        ("text <img src=x onerror=alert(1)> text", ["<img src=x onerror=alert(1)>"]),
        ("<!-- seen by nobody -->", ["<!-- seen by nobody -->"]),
        ("> quoted <i>", ["<i>"]),
        ("| a |\n|---|\n| <u> |", ["<u>"]),
        ("## A <br> heading", ["<br>"]),
    ],
)
def test_html_is_found_wherever_it_stands(markdown: str, found: list[str]) -> None:
    assert raw_html(markdown) == found


@pytest.mark.parametrize(
    "markdown",
    [
        "`<script>` is a tag",
        "```html\n<script>alert(1)</script>\n```",
        "    <script>",
        "2 < 3 and 4 > 3",
        "a \\<b> and &lt;b&gt;",
        "<https://a.example>",
    ],
)
def test_code_and_signs_are_no_html(markdown: str) -> None:
    assert raw_html(markdown) == []


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("[a](https://a.example/x)", ["https://a.example/x"]),
        ("[a](//a.example)", ["//a.example"]),
        ("[a](javascript:alert(1))", ["javascript:alert(1)"]),
        ("[a](<data:text/html,x>)", ["data:text/html,x"]),
        ("![seen](https://a.example/p.png)", ["https://a.example/p.png"]),
        ("<mailto:a@a.example>", ["mailto:a@a.example"]),
        ("See [a].\n\n[a]: https://a.example", ["https://a.example"]),
        ("Nothing.\n\n[hidden]: https://a.example", ["https://a.example"]),
        ("See https://a.example/x, or www.b.example.", ["https://a.example/x", "www.b.example"]),
        ("ftp://a.example/x, mailto:a@b.example", ["ftp://a.example/x", "mailto:a@b.example"]),
        ("An address begins with mailto: or http: as a rule.", []),
        ("[https://a.example](https://b.example)", ["https://b.example", "https://a.example"]),
    ],
)
def test_every_address_is_found_that_some_program_makes_a_link_of(
    markdown: str, found: list[str]
) -> None:
    assert addresses(markdown) == found


@pytest.mark.parametrize("markdown", ["`https://a.example`", "```\nhttps://a.example\n```", "a.b"])
def test_an_address_in_code_leads_nowhere(markdown: str) -> None:
    assert addresses(markdown) == []


def test_an_address_is_the_same_however_it_is_written() -> None:
    assert same_address("https://a.example/", "https://a.example")
    assert same_address("https://a.example/%C3%A4 b", "https://a.example/\u00e4%20b")
    assert not same_address("https://a.example.evil.example", "https://a.example")
    assert not same_address("", "https://a.example")
