"""``pressrun check-store`` with a folder; block names are an integration test's."""

import json
from pathlib import Path

import pytest

from pressrun.cli import main


def test_a_folder_is_tried_and_left_empty(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = home / "new/place"
    assert main(["check-store", str(place)]) == 0
    out = capsys.readouterr().out
    assert f"a probe in {place}\nok (0.0 s)\n" in out
    assert list(place.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "file").write_text("")
    assert main(["check-store", str(home / "file"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert "choose another folder" in told["error"]


def test_an_address_is_no_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-store", "s3://bucket/prefix"]) == 2
    assert "Give the name of its block" in capsys.readouterr().err
