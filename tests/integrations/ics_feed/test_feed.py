"""A secret .ics address: read with limits, never shown, and never an empty calendar where it can't be read."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from integrations.base import CredentialsRejected, Gone, Operation, Refused, Retryable, ToolError, Verdict
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Calendar, EventRequest, Window
from integrations.ics_feed.feed import CALENDAR, ics_feed_calendar
from integrations.ics_feed.forms import FeedForm
from tests.integrations.ical.documents import MARCH, document, entry
from tests.integrations.raw_server import RawServer, raw_server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
BERLIN = ZoneInfo("Europe/Berlin")
ONE = document(
    "X-WR-CALNAME:Ivy's week", entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "SUMMARY:Dentist")
)


@pytest.fixture
def server(settings: Settings) -> Iterator[RawServer]:
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    with raw_server() as running:
        running.says("200 OK", ONE, 'ETag: "first"', "Content-Type: text/calendar")
        yield running


@pytest.fixture
def feed(server: RawServer) -> Calendar:
    return ics_feed_calendar({"address": f"{server.url}/ical/ivy%40corp.example/private-secret/basic.ics"})


def test_a_check_tells_whose_it_is(feed: Calendar, server: RawServer) -> None:
    account = feed.check()
    assert (account.name, account.permissions) == ("Ivy's week", {"read": Verdict.YES})
    [calendar] = account.calendars
    assert (calendar.owner, calendar.is_main, calendar.can_write) == ("ivy@corp.example", True, False)
    assert "secret" not in f"{account!r}{feed!r}" and len(account.id) == 32
    assert len(server.heads) == 1


def test_a_feed_is_read_again_only_when_it_changed(feed: Calendar, server: RawServer) -> None:
    first = feed.changes(CALENDAR, MARCH, BERLIN)
    assert first.is_whole and [one.title for one in first.occurrences] == ["Dentist"]
    server.says("304 Not Modified")
    second = feed.changes(CALENDAR, MARCH, BERLIN, first.token)
    assert b'If-None-Match: "first"' in server.heads[-1]
    assert (second.is_whole, second.occurrences, second.removed, second.token) == (False, (), (), first.token)
    server.says("200 OK", ONE, 'ETag: "other"')  # a publisher that marks every copy anew
    third = feed.changes(CALENDAR, MARCH, BERLIN, first.token)
    assert (third.is_whole, third.occurrences) == (False, ()) and json.loads(third.token)["etag"] == '"other"'
    server.says("200 OK", document(), "Last-Modified: Mon, 02 Mar 2026 10:00:00 GMT")
    fourth = feed.changes(CALENDAR, MARCH, BERLIN, third.token)
    assert fourth.is_whole and fourth.occurrences == ()
    server.says("304 Not Modified")
    feed.changes(CALENDAR, MARCH, BERLIN, fourth.token)
    assert b"If-Modified-Since: Mon, 02 Mar 2026 10:00:00 GMT" in server.heads[-1]


def test_a_token_that_cant_be_read_is_none(feed: Calendar) -> None:
    for token in ("nonsense", "[]", '{"etag": 1}'):
        assert feed.changes(CALENDAR, MARCH, BERLIN, token).is_whole


def test_busy_times_have_no_titles(feed: Calendar, server: RawServer) -> None:
    found = feed.busy([CALENDAR], MARCH, BERLIN)[CALENDAR]
    assert isinstance(found, list) and [one.title for one in found] == [""]
    server.says("500 Oh no")
    assert isinstance(feed.busy([CALENDAR], MARCH, BERLIN)[CALENDAR], Retryable)


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        ("200 OK", b"<html>Sign in</html>", Refused, "no_calendar"),
        ("200 OK", b"", Refused, "no_calendar"),
        ("204 No Content", b"", Refused, "no_calendar"),
        ("304 Not Modified", b"", Refused, "no_calendar"),
        ("200 OK", ONE[:-30], Retryable, "unreadable"),
        ("200 OK", ONE.replace(b"DTSTART:2026", b"DTSTART:xxxx"), Refused, "entry_unreadable"),
        ("200 OK", b"x" * 5_100_000, Refused, "too_large"),
        ("401 Unauthorized", b"", CredentialsRejected, "key_rejected"),
        ("403 Forbidden", b"", CredentialsRejected, "key_rejected"),
        ("404 Not Found", b"", Gone, "gone"),
        ("410 Gone", b"", Gone, "gone"),
        ("429 Too Many Requests", b"", Retryable, "rate_limited"),
        ("500 Oh no", b"", Retryable, "server_error"),
        ("503 Later", b"", Retryable, "server_error"),
        ("418 Teapot", b"", Refused, "refused"),
    ],
)
def test_a_feed_that_cant_be_read_is_never_empty(
    status: str, body: bytes, error: type[ToolError], code: str, feed: Calendar, server: RawServer
) -> None:
    server.says(status, body)
    asks: list[Callable[[], object]] = [lambda: feed.changes(CALENDAR, MARCH, BERLIN), feed.check]
    for ask in asks:
        with pytest.raises(error) as caught:
            ask()
        assert caught.value.code == code
        assert CALENDARS["ics_feed"].info.problems[code]


def test_the_address_is_in_no_log(feed: Calendar, server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    feed.check()
    server.pieces = [b"HTTP/1.1 200 OK\r\nBroken header\r\n\r\n"]
    with pytest.raises(ToolError) as caught:
        feed.check()
    assert "secret" not in caplog.text and "secret" not in repr(caught.value) and caught.value.__context__ is None


def test_it_can_only_be_read(feed: Calendar, server: RawServer) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    request = EventRequest("0" * 32, 1, now, now, "UTC", "Title")
    asks: list[Callable[[], object]] = [
        lambda: feed.put_event(CALENDAR, request),
        lambda: feed.delete_event(CALENDAR, "0" * 32),
        lambda: feed.fetch_event(CALENDAR, "0" * 32),
    ]
    for ask in asks:
        with pytest.raises(Refused, match="read_only"):
            ask()
    assert server.heads == [] and feed.list_rooms() == [] and feed.calendar_of("ivy@corp.example") is None


def test_every_request_waits_for_its_slot(server: RawServer) -> None:
    slots: list[Operation] = []

    def pacer(operation: Operation) -> None:
        slots.append(operation)

    feed = ics_feed_calendar({"address": server.url}, pacer=pacer)
    feed.check()
    feed.busy([CALENDAR], Window(MARCH.starts_at, MARCH.ends_at), BERLIN)
    assert slots == ["read", "read"] and len(server.heads) == 2


def test_the_form_takes_what_people_paste() -> None:
    form = FeedForm({"address": " webcal://calendar.corp.example/private-secret/basic.ics "})
    assert form.is_valid()
    assert form.credentials() == {"address": "https://calendar.corp.example/private-secret/basic.ics"}
    for wrong in ("", "http://calendar.corp.example/x.ics", "https://ivy:hunter2@corp.example/", "file:///x"):
        form = FeedForm({"address": wrong})
        assert not form.is_valid() and "hunter2" not in form.as_p()
