"""How long it takes to make items, in closed form: for what is asked before a batch and in it.

The longer of two times: that which the work takes shared out among the workers, and that which
the slowest model's calls take one after another at its rate; each with what its last item
takes longer than the mean. Knows neither clock nor ledger. Why no simulation: docs/decisions/0025.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple, Self

#: The models that an item calls, one after another.
Chain = Sequence[str]
#: The last of many calls takes about as long as the one of so many in a hundred.
_LONG = 0.95


class Spacing(NamedTuple):
    """A quota's rate: seconds from one call to the next, and calls that may be sent at once."""

    gap_s: float
    burst: int = 1


class Latency(NamedTuple):
    """How long a model's calls take: as expected, and the long ones (seconds)."""

    expected_s: float
    long_s: float

    @classmethod
    def of(cls, seen_s: Collection[float], factor: float = 1.0) -> Self:
        """Makes the latency from calls that were seen, each longer by the factor."""
        ordered = sorted(seen_s)
        return cls(factor * fmean(ordered), factor * ordered[int(_LONG * (len(ordered) - 1))])


class ItemLeft(NamedTuple):
    """What is left of an item: its calls, after the seconds until one in flight is answered."""

    calls: Chain
    in_flight_s: float = 0.0


def makespan_s(
    items: Sequence[ItemLeft] | Counter[ItemLeft],
    workers: int,
    latencies: Mapping[str, Latency],
    spacings: Mapping[str, Spacing] | None = None,
) -> float:
    """Estimates the seconds until the last item is made.

    Args:
        items: Those that are not made yet, one by one or counted.
        workers: How many are made at the same time.
        latencies: Of every model that they call.
        spacings: The rate of the models that have one.
    """
    if not items:
        return 0.0
    shapes = Counter(items)
    last = max(shapes, key=lambda item: len(item.calls)).calls
    by_rate = (
        _at_its_rate(model, spacing, shapes, last, latencies)
        for model, spacing in (spacings or {}).items()
    )
    return max(_shared_out(shapes, workers, last, latencies), *by_rate, 0.0)


def _shared_out(
    shapes: Counter[ItemLeft], workers: int, last: Chain, latencies: Mapping[str, Latency]
) -> float:
    took = {item: _expected_s(item.calls, latencies) + item.in_flight_s for item in shapes}
    items, work_s = shapes.total(), sum(took[item] * times for item, times in shapes.items())
    longest_s, rounds = max(took.values()), items / workers
    # At the end some workers are idle: the last round is not full, or an item is longer than most.
    idle_s = (math.ceil(rounds) - rounds) * work_s / items
    late_s = (longest_s - work_s / items + deviation_s(last, latencies)) * (1 - 1 / workers)
    return max(longest_s, work_s / workers + max(idle_s, late_s))


def _at_its_rate(
    model: str,
    spacing: Spacing,
    shapes: Counter[ItemLeft],
    last: Chain,
    latencies: Mapping[str, Latency],
) -> float:
    calling = [item for item in shapes if model in item.calls]
    if not calling:
        return 0.0
    calls = sum(item.calls.count(model) * shapes[item] for item in calling)
    before_s = min(
        item.in_flight_s + _expected_s(item.calls[: item.calls.index(model)], latencies)
        for item in calling
    )
    after = last[len(last) - last[::-1].index(model) :] if model in last else ()
    rest_s = latencies[model].long_s + _expected_s(after, latencies)
    return before_s + max(0, calls - spacing.burst) * spacing.gap_s + rest_s


def deviation_s(calls: Chain, latencies: Mapping[str, Latency]) -> float:
    """Estimates how much longer than the mean an item may take, each call by chance."""
    over = (latencies[model].long_s - latencies[model].expected_s for model in calls)
    return math.sqrt(sum(seconds**2 for seconds in over))


def _expected_s(calls: Chain, latencies: Mapping[str, Latency]) -> float:
    return sum(latencies[model].expected_s for model in calls)
