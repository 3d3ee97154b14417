"""Items begin under a cap only where it lasts for them, beside the rest of those that are begun."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pressrun.batches import beginnings
from pressrun.batches.beginnings import Beginnings
from pressrun.calls.caller import FirstCall
from pressrun.engines.base import Usage
from pressrun.engines.limits import NANO, Load
from pressrun.errors import NotBegun
from pressrun.ledger import Ledger, open_ledger
from pressrun.ledger.budgets import Budget, Cap, batch_scope
from pressrun.ledger.calls import CallLoad, Intent, Settlement
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.spending import Spending, read_spending
from pressrun.reports.prices import CallPrice
from tests.support.batches import GEMINI, IMAGE_MODEL, parameters, plan

CENT = NANO // 100


class Desk:
    """A batch of four slideshows of two slides; every call costs a cent, and at most two."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch):
        self.batch = plan(parameters(home, 4, **GEMINI))
        self.ledger: Ledger = open_ledger()
        self.cap: float | None = None
        self.looks = 0
        self.items = self.ledger.batches.items(self.batch.id)
        monkeypatch.setattr(
            beginnings,
            "price_calls",
            lambda calls, *_: [CallPrice(call.slot, CENT, 2 * CENT) for call in calls],
        )
        monkeypatch.setattr(beginnings, "read_spending", self._counted(read_spending))
        self.beginnings = self.process()

    def process(self) -> Beginnings:
        """A process that works on the batch."""
        return Beginnings(self.ledger, self._now, lambda: iter(self.items), self._caps)

    def begin(self, number: int, *, is_begun: bool = False) -> None:
        """Begins an item, as its caller does before its first paid call."""
        answered = frozenset({"analysis"} if is_begun else ())
        first = FirstCall("slide_0" if is_begun else "analysis", 2 * CENT, answered, is_begun)
        self.beginnings.begin(self.items[number], first)

    def pay(self, number: int, *slots: str) -> None:
        """Pays for calls of an item, a cent each."""
        for slot in slots:
            key = self.items[number].key
            intent = Intent(self.batch.id, key, slot, f"{key} {slot}", "a", IMAGE_MODEL)
            takes = CallLoad(Load(cost_nusd=2 * CENT), self._caps(1000.0))
            quota = [Quota("a", IMAGE_MODEL, None)]
            call = self.ledger.calls.intend(intent, quota, takes, 1000.0)
            paid = Settlement("d" * 64, "image/png", Usage(), Decimal("0.01"), "v", 1.0)
            self.ledger.calls.settle(call.call_id, paid, 4_000_000_000.0)

    def _now(self) -> Batch:
        return self.batch

    def _caps(self, now: float) -> list[Cap]:
        return Budget(self.cap).caps(self.batch.id, "a", now)

    def _counted(self, read: Callable[..., Spending]) -> Callable[..., Spending]:
        def counted(*given: object) -> Spending:
            self.looks += 1
            return read(*given)

        return counted


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(home, monkeypatch)


def test_an_item_begins_where_the_cap_lasts_for_it_and_the_rest_of_those_begun(desk: Desk) -> None:
    desk.cap = 0.07  # two of three cents, and a cent more for the last call
    desk.begin(0)
    desk.begin(1)
    with pytest.raises(NotBegun, match=r"leaves \$0\.0100, it would take about \$0\.0300\. Raise"):
        desk.begin(2)
    desk.pay(0, "analysis", "slide_0")  # is spent in place of expected: nothing changes
    with pytest.raises(NotBegun, match=r"leaves \$0\.0100"):
        desk.begin(2)


def test_what_is_given_up_leaves_its_part_to_others(desk: Desk) -> None:
    desk.cap = 0.07
    desk.begin(0)
    desk.begin(1)
    desk.beginnings.end(desk.items[0].key)
    desk.begin(2)
    assert [desk.beginnings.has_begun(item.key) for item in desk.items] == [0, 1, 1, 0]


def test_the_highest_price_of_a_call_has_to_fit_too(desk: Desk) -> None:
    desk.cap = 0.035
    with pytest.raises(NotBegun, match=r"about \$0\.0300, and \$0\.0400 with one call at its high"):
        desk.begin(0)
    desk.cap = 0.04
    desk.begin(0)


def test_a_try_of_an_item_that_has_begun_is_never_kept_back(desk: Desk) -> None:
    desk.cap = 0.04
    desk.begin(0)
    desk.begin(0)
    desk.begin(1, is_begun=True)  # as its own paid answers say
    desk.cap = 0.0
    desk.begin(0)


def test_another_process_finds_what_is_begun_in_the_ledger(desk: Desk) -> None:
    desk.cap = 0.08
    desk.begin(3)
    desk.pay(3, "analysis")
    desk.beginnings = desk.process()  # of the cap 7 cents are left, and 2 are for the last item
    desk.begin(0)
    with pytest.raises(NotBegun, match=r"leaves \$0\.0200"):
        desk.begin(1)
    desk.begin(3, is_begun=True)


def test_items_that_are_not_to_be_made_hold_nothing_back(desk: Desk) -> None:
    desk.cap = 0.08
    desk.begin(3)
    desk.pay(3, "analysis")
    desk.items.pop()  # a retry of the others alone
    desk.beginnings = desk.process()
    desk.begin(0)
    desk.begin(1)


def test_far_from_the_cap_the_ledger_is_not_asked_for_every_item(desk: Desk) -> None:
    desk.cap = 10.0
    for number in range(4):
        desk.begin(number)
    assert desk.looks == 1
    for number in range(4):
        desk.beginnings.end(desk.items[number].key)
    desk.cap = 0.07  # lowered while it runs: another cap is another look
    desk.begin(0)
    desk.begin(1)
    with pytest.raises(NotBegun):
        desk.begin(2)
    assert desk.looks == 4


def test_what_other_batches_spend_under_a_shared_cap_is_seen_in_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.cap = 10.0
    desk.begin(0)
    monkeypatch.setattr(beginnings, "_LOOK_S", 0.0)
    desk.begin(1)
    assert desk.looks == 2


def test_without_a_cap_nothing_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as forbidden:
        forbidden.setattr(beginnings, "read_begun", pytest.fail)
        forbidden.setattr(beginnings, "read_recent", pytest.fail)
        desk.begin(0)
        desk.begin(1)
        assert desk.looks == 0
    desk.cap = 0.07  # one that is set while they are in work counts what is left of them
    with pytest.raises(NotBegun, match=r"leaves \$0\.0100"):
        desk.begin(2)


def test_a_mended_item_is_not_known_as_begun_by_what_it_paid_before(desk: Desk) -> None:
    desk.cap = 0.08
    desk.begin(3)
    desk.pay(3, "analysis")
    mended: Item = replace(desk.items[3], spec={**desk.items[3].spec, "mended": {}})
    desk.items[3] = mended
    desk.beginnings = desk.process()
    desk.begin(0)
    desk.begin(1)
    with pytest.raises(NotBegun):
        desk.begin(3)


def test_the_scope_of_a_batch_is_the_one_of_its_cap() -> None:
    (cap,) = Budget(1.0).caps("b1", "a", 0.0)
    assert cap.scope == batch_scope("b1")
