"""A model that sees how a table begins says whether articles are wanted on its rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressrun.engines.base import TextRequest
from pressrun.errors import BadReply, InputError
from pressrun.kinds.article.recipe import ArticleRecipe
from pressrun.kinds.article.sample import read_table_answer
from pressrun.settings import Settings
from tests.support.articles import settings_of
from tests.unit.inputs.tables.test_rows import xlsx
from tests.unit.kinds.article.test_planner import GEMINI, planned
from tests.unit.kinds.article.test_reading import answering

FILMS = """\
Films of the mill's cinema,,
title,year,director
The miller and the river at night,1999,A. Brook
A wheel that would not turn,2004,B. Weir
"""
YES = json.dumps({"table": "a plan", "expected": True, "why": ""})
NO = json.dumps({"table": "films", "expected": False, "why": "These are films.\nGive topics."})


def shown(request: TextRequest) -> dict[str, Any]:
    """Reads what stands in a request as data."""
    data: dict[str, Any] = json.loads(request.prompt.split("<data>")[1].split("</data>")[0])
    return data


@pytest.mark.parametrize(
    "given",
    [
        {"items": FILMS},
        {"items": "| Topic | State |\n|---|---|\n| Tides | |\n| Bread | |\n"},
        {"items": '["Tides", "Bread"]'},
        {"items": "keyword,volume\ntides,90\nbread,900\n", "mode": "keywords"},
    ],
)
def test_a_table_is_judged_before_anything_is_written(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    asked: list[TextRequest] = []
    assert len(planned(tmp_path, ask=answering(YES, asked=asked), text_model=GEMINI, **given)) == 2
    [request] = asked
    assert shown(request)["beginning"].splitlines()[0] == given["items"].splitlines()[0]
    assert shown(request)["count"] == 2
    with pytest.raises(InputError) as refused:
        planned(tmp_path, ask=answering(NO), text_model=GEMINI, **given)
    said = str(refused.value)
    assert said.startswith(f"{GEMINI} doubts that articles are wanted on these rows; no article")
    assert "Set read_as to form" in said
    assert "The model says: These are films. Give topics." in said
    assert "form: 2 " in said
    assert len(planned(tmp_path, text_model=GEMINI, read_as="form", **given)) == 2  # asks nobody


def test_of_a_long_table_only_the_beginning_is_shown(tmp_path: Path) -> None:
    asked: list[TextRequest] = []
    above = "".join(f"Line {n} of a long letter.\n\n" for n in range(40))
    rows = "".join(f"| The topic of number {n} | 900 |\n" for n in range(40))
    text = f"{above}\n| Topic | Words |\n|---|---|\n{rows}"
    planned(tmp_path, ask=answering(YES, asked=asked), text_model=GEMINI, items=text)
    data = shown(asked[0])
    assert data["count"] == 40
    assert len(data["articles"]) == 12
    beginning = data["beginning"]
    assert "Line 0 of" in beginning
    assert "Line 20 of" not in beginning
    assert "| Topic | Words |" in beginning
    assert "| The topic of number 14 | 900 |" in beginning
    assert "number 20" not in beginning


def test_of_a_workbook_all_sheets_are_named(tmp_path: Path, home: Path) -> None:
    films = [("A1", "title"), ("B1", "year"), ("A2", "The miller and the river"), ("B2", 1999)]
    place = home / "mill.xlsx"
    place.write_bytes(xlsx([films[:2], films[2:]], [[("A1", "topic")], [("A2", "Tides")]]))
    asked: list[TextRequest] = []
    planned(tmp_path, ask=answering(YES, asked=asked), text_model=GEMINI, file=str(place))
    beginning = shown(asked[0])["beginning"]
    assert beginning.splitlines()[0] == "Sheets: S1, S2"
    assert "The miller and the river\t1999" in beginning


def test_a_table_with_a_blocked_line_is_shown_to_nobody(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings(blocked_words="cinema")
    assert len(planned(tmp_path, said, settings=settings, text_model=GEMINI, items=FILMS)) == 2
    assert f"{GEMINI} is not shown the table, since a line of it is blocked." in said


def test_an_answer_of_no_use_stops_nothing_and_is_said(tmp_path: Path) -> None:
    said: list[str] = []

    def ask(request: TextRequest, check: Callable[[str], None]) -> str:
        with pytest.raises(BadReply, match="does not say why"):
            check(NO.replace("These are films.\\nGive topics.", " "))
        with pytest.raises(BadReply, match="not of the asked shape"):
            check("yes")
        raise BadReply("It gave none of use, three times.")

    assert len(planned(tmp_path, said, ask=ask, text_model=GEMINI, items=FILMS)) == 2
    assert (
        f"{GEMINI} was asked whether articles are wanted on these rows: It gave none of use, three "
        "times."
    ) in said
    assert read_table_answer(NO).table == "films"


def test_a_quote_asks_nobody_and_has_the_look_in_its_price(tmp_path: Path) -> None:
    said: list[str] = []
    given: dict[str, Any] = {"text_model": GEMINI, "items": FILMS}
    first, second = planned(tmp_path, said, action="quote", **given)
    assert "reads" not in second.spec
    assert any(f"{GEMINI} looks first how the table begins" in line for line in said)
    asked: list[TextRequest] = []
    planned(tmp_path, ask=answering(YES, asked=asked), **given)
    reading, *_ = ArticleRecipe().expect(first.spec, settings_of(text_model=GEMINI))
    assert reading.slot == "reading_1"
    # Never less than is sent: the price of a document's request is the least.
    assert reading.characters >= len(asked[0].system) + len(asked[0].prompt)
