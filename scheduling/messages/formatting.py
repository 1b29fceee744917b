"""Times, places and people as messages and calendar events write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from integrations.meetings import told_name
from jobs.models import InterviewKind
from organizations import zones
from organizations.bidi import isolated
from scheduling.messages.snapshot import Difference, InterviewSnapshot


def zone_of(name: str) -> ZoneInfo:
    """Return the zone, or UTC where this machine's time zone database does not know the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def zone_name(zone: ZoneInfo, at: datetime, *, with_offset: bool = True) -> str:
    """Return `Berlin, GMT+1`: a zone by its city, and its offset at a moment. Without a city: the offset alone."""
    offset = zones.offset(zone.key, at)
    if zone.key == "UTC":
        return "UTC"
    if zone.key.startswith("Etc/"):
        return offset
    return f"{zones.city(zone.key)}, {offset}" if with_offset else zones.city(zone.key)


def zone_line(zone: ZoneInfo, interviews: Sequence[InterviewSnapshot]) -> str:
    """Return `Times in Berlin, GMT+1`: the zone of a block of times, said once; empty without interviews.

    Without the offset where it changes between the interviews: then each time has its own (`hours`).
    """
    if not interviews:
        return ""
    with_offset = has_one_offset(zone, interviews)
    return _("Times in %(zone)s") % {"zone": zone_name(zone, interviews[0].starts_at, with_offset=with_offset)}


def has_one_offset(zone: ZoneInfo, interviews: Sequence[InterviewSnapshot]) -> bool:
    """Whether clocks in the zone are equally far from UTC at the start and the end of all interviews."""
    moments = [moment for interview in interviews for moment in (interview.starts_at, interview.ends_at)]
    return len({moment.astimezone(zone).utcoffset() for moment in moments}) <= 1


def day(moment: datetime | date) -> str:
    """Return `Monday, 23 November 2026`."""
    return str(date_format(moment, "LONG_DAY_YEAR_FORMAT"))


def clock(interview: InterviewSnapshot, zone: ZoneInfo, *, with_offset: bool = True) -> str:
    """Return when an interview takes place, as `hours` writes it."""
    return hours(interview.starts_at, interview.ends_at, zone, with_offset=with_offset)


def hours(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, *, with_offset: bool = True) -> str:
    """Return `10:00–11:30 GMT+1`. Names the second day, or the second offset, where the end has another."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    first, last = f"{start:%H:%M}", f"{end:%H:%M}"
    dash = "–"
    if start.date() != end.date():
        last, dash = f"{day(end)}, {last}", " – "
    early, late = zones.offset(zone.key, starts_at), zones.offset(zone.key, ends_at)
    if early != late:
        return f"{first} {early} – {last} {late}"
    return f"{first}{dash}{last} {late}" if with_offset else f"{first}{dash}{last}"


def when(interview: InterviewSnapshot, zone: ZoneInfo) -> str:
    """Return `Monday, 23 November 2026, 10:00–11:30 GMT+1`."""
    return f"{day(interview.starts_at.astimezone(zone))}, {clock(interview, zone)}"


def dates(interviews: Sequence[InterviewSnapshot], zone: ZoneInfo) -> str:
    """Return the days on which something takes place: `23 November 2026`, or the first and the last."""
    days = sorted({interview.starts_at.astimezone(zone).date() for interview in interviews})
    if not days:
        return ""
    first, last = (str(date_format(one, "LONG_DATE_FORMAT")) for one in (days[0], days[-1]))
    return first if first == last else f"{first} – {last}"


def start(moment: datetime, zone: ZoneInfo) -> str:
    """Return `Thu 3 Dec, 12:30 GMT`: short enough for a subject."""
    local = moment.astimezone(zone)
    return f"{date_format(local, 'DAY_TIME_FORMAT')} {zones.offset(zone.key, moment)}"


def first_start(interviews: Sequence[InterviewSnapshot], zone: ZoneInfo) -> str:
    """Return when the first interview starts, as `start` writes it; for several days `Thu 3 Dec – Fri 4 Dec`."""
    if not interviews:
        return ""
    begins = sorted(interview.starts_at.astimezone(zone) for interview in interviews)
    if begins[0].date() != begins[-1].date():
        return f"{date_format(begins[0], 'DAY_FORMAT')} – {date_format(begins[-1], 'DAY_FORMAT')}"
    return start(begins[0], zone)


def people(names: Sequence[str]) -> str:
    """Return `Ada, Bob and Cem`."""
    return str(get_text_list([isolated(name) for name in names], _("and")))


def meeting(interview: InterviewSnapshot, link: str = "") -> str:
    """Return how people meet: `Video call: https://…`, `On site: Aurora`, or only `Phone` where no more is known.

    `link`: the reader's join link, where the interview has a video call that is not typed.
    """
    if interview.meeting:
        way, places = told_name(interview.meeting), " · ".join(part for part in (interview.room, link) if part)
        return f"{way}: {places}" if places else way
    kind = str(InterviewKind(interview.kind).label) if interview.kind in InterviewKind.values else interview.kind
    places = " · ".join(part for part in (interview.room, interview.location) if part)
    return f"{kind}: {places}" if places else kind


def difference(change: Difference, zone: ZoneInfo) -> list[str]:
    """Return one line for each thing that changed, old and new."""
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


def _aspects(old: InterviewSnapshot, new: InterviewSnapshot, zone: ZoneInfo) -> list[tuple[str, str]]:
    before = [(old.starts_at, old.ends_at), sorted(pk for pk, _name in old.people)]
    after = [(new.starts_at, new.ends_at), sorted(pk for pk, _name in new.people)]
    return [
        (old.name, new.name),
        (when(old, zone), when(new, zone)) if before[0] != after[0] else ("", ""),
        _meetings(old, new),
        (people(old.names) or _("nobody"), people(new.names) or _("nobody")) if before[1] != after[1] else ("", ""),
        _join_links(old, new),
    ]


def _meetings(old: InterviewSnapshot, new: InterviewSnapshot) -> tuple[str, str]:
    """Return how people met and meet; the join link leads to another video call where one was made anew."""
    if old.meeting != new.meeting or not new.meeting:
        return meeting(old), meeting(new)
    if old.meeting_link_id != new.meeting_link_id:
        # Where there is a coding link, too, `_join_links` says so.
        with_code = old.join_link_id and new.join_link_id
        return ("", "") if with_code else (_("the old join link"), _("a new join link"))
    if old.meeting_number != new.meeting_number:
        return meeting(old), _("a new video call, behind the same join link")
    return "", ""


def _join_links(old: InterviewSnapshot, new: InterviewSnapshot) -> tuple[str, str]:
    if old.join_link_id and new.join_link_id:
        return ("", "") if old.join_link_id == new.join_link_id else (_("the old join link"), _("a new join link"))
    with_link, without_link = _("with a coding link"), _("without a coding link")
    return (with_link if old.join_link_id else without_link, with_link if new.join_link_id else without_link)
