"""After a batch's end: compare, mend, delete, export, links."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from pressrun.cli.output import Counter, ask, chosen_batch, print_json, say, size, tell
from pressrun.cli.stores import target_of
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.batches.audit import Audit
    from pressrun.batches.delete import Deletion
    from pressrun.batches.delivered import Delivered

#: Longer lists of files are cut for people; JSON has them all.
_LISTED = 40


def audit(options: argparse.Namespace) -> int:
    """``pressrun audit``: 1 if destination and ledger differ."""
    from pressrun.batches.audit import audit as compare
    from pressrun.batches.audit import repair

    delivered = _delivered(options)
    with Counter("Compared") as counter:
        found = compare(delivered, counter.step)
    if options.repair:
        with Counter("Sent") as counter:
            found = repair(delivered, found, counter.step)
    if options.json:
        print_json({"in_order": found.in_order, **asdict(found)})
    else:
        _say_audit(found)
    return 0 if found.in_order else 1


def delete(options: argparse.Namespace) -> int:
    """``pressrun delete``."""
    from pressrun.batches.delete import delete as remove
    from pressrun.batches.delete import survey

    delivered = _delivered(options)
    found = survey(delivered, force=options.force)
    _tell_deletion(found)
    if not options.yes and not _agreed():
        tell("Nothing was removed.")
        return 2
    with Counter("Removed") as counter:
        remove(delivered, found, counter.step)
    if options.json:
        print_json(asdict(found))
    else:
        say(f"{found.title} is deleted. What it cost, ${found.cost_usd:.4f}, stays in the ledger.")
    return 0


def export(options: argparse.Namespace) -> int:
    """``pressrun export``."""
    from pressrun.batches.export import export as write

    delivered = _delivered(options)
    with Counter("Exported") as counter:
        made = write(delivered, options.zip, force=options.force, step=counter.step)
    if options.json:
        print_json(asdict(made))
    else:
        say(f"{made.files} files, {size(made.bytes)}: {made.zip}")
    if made.undelivered:
        tell(f"{made.undelivered} files are not delivered yet and not in it. Retry the run.")
    return 0


def links_to(options: argparse.Namespace) -> int:
    """``pressrun links-to``: 1 if a file is not there any more."""
    from pressrun.batches.links import links_to as renew

    delivered = _delivered(options)
    with Counter("Linked") as counter:
        found = renew(delivered, counter.step)
    if options.json:
        print_json({"missing": found.missing, **asdict(found)})
    else:
        for link in (found.folder, *found.reports, *found.files):
            say(f"{link.path}  {link.url or 'missing: pressrun audit --repair'}")
    return 1 if found.missing else 0


def _delivered(options: argparse.Namespace) -> "Delivered":
    from pressrun.batches.delivered import Delivered
    from pressrun.ledger import open_ledger

    ledger = open_ledger()
    batch = chosen_batch(options)
    return Delivered.open(ledger, batch, target_of(batch))


def _say_audit(found: "Audit") -> None:
    say(f"{found.destination}/{found.root}: {found.files} files")
    for word in ("missing", "changed", "extra", "repaired"):
        for path in getattr(found, word):
            say(f"{word:<9} {path}")
    for file in found.unmended:
        say(f"{file.path}: {file.reason}")
    if not found.complete:
        say("manifest.json does not stand there: the batch is not whole.")
    if found.in_order:
        say("All is as it was delivered.")


def _tell_deletion(found: "Deletion") -> None:
    tell(f"{found.title}: {found.destination}/{found.root}")
    _tell_paths("removes", found.files)
    _tell_paths("leaves", found.extra)
    tell(f"{len(found.files)} files, {size(found.bytes)}, and the batch's records")
    if found.gone:
        tell(f"{found.gone} files are not there any more.")
    if found.undelivered:
        tell(f"{found.undelivered} paid files that were never delivered are lost with it.")


def _tell_paths(verb: str, paths: Sequence[str]) -> None:
    for path in paths[:_LISTED]:
        tell(f"  {verb} {path}")
    if len(paths) > _LISTED:
        tell(f"  … and {len(paths) - _LISTED} more")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise InputError("Nobody can be asked here. Add --yes to delete the batch.")
    return ask("Delete it?")
