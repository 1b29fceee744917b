"""An admin names a provider inside the server's network: nothing there is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from organizations.models import IdentityProvider
from organizations.single_sign_on import configuration, fetch
from tests.conftest import Team

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]


class Inside(BaseHTTPRequestHandler):
    """A server that nobody outside may reach. It writes down who came, and answers as a test wants."""

    seen: list[str] = []
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")

    def do_GET(self) -> None:
        self.seen.append(self.path)
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def inside() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Inside)
    Inside.seen, Inside.answer = [], (200, {}, b"{}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://{inside}",
        "https://{inside}",
        "https://localhost:{port}",
        "https://[::1]:{port}",
        "https://[::ffff:127.0.0.1]:{port}",
        "https://2130706433:{port}",
        "https://0x7f.1:{port}",
        "https://0:{port}",
    ],
)
def test_an_address_inside_is_not_asked(issuer: str, inside: str) -> None:
    address = issuer.format(inside=inside, port=inside.rpartition(":")[2])
    with pytest.raises((fetch.NotAllowed, fetch.NoAnswer)):
        fetch.get(address)
    assert Inside.seen == []


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
    ],
)
def test_a_name_that_leads_inside_is_not_asked(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one of several addresses is public: the next answer could be the other."""

    def resolved(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (found, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with pytest.raises(fetch.NotAllowed):
        fetch.get("https://login.corp.example/x")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "login.corp.example",
        "ftp://login.corp.example",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@login.corp.example",
        "https://login.corp.example:0",
        "https://login.corp.example:x",
        "https://login.corp.example:99999",
        "https://login.corp.example/a b",
        "https://login.corp.example/\r\nX: y",
        "https://[::1",
        "https://login.corp.example/" + "x" * 1000,
    ],
)
def test_an_address_that_is_none_is_refused_beside_its_field(address: str, team: Team, as_admin: Client) -> None:
    with pytest.raises(fetch.NotAllowed):
        fetch.check_address(address)
    fields = {"issuer": address, "client_id": "x", "client_secret": "y"}
    response = as_admin.post(team.url("settings/single-sign-on/provider/"), fields)
    assert response.status_code == 200 and not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((302, {"Location": "http://127.0.0.1/elsewhere"}, b""), "no_answer"),
        ((404, {}, b""), "refused"),
        ((500, {}, b""), "no_answer"),
        ((200, {}, b"<html>"), "no_answer"),
        ((200, {}, b"[]"), "no_answer"),
        ((200, {}, b"[" * 100_000), "no_answer"),
        ((200, {}, b"x" * 600_000), "no_answer"),
        ((200, {"Content-Length": "9000"}, b"{}"), "no_answer"),
        ((200, {}, b"{}"), "other_issuer"),
        ((200, {}, b'{"issuer": "ISSUER"}'), "incomplete"),
        (
            (
                200,
                {},
                b'{"issuer": "ISSUER", "authorization_endpoint": "javascript:alert(1)", "token_endpoint": "x",'
                b' "jwks_uri": "x"}',
            ),
            "not_allowed",
        ),
    ],
)
def test_answers_that_are_no_configuration(
    answer: tuple[int, dict[str, str], bytes], problem: str, inside: str, team: Team, settings: Any
) -> None:
    """Redirects are not followed, and an answer is read only so far."""
    settings.ALLOW_INTERNAL_PROVIDERS = True
    issuer = f"http://{inside}"
    status, headers, body = answer
    Inside.answer = (status, headers, body.replace(b"ISSUER", issuer.encode()))
    provider = IdentityProvider.objects.create(organization=team.organization, issuer=issuer, client_id="x")
    configuration.check(provider.pk)
    provider.refresh_from_db()
    assert provider.problem == problem and provider.document == {}
    assert len(Inside.seen) == 1


def test_another_issuer_does_not_get_the_stored_secret(team: Team, as_admin: Client) -> None:
    """A stolen admin session points the provider at a server of its own."""
    address = team.url("settings/single-sign-on/provider/")
    fields = {"issuer": "https://login.corp.example", "client_id": "x", "client_secret": "the-secret"}
    as_admin.post(address, fields)
    assert IdentityProvider.objects.get().client_secret == "the-secret"
    page = as_admin.post(address, fields | {"issuer": "https://evil.example", "client_secret": ""})
    assert page.status_code == 200 and "the-secret" not in page.content.decode()
    assert IdentityProvider.objects.get().issuer == "https://login.corp.example"
    kept = as_admin.post(address, fields | {"client_id": "z", "client_secret": ""})
    assert kept.status_code == 302
    row = IdentityProvider.objects.get()
    assert (row.client_id, row.client_secret) == ("z", "the-secret")
    assert "the-secret" not in as_admin.get(team.url("settings/single-sign-on/")).content.decode()
