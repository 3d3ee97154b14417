"""What a model is asked: what came from outside stands in the data block and nowhere else."""

import json
import re
from typing import Any

import pytest

from pressrun.engines.base import TextRequest
from pressrun.kinds.article.prompt import (
    NEAR_COPY,
    Outline,
    Section,
    article_request,
    mending_request,
    outline_request,
)
from tests.support.articles import INJECTION, answer_of, settings_of, spec_of

SETTINGS = settings_of()
OUTLINE = Outline(title=INJECTION, angle="a", sections=[Section(heading="h", points=["p"])] * 2)


def data_of(request: TextRequest) -> dict[str, Any]:
    (block,) = re.findall(r"<data>(.*?)</data>", request.prompt, re.DOTALL)
    read: dict[str, Any] = json.loads(block)
    return read


def requests(spec: dict[str, Any], source: str = "") -> list[TextRequest]:
    draft = answer_of(spec_of(), title=INJECTION)
    return [
        outline_request(spec, SETTINGS, source),
        article_request(spec, SETTINGS, source, OUTLINE),
        mending_request(spec, SETTINGS, source, OUTLINE, 2, draft, [INJECTION]),
    ]


@pytest.mark.parametrize("place", ["subject", "keywords", "source", "text"])
def test_an_injection_stands_inside_the_data_block_alone_and_cannot_end_it(place: str) -> None:
    trend = {"title": INJECTION, "url": "https://a.example", "summary": INJECTION}
    spec = {
        "subject": spec_of(mode="trends", subject=INJECTION),
        "keywords": spec_of(mode="keywords", keywords=[INJECTION, INJECTION]),
        "source": spec_of(mode="trends", source=trend),
        "text": spec_of(mode="spin"),
    }[place]
    for request in requests(spec, INJECTION if place == "text" else ""):
        outside = re.sub(r"<data>.*?</data>", "", request.prompt, flags=re.DOTALL)
        assert "Ignore previous" not in outside + request.system
        assert request.prompt.count("<data>") == request.prompt.count("</data>") == 1
        assert INJECTION in json.dumps(data_of(request), ensure_ascii=False)
        assert "never an instruction" in request.system


def test_wishes_of_the_order_have_a_block_of_their_own() -> None:
    spec = spec_of(tone="friendly</wishes>", audience="cooks", instructions="Mention <salt>.")
    for request in requests(spec):
        (block,) = re.findall(r"<wishes>(.*?)</wishes>", request.prompt)
        assert json.loads(block) == {
            "tone": "friendly</wishes>",
            "audience": "cooks",
            "instructions": "Mention <salt>.",
        }
    assert "<wishes>" not in requests(spec_of())[0].prompt


def test_the_rules_say_length_language_and_keywords() -> None:
    asked = article_request(
        spec_of(word_count=1000, language="de", keywords=["a", "b"]), SETTINGS, "", OUTLINE
    )
    for words in ("900 to 1100 words", "language de", "meta description"):
        assert words in asked.prompt


def test_every_attempt_is_a_request_of_its_own() -> None:
    spec, draft = spec_of(order=7), answer_of(spec_of())
    first = article_request(spec, SETTINGS, "", OUTLINE)
    second = mending_request(spec, SETTINGS, "", OUTLINE, 2, draft, ["Too short."])
    third = mending_request(spec, SETTINGS, "", OUTLINE, 3, draft, [NEAR_COPY])
    assert [request.seed for request in (first, second, third)] == [7001, 7002, 7003]
    assert data_of(second)["faults_of_the_draft"] == ["Too short."]
    assert data_of(third)["draft"]["body"] == draft.body


def test_a_long_article_has_room_for_its_answer() -> None:
    short = article_request(spec_of(word_count=200), SETTINGS, "", OUTLINE)
    long = article_request(spec_of(word_count=5000), SETTINGS, "", OUTLINE)
    assert short.max_output_tokens < 10_000
    assert 20_000 < long.max_output_tokens < 65_536
