"""Before and during a batch: its links judged, where it stands."""

import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

from typer import Argument, Option

from pressrun.cli.options import Json, Owner, Priority, Run, Status, chosen_batch
from pressrun.cli.output import print_json, print_line, print_note
from pressrun.cli.uploads import local_file
from pressrun.errors import InputError


def check_links(
    file: Annotated[
        str,
        Argument(
            metavar="FILE",
            help="Text, CSV, TSV, JSON or XLSX file with links, or an upload; - for standard "
            "input.",
        ),
    ],
    as_json: Json = False,
) -> int:
    """Judge links without fetching or paying anything.

    Links that cannot be used are an answer, no failure: the exit code is 0.
    """
    from pressrun.inputs.tables.rows import read_manifest, read_rows
    from pressrun.inputs.tiktok.links import check_links

    if file == "-":
        given = read_rows(standard_input())
    else:
        with local_file(file) as path:
            given = read_manifest(path)
    checked = check_links(given.rows)
    fields = ("line", "link", "verdict", "reason", "canonical", "duplicate_of")
    table = [{field: getattr(link, field) for field in fields} for link in checked]
    if as_json:
        print_json(table)
    else:
        from pressrun.reports.verdicts import print_links

        print_links(table, good=sum(link.good for link in checked))
    for said in given.notes:
        print_note(said)
    return 0


def standard_input() -> str:
    """Reads what was piped in, as text.

    Raises:
        InputError: It is not UTF-8.
    """
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("Standard input is not UTF-8 text. Save it as UTF-8.") from error


def status(
    run: Run,
    owner: Owner = "",
    items: Annotated[bool, Option("--items", help="Every item, with its queue position.")] = False,
    as_json: Json = False,
) -> int:
    """Show where a batch stands."""
    from pressrun.ledger import open_ledger
    from pressrun.reports.progress import read_progress, read_queue

    ledger = open_ledger()
    batch = chosen_batch(run, owner)
    progress = read_progress(ledger, batch)
    queue = read_queue(ledger, batch) if items else []
    if as_json:
        listed = {"items": [asdict(item) for item in queue]} if items else {}
        print_json(asdict(progress) | listed)
    else:
        from pressrun.reports.terminal import print_progress, print_queue

        print_progress(progress)
        print_queue(queue)
    return 0


def batches(
    status: Annotated[Status | None, Option(help="Only these.")] = None,
    limit: Annotated[int, Option(metavar="N", help="At most so many.")] = 100,
    owner: Owner = "",
    as_json: Json = False,
) -> int:
    """List batches, the newest first."""
    from pressrun.ledger import open_ledger
    from pressrun.ledger.listing import read_batches

    found = read_batches(open_ledger().database, status or "", owner, limit)
    if as_json:
        print_json([asdict(batch) for batch in found])
    else:
        from pressrun.reports.terminal import print_batches

        print_batches(found)
    return 0


def watch(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Follow a batch until it ends.

    Exit code 1: it ended with anything not completed.
    """
    from pressrun.ledger import open_ledger
    from pressrun.ledger.records import OPEN
    from pressrun.reports.progress import read_progress
    from pressrun.reports.terminal import ProgressLine

    ledger = open_ledger()
    batch_id = chosen_batch(run, owner).id
    with ProgressLine(json_lines=as_json) as line:
        while True:
            progress = read_progress(ledger, ledger.batches.match(batch_id))
            line.show(progress)
            if progress.status not in OPEN:
                return 0 if progress.status == "completed" else 1
            time.sleep(0.5)


def update(
    run: Run,
    owner: Owner = "",
    concurrency: Annotated[int | None, Option(metavar="N", help="Items at the same time.")] = None,
    priority: Annotated[Priority | None, Option(help="Share of the quota.")] = None,
    budget: Annotated[
        float | None, Option(metavar="USD", help="Most it may cost; 0: no cap.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Change a batch, also while it runs.

    A batch in work follows within seconds.
    """
    from pressrun.kinds.parameters import MOST_AT_ONCE
    from pressrun.ledger import open_ledger

    if concurrency is not None and not 1 <= concurrency <= MOST_AT_ONCE:
        raise InputError(f"--concurrency takes 1 to {MOST_AT_ONCE}.")
    if budget is not None and budget < 0:
        raise InputError("--budget takes USD, or 0 for no cap.")
    ledger = open_ledger()
    batch = chosen_batch(run, owner)
    changes: dict[str, Any] = {"concurrency": concurrency, "priority": priority}
    changes = {name: value for name, value in changes.items() if value is not None}
    if budget is not None:
        changes["budget_usd"] = budget or None
    if changes:
        ledger.batches.mark(batch.id, **changes)
        batch = ledger.batches.match(batch.id)
    now = {name: getattr(batch, name) for name in ("concurrency", "priority", "budget_usd")}
    if as_json:
        print_json({"batch": batch.id, **now})
    else:
        print_line("  ".join(f"{name} {value}" for name, value in now.items()))
    return 0
