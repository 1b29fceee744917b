"""Begin to watch a process that has just started: metrics, errors and traces, each only where it is set up."""

from __future__ import annotations

from config import metrics, sentry, telemetry


def start() -> None:
    metrics.share()
    sentry.start()
    telemetry.start()
