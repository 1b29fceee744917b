"""Time zones as files have them: understood, or refused with what to write instead."""

from __future__ import annotations

import pytest
from tzlocal.windows_tz import win_tz

from organizations.zone_parsing import _MEANT, parse_zone, zone_advice
from organizations.zones import city, names


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
    assert parse_zone(written) == meant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("EST", "“EST” doesn't follow summer time. Enter New York."),
        ("est", "“est” doesn't follow summer time. Enter New York."),
        ("MST", "Enter Denver or Phoenix."),
        ("HST", "Enter Honolulu."),
        ("CST", "Enter Chicago or Shanghai."),
        ("IST", "Enter Kolkata or Dublin or Jerusalem."),
        ("EDT", "“EDT” is not a place. Enter New York."),
        ("CET", "Enter Berlin or Paris."),
        ("EST5EDT", "Enter New York."),
        ("EST (Eastern Standard Time)", "“EST” doesn't follow summer time."),
        ("localtime", "differs from computer to computer"),
        ("Factory", "differs from computer to computer"),
        ("posixrules", "differs from computer to computer"),
        ("GMT+1", "doesn't tell when clocks change"),
        ("UTC-05:00", "doesn't tell when clocks change"),
        ("+0530", "doesn't tell when clocks change"),
        ("Etc/GMT+5", "doesn't tell when clocks change"),
        ("Mars/Base", "not a time zone"),
        ("../../etc/passwd", "not a time zone"),
        ("", "not a time zone"),
    ],
)
def test_what_keeps_no_summer_time_is_refused_with_a_place(written: str, words: str) -> None:
    assert parse_zone(written) is None
    assert words in zone_advice(written)


def test_every_windows_zone_with_a_place_is_on_offer() -> None:
    places = {written: parse_zone(written) for written in win_tz}
    assert {written for written, place in places.items() if place is None} == {
        "Dateline Standard Time", "UTC+12", "UTC+13", "UTC-02", "UTC-08", "UTC-09", "UTC-11",
    }  # fmt: skip
    assert {place for place in places.values() if place} <= set(names())


def test_every_city_that_is_advised_is_understood() -> None:
    advised = {zone for zones in _MEANT.values() for zone in zones}
    assert {zone: parse_zone(city(zone)) for zone in advised} == {zone: zone for zone in advised}
