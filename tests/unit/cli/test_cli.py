"""The command ``pressrun``: tables for people, JSON for programs, sentences for mistakes."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from pressrun.cli import main
from pressrun.errors import PressrunError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, MadeFile, PlannedItem
from pressrun.reports.progress import read_progress
from tests.support.batches import parameters

POST = "https://www.tiktok.com/@some.user/photo/7430000000000000001"


def fill(items: int = 4, batch_id: str = "b1") -> Batch:
    batch = Batch(
        batch_id, "slideshow", "Sale", "/out", f"Sale {batch_id}", {}, created_at=time.time()
    )
    planned = [PlannedItem(f"i{n}", n, f"Link {n} @a", {"slides": []}) for n in range(items)]
    return open_ledger().batches.create(batch, planned)


def complete(key: str) -> None:
    ledger = open_ledger()
    ledger.batches.start("b1", key)
    ledger.batches.finish("b1", key, [MadeFile(f"{key}.jpg", "image/jpeg", 1, "d" * 64)])
    ledger.deliveries.verify("b1", key, [(f"{key}.jpg", "file:///out")])


def test_links_are_judged_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "links.txt").write_text(f"{POST}\n{POST}?x=1\nhttps://example.com/\n")
    assert main(["check-links", str(home / "links.txt"), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert [set(row) for row in table] == [
        {"line", "link", "verdict", "reason", "canonical", "duplicate_of"}
    ] * 3
    assert [row["verdict"] for row in table] == ["ok", "duplicate", "not_tiktok"]
    assert (table[0]["canonical"], table[1]["duplicate_of"]) == (POST, 1)


def test_links_are_judged_as_a_table_that_cannot_steer_the_terminal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "links.txt").write_text(f"{POST}\nhttps://evil.example/\x9b31m[red]x\n")
    main(["check-links", str(home / "links.txt")])
    out = capsys.readouterr().out
    assert "1 of 2 can be used." in out
    assert "\x9b" not in out
    assert "[red]x" in out


def test_a_link_that_repeats_another_one_is_told_apart_from_bad_ones(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "links.txt").write_text(f"{POST}\n{POST}?x=1\nhttps://example.com/\n")
    main(["check-links", str(home / "links.txt")])
    assert "1 of 3 can be used; 1 only repeat another one." in capsys.readouterr().out


def test_a_quote_tells_what_is_made_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = parameters(home)
    given["slides"] += f"\n{given['slides']}"
    (home / "order.json").write_text(json.dumps(given))
    assert main(["quote", "slideshow-batch", "--params", str(home / "order.json")]) == 0
    said = capsys.readouterr()
    assert "1 items, 3 calls" in said.out
    note = "Own slideshow 2 is the same as own slideshow 1 (same slides, same product): made once."
    assert note in said.err.splitlines()


def test_the_installed_command_reads_standard_input(home: Path) -> None:
    command = shutil.which("pressrun", path=str(Path(sys.executable).parent))
    assert command
    ran = subprocess.run(
        [command, "check-links", "-", "--json"],
        input=f"\ufeff{POST}".encode(),
        capture_output=True,
        check=False,
        env=os.environ | {"HOME": str(home)},
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout)[0]["verdict"] == "ok"


def test_bad_links_are_an_answer_and_no_failure_of_the_command(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "links.txt").write_text("https://example.com/")
    assert main(["check-links", str(home / "links.txt")]) == 0
    assert "0 of 1 can be used." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check-links", "nowhere.txt"], "pressrun: There is no file nowhere.txt."),
        (["status", "nothing"], "pressrun: No batch 'nothing' is in the ledger."),
        (["watch", "latest"], "pressrun: No batch 'latest' is in the ledger."),
        (["audit", "nothing"], "pressrun: No batch 'nothing' is in the ledger."),
        (["delete", "nothing", "--yes"], "pressrun: No batch 'nothing' is in the ledger."),
        (["export", "nothing", "--zip", "x"], "pressrun: No batch 'nothing' is in the ledger."),
        (["urls", "nothing"], "pressrun: No batch 'nothing' is in the ledger."),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(sentence)


def test_standard_input_that_is_no_text_is_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00")))
    assert main(["check-links", "-"]) == 2
    assert "Save it as UTF-8." in capsys.readouterr().err


def test_a_setting_of_the_wrong_kind_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_REVIEW_S", "often")
    assert main(["status", "latest"]) == 2
    assert "PRESSRUN_REVIEW_S" in capsys.readouterr().err


def test_status_tells_where_a_batch_stands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    complete("i0")
    open_ledger().batches.start("b1", "i1")
    assert main(["status", "b", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    expected = {"total": 4, "completed": 1, "processing": 1, "failed": 0, "remaining": 2}
    assert {name: status[name] for name in expected} == expected
    assert (status["batch_id"], status["percent"], status["output"]) == ("b1", 25.0, "/out/Sale b1")
    assert {"left_low_s", "left_s", "left_high_s"} <= set(status)
    assert [e["item"] for e in status["events"]] == ["i1", "i0"]

    assert main(["status", "latest"]) == 0
    shown = capsys.readouterr().out
    assert "1 of 4 done (25%), 1 in work, 2 remaining" in shown
    open_ledger().batches.fail("b1", "i1", PressrunError("It is gone."))
    assert main(["status", "latest"]) == 0
    shown = capsys.readouterr().out
    assert "2 of 4 done (50%): 1 completed, 1 failed, 0 in work, 2 remaining" in shown
    assert "Retry" not in shown
    open_ledger().batches.mark("b1", status="partial", ended_at=time.time())
    assert main(["status", "latest"]) == 0
    assert "Retry makes just what failed; what is completed stays." in capsys.readouterr().out


def test_watch_follows_a_batch_to_its_end(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(2)
    codes: list[int] = []
    watching = threading.Thread(target=lambda: codes.append(main(["watch", "b1", "--json"])))
    watching.start()
    complete("i0")
    complete("i1")
    open_ledger().batches.mark("b1", status="completed", ended_at=time.time())
    watching.join(10)
    assert codes == [0]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["percent"] == 100.0
    assert lines[-1]["status"] == "completed"


def test_watch_ends_with_1_where_items_failed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(2)
    open_ledger().batches.mark("b1", status="partial", ended_at=time.time())
    assert main(["watch", "latest"]) == 1
    assert "0 of 2 done (0%)" in capsys.readouterr().out


def test_progress_takes_as_many_queries_for_600_items_as_for_6(home: Path) -> None:
    asked: list[str] = []
    few, many = fill(6, "few"), fill(600, "b1")
    for number in range(120):
        complete(f"i{number}")
    ledger = open_ledger()
    event.listen(
        ledger.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )
    counts = []
    for batch in (few, many):
        asked.clear()
        progress = read_progress(ledger, batch)
        counts.append(len(asked))
    assert (progress.total, progress.completed) == (600, 120)
    assert counts[0] == counts[1] > 0
