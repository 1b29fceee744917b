"""Accounts at servers that are not at hand: their ways to sign in, to name calendars and to send elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from integrations.base import CredentialsRejected, Refused
from integrations.caldav import xml
from integrations.caldav.calendar import caldav_calendar
from integrations.caldav.dav import Dav
from integrations.caldav.digest import Digest
from integrations.caldav.discovery import Discovered, Person, is_calendar, may_write
from integrations.caldav.forms import CalDavForm
from tests.integrations.raw_server import RawServer, raw_server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
_PROPS = """<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"""
WORK = """<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname>"""


def multistatus(*responses: str) -> bytes:
    names = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"'
    return f"<?xml version='1.0'?><d:multistatus {names}>{''.join(responses)}</d:multistatus>".encode()


def item(props: str, href: str = "/ivy/work/") -> xml.Item:
    return xml.read(multistatus(_PROPS.format(href=href, props=props)), "https://cal.corp.example/").items[0]


@pytest.fixture
def server(settings: Settings) -> Iterator[RawServer]:
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    with raw_server() as running:
        yield running


def account(server: RawServer, password: str = "app-password") -> Dav:
    return Dav(f"{server.url}/dav/", "ivy", password)


def test_the_example_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 2617, section 3.5."""
    monkeypatch.setattr("integrations.caldav.digest.secrets.token_hex", lambda _length: "0a4f113b")
    digest = Digest("Mufasa", "Circle Of Life")
    challenge = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    assert digest.take(challenge) and not digest.take(challenge)
    header = digest.header("GET", "http://www.nowhere.org/dir/index.html")
    assert 'response="6629fae49393a05397450978507c4ef1"' in header and "nc=00000001" in header


def test_a_password_by_digest(server: RawServer) -> None:
    """As Baïkal asks for it. A second refusal of the same challenge means the password."""
    server.says("401 No", b"", 'WWW-Authenticate: Digest realm="Baikal", nonce="abc", qop="auth", opaque="xyz"')
    with pytest.raises(CredentialsRejected):
        account(server).find(f"{server.url}/dav/", [xml.TYPE])
    assert len(server.heads) == 2 and b"Authorization: Basic" in server.heads[0]
    assert b'Authorization: Digest username="ivy", realm="Baikal"' in server.heads[1]
    assert b"app-password" not in server.heads[1]


def test_a_password_is_asked_for_once(server: RawServer) -> None:
    server.says("401 No", b"", 'WWW-Authenticate: Basic realm="x"')
    with pytest.raises(CredentialsRejected, match="key_rejected"):
        account(server).find(f"{server.url}/dav/", [xml.TYPE])
    assert len(server.heads) == 1


def test_a_server_that_sends_elsewhere_gets_the_password_there_from_nobody(server: RawServer) -> None:
    with raw_server() as other:
        other.says("401 No", b"", 'WWW-Authenticate: Basic realm="x"')
        server.says("301 Moved", b"", f"Location: {other.url}/dav/")
        with pytest.raises(Refused) as caught:
            caldav_calendar({"address": server.url, "username": "ivy", "password": "app-password"}).check()
    assert (caught.value.code, caught.value.params) == ("elsewhere", {"host": "127.0.0.1"})
    assert not any(b"Authorization" in head for head in other.heads)


@pytest.mark.parametrize(
    ("address", "url", "own"),
    [
        ("https://caldav.icloud.com", "https://p42-caldav.icloud.com:443/123/calendars/", True),
        ("https://cloud.corp.example/x", "https://cloud.corp.example/y", True),
        ("https://cloud.corp.example", "https://a.cloud.corp.example/", True),
        ("https://cloud.corp.example", "http://cloud.corp.example/", False),
        ("https://cloud.corp.example", "https://evil.example/", False),
        ("https://cloud.corp.example", "https://evilcorp.example/", False),
        ("https://corp.example", "https://other.example/", False),
        ("https://corp.co.uk", "https://evil.co.uk/", False),
        ("https://cloud.corp.example", "https://cloud.corp.example:8443/", True),
        ("https://93.184.216.34", "https://1.184.216.34/", False),
    ],
)
def test_the_password_goes_to_the_servers_own_hosts(address: str, url: str, own: bool) -> None:
    assert Dav(address, "ivy", "x").is_own(url) is own


def test_calendars_of_events_that_may_be_written() -> None:
    events = '<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>'
    assert is_calendar(item(WORK)) and is_calendar(item(WORK + events))
    assert not is_calendar(item(WORK + events.replace("VEVENT", "VTODO")))
    assert not is_calendar(item("<d:resourcetype><d:collection/><c:schedule-inbox/></d:resourcetype>"))
    granted = "<d:current-user-privilege-set><d:privilege><d:{}/></d:privilege></d:current-user-privilege-set>"
    assert may_write(item(WORK)) and may_write(item(WORK + granted.format("write")))
    assert not may_write(item(WORK + granted.format("read")))


def test_the_main_calendar_is_the_servers_own_choice() -> None:
    read_only = (
        WORK + "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>"
    )
    found = (item(read_only, "/a/"), item(WORK, "/b/"), item(WORK, "/c/"))
    person = Person("https://cal.corp.example/ivy/", "Ivy", ("ivy@corp.example",), (), "https://cal.corp.example/c/")
    assert [one.is_main for one in Discovered(person, found).refs()] == [False, False, True]
    assert [one.is_main for one in Discovered(None, found).refs()] == [False, True, False]
    assert [one.owner for one in Discovered(person, found).refs()] == ["ivy@corp.example"] * 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"<d:multistatus xmlns:d='DAV:'><d:response>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><d:multistatus xmlns:d='DAV:'/>",
        b"<d:multistatus xmlns:d='DAV:'><d:response/></d:multistatus>",
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(xml.Unreadable):
        xml.read(body, "https://cal.corp.example/")


def test_the_form_takes_what_people_type() -> None:
    fields = {"address": "caldav.icloud.com ", "username": " ivy@corp.example", "password": "abcd-efgh "}
    form = CalDavForm(fields)
    assert form.is_valid()
    assert form.credentials() == {
        "address": "https://caldav.icloud.com/",
        "username": "ivy@corp.example",
        "password": "abcd-efgh ",
    }
    for wrong in ({"address": "http://cloud.corp.example"}, {"address": "file:///x"}, {"username": "a:b"}):
        form = CalDavForm(fields | wrong)
        assert not form.is_valid() and "abcd-efgh" not in form.as_p()
