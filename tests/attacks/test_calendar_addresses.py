"""A member names a calendar inside the server's network, or one that never ends: nothing there is asked for long."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from integrations import guarded
from integrations.base import OutcomeUnknown, Refused, Retryable, ToolError
from integrations.guarded import Request
from tests.integrations.raw_server import RawServer, raw_server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "localhost", "::1"])]


@pytest.fixture
def server(settings: Settings) -> Iterator[RawServer]:
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    with raw_server() as running:
        yield running


def code_of(request: Request, **limits: Any) -> str:
    with pytest.raises(ToolError) as caught:
        guarded.send(request, **limits)
    assert caught.value.__context__ is None and "secret" not in repr(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{port}/secret",
        "https://localhost:{port}/secret",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f.1:{port}/",
        "https://0:{port}/",
        "webcal://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/",
    ],
)
def test_an_address_inside_is_not_asked(address: str, server: RawServer, settings: Settings) -> None:
    settings.CALENDAR_HOSTS = ["calendars.corp.example"]
    assert code_of(Request("GET", address.format(port=server.port))) in {"not_allowed", "not_encrypted", "unreachable"}
    assert server.heads == []


@pytest.mark.parametrize(
    "found",
    [
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "fd00::1",
        "fe80::1%eth0",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::ffff:10.0.0.1",
        "::1",
        "ff02::1",
    ],
)
def test_a_name_that_leads_inside_is_not_asked(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one of several addresses is public: the next answer could be the other."""

    def resolved(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (found, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert code_of(Request("GET", "https://cloud.corp.example/secret")) == "not_allowed"


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that gives a public address first, and the loopback a moment later, wins nothing."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[Any] = []

    def resolved(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in next(answers)]

    def connected(address: Any, **_kwargs: Any) -> Any:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    assert code_of(Request("GET", "https://rebinding.corp.example/")) == "unreachable"
    assert asked == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://cloud.corp.example",
        "file:///etc/passwd",
        "javascript://cloud.corp.example",
        "https://",
        "https://user:secret@cloud.corp.example",
        "https://cloud.corp.example:0",
        "https://cloud.corp.example:x",
        "https://cloud.corp.example:99999",
        "https://cloud.corp.example/\r\nX: y",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://cloud.corp.example/" + "x" * 1000,
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert code_of(Request("GET", address)) in {"bad_address", "unreachable"}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("cloud.corp.example", "https://cloud.corp.example/"),
        (" webcal://Cloud.corp.example/a b.ics ", "https://cloud.corp.example/a%20b.ics"),
        ("https://müller.example/dav", "https://xn--mller-kva.example/dav"),
        ("https://cloud.corp.example:443/x?y=%20#z", "https://cloud.corp.example:443/x?y=%20"),
    ],
)
def test_an_address_as_people_write_it(written: str, address: str) -> None:
    assert guarded.clean_address(written) == address


def test_a_redirect_is_checked_like_the_address(server: RawServer) -> None:
    for target in (
        "http://127.0.0.2/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "//[::1]/",
        "https://[x",
    ):
        server.says("302 Found", b"", f"Location: {target}")
        assert code_of(Request("GET", server.url)) in {"not_encrypted", "not_allowed", "bad_address"}
    assert len(server.heads) == 5


def test_redirects_end(server: RawServer) -> None:
    server.says("301 Moved", b"", "Location: /again")
    assert code_of(Request("GET", server.url)) == "too_many_redirects"
    assert len(server.heads) == 1 + guarded.MAX_REDIRECTS


def test_a_change_is_not_redirected(server: RawServer) -> None:
    server.says("307 Moved", b"", "Location: /again")
    assert guarded.send(Request("PUT", server.url, changes=True)).status == 307
    assert len(server.heads) == 1


def test_credentials_stay_with_their_host(server: RawServer, settings: Settings) -> None:
    with raw_server() as other:
        other.says("200 OK", b"x")
        server.says("302 Found", b"", f"Location: {other.url}/")
        reply = guarded.send(Request("GET", server.url, authorization="Basic secret"))
    assert reply.is_elsewhere and reply.body == b"x"
    assert b"Basic secret" in server.heads[0] and b"Authorization" not in other.heads[0]


@pytest.mark.parametrize("part", ["head", "body", "status"])
def test_an_answer_that_drips_ends_in_time(part: str, server: RawServer) -> None:
    drips = [b"x"] * 100
    server.pieces = {
        "status": [b"H", b"T", *drips],
        "head": [b"HTTP/1.1 200 OK\r\nA: ", *drips],
        "body": [b"HTTP/1.1 200 OK\r\n\r\n", *drips],
    }[part]
    server.pause = 0.1
    began = time.monotonic()
    assert code_of(Request("GET", server.url), seconds=0.6) == "timeout"
    assert time.monotonic() - began < 3
    assert code_of(Request("PUT", server.url, changes=True), seconds=0.6) == "timeout"


def test_a_handshake_that_hangs_ends_in_time(server: RawServer) -> None:
    server.pieces, server.pause = [], 5.0
    began = time.monotonic()
    address = f"https://127.0.0.1:{server.port}/"
    assert code_of(Request("PUT", address, changes=True), seconds=0.5) == "unreachable"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_read_only_so_far(packed: bool, server: RawServer) -> None:
    body = b"x" * 60_000_000 if packed else b"x" * 6_000_000
    headers = ["Content-Encoding: gzip"] if packed else []
    server.says("200 OK", gzip.compress(body, 1) if packed else body, *headers)
    assert code_of(Request("GET", server.url)) == "too_large"


def test_packed_answers_are_unpacked(server: RawServer) -> None:
    server.says("200 OK", gzip.compress(b"BEGIN:VCALENDAR"), "Content-Encoding: gzip")
    assert guarded.send(Request("GET", server.url)).body == b"BEGIN:VCALENDAR"
    server.says("200 OK", gzip.compress(b"BEGIN:VCALENDAR")[:-6], "Content-Encoding: gzip")
    assert code_of(Request("GET", server.url)) == "connection_lost"
    server.says("200 OK", b"?", "Content-Encoding: br")
    assert code_of(Request("GET", server.url)) == "connection_lost"


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1",
        b"",
        b"nonsense\r\n\r\n",
    ],
)
def test_half_an_answer_is_none(cut: bytes, server: RawServer) -> None:
    server.pieces = [cut]
    with pytest.raises(Retryable):
        guarded.send(Request("GET", server.url))
    with pytest.raises(OutcomeUnknown):
        guarded.send(Request("PUT", server.url, body=b"x", changes=True))


def test_nothing_of_a_request_is_shown() -> None:
    request = Request("GET", "https://x.example/secret", {"a": "secret"}, b"secret", "Basic secret")
    assert "secret" not in repr(request)
    assert "secret" not in repr(guarded.Reply(200, "https://x.example/secret", {"a": "secret"}, b"secret"))


def test_hosts_that_are_meant(settings: Settings) -> None:
    settings.CALENDAR_HOSTS = ["cloud.lan", ".corp.example"]
    meant = ["cloud.lan", "corp.example", "a.corp.example"]
    assert [guarded.is_meant(host) for host in meant] == [True] * 3
    assert not guarded.is_meant("evilcorp.example") and not guarded.is_meant("a.cloud.lan")
    with pytest.raises(Refused):
        guarded.clean_address("http://cloud.example")
