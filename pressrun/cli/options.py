"""Arguments and options that several commands share, and the words that they choose from."""

from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

if TYPE_CHECKING:
    from pressrun.ledger.records import Batch

# As the ledger has them, which is slow to import: help, mistakes and a shell's completion need no
# ledger. A test checks that both are equal.
Status = Literal[
    "draft", "ready", "running", "paused", "completed", "partial", "failed", "cancelled"
]
Priority = Literal["low", "normal", "high"]
By = Literal["model", "batch", "day", "owner"]

Run = Annotated[str, Argument(metavar="RUN", help="Flow run id, its beginning, or latest.")]
Owner = Annotated[str, Option(metavar="NAME", help="Only batches of this owner.")]
Json = Annotated[bool, Option("--json", help="Print JSON.")]


def chosen_batch(run: str, owner: str) -> "Batch":
    """Finds the batch that ``RUN`` names, among those of ``--owner``.

    Raises:
        InputError: There is none, or there are several.
    """
    from pressrun.ledger import open_ledger

    return open_ledger().batches.match(run, owner)
