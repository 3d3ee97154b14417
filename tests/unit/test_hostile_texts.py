"""Texts that are made to keep a parser busy: each holds two seconds of processor time.

A parser is quick, or its text is refused in that time. Measured is the processor's time of this
process and of the reading process, never the clock.
"""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pressrun.errors import InputError
from pressrun.inputs import confined
from pressrun.inputs.articles.rows import Defaults, read_rows_text
from pressrun.inputs.confined import caller
from pressrun.inputs.confined.bounded import CPU_S
from pressrun.inputs.prompts.bounded import read_prompts
from pressrun.inputs.tables.rows import read_manifest, read_rows

SIZE = 1_000_000
#: For the start of a reading process, which is no part of the reading.
START_S = 1.5

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
}
_NESTED = "".join(" " * (2 * depth) + "- a\n" for depth in range(100))


def hostile(shape: str, size: int = SIZE) -> str:
    piece = _NESTED if shape == "nested lists" else SHAPES[shape]
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


def refused_or_read(read: Callable[[], object]) -> str:
    try:
        read()
    except InputError as error:
        return str(error)
    return ""


@pytest.fixture(autouse=True, scope="module")
def reading_process() -> Iterator[None]:
    yield
    confined.close()


PARSERS: dict[str, Callable[[str, Path], object]] = {
    "links": lambda text, _: read_rows(text),
    "manifest": lambda text, folder: read_manifest(written(folder / "rows.csv", text)),
    "prompts": lambda text, _: read_prompts(text),
    "topics": lambda text, _: read_rows_text(text, "topic", Defaults()),
    "keywords": lambda text, _: read_rows_text(text, "keywords", Defaults()),
    "texts": lambda text, _: read_rows_text(text, "spin", Defaults()),
}


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("shape", [*SHAPES, "nested lists"])
@pytest.mark.parametrize("parser", PARSERS)
def test_a_text_of_any_shape_is_read_or_refused_in_two_seconds(
    tmp_path: Path, parser: str, shape: str
) -> None:
    text, before = hostile(shape), cpu_s()
    refused_or_read(lambda: PARSERS[parser](text, tmp_path))
    assert cpu_s() - before < CPU_S + START_S
