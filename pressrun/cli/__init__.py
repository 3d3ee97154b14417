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
from pressrun.cli import accounts, batches, control, money, prompts, setup, stores, upkeep
from pressrun.errors import PressrunError
from pressrun.ledger.batches import Priority
from pressrun.ledger.bills import By

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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pressrun", description=__doc__.partition("\n")[0])
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=help_, description=f"{help_[:1].upper()}{help_[1:]}."
        )
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)
        return command

    def add_for_batch(name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        command = add(name, run, help_)
        command.add_argument("run_id", metavar="RUN", help="flow run id, its beginning, or latest")
        return command

    links = add("links", batches.links, "judge links without fetching or paying anything")
    links.add_argument("file", help="text, CSV or XLSX file with links; - for standard input")
    prompts.take_options(
        add("parse", prompts.parse, "show the prompts of a document before anything is made of it")
    )
    add_for_batch("status", batches.status, "show where a batch stands")
    add_for_batch("watch", batches.watch, "follow a batch until it ends")

    quote = add("quote", money.quote, "say what a batch will cost and how long it will take")
    quote.add_argument("flow", metavar="FLOW", help="slideshow-batch")
    quote.add_argument(
        "--params", type=Path, required=True, metavar="FILE", help="the flow's parameters as JSON"
    )
    costs = add("costs", money.costs, "say what calls did cost")
    costs.add_argument("--csv", action="store_true", help="print CSV")
    stats = add("stats", money.stats, "say how calls went: success, latency, failures")
    for command in (costs, stats):
        command.add_argument("--by", choices=get_args(By), default="model", help="default: model")
        command.add_argument(
            "--since", type=money.moment, default=0.0, metavar="WHEN", help="2026-11-01 (UTC) or 7d"
        )

    tune = add_for_batch("tune", batches.tune, "change a batch, also while it runs")
    tune.add_argument("--concurrency", type=int, metavar="N", help="items at the same time")
    tune.add_argument("--priority", choices=get_args(Priority), help="share of the quota")
    tune.add_argument("--budget", type=float, metavar="USD", help="most it may cost; 0: no cap")

    add_for_batch("pause", control.pause, "send no further call; what is in flight is kept")
    add_for_batch("resume", control.resume, "go on with a paused batch")
    add_for_batch("cancel", control.cancel, "end a batch; what is made is delivered")
    retry = add_for_batch("retry", control.retry, "make what is not completed")
    retry.add_argument("--only", nargs="+", metavar="KEY", help="just these items")
    retry.add_argument("--all", action="store_true", help="also what was blocked")
    add_for_batch("rerun", control.rerun, "start a new batch with the same parameters")

    audit = add_for_batch("audit", upkeep.audit, "compare a batch's destination with the ledger")
    audit.add_argument("--repair", action="store_true", help="send missing and changed files again")
    delete = add_for_batch("delete", upkeep.delete, "remove a batch's files and records")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.add_argument("--force", action="store_true", help="also if it is in work or all gone")
    export = add_for_batch("export", upkeep.export, "write a delivered batch into a ZIP file")
    export.add_argument("--zip", type=Path, required=True, metavar="FILE", help="the ZIP file")
    export.add_argument("--force", action="store_true", help="replace FILE")
    add_for_batch("links-to", upkeep.links_to, "print a batch's links, those signed renewed")

    check = add("check-store", stores.check_store, "try a destination with a small file")
    check.add_argument("name", metavar="NAME", help="result store block, or the path of a folder")
    account = add("check-account", accounts.check_account, "try a model account, paying nothing")
    account.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default="",
        help="model account block; without it, the environment's key",
    )
    add("setup", setup.setup, "make what Pressrun needs on the Prefect server")
    return parser
