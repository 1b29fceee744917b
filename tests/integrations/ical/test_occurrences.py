"""Entries of calendars as programs really write them become the right occurrences, or none is read."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.base import Refused, Retryable, ToolError
from integrations.calendars import Answer, TimeKind, Window
from integrations.ical.entries import read
from integrations.ical.occurrences import MAX_OCCURRENCES, expand
from tests.integrations.ical.documents import BERLIN, MARCH, document, entry, occurrences, spans

ODD_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE""".replace("\n", "\r\n")


def test_a_single_entry_in_each_kind_of_time() -> None:
    assert spans(occurrences(entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"))) == ["03-02 09:00-10:00"]
    floating = entry("DTSTART:20260302T090000", "DTEND:20260302T100000")
    assert spans(occurrences(floating)) == ["03-02 08:00-09:00"]
    assert spans(occurrences(floating, zone=ZoneInfo("Asia/Tokyo"))) == ["03-02 00:00-01:00"]
    assert spans(occurrences("X-WR-TIMEZONE:America/New_York", floating)) == ["03-02 14:00-15:00"]
    day = occurrences(entry("DTSTART;VALUE=DATE:20260329"))
    assert spans(day) == ["03-28 23:00-22:00"] and day[0].is_all_day  # 23 hours: clocks change in Berlin
    lasting = entry("DTSTART;TZID=Europe/Berlin:20260302T090000", "DURATION:PT45M")
    assert spans(occurrences(lasting)) == ["03-02 08:00-08:45"]


def test_entries_without_a_time_keep_nobody_busy() -> None:
    assert occurrences(entry("SUMMARY:No time")) == []
    assert occurrences(entry("DTSTART:20260302T090000Z")) == []
    assert occurrences(entry("DTSTART:20260302T090000Z", "DTEND:20260302T080000Z")) == []
    assert occurrences(entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "STATUS:CANCELLED")) == []
    assert occurrences("BEGIN:VTODO\r\nUID:x\r\nDUE:20260302T090000Z\r\nEND:VTODO") == []


@pytest.mark.parametrize(
    ("tzid", "start"),
    [
        ("Europe/Berlin", "08:00"),
        ("europe/berlin", "08:00"),
        ("W. Europe Standard Time", "08:00"),
        ('"W. Europe Standard Time"', "08:00"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "08:00"),
        ("/citadel.org/20210210_1/America/Argentina/Buenos_Aires", "12:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "08:00"),
        ("Eastern Standard Time", "14:00"),
        ("EST", "14:00"),
        ("Etc/GMT+5", "14:00"),
        ("Nobody/Knows", "08:00"),
    ],
)
def test_names_of_time_zones(tzid: str, start: str) -> None:
    one = entry(f"DTSTART;TZID={tzid}:20260302T090000", f"DTEND;TZID={tzid}:20260302T100000")
    assert spans(occurrences(one))[0][6:11] == start


def test_zones_of_one_document_do_not_count_in_another() -> None:
    """Outlook gives "Customized Time Zone" to whatever has no name."""
    one = entry("DTSTART;TZID=Customized Time Zone:20260302T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=5")
    east = occurrences(ODD_ZONE.format(winter="+0500", summer="+0600"), one)
    west = occurrences(ODD_ZONE.format(winter="-0300", summer="-0200"), one)
    assert spans(east) == [
        "03-02 04:00-05:00",
        *(f"03-{day} 04:00-05:00" for day in ("09", "16", "23")),
        "03-30 03:00-04:00",
    ]
    assert spans(west)[0] == "03-02 12:00-13:00" and spans(west)[-1] == "03-30 11:00-12:00"


def test_a_zone_whose_rules_never_end_is_not_followed() -> None:
    endless = ODD_ZONE.format(winter="+0500", summer="+0600").replace("FREQ=YEARLY", "FREQ=SECONDLY")
    began = time.monotonic()
    one = entry("DTSTART;TZID=Customized Time Zone:20260302T090000", "DURATION:PT1H")
    assert spans(occurrences(endless, one)) == ["03-02 08:00-09:00"]
    assert time.monotonic() - began < 2


def test_a_series_with_everything_that_changes_it() -> None:
    weekly = entry(
        "DTSTART;TZID=Europe/Berlin:20260302T090000",
        "DTEND;TZID=Europe/Berlin:20260302T100000",
        "RRULE:FREQ=WEEKLY;UNTIL=20260406T070000Z",
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "EXDATE;VALUE=DATE:20260316",
        "RDATE:20260304T120000Z",
        "RDATE;VALUE=PERIOD:20260305T120000Z/PT30M,20260306T120000Z/20260306T121500Z",
        "SUMMARY:Weekly",
    )
    moved = entry(
        "RECURRENCE-ID:20260323T080000Z",
        "DTSTART;TZID=America/New_York:20260324T090000",
        "DTEND;TZID=America/New_York:20260324T093000",
        "SUMMARY:Moved",
    )
    cancelled = entry(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000", "DTSTART:20260330T070000Z", "STATUS:CANCELLED"
    )
    found = occurrences(weekly, moved, cancelled)
    assert spans(found) == [
        "03-02 08:00-09:00",
        "03-04 12:00-13:00",
        "03-05 12:00-12:30",
        "03-06 12:00-12:15",
        "03-24 13:00-13:30",
        "04-06 07:00-08:00",
    ]
    assert [one.title for one in found].count("Moved") == 1
    assert {one.series for one in found} == {"one"} and len({one.id for one in found}) == 6


def test_a_change_of_this_and_all_after_it() -> None:
    daily = entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "RRULE:FREQ=DAILY;COUNT=5")
    later = entry(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T090000Z", "DTSTART:20260304T110000Z", "DTEND:20260304T130000Z"
    )
    assert spans(occurrences(daily, later)) == [
        "03-02 09:00-10:00",
        "03-03 09:00-10:00",
        "03-04 11:00-13:00",
        "03-05 11:00-13:00",
        "03-06 11:00-13:00",
    ]


def test_a_change_without_its_series() -> None:
    """An invitation to one occurrence of somebody else's series."""
    alone = entry("RECURRENCE-ID:20260302T090000Z", "DTSTART:20260302T110000Z", "DTEND:20260302T120000Z")
    assert spans(occurrences(alone)) == ["03-02 11:00-12:00"]


def test_doubled_entries() -> None:
    first = entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
    newer = entry("DTSTART:20260303T090000Z", "DTEND:20260303T100000Z", "SEQUENCE:2")
    assert spans(occurrences(first, first)) == ["03-02 09:00-10:00"]
    assert spans(occurrences(newer, first)) == ["03-03 09:00-10:00"]
    other = entry("DTSTART:20260304T090000Z", "DTEND:20260304T100000Z")
    both = occurrences(first, other)  # a program that gives everything the same UID
    assert len(both) == 2 and len({one.id for one in both}) == 2


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], {"is_free": False, "is_private": False, "is_tentative": False}),
        (["TRANSP:TRANSPARENT"], {"is_free": True}),
        (["TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"], {"is_free": False}),
        (["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"], {"is_free": False, "kind": TimeKind.OUT_OF_OFFICE}),
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE"], {"is_free": True}),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], {"is_tentative": True, "is_free": False}),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], {"kind": TimeKind.WORKING_LOCATION, "is_free": True}),
        (["STATUS:TENTATIVE"], {"is_tentative": True}),
        (["CLASS:PRIVATE"], {"is_private": True}),
        (["CLASS:CONFIDENTIAL"], {"is_private": True}),
        (["ATTENDEE;PARTSTAT=DECLINED:MAILTO:Ivy@Corp.example"], {"answer": Answer.DECLINED}),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:bo@corp.example"], {"answer": Answer.NONE}),
        (["ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=ivy@corp.example:/principals/ivy/"], {"answer": Answer.ACCEPTED}),
        (
            ["ATTENDEE:mailto:bo@corp.example", "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ivy@corp.example"],
            {"answer": Answer.TENTATIVE},
        ),
    ],
)
def test_marks(lines: list[str], expected: dict[str, object]) -> None:
    [one] = occurrences(
        entry("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", *lines), owners=("ivy@corp.example",)
    )
    assert {name: getattr(one, name) for name in expected} == expected


def test_entries_that_panelist_wrote() -> None:
    times = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
    ours = "0123456789abcdef0123456789abcdef"
    for uid, our_id in ((f"{ours}@panelist", ours), (f"{ours}@elsewhere.example", ""), (ours, "")):
        assert occurrences(entry(*times, uid=uid))[0].our_id == our_id


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:2026XX02T090000Z", "DTEND:20260302T100000Z"],
        ["DTSTART:20260302T090000Z", "DTEND:nonsense"],
        ["DTSTART:20260302T090000Z", "DURATION:long"],
        ["DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=SOMETIMES"],
        ["DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"],
        ["DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYDAY=XX"],
        ["DTSTART:20260302T090000Z", "DURATION:PT1H", "EXDATE:nonsense"],
        ["DTSTART:20260302T090000Z", "DURATION:PT1H", "RDATE:nonsense"],
    ],
)
def test_a_time_that_cant_be_read_makes_nobody_free(lines: list[str]) -> None:
    """It is an error and not an empty calendar."""
    with pytest.raises(Refused, match="entry_unreadable"):
        occurrences(entry(*lines))


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        (b"", Refused, "no_calendar"),
        (b"<html>Sign in</html>", Refused, "no_calendar"),
        (document(entry("DTSTART:20260302T090000Z"))[:-20], Retryable, "unreadable"),
        (b"BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR", Refused, "entry_unreadable"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR", Refused, "entry_unreadable"),
    ],
)
def test_what_is_no_calendar(body: bytes, error: type[ToolError], code: str) -> None:
    with pytest.raises(error, match=code):
        read(body, BERLIN)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_rules_that_never_end_are_given_up_at_once(rule: str) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match="too_many"):
        occurrences(entry("DTSTART:20200302T090000Z", "DURATION:PT1H", f"RRULE:{rule}"))
    assert time.monotonic() - began < 1


def test_rules_that_nothing_fits_end() -> None:
    for rule in ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31"):
        assert len(occurrences(entry("DTSTART:20260302T090000Z", "DURATION:PT1H", f"RRULE:{rule}"))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 2_000_000),
        "X-LIST;VALUE=RECUR:FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 2_000_000),
        "FREEBUSY:" + ",".join(["20260302T090000Z/PT1H"] * 200_000),
    ],
)
def test_lines_without_end_take_no_time(line: str) -> None:
    """icalendar would need minutes for each of these."""
    began = time.thread_time()
    with contextlib.suppress(Refused):
        assert spans(occurrences(entry("DTSTART:20260302T090000Z", "DURATION:PT1H", line))) == ["03-02 09:00-10:00"]
    assert time.thread_time() - began < 5


def test_entries_that_never_end() -> None:
    with pytest.raises(Refused, match="entry_unreadable"):
        read(document("BEGIN:VEVENT\r\n" * 1000), BERLIN)


def test_more_occurrences_than_can_be_kept() -> None:
    many = [
        entry("DTSTART:20260301T000000Z", "DURATION:PT30M", "RRULE:FREQ=HOURLY", uid=str(number))
        for number in range(MAX_OCCURRENCES // 1000 + 1)
    ]
    with pytest.raises(Refused, match="too_many"):
        occurrences(*many)


def test_only_what_touches_the_window() -> None:
    window = Window(datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC))
    long = entry("DTSTART:20260201T090000Z", "DTEND:20260420T090000Z", uid="long")
    before = entry("DTSTART:20260302T080000Z", "DTEND:20260302T090000Z", uid="before")
    after = entry("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z", uid="after")
    assert [one.id for one in occurrences(long, before, after, window=window)] == ["long"]


def test_a_document_at_a_server_is_a_series() -> None:
    found = expand(read(document(entry("DTSTART:20260302T090000Z", "DURATION:PT1H")), BERLIN), MARCH, [], name="/a.ics")
    assert [(one.id, one.series) for one in found] == [("/a.ics", "/a.ics")]
