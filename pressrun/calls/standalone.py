"""One request to a model outside of a batch's items, such as while it is planned.

It is written, paid and settled in the ledger as every other call.
"""

from collections.abc import Callable
from contextlib import closing

from pressrun.calls.caller import Caller
from pressrun.calls.routes import Routes
from pressrun.engines.account import Account
from pressrun.engines.base import TextRequest
from pressrun.ledger import open_ledger
from pressrun.ledger.budgets import Budget
from pressrun.ledger.vault import Vault

#: From a request and its check to the answer.
Ask = Callable[[TextRequest, Callable[[str], None]], str]


def ask(
    request: TextRequest,
    check: Callable[[str], None],
    account: Account,
    vault: Vault,
    slot: str,
    budget_usd: float | None = None,
) -> str:
    """Asks a model; the same request made again costs nothing. Returns the answer as JSON.

    Args:
        request: What is asked.
        check: Raises :class:`~pressrun.errors.BadReply` for an unusable answer.
        account: Who pays.
        vault: The batch's, on whose bill it stands; keeps the answer.
        slot: What the request is for.
        budget_usd: The batch's cap; the account's hold too.

    Raises:
        BudgetSpent: A cap has no room for it.
    """
    ledger, batch_id = open_ledger(), vault.folder.name
    budget = Budget(budget_usd, account.daily_usd, account.monthly_usd)
    with closing(Routes([request.model], lambda: account, 1, "normal", ledger)) as routes:
        caller = Caller(
            ledger,
            vault,
            routes.by_model,
            batch_id,
            slot,
            caps=lambda now: budget.caps(batch_id, account.name, now),
        )
        return caller.text(slot, request, check).data.decode()
