"""What calls will cost that are not made yet: what a recipe expects, at the catalogue's prices.

Asks nobody and reads nothing. What a model's last calls have taught is given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pressrun.engines.base import Usage
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.limits import NANO
from pressrun.engines.token_estimates import NOTHING, Estimate, shown_tokens, word_tokens
from pressrun.kinds.base import ExpectedCall
from pressrun.ledger.costs import RecentCalls


@dataclass(frozen=True, slots=True)
class ExpectedTokens:
    """Tokens of calls to one model.

    Attributes:
        read: With pictures.
        shown: Of these pictures alone.
        written: With pictures and thoughts.
        drawn: Of these pictures alone.
    """

    read: Estimate
    shown: Estimate
    written: Estimate
    drawn: int


@dataclass(frozen=True, slots=True)
class CallPrice:
    """What one call will cost, in nano-dollars.

    Attributes:
        slot: What the call is for within its item.
        nusd: Probably.
        worst_nusd: At most, as it is set aside under a cap.
    """

    slot: str
    nusd: int
    worst_nusd: int


def expected_tokens(
    model: Model, calls: Sequence[ExpectedCall], recent: RecentCalls | None
) -> ExpectedTokens:
    """Estimates the tokens of calls to one model, as those of one call."""
    # What costs nothing, and what is billed by the picture, counts no tokens.
    counted = [] if model.free or model.image_price else calls
    drawn = sum(model.image_tokens[call.size] for call in counted if call.kind == "image")
    shown = sum((shown_tokens(c.pictures, model.reference_tokens) for c in counted), NOTHING)
    perhaps = sum((shown_tokens(c.perhaps, model.reference_tokens) for c in counted), NOTHING)
    shown += Estimate(0, perhaps.expected, perhaps.high)
    words = sum((word_tokens(call.characters) for call in counted), NOTHING)
    said = sum((call.answer_tokens for call in counted), Estimate.exactly(drawn))
    written = said + _thoughts(model, recent).times(len(counted))
    return ExpectedTokens((words + shown).whole(), shown.whole(), written.whole(), drawn)


def expected_cost(
    model: Model, calls: Sequence[ExpectedCall], tokens: ExpectedTokens, at: datetime
) -> Estimate:
    """Prices calls to one model in USD, at the prices of a moment."""
    if model.image_price:  # a price each
        return Estimate.exactly(float(sum(model.image_price[call.size] for call in calls)))

    def cost(bound: Callable[[Estimate], float]) -> float:
        # All as one call: prices are by the token, whatever the call.
        sums = (tokens.read, tokens.written, tokens.shown)
        into, out, pictures = (int(bound(estimate)) for estimate in sums)
        usage = Usage(into, out, tokens.drawn, input_image_tokens=pictures)
        return float(model.cost_usd(usage, at))

    return Estimate(cost(lambda s: s.low), cost(lambda s: s.expected), cost(lambda s: s.high))


def price_calls(
    calls: Sequence[ExpectedCall], recent: Mapping[str, RecentCalls], at: datetime
) -> list[CallPrice]:
    """Prices each call of an item."""
    known: dict[ExpectedCall, CallPrice] = {}  # the pictures of an item are mostly alike
    prices = []
    for call in calls:
        alike = replace(call, slot="")
        if alike not in known:
            known[alike] = _price(alike, recent.get(call.model), at)
        prices.append(replace(known[alike], slot=call.slot))
    return prices


def _price(call: ExpectedCall, recent: RecentCalls | None, at: datetime) -> CallPrice:
    model = catalogue()[call.model]
    tokens = expected_tokens(model, [call], recent)
    cost = expected_cost(model, [call], tokens, at)
    if tokens.drawn:  # a model may write more beside a picture than it ever thought
        most = Estimate.exactly(tokens.drawn + model.beside_image_tokens)
        worst = expected_cost(model, [call], replace(tokens, written=most), at).high
    else:
        worst = cost.high
    return CallPrice(call.slot, round(cost.expected * NANO), round(worst * NANO))


def _thoughts(model: Model, recent: RecentCalls | None) -> Estimate:
    if recent is None:
        return Estimate(*model.thought_tokens)
    tokens = recent.thought_tokens
    return Estimate(min(tokens), sum(tokens) / len(tokens), max(tokens))
