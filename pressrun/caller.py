"""One item's way to the models: every call reserved, written, sent, kept and settled, once.

It knows the ledger, the vault and the engines, and nothing of what an item is.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pydantic import BaseModel

from pressrun.account import Account
from pressrun.engines.base import Engine, ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.errors import (
    BadReply,
    EngineError,
    PictureError,
    PressrunError,
    QuotaExhausted,
    Throttled,
    VaultError,
)
from pressrun.ledger import Ledger
from pressrun.ledger.calls import Intent, Paid, Settlement
from pressrun.ledger.quotas import Quota
from pressrun.pictures import Picture, read_picture
from pressrun.vault import Vault

logger = logging.getLogger(__name__)

_Send = Callable[[Engine], tuple[bytes, str, TextReply | ImageReply]]

#: A paid answer that the disk refuses is held this long before it is given up.
KEEP_TRYING_S = 90.0
#: Waited after a refusal that names no time.
THROTTLED_S = 5.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A model with the engine that speaks to it and the pace that holds for it."""

    model: Model
    engine: Engine
    account: Account

    @property
    def quota(self) -> Quota | None:
        """The pace, or None for a model without a limit."""
        limit = self.account.limits.get(self.model.name, self.model.requests_per_minute)
        return Quota(self.account.name, self.model.name, limit) if limit else None


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
    """

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault,
        lanes: Mapping[str, Lane],
        batch_id: str,
        item_key: str,
        go_on: Callable[[], None] = lambda: None,
    ):
        self._go_on = go_on
        self._ledger, self._vault, self._lanes = ledger, vault, lanes
        self._batch_id, self._item_key = batch_id, item_key
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
        return fresh[-1] if fresh else read_picture(answer.data, f"the answer for {slot}"), answer

    def _ask(self, slot: str, request: TextRequest | ImageRequest, send: _Send) -> Answer:
        intent = self._intent(slot, request)
        known = self._paid.get(intent.call_key)
        if known and (answer := self._recall(intent, known)):
            return answer
        lane = self._lanes[request.model]
        while True:
            try:
                return self._pay(intent, lane, send)
            except Throttled as refusal:
                self._slow_down(lane, refusal)

    def _pay(self, intent: Intent, lane: Lane, send: _Send) -> Answer:
        self._go_on()
        call_id, send_at = self._ledger.calls.intend(intent, lane.quota, time.time())
        _sleep_until(send_at)
        try:
            self._go_on()
        except PressrunError:
            self._ledger.calls.withdraw(call_id)
            raise
        begun = time.monotonic()
        try:
            data, media_type, reply = send(lane.engine)
        except EngineError as error:
            cost = _cost(lane.model, error.usage)
            latency = time.monotonic() - begun
            self._ledger.calls.fail(call_id, error, cost, latency, time.time())
            if isinstance(error, QuotaExhausted):
                self._close(lane, error)
            raise
        cost, latency = _cost(lane.model, reply.usage), time.monotonic() - begun
        try:
            digest = self._keep(data)
        except VaultError as error:
            # Paid all the same, so the ledger says so; the item has to ask again.
            lost = EngineError(str(error), kind=error.kind, usage=reply.usage)
            self._ledger.calls.fail(call_id, lost, cost, latency, time.time())
            raise
        settlement = Settlement(
            sha256=digest,
            media_type=media_type,
            usage=reply.usage,
            cost_usd=cost,
            model_version=reply.model_version,
            latency_s=latency,
        )
        self._ledger.calls.settle(call_id, settlement, time.time())
        return Answer(data, media_type, digest, float(settlement.cost_usd))

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

    def _slow_down(self, lane: Lane, refusal: Throttled) -> None:
        wait_s = refusal.retry_after_s or THROTTLED_S
        logger.info("%s asks to wait %.0f s.", lane.model.name, wait_s)
        if lane.quota:
            self._ledger.quotas.push(lane.account.name, lane.model.name, time.time() + wait_s)
        else:
            time.sleep(wait_s)

    def _close(self, lane: Lane, error: QuotaExhausted) -> None:
        if lane.quota and error.until:
            until = error.until.timestamp()
            self._ledger.quotas.close(lane.account.name, lane.model.name, until, str(error))

    def _intent(self, slot: str, request: TextRequest | ImageRequest) -> Intent:
        return Intent(
            batch_id=self._batch_id,
            item_key=self._item_key,
            slot=slot,
            call_key=_digest(self._batch_id, self._item_key, slot, content(request)),
            account=self._lanes[request.model].account.name,
            model=request.model,
        )


def content(request: TextRequest | ImageRequest) -> dict[str, object]:
    """What a request asks, as plain data; pictures by their digests."""
    asked: dict[str, object] = {
        "model": request.model,
        "prompt": request.prompt,
        "pictures": [picture.sha256 for picture in request.pictures],
        "seed": request.seed,
    }
    if isinstance(request, ImageRequest):
        return asked | {"aspect_ratio": request.aspect_ratio, "size": request.size}
    return asked | {"system": request.system, "schema": _schema_digest(request.schema)}


@lru_cache
def _schema_digest(schema: type[BaseModel]) -> str:
    return _digest(schema.model_json_schema())


def prompt_digest(prompt: str) -> str:
    """SHA-256 of a prompt, as it stands in a picture's metadata."""
    return hashlib.sha256(prompt.encode()).hexdigest()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _cost(model: Model, usage: object) -> Decimal:
    return model.cost_usd(usage) if isinstance(usage, Usage) else Decimal(0)


def _sleep_until(moment: float) -> None:
    wait_s = moment - time.time()
    if wait_s > 0:
        time.sleep(wait_s)
