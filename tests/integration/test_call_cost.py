"""The benchmark of what a call costs, in short."""

from pathlib import Path

import pytest

from tests.benchmarks import call_cost, quota


@pytest.mark.fleet
def test_the_processor_time_of_a_call_is_measured_of_two_checkouts_in_turn(tmp_path: Path) -> None:
    trial = quota.Trial(
        calls=60,
        told=20.0,
        true=200.0,
        latency_s=0.1,
        sigma=0.0,
        concurrency=5,
        processes=1,
        ledger="sqlite",
        burst=1,
        window_s=60.0,
    )
    same = dict.fromkeys(("before", "after"), call_cost.Variant(quota.CHECKOUT))
    figures = call_cost.compare(trial, same, rounds=1)
    assert figures["calls"] == 60
    for which in same:
        cost = figures[which]
        assert isinstance(cost, dict)
        assert cost["flow_ms"] > 1
        assert cost["server_ms"] > 1
        assert cost["whole_ms"] == pytest.approx(cost["flow_ms"] + cost["server_ms"], abs=0.1)
        further = cost["further"]
        assert 1 < further["whole_ms"] < cost["whole_ms"]
        unexplained_s = 60 * (cost["whole_ms"] - further["whole_ms"]) / 1000
        assert cost["once_s"] == pytest.approx(unexplained_s, abs=0.1)
    assert isinstance(figures["gain"], float)
    assert isinstance(figures["further_gain"], float)
