"""The command line as a program: its help, its mistakes, its exit codes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from pressrun.cli import app, main, options
from pressrun.cli.program import Command
from pressrun.ledger import costs, records
from pressrun.ledger.records import BatchStatus


def commands() -> dict[str, Any]:
    pressrun: Any = get_command(app)
    found: dict[str, Any] = pressrun.commands
    return found


def installed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = shutil.which("pressrun", path=str(Path(sys.executable).parent))
    assert command
    return subprocess.run(
        [command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def test_the_help_lists_every_command_under_what_it_is_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = [line.removesuffix(":") for line in lines if line.endswith(":")]
    assert headings == [
        "Options",
        *dict.fromkeys(one.rich_help_panel for one in commands().values()),
    ]
    wide = max(map(len, commands()))
    for name, command in commands().items():
        sentence = command.help.partition(".")[0]
        assert f"  {name:<{wide}}  {sentence}." in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", sorted(commands()))
def test_each_command_has_help_without_colour_and_takes_json(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main([name, "-h"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: pressrun {name} ")
    assert "--json" in text
    assert text.isascii()
    assert "\x1b" not in text
    for one in commands()[name].params:
        assert one.help
        assert (one.metavar if one.param_type_name == "argument" else one.opts[0]) in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "pressrun: Missing command."),
        (["stauts"], "pressrun: No such command 'stauts'. Did you mean "),
        (["status"], "pressrun status: Missing argument 'RUN'."),
        (["status", "x", "y"], "pressrun status: Got unexpected extra argument(s) (y)."),
        (["update", "x", "--bugdet", "1"], "pressrun update: No such option: --bugdet"),
        (["update", "x", "--concurrency", "two"], "pressrun update: Invalid value for '--conc"),
        (["update", "x", "--priority", "top"], "'top' is not one of 'low', 'normal', 'high'."),
        (["costs", "--by"], "pressrun costs: Option '--by' requires an argument."),
        (["retry", "x", "--only"], "pressrun retry: Option '--only' requires an argument."),
        (["quote", "slideshow-batch"], "pressrun quote: Missing option '--params'."),
        (["costs", "--since", "yesterday"], "pressrun: 'yesterday' is no date. Write 2026-11-01"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.startswith("pressrun")
    assert err.count("\n") == 1
    assert "Value error" not in err


def test_near_commands_and_options_are_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    main(["stauts"])
    assert "'status'" in capsys.readouterr().err
    main(["update", "x", "--bugdet", "1"])
    assert "--budget" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "only", "too"),
    [
        (["r", "--only", "a", "b", "--all"], ["a", "b"], True),
        (["--all", "r", "--only", "a"], ["a"], True),
        (["r", "--only", "a", "--only", "b", "c"], ["a", "b", "c"], False),
        (["r"], None, False),
    ],
)
def test_an_option_takes_several_values_where_its_help_says_so(
    arguments: list[str], only: list[str] | None, too: bool
) -> None:
    retry = commands()["retry"]
    assert isinstance(retry, Command)
    given = retry.make_context("retry", arguments).params
    assert (given["run"], given["only"] or None, given["blocked_too"]) == ("r", only, too)


def test_an_option_given_again_takes_one_value_each() -> None:
    given = commands()["approve"].make_context("approve", ["--set", "a=1", "r", "--set", "b=2"])
    assert (given.params["run"], given.params["assignments"]) == ("r", ["a=1", "b=2"])


def test_choices_are_those_of_the_ledger() -> None:
    assert get_args(options.Status) == get_args(BatchStatus)
    assert get_args(options.Priority) == get_args(records.Priority)
    assert get_args(options.By) == get_args(costs.By)


def test_help_and_mistakes_start_without_the_ledger() -> None:
    code = (
        "import sys; from pressrun.cli import main; main(['--help']); main(['status']);"
        "print([m for m in ('sqlalchemy', 'PIL', 'rich', 'httpx', 'prefect') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("\n[]\n")


def test_status_starts_without_any_kind_and_without_what_plans_or_fetches(tmp_path: Path) -> None:
    environment = os.environ | {"PRESSRUN_DATA": str(tmp_path), "PRESSRUN_LEDGER_URL": ""}
    code = (
        "import sys; from pressrun.cli import main; from pressrun.ledger import open_ledger;"
        "from pressrun.ledger.records import Batch, PlannedItem;"
        "batch = Batch('b1', 'image', 'Cats', '/out', 'r', {}, 'running', created_at=1.0);"
        "open_ledger().batches.create(batch, [PlannedItem('1', 1, 'A cat', {})]);"
        "assert main(['status', 'b1']) == 0;"
        "kinds = [m for m in sys.modules if m.startswith('pressrun.kinds.')];"
        "print(kinds, [m for m in ('httpx', 'google', 'boto3', 'prefect') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.endswith("\n['pressrun.kinds.base', 'pressrun.kinds.registry'] []\n")


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    from pressrun import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_the_installed_command_ends_with_its_exit_code(home: Path) -> None:
    ran = installed("stauts", HOME=str(home))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr


def test_a_reader_that_stops_reading_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

        def flush(self) -> None:
            raise BrokenPipeError

    with Path(os.devnull).open("w") as errors:
        monkeypatch.setattr(sys, "stderr", errors)
        monkeypatch.setattr(sys, "stdout", Closed())
        assert main(["enhance", "cat"]) == 0


def test_a_shell_completes_commands(home: Path) -> None:
    ran = installed(
        _PRESSRUN_COMPLETE="complete_bash", COMP_WORDS="pressrun check-", COMP_CWORD="1"
    )
    assert ran.stdout.split() == ["check-account", "check-store", "check-links"]
