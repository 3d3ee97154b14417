"""The benchmark of several machines in short: all services, two workers, a batch at each."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks import scale_out


@pytest.mark.fleet
@pytest.mark.timeout(1200)
@pytest.mark.skipif(bool(scale_out.missing()), reason=f"not there: {scale_out.missing()}")
def test_two_machines_share_a_quota_and_nothing_is_refused_or_paid_twice() -> None:
    short = ["--workers", "2", "--calls", "20", "--json"]
    command = [sys.executable, "-m", "tests.benchmarks.scale_out", *short]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)
    assert (figures["calls"], figures["rejected"], figures["repaid"]) == (40, 0, 0)
    assert figures["fair"] < 0.5
