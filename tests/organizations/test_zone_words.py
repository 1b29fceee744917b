"""Time zones as files have them: understood, or refused with what to write instead."""

from __future__ import annotations

import pytest
from tzlocal.windows_tz import win_tz

from organizations.zone_words import instead, understood
from organizations.zones import names


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("W. Europe Daylight Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("india standard time", "Asia/Kolkata"),
        ("GMT Standard Time", "Europe/London"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("Berlin", "Europe/Berlin"),
        ("Berlin (GMT+1)", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("London, UK", "Europe/London"),
        ("Europe/Berlin (CET)", "Europe/Berlin"),
        ("UTC", "UTC"),
    ],
)
def test_zones_of_other_programs_are_understood(written: str, meant: str) -> None:
    assert understood(written) == meant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("EST", "“EST” has no summer time. Write America/New_York."),
        ("est", "“est” has no summer time. Write America/New_York."),
        ("MST", "Write America/Denver or America/Phoenix."),
        ("HST", "Write Pacific/Honolulu."),
        ("CST", "Write America/Chicago or Asia/Shanghai."),
        ("IST", "Asia/Kolkata"),
        ("EDT", "“EDT” is not a place. Write America/New_York."),
        ("CET", "Write Europe/Berlin or Europe/Paris."),
        ("EST5EDT", "Write America/New_York."),
        ("EST (Eastern Standard Time)", "“EST” has no summer time."),
        ("localtime", "another time zone on each computer"),
        ("Factory", "another time zone on each computer"),
        ("posixrules", "another time zone on each computer"),
        ("GMT+1", "does not know when clocks change"),
        ("UTC-05:00", "does not know when clocks change"),
        ("+0530", "does not know when clocks change"),
        ("Etc/GMT+5", "does not know when clocks change"),
        ("Mars/Base", "not a time zone"),
        ("../../etc/passwd", "not a time zone"),
        ("", "not a time zone"),
    ],
)
def test_what_keeps_no_summer_time_is_refused_with_a_place(written: str, words: str) -> None:
    assert understood(written) is None
    assert words in instead(written)


def test_every_windows_zone_with_a_place_is_on_offer() -> None:
    places = {written: understood(written) for written in win_tz}
    assert {written for written, place in places.items() if place is None} == {
        "Dateline Standard Time", "UTC+12", "UTC+13", "UTC-02", "UTC-08", "UTC-09", "UTC-11",
    }  # fmt: skip
    assert {place for place in places.values() if place} <= set(names())
