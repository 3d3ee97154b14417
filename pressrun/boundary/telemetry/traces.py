"""Spans of a batch, sent by OTLP: the batch, each item, its calls and its deliveries.

An item is a trace of its own, linked to the batch's: a trace of thousands of spans is one that
nobody can open. Ids of traces follow from batch and item, so that what another process does for
the same item later, a retry or a delivery, is in the same trace. Spans carry ids, names of models,
kinds of errors, numbers; never words of a prompt, a title or an error.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NoOpTracerProvider,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    TracerProvider,
    get_current_span,
)

from pressrun.errors import Halted, PressrunError
from pressrun.settings import settings

#: How long the end of a batch waits for its last spans to be taken.
FLUSH_S = 5.0
#: The id of the trace that the next span without a parent begins.
trace_id: ContextVar[int] = ContextVar("pressrun_trace_id", default=0)
Attributes = Mapping[str, str | int | float]

logger = logging.getLogger(__name__)


@lru_cache
def provider() -> TracerProvider:
    """Gives what makes this process's spans; one that makes none unless the settings say where to.

    It is never the process's global one: Prefect and libraries would send their own spans too.
    """
    if not settings().traces_url:
        return NoOpTracerProvider()
    try:
        from pressrun.boundary.telemetry.otlp import open_provider  # noqa: PLC0415 - an extra

        return open_provider(settings().traces_url)
    except ImportError:
        logger.warning(
            "PRESSRUN_TRACES_URL is set, and no traces are sent: what sends them is not installed. "
            "pip install 'pressrun[tracing]', or remove the setting."
        )
        return NoOpTracerProvider()


class BatchSpans:
    """The spans of one batch that this process works on.

    Args:
        batch_id: The batch.
        kind: What it makes.
    """

    def __init__(self, batch_id: str, kind: str):
        self._batch_id, self._kind = batch_id, kind
        self._batch: Span = INVALID_SPAN

    def begin(self) -> None:
        """Begins the span of the batch; it stays open until :meth:`end`."""
        attributes = {"pressrun.batch": self._batch_id, "pressrun.kind": self._kind}
        with _trace(self._batch_id):
            self._batch = _tracer().start_span("batch", context=Context(), attributes=attributes)

    def end(self, stopped_by: PressrunError | None = None) -> None:
        """Ends it, and sends what is left; waits for that no longer than ``FLUSH_S``."""
        if stopped_by:
            note_error(self._batch, stopped_by)
        self._batch.end()
        flush = getattr(provider(), "force_flush", None)
        if flush is None:
            return
        # In a thread, since its own limit of time is none.
        sending = threading.Thread(target=flush, daemon=True)
        sending.start()
        sending.join(FLUSH_S)
        if sending.is_alive():
            logger.warning("The last traces are lost: %s takes too long.", settings().traces_url)

    @contextmanager
    def item(self, key: str) -> Iterator[Span]:
        """Opens the span of an item that is made: the root of the item's trace."""
        with self._of_item("item", key, Context()) as span:
            yield span

    @contextmanager
    def delivery(self, key: str, parent: Context) -> Iterator[Span]:
        """Opens the span of a delivery of an item's files.

        Args:
            key: The item.
            parent: The context in which it was made; an empty one if another process made it.
        """
        with self._of_item("delivery", key, parent) as span:
            yield span

    @contextmanager
    def _of_item(self, name: str, key: str, parent: Context) -> Iterator[Span]:
        whole, batch = self._batch.get_span_context(), self._batch_id
        with (
            _trace(batch, key),
            _open(
                name,
                {"pressrun.batch": batch, "pressrun.item": key},
                parent=parent,
                links=[Link(whole)] if whole.is_valid else [],
            ) as span,
        ):
            yield span


@contextmanager
def call_span(model: str, slot: str) -> Iterator[Span]:
    """Opens the span of a call, from its reservation until it is settled."""
    attributes = {"gen_ai.request.model": model, "pressrun.slot": slot}
    with _open("call", attributes, kind=SpanKind.CLIENT) as span:
        yield span


def note_error(span: Span, error: BaseException) -> None:
    """Says on a span why it failed: the kind alone. A pause or a cancellation is no failure."""
    kind = error.kind if isinstance(error, PressrunError) else type(error).__name__
    if isinstance(error, Halted):
        span.set_attribute("pressrun.halted", kind)
    else:
        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR)


def current_trace() -> str:
    """Gives the id of the current trace as hexadecimal digits; empty for none."""
    context = get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


@contextmanager
def _trace(batch_id: str, item_key: str = "") -> Iterator[None]:
    """Lets spans without a parent begin the trace of a batch or an item."""
    token = trace_id.set(_id_of(batch_id, item_key))
    try:
        yield
    finally:
        trace_id.reset(token)


@contextmanager
def _open(
    name: str,
    attributes: Attributes,
    *,
    parent: Context | None = None,
    links: Sequence[Link] = (),
    kind: SpanKind = SpanKind.INTERNAL,
) -> Iterator[Span]:
    with _tracer().start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        links=links,
        record_exception=False,  # its words are not ours
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            note_error(span, error)
            raise


@lru_cache
def _tracer() -> Tracer:
    return provider().get_tracer("pressrun")


def _id_of(batch_id: str, item_key: str = "") -> int:
    """Computes the id of a trace: a batch's own id, if it is a UUID, as those of runs are."""
    try:
        if not item_key:
            return UUID(batch_id).int
    except ValueError:
        pass
    digest = hashlib.sha256(f"{batch_id}/{item_key}".encode()).digest()
    return int.from_bytes(digest[:16], "big")
