"""Sentry and OpenTelemetry hear of errors and work, and of nobody: a stand-in reads what arrives."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.config.running import ROOT
from tests.config.running import environment as shell

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

KEY = "YSBrZXkgdGhhdCBsb2NrcyBub3RoaW5nIGF0IGFsbC4="
#: Occurs nowhere else: whatever has it was typed, or is a secret.
MARK = "zqxmark"

#: A process that is watched, and meets errors with marks wherever a mark can be.
PROGRAM = f'''
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config.wsgi import application
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path
import config.urls
from config.celery import app
from celery import shared_task
from integrations import metrics
from integrations.base import Retryable
import structlog

def broken(request, token):
    secret = "{MARK}-local"
    from django.db import connection
    if token == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s FROM no_such_table", ["{MARK}-parameter"])
    if token == "caused":
        try:
            raise ValueError("{MARK}-cause")
        except ValueError as problem:
            raise KeyError("{MARK}-effect") from problem
    if token == "works":
        fail_too.apply_async((7,))
        return HttpResponse("fine")
    raise RuntimeError(f"{MARK} at {{secret}}")

@shared_task
def fail_too(row):
    secret = "{MARK}-in-a-task"
    metrics.call_ended("codesignal", "write", 0.2, Retryable("timeout", who="{MARK}"))
    raise RuntimeError(secret)

config.urls.urlpatterns.insert(0, path("broken/<str:token>/", broken))
app.conf.update(task_always_eager=False)
sent = []
from celery.signals import before_task_publish
before_task_publish.connect(lambda headers=None, **_: sent.append(headers), weak=False)
client = Client(raise_request_exception=False, headers={{
    "Cookie": "session={MARK}-cookie", "Authorization": "Bearer {MARK}", "User-Agent": "{MARK}",
    "Referer": "http://{MARK}.test/"}}, SERVER_NAME="localhost")
for token in ("sql", "caused", "{MARK}"):
    answer = client.post(f"/broken/{{token}}/?q={MARK}", {{"email": "{MARK}@private.test", "password": "{MARK}"}})
    assert answer.status_code in {{403, 500}}, answer.status_code
structlog.get_logger("scheduling").error("said", what="{MARK}")
assert client.get("/broken/works/?q={MARK}").status_code == 200
message = sent[-1]
own = {{name: value for name, value in message.items() if name in ("traceparent", "panelist_request_id")}}
fail_too.apply((7,), headers=own)
if settings.SENTRY_DSN:
    import sentry_sdk
    sentry_sdk.flush(10)
if settings.OTEL_ENDPOINT:
    from opentelemetry import trace
    trace.get_tracer_provider().force_flush(10000)
print("done", sorted(own))
'''


@contextmanager
def stand_in() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server at this machine: its address, and paths and bodies of all that arrived."""
    arrived: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append(
                (self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            )
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", arrived
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(folder: Path, **values: str) -> str:
    # With DEBUG: otherwise pages need static files that are gathered first.
    fixed = {"DATA_DIR": str(folder), "SECRET_KEY": "a-secret-that-is-long", "FERNET_KEYS": KEY, "DEBUG": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=shell(**fixed, **values), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sentry_gets_the_places_of_errors_and_nothing_of_anybody(tmp_path: Path) -> None:
    with stand_in() as (address, arrived):
        run(tmp_path, SENTRY_DSN=f"http://a-public-key@{address}/1")
    everything = b"\n".join(body for _path, body in arrived).decode()
    assert MARK not in everything
    assert "/root" not in everything and "a-secret-that-is-long" not in everything
    events = [json.loads(line) for _path, body in arrived for line in body.decode().splitlines()]
    events = [event for event in events if "exception" in event]
    kinds = [[one["type"] for one in event["exception"]["values"]] for event in events]
    assert [kind[-1] for kind in kinds] == ["OperationalError", "KeyError", "RuntimeError", "RuntimeError"]
    assert kinds[1] == ["ValueError", "KeyError"]
    assert all(event["exception"]["values"][-1]["stacktrace"]["frames"] for event in events)
    in_request, in_task = events[0], events[-1]
    assert in_request["tags"]["request"] == "POST /broken/<token>/" and in_request["tags"]["request_id"]
    assert in_task["tags"]["task_id"] and in_task["tags"]["request_id"]
    assert set(in_request) <= {
        "event_id",
        "timestamp",
        "platform",
        "level",
        "environment",
        "release",
        "tags",
        "exception",
    }


def test_a_trace_leads_from_the_request_to_the_call_of_the_tool(tmp_path: Path) -> None:
    with stand_in() as (address, arrived):
        said = run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}")
    assert "traceparent" in said
    assert {path for path, _body in arrived} == {"/v1/traces"}
    assert not [body for _path, body in arrived if MARK.encode() in body]
    spans = [
        span
        for _path, body in arrived
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    by_name = {span.name: span for span in spans}
    request, task, call = (
        next(span for name, span in by_name.items() if name.endswith(end))
        for end in ("GET /broken/<token>/", "fail_too", "codesignal write")
    )
    assert request.trace_id == task.trace_id == call.trace_id
    assert task.parent_span_id == request.span_id and call.parent_span_id == task.span_id
    assert task.status.code == call.status.code == by_name["POST /broken/<token>/"].status.code == 2
    assert call.end_time_unix_nano - call.start_time_unix_nano == pytest.approx(0.2e9, rel=0.01)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTRY_DSN", "sentry.example.com"),
        ("SENTRY_DSN", f"https://sentry.example.com/{MARK}"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_TOKEN", "short"),
    ],
)
def test_wrong_settings_stop_the_start_by_their_names(name: str, value: str, tmp_path: Path) -> None:
    values = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "a-secret-that-is-long", "FERNET_KEYS": KEY, name: value}
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(command, cwd=ROOT, env=shell(**values), capture_output=True, text=True)
    assert done.returncode != 0 and name in done.stderr and MARK not in done.stderr
