"""The calls of one item: each reserved, written, sent, kept and settled, once.

It knows the ledger, the vault and the engines, and nothing of what an item is.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from opentelemetry.trace import get_current_span
from tenacity import stop_after_delay, wait_fixed

from pressrun.boundary.telemetry.traces import call_span, note_error
from pressrun.calls.key import call_key
from pressrun.calls.routes import Caps, DueCall, RaiseIfStopped, Route, sleep
from pressrun.engines.base import Engine, ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.engines.limits import NANO, Load
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import BadReply, Blocked, EngineError, PictureError, VaultError, retry
from pressrun.ledger import Ledger
from pressrun.ledger.calls import Intent, SettledCall, Settlement
from pressrun.ledger.database.connection import retry_while_unavailable
from pressrun.ledger.vault import Vault, use_of
from pressrun.pictures.picture import Picture, read_picture

logger = logging.getLogger(__name__)

#: Bytes and media type of an answer that was paid before, by item's key, slot and request.
PaidBefore = Callable[[str, str, TextRequest | ImageRequest], tuple[bytes, str] | None]
Request = TypeVar("Request", TextRequest, ImageRequest)
_Answered = tuple[bytes, str, TextReply | ImageReply]
_Send = Callable[[Engine, Request], _Answered]
_Sent = Callable[[], _Answered]

#: A paid answer that the disk refuses is kept in memory so long before it is given up.
KEEP_TRYING_S = 90.0
#: Seconds from one such attempt to the next.
KEEP_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What a call gave: its bytes, their digest in the vault, and what they cost.

    Attributes:
        usage: As the provider counted it, and
        model_version: what it says has answered; both empty of a call that was paid before.
    """

    data: bytes
    media_type: str
    sha256: str
    cost_usd: float
    usage: Usage = field(default_factory=Usage)
    model_version: str = ""


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The first call that has to be paid while an item is made.

    Attributes:
        slot: What it is for.
        worst_nusd: What it may cost at most, in nano-dollars.
        answered: Slots before it, which were paid before.
        is_begun: Whether some of these were paid for this item, and not by an earlier batch.
    """

    slot: str
    worst_nusd: int
    answered: frozenset[str]
    is_begun: bool


class Caller:
    """Makes the calls of one item.

    What is paid is not asked again, and neither is what the provider's rules refused.

    Args:
        ledger: Where calls are written.
        vault: Where their bytes are kept.
        routes: The route to each model, by its name.
        batch_id: The batch, and
        item_key: the item, that pay.
        raise_if_stopped: Raises what stops the batch, if something does. Called right before a
            call is sent.
        caps: Gives the spending caps that hold at a moment (Unix seconds).
        earlier: Answers that were paid before for the same request; nothing is paid for them.
        begin: Called once, before the first call that has to be paid; raises what forbids it.
    """

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault,
        routes: Mapping[str, Route],
        batch_id: str,
        item_key: str,
        raise_if_stopped: RaiseIfStopped = lambda: None,
        caps: Caps = lambda _: (),
        earlier: PaidBefore = lambda _item, _slot, _request: None,
        begin: Callable[[FirstCall], None] = lambda _: None,
    ):
        self._raise_if_stopped, self._caps, self._earlier = raise_if_stopped, caps, earlier
        self._ledger, self._vault, self._routes = ledger, vault, routes
        self._batch_id, self._item_key = batch_id, item_key
        self._known = ledger.calls.known(batch_id, item_key)
        self._begin: Callable[[FirstCall], None] | None = begin
        self._answered, self._is_begun = set[str](), False

    def text(
        self, slot: str, request: TextRequest, check: Callable[[str], None] = lambda _: None
    ) -> CallAnswer:
        """Asks for a structured answer as JSON.

        Args:
            slot: What the call is for within the item.
            request: What is asked.
            check: Raises :class:`~pressrun.errors.BadReply` for an answer that is of the
                schema and still unusable; such a call is not settled.
        """

        def send(engine: Engine, request: TextRequest) -> tuple[bytes, str, TextReply]:
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
    ) -> tuple[Picture, CallAnswer]:
        """Asks for one picture, as it is delivered.

        Args:
            slot: What the call is for within the item.
            request: The picture asked for.
            finish: From the model's picture to the file's (format, metadata). Only its result
                is kept, so that every picture is written once.
        """

        def send(engine: Engine, request: ImageRequest) -> tuple[bytes, str, ImageReply]:
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

    def sleep(self, seconds: float) -> None:
        """Sleeps, and raises what stops the batch meanwhile."""
        sleep(seconds, self._raise_if_stopped)

    def _ask(self, slot: str, request: Request, send: _Send[Request]) -> CallAnswer:
        intent = self._intent(slot, request)
        known = self._known.paid.get(intent.call_key)
        if known and (answer := self._recall(intent, known)):
            self._answered.add(slot)
            self._is_begun = True
            return answer
        if taken := self._earlier(self._item_key, slot, request):
            data, media_type = taken
            self._answered.add(slot)
            return CallAnswer(data, media_type, self._save(data, media_type), cost_usd=0.0)
        if said := self._known.blocked.get(intent.call_key):
            raise Blocked(said)
        route = self._routes[request.model]
        load, repeats = _load(route.model, request), 0
        self._begin_with(slot, load)
        while True:
            try:
                if answer := self._once(intent, route, load, send, request):
                    return answer
            except EngineError as error:
                if error.repeats is None:
                    raise  # when it is asked again is for others to say
                if repeats >= error.repeats:  # another reason may allow fewer
                    error.retryable = False
                    raise
                logger.warning("%s of %s is asked again: %s", slot, self._item_key, error)
                anew = request.reencoded or error.reencode
                repeats, request = repeats + 1, replace(request, reencoded=anew)

    def _begin_with(self, slot: str, load: Load) -> None:
        if self._begin:
            answered = frozenset(self._answered)
            self._begin(FirstCall(slot, load.cost_nusd, answered, self._is_begun))
            self._begin = None

    def _once(
        self,
        intent: Intent,
        route: Route,
        load: Load,
        send: _Send[Request],
        request: Request,
    ) -> CallAnswer | None:
        """Reserves a call, sends and settles it; None if the quota says when to ask again."""
        begun = time.monotonic()
        with call_span(intent.model, intent.slot) as span:
            due = route.reserve(intent, load, self._caps, self._raise_if_stopped)
            span.set_attribute("pressrun.waited_s", round(time.monotonic() - begun, 3))
            answer = self._pay(due, route, partial(send, due.engine, request))
            if answer:
                span.set_attributes(
                    {
                        "gen_ai.usage.input_tokens": answer.usage.input_tokens,
                        "gen_ai.usage.output_tokens": answer.usage.output_tokens,
                        "gen_ai.response.model": answer.model_version,
                        "pressrun.cost_usd": answer.cost_usd,
                    }
                )
            return answer

    def _pay(self, due: DueCall, route: Route, send: _Sent) -> CallAnswer | None:
        """Sends a call and settles it; None if the quota says when to ask again."""
        begun = time.monotonic()
        try:
            data, media_type, reply = send()
        except EngineError as error:
            self._fail(due, route, error, time.monotonic() - begun)
            if route.report(due, error):
                return None
            raise
        latency_s = time.monotonic() - begun
        route.report(due)
        try:
            digest = self._save(data, media_type)
        except VaultError as error:
            # Paid nevertheless, and the ledger says so; the item has to ask again.
            lost = EngineError(str(error), kind=error.kind, usage=reply.usage)
            self._fail(due, route, lost, latency_s)
            raise
        settlement = Settlement(
            sha256=digest,
            media_type=media_type,
            usage=reply.usage,
            cost_usd=_cost(route.model, reply.usage, due.at),
            model_version=reply.model_version,
            latency_s=latency_s,
        )
        settle, unwritten = self._ledger.calls.settle, due.reserved.unwritten
        retry_while_unavailable(settle, due.id, settlement, time.time(), unwritten)
        cost_usd = float(settlement.cost_usd)
        return CallAnswer(data, media_type, digest, cost_usd, reply.usage, reply.model_version)

    def _fail(self, due: DueCall, route: Route, error: EngineError, latency_s: float) -> None:
        note_error(get_current_span(), error)
        cost, fail = _cost(route.model, error.usage, due.at), self._ledger.calls.fail
        now, unwritten = time.time(), due.reserved.unwritten
        retry_while_unavailable(fail, due.id, error, cost, latency_s, now, unwritten)

    def _recall(self, intent: Intent, known: SettledCall) -> CallAnswer | None:
        try:
            data = self._vault.get(known.sha256)
            return CallAnswer(data, known.media_type, known.sha256, known.cost_usd)
        except VaultError as error:
            logger.warning("%s of %s is asked again: %s", intent.slot, intent.item_key, error)
            self._ledger.calls.void(intent.call_key)
            return None

    def _save(self, data: bytes, media_type: str) -> str:
        wait, stop = wait_fixed(KEEP_PAUSE_S), stop_after_delay(KEEP_TRYING_S)
        return retry(lambda: self._vault.put(data, use_of(media_type)), wait=wait, stop=stop)

    def _intent(self, slot: str, request: TextRequest | ImageRequest) -> Intent:
        return Intent(
            batch_id=self._batch_id,
            item_key=self._item_key,
            slot=slot,
            call_key=call_key(self._batch_id, self._item_key, slot, request),
            account="",  # that of the endpoint that is taken
            model=request.model,
        )


def _cost(model: Model, usage: object, at: datetime | None = None) -> Decimal:
    return model.cost_usd(usage, at) if isinstance(usage, Usage) else Decimal(0)


def _load(model: Model, request: TextRequest | ImageRequest) -> Load:
    usage = most_usage(model, request)
    nusd = round(_cost(model, usage) * NANO)
    return Load(1 if isinstance(request, ImageRequest) else 0, usage.input_tokens, nusd)
