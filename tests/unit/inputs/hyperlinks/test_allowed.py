"""The pages that articles may lead to, as people list them."""

import pytest

from pressrun.inputs.hyperlinks.allowed import AllowedLink, read_links

MUGS = AllowedLink("https://shop.example/mugs?a=1", "Mugs of clay")


@pytest.mark.parametrize(
    "line",
    [
        "https://shop.example/mugs?a=1 Mugs of clay",
        "Mugs of clay\thttps://shop.example/mugs?a=1",
        "Mugs of clay: https://shop.example/mugs?a=1",
        "- [Mugs of clay](https://shop.example/mugs?a=1)",
        "https://shop.example/mugs?a=1; Mugs of clay",
    ],
)
def test_a_link_is_read_in_any_order(line: str) -> None:
    assert read_links(f"\n{line}\n{line}\n") == ((MUGS,), [])


def test_what_is_no_link_is_said_with_its_line() -> None:
    links, problems = read_links("https://a.example\nMugs\nhttps://b.example https://c.example B\n")
    assert links == ()
    assert [problem.partition(":")[0] for problem in problems] == ["line 1", "line 2", "line 3"]
    assert "has no title" in problems[0]
    assert "has no addresses" in problems[1]
    assert "has 2 addresses" in problems[2]


def test_more_than_a_prompt_should_carry_is_refused() -> None:
    lines = "\n".join(f"https://a.example/{n} Page {n}" for n in range(201))
    assert read_links(lines)[1] == ["There are 201 links. Keep 200 at most."]
