"""The figures of the ledger as Prometheus reads them.

Labels have few values: no batch, item, requester or account is one.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from pressrun import __version__
from pressrun.ledger.metrics import ANSWERED, BUCKETS_S, LedgerFigures

_Labels = TypeVar("_Labels", bound=tuple[str, ...])


def write_metrics(figures: LedgerFigures | None, accept: str = "") -> tuple[bytes, str]:
    """Writes the metrics in the format that a scraper accepts.

    Args:
        figures: Of the ledger; None if it is unavailable: then only that is said.
        accept: The scraper's Accept header.

    Returns:
        The text, and its content type.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(figures))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Figures(Collector):
    """Collects nothing by itself: it shows what was read."""

    def __init__(self, figures: LedgerFigures | None):
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Gives the families of metrics."""
        yield _gauge(
            "info", "Always 1; the label is the desk's version.", {(__version__,): 1}, "version"
        )
        up = self._figures is not None
        yield _gauge("ledger_up", "Whether the ledger could be read: 1, else 0.", {(): up})
        if self._figures:
            yield from _levels(self._figures)
            yield from _calls(self._figures)
            yield from _deliveries(self._figures)


def _gauge(
    name: str, says: str, values: Mapping[_Labels, float], *labels: str
) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(f"pressrun_{name}", says, labels=labels)
    for of, value in values.items():
        metric.add_metric(of, value)
    return metric


def _of_model(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(model,): value for model, value in values.items()}


def _levels(seen: LedgerFigures) -> Iterator[Metric]:
    """Gives what goes up and down."""
    yield _gauge("ledger_read_seconds", "How long reading these metrics took.", {(): seen.read_s})
    yield _gauge(
        "ledger_write_seconds",
        "How long a transaction that writes nothing took, its wait for other writers included.",
        {(): seen.write_s},
    )
    yield _gauge("batches", "Batches that the ledger has.", seen.batches, "kind", "status")
    yield _gauge("items", "Items of batches that are not over.", seen.items, "kind", "status")
    yield _gauge(
        "batches_without_process",
        "Batches at work of which no process sends heartbeats.",
        {(): seen.orphans},
    )
    for name, says, values in (
        (
            "batches_waiting",
            "Batches that wait for over 10 s for a model; for something else, with no model.",
            seen.waiting,
        ),
        ("calls_in_flight", "Calls that are sent and not answered.", seen.in_flight),
        ("calls_queued", "Calls that wait for the moment that they reserved.", seen.queued),
        (
            "quota_wait_seconds",
            "Until a model's quota has room again, in the account where that is longest.",
            seen.quota_wait_s,
        ),
    ):
        yield _gauge(name, says, _of_model(values), "model")


def _calls(seen: LedgerFigures) -> Iterator[Metric]:
    """Gives the calls, what they cost and how long they took."""
    calls = CounterMetricFamily(
        "pressrun_calls",
        "Calls that ended: answered, lost with their process, or the kind of their failure.",
        labels=("model", "outcome"),
    )
    cost = CounterMetricFamily("pressrun_cost_usd", "What calls cost, in USD.", labels=("model",))
    took = HistogramMetricFamily(
        "pressrun_call_duration_seconds",
        "From sending an answered call to its whole answer.",
        labels=("model",),
    )
    costs: dict[str, float] = {}
    for of in seen.calls:
        calls.add_metric((of.model, of.outcome), of.count)
        costs[of.model] = costs.get(of.model, 0.0) + of.cost_usd
        if of.outcome == ANSWERED:
            bounds = [*map(str, BUCKETS_S), "+Inf"]
            within = list(zip(bounds, (*of.within, of.count), strict=True))
            took.add_metric((of.model,), within, of.duration_s)
    for model, count in seen.lost.items():
        calls.add_metric((model, "lost"), count)
    for model, usd in costs.items():
        cost.add_metric((model,), usd)
    yield from (calls, cost, took)


def _deliveries(seen: LedgerFigures) -> Iterator[Metric]:
    """Gives what arrived at destinations."""
    files = CounterMetricFamily(
        "pressrun_delivered_files", "Files seen at their destination.", labels=("store",)
    )
    size = CounterMetricFamily(
        "pressrun_delivered_bytes", "Bytes of these files.", labels=("store",)
    )
    for of in seen.deliveries:
        files.add_metric((of.store,), of.files)
        size.add_metric((of.store,), of.bytes)
    yield from (files, size)
