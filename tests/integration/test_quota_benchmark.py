"""The quota benchmark in short: the real flow in two processes, by the server's books."""

from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from tests.benchmarks import quota
from tests.benchmarks.baselines import table
from tests.benchmarks.gemini_process import gemini
from tests.support.batches import KEY


def trial(**changes: float) -> quota.Trial:
    told: dict[str, float] = {"calls": 600, "told": 20.0, "true": 20.0, "burst": 1}
    how = {"latency_s": 1.0, "sigma": 0.0, "concurrency": 64, "processes": 1, "window_s": 60.0}
    return quota.Trial(ledger="sqlite", **told | how | changes)  # type: ignore[arg-type]


def test_two_processes_share_a_quota_and_nothing_is_refused(
    prefect_server: None, tmp_path: Path
) -> None:
    small = trial(
        calls=24, told=40.0, true=40.0, latency_s=0.1, concurrency=8, processes=2, window_s=1.0
    )
    api = get_current_settings().api.url
    assert api
    with gemini(rate=40, per=1, latency=0.1, key=KEY) as served:
        figures = quota.measure(small, quota.Servers(api, served), tmp_path)
    assert (figures["calls"], figures["completed"], figures["rejected"]) == (24, 24, 0)


@pytest.mark.parametrize(
    ("changes", "bound_s"),
    [
        ({}, 599 / 20 + 1),
        ({"burst": 10}, 590 / 20 + 1),
        ({"true": 16.0}, 599 / 16 + 1),
        ({"concurrency": 10}, 600 / 10 + 1),  # so few at the same time, the rate is not reached
    ],
    ids=["evenly", "burst", "told-too-high", "few-at-once"],
)
def test_the_bound_is_that_of_the_best_schedule(changes: dict[str, float], bound_s: float) -> None:
    assert trial(**changes).bound_s([1.0] * 600) == pytest.approx(bound_s)


def test_a_slow_call_in_the_middle_moves_the_bound_only_if_it_ends_last() -> None:
    drawn = [1.0] * 600
    drawn[300] = 10.0
    assert trial().bound_s(drawn) == pytest.approx(599 / 20 + 1)
    drawn[300] = 20.0
    assert trial().bound_s(drawn) == pytest.approx(300 / 20 + 20)


@pytest.mark.parametrize("items", [1, 24, 150, 600, 2000])
def test_a_batch_is_shaped_to_have_so_many_items(items: int) -> None:
    shows, variations = quota.shape(items)
    assert shows * variations["photo_variations"] * variations["text_variations"] == items
    assert shows <= 100


def test_the_table_says_what_was_left_out() -> None:
    measured = {"calls": 600, "bound_s": 30.95, "wall_s": 31.2, "used": 0.992, "rejected": 0}
    rows: list[dict[str, object]] = [
        {"name": "Ours", **measured},
        {"name": "Theirs", "skipped": "no Redis answers"},
    ]
    assert table(rows).splitlines()[2:] == [
        "| Ours | 600 | 30.95 s | 31.2 s | 99% | 0 |",
        "| Theirs | | | | skipped: no Redis answers | |",
    ]
