"""The command ``pressrun``: what Prefect's own command line does not do.

Every subcommand has ``--json``. What goes wrong is one sentence on standard error and exit
code 2; a batch that failed is exit code 1 where a command waits for it.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pressrun import __version__
from pressrun.errors import InputError, PressrunError


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

    links = commands.add_parser("links", help="judge links without fetching or paying anything")
    links.add_argument("file", help="text, CSV or XLSX file with links; - for standard input")
    links.set_defaults(run=_links)

    status = commands.add_parser("status", help="show where a batch stands")
    status.set_defaults(run=_status)
    watch = commands.add_parser("watch", help="follow a batch until it ends")
    watch.set_defaults(run=_watch)
    for command in (status, watch):
        command.add_argument("run_id", metavar="RUN", help="flow run id, its beginning, or latest")
    for command in (links, status, watch):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _links(options: argparse.Namespace) -> int:
    from pressrun.inputs.links import check_links
    from pressrun.inputs.rows import read_manifest, read_rows

    rows = (
        read_rows(_standard_input()) if options.file == "-" else read_manifest(Path(options.file))
    )
    checked = check_links(rows)
    fields = ("line", "link", "verdict", "reason", "canonical", "duplicate_of")
    table = [{field: getattr(link, field) for field in fields} for link in checked]
    if options.json:
        print(json.dumps(table, ensure_ascii=False, indent=2))
    else:
        from pressrun.report.terminal import print_links

        print_links(table, good=sum(link.good for link in checked))
    return 0


def _standard_input() -> str:
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("Standard input is not UTF-8 text. Save the links as UTF-8.") from error


def _status(options: argparse.Namespace) -> int:
    from pressrun.ledger import open_ledger
    from pressrun.report.progress import read_progress

    ledger = open_ledger()
    progress = read_progress(ledger, ledger.batches.match(options.run_id))
    if options.json:
        print(json.dumps(asdict(progress), ensure_ascii=False, indent=2))
    else:
        from pressrun.report.terminal import print_progress

        print_progress(progress)
    return 0


def _watch(options: argparse.Namespace) -> int:
    from pressrun.ledger import open_ledger
    from pressrun.report.progress import read_progress
    from pressrun.report.terminal import ProgressLine

    ledger = open_ledger()
    batch_id = ledger.batches.match(options.run_id).id
    with ProgressLine(json_lines=options.json) as line:
        while True:
            progress = read_progress(ledger, ledger.batches.match(batch_id))
            line.show(progress)
            if progress.status != "processing":
                return 0 if progress.status == "completed" else 1
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
