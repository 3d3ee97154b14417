"""A moment of ``python -m tests.fuzz.engines``: strange answers to every engine."""

import pytest

from tests.fuzz.engines import ENGINES, PROPERTIES, search


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PROPERTIES)
def test_no_strange_answer_breaks_an_engine(engine: str, name: str) -> None:
    search(name, engine, examples=60, start=1)
