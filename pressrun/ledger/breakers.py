"""Models that fail are left alone for a while: a circuit breaker for each, for all batches.

After some failures in a row, close together, a model is open: nobody calls it. When its time is
over one call tries it; if that works it is closed, if not it stays open twice as long as before.
Pure rules in the middle, one transaction around each; nothing here calls a model.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pressrun.errors import EngineError, Unavailable
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import breakers

#: How long a model is left alone at first, and at most.
FIRST_S, MOST_S = 60.0, 1800.0
#: Time for the outcome of a call that tries a model; after it another call may try.
TRIAL_S = 300.0

_FIELDS = ("failed_at", "wait_s", "open_until", "trial_until")
_ROW = breakers.c.model == bindparam("named")
_COLUMNS = select(*(breakers.c[name] for name in _FIELDS)).where(_ROW)
_LOOK = Statement(_COLUMNS)
# On SQLite the transaction has the write lock already.
_LOCK = Statement(_COLUMNS.with_for_update())
_FORGET = Statement(delete(breakers).where(_ROW))


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """When a model is open: after so many failures in a row within so many seconds."""

    failures: int = 5
    window_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Open:
    """A model that nobody may call until a moment (Unix seconds)."""

    model: str
    until: float
    tried: bool = False

    def __str__(self) -> str:
        """Says why, in a sentence for a person."""
        if self.tried:
            return f"{self.model} failed again and again; another call tries it just now."
        until = datetime.fromtimestamp(self.until, UTC)
        return (
            f"{self.model} failed again and again, so it is left alone until "
            f"{until:%Y-%m-%d %H:%M:%S} UTC."
        )


@dataclass(frozen=True, slots=True)
class _State:
    """What the ledger knows of a model.

    Attributes:
        failed_at: The last failures in a row, while it is closed.
        wait_s: How long it is left alone this time; 0 while it is closed.
        open_until: When it may be tried.
        trial_until: How long the call that tries it is waited for.
    """

    failed_at: tuple[float, ...] = ()
    wait_s: float = 0.0
    open_until: float = 0.0
    trial_until: float = 0.0

    def in_clock(self, now: float) -> "_State":
        """Corrects it after the clock was set back: nothing is further ahead than it can be."""
        return _State(
            tuple(min(at, now) for at in self.failed_at),
            self.wait_s,
            min(self.open_until, now + self.wait_s),
            min(self.trial_until, now + TRIAL_S),
        )

    def failed(self, rule: BreakerRule, now: float) -> "_State":
        if self.open_until > now:
            return self  # the call was under way when the model was opened
        if self.wait_s:
            wait_s = min(self.wait_s * 2, MOST_S)
            return _State((), wait_s, now + wait_s)
        recent = tuple(at for at in self.failed_at if at > now - rule.window_s)
        if len(recent) + 1 < rule.failures:
            return replace(self, failed_at=(*recent, now))
        return _State((), FIRST_S, now + FIRST_S)


class Breakers:
    """The record of models that fail. Moments (``now``, ``until``) are Unix seconds.

    Args:
        database: The ledger's.
        rule: Gives when a model is left alone, as it stands.
    """

    def __init__(self, database: Database, rule: Callable[[], BreakerRule]):
        self._database, self._rule = database, rule

    def allows(self, model: str, now: float) -> Open | None:
        """Lets a caller call the model now, or says until when it may not be called.

        A caller that may call (None) then calls :meth:`worked` or :meth:`failed` with the outcome.
        """
        with self._database.read() as connection:
            known = _read(connection, _LOOK, model)
        if not known.wait_s:
            return None
        if known == known.in_clock(now) and (shut := _shut(model, known, now)):
            return shut
        with self._database.write() as connection:
            known = _read(connection, _LOCK, model).in_clock(now)
            shut = _shut(model, known, now)
            if known.wait_s:
                trial = known.trial_until if shut else now + TRIAL_S
                _write(connection, model, replace(known, trial_until=trial))
        return shut

    def look(self, model: str, now: float) -> Open | None:
        """Says as :meth:`allows` whether the model is left alone, but lets nobody try it."""
        with self._database.read() as connection:
            known = _read(connection, _LOOK, model)
        return _shut(model, known.in_clock(now), now)

    def failed(self, model: str, now: float) -> None:
        """Counts a failure of a kind that :func:`counts` accepts."""
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                _open_row(connection, model)
            known = _read(connection, _LOCK, model).in_clock(now)
            _write(connection, model, known.failed(self._rule(), now))

    def worked(self, model: str) -> None:
        """Closes the model, and forgets its failures."""
        with self._database.read() as connection:
            if _read(connection, _LOOK, model) == _State():
                return
        with self._database.write() as connection:
            _FORGET.run(connection, {"named": model})


def counts(error: EngineError) -> bool:
    """Says whether an error is a failure of the model.

    That is no answer, no connection or a server's failure; what is wrong with one request, a
    block, a quota or the account is not.
    """
    return isinstance(error, Unavailable)


def _shut(model: str, known: _State, now: float) -> Open | None:
    if not known.wait_s:
        return None
    if known.open_until > now:
        return Open(model, known.open_until)
    return Open(model, known.trial_until, tried=True) if known.trial_until > now else None


def _read(connection: Connection, statement: Statement, model: str) -> _State:
    rows = statement.run(connection, {"named": model})
    if not rows:
        return _State()
    failed_at, *rest = rows[0]
    return _State(tuple(json.loads(failed_at)), *rest)


def _open_row(connection: Connection, model: str) -> None:
    """Makes the row that everybody locks, so that a second process waits for the first."""
    row = _values(model, _State())
    connection.execute(postgresql.insert(breakers).values(row).on_conflict_do_nothing())


def _write(connection: Connection, model: str, state: _State) -> None:
    put = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = _values(model, state)
    update = put(breakers).values(row).on_conflict_do_update(index_elements=["model"], set_=row)
    connection.execute(update)


def _values(model: str, state: _State) -> dict[str, object]:
    failed_at = json.dumps(state.failed_at)
    return {
        "model": model,
        "failed_at": failed_at,
        "wait_s": state.wait_s,
        "open_until": state.open_until,
        "trial_until": state.trial_until,
    }
