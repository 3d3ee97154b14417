"""The ledger: what was asked, paid and delivered, and when the next call may be sent.

It is the one truth of a batch. Nothing here sends, draws or uploads; callers tell it what
they are about to do, and then what came of it.
"""

from functools import lru_cache

from pressrun.ledger.batches import Batches
from pressrun.ledger.calls import Calls
from pressrun.ledger.database import Database
from pressrun.ledger.deliveries import Deliveries
from pressrun.ledger.holders import Holders
from pressrun.ledger.quotas import Quotas
from pressrun.settings import settings


class Ledger:
    """All records over one database."""

    def __init__(self, url: str):
        self.database = Database(url)
        self.quotas = Quotas(self.database)
        self.calls = Calls(self.database, self.quotas)
        self.batches = Batches(self.database)
        self.deliveries = Deliveries(self.database)
        self.holders = Holders(self.database)

    def close(self) -> None:
        """Closes the database's connections."""
        self.database.close()


@lru_cache
def open_ledger(url: str = "") -> Ledger:
    """The ledger of this process at ``url``, by default the settings' one.

    Raises:
        LedgerError: It cannot be opened.
    """
    return Ledger(url or settings().ledger)
