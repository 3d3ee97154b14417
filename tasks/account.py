"""Who pays for a run: looked up first, so that a missing key is said before any link is fetched."""

from pressrun.account import Account
from pressrun.blocks import ModelAccount, account_of
from tasks.logs import quiet_logs


def find_account(block: ModelAccount | None, *models: str) -> Account:
    """The account for these models; no task of its own, since secrets are no task's argument.

    Raises:
        SettingError: One of the models needs a key and there is none.
    """
    quiet_logs()
    return account_of(block, *models)
