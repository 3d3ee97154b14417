"""Traces as a collector gets them: what belongs together does, and nobody's words are there."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.context import Context
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pressrun.boundary.telemetry import traces
from pressrun.boundary.telemetry.logs import as_json
from pressrun.errors import Halted, Unavailable
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.collector import Collector, attributes
from tests.support.batches import parameters, plan, work
from tests.support.waiting import until


@pytest.fixture
def collector(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that this process sends its traces to."""
    with Collector() as collector:
        monkeypatch.setenv("PRESSRUN_TRACES_URL", collector.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        settings.cache_clear()
        forget()
        yield collector
        traces.provider().shutdown()  # type: ignore[attr-defined]
    forget()


def forget() -> None:
    traces.provider.cache_clear()
    traces._tracer.cache_clear()


def told(span: Span) -> dict[str, Any]:
    return attributes(span)


def test_a_batch_its_items_calls_and_deliveries_are_seen(collector: Collector, home: Path) -> None:
    batch = plan(parameters(home, shows=2, title="A secret title", description="A secret mug"))
    work(batch)
    (whole,) = collector.named("batch")
    items, deliveries = collector.named("item"), collector.named("delivery")
    assert whole.trace_id == UUID(batch.id).bytes
    assert told(whole) == {"pressrun.batch": batch.id, "pressrun.kind": "slideshow"}
    assert len(items) == 2
    assert len({item.trace_id for item in items} | {whole.trace_id}) == 3
    for item in items:
        assert told(item)["pressrun.batch"] == batch.id
        assert item.parent_span_id == b""
        (link,) = item.links
        assert (link.trace_id, link.span_id) == (whole.trace_id, whole.span_id)
        calls = [call for call in collector.named("call") if call.trace_id == item.trace_id]
        assert {call.parent_span_id for call in calls} == {item.span_id}
        assert {told(call)["pressrun.slot"] for call in calls} >= {"analysis", "slide_0"}
        assert all(call.kind == Span.SPAN_KIND_CLIENT for call in calls)
        assert {told(call)["gen_ai.request.model"] for call in calls} == {"sketch"}
        (sent, *_) = [one for one in deliveries if one.trace_id == item.trace_id]
        assert sent.parent_span_id == item.span_id
        assert sent.start_time_unix_nano >= item.start_time_unix_nano
    assert collector.resource["service.name"] == "pressrun"
    everything = "".join(map(MessageToJson, collector.spans))
    for word in ("secret", "mug", str(home)):
        assert word not in everything.lower()


def test_what_failed_says_its_kind_and_not_its_words(collector: Collector) -> None:
    spans = traces.BatchSpans("b", "image")
    spans.begin()
    with pytest.raises(Unavailable), spans.item("one"), traces.call_span("m", "image_1"):
        raise Unavailable("It said: a secret", kind="timeout")
    with pytest.raises(ValueError), spans.item("two"):
        raise ValueError("a secret")
    with pytest.raises(Halted), spans.item("three"):
        raise Halted("The batch is paused.", kind="paused")
    spans.end()
    (call,) = collector.named("call")
    one, two, three = collector.named("item")
    for span, kind in ((call, "timeout"), (one, "timeout"), (two, "ValueError")):
        assert told(span)["error.type"] == kind
        assert span.status == Status(code=Status.STATUS_CODE_ERROR)
        assert not span.events
    assert told(three)["pressrun.halted"] == "paused"
    assert three.status == Status()
    assert "secret" not in "".join(map(MessageToJson, collector.spans))


def test_what_another_process_does_for_an_item_is_in_the_same_trace(collector: Collector) -> None:
    for _ in range(2):
        spans = traces.BatchSpans("b", "image")
        spans.begin()
        with spans.item("one"):
            pass
        with spans.delivery("one", Context()):
            trace = traces.current_trace()
        spans.end()
    ids = {span.trace_id for span in collector.spans if span.name != "batch"}
    assert [one.hex() for one in ids] == [trace]
    assert len({span.span_id for span in collector.spans}) == 6


def test_a_line_of_the_log_names_the_trace(collector: Collector) -> None:
    spans = traces.BatchSpans("b", "image")
    with spans.item("one"):
        line = json.loads(as_json(logging.makeLogRecord({"msg": "x", "levelname": "INFO"})))
    spans.end()
    assert line["trace"] == collector.named("item")[0].trace_id.hex()


def test_a_collector_that_takes_nothing_is_said_and_costs_no_batch(
    collector: Collector, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    collector.refuses = 400
    work(batch := plan(parameters(home)))
    assert open_ledger().batches.match(batch.id).status == "completed"
    until(lambda: "spans are lost so far. Batches go on." in caplog.text)
    assert collector.spans == []


def test_without_what_sends_them_a_batch_goes_on_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PRESSRUN_TRACES_URL", "http://127.0.0.1:1/v1/traces")
    monkeypatch.setitem(__import__("sys").modules, "pressrun.boundary.telemetry.otlp", None)
    settings.cache_clear()
    forget()
    work(plan(parameters(home)))
    assert "pip install 'pressrun[tracing]'" in caplog.text
    assert traces.current_trace() == ""
    forget()
