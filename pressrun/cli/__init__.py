"""The command ``pressrun``: what Prefect's own command line does not do.

Every subcommand has ``--json``; progress and questions are on standard error. Exit codes: 0 if
all is well, 1 if a problem was found (a batch failed, an audit differs), 2 if what was asked
cannot be done, with one sentence on standard error that says why.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from pressrun import __version__
from pressrun.cli import (
    accounts,
    batches,
    control,
    costs,
    maintenance,
    prompts,
    reviews,
    setup,
    stores,
    templates,
)
from pressrun.errors import PressrunError
from pressrun.ledger.costs import By
from pressrun.ledger.records import BatchStatus, Priority

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PressrunError as error:
        print(f"pressrun: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


class _Commands:
    """The subcommands, with what all of them take."""

    def __init__(self, parser: argparse.ArgumentParser):
        self._commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(self, name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        """A command with ``--json``."""
        command = self._commands.add_parser(
            name, help=help_, description=f"{help_[:1].upper()}{help_[1:]}."
        )
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)
        return command

    def add_for_batch(self, name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        """A command about one batch."""
        command = self.add(name, run, help_)
        command.add_argument("run_id", metavar="RUN", help="flow run id, its beginning, or latest")
        _take_owner(command)
        return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pressrun", description=__doc__.partition("\n")[0])
    parser.add_argument("--version", action="version", version=__version__)
    commands = _Commands(parser)
    _add_inputs(commands)
    _add_batches(commands)
    _add_money(commands)
    _add_control(commands)
    _add_reviews(commands)
    _add_maintenance(commands)
    _add_setup(commands)
    return parser


def _add_inputs(commands: _Commands) -> None:
    links = commands.add(
        "check-links", batches.check_links, "judge links without fetching or paying anything"
    )
    links.add_argument("file", help="text, CSV or XLSX file with links; - for standard input")
    prompts.take_parse_options(
        commands.add(
            "parse", prompts.parse, "show the prompts of a document before anything is made of it"
        )
    )
    prompts.take_enhance_options(
        commands.add("enhance", prompts.enhance, "expand a short prompt with a text model")
    )


def _add_batches(commands: _Commands) -> None:
    listed = commands.add("batches", batches.batches, "list batches, the newest first")
    listed.add_argument("--status", choices=get_args(BatchStatus), default="", help="only these")
    listed.add_argument("--limit", type=int, default=100, metavar="N", help="default: 100")
    _take_owner(listed)
    status = commands.add_for_batch("status", batches.status, "show where a batch stands")
    status.add_argument("--items", action="store_true", help="every item, with its queue position")
    commands.add_for_batch("watch", batches.watch, "follow a batch until it ends")
    update = commands.add_for_batch("update", batches.update, "change a batch, also while it runs")
    update.add_argument("--concurrency", type=int, metavar="N", help="items at the same time")
    update.add_argument("--priority", choices=get_args(Priority), help="share of the quota")
    update.add_argument("--budget", type=float, metavar="USD", help="most it may cost; 0: no cap")


def _add_money(commands: _Commands) -> None:
    quote = commands.add(
        "quote", costs.quote, "say what a batch will cost and how long it will take"
    )
    quote.add_argument("flow", metavar="FLOW", help="such as slideshow-batch or image-batch")
    quote.add_argument(
        "--params", type=Path, required=True, metavar="FILE", help="the flow's parameters as JSON"
    )
    spent = commands.add("costs", costs.costs, "say what calls did cost")
    spent.add_argument("--csv", action="store_true", help="print CSV")
    stats = commands.add("stats", costs.stats, "say how calls went: success, latency, failures")
    for command in (spent, stats):
        _take_owner(command)
        command.add_argument("--by", choices=get_args(By), default="model", help="default: model")
        command.add_argument(
            "--since", type=costs.moment, default=0.0, metavar="WHEN", help="2026-11-01 (UTC) or 7d"
        )


def _add_control(commands: _Commands) -> None:
    add = commands.add_for_batch
    add("pause", control.pause, "send no further call; what is in flight is kept")
    add("resume", control.resume, "go on with a paused batch")
    add("cancel", control.cancel, "end a batch; what is made is delivered")
    retry = add("retry", control.retry, "make what is not completed")
    retry.add_argument("--only", nargs="+", metavar="KEY", help="just these items")
    retry.add_argument("--all", action="store_true", help="also what was blocked")
    rerun = add("rerun", control.rerun, "start a new batch with the same parameters")
    rerun.add_argument(
        "--reuse", action="store_true", help="take over what is paid and asked just the same"
    )


def _add_reviews(commands: _Commands) -> None:
    asked = commands.add_for_batch("review", reviews.review, "show what a waiting run asks")
    asked.add_argument("--text", action="store_true", help="print just the text that can be edited")
    approve = commands.add_for_batch("approve", reviews.approve, "let a waiting run go on")
    approve.add_argument("--text", metavar="FILE", help="the plan as you edited it; - for input")
    approve.add_argument("--drop", metavar="NUMBERS", help="what to leave out, such as 3,7-9")
    approve.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the batch"
    )
    approve.add_argument("--show-again", action="store_true", help="ask once more with the changes")
    commands.add_for_batch("reject", reviews.reject, "let a waiting run make nothing more")


def _add_maintenance(commands: _Commands) -> None:
    add = commands.add_for_batch
    audit = add("audit", maintenance.audit, "compare a batch's destination with the ledger")
    audit.add_argument("--repair", action="store_true", help="send missing and changed files again")
    delete = add("delete", maintenance.delete, "remove a batch's files and records")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.add_argument("--force", action="store_true", help="also if it is in work or all gone")
    export = add("export", maintenance.export, "write a delivered batch into a ZIP file")
    export.add_argument("--zip", type=Path, required=True, metavar="FILE", help="the ZIP file")
    export.add_argument("--force", action="store_true", help="replace FILE")
    add("urls", maintenance.urls, "print a batch's links, those signed renewed")


def _add_setup(commands: _Commands) -> None:
    check = commands.add("check-store", stores.check_store, "try a destination with a small file")
    check.add_argument("name", metavar="NAME", help="result store block, or the path of a folder")
    account = commands.add(
        "check-account", accounts.check_account, "try a model account, paying nothing"
    )
    account.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default="",
        help="model account block; without it, the environment's key",
    )
    templates.take_options(
        commands.add("templates", templates.templates, "list, save and delete saved settings")
    )
    setup.take_options(
        commands.add("setup", setup.setup, "make what Pressrun needs on the Prefect server")
    )


def _take_owner(command: argparse.ArgumentParser) -> None:
    command.add_argument("--owner", default="", metavar="NAME", help="only batches of this owner")
