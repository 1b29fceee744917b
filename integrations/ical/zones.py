"""Find the time zone that an iCalendar document means by a TZID.

A TZID is only a name inside its document. icalendar keeps zones that documents define by their names, for the whole
process, so that "Customized Time Zone" of one calendar would count in another: here each document has its own.
"""

from __future__ import annotations

import functools
import io
import re
import warnings
from collections.abc import Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from dateutil import tz
from icalendar.cal.component import Component
from icalendar.error import GloballyUniqueTZIDGuessed
from tzlocal.windows_tz import win_tz

from organizations.zone_parsing import parse_zone

# icalendar guesses zones, too, and says so for each; its guess is not used.
warnings.filterwarnings("ignore", category=GloballyUniqueTZIDGuessed)
#: The name under which documents are parsed: icalendar would keep a component of the real name.
VTIMEZONE = "X-VTIMEZONE"
_NAMES = re.compile(rb"^(BEGIN|END):VTIMEZONE[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NEEDED = ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE", "TZNAME")
_FIRST_YEAR = 1970


def hide(body: bytes) -> bytes:
    """The document with its time zones under a name that icalendar does not know."""
    return _NAMES.sub(lambda found: found[1].upper() + b":" + VTIMEZONE.encode() + b"\r", body)


def show(body: bytes) -> bytes:
    """A document that was parsed after `hide`, as it is to be stored."""
    return body.replace(b":" + VTIMEZONE.encode() + b"\r\n", b":VTIMEZONE\r\n")


class Zones:
    """The zones of one document. `own`: of floating times and whole days, and of names that nobody can tell."""

    def __init__(self, components: Sequence[Component], own: tzinfo) -> None:
        self.own = own
        self._components = {str(component.get("TZID", "")): component for component in components}
        self._found: dict[str, tzinfo] = {}

    def named(self, tzid: str) -> tzinfo:
        """The zone of this name: an IANA or Windows name in it, else the rules that the document gives."""
        if tzid not in self._found:
            component = self._components.get(tzid)
            place = str(component.get("X-LIC-LOCATION", "")) if component is not None else ""
            by_name = _known(tzid) or _known(place)
            by_rules = _ruled(component) if by_name is None and component is not None else None
            self._found[tzid] = by_name or by_rules or _spoken(tzid) or self.own
        return self._found[tzid]


def known_zone(name: str) -> tzinfo | None:
    """The zone of a name outside of TZIDs (X-WR-TIMEZONE); None when it is not known."""
    return _known(name)


@functools.lru_cache(maxsize=500)
def _known(written: str) -> ZoneInfo | None:
    """The zone of an IANA or Windows name, also at the end of a path like `/citadel.org/20210210_1/Europe/Berlin`."""
    name = written.strip().strip('"')
    parts = name.strip("/").split("/")
    for length in (3, 2, 1):
        if len(parts) >= length and (found := _iana().get("/".join(parts[-length:]).casefold())):
            return ZoneInfo(found)
    windows = win_tz.get(name) or win_tz.get(name.replace(" Daylight ", " Standard "))
    return ZoneInfo(windows) if windows else None


@functools.lru_cache(maxsize=500)
def _spoken(written: str) -> ZoneInfo | None:
    """The zone of a label that a program shows: `(UTC+01:00) Amsterdam, Berlin`."""
    found = parse_zone(written[:200])
    return ZoneInfo(found) if found else None


@functools.cache
def _iana() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _ruled(component: Component) -> tzinfo | None:
    """The zone by the rules that a document gives; None when they are of no use, or would take long to follow."""
    lines = ["BEGIN:VTIMEZONE", "TZID:x"]
    try:
        for part in component.subcomponents:
            if (name := str(part.name).upper()) not in ("STANDARD", "DAYLIGHT"):
                continue
            lines += [f"BEGIN:{name}", *_lines(part), f"END:{name}"]
        found = tz.tzical(io.StringIO("\r\n".join([*lines, "END:VTIMEZONE", ""]))).get()
        if found is not None:
            found.utcoffset(datetime(2026, 1, 1))
    except (ValueError, AttributeError, TypeError, IndexError, KeyError):
        return None
    return found


def _is_before(text: str) -> bool:
    """Whether a time is in a year before `_FIRST_YEAR`."""
    year = re.match("[0-9]{4}", text)
    return year is not None and int(year[0]) < _FIRST_YEAR


def _lines(part: Component) -> list[str]:
    """The lines of a STANDARD or DAYLIGHT part. Rules of centuries begin in 1970: nobody asks for times before."""
    rule = part.get("RRULE")
    if rule is not None and (isinstance(rule, list) or rule.get("FREQ") != ["YEARLY"]):
        raise ValueError
    lines = []
    for name in _NEEDED:
        for value in part.get(name, []) if isinstance(part.get(name), list) else [part.get(name)]:
            if value is None:
                continue
            text = value.to_ical()
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            if name == "DTSTART" and rule is not None and _is_before(text):
                text = f"{_FIRST_YEAR}{text[4:]}"
            lines.append(f"{name}:{text}")
    return lines
