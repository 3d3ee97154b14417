"""What an article is checked for; each fault is a sentence that a model can act on."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.inputs.articles.word_range import WordRange
from pressrun.kinds.article.checks.claims import ArticleSources
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, count_words, faults

SENTENCES = (
    "Nobody who has watched the garden for a whole summer doubts that every month brings a guest.",
    "In the early morning the air is cold, and only the largest insects have begun to move around.",
    "A neighbour told me that she counts them while the water for her tea is still heating up.",
    "What looks like wandering is in truth a careful round, with the same stops made every day.",
    "Rain changes the plan at once, since wet wings are heavy and the way back home is long.",
    "By noon the lavender hums so loudly that people who pass on the street turn their heads.",
    "Some stay through the night under a leaf, holding on with their jaws till the sun comes back.",
    "The old wall on the south side keeps its warmth for hours and so it is the best seat in town.",
)
HEADINGS = ("Where a bee hotel stands", "What to fill it with", "How to keep it clean")
META = "A bee hotel needs sun, dry wood and clean holes: where to put one and how to look after it."


def body(words: int = 1200, headings: tuple[str, ...] = HEADINGS, every: int = 8) -> str:
    """Prose of exactly so many words; each sentence has its number, so that none is repeated."""
    parts: list[str] = []
    left = words - sum(len(heading.split()) for heading in headings)
    number = 0
    per_part = left // len(headings)
    for place, heading in enumerate(headings):
        size = left - per_part * (len(headings) - 1) if place == len(headings) - 1 else per_part
        text: list[str] = []
        while len(text) < size:
            number += 1
            start = "A bee hotel is no toy." if number % every == 0 else f"Note {number}:"
            text += [*start.split(), *SENTENCES[number % len(SENTENCES)].split()]
        parts += [f"## {heading}", " ".join(text[:size])]
    return "\n\n".join(parts)


GOOD = ArticleDraft(
    title="A bee hotel for every garden",
    slug="bee-hotel-garden",
    summary="Where to put it and how to look after it.",
    meta_description=META,
    headings=HEADINGS,
    body=body(),
    keywords=("bee hotel", "lavender"),
)
WANTED = WantedArticle(
    words=WordRange.around(1200), language="en", primary="bee hotels", secondary=("lavender",)
)


def test_a_good_article_has_no_faults() -> None:
    assert count_words(GOOD.body) == 1200
    assert faults(GOOD, WANTED) == []


def test_without_keywords_none_is_asked_for() -> None:
    plain = replace(GOOD, title="A house", meta_description="x" * 60, body=body(every=10**6))
    assert faults(plain, WantedArticle(WordRange.around(1200), "en")) == []


@pytest.mark.parametrize(
    ("words", "good"), [(1079, False), (1080, True), (1320, True), (1321, False)]
)
def test_the_length_may_differ_by_a_tenth(words: int, good: bool) -> None:
    said = [] if good else [f"The article has {words:,} words; 1,080 to 1,320 are asked."]
    assert faults(replace(GOOD, body=body(words)), WANTED) == said


def test_a_chinese_article_is_measured_in_characters() -> None:
    sentence = "蜜蜂清晨离开蜂巢,傍晚天气变冷的时候才会回来。"
    text = "## 花园\n\n" + sentence * 5 + "\n\n## 蜂巢\n\n" + sentence * 5
    draft = ArticleDraft("花园", "garden", "花园。", "花" * 60, ("花园", "蜂巢"), text, ())
    assert faults(draft, WantedArticle(WordRange.around(count_words(text)), "zh")) == []


FAULTY: list[tuple[str, Callable[[ArticleDraft], ArticleDraft], str]] = [
    ("no title", lambda d: replace(d, title=" "), "The title is empty"),
    ("no summary", lambda d: replace(d, summary=""), "The summary is empty"),
    (
        "short meta description",
        lambda d: replace(d, meta_description="A bee hotel."),
        "The meta description has 12 characters; 50 to 160 are asked.",
    ),
    (
        "long meta description",
        lambda d: replace(d, meta_description="bee hotel " * 17),
        "The meta description has 169 characters; 50 to 160 are asked.",
    ),
    ("slug with capitals", lambda d: replace(d, slug="Bee-Hotel"), "The slug should be"),
    ("slug that climbs", lambda d: replace(d, slug="../../etc"), "The slug should be"),
    ("slug with a newline", lambda d: replace(d, slug="bee-hotel\n"), "The slug should be"),
    ("short slug", lambda d: replace(d, slug="be"), "The slug should be"),
    (
        "raw HTML",
        lambda d: replace(d, body=d.body + "<script>alert(1)</script>"),
        'The body has raw HTML: "<script>", "</script>". Write markdown, and tags as code.',
    ),
    (
        "a link",
        lambda d: replace(d, body=d.body + " [here](https://other.example)"),
        'The body leads to "https://other.example"; give no addresses.',
    ),
    (
        "too few headings",
        lambda d: replace(d, body=body(headings=HEADINGS[:2]), headings=HEADINGS[:2]),
        "The body has 2 headings of level 2 (##); at least 3 are asked.",
    ),
    (
        "a heading that is listed only",
        lambda d: replace(d, headings=(*HEADINGS, "The end")),
        'These listed headings are not in the body: "The end".',
    ),
    (
        "a heading that is not listed",
        lambda d: replace(d, headings=HEADINGS[:2]),
        'not in the list of headings: "How to keep it clean".',
    ),
    (
        "keyword not in the title",
        lambda d: replace(d, title="A house for insects"),
        'The keyword "bee hotels" is not in the title.',
    ),
    (
        "keyword not in the meta description",
        lambda d: replace(d, meta_description="x" * 80),
        'The keyword "bee hotels" is not in the meta description.',
    ),
    (
        "keyword in no heading",
        lambda d: replace(
            d, body=d.body.replace("Where a bee hotel", "Where the house"),
            headings=("Where the house stands", *HEADINGS[1:]),
        ),
        'The keyword "bee hotels" is in no heading of the body',
    ),
    (
        "a mark of the request",
        lambda d: replace(d, summary="As `source_text` says."),
        'The text has marks of the request in it: "source_text". Leave them out.',
    ),
    (
        "secondary keyword missing",
        lambda d: replace(d, body=d.body.replace("lavender", "clover")),
        'These keywords are not in the text: "lavender".',
    ),
    (
        "placeholder",
        lambda d: replace(d, body=d.body + "\n\n[insert a closing line]"),
        'There is placeholder text: "[insert a closing line]".',
    ),
    (
        "placeholder in the summary",
        lambda d: replace(d, summary="TODO"),
        'There is placeholder text: "TODO".',
    ),
    ("open fence", lambda d: replace(d, body=d.body + "\n\n```\nx"), "block of code is not closed"),
    (
        "refusal",
        lambda d: replace(d, body="I'm sorry, but I can't help with that."),
        "The text refuses to be an article",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), [pytest.param(c, s, id=n) for n, c, s in FAULTY])
def test_a_fault_is_told_alone_and_in_one_line(
    change: Callable[[ArticleDraft], ArticleDraft], said: str
) -> None:
    found = faults(change(GOOD), WANTED)
    assert [said in fault for fault in found] == [True]
    assert "\n" not in found[0]


def test_marks_are_allowed_where_they_are_code() -> None:
    text = GOOD.body.replace("Note 3:", "`{{name}}`", 1) + "\n\n```\n# TODO: x\n{{ y }}\n```\n"
    assert faults(replace(GOOD, body=text), WANTED) == []


def test_headings_may_be_listed_with_their_marks_and_deeper_ones_left_out() -> None:
    text = GOOD.body + "\n\n### A last word\n\nIt is done."
    marked = tuple(f"## {heading.upper()}" for heading in HEADINGS)
    assert faults(replace(GOOD, body=text, headings=marked), WANTED) == []
    listed = (*HEADINGS, "A last word")
    assert faults(replace(GOOD, body=text, headings=listed), WANTED) == []


def test_the_title_may_stand_in_the_body_and_in_the_list() -> None:
    text = f"# {GOOD.title}\n\n{GOOD.body}"
    listed = (GOOD.title, *HEADINGS)
    assert faults(replace(GOOD, body=text, headings=listed), WANTED) == []
    assert faults(replace(GOOD, headings=listed), WANTED) == []


def test_another_language_is_a_fault() -> None:
    found = faults(GOOD, replace(WANTED, language="de"))
    assert found == ["The text is in the language 'en'; 'de' is asked."]


def test_few_words_tell_no_language() -> None:
    short = "Die Bienen fliegen heute sehr hoch."
    assert not any("language" in fault for fault in faults(replace(GOOD, body=short), WANTED))


def test_a_near_copy_of_another_item_is_named() -> None:
    others = {"article_01": body(900, ("One", "Two")), "article_02": "Something else altogether."}
    [fault] = faults(GOOD, WANTED, others)
    assert "article_01" in fault
    assert faults(GOOD, WANTED, {"article_02": others["article_02"]}) == []


def test_words_of_the_source_are_counted_against_the_setting() -> None:
    source = " ".join(GOOD.body.split()[:600])
    [fault] = faults(GOOD, replace(WANTED, source=source))
    assert "100% of the wording is that of the source; at most 50% may be." in fault
    assert faults(GOOD, replace(WANTED, source=source, most_similarity=1.0)) == []
    assert faults(GOOD, replace(WANTED, source="Quite another text about paper and wasps.")) == []


def test_what_a_fault_quotes_stays_short_and_on_one_line() -> None:
    draft = replace(GOOD, headings=tuple(f"{n}\n" + "x" * 500 for n in range(40)))
    assert all("\n" not in fault and len(fault) < 700 for fault in faults(draft, WANTED))


@given(st.text(max_size=400), st.text(max_size=30))
def test_any_answer_can_be_judged(text: str, keyword: str) -> None:
    draft = ArticleDraft(text[:40], text[:10], text, text, (text,), text, (keyword,))
    assert faults(
        draft, WantedArticle(WordRange(180, 220), "en", keyword, (keyword,), text), {"a": text}
    )


def test_a_link_to_the_named_source_is_no_fault() -> None:
    named = replace(WANTED, source_urls=("https://source.example/a",))
    linked = replace(GOOD, body=GOOD.body + " [there](https://source.example/a)")
    assert faults(linked, named) == []
    foreign = replace(GOOD, body=GOOD.body + " [there](https://source.example.evil.example/a)")
    (said,) = faults(foreign, named)
    assert said == (
        'The body leads to "https://source.example.evil.example/a"; '
        "link to nothing but https://source.example/a."
    )


def test_the_id_of_a_source_in_the_text_is_a_fault() -> None:
    wanted = replace(WANTED, sources=ArticleSources({"S1": GOOD.body}, "", "en"))
    cited = replace(GOOD, body=GOOD.body + " As said [S1].")
    assert faults(cited, wanted) == [
        'The text has marks of the request in it: "[S1]". Leave them out.'
    ]
    assert faults(replace(GOOD, body=GOOD.body + " The train (S1) is late."), WANTED) == []
