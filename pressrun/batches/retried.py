"""What a retry makes of a batch, told apart before it begins, and what it will cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.batches.mend import Mend, quote_mends
from pressrun.engines.account import Account
from pressrun.ledger import Ledger
from pressrun.ledger.records import MENDING, Batch, Item
from pressrun.reports.quote import Quote, quote_items


@dataclass(frozen=True, slots=True)
class RetriedItems:
    """The items that a retry concerns.

    Attributes:
        mended: Made with what a person has changed.
        known: Tried again as they are.
        unread: Planned again first, since what they need could not be read: no price is known.
        final: Not tried, since the same would be refused again.
    """

    mended: Sequence[Item]
    known: Sequence[Item]
    unread: Sequence[Item]
    final: Sequence[Item]

    @classmethod
    def among(cls, items: Sequence[Item]) -> "RetriedItems":
        """Tells apart what is not completed."""
        plain = [item for item in items if MENDING not in item.spec]
        again = [item for item in plain if item.may_be_retried]
        unread = [item for item in again if item.status == "failed" and not item.attempts]
        return cls(
            [item for item in items if MENDING in item.spec],
            [item for item in again if item not in unread],
            unread,
            [item for item in plain if not item.may_be_retried],
        )

    def quote_mended(self, ledger: Ledger, batch: Batch) -> Quote:
        """Quotes what was changed."""
        mends = [Mend(item, item.spec[MENDING]) for item in self.mended]
        return quote_mends(ledger, batch, ledger.batches.items(batch.id), mends)

    def quote_known(self, ledger: Ledger, batch: Batch) -> Quote:
        """Quotes what is tried again as it is; what is paid of it costs nothing."""
        asked = batch.kind, self.known, batch.parameters, batch.concurrency, Account(), batch.id
        return quote_items(ledger, *asked)
