"""The scale benchmark in short: it still finds what it counts, and every figure is there."""

import json
import subprocess
import sys

import pytest

FIGURES = {
    "items",
    "completed",
    "wall_s",
    "cpu_ms_per_item",
    "prefect_cpu_ms_per_item",
    "process_cpu_ms_per_item",
    "picture_cpu_ms_per_item",
    "rss_mb",
}


@pytest.mark.long
def test_a_small_batch_is_made_and_measured() -> None:
    # A process of its own: what is counted stays wrapped in counters.
    command = [sys.executable, "-m", "tests.benchmarks.scale", "--items", "6", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)
    assert figures.keys() == FIGURES
    assert figures["completed"] == 6
    assert 0 < figures["picture_cpu_ms_per_item"] < figures["process_cpu_ms_per_item"]
