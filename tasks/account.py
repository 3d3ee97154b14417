"""Who pays for a run: looked up first, so that a missing key is said before any link is fetched."""

from collections.abc import Callable, Iterable

from prefect import get_run_logger

from pressrun.account import Account
from pressrun.blocks import ModelAccount, account_of, account_reader


def find_account(block: ModelAccount | None, *models: str) -> Callable[[], Account]:
    """Gives the account for these models as it stands at any moment: its limits may change.

    No task of its own, since secrets are no task's argument.

    Raises:
        SettingError: One of the models needs a key and there is none.
    """
    account_of(block, *models)
    return account_reader(block)


def tell_notes(account: Account, models: Iterable[str]) -> None:
    """Says in the run's log what the account's owner should know of it; mostly nothing."""
    for note in account.notes(models):
        get_run_logger().warning("%s", note)
