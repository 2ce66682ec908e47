"""One trace from the HTTP call through outbox and log to every service that heard of it.

The W3C ``traceparent`` travels in the record's headers. An unsampled one costs nothing here.
"""

import os

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from libs.events.base import Recorded

__all__ = ["Span", "Tracing"]
PROPAGATOR = TraceContextTextMapPropagator()
SAMPLED = frozenset("13579bdf")
"""Last digits of a traceparent whose lowest flag is set; another flag says that the id is random."""


class Tracing:
    """``share`` of new traces are sampled. They go to ``exporter``, or where OTEL_EXPORTER_OTLP_ENDPOINT says."""

    def __init__(self, share: float, exporter: SpanExporter | None = None) -> None:
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource.create({"service.name": "lianxin"}),
            shutdown_on_exit=False,
        )
        if exporter is None and os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            exporter = OTLPSpanExporter()
        if exporter is not None:
            self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("lianxin")

    def asked(self, service: str, name: str, traceparent: str | None) -> Span:
        """The span of an HTTP call; the caller ends it."""
        return self._tracer.start_span(
            f"{service} {name}", context=_context(traceparent), kind=SpanKind.SERVER
        )

    def heard(self, service: str, recorded: Recorded) -> tuple[str | None, Span | None]:
        """The span of hearing one event, to be ended with the turn, and what to pass on."""
        if recorded.traceparent is None or recorded.traceparent[-1:] not in SAMPLED:
            return recorded.traceparent, None
        span = self._tracer.start_span(
            f"{service} hears {recorded.event.type()}",
            context=_context(recorded.traceparent),
            kind=SpanKind.CONSUMER,
            attributes={"case.id": recorded.event.case_id, "event.id": recorded.event_id},
        )
        return traceparent_of(span), span

    def woke(self, service: str) -> str | None:
        """A trace that begins with a deadline."""
        span = self._tracer.start_span(f"{service} deadline", context=Context())
        span.end()
        return traceparent_of(span)

    def flush(self) -> None:
        """Send what waits."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what waits and stop."""
        self._provider.shutdown()


def traceparent_of(span: Span) -> str:
    """The W3C header of a span."""
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier, set_span_in_context(span, Context()))
    return carrier["traceparent"]


def _context(traceparent: str | None) -> Context:
    if traceparent is None:
        return Context()
    return PROPAGATOR.extract({"traceparent": traceparent}, Context())
