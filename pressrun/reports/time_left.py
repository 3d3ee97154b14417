"""How long a batch still takes, from how its calls went so far.

From the last calls come latencies, and how long the rest takes with them, in closed form.
If the latencies alone do not explain how slowly calls were answered, something else limits
the rate: a quota, wherever it is, or other batches beside this one. Then the rest keeps that rate.
It reads nothing; it is given the ledger's rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from pressrun.engines.token_estimates import Estimate
from pressrun.reports.makespan import Chain, ItemLeft, Latency, Spacing, deviation_s, makespan_s

#: A silence of so many of the longest latencies, and at least of these seconds, is a pause.
_REST_LATENCIES, _REST_S = 4, 60.0
#: The last calls are taken in so many parts, each with a rate of its own; and at least so many.
_PARTS, _FEWEST = 5, 8
#: The interval reaches so far beyond the shortest and the longest time that these give.
_BEYOND = 0.06
#: If half of a model's calls wait for this share of their time or more, a quota delays them.
_HELD_UP = 0.1


@dataclass(frozen=True, slots=True)
class Answered:
    """A settled call.

    Attributes:
        at: When it was answered (Unix seconds).
        latency_s: How long that took.
        waited_s: How long its item had waited before it was sent, if that is known.
    """

    model: str
    at: float
    latency_s: float
    waited_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unmade:
    """An item that is not made yet.

    Attributes:
        calls: The models that it has still to call, in order.
        begun: Whether it is in work.
        sent_at: When the first of these calls was sent (Unix seconds), if it is on its way.
    """

    calls: Chain
    begun: bool = False
    sent_at: float | None = None


def time_left(
    answered: Sequence[Answered], unmade: Sequence[Unmade], workers: int, now: float
) -> Estimate | None:
    """Estimates the seconds until the last item is made; None while too little is known.

    Args:
        answered: The batch's settled calls, at least the last ones, in the order of their answers.
        unmade: The items that are not made yet, in their order.
        workers: Most items at the same time.
        now: Unix seconds.
    """
    recent = _since_last_rest(answered)
    # The first calls come in a burst, or not at all: they show no rate.
    recent = recent[-max(len(recent) // 2, _FEWEST) :]
    if len(recent) < 2:
        return None
    rest = _Rest(recent, unmade, workers, now)
    ends = [rest.seconds(pace) for pace in _paces(recent)]
    low, high = min(ends) * (1 - _BEYOND), max(ends) * (1 + _BEYOND)
    return Estimate(max(0.0, low - rest.late_s), fmean(ends), high + rest.late_s)


def _since_last_rest(answered: Sequence[Answered]) -> Sequence[Answered]:
    """Selects the calls since the batch last stood still: calls before a pause show no rate."""
    longest_s = max((call.latency_s for call in answered), default=0.0)
    rest_s = max(_REST_S, _REST_LATENCIES * longest_s)
    for place in range(len(answered) - 1, 0, -1):
        if answered[place].at - answered[place - 1].at > rest_s:
            return answered[place:]
    return answered


def _paces(recent: Sequence[Answered]) -> list[dict[str, Spacing]]:
    """Gives, for each part, the rate of the model whose calls are delayed, if there is one."""
    model = _held_up(recent)
    if model is None:
        return [{}]
    moments = [call.at for call in recent if call.model == model]
    ends = [round(part * (len(moments) - 1) / _PARTS) for part in range(_PARTS + 1)]
    return [
        {model: Spacing((moments[end] - moments[start]) / max(1, end - start))}
        for start, end in pairwise(ends)
    ]


def _held_up(recent: Sequence[Answered]) -> str | None:
    """Finds the model whose calls wait the longest before they are sent, if that is much."""
    waits: dict[str, list[float]] = {}
    latencies: dict[str, list[float]] = {}
    for call in recent:
        if call.waited_s is not None:
            waits.setdefault(call.model, []).append(call.waited_s)
            latencies.setdefault(call.model, []).append(call.latency_s)
    # The median: a pause or a retry makes a few calls wait long. In seconds: a model that answers
    # at once takes less time than its calls wait for a processor.
    waiting = {model: median(of) for model, of in waits.items()}
    model = max(waiting, key=waiting.__getitem__, default=None)
    if model is None:
        return None
    whole_s = waiting[model] + median(latencies[model])
    return model if waiting[model] > _HELD_UP * whole_s else None


class _Rest:
    """The rest of a batch, and how long its calls take."""

    def __init__(
        self, recent: Sequence[Answered], unmade: Sequence[Unmade], workers: int, now: float
    ):
        self._workers, self._now = workers, now
        self._seen: dict[str, list[float]] = {}
        for call in recent:
            self._seen.setdefault(call.model, []).append(call.latency_s)
        self._others = [call.latency_s for call in recent]
        # Counted once: thousands of items are alike.
        self._items = Counter(map(self._left, unmade))
        called = {model for item in self._items for model in item.calls}
        self._latencies = {
            model: Latency.of(self._seen.get(model, self._others)) for model in called
        }
        longest = max((item.calls for item in self._items), key=len, default=())
        #: What the last item may take longer than expected, or less.
        self.late_s = deviation_s(longest, self._latencies)

    def seconds(self, pace: Mapping[str, Spacing]) -> float:
        """Computes the seconds to the end, if calls are sent no faster than this."""
        return makespan_s(self._items, self._workers, self._latencies, pace)

    def _left(self, item: Unmade) -> ItemLeft:
        calls = tuple(item.calls)
        if not calls or item.sent_at is None or item.sent_at > self._now:
            return ItemLeft(calls)
        since_s = self._now - item.sent_at
        longer = [s for s in self._seen.get(calls[0], self._others) if s > since_s]
        return ItemLeft(calls[1:], fmean(longer) - since_s if longer else 0.0)
