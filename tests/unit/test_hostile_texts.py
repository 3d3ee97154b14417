"""Texts that are made to keep a parser busy: each holds two seconds of processor time.

A parser is quick, or its text is refused in that time. Measured is the processor's time of this
process and of the reading process, never the clock.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from pressrun.errors import InputError
from pressrun.inputs import confined
from pressrun.inputs.articles.answer import AnsweredTopic, TopicsAnswer
from pressrun.inputs.articles.document import GivenDocument, read_topics
from pressrun.inputs.articles.rows import Defaults, read_rows_file, read_rows_text, rows_in_text
from pressrun.inputs.articles.word_range import WordRange
from pressrun.inputs.confined import bounded, caller
from pressrun.inputs.confined.bounded import CPU_S, SMALL
from pressrun.inputs.prompts.bounded import read_answer, read_prompt_file, read_prompts
from pressrun.inputs.prompts.documents import parse_prompts
from pressrun.inputs.prompts.model import AnsweredTask, ParsedAnswer
from pressrun.inputs.tables.rows import read_manifest, read_rows
from pressrun.inputs.tiktok.links import check_links
from pressrun.kinds.article.checks.claims import ArticleSources
from pressrun.kinds.article.checks.faults import ArticleDraft, WantedArticle, faults
from pressrun.kinds.article.checks.warnings import warnings
from tests.support.pace import slowness, within

SIZE = 1_000_000
#: For the start of a reading process, which is no part of the reading.
START_S = 4.0

#: What is repeated until the text is as long as it shall be.
SHAPES = {
    "cells": "a,b\n",
    "tabs": "a\tb\n",
    "pairs": "a: b\n",
    "open quotes": '"a\n',
    "quotes": '"',
    "short lines": "a\n",
    "headings": "# h\n",
    "emphasis": "_a ",
    "strong": "**a ",
    "backticks": "`",
    "backticks of all lengths": "` `` ``` ",
    "brackets": "[",
    "pictures": "![",
    "links": "[a](",
    "angles": "<",
    "tags": "<a ",
    "comments": "<!--",
    "bars": "|a",
    "bars with lines": "|a|\n|-|\n",
    "quotations": "> ",
    "bullets": "- ",
    "numbers": "1. a\n",
    "dashes": "---\n",
    "spaces": " ",
    "blank lines": "\n",
    "returns": "\r",
    "braces": "{",
    "objects": '{"a":',
    "lists": "[[",
    "ampersands": "&amp;",
    "addresses": "https://a.b/",
    "commas": ",",
    "semicolons": "a;",
    "escapes": "\\",
    "accents": "a\u0301",
    "unseen": "\u200b",
    "emoji": "\U0001f600",
    "nested lists": "".join(" " * (2 * depth) + "- a\n" for depth in range(100)),
}


def hostile(shape: str, size: int = SIZE) -> str:
    piece = SHAPES[shape]
    return (piece * (size // len(piece) + 1))[:size]


def cpu_s() -> float:
    """What this process, its reading process and those before it have taken."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(
        sum(psutil.Process(process._process.pid).cpu_times()[:2])
        for process in caller._processes
        if process.usable()
    )
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def read_or_refused(parser: str, text: str, folder: Path) -> float:
    """The processor time that it takes, of which a text of any shape may have two seconds."""
    before = cpu_s()
    with suppress(InputError):
        PARSERS[parser](text, folder)
    return cpu_s() - before


@pytest.fixture(autouse=True, scope="module")
def reading_process() -> Iterator[None]:
    yield
    confined.close()


#: One task of a model's reading, so that all of the text is checked against it.
_ANSWER = ParsedAnswer(
    prefix="",
    suffix="",
    negative="",
    tasks=[AnsweredTask(prompt="a b", negative="", category="", level="", tags=[])],
    question="",
    remark="",
)
#: The same of topics, all of which the form is held against.
_TOPICS = TopicsAnswer(
    topics=[AnsweredTopic(topic="a b", keywords=["a"], notes="b a")], question="", remark="c"
)
PARSERS: dict[str, Callable[[str, Path], object]] = {
    "links": lambda text, _: check_links(read_rows(text).rows),
    "manifest": lambda text, folder: read_manifest(written(folder / "rows.csv", text)),
    "prompts": lambda text, _: read_prompts(text),
    "file of prompts": lambda text, folder: read_prompt_file(written(folder / "a.md", text)),
    "model's reading": lambda text, _: read_answer(text, _ANSWER),
    "topics": lambda text, _: read_rows_text(text, "topic", Defaults()),
    "model's reading of topics": lambda text, _: read_topics(
        GivenDocument([], text=text), _TOPICS, "topic", Defaults()
    ),
    "keywords": lambda text, _: read_rows_text(text, "keywords", Defaults()),
    "file of topics": lambda text, folder: read_rows_file(
        written(folder / "a.txt", text), "topic", Defaults()
    ),
    "texts": lambda text, _: read_rows_text(text, "spin", Defaults()),
}


@pytest.mark.long
@pytest.mark.parametrize("parser", ["links", "prompts", "topics", "texts"])  # others are these
def test_a_small_text_of_any_shape_is_read_here_in_time(tmp_path: Path, parser: str) -> None:
    slow = {
        shape: taken
        for shape in SHAPES
        if (taken := read_or_refused(parser, hostile(shape, SMALL), tmp_path)) > 2 * CPU_S
    }
    assert not slow


#: For each parser the shapes that took longest when these were written.
SLOWEST = {
    "links": ("bars",),
    "manifest": ("open quotes",),
    "prompts": ("cells", "nested lists"),
    "file of prompts": ("pairs",),
    "model's reading": ("short lines",),
    "model's reading of topics": ("pairs",),
    "topics": ("bars",),
    "keywords": ("semicolons",),
    "texts": ("ampersands",),
}


@pytest.mark.parametrize(
    ("parser", "shape"), [(parser, shape) for parser, shapes in SLOWEST.items() for shape in shapes]
)
def test_a_megabyte_is_read_or_refused_in_two_seconds(
    tmp_path: Path, parser: str, shape: str
) -> None:
    slow = slowness()
    taken = read_or_refused(parser, hostile(shape), tmp_path)
    assert taken < CPU_S + START_S * max(slow, slowness())


def test_what_takes_too_long_is_one_sentence_and_the_next_text_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded, "CPU_S", 0.01)
    with pytest.raises(InputError) as refused:
        read_rows(hostile("bars"))
    assert str(refused.value) == (
        "The list of links takes more than 0.01 s to read, so its reading was ended. Split it into "
        "several batches, or remove what is no link."
    )
    monkeypatch.undo()
    link = "https://www.tiktok.com/@a/photo/7000000000000000001"
    assert {row.link for row in read_rows(f"{link}\n" * 1000).rows} == {link}


def test_what_is_read_elsewhere_is_the_same_as_what_is_read_here(tmp_path: Path) -> None:
    text = "topic\twords\n" + "".join(f"Tides of {n}\t{300 + n}\n" for n in range(3000))
    assert len(text) > SMALL
    found = read_rows_text(text, "topic", Defaults(tone="dry"))
    assert found == rows_in_text(text, "topic", Defaults(tone="dry"))
    assert read_rows_file(written(tmp_path / "a.tsv", text), "topic", Defaults(tone="dry")) == found
    document = "# Speed\n\n" + "".join(f"- red shoe {n}\n" for n in range(3000))
    assert len(document) > SMALL
    assert read_prompts(document) == parse_prompts(document)
    assert read_prompt_file(written(tmp_path / "a.md", document)) == parse_prompts(document)


def test_an_article_as_long_as_any_may_be_is_checked_in_time() -> None:
    """Four shapes: what was slowest in each of the parser, the checks and the words."""
    wanted = WantedArticle(WordRange.around(5000), "en", "bee hotel")
    for shape in ("pictures", "brackets", "cells", "backticks of all lengths"):
        text = hostile(shape, 64_000)
        with within(CPU_S + 1):
            assert faults(ArticleDraft("T", "slug", "s", "m", ("h",), text, ()), wanted)


@pytest.mark.parametrize(
    "piece",
    [
        "3 May 2024 ",
        "1,204.5 ",
        "Ab Abc",
        "May" + " " * 3000,
        "3" + " " * 500,
        '"',
        "1 111",
        "\u201c a ",
    ],
)
def test_an_article_and_sources_of_any_shape_are_compared_in_time(piece: str) -> None:
    text, source = (piece * (size // len(piece)) for size in (64_000, 120_000))
    numbered = " ".join(f"Nam{n:05} {n}.5 {n % 28 + 1} May {1000 + n % 999}" for n in range(3000))
    for article, of in ((text, source), (numbered, source), (text, numbered), (numbered, numbered)):
        sources = ArticleSources({"S1": of}, "", "en")
        wanted = WantedArticle(WordRange.around(5000), "en", sources=sources)
        with within(CPU_S + 1):
            warnings(ArticleDraft("T", "slug", "s", "m", ("h",), article, ()), wanted)
