"""How long it takes to make items: their calls put in time as a batch puts them.

A simulation of a batch's schedule, for what is asked before it and while it runs. It knows
neither clock nor ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

#: The models that an item calls, one after another.
Chain = Sequence[str]


class Spacing(NamedTuple):
    """A quota's rate: seconds from one call to the next, and calls that may go at once."""

    gap_s: float
    burst: int = 1


def makespan_s(
    waiting: Iterable[Chain],
    workers: int,
    draw: Callable[[str], float],
    spacings: Mapping[str, Spacing] | None = None,
    begun: Sequence[tuple[float, Chain]] = (),
) -> float:
    """Seconds until the last item is made.

    Args:
        waiting: The items that nobody has begun, in their order.
        workers: How many items are made at the same time.
        draw: Gives the seconds that a call of a model takes.
        spacings: The rate of the models that have one.
        begun: Items in work: seconds until their call in flight is answered, and what they call
            after it.
    """
    line = iter(waiting)
    idle: Iterator[tuple[float, Chain]] = ((0.0, ()) for _ in range(workers - len(begun)))
    work = [(at, worker, iter(chain)) for worker, (at, chain) in enumerate((*begun, *idle))]
    heapify(work)
    spacings = spacings or {}
    room_at = dict.fromkeys(spacings, 0.0)
    now = 0.0
    while work:
        now, worker, calls = heappop(work)
        model = next(calls, None)
        if model is None:
            following = next(line, None)
            if following is not None:
                heappush(work, (now, worker, iter(following)))
            continue
        send_at = now
        if spacing := spacings.get(model):
            send_at = max(now, room_at[model] - (spacing.burst - 1) * spacing.gap_s)
            room_at[model] = max(room_at[model], send_at) + spacing.gap_s
        heappush(work, (send_at + draw(model), worker, calls))
    return now
