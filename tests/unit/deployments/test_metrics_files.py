"""The dashboard and the alarms ask for metrics that exist, with labels that they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics_core import Metric
from ruamel.yaml import YAML

from tests.unit.reports.test_metrics import FIGURES, read

FOLDER = Path(__file__).parents[3] / "deployments" / "metrics"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
ALERTS: dict[str, Any] = YAML(typ="safe").load((FOLDER / "alerts.yaml").read_text("utf-8"))
_NAME = re.compile(r"\b(pressrun_\w+)(?:\{([^}]*)\})?")


def queries() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in ALERTS["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def known() -> dict[str, set[str]]:
    """The labels of each series, by its name."""
    families: dict[str, Metric] = read(FIGURES)
    return {
        sample.name: {label for one in family.samples for label in one.labels}
        for family in families.values()
        for sample in family.samples
    }


@pytest.mark.parametrize("query", list(queries()))
def test_a_query_names_what_exists(query: str) -> None:
    series, asked = known(), _NAME.findall(query)
    assert asked or query.startswith("up{")
    for name, selector in asked:
        assert name in series, query
        assert set(re.findall(r"(\w+)[!=]", selector)) <= series[name], query
        for grouped in re.findall(r"by \(([\w, ]+)\)", query):
            assert set(grouped.split(", ")) <= set.union(*(series[one] for one, _ in asked)), query
    counters = {name for name, _ in asked if name.endswith(("_total", "_bucket"))}
    assert all(re.search(rf"(rate|increase)\({name}", query) for name in counters), query


def test_every_metric_is_shown_or_alarmed_on() -> None:
    asked = {name for query in queries() for name, _ in _NAME.findall(query)}
    of_histograms = {"pressrun_call_duration_seconds_count", "pressrun_call_duration_seconds_sum"}
    assert set(known()) - asked == {"pressrun_info", *of_histograms}


def test_panels_lie_side_by_side_and_are_explained() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["description"].endswith(".")
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_page_for_operators_has_every_alarm() -> None:
    page = (FOLDER.parents[1] / "docs" / "operating.md").read_text("utf-8")
    names = [rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in page] == []
