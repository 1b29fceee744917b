"""Calendar invitations: what RFC 5545, 5546 and 6047 require, and what other libraries read in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from organizations.text import for_header, lines
from scheduling.calendar_events.ics import Event, Method, Person, invitation

ORGANIZER = Person("Acme, Inc.", "jobs@acme.example")
ANN = Person("Müller, Ann: “Senior”; C++", "ann@example.com")
BOB = Person("Bob", "bob@example.com")
STARTS = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def event(**changes: object) -> Event:
    values: dict[str, object] = {
        "uid": "b7d9@panelist.example",
        "sequence": 0,
        "stamped_at": datetime(2026, 11, 20, 8, 30, 15, 999, tzinfo=UTC),
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(minutes=90),
        "summary": "Interview: Backend Engineer, Berlin; part 1",
        "organizer": ORGANIZER,
        "attendees": (ANN, BOB),
        "description": "Line one\nJoin: https://panelist.example/join/abc?x=1,2;3\n\\ ü",
        "location": "https://meet.example/a,b;c",
    }
    return Event(**(values | changes))  # type: ignore[arg-type]


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def lines_named(data: bytes, name: str) -> list[str]:
    return [line for line in unfolded(data) if line.split(":", 1)[0].split(";", 1)[0] == name]


def event_for(method: Method, **changes: object) -> Event:
    """An event as this method takes it: one that is only shown has no attendees."""
    return event(**({"attendees": ()} if method is Method.PUBLISH else {}) | changes)


@pytest.mark.parametrize("method", list(Method))
def test_the_body_names_its_method_and_stands_alone(method: Method) -> None:
    data = invitation(event_for(method), method)
    assert lines_named(data, "METHOD") == [f"METHOD:{method.value}"]
    assert lines_named(data, "VERSION") == ["VERSION:2.0"]
    assert len(lines_named(data, "PRODID")) == 1
    assert data.count(b"BEGIN:VEVENT") == 1  # RFC 5546 3.2.2: all components share one UID; we send one
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")


@pytest.mark.parametrize("method", list(Method))
def test_what_rfc_5546_requires_is_there_once(method: Method) -> None:
    data = invitation(event_for(method, sequence=3), method)
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "SEQUENCE", "SUMMARY", "STATUS"):
        assert len(lines_named(data, name)) == 1, name
    assert lines_named(data, "SEQUENCE") == ["SEQUENCE:3"]
    assert lines_named(data, "UID") == ["UID:b7d9@panelist.example"]


def test_times_and_stamp_are_in_utc() -> None:
    data = invitation(event(), Method.REQUEST)
    assert lines_named(data, "DTSTART") == ["DTSTART:20261123T090000Z"]
    assert lines_named(data, "DTEND") == ["DTEND:20261123T103000Z"]
    assert lines_named(data, "DTSTAMP") == ["DTSTAMP:20261120T083015Z"]
    assert b"TZID" not in data


def test_lines_end_in_crlf_and_hold_at_most_75_octets() -> None:
    data = invitation(event(summary="ü€𝄞" * 80, description="𝄞" * 300), Method.REQUEST)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    for line in data.split(b"\r\n"):
        line.decode()  # no fold cuts a character in two


def test_names_are_quoted_and_asked_to_answer() -> None:
    attendees = lines_named(invitation(event(), Method.REQUEST), "ATTENDEE")
    assert attendees[0].startswith('ATTENDEE;CN="Müller, Ann: “Senior”; C++";')
    assert attendees[1].startswith('ATTENDEE;CN="Bob";')
    assert all("PARTSTAT=NEEDS-ACTION" in line and "RSVP=TRUE" in line for line in attendees)
    assert [line.rsplit("mailto:", 1)[1] for line in attendees] == ["ann@example.com", "bob@example.com"]
    assert lines_named(invitation(event(), Method.REQUEST), "ORGANIZER") == [
        'ORGANIZER;CN="Acme, Inc.":mailto:jobs@acme.example'
    ]


def test_a_quote_or_a_line_break_in_a_name_can_not_break_the_line() -> None:
    person = Person('Ann "Annie"\r\nATTENDEE:mailto:evil@example.com', "ann@example.com")
    data = invitation(event(attendees=(person,)), Method.REQUEST)
    assert len(lines_named(data, "ATTENDEE")) == 1
    assert Calendar.from_ical(data).walk("VEVENT")[0]["ATTENDEE"] == "mailto:ann@example.com"


def test_a_name_left_empty_becomes_the_address() -> None:
    data = invitation(event(attendees=(Person("", "ann@example.com"),)), Method.REQUEST)
    assert 'CN="ann@example.com"' in lines_named(data, "ATTENDEE")[0]


def test_mail_sent_for_the_organizer_says_by_whom() -> None:
    data = invitation(event(sent_by="panelist@host.example"), Method.REQUEST)
    assert lines_named(data, "ORGANIZER") == [
        'ORGANIZER;CN="Acme, Inc.";SENT-BY="mailto:panelist@host.example":mailto:jobs@acme.example'
    ]
    assert b"SENT-BY" not in invitation(event(sent_by="JOBS@acme.example"), Method.REQUEST)


def test_a_cancel_names_every_attendee_and_the_same_uid() -> None:
    asked = invitation(event(), Method.REQUEST)
    cancelled = invitation(event(sequence=1), Method.CANCEL)
    assert lines_named(cancelled, "UID") == lines_named(asked, "UID")
    assert len(lines_named(cancelled, "ATTENDEE")) == 2
    assert lines_named(cancelled, "STATUS") == ["STATUS:CANCELLED"]
    assert b"RSVP" not in cancelled


@pytest.mark.parametrize("method", list(Method))
def test_a_second_library_reads_the_same(method: Method) -> None:
    given_event = event_for(method, sequence=2)
    read = vobject.readOne(invitation(given_event, method).decode())
    assert read.method.value == method.value
    assert read.vevent.uid.value == given_event.uid
    assert read.vevent.sequence.value == "2"
    assert read.vevent.dtstart.value == given_event.starts_at
    assert read.vevent.dtend.value == given_event.ends_at
    assert read.vevent.summary.value == given_event.summary
    assert read.vevent.description.value == given_event.description
    assert read.vevent.location.value == given_event.location
    people = getattr(read.vevent, "attendee_list", [])
    assert [line.params["CN"][0] for line in people] == [person.name for person in given_event.attendees]


def test_a_third_library_finds_it_on_its_day_only() -> None:
    calendar = Calendar.from_ical(invitation(event(), Method.REQUEST))
    found = recurring_ical_events.of(calendar).at((2026, 11, 23))
    assert [str(one["SUMMARY"]) for one in found] == [event().summary]
    assert recurring_ical_events.of(calendar).at((2026, 11, 24)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": datetime(2026, 11, 23, 10, 0)},
        {"ends_at": STARTS},
        {"sequence": -1},
        {"uid": ""},
        {"attendees": ()},
        {"attendees": (Person("Ann", "ann"),)},
        {"organizer": Person("Acme", "jobs@acme.example\r\nX-A:b")},
    ],
)
def test_what_no_calendar_could_take_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        invitation(event(**wrong), Method.REQUEST)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


@given(
    summary=texts,
    description=texts,
    name=texts,
    starts=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    minutes=st.integers(1, 3000),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_any_text_and_time_survives(
    summary: str, description: str, name: str, starts: datetime, minutes: int, zone: str
) -> None:
    begin = starts.replace(tzinfo=ZoneInfo(zone), microsecond=0)
    end = begin.astimezone(UTC) + timedelta(minutes=minutes)
    data = invitation(
        event(
            summary=summary,
            description=description,
            attendees=(Person(name, "ann@example.com"),),
            starts_at=begin,
            ends_at=end,
        ),
        Method.REQUEST,
    )
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    read: Any = Calendar.from_ical(data).walk("VEVENT")[0]
    assert read["DTSTART"].dt == begin.astimezone(UTC)
    assert read["DTEND"].dt == end
    assert str(read["SUMMARY"]) == for_header(summary)
    assert str(read.get("DESCRIPTION", "")) == lines(description)
