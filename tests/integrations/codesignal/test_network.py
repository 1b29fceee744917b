"""Network faults over real loopback sockets: nothing is sent twice, and a loss is never hidden."""

from __future__ import annotations

import gzip
import socket
import threading
import time

import pytest

from integrations import transport
from integrations.base import OutcomeUnknown, Refused, Retryable, ToolError
from tests.integrations.codesignal.conftest import Act, ScriptedVendor, http_answer
from tests.integrations.codesignal.vendor_answers import (
    KEY,
    METHODS,
    MUTATIONS,
    REQUEST,
    body,
    interview,
    tool,
)

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CREATED = http_answer(body(createLiveInterview=interview()))
LISTED = http_answer(body(liveInterviews=[]))
each_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture(autouse=True)
def new_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without connections of another."""
    monkeypatch.setattr(transport, "connections", transport.Connections())


def lost(method: str) -> type[ToolError]:
    return OutcomeUnknown if method in MUTATIONS else Retryable


@each_method
@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Act.DROP, "connection_lost"),
        (Act.RESET, "connection_lost"),
        (b"HTTP/1.1 200", "unreadable"),
        (b"no HTTP at all\r\n\r\n", "connection_lost"),
        (http_answer('{"data": {', length=500), "connection_lost"),
        (http_answer(body(x=1), chunked=True)[:-12], "connection_lost"),
    ],
    ids=["drop", "reset", "cut head", "no HTTP", "cut body", "cut chunk"],
)
def test_a_broken_connection(scripted: ScriptedVendor, method: str, step: bytes | Act, code: str) -> None:
    scripted.script = [step]
    with pytest.raises(ToolError) as caught:
        METHODS[method](tool(scripted.url))
    assert (type(caught.value), caught.value.code) == (lost(method), code)
    assert len(scripted.requests) == 1


@each_method
def test_silence(scripted: ScriptedVendor, method: str) -> None:
    scripted.script = [Act.SILENCE]
    with pytest.raises(ToolError) as caught:
        METHODS[method](tool(scripted.url, silence=0.1))
    assert (type(caught.value), caught.value.code) == (lost(method), "timeout")
    assert len(scripted.requests) == 1


@each_method
def test_silence_in_the_middle_of_an_answer(socket_enabled: None, method: str) -> None:
    """The head comes, the body does not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def answer_half() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
                done.wait(10)

        thread = threading.Thread(target=answer_half, daemon=True)
        thread.start()
        with pytest.raises(ToolError) as caught:
            METHODS[method](tool(f"http://127.0.0.1:{listener.getsockname()[1]}/", silence=0.1))
        done.set()
        thread.join(5)
    assert (type(caught.value), caught.value.code) == (lost(method), "timeout")


def test_an_answer_that_only_drips_ends(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps resetting the silence; the whole answer has its own bound."""
    monkeypatch.setattr(transport, "MAX_READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                try:
                    while not stopped.wait(0.02):
                        connection.sendall(b" ")
                except OSError:
                    stopped.set()

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            tool(f"http://127.0.0.1:{listener.getsockname()[1]}/").create_link(REQUEST)
        assert time.monotonic() - began < 4
        stopped.set()
        thread.join(5)
    assert caught.value.code == "timeout"


@each_method
def test_a_refused_connection_is_surely_not_sent(socket_enabled: None, method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Retryable) as caught:
        METHODS[method](tool(f"http://127.0.0.1:{port}/graphql"))
    assert (caught.value.code, caught.value.rate_limited) == ("unreachable", False)


@each_method
def test_a_name_that_does_not_resolve_is_surely_not_sent(
    socket_enabled: None, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_address(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    with pytest.raises(Retryable) as caught:
        METHODS[method](tool("https://codesignal.invalid/graphql"))
    assert caught.value.code == "unreachable"


@each_method
def test_a_connection_that_does_not_come_about_is_surely_not_sent(
    socket_enabled: None, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(self: socket.socket, address: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", too_slow)
    with pytest.raises(Retryable) as caught:
        METHODS[method](tool("http://127.0.0.1:9/graphql"))
    assert caught.value.code == "unreachable"


@each_method
def test_no_tls_where_it_should_be(scripted: ScriptedVendor, method: str) -> None:
    """The handshake breaks. The error does not tell whether the request had gone out, so nothing is assumed."""
    with pytest.raises(ToolError) as caught:
        METHODS[method](tool(scripted.url.replace("http:", "https:"), connect=0.2, silence=0.2))
    assert type(caught.value) is lost(method)


@each_method
@pytest.mark.parametrize(
    "url", ["no address", "ftp://127.0.0.1/", "http://", "http://[::1/", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none(socket_enabled: None, method: str, url: str) -> None:
    with pytest.raises(Refused) as caught:
        METHODS[method](tool(url))
    assert caught.value.code == "bad_address"


def test_reuses_its_connection(scripted: ScriptedVendor) -> None:
    scripted.script = [LISTED, CREATED, LISTED]
    tool(scripted.url).list_links(most=10)
    tool(scripted.url).create_link(REQUEST)
    tool(scripted.url).list_links(most=10)
    assert [number for number, _ in scripted.requests] == [1, 1, 1]


def test_each_thread_has_its_own_connection(scripted: ScriptedVendor) -> None:
    scripted.script = [LISTED, LISTED]
    shared = tool(scripted.url)
    shared.list_links(most=10)
    thread = threading.Thread(target=shared.list_links, kwargs={"most": 10})
    thread.start()
    thread.join(5)
    assert sorted(number for number, _ in scripted.requests) == [1, 2]


def test_a_create_does_not_trust_a_connection_that_was_idle(
    scripted: ScriptedVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_IDLE_SECONDS", -1.0)
    scripted.script = [LISTED, LISTED, CREATED]
    tool(scripted.url).list_links(most=10)
    tool(scripted.url).list_links(most=10)
    tool(scripted.url).create_link(REQUEST)
    assert [number for number, _ in scripted.requests] == [1, 1, 2]


def test_a_connection_that_the_vendor_closed_is_not_used(scripted: ScriptedVendor) -> None:
    scripted.script = [LISTED, CREATED]
    scripted.close_after = 1
    tool(scripted.url).list_links(most=10)
    assert scripted.closed.wait(5)
    assert tool(scripted.url).create_link(REQUEST).external_id == "live1"
    assert [number for number, _ in scripted.requests] == [1, 2]


def test_a_kept_connection_that_is_reset_on_a_create_loses_the_outcome(scripted: ScriptedVendor) -> None:
    scripted.script = [LISTED, Act.RESET, CREATED]
    tool(scripted.url).list_links(most=10)
    with pytest.raises(OutcomeUnknown):
        tool(scripted.url).create_link(REQUEST)
    assert len(scripted.requests) == 2


def test_reads_a_chunked_answer(scripted: ScriptedVendor) -> None:
    scripted.script = [http_answer(body(createLiveInterview=interview()), chunked=True)]
    assert tool(scripted.url).create_link(REQUEST).external_id == "live1"


def test_bounds_a_compressed_answer(scripted: ScriptedVendor) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    scripted.script = [head.encode() + packed]
    with pytest.raises(OutcomeUnknown) as caught:
        tool(scripted.url).create_link(REQUEST)
    assert caught.value.code == "too_large"


def test_sends_the_key_as_a_bearer_and_nothing_it_was_told_to_remember(
    scripted: ScriptedVendor, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Neither a cookie of the vendor nor a ~/.netrc of the machine gets between."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login someone password other\n")
    monkeypatch.setenv("NETRC", netrc)
    cookie = LISTED.replace(b"\r\n", b"\r\nSet-Cookie: session=1; Path=/\r\n", 1)
    scripted.script = [cookie, LISTED]
    tool(scripted.url).list_links(most=10)
    tool(scripted.url).list_links(most=10)
    for _, request in scripted.requests:
        assert f"Authorization: Bearer {KEY}\r\n".encode() in request
        assert b"cookie" not in request.lower()
        assert request.startswith(b"POST /graphql HTTP/1.1\r\n")
        assert b"Content-Type: application/json\r\n" in request
