"""Processes killed at random moments: the ledger, the bill and the destination say the same."""

from pathlib import Path

import pytest

from tests.faults.kill import kill


def test_batches_whose_processes_are_killed_pay_once_and_arrive_once(home: Path) -> None:
    tally = kill(8, seed=3, home=home)
    assert tally.kills == 8
    assert (tally.repaid_finished, tally.unfinished) == (0, 0), tally
    assert (tally.lost_files, tally.duplicate_files, tally.wrong_files) == (0, 0, 0), tally
    assert tally.ledger_usd == pytest.approx(tally.provider_usd, abs=1e-9)
    assert tally.calls > 0
