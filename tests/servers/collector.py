"""A collector of traces on this machine: OTLP over HTTP, as its published protocol says.

    python -m tests.servers.collector --port 4318

Reads what it is sent with OpenTelemetry's own types, and refuses what is none.
"""

import argparse
import gzip
import threading
from typing import Any, Self

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.servers.gemini_http import Answer, HttpServer, Received
from tests.servers.life import Served, ended_by_signal


class Collector(Served):
    """A collector on a port of its own, started by ``with``.

    Attributes:
        spans: Every span that came.
        resource: What the sender last said of itself.
        refuses: The status with which it answers, if it shall take nothing.
    """

    def __init__(self, port: int = 0) -> None:
        self.spans: list[Span] = []
        self.resource: dict[str, Any] = {}
        self.refuses = 0
        self._lock = threading.Lock()
        self._http = HttpServer(self._answer, port)

    @property
    def url(self) -> str:
        """Where traces are posted."""
        return f"{self._http.url}/v1/traces"

    def named(self, name: str) -> list[Span]:
        """Gives the spans of one name."""
        return [span for span in list(self.spans) if span.name == name]

    def start(self) -> Self:
        """Begins to serve; returns itself."""
        self._http.start()
        return self

    def stop(self) -> None:
        """Ends it, and every connection."""
        self._http.stop()

    def _answer(self, received: Received) -> Answer:
        if received.path != "/v1/traces":
            return Answer(b"", 404)
        if self.refuses:
            return Answer(b"", self.refuses)
        packed = received.headers.get("content-encoding") == "gzip"
        try:
            body = gzip.decompress(received.body) if packed else received.body
            sent = ExportTraceServiceRequest.FromString(body)
        except (OSError, DecodeError):
            return Answer(b"", 400)
        with self._lock:
            for of in sent.resource_spans:
                self.resource = attributes(of.resource)
                for scope in of.scope_spans:
                    self.spans.extend(scope.spans)
        return Answer(ExportTraceServiceResponse().SerializeToString(), 200)


def attributes(of: Any) -> dict[str, Any]:
    """Gives the attributes of a span, link or resource as plain values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


def main() -> None:
    """Serves until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.collector")
    parser.add_argument("--port", type=int, default=4318)
    ended = ended_by_signal()
    with Collector(parser.parse_args().port) as collector:
        print(collector.url, flush=True)  # noqa: T201 - what the caller waits for
        ended.wait()
        for span in collector.spans:
            print(span.name, span.trace_id.hex(), attributes(span))  # noqa: T201


if __name__ == "__main__":
    main()
