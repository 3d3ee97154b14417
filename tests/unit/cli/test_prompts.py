"""The commands ``pressrun parse`` and ``pressrun enhance``."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pressrun.cli import main
from pressrun.settings import settings

DOCUMENT = (
    "Prefix: Icon\n\n# Speed\n\n**Quick Feet**\n- Level 1: red sneakers\n- Level 2: blue shoes\n"
)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["parse", *arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize("read_as", ["auto", "list items", "model"])
def test_a_document_is_printed_as_json(
    home: Path, capsys: pytest.CaptureFixture[str], read_as: str
) -> None:
    (home / "cards.md").write_text(DOCUMENT)
    answer = printed(capsys, str(home / "cards.md"), "--read-as", read_as)
    assert set(answer) == {
        *("prefix", "tasks", "warnings"),
        *("confidence", "reading", "readings", "left_out"),
    }
    assert (answer["prefix"], answer["warnings"]) == ("Icon", [])
    assert answer["tasks"][1] == {
        "prompt": "Icon blue shoes",
        "specific_prompt": "blue shoes",
        "prefix": "Icon",
        "order": 2,
        "category": "Speed",
        "level": "Level 2",
        "tags": ["Quick Feet"],
        "line": 7,
        "suffix": "",
        "negative": "",
        "notes": [],
        "aspect_ratio": "",
        "made_before": 0,
    }


def test_standard_input_is_read(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"- a cat\r\n- a dog\r\n")))
    tasks = printed(capsys, "-")["tasks"]
    assert [task["prompt"] for task in tasks] == ["a cat", "a dog"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", "Prompt;Level\na cat;1\na dog;2\n"),
        ("list.tsv", "Prompt\tLevel\na cat\t1\na dog\t2\n"),
        ("list.json", '[{"prompt": "a cat", "level": 1}, {"prompt": "a dog", "level": 2}]'),
        ("list.txt", "Level 1: a cat\nLevel 2: a dog\n"),
    ],
    ids=lambda value: value if "." in value[:9] else "",
)
def test_files_of_every_kind_give_the_same_tasks(
    home: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (home / name).write_text(text)
    tasks = printed(capsys, str(home / name))["tasks"]
    assert [(task["prompt"], task["level"]) for task in tasks] == [
        ("a cat", "Level 1"),
        ("a dog", "Level 2"),
    ]


def test_problems_stand_among_the_warnings_with_their_lines(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", "slime")
    settings.cache_clear()
    (home / "list.md").write_text("- a cat\n- slime\n- a cat\n")
    assert printed(capsys, str(home / "list.md"))["warnings"] == [
        "line 2: The prompt is blocked by the rule 'own words' ('slime').",
        "line 3: The prompt is that of line 1 again. It is made once.",
    ]


def test_a_person_gets_lines_that_cannot_steer_the_terminal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "list.md").write_text("# Pets\n- a cat \x9b31mred\n- **Rex**: a dog\n")
    assert main(["parse", str(home / "list.md")]) == 0
    out = capsys.readouterr().out
    assert "\x9b" not in out
    assert "[Pets · Rex] a dog" in out
    assert "2 prompts" in out


def test_a_document_without_prompts_is_a_problem(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "list.md").write_text("# Title\n")
    assert main(["parse", str(home / "list.md")]) == 1
    assert main(["parse", str(home / "nowhere.md")]) == 2
    assert "There is no file" in capsys.readouterr().err


@pytest.mark.parametrize("read_as", ["auto", "list items", "model"])
def test_a_model_that_does_not_exist_is_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], read_as: str
) -> None:
    (home / "list.md").write_text("- a cat\n")
    assert main(["parse", str(home / "list.md"), "--read-as", read_as, "--model", "nothing"]) == 2
    assert "no text model 'nothing'. Choose one of " in capsys.readouterr().err


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


def test_the_lines_of_a_prompt_stay_apart_at_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "a.md"
    document.write_text("```\na red cup,\nsoft light\n```\n\n```\na blue cup,\nhard light\n```\n")
    assert main(["parse", str(document)]) == 0
    assert "a red cup, soft light" in capsys.readouterr().out


def test_what_no_picture_may_show_is_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "n.md").write_text("Negative prompt: text, blurry\n\n- a red fox\n- a brass lamp\n")
    assert main(["parse", str(home / "n.md")]) == 0
    assert "Negative: text, blurry" in capsys.readouterr().out
