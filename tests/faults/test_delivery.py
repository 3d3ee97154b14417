"""Senders killed at random moments, destinations that misbehave: every file arrives once."""

from pathlib import Path

import pytest

from pressrun.stores.factory import Scheme
from tests.faults.delivery import STORES, Tally, run_series


@pytest.mark.parametrize("scheme", STORES)
def test_every_file_stands_there_once_and_right_after_kills_and_faults(
    scheme: Scheme, tmp_path: Path
) -> None:
    tally = Tally()
    run_series(scheme, [f"test-{run}" for run in range(6)], tmp_path, tally)
    assert (tally.runs, tally.kills > 0) == (6, True)
    assert scheme == "folder" or tally.faults.total() > 0
    assert (tally.missing, tally.duplicate, tally.wrong) == (0, 0, 0), tally
    assert tally.unfinished == 0, tally.reasons


@pytest.mark.parametrize(
    ("standing", "counts"),
    [
        ([("a", "1"), ("b", "2")], (0, 0, 0)),
        ([("a", "1")], (1, 0, 0)),
        ([("a", "1"), ("b", "2"), ("b", "2")], (0, 1, 0)),
        ([("a", "1"), ("b", "2"), ("c", "3")], (0, 1, 0)),
        ([("a", "1"), ("b", "3")], (0, 0, 1)),
    ],
    ids=["whole", "one lost", "one twice", "one that nobody made", "one with other bytes"],
)
def test_the_comparison_sees_what_differs(
    standing: list[tuple[str, str]], counts: tuple[int, int, int]
) -> None:
    tally = Tally()
    tally.compare({"a": "1", "b": "2"}, standing)
    assert (tally.missing, tally.duplicate, tally.wrong) == counts
