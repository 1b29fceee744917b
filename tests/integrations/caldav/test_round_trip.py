"""The contract of calendars against real servers: Radicale and xandikos."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.base import CredentialsRejected, Gone, Operation, Refused, Verdict
from integrations.caldav.calendar import CalDav, caldav_calendar
from integrations.calendars import Answer, EventChanged, EventRequest, Occurrence, TokenExpired, Window
from tests.integrations.caldav.servers import PASSWORD, USER, Server
from tests.integrations.ical.documents import MARCH, document, entry, spans
from tests.integrations.raw_server import raw_server

pytestmark = [pytest.mark.services, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
BERLIN = ZoneInfo("Europe/Berlin")
OUR_ID = "0123456789abcdef0123456789abcdef"
START = datetime(2026, 3, 3, 9, tzinfo=UTC)
REQUEST = EventRequest(
    id=OUR_ID,
    revision=1,
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    time_zone="Europe/Berlin",
    title="System design: Ada Lovelace",
    description="Join: https://panelist.corp.example/j/1",
    location="Room 5",
    url="https://panelist.corp.example/j/1",
    owner=USER,
)


def timed(day: str, *lines: str, uid: str = "one") -> bytes:
    return document(entry(f"DTSTART:202603{day}T090000Z", f"DTEND:202603{day}T100000Z", *lines, uid=uid))


def test_a_check_finds_the_calendars_and_leaves_nothing_behind(caldav: CalDav, server: Server, calendar: str) -> None:
    account = caldav.check()
    assert account.permissions == {"read": Verdict.YES, "write": Verdict.YES}
    found = {one.id: one for one in account.calendars}
    assert found[calendar].name == "Work" and found[calendar].owner == USER and found[calendar].can_write
    assert sum(one.is_main for one in account.calendars) == 1
    assert server.names() == set() and PASSWORD not in repr(account)


def test_the_address_of_one_calendar_finds_that_one(server: Server, calendar: str) -> None:
    account = caldav_calendar(server.credentials(calendar)).check()
    assert [one.id for one in account.calendars] == [calendar] and account.calendars[0].is_main


def test_an_address_that_leads_nowhere(server: Server) -> None:
    """A web server without calendars."""
    with raw_server() as other:
        other.says("404 Not Found")
        with pytest.raises(Refused, match="wrong_address"):
            caldav_calendar(server.credentials(other.url)).check()
        other.says("200 OK", b"<html>Welcome</html>")
        with pytest.raises(Refused, match="wrong_address"):
            caldav_calendar(server.credentials(other.url)).check()


def test_a_wrong_password(server: Server) -> None:
    if server.kind != "radicale":
        pytest.skip("xandikos asks for no password here")
    with pytest.raises(CredentialsRejected) as caught:
        caldav_calendar(server.credentials() | {"password": "wrong-one"}).check()
    assert caught.value.code == "key_rejected" and caught.value.__context__ is None


def test_changes_since_a_token(caldav: CalDav, server: Server, calendar: str) -> None:
    server.put("one.ics", timed("02", "SUMMARY:Dentist", uid="one"))
    server.put("two.ics", timed("05", uid="two"))
    server.put("old.ics", document(entry("DTSTART:20200302T090000Z", "DTEND:20200302T100000Z", uid="old")))
    whole = caldav.changes(calendar, MARCH, BERLIN)
    assert whole.is_whole and [one.id for one in whole.occurrences] == ["one.ics", "two.ics"]
    assert whole.occurrences[0].title == "Dentist" and "Dentist" not in repr(whole)
    nothing = caldav.changes(calendar, MARCH, BERLIN, whole.token)
    assert (nothing.occurrences, nothing.removed, nothing.is_whole) == ((), (), False)
    server.put("one.ics", timed("03", "SUMMARY:Dentist", uid="one"))
    server.put("three.ics", timed("09", "RRULE:FREQ=WEEKLY;COUNT=2", uid="three"))
    server.put("old.ics", document(entry("DTSTART:20200303T090000Z", "DTEND:20200303T100000Z", uid="old")))
    server.ask("DELETE", f"{server.calendar}two.ics")
    some = caldav.changes(calendar, MARCH, BERLIN, nothing.token)
    assert spans(list(some.occurrences)) == ["03-03 09:00-10:00", "03-09 09:00-10:00", "03-16 09:00-10:00"]
    assert some.removed == ("two.ics",) and {one.series for one in some.occurrences} == {"one.ics", "three.ics"}
    server.put("three.ics", document(entry("DTSTART:20250303T090000Z", "DTEND:20250303T100000Z", uid="three")))
    last = caldav.changes(calendar, MARCH, BERLIN, some.token)
    assert (last.occurrences, last.removed) == ((), ("three.ics",))


def test_changes_of_a_server_without_tokens(caldav: CalDav, server: Server, calendar: str) -> None:
    """The ETags in the token tell what changed."""
    server.put("one.ics", timed("02", uid="one"))
    server.put("two.ics", timed("05", uid="two"))
    token = json.loads(caldav.changes(calendar, MARCH, BERLIN).token) | {"sync": ""}
    server.put("one.ics", timed("04", uid="one"))
    server.put("three.ics", timed("06", uid="three"))
    server.ask("DELETE", f"{server.calendar}two.ics")
    some = caldav.changes(calendar, MARCH, BERLIN, json.dumps(token))
    assert {one.id for one in some.occurrences} == {"one.ics", "three.ics"} and some.removed == ("two.ics",)
    again = caldav.changes(calendar, MARCH, BERLIN, some.token)
    assert (again.occurrences, again.removed) == ((), ())


def test_a_token_that_is_too_old_loses_nothing(caldav: CalDav, server: Server, calendar: str) -> None:
    """Either the server says so, or it lists everything, and then what it leaves out is gone."""
    server.put("one.ics", timed("02", uid="one"))
    server.put("two.ics", timed("05", uid="two"))
    token = json.loads(caldav.changes(calendar, MARCH, BERLIN).token)
    server.ask("DELETE", f"{server.calendar}two.ics")
    for stale in ("http://radicale.org/ns/sync/0000", "nonsense", "0" * 40):
        try:
            found = caldav.changes(calendar, MARCH, BERLIN, json.dumps(token | {"sync": stale}))
        except TokenExpired:
            continue
        assert found.removed == ("two.ics",) and found.occurrences == ()
    for wrong in ("nonsense", "[]", "{}"):
        with pytest.raises(TokenExpired):
            caldav.changes(calendar, MARCH, BERLIN, wrong)


def test_busy_times(caldav: CalDav, server: Server, calendar: str) -> None:
    server.put("one.ics", timed("02", "SUMMARY:Dentist", uid="one"))
    server.put("weekly.ics", timed("09", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260316T090000Z", uid="weekly"))
    server.put("free.ics", timed("04", "TRANSP:TRANSPARENT", uid="free"))
    server.put("day.ics", document(entry("DTSTART;VALUE=DATE:20260306", uid="day")))
    gone = f"{calendar.rstrip('/')}-gone/"
    found = caldav.busy([calendar, gone], MARCH, BERLIN)
    mine = found[calendar]
    assert isinstance(mine, list) and isinstance(found[gone], Gone)
    assert spans(mine) == [
        "03-02 09:00-10:00",
        "03-04 09:00-10:00",
        "03-05 23:00-23:00",
        "03-09 09:00-10:00",
        "03-23 09:00-10:00",
    ]
    assert [one.is_free for one in mine] == [False, True, False, False, False] and {one.title for one in mine} == {""}


def test_the_life_of_an_event(caldav: CalDav, server: Server, calendar: str) -> None:
    made = caldav.put_event(calendar, REQUEST)
    assert (made.our_id, made.starts_at, made.answer) == (OUR_ID, REQUEST.starts_at, Answer.NONE)
    assert made.version and server.names() == {f"{OUR_ID}.ics"}
    stored = server.get(f"{OUR_ID}.ics").replace(b"\r\n ", b"")
    assert b"SCHEDULE-AGENT=CLIENT" in stored and b"mailto:panelist@corp.example" in stored
    assert caldav.fetch_event(calendar, OUR_ID) == replace(made, version=made.version)
    [mine] = caldav.changes(calendar, MARCH, BERLIN).occurrences
    assert (mine.our_id, mine.title) == (OUR_ID, REQUEST.title)

    server.put(f"{OUR_ID}.ics", server.get(f"{OUR_ID}.ics").replace(b"NEEDS-ACTION", b"DECLINED"))
    answered = caldav.fetch_event(calendar, OUR_ID)
    assert answered is not None and answered.answer is Answer.DECLINED and answered.version != made.version
    moved = replace(
        REQUEST, revision=2, starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=1, hours=2)
    )
    with pytest.raises(EventChanged):
        caldav.put_event(calendar, replace(moved, version=made.version))
    changed = caldav.put_event(calendar, replace(moved, version=answered.version))
    now = caldav.fetch_event(calendar, OUR_ID)
    assert now is not None and (now.starts_at, now.ends_at, now.answer) == (moved.starts_at, moved.ends_at, Answer.NONE)
    assert now.version == changed.version
    with pytest.raises(EventChanged):
        caldav.delete_event(calendar, OUR_ID, made.version)
    caldav.delete_event(calendar, OUR_ID, changed.version)
    caldav.delete_event(calendar, OUR_ID, changed.version)
    assert caldav.fetch_event(calendar, OUR_ID) is None and server.names() == set()
    with pytest.raises(EventChanged):
        caldav.put_event(calendar, replace(moved, version=changed.version))


def test_an_answer_and_a_deletion_are_seen_in_the_changes(caldav: CalDav, server: Server, calendar: str) -> None:
    """Also of an owner with another address than the account's."""
    made = caldav.put_event(calendar, replace(REQUEST, owner="ivy.work@corp.example"))
    token = caldav.changes(calendar, MARCH, BERLIN).token
    server.put(f"{OUR_ID}.ics", server.get(f"{OUR_ID}.ics").replace(b"NEEDS-ACTION", b"DECLINED"))
    declined = caldav.changes(calendar, MARCH, BERLIN, token)
    assert [(one.our_id, one.answer) for one in declined.occurrences] == [(OUR_ID, Answer.DECLINED)]
    server.ask("DELETE", f"{server.calendar}{OUR_ID}.ics")
    assert caldav.changes(calendar, MARCH, BERLIN, declined.token).removed == (made.external_id,)


def test_writing_twice_makes_one_event(caldav: CalDav, server: Server, calendar: str) -> None:
    first = caldav.put_event(calendar, REQUEST)
    again = caldav.put_event(calendar, REQUEST)
    assert server.names() == {f"{OUR_ID}.ics"}
    later = replace(REQUEST, revision=2, title="Moved", version=again.version or first.version)
    changed = caldav.put_event(calendar, later)
    assert caldav.put_event(calendar, later).version == changed.version  # its answer had been lost


def test_what_its_owner_added_stays(caldav: CalDav, server: Server, calendar: str) -> None:
    made = caldav.put_event(calendar, REQUEST)
    added = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:Soon\r\nEND:VALARM\r\nEND:VEVENT"
    body = server.get(f"{OUR_ID}.ics").replace(b"END:VEVENT", b"CATEGORIES:Hiring\r\n" + added)
    server.put(f"{OUR_ID}.ics", body.replace(b"NEEDS-ACTION", b"ACCEPTED"))
    caldav.put_event(calendar, replace(REQUEST, revision=2, title="New title", location=""))
    stored = server.get(f"{OUR_ID}.ics")
    assert b"SUMMARY:New title" in stored and b"LOCATION" not in stored
    assert b"VALARM" in stored and b"CATEGORIES:Hiring" in stored
    now = caldav.fetch_event(calendar, OUR_ID)
    assert now is not None and now.answer is Answer.ACCEPTED and made.version != now.version


def test_moved_in_a_zone_of_its_own(caldav: CalDav, server: Server, calendar: str) -> None:
    caldav.put_event(calendar, REQUEST)
    zone = (
        b"BEGIN:VTIMEZONE\r\nTZID:Mars\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        b"TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    body = server.get(f"{OUR_ID}.ics").replace(b"BEGIN:VEVENT", zone)
    body = body.replace(b"DTSTART:20260303T090000Z", b"DTSTART;TZID=Mars:20260304T120000")
    server.put(f"{OUR_ID}.ics", body.replace(b"DTEND:20260303T100000Z", b"DTEND;TZID=Mars:20260304T130000"))
    moved = caldav.fetch_event(calendar, OUR_ID)
    assert moved is not None and moved.starts_at == START + timedelta(days=1)
    caldav.put_event(calendar, replace(REQUEST, revision=2, version=moved.version))
    back = caldav.fetch_event(calendar, OUR_ID)
    assert back is not None and back.starts_at == START and b"BEGIN:VTIMEZONE" in server.get(f"{OUR_ID}.ics")


def test_a_persons_event_in_its_place_is_never_touched(caldav: CalDav, server: Server, calendar: str) -> None:
    theirs = timed("03", "SUMMARY:Mine", uid="mine")
    server.put(f"{OUR_ID}.ics", theirs)
    before = server.get(f"{OUR_ID}.ics")
    for request in (REQUEST, replace(REQUEST, version='"x"')):
        with pytest.raises(Refused) as caught:
            caldav.put_event(calendar, request)
        assert caught.value.code == "not_ours"
    caldav.delete_event(calendar, OUR_ID)
    assert caldav.fetch_event(calendar, OUR_ID) is None
    assert server.get(f"{OUR_ID}.ics") == before


def test_a_cancelled_event_is_not_there(caldav: CalDav, server: Server, calendar: str) -> None:
    caldav.put_event(calendar, REQUEST)
    server.put(f"{OUR_ID}.ics", server.get(f"{OUR_ID}.ics").replace(b"CONFIRMED", b"CANCELLED"))
    assert caldav.fetch_event(calendar, OUR_ID) is None


def test_a_calendar_that_is_gone(caldav: CalDav, calendar: str) -> None:
    gone = f"{calendar.rstrip('/')}-gone/"
    with pytest.raises(Gone):
        caldav.changes(gone, MARCH, BERLIN)
    with pytest.raises(Gone):
        caldav.put_event(gone, REQUEST)
    assert caldav.fetch_event(gone, OUR_ID) is None
    caldav.delete_event(gone, OUR_ID)


def test_a_calendar_elsewhere_gets_no_password(caldav: CalDav) -> None:
    with pytest.raises(Gone):
        caldav.changes("https://evil.example/work/", MARCH, BERLIN)


def test_every_request_waits_for_its_slot(server: Server, calendar: str) -> None:
    slots: list[Operation] = []

    def pacer(operation: Operation) -> None:
        slots.append(operation)

    caldav = caldav_calendar(server.credentials(), pacer=pacer)
    caldav.put_event(calendar, REQUEST)
    caldav.busy([calendar], Window(MARCH.starts_at, MARCH.ends_at), BERLIN)
    assert slots[0] == "write" and set(slots[1:]) == {"read"}


def test_many_entries(caldav: CalDav, server: Server, calendar: str) -> None:
    """Changes come in batches, and no more than are quicker read anew."""
    whole = caldav.changes(calendar, MARCH, BERLIN)
    for number in range(60):
        server.put(f"{number}.ics", timed(f"{number % 28 + 1:02}", uid=str(number)))
    some = caldav.changes(calendar, MARCH, BERLIN, whole.token)
    found: set[Occurrence] = set(some.occurrences)
    assert len(found) == 60 and not some.is_whole
