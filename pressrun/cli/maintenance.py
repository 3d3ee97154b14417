"""After a batch's end: compare, repair, delete, export, links."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from pressrun.boundary.text import counted
from pressrun.cli.options import Json, Owner, Run
from pressrun.cli.output import Counter, ask, print_json, print_line, print_note, size
from pressrun.cli.stores import delivered_batch
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.batches.audit import Audit
    from pressrun.batches.delete import Deletion
#: Longer lists of files are cut for people; JSON has them all.
_LISTED = 40


def audit(
    run: Run,
    owner: Owner = "",
    mend: Annotated[bool, Option("--repair", help="Send missing and changed files again.")] = False,
    as_json: Json = False,
) -> int:
    """Compare a batch's destination with the ledger.

    Exit code 1: they differ.
    """
    from pressrun.batches.audit import audit as compare
    from pressrun.batches.audit import repair

    delivered = delivered_batch(run, owner)
    with Counter("Compared") as counter:
        found = compare(delivered, counter.step)
    if mend:
        with Counter("Sent") as counter:
            found = repair(delivered, found, counter.step)
    if as_json:
        print_json({"in_order": found.in_order, **asdict(found)})
    else:
        _print_audit(found)
    return 0 if found.in_order else 1


def approve_articles(
    run: Run,
    owner: Owner = "",
    item: Annotated[
        list[str] | None, Option(metavar="KEY ...", help="None: all drafts of the batch.")
    ] = None,
    by: Annotated[str, Option(metavar="NAME", help="Who has read them.")] = "",
    as_json: Json = False,
) -> int:
    """Approve articles that a person has read.

    Their files say by whom, and drafts are renamed. Without --by: list the drafts. No model is
    asked, and nothing is paid.
    """
    from pressrun.batches.approval import approve, awaiting

    delivered = delivered_batch(run, owner)
    if not by:
        waiting = awaiting(delivered)
        if as_json:
            print_json(waiting)
        for key, why in {} if as_json else waiting.items():
            print_line(f"{key}: {why}")
        if not waiting:
            print_note("No article of this batch is a draft.")
        return 0
    done = approve(delivered, item or (), by)
    if as_json:
        print_json({"batch": delivered.batch.id, "approved": done, "by": by})
    else:
        print_line(
            f"{counted(len(done), 'article')} approved: {', '.join(done) or 'none was left'}"
        )
    return 0


def delete(
    run: Run,
    owner: Owner = "",
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
    force: Annotated[bool, Option("--force", help="Also if it is in work or all gone.")] = False,
    as_json: Json = False,
) -> int:
    """Remove a batch's files and records."""
    from pressrun.batches.delete import delete as remove
    from pressrun.batches.delete import survey

    delivered = delivered_batch(run, owner)
    found = survey(delivered, force=force)
    _print_deletion(found)
    if not yes and not _agreed():
        print_note("Nothing was removed.")
        return 2
    with Counter("Removed") as counter:
        remove(delivered, found, counter.step)
    if as_json:
        print_json(asdict(found))
    else:
        print_line(
            f"{found.title} is deleted. What it cost, ${found.cost_usd:.4f}, stays in the ledger."
        )
    return 0


def export(
    run: Run,
    file: Annotated[Path, Option("--zip", metavar="FILE", help="The ZIP file.")],
    owner: Owner = "",
    force: Annotated[bool, Option("--force", help="Replace FILE.")] = False,
    as_json: Json = False,
) -> int:
    """Write a delivered batch into a ZIP file."""
    from pressrun.batches.export import export as write

    delivered = delivered_batch(run, owner)
    with Counter("Exported") as counter:
        made = write(delivered, file, force=force, step=counter.step)
    if as_json:
        print_json(asdict(made))
    else:
        print_line(f"{made.files} files, {size(made.bytes)}: {made.zip}")
    if made.undelivered:
        print_note(f"{made.undelivered} files are not delivered yet and not in it. Retry the run.")
    return 0


def urls(run: Run, owner: Owner = "", as_json: Json = False) -> int:
    """Print a batch's links, those signed renewed.

    Exit code 1: a file is not there any more.
    """
    from pressrun.batches.links import renew_links as renew

    delivered = delivered_batch(run, owner)
    with Counter("Linked") as counter:
        found = renew(delivered, counter.step)
    if as_json:
        print_json({"missing": found.missing, **asdict(found)})
    else:
        for link in (found.folder, *found.reports, *found.files):
            print_line(f"{link.path}  {link.url or 'missing: pressrun audit --repair'}")
    return 1 if found.missing else 0


def _print_audit(found: "Audit") -> None:
    print_line(f"{found.destination}/{found.root}: {found.files} files")
    for word in ("missing", "changed", "extra", "repaired"):
        for path in getattr(found, word):
            print_line(f"{word:<9} {path}")
    for file in found.unmended:
        print_line(f"{file.path}: {file.reason}")
    if not found.complete:
        print_line("manifest.json does not stand there: the batch is not whole.")
    if found.in_order:
        print_line("All is as it was delivered.")


def _print_deletion(found: "Deletion") -> None:
    print_note(f"{found.title}: {found.destination}/{found.root}")
    _print_paths("removes", found.files)
    _print_paths("leaves", found.extra)
    print_note(f"{len(found.files)} files, {size(found.bytes)}, and the batch's records")
    if found.gone:
        print_note(f"{found.gone} files are not there any more.")
    if found.undelivered:
        print_note(f"{found.undelivered} paid files that were never delivered are lost with it.")


def _print_paths(verb: str, paths: Sequence[str]) -> None:
    for path in paths[:_LISTED]:
        print_note(f"  {verb} {path}")
    if len(paths) > _LISTED:
        print_note(f"  … and {len(paths) - _LISTED} more")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise InputError("Nobody can be asked here. Add --yes to delete the batch.")
    return ask("Delete it?")
