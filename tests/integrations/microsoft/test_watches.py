"""Watches: made, told, ended; and what is believed of a call about them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.base import Gone, Refused
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Notice, Notices, Watch
from integrations.microsoft import notices
from integrations.microsoft.calendar import MicrosoftCalendar
from integrations.sandbox import Sandbox
from tests.integrations.microsoft.conftest import IVY, at

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TOKEN = "t" * 64


class Receiver:
    """Our side of the calls: answers as the product's view would, and keeps what it read."""

    def __init__(self) -> None:
        self.heard: list[Notice] = []
        self.came = threading.Condition()
        self.answers = True

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
                found = notices.read(dict(handler.headers), dict(parse_qsl(urlsplit(handler.path).query)), body)
                with self.came:
                    self.heard += found.notices
                    self.came.notify_all()
                text = found.answer.encode() if self.answers else b"no"
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(text)))
                handler.end_headers()
                handler.wfile.write(text)

            def log_message(handler, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/calendars/told/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[Notice]:
        with self.came:
            assert self.came.wait_for(lambda: len(self.heard) >= count, timeout=10)
            return list(self.heard)


@pytest.fixture
def receiver(graph: Sandbox) -> Iterator[Receiver]:
    graph.microsoft.subscriptions.allows_http = True
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("who", ["office", "ivys"])
def test_a_watch_tells_of_changes_until_it_is_stopped(
    graph: Sandbox, receiver: Receiver, who: str, request: pytest.FixtureRequest
) -> None:
    calendar: MicrosoftCalendar = request.getfixturevalue(who)
    watch = calendar.watch(IVY, id="ours", token=TOKEN, address=receiver.url)
    assert timedelta(hours=60) < watch.expires_at - datetime.now(UTC) <= timedelta(minutes=4230)
    assert len(watch.id) <= 64
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    assert receiver.wait(1) == [Notice(watch.id, TOKEN)]
    calendar.stop_watch(IVY, watch)
    calendar.stop_watch(IVY, watch)
    graph.calendars.add(IVY, "Lunch", at(12), at(13))
    assert len(graph.microsoft.subscriptions.sent) == 1


def test_a_watch_that_is_lost_is_to_be_made_anew(graph: Sandbox, receiver: Receiver, office: MicrosoftCalendar) -> None:
    watch = office.watch(IVY, id="ours", token=TOKEN, address=receiver.url)
    graph.microsoft.subscriptions.lose(IVY, "missed")
    graph.microsoft.subscriptions.lose(IVY, "reauthorizationRequired")
    graph.microsoft.subscriptions.lose(IVY)
    found = receiver.wait(3)
    assert sorted(notice.is_over for notice in found) == [False, True, True]
    assert {notice.watch_id for notice in found} == {watch.id}
    office.stop_watch(IVY, watch)


def test_an_address_that_does_not_answer_gets_no_watch(
    graph: Sandbox, receiver: Receiver, office: MicrosoftCalendar
) -> None:
    receiver.answers = False
    with pytest.raises(Refused):
        office.watch(IVY, id="ours", token=TOKEN, address=receiver.url)
    with pytest.raises(Gone):
        office.watch("nobody@example.com", id="ours", token=TOKEN, address=receiver.url)
    graph.microsoft.subscriptions.allows_http = False
    with pytest.raises(Refused):
        office.watch(IVY, id="ours", token=TOKEN, address=receiver.url)


def test_the_registry_reads_calls(graph: Sandbox, office: MicrosoftCalendar) -> None:
    for kind in ("microsoft", "microsoft_365"):
        read = CALENDARS[kind].notices
        assert read is not None
        assert read({}, {"validationToken": "Validation: 1 & 2"}, b"") == Notices(answer="Validation: 1 & 2")
        told = {"value": [{"subscriptionId": "s1", "clientState": TOKEN, "changeType": "updated"}]}
        assert read({}, {}, json.dumps(told).encode()) == Notices((Notice("s1", TOKEN),))
    office.stop_watch(IVY, Watch("unknown/../me", "", datetime.now(UTC)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"value": 1}',
        b'{"value": [1, null, {}]}',
        b'{"value": [{"subscriptionId": "s1"}]}',
        b'{"value": [{"subscriptionId": 7, "clientState": "x"}]}',
        b'{"value": [{"subscriptionId": "s1", "clientState": ["x"]}]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_calls_that_cannot_be_read_say_nothing(body: bytes) -> None:
    assert notices.read({}, {}, body) == Notices()


def test_no_call_costs_much() -> None:
    many = {"value": [{"subscriptionId": "s", "clientState": "c"}] * 5000}
    assert len(notices.read({}, {}, json.dumps(many).encode()).notices) == notices.MOST_NOTICES
    assert len(notices.read({}, {"validationToken": "x" * 10_000}, b"").answer) == notices.MOST_ECHOED
