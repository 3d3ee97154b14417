"""The delivery benchmark in short: every figure is there and every file arrives."""

import json

import pytest

from tests.benchmarks import delivery

FIGURES = {
    "store",
    "files",
    "kilobytes",
    "latency_s",
    "senders",
    "arrived",
    "plain_s",
    "files_per_s",
    "cpu_ms_per_file",
    "generation_s",
    "tail_s",
    "adds_percent",
}
OF_RATE = {"rate", "creates", "used_percent", "refused_percent"}


@pytest.mark.long
@pytest.mark.parametrize("store", ["folder", "s3", "drive"])
def test_both_batches_arrive_and_are_measured(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--files", "12", "--kilobytes", "2", "--latency", "0.01"]
    assert delivery.main(["--store", store, *small, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.keys() == FIGURES
    assert (figures["store"], figures["files"], figures["arrived"]) == (store, 12, 12)


def test_a_limited_drive_is_measured_by_what_it_was_asked_to_make(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = ["--files", "12", "--kilobytes", "2", "--latency", "0.01", "--rate", "30"]
    assert delivery.main(["--store", "drive", *small, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.keys() == FIGURES | OF_RATE
    # Twelve files, and the folders of the batch, of its link and of its three items.
    assert figures["creates"] == 12 + 5
