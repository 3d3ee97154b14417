"""``pressrun enhance``: a short prompt made rich, offline or by a model."""

import json
from pathlib import Path

import pytest

from pressrun.cli import main


def test_a_prompt_is_expanded_offline_and_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enhance", "cat"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("cat, ")
    assert "expanded offline by the sketch engine" in out


def test_json_has_both_texts_and_the_length(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enhance", " cat ", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"original", "text", "warning", "model", "tokens"}
    assert (answer["original"], answer["model"], answer["warning"]) == ("cat", "sketch", "")
    assert 90 <= answer["tokens"] <= 100


def test_a_model_that_cannot_be_asked_leaves_the_prompt_with_a_warning(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    assert main(["enhance", "cat", "--model", "gemini-3.8-flash"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "cat\n"
    assert "runs as it is" in printed.err
    assert "GEMINI_API_KEY" in printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["  "], "The prompt is empty"),
        (["cat", "--model", "nothing"], "no text model 'nothing'"),
        (["a n u d e cat"], "blocked by the rule 'sexual'"),
    ],
)
def test_what_cannot_be_expanded_is_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["enhance", *arguments]) == 2
    assert said in capsys.readouterr().err
