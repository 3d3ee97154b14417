"""Arguments and options that several commands share."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

if TYPE_CHECKING:
    from pressrun.ledger.records import Batch

Run = Annotated[str, Argument(metavar="RUN", help="Flow run id, its beginning, or latest.")]
Owner = Annotated[str, Option(metavar="NAME", help="Only batches of this owner.")]
Json = Annotated[bool, Option("--json", help="Print JSON.")]


def chosen_batch(run: str, owner: str) -> "Batch":
    """The batch that ``RUN`` names, among those of ``--owner``.

    Raises:
        InputError: There is none, or there are several.
    """
    from pressrun.ledger import open_ledger

    return open_ledger().batches.match(run, owner)
