"""What items will cost and how long they will take, before a single call is made.

From what a recipe says that it will ask, the catalogue's prices and tokens, the quota's rate and
the latencies of earlier calls. Nothing is sent and nothing written.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean
from types import MappingProxyType
from typing import Any, Protocol

from pressrun.engines.account import Account
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.limits import NANO, Limits, Load
from pressrun.engines.token_estimates import NOTHING, Estimate
from pressrun.kinds.base import ExpectedCall, Recipe
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.costs import RecentCalls, read_recent, read_settled
from pressrun.ledger.quotas.reservations import Quota, Rate
from pressrun.ledger.records import MENDED, Batch
from pressrun.reports.makespan import ItemLeft, Latency, Spacing, makespan_s
from pressrun.reports.prices import expected_cost, expected_tokens

#: How far latencies may differ from those that the ledger has seen, and from a guess.
_DRIFT, _DOUBT = 0.2, 0.5
#: A model that was never called: a few are fast, and a few take twice as long.
_SPREAD = (0.6, 0.75, 0.85, 0.95, 1.0, 1.1, 1.25, 1.5, 2.0)
_ONE_EACH: Mapping[str, int] = MappingProxyType({})
_AS_TOLD: Mapping[str, Rate] = MappingProxyType({})


def _one_queue(_spec: Mapping[str, Any]) -> str:
    """Names the one queue of a batch whose items are not queued by model."""
    return ""


class Planned(Protocol):
    """An item as it was planned, or as the ledger has it."""

    @property
    def key(self) -> str:
        """Its key."""
        ...

    @property
    def spec(self) -> dict[str, Any]:
        """What its recipe needs."""
        ...


@dataclass(frozen=True, slots=True)
class ModelQuote:
    """What one model will be asked.

    Attributes:
        output_tokens: Of pictures too, with thoughts.
        image_tokens: Of pictures alone.
        pace_known: Whether the model's rate is configured in the account or learned from
            refusals; else the time is that of the rate at which it is called now, or at first.
    """

    model: str
    calls: int
    images: int
    input_tokens: Estimate
    output_tokens: Estimate
    image_tokens: int
    cost_usd: Estimate
    pace_known: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """What is left to pay and to wait for.

    Attributes:
        items: How many items have a call left.
        calls: How many calls are left.
        settled: How many calls of these items are paid already, and cost nothing again.
        seconds: From the first to the last call; the delivery runs beside it.
        later_usd: The cost at the prices that hold when the batch may still run; None where they
            are today's.
        untimed: Models that work on this machine, where all do and none of a model's calls was
            timed yet: they take as long as the machine needs, and ``seconds`` says nothing.
    """

    items: int
    calls: int
    settled: int
    models: tuple[ModelQuote, ...]
    cost_usd: Estimate
    seconds: Estimate
    later_usd: Estimate | None = None
    untimed: tuple[str, ...] = ()


def quote_items(
    ledger: Ledger,
    kind: str,
    items: Sequence[Planned],
    parameters: Mapping[str, Any],
    concurrency: int,
    account: Account,
    batch_id: str = "",
) -> Quote:
    """Quotes items, with what the ledger has learned.

    Args:
        ledger: Where earlier calls stand.
        kind: Of the batch.
        items: Those to be made: a new plan's, or what is left of a batch.
        parameters: The batch's.
        concurrency: Most items at the same time.
        account: Who pays, for its limits.
        batch_id: The batch, if the ledger has it: what it has paid is not quoted again.
    """
    of, settings = find_kind(kind), dict(parameters)
    models = of.recipe.models(settings)
    limits = {name: account.limits_of(catalogue()[name]) for name in models}
    return quote(
        items,
        of.recipe,
        settings,
        limits=limits,
        rates=_rates(ledger, account, limits),
        recent=read_recent(ledger.database, models),
        concurrency=concurrency,
        # A quote needs no key: one access is supposed where there is none.
        accesses={name: len(account.accesses_of(catalogue()[name])) or 1 for name in models},
        settled=_settled(ledger, batch_id, items) if batch_id else (),
        queue_of=of.model_of or _one_queue,
    )


def quote_left(ledger: Ledger, batch: Batch, account: Account) -> Quote:
    """Quotes what is left of a batch.

    Args:
        ledger: Where it stands.
        batch: The batch, as it is now.
        account: Who pays, for its limits.
    """
    only = batch.only
    left = [
        item
        for item in ledger.batches.items(batch.id)
        if not (item.is_made or item.is_final) and (only is None or item.key in only)
    ]
    return quote_items(
        ledger, batch.kind, left, batch.parameters, batch.concurrency, account, batch.id
    )


def quote(
    items: Sequence[Planned],
    recipe: Recipe,
    settings: dict[str, Any],
    limits: Mapping[str, Limits],
    recent: Mapping[str, RecentCalls],
    concurrency: int,
    accesses: Mapping[str, int] = _ONE_EACH,
    rates: Mapping[str, Rate] = _AS_TOLD,
    settled: Collection[tuple[str, str]] = (),
    queue_of: Callable[[dict[str, Any]], str] = _one_queue,
    now: datetime | None = None,
) -> Quote:
    """Quotes items: what they will cost and how long they will take.

    Args:
        items: Those to be made; one that cannot be made must not be among them.
        recipe: How they are made, with
        settings: the batch's parameters.
        limits: Of each model, in each access.
        recent: The last calls of each model that was called before.
        concurrency: Most items at the same time.
        accesses: How many accesses to each model the account has, if not one; each has the
            limits to itself.
        rates: How fast a model may be called now in each access; if not given, as configured, or
            as it begins.
        settled: Item key and slot of each call that is paid already.
        queue_of: Names the queue of an item's spec; the queues share the items in work evenly.
        now: When the batch begins, since prices change; None for this moment.
    """
    begins = now or datetime.now(UTC)
    expected = [[(item.key, call) for call in recipe.expect(item.spec, settings)] for item in items]
    left = [[call for key, call in calls if (key, call.slot) not in settled] for calls in expected]
    queues = _queues([queue_of(item.spec) for item in items], left)
    left = [calls for calls in left if calls]
    asked: dict[str, list[ExpectedCall]] = {}
    for call in (call for calls in left for call in calls):
        asked.setdefault(call.model, []).append(call)

    def at(moment: datetime) -> tuple[ModelQuote, ...]:
        return tuple(
            _of_model(catalogue()[of], calls, recent.get(of), limits[of], rates.get(of), moment)
            for of, calls in asked.items()
        )

    models = at(begins)
    spacings = {
        of.model: _spacing(of, limits[of.model], rates.get(of.model), accesses.get(of.model, 1))
        for of in models
    }
    slots = max(1, concurrency // max(1, len(queues)))
    seconds = _longest([_seconds(queue, spacings, recent, slots) for queue in queues.values()])
    cost = sum((model.cost_usd for model in models), NOTHING)
    ends = begins + timedelta(seconds=seconds.high)
    later = sum((model.cost_usd for model in at(ends)), NOTHING)
    return Quote(
        items=len(left),
        calls=sum(map(len, left)),
        settled=sum(map(len, expected)) - sum(map(len, left)),
        models=models,
        cost_usd=cost,
        seconds=seconds,
        later_usd=later if later != cost else None,
        untimed=_untimed(asked, recent),
    )


def _untimed(models: Collection[str], recent: Mapping[str, RecentCalls]) -> tuple[str, ...]:
    if any(catalogue()[model].engine != "sketch" for model in models):
        return ()  # a provider's takes far longer, and its catalogue says about how long
    return tuple(model for model in models if model not in recent)


def _settled(ledger: Ledger, batch_id: str, items: Sequence[Planned]) -> set[tuple[str, str]]:
    """Finds the calls that are not paid again: none of an item that asks other things by now."""
    mended = {item.key for item in items if MENDED in item.spec}
    return {call for call in read_settled(ledger.database, batch_id) if call[0] not in mended}


def _rates(ledger: Ledger, account: Account, limits: Mapping[str, Limits]) -> dict[str, Rate]:
    """Gives the paid models' rates now, as configured and learned, averaged over the accesses."""
    found: dict[str, Rate] = {}
    for name, told in limits.items():
        model = catalogue()[name]
        if accesses := () if model.free else account.accesses_of(model):
            now = time.time()
            rates = [ledger.quotas.rate(Quota(access.name, name, told), now) for access in accesses]
            learned = all(rate.is_learned for rate in rates)
            found[name] = Rate(fmean(rate.per_s for rate in rates), learned)
    return found


def _of_model(
    model: Model,
    calls: Sequence[ExpectedCall],
    recent: RecentCalls | None,
    limits: Limits,
    rate: Rate | None,
    at: datetime,
) -> ModelQuote:
    tokens = expected_tokens(model, calls, recent)
    return ModelQuote(
        model=model.name,
        calls=len(calls),
        images=sum(call.kind == "image" for call in calls),
        input_tokens=tokens.read,
        output_tokens=tokens.written,
        image_tokens=tokens.drawn,
        cost_usd=expected_cost(model, calls, tokens, at),
        pace_known=model.free or not limits.have_no_rate or (rate is not None and rate.is_learned),
    )


def _spacing(model: ModelQuote, limits: Limits, rate: Rate | None, accesses: int) -> Spacing:
    """Gives the rate of a model's calls: that of the limit which is used up first.

    It counts the worst case of every call, as the quota does.
    """
    load = Load(
        images=1 if model.images else 0,
        input_tokens=round(model.input_tokens.high / model.calls),
        cost_nusd=round(model.cost_usd.high / model.calls * NANO),
    )
    gap_s = max(1 / rate.per_s if rate else limits.start_gap_s(), *limits.gaps_s(load))
    return Spacing(gap_s / accesses, limits.burst * accesses)


def _queues(
    names: Sequence[str], left: Sequence[Sequence[ExpectedCall]]
) -> dict[str, list[list[str]]]:
    """Lists the models that the items of each queue still call, in their order."""
    queues: dict[str, list[list[str]]] = {}
    for queue_of, calls in zip(names, left, strict=True):
        if calls:
            queues.setdefault(queue_of, []).append([call.model for call in calls])
    return queues


def _longest(estimates: Sequence[Estimate]) -> Estimate:
    """Finds the time of queues that are worked on side by side: that of the longest."""
    if not estimates:
        return NOTHING
    return Estimate(
        max(estimate.low for estimate in estimates),
        max(estimate.expected for estimate in estimates),
        max(estimate.high for estimate in estimates),
    )


def _seconds(
    chains: Sequence[Sequence[str]],
    spacings: Mapping[str, Spacing],
    recent: Mapping[str, RecentCalls],
    concurrency: int,
) -> Estimate:
    taken = {
        model: recent[model].latencies_s if model in recent else _supposed(catalogue()[model])
        for model in {model for chain in chains for model in chain}
    }
    doubt = _DRIFT if all(model in recent for model in taken) else _DOUBT
    items = [ItemLeft(tuple(chain)) for chain in chains]

    def seconds(factor: float) -> float:
        latencies = {model: Latency.of(seen, factor) for model, seen in taken.items()}
        return makespan_s(items, concurrency, latencies, spacings)

    return Estimate(seconds(1 - doubt), seconds(1.0), seconds(1 + doubt))


def _supposed(model: Model) -> Sequence[float]:
    return [model.latency_s * factor for factor in _SPREAD]
