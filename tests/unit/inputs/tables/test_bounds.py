"""Texts that keep a parser busy: read, or refused in a sentence, in time that grows as they do."""

import resource
import subprocess
import sys

import pytest

_PARTS = (
    "|a",
    "a,b\n",
    "a\n",
    '"a\n',
    "a\tb\n",
    '","',
    "[",
    "1. a\n",
    "- a:\n",
    "**a",
    "<b>",
    "a/b ",
)
_READ = """
import sys
from pressrun.errors import InputError
from pressrun.inputs.articles.rows import Defaults, read_rows_text
from pressrun.inputs.tables.rows import read_rows
link = "https://www.tiktok.com/@a/photo/7240568259186019630"
for part in (*sys.argv[1:], link + " ", link + ",", link + "\\n"):
    text = part * (80_000 // len(part))
    for mode in ("", "topic", "keywords"):
        try:
            read_rows_text(text, mode, Defaults()) if mode else read_rows(text)
        except InputError as error:
            assert "\\n" not in str(error)
"""


@pytest.mark.long
def test_long_texts_of_any_shape_are_read_in_linear_time() -> None:
    limit = resource.RLIMIT_CPU, (20, 20)  # what is not linear takes minutes
    code = f"import resource; resource.setrlimit({limit[0]}, {limit[1]})\n{_READ}"
    subprocess.run([sys.executable, "-c", code, *_PARTS], check=True)
