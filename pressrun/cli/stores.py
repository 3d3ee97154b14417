"""From a command to a destination: by a batch, or by the name of a result store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from pressrun.cli.options import Json, chosen_batch
from pressrun.cli.output import print_json, print_line
from pressrun.cli.server import answering_server
from pressrun.errors import SettingError

if TYPE_CHECKING:
    from pressrun.batches.delivered import Delivered
    from pressrun.ledger.records import Batch
    from pressrun.stores.factory import Target


def target_of(batch: "Batch") -> "Target | None":
    """Finds the target of a batch's destination; None for a folder, which needs no Prefect.

    Raises:
        SettingError: Its result store cannot be loaded.
    """
    from pressrun.stores.factory import scheme_of

    if scheme_of(batch.destination) == "folder":
        return None
    with answering_server():
        from pressrun.blocks import target_named

        return target_named(batch.store, batch.destination)


def delivered_batch(run: str, owner: str) -> "Delivered":
    """Opens the destination of the batch that ``RUN`` names; raises as its two parts do."""
    from pressrun.batches.delivered import Delivered
    from pressrun.ledger import open_ledger

    ledger = open_ledger()
    batch = chosen_batch(run, owner)
    return Delivered.open(ledger, batch, target_of(batch))


def check_store(
    name: Annotated[
        str, Argument(metavar="NAME", help="Result store block, or the path of a folder.")
    ],
    as_json: Json = False,
) -> int:
    """Try a destination with a small file.

    Exit code 1: it refuses.
    """
    from pressrun.ledger import open_ledger
    from pressrun.stores.probe import check_store as check

    target = _target(name)
    result = check(target, open_ledger().remote_ids)
    if as_json:
        print_json({"ok": result.ok, **asdict(result)})
    else:
        print_line(f"Writing, reading back and removing a probe in {result.destination}")
        print_line(f"{result.error or 'ok'} ({result.seconds:.1f} s)")
    return 0 if result.ok else 1


def _target(name: str) -> "Target":
    """Finds the target: a folder, whose path has a slash or is ``.`` or ``~``, or a block."""
    from pressrun.stores.factory import folder_target, scheme_of

    block = name.removeprefix("result-store/")
    if "/" not in block and block not in {".", "..", "~"}:
        with answering_server():
            from pressrun.blocks import target_named

            return target_named(block, "")
    if scheme_of(name) != "folder":
        raise SettingError(
            f"{name} is reached through a result store. Give the name of its block, as the page "
            "Blocks in the UI shows it."
        )
    return folder_target(Path(name))
