"""One item's way to the models: every call reserved, written, sent, kept and settled, once.

It knows the ledger, the vault and the engines, and nothing of what an item is.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pressrun.calls.key import call_key
from pressrun.calls.routes import Lane
from pressrun.engines.base import Engine, ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.engines.limits import NANO, Load
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import (
    BadReply,
    BudgetSpent,
    EngineError,
    PictureError,
    QuotaExhausted,
    Throttled,
    VaultError,
)
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Cap
from pressrun.ledger.calls import Ask, Intent, Paid, Promise, Settlement
from pressrun.ledger.database.connection import outlast
from pressrun.ledger.quotas.reservations import Quota
from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import Picture, read_picture
from pressrun.settings import settings

logger = logging.getLogger(__name__)

#: Bytes and media type of an answer that was paid before, by item's key, slot and request.
PaidBefore = Callable[[str, str, TextRequest | ImageRequest], tuple[bytes, str] | None]
_Send = Callable[[Engine], tuple[bytes, str, TextReply | ImageReply]]

#: A paid answer that the disk refuses is held this long before it is given up.
KEEP_TRYING_S = 90.0
#: Most seconds after which a sleeping caller hears that the batch is stopped.
HEAR_S = 0.5
#: Waited for calls in flight to leave room under a cap.
ROOM_S = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave: its bytes, their digest in the vault, and what they cost."""

    data: bytes
    media_type: str
    sha256: str
    cost_usd: float


class Caller:
    """Makes the calls of one item.

    Args:
        ledger: Where calls are written.
        vault: Where their bytes are kept.
        lanes: The way to each model, by its name.
        batch_id: The batch, and
        item_key: the item, that pay.
        go_on: Raises what stops the batch, if something does. Asked right before a call is sent.
        caps: Gives the spending caps that hold at a moment (Unix seconds).
        earlier: Answers that were paid before for the same question; nothing is paid for them.
    """

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault,
        lanes: Mapping[str, Lane],
        batch_id: str,
        item_key: str,
        go_on: Callable[[], None] = lambda: None,
        caps: Callable[[float], Sequence[Cap]] = lambda _: (),
        earlier: PaidBefore = lambda _item, _slot, _request: None,
    ):
        self._go_on, self._caps, self._earlier = go_on, caps, earlier
        self._ledger, self._vault, self._lanes = ledger, vault, lanes
        self._batch_id, self._item_key = batch_id, item_key
        self._wait_s = settings().wait_for_quota_s
        self._paid = ledger.calls.paid(batch_id, item_key)

    def text(
        self, slot: str, request: TextRequest, check: Callable[[str], None] = lambda _: None
    ) -> Answer:
        """A structured answer as JSON.

        Args:
            slot: What the call is for within the item.
            request: The question.
            check: Raises :class:`~pressrun.errors.BadReply` for an answer that is of the
                schema and still of no use; such a call is not settled.
        """

        def send(engine: Engine) -> tuple[bytes, str, TextReply]:
            reply = engine.text(request)
            try:
                check(reply.text)
            except EngineError as error:
                error.usage = reply.usage
                raise
            return reply.text.encode(), "application/json", reply

        return self._ask(slot, request, send)

    def image(
        self, slot: str, request: ImageRequest, finish: Callable[[Picture], Picture]
    ) -> tuple[Picture, Answer]:
        """One picture, as it is delivered.

        Args:
            slot: What the call is for within the item.
            request: The picture asked for.
            finish: From the model's picture to the file's (format, metadata). Only its result
                is kept, so that every picture is written once.
        """

        def send(engine: Engine) -> tuple[bytes, str, ImageReply]:
            reply = engine.image(request)
            try:
                picture = finish(reply.picture)
            except PictureError as error:
                raise BadReply(str(error), kind="bad_picture", usage=reply.usage) from error
            fresh.append(picture)
            return picture.data, picture.media_type, reply

        fresh: list[Picture] = []
        answer = self._ask(slot, request, send)
        if fresh:
            return fresh[-1], answer
        # Our own file, of any size: what it was made of was checked when it came.
        whole = len(answer.data)
        return read_picture(answer.data, f"the answer for {slot}", max_bytes=whole), answer

    def rest(self, seconds: float) -> None:
        """Sleeps in short pieces: what stops the batch meanwhile is heard within one, and raised.

        By the clock that nobody sets: one that is set back must not lengthen a wait.
        """
        over = time.monotonic() + seconds
        while (wait_s := over - time.monotonic()) > 0:
            time.sleep(min(wait_s, HEAR_S))
            self._go_on()

    def _ask(self, slot: str, request: TextRequest | ImageRequest, send: _Send) -> Answer:
        intent = self._intent(slot, request)
        known = self._paid.get(intent.call_key)
        if known and (answer := self._recall(intent, known)):
            return answer
        if taken := self._earlier(self._item_key, slot, request):
            data, media_type = taken
            return Answer(data, media_type, self._keep(data), cost_usd=0.0)
        lane = self._lanes[request.model]
        load = _load(lane.model, request)
        while True:
            try:
                return self._pay(intent, lane, load, send)
            except Throttled:
                continue  # the quota has heard of it
            except BudgetSpent as spent:
                if not spent.waiting:
                    raise
                self._sleep_until(time.time() + ROOM_S)
            except QuotaExhausted as closed:
                self._wait_for_reset(closed)

    def _pay(self, intent: Intent, lane: Lane, load: Load, send: _Send) -> Answer:
        promise, quota = self._promised(intent, lane, load)
        calls, begun = self._ledger.calls, time.monotonic()
        try:
            data, media_type, reply = send(lane.ways[promise.way].engine)
        except EngineError as error:
            cost = _cost(lane.model, error.usage)
            latency = time.monotonic() - begun
            outlast(calls.fail, promise.call_id, error, cost, latency, time.time())
            lane.breaker.tell(error)
            self._learn(quota, promise, error)
            raise
        cost, latency = _cost(lane.model, reply.usage), time.monotonic() - begun
        lane.breaker.tell()
        try:
            digest = self._keep(data)
        except VaultError as error:
            # Paid all the same, so the ledger says so; the item has to ask again.
            lost = EngineError(str(error), kind=error.kind, usage=reply.usage)
            outlast(calls.fail, promise.call_id, lost, cost, latency, time.time())
            raise
        settlement = Settlement(
            sha256=digest,
            media_type=media_type,
            usage=reply.usage,
            cost_usd=cost,
            model_version=reply.model_version,
            latency_s=latency,
        )
        outlast(calls.settle, promise.call_id, settlement, time.time())
        return Answer(data, media_type, digest, float(settlement.cost_usd))

    def _promised(self, intent: Intent, lane: Lane, load: Load) -> tuple[Promise, Quota]:
        """A promise that still holds at its moment, which is now."""
        with lane.turns.turn():
            while True:
                self._go_on()
                lane.breaker.require_closed()
                quotas, now = lane.quotas(), time.time()
                ask = Ask(load, self._caps(now))
                promise = self._ledger.calls.intend(intent, quotas, ask, now)
                quota, mine = quotas[promise.way], promise.reservation
                try:
                    if mine:
                        lane.turns.fit(mine.gap_s)
                        self._sleep_until(mine.send_at)
                    if mine is None or self._ledger.quotas.holds(quota, mine, time.time()):
                        lane.breaker.require_allowed()
                        return promise, quota
                except BaseException:
                    self._ledger.calls.withdraw(promise, quota)
                    raise
                self._ledger.calls.withdraw(promise, quota)

    def _sleep_until(self, moment: float) -> None:
        self.rest(moment - time.time())

    def _learn(self, quota: Quota, promise: Promise, error: EngineError) -> None:
        quotas = self._ledger.quotas
        if isinstance(error, Throttled) and promise.reservation:
            logger.info("%s asks to slow down: %s", quota.model, error)
            quotas.refused(quota, promise.reservation, error.retry_after_s, time.time())
        elif isinstance(error, QuotaExhausted) and error.until:
            quotas.close(quota.account, quota.model, error.until.timestamp(), str(error))

    def _wait_for_reset(self, closed: QuotaExhausted) -> None:
        """Sleeps until the model is open again, if that is soon.

        Raises:
            QuotaExhausted: It is not.
        """
        if closed.until is None or closed.until.timestamp() - time.time() > self._wait_s:
            raise closed
        logger.warning("Waiting for the quota: %s", closed)
        self._sleep_until(closed.until.timestamp())

    def _recall(self, intent: Intent, known: Paid) -> Answer | None:
        try:
            data = self._vault.get(known.sha256)
            return Answer(data, known.media_type, known.sha256, known.cost_usd)
        except VaultError as error:
            logger.warning("%s of %s is asked again: %s", intent.slot, intent.item_key, error)
            self._ledger.calls.void(intent.call_key)
            return None

    def _keep(self, data: bytes) -> str:
        deadline = time.monotonic() + KEEP_TRYING_S
        while True:
            try:
                return self._vault.put(data)
            except VaultError as error:
                if time.monotonic() > deadline:
                    raise
                logger.warning("%s Trying again.", error)
                time.sleep(2)

    def _intent(self, slot: str, request: TextRequest | ImageRequest) -> Intent:
        return Intent(
            batch_id=self._batch_id,
            item_key=self._item_key,
            slot=slot,
            call_key=call_key(self._batch_id, self._item_key, slot, request),
            account="",  # of the way that is taken
            model=request.model,
        )


def _cost(model: Model, usage: object) -> Decimal:
    return model.cost_usd(usage) if isinstance(usage, Usage) else Decimal(0)


def _load(model: Model, request: TextRequest | ImageRequest) -> Load:
    usage = most_usage(model, request)
    nusd = round(_cost(model, usage) * NANO)
    return Load(1 if isinstance(request, ImageRequest) else 0, usage.input_tokens, nusd)
