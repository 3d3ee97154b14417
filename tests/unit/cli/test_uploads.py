"""``pressrun upload`` and ``pressrun uploads``, and references where a command takes a file."""

import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from pressrun.batches.uploads import KEPT_S
from pressrun.cli import main
from pressrun.cli import uploads as command
from tests.support.batches import parameters
from tests.support.uploads import packed, picture

POST = "https://www.tiktok.com/@some.user/photo/7430000000000000001"


@pytest.fixture(autouse=True)
def idle_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        return []

    monkeypatch.setattr(command, "_ask_server", ask)


def upload(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[str]:
    assert main(["upload", *map(str, arguments)]) == 0
    return capsys.readouterr().out.splitlines()


def test_files_are_uploaded_and_their_references_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "my mug.png").write_bytes(picture())
    (home / "links.txt").write_text(POST)
    assert main(["upload", str(home / "my mug.png"), str(home / "links.txt")]) == 0
    said = capsys.readouterr()
    mug, links = said.out.splitlines()
    assert mug.startswith("upload:")
    assert mug.endswith("/my%20mug.jpg")
    assert links.endswith("/links.txt")
    assert said.err == "my mug.png is kept as my mug.jpg.\n"


def test_the_photos_of_a_zip_are_printed_each_and_what_is_left_out_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "a.zip").write_bytes(packed({"1.jpg": picture(), "notes.txt": b"x"}))
    assert main(["upload", str(home / "a.zip"), "--unpack", "--json"]) == 0
    said = capsys.readouterr()
    (found,) = json.loads(said.out)
    assert (found["name"], found["media_type"]) == ("1.jpg", "image/jpeg")
    assert found["reference"] == f"upload:{found['sha256']}/1.jpg"
    assert "“notes.txt” is no picture" in said.err


def test_a_file_that_cannot_be_used_stops_no_other(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "mug.jpg").write_bytes(picture())
    (home / "virus.jpg").write_bytes(b"MZ\x90\0" + b"\0" * 300)
    files = [home / "virus.jpg", home / "nowhere.jpg", home, home / "mug.jpg"]
    assert main(["upload", *map(str, files)]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert "“virus.jpg” is a program for Windows." in said.err
    assert "nowhere.jpg cannot be read: No such file" in said.err
    assert "is a folder, not a file" in said.err


def test_commands_take_a_reference_in_place_of_a_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "links.csv").write_text(f"link\n{POST}\n")
    (home / "prompts.md").write_text("- a red cat on a mat\n- a blue dog in a bog\n")
    (home / "mug.jpg").write_bytes(picture())
    links, prompts, mug = upload(capsys, home / "links.csv", home / "prompts.md", home / "mug.jpg")
    assert main(["check-links", links, "--json"]) == 0
    assert [row["verdict"] for row in json.loads(capsys.readouterr().out)] == ["ok"]
    assert main(["parse", prompts, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["tasks"]) == 2
    (home / "order.json").write_text(json.dumps(parameters(home) | {"photo": mug}))
    assert main(["quote", "slideshow-batch", "--params", str(home / "order.json")]) == 0
    assert "1 items, 3 calls" in capsys.readouterr().out
    assert main(["parse", f"upload:{'a' * 64}/prompts.md"]) == 2
    assert "“prompts.md” was uploaded and is no longer kept" in capsys.readouterr().err


def test_what_may_go_is_shown_first_and_removed_only_when_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "mug.jpg").write_bytes(picture())
    (reference,) = upload(capsys, home / "mug.jpg")
    digest = reference[7:71]
    assert main(["uploads"]) == 0
    shown = capsys.readouterr().out
    assert re.search(
        rf"^ +1 +{len(picture())} bytes  are named by nothing, and kept", shown, re.MULTILINE
    )
    long_ago = time.time() - KEPT_S - 60
    os.utime(home / "data" / "uploads" / digest[:2] / digest, (long_ago, long_ago))
    assert main(["uploads"]) == 0
    assert digest in capsys.readouterr().out
    assert main(["uploads", "--clean"]) == 2  # nobody can be asked
    said = capsys.readouterr().err
    assert digest in said
    assert "Add --yes to remove the uploads." in said
    assert main(["uploads", "--clean", "--yes", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["sha256"] for one in found["removed"]] == [digest]
    assert main(["check-links", reference]) == 2


def test_without_a_server_nothing_is_cleaned(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PRESSRUN_DATA", str(home / "data"))
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert main(["uploads", "--clean", "--yes"]) == 2
    assert "Set PREFECT_API_URL." in capsys.readouterr().err
