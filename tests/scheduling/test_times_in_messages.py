"""Times in a message and its calendar event are the moment that was meant: for every reader, on clock changes too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.zones import city
from scheduling.calendar_events.ics import Event, Method, Person, invitation
from scheduling.messages.default_texts import default_text
from scheduling.messages.render import render
from scheduling.models.messages import MessageKind
from tests.scheduling.test_ics import lines_named
from tests.scheduling.test_message_text import ANN, CONTEXT, interview
from tests.scheduling.test_times import moments_near_changes

CLOCK = re.compile(
    r"(?P<first>\d\d:\d\d)(?: (?P<early>GMT\S*))? ?– ?(?:(?P<day>\w+, \d+ \w+ \d{4}), )?"
    r"(?P<last>\d\d:\d\d)(?: (?P<late>GMT\S*))?"
)
DAY = re.compile(r"^\w+, \d+ \w+ \d{4}$", re.MULTILINE)
ZONE = re.compile(r"^Times in (?P<city>.+?)(?:, (?P<offset>GMT\S*))?$", re.MULTILINE)


def moment_of(day: str, clock: str, offset: str) -> datetime:
    """The moment that somebody understands who reads this."""
    sign, hours, minutes = re.fullmatch(r"GMT(?:([+-])(\d+)(?::(\d\d))?)?", offset).groups()  # type: ignore[union-attr]
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    naive = datetime.strptime(f"{day} {clock}", "%A, %d %B %Y %H:%M")
    return naive.replace(tzinfo=timezone(ahead)).astimezone(UTC)


@settings(max_examples=300, deadline=None)
@given(moments_near_changes(), st.integers(5, 600))
def test_the_text_names_the_moment(case: tuple[datetime, str], minutes: int) -> None:
    start, zone = case
    end = start + timedelta(minutes=minutes)
    reading = replace(CONTEXT, recipient=replace(ANN, zone=zone), interviews=[interview(starts_at=start, ends_at=end)])
    words = default_text(MessageKind.CANDIDATE_INVITATION)
    rendered = render("{dates}", words.body, reading)
    day, clock, block = DAY.search(rendered.text), CLOCK.search(rendered.text), ZONE.search(rendered.text)
    assert day is not None and clock is not None and block is not None
    assert moment_of(day[0], clock["first"], clock["early"] or block["offset"]) == start
    assert moment_of(clock["day"] or day[0], clock["last"], clock["late"] or block["offset"]) == end
    assert block["city"] == city(zone)
    plain = unescape(re.sub(r"<[^>]+>", " ", rendered.html))
    assert day[0] in plain and clock[0] in plain and block[0] in plain


@settings(max_examples=100, deadline=None)
@given(moments_near_changes(), st.integers(5, 600))
def test_the_calendar_event_is_at_the_moment(case: tuple[datetime, str], minutes: int) -> None:
    start, _zone = case
    end = start + timedelta(minutes=minutes)
    event = Event(
        uid="1@acme.example",
        sequence=0,
        stamped_at=start,
        starts_at=start,
        ends_at=end,
        summary="Coding",
        organizer=Person("Acme", "jobs@acme.example"),
        attendees=(Person("Ann", "ann@example.com"),),
    )
    body = invitation(event, Method.REQUEST)
    assert lines_named(body, "DTSTART") == [f"DTSTART:{start:%Y%m%dT%H%M%SZ}"]
    assert lines_named(body, "DTEND") == [f"DTEND:{end:%Y%m%dT%H%M%SZ}"]
