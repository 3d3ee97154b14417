"""Sends spans by OTLP; needs the extra ``tracing``.

Batches never wait for it: spans are sent by a thread, and lost where they are not taken.
"""

import logging
import os
import socket
import time
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from pressrun import __version__
from pressrun.boundary.telemetry.traces import trace_id

#: Seconds until it is said again that spans are lost.
SAY_EVERY_S = 60.0

logger = logging.getLogger(__name__)


class _Ids(RandomIdGenerator):
    """Ids of which those of traces follow from what they are of."""

    def generate_trace_id(self) -> int:
        return trace_id.get() or super().generate_trace_id()


class _Telling(SpanExporter):
    """An exporter that says where a person looks that spans are lost."""

    def __init__(self, exporter: SpanExporter, url: str):
        self._exporter, self._url = exporter, url
        self._lost, self._say_at = 0, 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            if time.monotonic() >= self._say_at:
                self._say_at = time.monotonic() + SAY_EVERY_S
                logger.warning(
                    "%s does not take traces (PRESSRUN_TRACES_URL): %d spans are lost so far. "
                    "Batches go on.",
                    self._url,
                    self._lost,
                )
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def open_provider(url: str) -> TracerProvider:
    """Opens a provider whose spans go to a collector."""
    about = {"service.version": __version__, "host.name": socket.gethostname()}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        about[SERVICE_NAME] = "pressrun"
    # Each of its attempts is a line; those that fail for good are ours to tell.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.ERROR)
    # At its end a process has waited for its spans already, see traces.end_batch.
    made = TracerProvider(
        resource=Resource.create(about), id_generator=_Ids(), shutdown_on_exit=False
    )
    made.add_span_processor(BatchSpanProcessor(_Telling(OTLPSpanExporter(endpoint=url), url)))
    return made
