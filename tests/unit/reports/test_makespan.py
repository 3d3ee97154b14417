"""The simulated schedule of a batch: never faster than its quota, its latencies and its chains."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.reports.makespan import Spacing, makespan_s


def steady(_model: str) -> float:
    return 5.0


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
    took = makespan_s([["m"]] * calls, workers, lambda _: latency_s, {"m": Spacing(gap_s, burst)})
    by_quota = max(0, calls - burst) * gap_s + latency_s
    by_concurrency = -(-calls // workers) * latency_s
    assert took >= max(by_quota, by_concurrency) - 1e-6
    # Waiting for a slot and for the quota can add up once a round, no more.
    assert took <= by_quota + by_concurrency + 1e-6


def test_the_quota_alone_sets_the_pace_where_there_are_workers_enough() -> None:
    took = makespan_s([["m"]] * 100, 100, steady, {"m": Spacing(0.5)})
    assert took == pytest.approx(99 * 0.5 + 5)


def test_calls_of_one_item_follow_one_another() -> None:
    assert makespan_s([["a", "b", "b"]] * 4, 4, steady) == 15
    assert makespan_s([["a", "b", "b"]] * 4, 2, steady) == 30


def test_items_in_work_go_before_those_that_wait() -> None:
    assert makespan_s([["m"]], 1, steady, begun=[(2.0, ["m"])]) == 12
    assert makespan_s([["m"]], 2, steady, begun=[(2.0, ["m"])]) == 7


def test_nothing_to_make_takes_no_time() -> None:
    assert makespan_s([], 5, steady) == 0


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_no_schedule_beats_the_work_shared_out_evenly(seed: int, workers: int) -> None:
    chance = random.Random(seed)
    taken: list[float] = []

    def draw(_model: str) -> float:
        taken.append(chance.lognormvariate(0, 0.8))
        return taken[-1]

    chains = [["m"] * chance.randint(1, 8) for _ in range(40)]
    took = makespan_s(chains, workers, draw)
    assert len(taken) == sum(map(len, chains))
    assert took >= sum(taken) / workers - 1e-6
    assert took <= sum(taken) + 1e-6
