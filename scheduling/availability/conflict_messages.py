"""Messages of conflicts. Times are in the zone of entry; a person's own hours are in their own zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import PlanInterview
from organizations.bidi import isolated
from organizations.models import Membership
from organizations.zones import city
from scheduling.availability.busy import BusyTime
from scheduling.availability.calendar_times import Unknown
from scheduling.availability.hours import CANDIDATE_DAY_BEGINS, CANDIDATE_DAY_ENDS, OffDay
from scheduling.availability.local_time import CLOCK_FORMAT, format_clock, format_entry, format_span, format_start
from scheduling.availability.stretches import Stretch
from scheduling.models import Room


def chosen_twice(member: Membership) -> str:
    return _("%(person)s is chosen twice. Choose someone else or clear one.") % {"person": isolated(member.user)}


def fewer_people(expected: int, chosen: int) -> str:
    """Return the hint that fewer interviewers are chosen than the plan asks for; both are numbers."""
    wanted = ngettext(
        "The plan asks for %(count)s interviewer.", "The plan asks for %(count)s interviewers.", expected
    ) % {"count": expected}
    if not chosen:
        return wanted + " " + _("None is chosen yet.")
    return wanted + " " + ngettext("%(count)s is chosen.", "%(count)s are chosen.", chosen) % {"count": chosen}


def nonexistent_time(nearest: datetime, zone: str) -> str:
    message = _("%(city)s skips this time: clocks go forward. The next time is %(clock)s.")
    return message % {"city": city(zone), "clock": date_format(nearest, CLOCK_FORMAT)}


def ambiguous_time(zone: str) -> str:
    return _("This time comes twice in %(city)s: clocks go back. Choose one.") % {"city": city(zone)}


def past() -> str:
    return _("This is in the past.")


def candidate_elsewhere(time: BusyTime, zone: str) -> str:
    if time.is_private:
        when = format_span(time.starts_at, time.ends_at, zone)
        return _("The candidate is busy with an interview for another job (%(when)s).") % {"when": when}
    message = _("Overlaps with the candidate's “%(interview)s” (%(when)s).")
    return message % {"interview": isolated(time.name), "when": format_span(time.starts_at, time.ends_at, zone)}


def double_booked(member: Membership, time: BusyTime, zone: str) -> str:
    values = {
        "person": isolated(member.user),
        "interview": isolated(time.name),
        "candidate": isolated(time.candidate),
        "when": format_entry(time.starts_at, time.ends_at, zone, member.user.time_zone),
    }
    if time.is_private:
        return _("%(person)s is busy (%(when)s).") % values
    if time.candidate:
        return _("%(person)s is busy: “%(interview)s” with %(candidate)s (%(when)s).") % values
    return _("%(person)s is busy: “%(interview)s” (%(when)s).") % values


def _is_a_day(time: BusyTime) -> bool:
    """Whether it takes a day, be it one of 23 hours: its clocks would name no stretch of one day."""
    return time.ends_at - time.starts_at >= timedelta(hours=23)


def busy(time: BusyTime, zone: str) -> str:
    """Return `busy 10:00–11:00`, by the clocks of the zone; `busy all day` for a day or more."""
    if _is_a_day(time):
        return _("busy all day")
    place = ZoneInfo(zone)
    begins, ends = (format_clock(at.astimezone(place)) for at in (time.starts_at, time.ends_at))
    return _("busy %(from)s–%(until)s") % {"from": begins, "until": ends}


def may_be_booked_over(member: Membership, time: BusyTime, zone: str) -> str:
    values = {
        "person": isolated(member.user),
        "title": isolated(time.name),
        "when": format_entry(time.starts_at, time.ends_at, zone, member.user.time_zone),
    }
    if time.is_private:
        return _("%(person)s may be busy (%(when)s). You can still book this time.") % values
    return _("%(person)s may be busy: “%(title)s” (%(when)s). You can still book this time.") % values


def maybe_busy(time: BusyTime, zone: str) -> str:
    """Return `maybe busy 10:00–11:00`, by the clocks of the zone; `maybe busy all day` for a day or more."""
    if _is_a_day(time):
        return _("maybe busy all day")
    place = ZoneInfo(zone)
    begins, ends = (format_clock(at.astimezone(place)) for at in (time.starts_at, time.ends_at))
    return _("maybe busy %(from)s–%(until)s") % {"from": begins, "until": ends}


def calendar_unknown(member: Membership, calendar: Unknown, zone: str) -> str:
    values = {"person": isolated(member.user)}
    if calendar.ends_at is not None:
        day = date_format(calendar.ends_at.astimezone(ZoneInfo(zone)), "DAY_YEAR_FORMAT")
        return _("%(person)s's calendar isn't known yet from %(day)s onwards.") % {**values, "day": day}
    if calendar.read_at is None:
        return _("%(person)s's calendar has not been read yet.") % values
    since = format_start(calendar.read_at, zone)
    return _("%(person)s's calendar hasn't been readable since %(when)s.") % {**values, "when": since}


def room_taken(room: Room, time: BusyTime, zone: str) -> str:
    values = {
        "room": isolated(room.name),
        "interview": isolated(time.name),
        "candidate": isolated(time.candidate),
        "when": format_span(time.starts_at, time.ends_at, zone),
    }
    if time.is_private:
        return _("%(room)s is taken (%(when)s).") % values
    if time.candidate:
        return _("%(room)s is taken: “%(interview)s” with %(candidate)s (%(when)s).") % values
    return _("%(room)s is taken: “%(interview)s” (%(when)s).") % values


def room_declined(room: Room) -> str:
    return _("%(room)s declined this interview at this time. Choose another room.") % {"room": isolated(room.name)}


def room_gone(room: Room) -> str:
    return _("%(room)s can't be booked any more. Choose another room.") % {"room": isolated(room.name)}


def room_unknown(room: Room, calendar: Unknown, zone: str) -> str:
    values = {"room": isolated(room.name)}
    if calendar.ends_at is not None:
        day = date_format(calendar.ends_at.astimezone(ZoneInfo(zone)), "DAY_YEAR_FORMAT")
        return _("%(room)s's calendar isn't known yet from %(day)s onwards.") % {**values, "day": day}
    if calendar.read_at is None:
        return _("%(room)s's calendar has not been read yet.") % values
    since = format_start(calendar.read_at, zone)
    return _("%(room)s's calendar hasn't been readable since %(when)s.") % {**values, "when": since}


def room_small(room: Room, people: int) -> str:
    message = ngettext("%(room)s has %(seats)s seat.", "%(room)s has %(seats)s seats.", room.capacity)
    comes = ngettext("%(people)s person comes.", "%(people)s people come.", people)
    seats = message % {"room": isolated(room.name), "seats": room.capacity}
    return f"{seats} {comes % {'people': people}}"


def day_off(member: Membership, off: OffDay) -> str:
    message = _("%(person)s is off on %(day)s (%(note)s).") if off.note else _("%(person)s is off on %(day)s.")
    return message % {
        "person": isolated(member.user),
        "day": date_format(off.day, "LONG_DATE_FORMAT"),
        "note": isolated(off.note),
    }


def public_holiday(member: Membership, off: OffDay) -> str:
    message = _("Public holiday for %(person)s: %(holiday)s (%(place)s).")
    return message % {"person": isolated(member.user), "holiday": isolated(off.holiday), "place": off.place}


def interview_hours(plan: PlanInterview, zone: str) -> str:
    """Return `Outside the hours of this interview: Tue, Wed, Thu, 09:00–12:00 in Berlin.`"""
    return _("Outside the hours of this interview: %(hours)s in %(city)s.") % {
        "hours": ", ".join(filter(None, [_days_of(plan), _clocks_of(plan)])),
        "city": city(zone),
    }


def _days_of(plan: PlanInterview) -> str:
    """Return `Tue–Thu`, `Mon, Wed`, or nothing for all days."""
    days = [date(2024, 1, number) for number in map(int, plan.hours_days)]  # of a month that began on a Monday
    names = [date_format(day, "D") for day in days]
    if len(days) > 2 and (days[-1] - days[0]).days == len(days) - 1:
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def _clocks_of(plan: PlanInterview) -> str:
    begins, ends = (time_format(at, CLOCK_FORMAT) if at else "" for at in (plan.hours_from, plan.hours_until))
    if begins and ends:
        return f"{begins}–{ends}"
    if begins:
        return _("from %(clock)s") % {"clock": begins}
    return _("until %(clock)s") % {"clock": ends} if ends else ""


def short_buffer(member: Membership, time: BusyTime, between: int, wanted: int, zone: str) -> str:
    """Return that a member has so many minutes between this and something else, and should have more."""
    values = {
        "person": isolated(member.user),
        "between": between,
        "wanted": wanted,
        "title": isolated(time.name),
        "when": format_entry(time.starts_at, time.ends_at, zone, member.user.time_zone),
    }
    if not between:
        what = _("No break between this and %(person)s's “%(title)s” (%(when)s).")
        if not time.name:
            what = _("No break between this and what keeps %(person)s busy (%(when)s).")
        wish = _("The break should be %(wanted)d min.")
        return f"{what % values} {wish % values}"
    if not time.name:
        message = _("Only %(between)d of %(wanted)d minutes between this and what keeps %(person)s busy (%(when)s).")
        return message % values
    message = _("Only %(between)d of %(wanted)d minutes between this and %(person)s's “%(title)s” (%(when)s).")
    return message % values


def too_close(between: int, wanted: int) -> str:
    """Return `only 5 of 15 min between`, or `no break`."""
    if not between:
        return _("no break")
    return _("only %(between)d of %(wanted)d min between") % {"between": between, "wanted": wanted}


def outside_hours(member: Membership, stretch: Stretch) -> str:
    place = ZoneInfo(member.user.time_zone)
    start, end = (at.astimezone(place) for at in stretch)
    message = _(
        "Outside %(person)s's hours: %(from)s–%(until)s in %(city)s. There it would be %(day)s, %(start)s–%(end)s."
    )
    return message % {
        "person": isolated(member.user),
        "from": time_format(member.work_from, CLOCK_FORMAT),
        "until": time_format(member.work_until, CLOCK_FORMAT),
        "city": city(member.user.time_zone),
        "day": date_format(start, "l"),
        "start": format_clock(start),
        "end": format_clock(end),
    }


def candidate_night(zone: str) -> str:
    return _("Outside the candidate's day: %(from)s–%(until)s in %(city)s.") % {
        "from": time_format(CANDIDATE_DAY_BEGINS, CLOCK_FORMAT),
        "until": time_format(CANDIDATE_DAY_ENDS, CLOCK_FORMAT),
        "city": city(zone),
    }


def candidate_weekend(day: date, zone: str) -> str:
    message = _("Weekend for the candidate: %(day)s in %(city)s.")
    return message % {"day": date_format(day, "l"), "city": city(zone)}
