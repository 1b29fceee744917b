"""`/metrics` for Prometheus, and what is measured of requests. Without METRICS_TOKEN neither is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from organizations import metrics
from organizations.hooks.metrics import SOURCES

_REQUESTS = Histogram(
    "panelist_request_seconds",
    "Requests by view and class of status: 2xx, 3xx, 4xx, 5xx.",
    ["view", "status"],
    buckets=metrics.PAGE_SECONDS,
    registry=metrics.registry,
)


def share() -> None:
    """Let other processes of this machine read what this one counts; before it has counted anything."""
    if settings.METRICS_TOKEN:
        metrics.share(settings.DATA_DIR / "metrics")


class RequestMetricsMiddleware:
    """Measures each request by the name of its view: never by its address, which has ids and tokens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        # Static files, and what no view was reached with.
        view = (match.view_name or "unnamed") if match is not None else "none"
        _REQUESTS.labels(view, f"{response.status_code // 100}xx").observe(time.perf_counter() - begun)
        return response


class _Scrape(Collector):
    """Everything that a scrape is answered with."""

    def collect(self) -> Iterator[Metric]:
        yield from metrics.of_processes()
        has_database = GaugeMetricFamily("panelist_database_up", "1 while the database answers.", value=1)
        try:
            now = timezone.now()
            gauges = [gauge for source in SOURCES for gauge in source(now)]
        except DatabaseError:
            has_database.samples, gauges = [], []
            has_database.add_metric([], 0)
        yield has_database
        yield from gauges


@never_cache
@require_GET
def exposition(request: HttpRequest) -> HttpResponse:
    """Answer whoever sends METRICS_TOKEN as a bearer token; 404 where the installation has none."""
    if not settings.METRICS_TOKEN:
        raise Http404
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        refusal = HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
