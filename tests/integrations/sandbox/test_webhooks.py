"""Webhooks, seen from the endpoint that receives them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from integrations.sandbox import Handshake, HandshakeFailed, Sandbox, Settings, VendorError
from integrations.sandbox.webhooks import back_off
from tests.integrations.sandbox.conftest import Caller

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@dataclass
class Endpoint:
    """A web server that notes what it gets and answers with `status`."""

    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Message] = field(default_factory=list)
    url: str = ""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies if len(body) > 2]

    def wait(self, count: int) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.bodies) >= count, 10)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    noted = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with noted.arrived:
                noted.bodies.append(body)
                noted.headers.append(self.headers)
                status = noted.status
                noted.arrived.notify_all()
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.url = f"http://127.0.0.1:{server.server_port}/hooks/1/s3cret/?a=b"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield noted
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def quick(sandbox: Sandbox) -> Sandbox:
    """Make waits between attempts a ten-thousandth of the vendor's."""
    sandbox.configure(webhook_speed=10_000)
    return sandbox


@pytest.mark.parametrize(("style", "body"), [(Handshake.NOTHING, b""), (Handshake.EMPTY_OBJECT, b"{}")])
def test_saving_posts_an_empty_payload(sandbox: Sandbox, endpoint: Endpoint, style: Handshake, body: bytes) -> None:
    sandbox.configure(handshake=style)
    hook = sandbox.add_webhook(endpoint.url)
    assert endpoint.bodies == [body]
    assert len(hook.secret) >= 32
    assert sandbox.add_webhook(endpoint.url, secret="ours").secret == "ours"


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
def test_anything_but_200_is_not_saved(sandbox: Sandbox, endpoint: Endpoint, status: int) -> None:
    endpoint.status = status
    with pytest.raises(HandshakeFailed, match=f"answered {status}"):
        sandbox.add_webhook(endpoint.url)
    assert sandbox.webhook_states() == []


def test_an_endpoint_that_is_not_there_or_makes_no_sense(sandbox: Sandbox) -> None:
    with pytest.raises(HandshakeFailed, match="no connection"):
        sandbox.add_webhook("http://127.0.0.1:9/")
    for url in ("ftp://127.0.0.1/", "127.0.0.1", "http://", "http://[", "http://127.0.0.1/a b"):
        with pytest.raises(VendorError, match="endpoint URL"):
            sandbox.add_webhook(url)
    with pytest.raises(VendorError, match="event type"):
        sandbox.add_webhook("http://127.0.0.1:9/", events=["everything"])


def test_events_are_signed_and_come_in_order(quick: Sandbox, endpoint: Endpoint) -> None:
    made = quick.add_interview(candidate_name="Ada", candidate_email="ada@example.com")
    hook = quick.add_webhook(endpoint.url)
    quick.start_interview(made.id)
    quick.finish(made.id)
    quick.leave_feedback(made.id, notes="Good", evaluation="yes", scores={"Problem solving": 3})
    assert quick.wait_webhooks_idle()
    finished, feedback = endpoint.events
    assert finished["event"] == "liveInterviewFinished"
    assert set(finished["payload"]) == {
        "interviewId", "candidateName", "candidateEmail", "startDate", "endDate", "questionsSolved",
        "questionsAttempted", "url",
    }  # fmt: skip
    assert finished["payload"]["interviewId"] == made.id
    assert finished["payload"]["url"] == made.url
    assert finished["payload"]["startDate"] <= finished["payload"]["endDate"] <= finished["triggeredOn"]
    assert feedback["event"] == "liveInterviewFeedbackUpdated"
    assert set(feedback["payload"]) == {"interviewId", "interviewerId", "feedback"}
    assert feedback["payload"]["feedback"]["overallEvaluation"] == "yes"
    assert feedback["payload"]["feedback"]["categories"][0]["attributes"][0]["score"] == 3
    for event, headers in zip(endpoint.events, endpoint.headers[1:], strict=True):
        text = f"{endpoint.url}{event['event']}{event['triggeredOn']}".encode()
        assert headers["X-CodeSignal-Signature"] == hmac.new(hook.secret.encode(), text, hashlib.sha256).hexdigest()
    assert quick.webhook_states()[0].delivered == 2


def test_only_the_asked_events_of_the_own_company_come(quick: Sandbox, endpoint: Endpoint) -> None:
    quick.add_webhook(endpoint.url, events=["liveInterviewFeedbackUpdated"])
    ours, theirs = quick.add_interview(), quick.add_interview(company="Globex")
    for made in (ours, theirs):
        quick.finish(made.id)
        quick.leave_feedback(made.id, notes="x")
    assert quick.wait_webhooks_idle()
    assert [(each["event"], each["payload"]["interviewId"]) for each in endpoint.events] == [
        ("liveInterviewFeedbackUpdated", ours.id)
    ]


def test_an_interview_that_times_out_is_announced(quick: Sandbox, endpoint: Endpoint) -> None:
    quick.add_webhook(endpoint.url)
    made = quick.add_interview(hours=1)
    quick.advance(3601)
    assert quick.wait_webhooks_idle()
    (event,) = endpoint.events
    assert (event["payload"]["interviewId"], event["payload"]["startDate"]) == (made.id, None)
    assert event["payload"]["endDate"] == made.expires_at


def test_a_failing_endpoint_holds_back_all_later_events(quick: Sandbox, endpoint: Endpoint) -> None:
    quick.add_webhook(endpoint.url)
    first, second = quick.add_interview(), quick.add_interview()
    endpoint.status = 503
    quick.finish(first.id)
    quick.finish(second.id)
    assert endpoint.wait(4)
    (hook,) = quick.webhook_states()
    assert (hook.state, hook.last_problem) == ("unhealthy", "answered 503")
    assert {each["payload"]["interviewId"] for each in endpoint.events} == {first.id}
    endpoint.status = 200
    assert quick.wait_webhooks_idle()
    order = [each["payload"]["interviewId"] for each in endpoint.events]
    assert order == [first.id] * (len(order) - 1) + [second.id]
    assert quick.webhook_states()[0].state == "healthy"


def test_after_25_failures_it_is_disabled_and_its_queue_cleared(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.configure(webhook_speed=1_000_000)
    hook = sandbox.add_webhook(endpoint.url)
    endpoint.status = 500
    made, other = sandbox.add_interview(), sandbox.add_interview()
    sandbox.finish(made.id)
    sandbox.finish(other.id)
    assert sandbox.wait_webhooks_idle(30)
    assert len(endpoint.events) == 25
    (disabled,) = sandbox.webhook_states()
    assert (disabled.state, disabled.failures) == ("disabled", 25)
    sandbox.leave_feedback(made.id, notes="x")
    assert sandbox.webhooks.waiting(hook.id) == 0
    assert len(endpoint.events) == 25


def test_the_back_off_is_the_documented_formula() -> None:
    for failures in (1, 2, 3, 10, 24):
        least = (failures - 1) ** 4 + 15
        waits = {back_off(failures) - least for _ in range(300)}
        assert all(0 <= wait <= 29 * failures and wait % failures == 0 for wait in waits)
        assert len(waits) > 10


def test_a_waiting_event_survives_a_restart(endpoint: Endpoint, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with Sandbox(state, Settings(webhook_speed=0.001)) as sandbox:
        hook = sandbox.add_webhook(endpoint.url)
        endpoint.status = 500
        made = sandbox.add_interview()
        sandbox.finish(made.id)
        sandbox.leave_feedback(made.id, notes="x")
        assert endpoint.wait(2)
    endpoint.status = 200
    endpoint.bodies.clear()
    with Sandbox(state, Settings(webhook_speed=10_000)) as sandbox:
        assert sandbox.wait_webhooks_idle()
        assert sandbox.webhook_states()[0].secret == hook.secret
    assert [each["event"] for each in endpoint.events] == ["liveInterviewFinished", "liveInterviewFeedbackUpdated"]


def test_the_page_adds_changes_and_removes(quick: Sandbox, caller: Caller, endpoint: Endpoint) -> None:
    form = {"url": endpoint.url, "company": "Acme Corp", "events": "liveInterviewFinished", "headers": "X-Team: a: b"}
    assert caller.post("/webhooks", form).status == 303
    (hook,) = quick.webhook_states()
    assert hook.headers == {"X-Team": "a: b"}
    page = caller.get("/webhooks").html
    assert "Healthy" in page
    assert page.count(" checked") == 3, "one of its own, and both where another is added"
    changed = form | {"id": hook.id, "secret": "overwritten", "owner_emails": "ada@example.com"}
    assert caller.post("/webhooks", changed).status == 303
    (hook,) = quick.webhook_states()
    assert (hook.secret, hook.owner_emails) == ("overwritten", "ada@example.com")
    quick.finish(quick.add_interview().id)
    assert quick.wait_webhooks_idle()
    assert endpoint.headers[-1]["X-Team"] == "a: b"
    ids = [part.split('"')[0] for part in caller.get("/webhooks").html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert caller.post(f"/webhooks/{hook.id}/remove").status == 303
    assert quick.webhook_states() == []
    assert caller.post(f"/webhooks/{hook.id}/remove").status == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "http://127.0.0.1:9/"},
        {"events": ""},
        {"headers": "nonsense"},
        {"headers": "a b: c"},
        {"company": ""},
    ],
)
def test_a_webhook_that_cannot_be_saved_keeps_what_was_typed(
    sandbox: Sandbox, caller: Caller, endpoint: Endpoint, bad: dict[str, str]
) -> None:
    form = {
        "url": endpoint.url,
        "company": "Acme Corp",
        "events": "liveInterviewFinished",
        "owner_emails": "kim@example.com",
    }
    reply = caller.post("/webhooks", form | bad)
    assert reply.status == 400
    assert 'role="alert"' in reply.html
    assert 'value="kim@example.com"' in reply.html
    assert sandbox.webhook_states() == []
