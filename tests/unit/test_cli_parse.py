"""``pressrun parse``: the prompts of a document before anything is made of it."""

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


@pytest.mark.parametrize("parser", ["auto", "structure", "model"])
def test_a_document_is_printed_as_json(
    home: Path, capsys: pytest.CaptureFixture[str], parser: str
) -> None:
    (home / "cards.md").write_text(DOCUMENT)
    answer = printed(capsys, str(home / "cards.md"), "--parser", parser)
    assert set(answer) == {"prefix", "tasks", "warnings"}
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
