"""Which item of a batch may begin under its caps: near a cap, what is begun is finished first.

An item begins with its first paid call. It may do so if what is left of every cap covers what it
will probably cost, beside the rest of those that are begun. So a cap that does not last for all
gives whole items, not the beginnings of many. What is begun is known by the calls that are paid in
the ledger, also after a crash or in a retry. The prices are estimates: that no cap is passed is
held by what is set aside for each call (``ledger.budgets``), and by that alone.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pressrun.calls.caller import FirstCall
from pressrun.engines.limits import NANO
from pressrun.errors import NotBegun
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Cap
from pressrun.ledger.costs import RecentCalls, read_recent
from pressrun.ledger.records import MENDED, Batch, Item
from pressrun.ledger.spending import Spending, read_begun, read_spending
from pressrun.reports.prices import CallPrice, price_calls

#: Where more is left than so many times an item's price, the ledger is not asked for it again …
_PLENTY = 4
#: … for so long: other batches spend under an account's caps too.
_LOOK_S = 5.0
#: So much of what is left an item is supposed to take until the next look, in its prices.
_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class BegunItem:
    """An item that has begun and is not made.

    Attributes:
        item: As it began.
        answered: Slots of calls that were paid before ``since``.
        since: When it began in this process (Unix seconds).
    """

    item: Item
    answered: frozenset[str]
    since: float

    def left(self, prices: Sequence[CallPrice], spending: Spending) -> list[CallPrice]:
        """Lists the calls that are still to be paid."""
        key, paid_at = self.item.key, spending.paid_at
        return [
            price
            for price in prices
            if price.slot not in self.answered and paid_at.get((key, price.slot), 0.0) <= self.since
        ]


class Beginnings:
    """Lets items of one batch begin, or keeps them back.

    Args:
        ledger: Where calls and caps stand.
        batch: Gives the batch as it is now.
        unmade: Lists the items that are still to be made in this run.
        caps: Gives the spending caps that hold at a moment (Unix seconds).
    """

    def __init__(
        self,
        ledger: Ledger,
        batch: Callable[[], Batch],
        unmade: Callable[[], Iterable[Item]],
        caps: Callable[[float], Sequence[Cap]],
    ):
        self._ledger, self._batch, self._unmade, self._caps = ledger, batch, unmade, caps
        self._begun: dict[str, BegunItem] = {}
        self._prices: dict[str, list[CallPrice]] = {}
        self._recent: Mapping[str, RecentCalls] | None = None
        self._free_nusd: dict[Cap, float] = {}
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def begin(self, item: Item, first: FirstCall) -> None:
        """Lets an item pay for its first call.

        Raises:
            NotBegun: A cap does not last for it.
        """
        now = time.time()
        begins, caps = BegunItem(item, first.answered, now), self._caps(now)
        if caps:
            self._find_begun()
        # Nothing is read under the lock. Who comes later counts this item already.
        with self._lock:
            known, others = item.key in self._begun, list(self._begun.values())
            self._begun[item.key] = begins
        if not caps or known or first.is_begun or self._has_plenty(begins, caps, now):
            return
        try:
            self._require_room(begins, others, first, caps)
        except BaseException:
            self.end(item.key)
            raise

    def has_begun(self, key: str) -> bool:
        """Says whether an item has begun and is not made."""
        return key in self._begun

    def end(self, key: str) -> None:
        """Notes that nothing more will be paid for an item in this run."""
        with self._lock:
            self._begun.pop(key, None)
            self._prices.pop(key, None)

    def _has_plenty(self, begins: BegunItem, caps: Sequence[Cap], now: float) -> bool:
        """Says whether the last look at the ledger was enough to let the item begin too."""
        price = _rest(self._priced(begins.item))
        with self._lock:
            free = self._free_nusd
            if price and not (
                now - self._looked_at < _LOOK_S
                and all(free.get(cap, 0.0) >= _PLENTY * price for cap in caps)
            ):
                return False
            for cap in caps:
                free[cap] = free.get(cap, 0.0) - _AT_MOST * price
        return True

    def _require_room(
        self,
        begins: BegunItem,
        others: Sequence[BegunItem],
        first: FirstCall,
        caps: Sequence[Cap],
    ) -> None:
        keys = [begun.item.key for begun in others]
        spending = read_spending(self._ledger.database, caps, self._batch().id, keys)
        lists = [begun.left(self._priced(begun.item), spending) for begun in others]
        mine = [
            replace(call, worst_nusd=first.worst_nusd) if call.slot == first.slot else call
            for call in begins.left(self._priced(begins.item), Spending({}, {}))
        ]
        begun = sum(map(_rest, lists))
        price = _rest(mine)
        # Held back for one call alone: the others wait until it is settled.
        wanted = price + max(map(_margin, [*lists, mine]))
        free: dict[Cap, float] = {}
        for cap in caps:
            left = cap.nusd - spending.spent_nusd.get(cap.scope, 0) - begun
            if left < wanted:
                raise _not_begun(cap, left, price, wanted)
            free[cap] = left - wanted
        with self._lock:
            self._free_nusd, self._looked_at = free, begins.since

    def _find_begun(self) -> None:
        """Finds what is begun by the ledger: before a crash, or in an earlier run.

        Once; where several items begin at once each may look, and finds the same.
        """
        if self._recent is not None:
            return
        batch, database = self._batch(), self._ledger.database
        keys = read_begun(database, batch.id)
        # What a mended item has paid for is not what it asks for now.
        found = (
            [i for i in self._unmade() if i.key in keys and MENDED not in i.spec] if keys else []
        )
        recent = read_recent(database, find_kind(batch.kind).recipe.models(batch.parameters))
        with self._lock:
            if self._recent is None:  # else what another one found may be made by now
                self._recent = recent
                for item in found:
                    self._begun.setdefault(item.key, BegunItem(item, frozenset(), 0.0))

    def _priced(self, item: Item) -> list[CallPrice]:
        if item.key not in self._prices:
            batch = self._batch()
            expected = find_kind(batch.kind).recipe.expect(item.spec, batch.parameters)
            self._prices[item.key] = price_calls(expected, self._recent or {}, datetime.now(UTC))
        return self._prices[item.key]


def _rest(left: Sequence[CallPrice]) -> int:
    return sum(call.nusd for call in left)


def _margin(left: Sequence[CallPrice]) -> int:
    """Computes what has to be there beyond the probable cost, so that each call can be set aside.

    A call is set aside at its worst case; the cheaper it is by then, the more is there for the
    next one.
    """
    rest = most = _rest(left)
    before = 0
    for call in left:
        most = max(most, before + call.worst_nusd)
        before += call.nusd
    return most - rest


def _not_begun(cap: Cap, left_nusd: int, price_nusd: int, wanted_nusd: int) -> NotBegun:
    left, price, wanted = (max(0, nusd) / NANO for nusd in (left_nusd, price_nusd, wanted_nusd))
    # Where the probable price would fit, it is the highest price of a call that does not.
    most = f", and ${wanted:.4f} with one call at its highest price" if price <= left else ""
    return NotBegun(
        f"Not begun: {cap.words} (${cap.usd:.2f}) leaves ${left:.4f}, it would take about "
        f"${price:.4f}{most}. Raise the cap and retry: what is made stays."
    )
