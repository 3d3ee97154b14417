"""How long a batch takes, in closed form, held against schedules that are played through."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.reports.makespan import ItemLeft, Latency, Spacing, makespan_s

FIVE = {model: Latency(5.0, 5.0) for model in "mab"}
#: Of latencies whose logarithm is normal: one in twenty takes more than twice the median.
SIGMA = 0.45


def items(count: int, *chain: str) -> list[ItemLeft]:
    return [ItemLeft(chain)] * count


@given(
    calls=st.integers(1, 60),
    workers=st.integers(1, 20),
    gap_s=st.floats(0.01, 10),
    latency_s=st.floats(0.1, 20),
    burst=st.integers(1, 5),
)
def test_one_call_an_item_takes_what_quota_or_concurrency_allow(
    calls: int, workers: int, gap_s: float, latency_s: float, burst: int
) -> None:
    latencies, spacings = {"m": Latency(latency_s, latency_s)}, {"m": Spacing(gap_s, burst)}
    took = makespan_s(items(calls, "m"), workers, latencies, spacings)
    by_quota = max(0, calls - burst) * gap_s + latency_s
    by_concurrency = -(-calls // workers) * latency_s
    assert took == pytest.approx(max(by_quota, by_concurrency))


def test_calls_of_one_item_follow_one_another() -> None:
    assert makespan_s(items(4, "a", "b", "b"), 4, FIVE) == 15
    assert makespan_s(items(4, "a", "b", "b"), 2, FIVE) == 30


def test_what_comes_before_and_after_the_slowest_models_calls_is_added() -> None:
    took = makespan_s(items(10, "a", "b"), 10, FIVE, {"a": Spacing(3.0)})
    assert took == 9 * 3.0 + 5 + 5
    took = makespan_s(items(10, "a", "b"), 10, FIVE, {"b": Spacing(3.0)})
    assert took == 5 + 9 * 3.0 + 5


def test_a_call_in_flight_takes_what_is_left_of_it() -> None:
    assert makespan_s([ItemLeft(("m",), 2.0)], 2, FIVE) == 7
    assert makespan_s([ItemLeft(("m",), 2.0), *items(1, "m")], 1, FIVE) == 12


def test_nothing_to_make_takes_no_time() -> None:
    assert makespan_s([], 5, {}) == 0
    assert makespan_s([ItemLeft(())], 5, {}) == 0


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_no_schedule_beats_the_work_shared_out_evenly(seed: int, workers: int) -> None:
    chance = random.Random(seed)
    chains = [ItemLeft(("m",) * chance.randint(1, 8)) for _ in range(40)]
    took = makespan_s(chains, workers, FIVE)
    work_s = sum(5 * len(item.calls) for item in chains)
    assert work_s / workers <= took <= work_s


def played_s(
    chains: Sequence[Sequence[str]],
    workers: int,
    draw: Callable[[str], float],
    gaps_s: Mapping[str, float],
) -> float:
    """The end of one schedule, as a batch puts its calls in time."""
    line = iter(chains)
    idle: Iterator[str] = iter(())
    work = [(0.0, worker, idle) for worker in range(workers)]
    heapify(work)
    room_at = dict.fromkeys(gaps_s, 0.0)
    now = 0.0
    while work:
        now, worker, calls = heappop(work)
        model = next(calls, None)
        if model is None:
            following = next(line, None)
            if following is not None:
                heappush(work, (now, worker, iter(following)))
            continue
        send_at = max(now, room_at.get(model, 0.0))
        if model in gaps_s:
            room_at[model] = send_at + gaps_s[model]
        heappush(work, (send_at + draw(model), worker, calls))
    return now


@pytest.mark.parametrize(
    ("count", "chain", "workers", "medians_s", "gaps_s", "off"),
    [
        pytest.param(600, "m", 64, {"m": 1.0}, {"m": 0.05}, 0.05, id="600 at 20 a second"),
        pytest.param(2000, "m", 400, {"m": 1.0}, {"m": 1 / 60}, 0.05, id="2,000 at 60 a second"),
        pytest.param(600, "m", 64, {"m": 8.0}, {}, 0.1, id="as many as work at once"),
        pytest.param(100, "m", 5, {"m": 15.0}, {}, 0.06, id="few at once"),
        pytest.param(300, "tpppppp", 64, {"t": 4, "p": 12}, {"p": 0.5}, 0.05, id="slideshows"),
        pytest.param(60, "tpppppp", 5, {"t": 4, "p": 12}, {}, 0.08, id="few slideshows at once"),
        pytest.param(40, "aaa", 10, {"a": 30}, {}, 0.1, id="articles"),
        pytest.param(12, "m", 5, {"m": 15.0}, {}, 0.25, id="a dozen"),
    ],
)
def test_the_closed_form_foretells_schedules_of_long_tailed_latencies(
    count: int,
    chain: str,
    workers: int,
    medians_s: Mapping[str, float],
    gaps_s: Mapping[str, float],
    off: float,
) -> None:
    chance = random.Random(1)

    def draw(model: str) -> float:
        return medians_s[model] * chance.lognormvariate(0, SIGMA)

    latencies = {model: Latency.of([draw(model) for _ in range(2000)]) for model in medians_s}
    spacings = {model: Spacing(gap_s) for model, gap_s in gaps_s.items()}
    told_s = makespan_s(items(count, *chain), workers, latencies, spacings)
    ends = [played_s([chain] * count, workers, draw, gaps_s) for _ in range(5)]
    assert told_s == pytest.approx(fmean(ends), rel=off)
