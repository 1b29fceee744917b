"""iCalendar documents for tests, from the lines of their entries."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from integrations.calendars import Occurrence, Window
from integrations.ical.entries import read
from integrations.ical.occurrences import expand

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 12, tzinfo=UTC))


def entry(*lines: str, uid: str = "one") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def document(*parts: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *parts, "END:VCALENDAR", ""]).encode()


def occurrences(
    *parts: str, window: Window = MARCH, zone: ZoneInfo = BERLIN, owners: tuple[str, ...] = ()
) -> list[Occurrence]:
    return expand(read(document(*parts), zone), window, owners)


def spans(found: list[Occurrence]) -> list[str]:
    """Times like `03-01 09:00-10:00`, in UTC."""
    return [f"{one.starts_at:%m-%d %H:%M}-{one.ends_at:%H:%M}" for one in found]
