"""Times and people in words, as messages and calendar entries say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dateformat import format as format_date
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from jobs.models import InterviewKind
from organizations.bidi import isolated
from scheduling.messages.snapshot import Difference, Fact


def zone_of(name: str) -> ZoneInfo:
    """The zone, or UTC where its name means nothing on this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def offset(moment: datetime) -> str:
    """`UTC`, `UTC+1` or `UTC−3:30`: what to add to UTC at that moment."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def day(moment: datetime | date) -> str:
    """Monday, 23 November 2026."""
    return str(format_date(moment, "l, j F Y"))


def clock(fact: Fact, zone: ZoneInfo) -> str:
    """When an interview takes place, as `hours` says it."""
    return hours(fact.starts_at, fact.ends_at, zone)


def hours(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """10:00 – 11:30 (UTC+1). Names the second day or offset where the end has another."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    first, last = f"{start:%H:%M}", f"{end:%H:%M}"
    if start.date() != end.date():
        last = f"{day(end)} {last}"
    if start.utcoffset() != end.utcoffset():
        return f"{first} ({offset(start)}) – {last} ({offset(end)})"
    return f"{first} – {last} ({offset(start)})"


def when(fact: Fact, zone: ZoneInfo) -> str:
    """Monday, 23 November 2026, 10:00 – 11:30 (UTC+1)."""
    return f"{day(fact.starts_at.astimezone(zone))}, {clock(fact, zone)}"


def dates(facts: Sequence[Fact], zone: ZoneInfo) -> str:
    """The days on which something takes place: `23 November 2026`, or `23 November 2026 – 25 November 2026`."""
    days = sorted({fact.starts_at.astimezone(zone).date() for fact in facts})
    if not days:
        return ""
    first, last = (str(format_date(one, "j F Y")) for one in (days[0], days[-1]))
    return first if first == last else f"{first} – {last}"


def people(names: Sequence[str]) -> str:
    """Ada, Bob and Cem."""
    return str(get_text_list([isolated(name) for name in names], _("and")))


def meeting(fact: Fact) -> str:
    """How people meet: `Video call: https://…`, or only `Phone` where nothing more was written down."""
    kind = str(InterviewKind(fact.kind).label) if fact.kind in InterviewKind.values else fact.kind
    return f"{kind}: {fact.place}" if fact.place else kind


def difference(change: Difference, zone: ZoneInfo) -> list[str]:
    """One change in sentences: what it was and what it is now."""
    old, new = change.old, change.new
    if new is None:
        if old is None:
            return []
        return [_("Cancelled: %(name)s, %(when)s") % {"name": isolated(old.name), "when": when(old, zone)}]
    if old is None:
        return [_("New: %(name)s, %(when)s") % {"name": isolated(new.name), "when": when(new, zone)}]
    return [
        _("%(name)s: %(old)s → %(new)s") % {"name": isolated(new.name), "old": before, "new": after}
        for before, after in _aspects(old, new, zone)
        if before != after
    ]


def _aspects(old: Fact, new: Fact, zone: ZoneInfo) -> list[tuple[str, str]]:
    before = [(old.starts_at, old.ends_at), sorted(pk for pk, _name in old.people)]
    after = [(new.starts_at, new.ends_at), sorted(pk for pk, _name in new.people)]
    return [
        (old.name, new.name),
        (when(old, zone), when(new, zone)) if before[0] != after[0] else ("", ""),
        (meeting(old), meeting(new)),
        (people(old.names) or _("nobody"), people(new.names) or _("nobody")) if before[1] != after[1] else ("", ""),
        _doors(old, new),
    ]


def _doors(old: Fact, new: Fact) -> tuple[str, str]:
    if old.door and new.door:
        return ("", "") if old.door == new.door else (_("the old join link"), _("a new join link"))
    with_link, without_link = _("with a coding link"), _("without a coding link")
    return (with_link if old.door else without_link, with_link if new.door else without_link)
