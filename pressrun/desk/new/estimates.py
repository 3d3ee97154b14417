"""What a draft's batch will make and cost: planned and priced as its flow does; nothing is paid."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pressrun.batches.planning import planner_of
from pressrun.engines.account import Account, account_from_environment
from pressrun.errors import PressrunError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters
from pressrun.ledger import Ledger
from pressrun.ledger.records import PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.reports.quote import Planned, Quote, quote_items
from pressrun.settings import settings
from pressrun.stores.factory import folder_target

#: A line about one parameter, as their check writes it.
_OF_FIELD = re.compile(r"([a-z_]{1,40})(?:\.[0-9]+)?: (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DraftEstimate:
    """What a batch of these parameters will be.

    Attributes:
        items: Planned; those that cannot be made have an error.
        quote: Of the others; None if there is a ``problem``.
        notes: What a person should know although nothing is wrong.
        problem: Why nothing can be started.
        problems: Its parts, one a line.
    """

    items: Sequence[PlannedItem] = ()
    quote: Quote | None = None
    notes: Sequence[str] = ()
    problem: str = ""
    problems: Sequence[str] = ()

    @property
    def by_field(self) -> Mapping[str, str]:
        """What is wrong with parameters, by name."""
        said = (_OF_FIELD.match(line) for line in self.problems)
        return {found[1]: found[2] for found in said if found}

    @property
    def ready(self) -> int:
        """How many items can be made."""
        return sum(not item.error for item in self.items)

    def told(self, words: str) -> str:
        """Adds to what is made how many items cannot be."""
        return f"{words}, {len(self.bad):,} cannot be made" if self.bad else words

    @property
    def bad(self) -> Sequence[PlannedItem]:
        """The items that cannot."""
        return [item for item in self.items if item.error]


def estimate(ledger: Ledger, kind: Kind, given: Mapping[str, Any]) -> DraftEstimate:
    """Plans and prices a batch as its flow would, with the environment's account."""
    # Of an account that a block holds only the limits matter here, and with them the time.
    account = account_from_environment()
    try:
        parameters = checked(kind, given, account)
        notes: list[str] = []
        items = planned(kind, parameters, account, lambda _: None, notes.append)
        return priced(ledger, kind, parameters, items, notes)
    except PressrunError as error:
        return refused(error)


def checked(kind: Kind, given: Mapping[str, Any], account: Account) -> BatchParameters:
    """Checks a draft's parameters, for a price.

    Raises:
        InputError: Some cannot be used.
    """
    parameters: BatchParameters = kind.parse_parameters({**given, "action": "quote"})
    return parameters.with_account(account)


def refused(error: PressrunError) -> DraftEstimate:
    """Makes the estimate of what cannot be started."""
    words, *lines = str(error).splitlines() or [""]
    return DraftEstimate(
        problem=words, problems=[line.strip().removeprefix("- ") for line in lines]
    )


def priced(
    ledger: Ledger,
    kind: Kind,
    parameters: BatchParameters,
    items: Sequence[PlannedItem],
    notes: Sequence[str] = (),
    account: Account | None = None,
) -> DraftEstimate:
    """Prices planned items."""
    makeable: list[Planned] = [item for item in items if not item.error]
    quote = quote_items(
        ledger,
        kind.name,
        makeable,
        parameters.model_dump(),
        parameters.concurrency,
        account or account_from_environment(),
    )
    return DraftEstimate(items, quote, notes)


def planned(
    kind: Kind,
    parameters: BatchParameters,
    account: Account,
    log: Callable[[str], None] = lambda _: None,
    note: Callable[[str], None] = lambda _: None,
) -> list[PlannedItem]:
    """Plans the items of a batch, whose sources are not kept.

    Raises:
        PressrunError: As its planner does.
    """
    with TemporaryDirectory(prefix="pressrun-") as folder:
        target = folder_target(settings().output)
        vault = Vault(Path(folder))
        with planner_of(
            kind, parameters, target, lambda: account, vault, log, note, plans_often=True
        ) as planner:
            return planner.plan()
