"""The batch that a command is about, and whose it has to be."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pressrun.ledger.records import Batch


def chosen_batch(options: argparse.Namespace) -> "Batch":
    """The batch that ``RUN`` names, among those of ``--owner``.

    Raises:
        InputError: There is none, or there are several.
    """
    from pressrun.ledger import open_ledger

    return open_ledger().batches.match(options.run_id, options.owner)
