"""Before and during a batch: its links judged, where it stands."""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from pressrun.cli.output import chosen_batch, print_json, print_line
from pressrun.errors import InputError
from pressrun.kinds.parameters import MOST_AT_ONCE


def check_links(options: argparse.Namespace) -> int:
    """``pressrun check-links``: what cannot be used is an answer, no failure."""
    from pressrun.inputs.tables.rows import read_manifest, read_rows
    from pressrun.inputs.tiktok.links import check_links

    rows = read_rows(standard_input()) if options.file == "-" else read_manifest(Path(options.file))
    checked = check_links(rows)
    fields = ("line", "link", "verdict", "reason", "canonical", "duplicate_of")
    table = [{field: getattr(link, field) for field in fields} for link in checked]
    if options.json:
        print_json(table)
    else:
        from pressrun.reports.terminal import print_links

        print_links(table, good=sum(link.good for link in checked))
    return 0


def standard_input() -> str:
    """What was piped in, as text.

    Raises:
        InputError: It is not UTF-8.
    """
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("Standard input is not UTF-8 text. Save it as UTF-8.") from error


def status(options: argparse.Namespace) -> int:
    """``pressrun status``."""
    from pressrun.ledger import open_ledger
    from pressrun.reports.progress import read_progress, read_queue

    ledger = open_ledger()
    batch = chosen_batch(options)
    progress = read_progress(ledger, batch)
    queue = read_queue(ledger, batch) if options.items else []
    if options.json:
        listed = {"items": [asdict(item) for item in queue]} if options.items else {}
        print_json(asdict(progress) | listed)
    else:
        from pressrun.reports.terminal import print_progress, print_queue

        print_progress(progress)
        print_queue(queue)
    return 0


def batches(options: argparse.Namespace) -> int:
    """``pressrun batches``: the newest first."""
    from pressrun.ledger import open_ledger
    from pressrun.ledger.listing import read_batches

    found = read_batches(open_ledger().database, options.status, options.owner, options.limit)
    if options.json:
        print_json([asdict(batch) for batch in found])
    else:
        from pressrun.reports.terminal import print_batches

        print_batches(found)
    return 0


def watch(options: argparse.Namespace) -> int:
    """``pressrun watch``: 1 if the batch ends with anything not completed."""
    from pressrun.ledger import open_ledger
    from pressrun.ledger.records import OPEN
    from pressrun.reports.progress import read_progress
    from pressrun.reports.terminal import ProgressLine

    ledger = open_ledger()
    batch_id = chosen_batch(options).id
    with ProgressLine(json_lines=options.json) as line:
        while True:
            progress = read_progress(ledger, ledger.batches.match(batch_id))
            line.show(progress)
            if progress.status not in OPEN:
                return 0 if progress.status == "completed" else 1
            time.sleep(0.5)


def update(options: argparse.Namespace) -> int:
    """``pressrun update``: a batch in work follows within seconds."""
    from pressrun.ledger import open_ledger

    if options.concurrency is not None and not 1 <= options.concurrency <= MOST_AT_ONCE:
        raise InputError(f"--concurrency takes 1 to {MOST_AT_ONCE}.")
    if options.budget is not None and options.budget < 0:
        raise InputError("--budget takes USD, or 0 for no cap.")
    ledger = open_ledger()
    batch = chosen_batch(options)
    changes = {"concurrency": options.concurrency, "priority": options.priority}
    changes = {name: value for name, value in changes.items() if value is not None}
    if options.budget is not None:
        changes["budget_usd"] = options.budget or None
    if changes:
        ledger.batches.mark(batch.id, **changes)
        batch = ledger.batches.match(batch.id)
    now = {name: getattr(batch, name) for name in ("concurrency", "priority", "budget_usd")}
    if options.json:
        print_json({"batch": batch.id, **now})
    else:
        print_line("  ".join(f"{name} {value}" for name, value in now.items()))
    return 0
