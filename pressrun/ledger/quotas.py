"""When a call may be sent: one number a quota, moved forward by whoever reserves.

The generic cell rate algorithm (GCRA, ITU-T I.371): ``tat`` is the theoretical arrival time of
the next call. One statement takes the moment and moves it on, so no caller polls and any
number of processes share a quota through the database alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, case, update
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.errors import QuotaExhausted
from pressrun.ledger.database import Database
from pressrun.ledger.schema import quotas

#: Calls spaced at exactly the limit put one too many into a window's edge.
SPACING = 0.99
REQUESTS = "requests_per_minute"

_mine = (
    (quotas.c.account == bindparam("of"))
    & (quotas.c.model == bindparam("named"))
    & (quotas.c.metric == REQUESTS)
)
_later = case((quotas.c.tat > bindparam("now"), quotas.c.tat), else_=bindparam("now"))
_RESERVE = (
    update(quotas)
    .where(_mine)
    .values(tat=_later + bindparam("interval"))
    .returning(quotas.c.tat, quotas.c.closed_until, quotas.c.closed_why)
)
_PUSH = update(quotas).where(_mine).values(tat=_later)
_CLOSE = (
    update(quotas).where(_mine).values(closed_until=bindparam("until"), closed_why=bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Quota:
    """The pace of one model in one account: ``per_minute`` calls."""

    account: str
    model: str
    per_minute: float

    @property
    def interval_s(self) -> float:
        """Seconds between two calls."""
        return 60.0 / (self.per_minute * SPACING)


class Quotas:
    """Reservations in the ledger."""

    def __init__(self, database: Database):
        self._database = database

    def reserve(self, connection: Connection, quota: Quota, now: float) -> float:
        """Takes the next free moment (Unix seconds) inside the caller's transaction.

        Raises:
            QuotaExhausted: The model is closed (a day's quota, spent credits).
        """
        binds = {
            "of": quota.account,
            "named": quota.model,
            "now": now,
            "interval": quota.interval_s,
        }
        row = connection.execute(_RESERVE, binds).one_or_none()
        if row is None:
            _open(connection, quota.account, quota.model)
            row = connection.execute(_RESERVE, binds).one()
        if row.closed_until > now:
            until = datetime.fromtimestamp(row.closed_until, UTC)
            raise QuotaExhausted(
                f"{row.closed_why} Closed until {until:%Y-%m-%d %H:%M} UTC.", until=until
            )
        return float(row.tat) - quota.interval_s

    def push(self, account: str, model: str, until: float) -> None:
        """Moves everybody's next moment to ``until`` (Unix seconds), never back."""
        with self._database.write() as connection:
            _open(connection, account, model)
            connection.execute(_PUSH, {"of": account, "named": model, "now": until})

    def close(self, account: str, model: str, until: float, why: str) -> None:
        """Lets nobody reserve before ``until`` (Unix seconds)."""
        with self._database.write() as connection:
            _open(connection, account, model)
            connection.execute(_CLOSE, {"of": account, "named": model, "until": until, "why": why})


def _open(connection: Connection, account: str, model: str) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"account": account, "model": model, "metric": REQUESTS, "tat": 0.0, "closed_until": 0.0}
    connection.execute(insert(quotas).values(row).on_conflict_do_nothing())
