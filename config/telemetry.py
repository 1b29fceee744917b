"""Traces, sent to OTEL_EXPORTER_OTLP_ENDPOINT where it is set: a span for each request, task and call of a vendor.

A request and the tasks that it starts are one trace. Spans have names of the code and ids, as log lines do: no address
that was typed, no SQL, and of an error only that there was one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from config.request_line import KEY, request_line
from integrations.hooks import calls

_SERVER_ERROR = 500
#: Of the tasks that this process carries out, by their ids.
_spans: dict[str, Any] = {}


def start() -> None:
    """Send traces from now on. Raises ImproperlyConfigured without the extra."""
    if not settings.OTEL_ENDPOINT:
        return
    if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter") is None:
        raise ImproperlyConfigured("OTEL_EXPORTER_OTLP_ENDPOINT needs an extra: make run EXTRAS=opentelemetry")
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "panelist"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.OTEL_ENDPOINT.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    before_task_publish.connect(_pass_on, dispatch_uid="config.telemetry")
    task_prerun.connect(_task_begins, dispatch_uid="config.telemetry")
    task_postrun.connect(_task_ends, dispatch_uid="config.telemetry")
    calls.LISTENERS.append(_vendor_called)


class RequestTraceMiddleware:
    """A span for each request, named as log lines name it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.OTEL_ENDPOINT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from opentelemetry import trace

        kind = trace.SpanKind.SERVER
        with _tracer().start_as_current_span(
            "request", kind=kind, record_exception=False, set_status_on_exception=False
        ) as span:
            response = self.get_response(request)
            span.update_name(request_line(request))
            span.set_attribute("http.request.method", str(request.method))
            span.set_attribute("http.response.status_code", response.status_code)
            span.set_attribute("request_id", str(request.META.get(KEY, "")))
            if response.status_code >= _SERVER_ERROR:
                span.set_status(trace.StatusCode.ERROR)
        return response


def _tracer() -> Any:
    from opentelemetry import trace

    return trace.get_tracer("panelist")


def _pass_on(headers: dict[str, Any] | None = None, **_signal: object) -> None:
    from opentelemetry.propagate import inject

    # As with the id of a request: what a task starts goes on with the work of others, too.
    if headers is not None and "task_id" not in structlog.contextvars.get_contextvars():
        inject(headers)


def _task_begins(task_id: str, task: Task[..., Any], **_signal: object) -> None:
    from opentelemetry import trace
    from opentelemetry.propagate import extract

    parent = extract({name: value for name, value in (task.request.headers or {}).items() if isinstance(value, str)})
    span = _tracer().start_as_current_span(
        task.name, context=parent, kind=trace.SpanKind.CONSUMER, record_exception=False, set_status_on_exception=False
    )
    _spans[task_id] = span
    span.__enter__()


def _task_ends(task_id: str, state: str | None = None, **_signal: object) -> None:
    from opentelemetry import trace

    span = _spans.pop(task_id, None)
    if span is None:
        return
    if state == "FAILURE":
        trace.get_current_span().set_status(trace.StatusCode.ERROR)
    span.__exit__(None, None, None)


def _vendor_called(call: calls.Call) -> None:
    """Make the span of a call that has ended, on the thread that made it."""
    from opentelemetry import trace

    now = time.time_ns()
    span = _tracer().start_span(
        f"{call.tool} {call.operation}", kind=trace.SpanKind.CLIENT, start_time=now - int(call.seconds * 1e9)
    )
    span.set_attribute("outcome", call.outcome)
    if call.code:
        span.set_attribute("code", call.code)
        span.set_status(trace.StatusCode.ERROR)
    span.end(end_time=now)
