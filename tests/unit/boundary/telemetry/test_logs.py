"""Logs in JSON: each line an object of its own, whatever is logged, wherever it is written."""

import importlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.logging.handlers import PrefectConsoleHandler

from pressrun.boundary.telemetry import logs, work
from pressrun.errors import InputError
from pressrun.settings import settings
from tasks.process import filter_task_logs

RUN = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(autouse=True)
def no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this process left batches and items that they did not end."""
    monkeypatch.setattr(work, "_batches", [])
    work.item.set("")


@pytest.fixture
def lines(home: Path) -> Iterator[io.StringIO]:
    """What a logger of its own wrote."""
    written = io.StringIO()
    logger, handler = logging.getLogger("pressrun.a_test"), logs.JsonLines(written)
    handler.setFormatter(logging.Formatter("%(message)s"))  # as Prefect's configuration does
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def logged(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_says_when_what_and_of_which_item(lines: io.StringIO) -> None:
    work.begin_batch("a-batch")
    token = work.item.set("task_0001")
    try:
        extra = {"flow_run_id": RUN}
        logging.getLogger("pressrun.a_test").warning("%s of %d\nfailed", "One", 2, extra=extra)
    finally:
        work.end_batch("a-batch")
        work.item.reset(token)
    logging.getLogger("pressrun.a_test").error("And no batch.")
    first, second = logged(lines)
    assert datetime.fromisoformat(first.pop("time")).tzinfo is not None
    assert first == {
        "level": "WARNING",
        "logger": "pressrun.a_test",
        "message": "One of 2\nfailed",
        "run": RUN,
        "batch": "a-batch",
        "item": "task_0001",
    }
    assert set(second) == {"time", "level", "logger", "message"}


def test_an_error_is_one_line_too() -> None:
    # Not logged: pytest keeps what is, and cannot send half of a sign to another process.
    words = "It failed: half of a sign \ud83d, a NUL \0"
    try:
        raise InputError("That is\nno link.")
    except InputError:
        error = sys.exc_info()
    record = logging.LogRecord("pressrun.a_test", logging.ERROR, "a.py", 1, words, (), error)
    line = json.loads(logs.as_json(record))
    assert line["error"] == "InputError"
    assert line["stack"].endswith("no link.\n")
    assert line["message"].startswith("It failed: half of a sign ?")


def test_a_process_of_two_batches_names_neither() -> None:
    work.begin_batch("one")
    work.begin_batch("two")
    assert work.batch() == ""
    work.end_batch("one")
    assert work.batch() == "two"
    work.end_batch("two")
    work.end_batch("two")
    assert work.batch() == ""


#: A run's process, whose standard error leads nowhere.
_RUN = """
import logging
from pressrun.boundary.telemetry.logs import begin_json
begin_json()
logging.getLogger("pressrun").error("x" * 200_000)
import warnings
warnings.warn("mind this")
"""


def test_a_run_whose_standard_error_leads_nowhere_writes_a_file(home: Path) -> None:
    variables = {"PRESSRUN_LOG_FORMAT": "json", "PREFECT__FLOW_RUN_ID": RUN}
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", _RUN],
            env={**os.environ, **variables},
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=200,
        )
    (file,) = (home / "data" / "logs").glob("runs-*.jsonl")
    assert file.stat().st_mode & 0o077 == 0
    said = [json.loads(line) for line in file.read_text().splitlines()]
    assert {one["run"] for one in said} == {RUN}
    assert [one["message"] for one in said][::2] == ["x" * 200_000] * 2
    assert all("mind this" in one["message"] for one in said[1::2])


@pytest.fixture
def handlers() -> Iterator[None]:
    """Puts every logger's handlers back."""
    root = logging.getLogger()
    known = [root, *map(logging.getLogger, list(root.manager.loggerDict))]
    before = [(logger, list(logger.handlers)) for logger in known]
    yield
    for logger, its in before:
        logger.handlers[:] = its
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("handlers")
def test_what_prefect_writes_to_a_terminal_is_json_from_a_runs_first_step_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = io.StringIO(), io.StringIO()
    logger, other = logging.getLogger("prefect.a_test"), logging.getLogger("prefect.another")
    console, file = PrefectConsoleHandler(first), logging.StreamHandler(io.StringIO())
    logger.handlers[:], other.handlers[:] = [console, file], [console]
    for one in (logger, other):  # as uvicorn's are: what is passed on is written by the root's
        monkeypatch.setattr(one, "propagate", False)
    logger.error("before")
    monkeypatch.setenv("PRESSRUN_LOG_FORMAT", "json")
    monkeypatch.setenv(logs.VARIABLE, "")  # put back at the end
    monkeypatch.delenv(logs.VARIABLE)
    monkeypatch.setattr(sys, "stderr", second)
    settings.cache_clear()
    filter_task_logs()
    logger.error("[red]after[/]")
    other.error("and so")
    assert "before" in first.getvalue()
    assert "after" not in first.getvalue()
    assert [one["message"] for one in logged(second)] == ["[red]after[/]", "and so"]
    assert file in logger.handlers
    # What this process starts writes JSON from its first line on.
    module, _, name = os.environ[logs.VARIABLE].rpartition(".")
    assert getattr(importlib.import_module(module), name) is logs.JsonLines


def test_files_of_runs_are_kept_for_two_weeks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "data" / "logs"
    folder.mkdir(parents=True)
    old, new, other = (
        folder / name for name in ("runs-2020-01-01.jsonl", "runs-x.jsonl", "up.log")
    )
    for file in (old, new, other):
        file.touch()
    for file in (old, other):
        os.utime(file, (1.0, 1.0))
    with Path(os.devnull).open("w") as nowhere:
        handler = logs.JsonLines(nowhere)
    handler.stream.close()
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_without_the_setting_nothing_changes(home: Path) -> None:
    before = list(logging.getLogger().handlers)
    assert settings().log_format == "text"
    logs.begin_json()
    assert logging.getLogger().handlers == before
    assert logs.VARIABLE not in os.environ
