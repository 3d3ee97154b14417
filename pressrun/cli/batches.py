"""Before and during a batch: its links judged, where it stands."""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from pressrun.cli.output import print_json
from pressrun.errors import InputError


def links(options: argparse.Namespace) -> int:
    """``pressrun links``: what cannot be used is an answer, no failure."""
    from pressrun.inputs.links import check_links
    from pressrun.inputs.rows import read_manifest, read_rows

    rows = (
        read_rows(_standard_input()) if options.file == "-" else read_manifest(Path(options.file))
    )
    checked = check_links(rows)
    fields = ("line", "link", "verdict", "reason", "canonical", "duplicate_of")
    table = [{field: getattr(link, field) for field in fields} for link in checked]
    if options.json:
        print_json(table)
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


def status(options: argparse.Namespace) -> int:
    """``pressrun status``."""
    from pressrun.ledger import open_ledger
    from pressrun.report.progress import read_progress

    ledger = open_ledger()
    progress = read_progress(ledger, ledger.batches.match(options.run_id))
    if options.json:
        print_json(asdict(progress))
    else:
        from pressrun.report.terminal import print_progress

        print_progress(progress)
    return 0


def watch(options: argparse.Namespace) -> int:
    """``pressrun watch``: 1 if the batch ends with anything not completed."""
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
