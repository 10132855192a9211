"""OpenTelemetry spans, one a call with its stages below it, for installations that have a collector.

Where to send them is said by OpenTelemetry's own variables, such as ``OTEL_EXPORTER_OTLP_ENDPOINT``. Attributes are the
labels of the metrics and nothing else: no patient, no caller.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Literal

from cds_service.service.telemetry.meters import Meters, Stage

NANOSECONDS = 1_000_000_000


def traces_are_possible() -> bool:
    """Whether the packages of the extra ``otel`` are installed."""
    try:
        return all(find_spec(name) for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http"))
    except ModuleNotFoundError:
        return False


def open_tracer() -> Any:
    """A tracer that sends spans in the background, from this process; make it after the fork."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "cds-service"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("cds_service")


class TracedMeters(Meters):
    """Meters that also make a span of each call once it is over; a thread works on one call at a time."""

    def __init__(self, meters: Meters, tracer: Any) -> None:
        self._meters = meters
        self._tracer = tracer
        self._call = threading.local()

    def called(self, service: str, status: int, seconds: float) -> None:
        self._meters.called(service, status, seconds)
        stages: list[tuple[Stage, int, int]] = getattr(self._call, "stages", [])
        self._call.stages = []
        end = time.time_ns()
        attributes = {"cds.service": service, "http.response.status_code": status}
        span = self._tracer.start_span(
            "cds-hooks call", start_time=end - int(seconds * NANOSECONDS), attributes=attributes
        )
        self._add_stages(span, stages)
        span.end(end)

    def took(self, stage: Stage, seconds: float) -> None:
        self._meters.took(stage, seconds)
        end = time.time_ns()
        if not hasattr(self._call, "stages"):
            self._call.stages = []
        self._call.stages.append((stage, end - int(seconds * NANOSECONDS), end))

    def shown(self, service: str, topic: str, indicator: str) -> None:
        self._meters.shown(service, topic, indicator)

    def held_back(self, service: str, topic: str) -> None:
        self._meters.held_back(service, topic)

    def unanswered(self, topic: str, outcome: Literal["cannot tell", "failed"]) -> None:
        self._meters.unanswered(topic, outcome)

    def not_understood(self, need: str, problem: str, times: int = 1) -> None:
        self._meters.not_understood(need, problem, times)

    def not_understood_so_far(self) -> list[tuple[str, str, int]]:
        return self._meters.not_understood_so_far()

    def cut_short(self, service: str) -> None:
        self._meters.cut_short(service)

    def drifting(self, cards: Sequence[tuple[str, str, str]]) -> None:
        self._meters.drifting(cards)

    def token_checked_alone(self) -> None:
        self._meters.token_checked_alone()

    def text(self) -> bytes:
        return self._meters.text()

    def _add_stages(self, span: Any, stages: list[tuple[Stage, int, int]]) -> None:
        from opentelemetry.trace import set_span_in_context

        for stage, start, end in stages:
            self._tracer.start_span(stage, set_span_in_context(span), start_time=start).end(end)
