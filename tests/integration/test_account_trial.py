"""``pressrun check-account --paid``: a small picture and a small text, by every access."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Row, select

from pressrun.blocks import ModelAccount
from pressrun.cli import main
from pressrun.engines.catalogue import catalogue
from pressrun.ledger import open_ledger
from pressrun.ledger.database.schema import calls
from tests.servers.gemini import GeminiServer
from tests.servers.openai_images import OpenAIServer

KEY, OTHER = "AIza-good-key", "sk-a-good-key"


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


@pytest.fixture
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys={OTHER}) as server:
        yield server


@pytest.fixture
def keyed(
    home: Path, gemini: GeminiServer, openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of somebody who has a key of each."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemini.url)
    monkeypatch.setenv("OPENAI_API_KEY", OTHER)
    monkeypatch.setenv("OPENAI_BASE_URL", openai.base_url)


def answers(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))


def paid() -> list[Row[tuple[str, str, int]]]:
    with open_ledger().database.read() as connection:
        query = select(calls.c.model, calls.c.status, calls.c.cost_nusd)
        return list(connection.execute(query.order_by(calls.c.settled_at)))


@pytest.mark.usefixtures("keyed")
def test_the_price_is_asked_for_first_and_no_is_no(
    gemini: GeminiServer,
    openai: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers(monkeypatch, "n\n")
    assert main(["check-account", "--paid"]) == 1
    shown = capsys.readouterr()
    assert "3 paid calls, $" in shown.out
    assert "stopped before its end" in shown.err
    assert not gemini.bill
    assert not openai.bill
    assert paid() == []


@pytest.mark.usefixtures("keyed")
def test_what_was_served_is_said_and_stands_in_the_ledger(
    gemini: GeminiServer, openai: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-account", "--paid", "--yes"]) == 0
    shown = " ".join(capsys.readouterr().out.split())

    made = paid()
    assert [row.status for row in made] == ["settled"] * 3
    assert sorted("image" in catalogue()[row.model].makes for row in made) == [False, True, True]
    assert sum(row.cost_nusd for row in made) > 0
    assert (len(gemini.bill), len(openai.bill)) == (2, 1)
    assert "at v1beta, which knows all fields" in shown
    assert "image/png" in shown
    assert all(f"${row.cost_nusd / 1e9:.6f}" in shown for row in made)
    assert not [key for key in (KEY, OTHER) if key in shown]


@pytest.mark.usefixtures("keyed")
def test_json_asks_nobody_and_so_wants_a_yes(
    gemini: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-account", "--paid", "--json"]) == 2
    assert "Add --yes" in capsys.readouterr().err
    assert gemini.bill == []

    assert main(["check-account", "--paid", "--json", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert [trial["error"] for trial in told["trials"]] == [None] * 3
    assert told["trials"][0]["version"] == "v1beta"


@pytest.mark.usefixtures("keyed")
def test_a_call_that_fails_is_a_line_and_the_others_are_made(
    openai: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    openai.fail("quota")
    assert main(["check-account", "--paid", "--yes"]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "no image." in line]
    assert len(lines) == 1
    assert "no credit left" in lines[0]
    assert [row.status for row in paid()] == ["settled", "settled", "failed"]


def test_the_account_s_cap_holds(
    prefect_server: None, home: Path, gemini: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    ModelAccount(api_key=KEY, base_url=gemini.url, daily_usd=0.0001).save("capped")
    assert main(["check-account", "capped", "--paid", "--yes"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("$0.00") >= 2
    assert gemini.bill == []
    assert [row.status for row in paid() if row.cost_nusd] == []
