"""The ledger: what was asked, paid and delivered, and when the next call may be sent.

It alone says where a batch stands. Nothing here sends, draws or uploads; callers record here what
they are about to do, and then what came of it.
"""

from collections.abc import Callable
from functools import lru_cache

from pressrun.errors import SettingError
from pressrun.ledger.batches import Batches
from pressrun.ledger.breakers import BreakerRule, Breakers
from pressrun.ledger.calls import Calls
from pressrun.ledger.copies import Copies
from pressrun.ledger.database.connection import Database
from pressrun.ledger.deliveries import Deliveries
from pressrun.ledger.leases import Leases
from pressrun.ledger.quotas.reservations import Quotas
from pressrun.ledger.remote_ids import RemoteIds
from pressrun.ledger.requesters import RequestLimits, Requests, requester_key
from pressrun.ledger.waits import Waits
from pressrun.settings import settings


def configured_request_limits() -> RequestLimits:
    """Reads from the settings what one requester, and all together, may ask for.

    Raises:
        SettingError: Names are exempt, and the operator has not said that anybody may type them.
    """
    told = settings()
    exempt = [name for name in told.exempt_requesters.split(",") if name.strip()]
    if exempt and not told.trust_requested_by:
        raise SettingError(
            "PRESSRUN_EXEMPT_REQUESTERS exempts names from the limits, and anybody who can start a "
            "run can type one of them as requested_by. If you want that, set "
            "PRESSRUN_TRUST_REQUESTED_BY=true; else remove PRESSRUN_EXEMPT_REQUESTERS."
        )
    return RequestLimits(
        batches_an_hour=told.most_batches_an_hour,
        items_an_hour=told.most_items_an_hour,
        batches_a_day=told.most_batches_a_day,
        items_a_day=told.most_items_a_day,
        monthly_usd=told.requester_monthly_usd,
        exempt=frozenset(map(requester_key, exempt)),
    )


def configured_breaker_rule() -> BreakerRule:
    """Reads from the settings when a model counts as failing."""
    return BreakerRule(settings().breaker_failures, settings().breaker_window_s)


class Ledger:
    """All records over one database.

    Args:
        url: Of the database.
        request_limits: Gives the limits of requesters as they stand.
        breaker_rule: Gives when a model is left alone.
    """

    def __init__(
        self,
        url: str,
        request_limits: Callable[[], RequestLimits] = configured_request_limits,
        breaker_rule: Callable[[], BreakerRule] = configured_breaker_rule,
    ):
        self.database = Database(url)
        self.quotas = Quotas(self.database)
        self.calls = Calls(self.database, self.quotas)
        self.requests = Requests(self.database, request_limits)
        self.batches = Batches(self.database, self.requests)
        self.deliveries = Deliveries(self.database)
        self.copies = Copies(self.database)
        self.leases = Leases(self.database)
        self.breakers = Breakers(self.database, breaker_rule)
        self.waits = Waits(self.database)

    def remote_ids(self, destination: str) -> RemoteIds:
        """Makes the record of the ids of one destination, such as ``drive://FOLDER_ID``."""
        return RemoteIds(self.database, destination)

    def close(self) -> None:
        """Closes the database's connections."""
        self.database.close()


@lru_cache
def open_ledger(url: str = "") -> Ledger:
    """Opens the ledger at ``url``, by default the settings' one, once in a process.

    Raises:
        LedgerError: It cannot be opened.
    """
    return Ledger(url or settings().ledger)
