"""The offline engine's articles: labelled drafts of the asked length, from the order's words."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressrun.engines.base import TextRequest
from pressrun.engines.sketch.article import read_theme, write_article
from pressrun.engines.sketch.engine import SketchEngine
from pressrun.errors import Refused
from pressrun.inputs.articles.word_range import WordRange
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, count_words, faults
from pressrun.kinds.article.checks.shingles import similarity
from pressrun.kinds.article.checks.warnings import warnings
from pressrun.kinds.article.prompt import ArticleAnswer, Outline
from tests.support.articles import TOPICS

SOURCE = (
    "The harbour of Esbjerg opened in 1874 and has grown to 4.5 million square metres. Its "
    "engineers at Port Esbjerg handle wind turbines, and in 2019 they moved 24% more of them "
    "than before. "
) * 3


@pytest.fixture(scope="module")
def engine() -> Iterator[SketchEngine]:
    engine = SketchEngine()
    yield engine
    engine.close()


def request(subject: str = TOPICS[0], seed: int = 1001, **brief: Any) -> TextRequest:
    told = {"kind": "article", "subject": subject, "word_count": 600, "language": "en"} | brief
    return TextRequest("sketch", "Write.", ArticleAnswer, seed=seed, brief=told)


def draft(asked: TextRequest) -> ArticleDraft:
    answer = write_article(asked)
    return ArticleDraft(**answer | {n: tuple(answer[n]) for n in ("headings", "keywords")})


def test_an_outline_and_its_article_fit_their_shapes_and_each_other(engine: SketchEngine) -> None:
    outline = Outline.model_validate_json(engine.text(request(kind="article_outline")).text)
    headings = [section.heading for section in outline.sections]
    answer = ArticleAnswer.model_validate_json(engine.text(request(headings=headings)).text)
    assert answer.headings == headings
    assert [line[3:] for line in answer.body.splitlines() if line.startswith("## ")] == headings


def test_the_same_request_gives_the_same_draft_and_another_seed_another() -> None:
    assert write_article(request()) == write_article(request())
    assert write_article(request())["body"] != write_article(request(seed=1002))["body"]


def test_a_draft_says_what_it_is_first_and_in_its_summary() -> None:
    made = draft(request())
    assert made.body.startswith("*Sketch draft:")
    assert made.summary.startswith("Sketch draft")
    assert made.meta_description.startswith("Sketch draft")


@pytest.mark.parametrize("words", [200, 450, 1200, 3000, 5000])
def test_a_draft_has_the_asked_length_and_passes_every_check(words: int) -> None:
    keywords = ("bicycle puncture", "tyre levers", "patch kit")
    made = draft(request(word_count=words, keywords=keywords))
    assert abs(count_words(made.body) - words) <= words * 0.1
    wanted = WantedArticle(
        WordRange.around(words), "en", primary=keywords[0], secondary=keywords[1:]
    )
    assert faults(made, wanted) == []


@pytest.mark.parametrize(
    "primary",
    ["bread", "breads", "storage", "C++", "node.js", "what to do with stale bread in the morning"],
)
def test_any_primary_keyword_comes_neither_too_seldom_nor_too_often(primary: str) -> None:
    made = draft(request(subject=primary, keywords=(primary,), word_count=800))
    wanted = WantedArticle(WordRange.around(800), "en", primary=primary)
    assert faults(made, wanted) == warnings(made, wanted) == []


@pytest.mark.parametrize("words", [200, 1200, 5000])
def test_drafts_of_a_batch_are_no_near_copies_even_on_the_same_subject(words: int) -> None:
    subjects = (*TOPICS, *TOPICS[:2])
    bodies = [
        draft(request(subject, seed=n * 1000 + 1, word_count=words)).body
        for n, subject in enumerate(subjects, 1)
    ]
    assert max(similarity(a, b) for a, b in combinations(bodies, 2)) < 0.35


def test_a_draft_of_a_source_keeps_its_numbers_and_names_and_not_its_sentences() -> None:
    made = draft(request("Esbjerg", material=SOURCE))
    for fact in ("1874", "4.5", "2019", "24%", "Port Esbjerg"):
        assert f"- {fact}" in made.body
    assert similarity(made.body, SOURCE) < 0.2
    assert (
        faults(made, WantedArticle(WordRange.around(600), "en", source=SOURCE, most_similarity=0.5))
        == []
    )


def test_another_language_is_refused_with_what_to_do(engine: SketchEngine) -> None:
    with pytest.raises(Refused, match=r"writes English only\. Choose another text model"):
        engine.text(request(language="de"))


def test_marks_of_markdown_in_a_subject_are_no_markup_in_the_draft() -> None:
    body = draft(
        request("Buy [now](javascript:alert) *today* <script>x</script>\n# Not a title")
    ).body
    assert not set("[]<>`|").intersection(body)
    assert "\n# " not in body


@settings(max_examples=60)
@given(subject=st.text(max_size=120), words=st.integers(200, 700), seed=st.integers(0, 10**6))
def test_whatever_the_subject_a_draft_of_the_length_comes(
    subject: str, words: int, seed: int
) -> None:
    answer = write_article(request(subject, seed=seed, word_count=words))
    ArticleAnswer.model_validate_json(json.dumps(answer))
    assert abs(count_words(answer["body"]) - words) <= words * 0.1


def test_a_theme_is_read_from_whatever_is_given() -> None:
    theme = read_theme("", (), "")
    assert (theme.topic, theme.keywords, theme.terms) == ("the subject", (), ())
    theme = read_theme("Solar roofs for old houses", ("solar roof",), "Roofs and panels, panels!")
    assert theme.topic == "solar roof"
    assert theme.terms[0] == "solar"
    assert "panels" in theme.terms
