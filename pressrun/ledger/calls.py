"""Every paid request: written as intent before it is sent, settled before its item goes on."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pressrun.engines.base import Usage
from pressrun.engines.limits import NANO, Load
from pressrun.errors import EngineError
from pressrun.ledger import budgets
from pressrun.ledger.budgets import Cap
from pressrun.ledger.database.connection import Database
from pressrun.ledger.database.prepared import Statement
from pressrun.ledger.database.schema import calls, items
from pressrun.ledger.quotas.reservations import Quota, Quotas
from pressrun.ledger.quotas.state import Reservation

#: No answer came, or none that says what it was billed.
_UNANSWERED = frozenset({"timeout", "connection", "bad_json", "oversized"})
#: What is written when a call comes back, whatever came of it.
_OUTCOME = (
    "status",
    "settled_at",
    "latency_s",
    "sha256",
    "media_type",
    "model_version",
    "error_kind",
    "error_message",
    "cost_nusd",
    "input_tokens",
    "output_tokens",
    "image_tokens",
    "thought_tokens",
    "tier",
)
_FORGET = delete(calls).where((calls.c.id == bindparam("call_id")) & (calls.c.status == "intent"))
_CLOSE = Statement(
    update(calls)
    .where(calls.c.id == bindparam("call_id"))
    .values({name: bindparam(f"new_{name}") for name in _OUTCOME})
)
#: Refused by the provider's rules (``errors.Blocked``): the same is refused whenever it is asked.
_IS_BLOCKED = (calls.c.status == "failed") & (calls.c.error_kind == "blocked")
_KNOWN = Statement(
    select(
        calls.c.status,
        calls.c.call_key,
        calls.c.sha256,
        calls.c.media_type,
        calls.c.cost_nusd,
        calls.c.error_message,
    ).where(
        (calls.c.batch_id == bindparam("batch"))
        & (calls.c.item_key == bindparam("item"))
        & ((calls.c.status == "settled") | _IS_BLOCKED)
    )
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A call about to be sent.

    Attributes:
        call_key: Digest of what is asked; equal questions of one item have one key.
        slot: What the call is for within its item (``analysis``, ``slide_0``).
    """

    batch_id: str
    item_key: str
    slot: str
    call_key: str
    account: str
    model: str


_COUNTED = ("cost_nusd", "input_tokens", "output_tokens", "image_tokens", "thought_tokens")
_UNSPENT = dict.fromkeys(_COUNTED, 0)
_INTEND = Statement(insert(calls), ("id", "status", "send_at", *Intent.__slots__, *_UNSPENT))
_WRITE = Statement(insert(calls), ("id", "send_at", *Intent.__slots__, *_OUTCOME))


@dataclass(frozen=True, slots=True)
class SettledCall:
    """A settled call: where its bytes lie in the vault, and what it cost."""

    sha256: str
    media_type: str
    cost_usd: float


@dataclass(frozen=True, slots=True)
class KnownCalls:
    """The calls of an item that are not sent again, by their key.

    Attributes:
        paid: What was answered.
        blocked: What the provider's rules refuse, with its reason.
    """

    paid: Mapping[str, SettledCall]
    blocked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a call that was answered."""

    sha256: str
    media_type: str
    usage: Usage
    cost_usd: Decimal
    model_version: str
    latency_s: float


@dataclass(frozen=True, slots=True)
class CallLoad:
    """What a call takes: of the quotas its load, and under each cap its worst case."""

    load: Load = field(default_factory=Load)
    caps: Sequence[Cap] = ()


@dataclass(frozen=True, slots=True)
class ReservedCall:
    """A reserved call: it may be sent at its moment, over the endpoint of that number.

    Attributes:
        reservation: None where nothing limits the rate.
        unwritten: The intent, where it costs nothing: it is written with its outcome, in one trip
            to the ledger, since no quota, no cap and no crash has to know of it before.
    """

    call_id: str
    endpoint: int
    reservation: Reservation | None
    unwritten: Intent | None = None


def free_call(intent: Intent, account: str) -> ReservedCall:
    """Makes the call of a model that costs nothing; nothing is reserved and written."""
    return ReservedCall(str(uuid.uuid4()), 0, None, replace(intent, account=account))


class Calls:
    """The record of calls."""

    def __init__(self, database: Database, quotas: Quotas):
        self._database = database
        self._quotas = quotas

    def known(self, batch_id: str, item_key: str) -> KnownCalls:
        """Reads the calls of an item that are not sent again."""
        paid, blocked = dict[str, SettledCall](), dict[str, str]()
        rows = self._database.run(_KNOWN, {"batch": batch_id, "item": item_key})
        for status, key, digest, kind, cost, said in rows:
            if status == "settled":
                paid[key] = SettledCall(digest, kind, cost / NANO)
            else:
                blocked[key] = said
        return KnownCalls(paid, blocked)

    def forget_blocked(self, batch_id: str, keys: Sequence[str] | None = None) -> None:
        """Lets what was blocked of a batch be asked again; its record and its cost stay.

        Args:
            batch_id: The batch.
            keys: Of the items; None for all.
        """
        theirs = calls.c.batch_id == batch_id
        if keys is not None:
            theirs &= calls.c.item_key.in_(keys)
        with self._database.write() as connection:
            connection.execute(update(calls).where(theirs & _IS_BLOCKED).values(call_key=""))

    def texts(self, batch_id: str) -> set[str]:
        """Reads the digests of a batch's settled answers that are no files: a few kB each."""
        query = select(calls.c.sha256).where(
            (calls.c.batch_id == batch_id)
            & (calls.c.status == "settled")
            & (calls.c.media_type == "application/json")
        )
        with self._database.read() as connection:
            return set(connection.scalars(query))

    def undelivered(self, batch_id: str) -> list[str]:
        """Reads the digests of a batch's settled pictures whose items are not completed."""
        query = (
            select(calls.c.sha256)
            .join(items, (items.c.batch_id == calls.c.batch_id) & (items.c.key == calls.c.item_key))
            .where(calls.c.batch_id == batch_id, calls.c.status == "settled")
            .where(calls.c.media_type != "application/json", items.c.status != "completed")
        )
        with self._database.read() as connection:
            return list(connection.scalars(query.distinct()))

    def made_anew(self, batch_id: str) -> tuple[int, float]:
        """Counts the calls that were paid and whose bytes are gone, and sums their cost in USD."""
        gone = (calls.c.batch_id == batch_id) & (calls.c.status == "voided")
        query = select(func.count(), func.coalesce(func.sum(calls.c.cost_nusd), 0)).where(gone)
        with self._database.read() as connection:
            count, cost = connection.execute(query).one()
        return count, int(cost) / NANO

    def intend(
        self, intent: Intent, endpoints: Sequence[Quota], takes: CallLoad, now: float
    ) -> ReservedCall:
        """Reserves quota and budget and writes the intent, in one transaction.

        Args:
            intent: The call; its account is that of the endpoint which is taken.
            endpoints: The quotas of every endpoint; the one whose moment comes first is taken.
            takes: What the call takes of quotas and caps.
            now: Unix seconds.

        Raises:
            QuotaExhausted: No endpoint takes calls now.
            BudgetSpent: A cap has no room. Nothing was written in either case.
        """
        call_id = str(uuid.uuid4())
        with self._database.write_at_once() as connection:
            budgets.hold(connection, call_id, takes.caps, takes.load.cost_nusd)
            endpoint, reservation = self._quotas.take_first(connection, endpoints, takes.load, now)
            row = {name: getattr(intent, name) for name in Intent.__slots__}
            row |= {"account": endpoints[endpoint].account, "id": call_id, "status": "intent"}
            send_at = reservation.send_at if reservation else now
            _INTEND.run(connection, _UNSPENT | row | {"send_at": send_at})
        return ReservedCall(call_id, endpoint, reservation)

    def withdraw(self, reserved: ReservedCall, quota: Quota) -> None:
        """Forgets an intent that was never sent, and frees what it reserved."""
        if reserved.unwritten:
            return
        with self._database.write() as connection:
            connection.execute(_FORGET, {"call_id": reserved.call_id})
            budgets.settle(connection, reserved.call_id, 0)
            if reserved.reservation:
                self._quotas.give_back(connection, quota, reserved.reservation)

    def settle(
        self, call_id: str, settlement: Settlement, now: float, unwritten: Intent | None = None
    ) -> None:
        """Writes that the call is paid and its bytes are in the vault.

        Args:
            call_id: The call's.
            settlement: What came of it.
            now: Unix seconds.
            unwritten: Its intent, if that was not written.
        """
        values = {
            "status": "settled",
            "settled_at": now,
            "latency_s": settlement.latency_s,
            "sha256": settlement.sha256,
            "media_type": settlement.media_type,
            "model_version": settlement.model_version,
            **_spent(settlement.usage, settlement.cost_usd),
        }
        try:
            self._close(call_id, values, unwritten)
        except IntegrityError:
            # Another process asked the same while this one seemed dead: both were paid.
            self._close(call_id, values | {"status": "repeated"}, unwritten)

    def fail(
        self,
        call_id: str,
        error: EngineError,
        cost_usd: Decimal,
        latency_s: float,
        now: float,
        unwritten: Intent | None = None,
    ) -> None:
        """Writes that the call failed, and what it cost nevertheless.

        Where no answer came the provider may have billed it: caps count it at its worst case.
        """
        unknown = error.usage is None and error.kind in _UNANSWERED
        usage = error.usage if isinstance(error.usage, Usage) else Usage()
        self._close(
            call_id,
            {
                "status": "failed",
                "settled_at": now,
                "latency_s": latency_s,
                "error_kind": error.kind,
                "error_message": str(error)[:1000],
                **_spent(usage, cost_usd),
            },
            unwritten,
            unknown=unknown,
        )

    def void(self, call_key: str) -> None:
        """Voids a settled call whose bytes are gone, so that it can be asked again."""
        gone = (calls.c.call_key == call_key) & (calls.c.status == "settled")
        with self._database.write() as connection:
            connection.execute(update(calls).where(gone).values(status="voided"))

    def abandon(self, batch_id: str) -> int:
        """Marks intents that an ended process left behind; returns how many there were.

        The provider may have billed them: caps count them at their worst case.
        """
        lost = update(calls).where((calls.c.batch_id == batch_id) & (calls.c.status == "intent"))
        with self._database.write() as connection:
            ids = connection.scalars(lost.values(status="lost").returning(calls.c.id)).all()
            for call_id in ids:
                budgets.settle(connection, call_id, None)
        return len(ids)

    def totals(self, batch_id: str) -> tuple[int, float]:
        """Counts the calls of a batch that were answered, and sums their cost in USD."""
        with self._database.read() as connection:
            count, cost = connection.execute(
                select(func.count(), func.coalesce(func.sum(calls.c.cost_nusd), 0)).where(
                    (calls.c.batch_id == batch_id) & calls.c.status.not_in(("intent", "lost"))
                )
            ).one()
        return count, int(cost) / NANO

    def _close(
        self,
        call_id: str,
        values: dict[str, Any],
        unwritten: Intent | None,
        *,
        unknown: bool = False,
    ) -> None:
        if unwritten:
            self._write(call_id, values, unwritten)
            return
        binds = {f"new_{name}": values.get(name) for name in _OUTCOME}
        cost = None if unknown else binds["new_cost_nusd"]
        with self._database.write_at_once() as connection:
            _CLOSE.run(connection, binds | {"call_id": call_id})
            budgets.settle(connection, call_id, cost)

    def _write(self, call_id: str, values: dict[str, Any], unwritten: Intent) -> None:
        row = {name: getattr(unwritten, name) for name in Intent.__slots__}
        row |= {name: values.get(name) for name in _OUTCOME}
        sent_at = values["settled_at"] - values["latency_s"]
        try:
            self._database.run(_WRITE, row | {"id": call_id, "send_at": sent_at})
        except IntegrityError:
            if values["status"] == "settled":
                raise
            # Else it stands there already: it was written, and the answer was lost.


def _spent(usage: Usage, cost_usd: Decimal) -> dict[str, Any]:
    return {
        "cost_nusd": round(cost_usd * NANO),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "image_tokens": usage.image_tokens,
        "thought_tokens": usage.thought_tokens,
        "tier": usage.tier,
    }
