"""What a person should look at in an article, although it may be right."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pressrun.inputs.articles.word_range import WordRange
from pressrun.kinds.article.checks.claims import ArticleSources
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, faults
from pressrun.kinds.article.checks.warnings import warnings
from tests.unit.kinds.article.checks.test_faults import GOOD, HEADINGS, WANTED, body


def test_a_good_article_has_no_warnings() -> None:
    assert warnings(GOOD, WANTED) == []


@pytest.mark.parametrize(
    ("change", "language", "said"),
    [
        (lambda d: replace(d, body=body(every=10**6)), "en",
         'The keyword "bee hotels" stands once in 1,200 words; 4 to 36 times are usual.'),
        (lambda d: replace(d, body=body(every=1)), "en", "4 to 36 times are usual."),
        (lambda d: replace(d, body="Let us delve into it. " + d.body), "en",
         'Stock phrases: "delve into".'),
        (lambda d: replace(d, body="In today's fast-paced world bees hum.\n\n" + d.body), "en",
         "a stock opening"),
        (lambda d: replace(d, body="Warum summen Bienen? Darum.\n\n" + d.body), "de",
         "The first sentence is a question"),
        (lambda d: replace(d, body=d.body + "\n\n## Fazit\n\nAlles gut."), "de",
         'It ends with a summary of itself ("Fazit").'),
        (lambda d: replace(d, body=d.body + " So \u2014 it \u2014 is" * 10), "en", "20 dashes"),
    ],
)  # fmt: skip
def test_a_warning_is_one_sentence(
    change: Callable[[ArticleDraft], ArticleDraft], language: str, said: str
) -> None:
    assert any(said in one for one in warnings(change(GOOD), replace(WANTED, language=language)))


def test_facts_without_a_source_are_warnings_and_strict_ones_are_faults() -> None:
    sources = ArticleSources({"S1": body(1190)}, "", "en")
    draft = replace(GOOD, body=body(1190) + " It has 7,777 holes in it, as Pliny wrote.")
    wanted = replace(WANTED, sources=sources)
    said = warnings(draft, wanted)
    assert any(
        one.startswith("These numbers stand in no source") and "7,777" in one for one in said
    )
    assert 'These names stand in no source: "Pliny".' in said
    assert faults(draft, wanted) == []
    strict = replace(wanted, strict=True)
    assert any("7,777" in one and "leave it out" in one for one in faults(draft, strict))
    assert not any("7,777" in one for one in warnings(draft, strict))


def test_some_of_the_given_links_stand_in_the_body_and_no_other() -> None:
    urls = tuple(f"https://shop.example/{n}" for n in range(8))
    wanted = replace(WANTED, links=urls)
    assert faults(GOOD, wanted) == ["0 of the `links` stand in the body; 2 to 5 are asked."]

    def linked(*to: str) -> ArticleDraft:
        return replace(GOOD, body=GOOD.body + "".join(f" [it]({url})" for url in to))

    assert faults(linked(*urls[:2]), wanted) == faults(linked(*urls[:5]), wanted) == []
    assert faults(linked(*urls[:6]), wanted) == [
        "6 of the `links` stand in the body; 2 to 5 are asked."
    ]
    (invented,) = faults(linked(*urls[:2], "https://shop.example/9"), wanted)
    assert 'leads to "https://shop.example/9"' in invented
    assert faults(linked(urls[0]), replace(WANTED, links=urls[:1])) == []


def test_headings_are_asked_for_by_the_middle_of_the_range() -> None:
    assert (
        faults(replace(GOOD, headings=HEADINGS), WantedArticle(WordRange(1000, 1400), "en")) == []
    )
