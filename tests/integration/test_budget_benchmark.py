"""The budget benchmark in short: the provider's bill stays within the caps, kills or not."""

import json

import pytest

from tests.benchmarks import budget


@pytest.mark.long
def test_the_bill_stays_within_the_caps_when_a_process_is_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = ["--threads", "8", "--processes", "2", "--cap", "0.5", "--kills", "1"]
    assert budget.main([*small, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["kills"] == 1
    assert figures["calls"] > 0
    assert figures["over"] <= 0
    # What is known is on the bill, and what is on the bill was counted.
    assert figures["ledger_usd"] <= figures["billed_usd"] <= figures["spent_usd"]
    assert figures["spent_usd"] <= figures["cap_usd"]
