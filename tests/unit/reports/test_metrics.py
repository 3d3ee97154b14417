"""The metrics as others read them: by the formats' own parsers, with names as is usual."""

import re
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics

from pressrun.ledger.metrics import CallFigures, DeliveryFigures, LedgerFigures
from pressrun.reports.metrics import write_metrics

_WITHIN = (0, 0, 1, 2, 3, 3, 3, 3, 3, 3)
FIGURES = LedgerFigures(
    batches={("image", "running"): 2, ("article", "completed"): 5},
    items={("image", "made"): 7},
    orphans=1,
    waiting={"m": 2, "": 1},
    in_flight={"m": 4},
    queued={"m": 0},
    lost={"m": 6},
    quota_wait_s={"m": 1.5},
    calls=[
        CallFigures("m", "answered", 4, 0.25, 21.5, _WITHIN),
        CallFigures("m", "throttled", 9, 0.0, 0.0, (0,) * 10),
        CallFigures('odd"\\\n', "bad_json", 1, 0.5, 0.0, (0,) * 10),
    ],
    deliveries=[DeliveryFigures("s3", 3, 4096)],
    read_s=0.01,
    write_s=0.001,
)
#: Where nothing happened yet.
EMPTY = LedgerFigures({}, {}, 0, {}, {}, {}, {}, {}, [], [], 0.0, 0.0)


def read(figures: LedgerFigures | None) -> dict[str, Metric]:
    text, kind = write_metrics(figures)
    assert kind.startswith("text/plain")
    return {one.name: one for one in parser.text_string_to_metric_families(text.decode())}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    (found,) = (
        one.value
        for family in families.values()
        for one in family.samples
        if one.name == sample and one.labels == labels
    )
    return found


def test_a_foreign_parser_reads_what_was_counted() -> None:
    families = read(FIGURES)
    assert value(families, "pressrun_ledger_up") == 1
    assert value(families, "pressrun_calls_total", model="m", outcome="answered") == 4
    assert value(families, "pressrun_calls_total", model="m", outcome="lost") == 6
    assert value(families, "pressrun_calls_total", model='odd"\\\n', outcome="bad_json") == 1
    assert value(families, "pressrun_cost_usd_total", model="m") == 0.25
    took = "pressrun_call_duration_seconds"
    assert value(families, f"{took}_bucket", model="m", le="10.0") == 3
    assert value(families, f"{took}_bucket", model="m", le="+Inf") == 4
    assert value(families, f"{took}_count", model="m") == 4
    assert value(families, f"{took}_sum", model="m") == 21.5
    assert value(families, "pressrun_delivered_bytes_total", store="s3") == 4096
    assert value(families, "pressrun_items", kind="image", status="made") == 7
    assert value(families, "pressrun_batches_without_process") == 1


@pytest.mark.parametrize("figures", [FIGURES, EMPTY, None], ids=["full", "empty", "away"])
def test_both_formats_are_right(figures: LedgerFigures | None) -> None:
    asked = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    text, kind = write_metrics(figures, asked)
    assert kind.startswith("application/openmetrics-text")
    parse: Any = openmetrics.text_string_to_metric_families
    families = list(parse(text.decode()))
    assert {one.name for one in families} == set(read(figures))


def test_names_and_labels_are_as_is_usual_and_have_few_values() -> None:
    for family in read(FIGURES).values():
        assert re.fullmatch(r"pressrun_[a-z_]+", family.name)
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_ms", "_s", "_kb", "_count"))
        for sample in family.samples:
            assert (family.type == "counter") == sample.name.endswith("_total"), sample
            few = {"model", "outcome", "kind", "status", "store", "version", "le"}
            assert set(sample.labels) <= few


def test_where_the_ledger_is_away_that_alone_is_said() -> None:
    families = read(None)
    assert set(families) == {"pressrun_info", "pressrun_ledger_up"}
    assert value(families, "pressrun_ledger_up") == 0


def test_a_quota_that_is_open_is_not_waited_for() -> None:
    families = read(replace(FIGURES, quota_wait_s={"m": 0.0}))
    assert value(families, "pressrun_quota_wait_seconds", model="m") == 0
