"""The content of the calendar: interviews in rows of people, what else keeps these busy, and their hours.

Read in a constant number of queries, however many people and interviews there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jobs.coordinators import has_job
from organizations.access import Access
from organizations.bidi import isolated
from organizations.models import Membership
from organizations.search import found_by, is_found
from scheduling.availability import busy
from scheduling.availability.busy import LONGEST, BusyTime, BusyTimes, InterviewTime
from scheduling.availability.hours import DaysOff, OffDay, days_off
from scheduling.availability.local_time import day_starts, local_days
from scheduling.availability.stretches import Stretch
from scheduling.calendar_page.asked import Asked, By, Scope
from scheduling.home.agenda import AgendaRow, joined, rows_of
from scheduling.models import Candidate, Interview, InterviewerAssignment
from scheduling.models.calendars import Weight
from scheduling.schedules.day_view import DayColumn, ZoneClock, clock_of, member_day, unknown_of
from scheduling.schedules.queries import visible_interviews

#: Interviews on the page, and free people that a search adds to it.
MOST = 600
MOST_FREE = 20
#: The row of interviews that nobody interviews in.
NOBODY = "nobody"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A person's row. `days` are hours and days off of each shown day; a candidate's has none. `unknown`: that their
    calendar does not tell all of these days."""

    key: str
    name: str
    zone: str
    days: Sequence[DayColumn] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Shown:
    """An interview on the calendar: the rows in which it stands, what is wrong with it, and whether it can be moved."""

    agenda: AgendaRow
    rows: list[str]
    problems: list[str]
    can_move: bool

    @property
    def interview(self) -> Interview:
        return self.agenda.interview


@dataclass
class Calendar:
    """The page's content. `busy` are times of a row's person that are not interviews of the page:
    another job's, and entries of their calendar."""

    asked: Asked
    zone: str
    now: datetime
    rows: list[Row]
    interviews: list[Shown]
    busy: list[tuple[str, BusyTime]] = field(default_factory=list)
    is_cut: bool = False

    @property
    def clock(self) -> ZoneClock:
        return self.clock_in(self.zone)

    def clock_in(self, zone: str) -> ZoneClock:
        """Return how clocks in a zone read over the shown days, and the day before and after."""
        begins, ends = self.asked.stretch(self.zone)
        return clock_of(zone, Stretch(begins - _DAY, ends + _DAY))


def calendar(access: Access, asked: Asked, *, zone: str, now: datetime) -> Calendar:
    """Return the calendar that is asked for, as this reader may see it, by clocks in `zone`."""
    within = asked.stretch(zone)
    found = list(joined(_interviews(access, asked, within))[: MOST + 1])
    rows = rows_of(found[:MOST], access, now)
    members = _members(access, asked, found[:MOST])
    ids = list(members)
    taken = busy.busy_times(access=access, within=within, interviewers=ids)
    off = days_off(access.organization, members.values(), within) if ids else {}
    problems = _problems(rows, members, taken, off)
    shown = [
        Shown(row, _keys(row.interview, asked, members), problems.get(row.interview.pk, []), _can_move(access, row))
        for row in rows
    ]
    page = Calendar(asked, zone, now, [], shown, is_cut=len(found) > MOST)
    page.rows = list(_rows(page, members, off, taken))
    if asked.by == By.PEOPLE:
        known = {str(one.interview.pk) for one in shown}
        page.busy = [
            (_member_key(pk), time)
            for pk in members
            for time in taken.get(busy.interviewer(pk), [])
            if not (time.is_interview and time.key in known)
        ]
    return page


def _interviews(access: Access, asked: Asked, within: Stretch) -> QuerySet[Interview]:
    rows = visible_interviews(access).filter(
        state=Interview.State.SCHEDULED,
        starts_at__lt=within.ends_at,
        starts_at__gt=within.starts_at - LONGEST,
        ends_at__gt=within.starts_at,
    )
    rows = rows.exclude(schedule__candidate__in=Candidate.objects.filter(erase_asked_at__isnull=False).order_by())
    if asked.job is not None:
        rows = rows.filter(schedule__job=asked.job)
    if asked.words and asked.by == By.PEOPLE:
        people = access.whole(Membership).filter(found_by(asked.words, "user__search_key"))
        theirs = InterviewerAssignment.objects.filter(membership__in=people.order_by().values("pk"))
        return rows.filter(pk__in=theirs.order_by().values("interview"))
    if asked.words:
        # Joined: the interviews of some days are fewer than the candidates of all times.
        return rows.filter(found_by(asked.words, "schedule__candidate__search_key"))
    return rows


def _members(access: Access, asked: Asked, interviews: Sequence[Interview]) -> dict[int, Membership]:
    """Return the people of the rows by id, in order of name: those who interview, and free ones that are searched."""
    if not access.may.see_schedules:
        return {access.membership.pk: access.membership}
    found = {one.membership_id: one.membership for row in interviews for one in row.assigned}
    if asked.words and asked.by == By.PEOPLE:
        found = {pk: member for pk, member in found.items() if is_found(member.user.search_key, asked.words)}
        named = access.whole(Membership).filter(found_by(asked.words, "user__search_key")).select_related("user")
        found |= {member.pk: member for member in named.order_by("user__search_key", "id")[:MOST_FREE]}
    return dict(sorted(found.items(), key=lambda item: (item[1].user.search_key, item[0])))


def _member_key(pk: int) -> str:
    return f"m{pk}"


def _keys(interview: Interview, asked: Asked, members: dict[int, Membership]) -> list[str]:
    if asked.by == By.CANDIDATES:
        return [f"c{interview.schedule.candidate_id}"]
    assigned = [one.membership_id for one in interview.assigned]
    return [_member_key(pk) for pk in dict.fromkeys(assigned) if pk in members] if assigned else [NOBODY]


def _rows(page: Calendar, members: dict[int, Membership], off: DaysOff, taken: BusyTimes) -> Iterator[Row]:
    whole = Stretch(*page.asked.stretch(page.zone))
    if page.asked.by == By.CANDIDATES:
        people = {one.interview.schedule.candidate_id: one.interview.schedule.candidate for one in page.interviews}
        for candidate in sorted(people.values(), key=lambda person: (person.search_key, person.pk)):
            yield Row(f"c{candidate.pk}", candidate.name, candidate.time_zone)
        return
    if any(NOBODY in one.rows for one in page.interviews):
        yield Row(NOBODY, _("No interviewer assigned"), page.zone)
    for pk, member in members.items():
        days = [
            member_day(member, off.get(pk, {}), Stretch(day_starts(day, page.zone), _end(day, page.zone)), page.zone)
            for day in page.asked.days
            if page.asked.scope != Scope.LIST
        ]
        unknown = unknown_of(taken, member, whole, page.zone)
        yield Row(_member_key(pk), str(member.user), member.user.time_zone, days, unknown)


def _end(day: date, zone: str) -> datetime:
    return day_starts(day + _DAY, zone)


def _can_move(access: Access, row: AgendaRow) -> bool:
    return access.may.change_schedules and not row.is_over and has_job(access, row.interview.schedule.job_id)


def _problems(
    rows: Sequence[AgendaRow], members: dict[int, Membership], taken: BusyTimes, off: DaysOff
) -> dict[int, list[str]]:
    """Return what is wrong with the times and people of interviews to come, by the interview's id."""
    found: dict[int, list[str]] = {row.interview.pk: [] for row in rows if not row.is_over}
    for name, times in _times(rows, members, taken):
        for pair in busy.overlapping(time for time in times if time.is_interview):
            for pk in (int(time.key) for time in pair):
                if pk in found:
                    found[pk].append(_("%(person)s is booked twice at the same time") % {"person": isolated(name)})
    for row in rows:
        interview = row.interview
        if interview.pk not in found:
            continue
        assigned = interview.assigned
        found[interview.pk] += _taken(interview, taken)
        if not assigned:
            found[interview.pk].append(_("No interviewer assigned"))
        for member in (one.membership for one in assigned):
            theirs = off.get(member.pk, {})
            found[interview.pk] += [_off(member, theirs[day]) for day in _days_of(interview, member) if day in theirs]
    return {pk: list(dict.fromkeys(messages)) for pk, messages in found.items()}


def _off(member: Membership, off: OffDay) -> str:
    if off.holiday:
        message = _("%(person)s has a public holiday: %(holiday)s")
        return message % {"person": isolated(member.user), "holiday": isolated(off.holiday)}
    return _("%(person)s has the day off") % {"person": isolated(member.user)}


def _taken(interview: Interview, taken: BusyTimes) -> list[str]:
    """Return what interviewers have in their calendars at the time of an interview."""
    stretch = Stretch(interview.starts_at, interview.ends_at)
    return [
        _("%(person)s is busy in their calendar") % {"person": isolated(one.membership.user)}
        for one in interview.assigned
        if any(
            not time.is_interview and time.weight == Weight.HARD and time.stretch.meets(stretch)
            for time in taken.get(busy.interviewer(one.membership_id), [])
        )
    ]


def _days_of(interview: Interview, member: Membership) -> tuple[date, ...]:
    return local_days(interview.starts_at, interview.ends_at, member.user.time_zone)


def _times(
    rows: Sequence[AgendaRow], members: dict[int, Membership], taken: BusyTimes
) -> Iterator[tuple[str, list[BusyTime]]]:
    """Yield the name and the busy times of each member, and of each candidate as far as the reader sees them."""
    for pk, member in members.items():
        yield str(member.user), taken.get(busy.interviewer(pk), [])
    candidates = busy.of_interviews(
        InterviewTime(
            key=str(row.interview.pk),
            name=row.interview.name,
            starts_at=row.interview.starts_at,
            ends_at=row.interview.ends_at,
            candidate=busy.candidate_attendee(row.interview.schedule.candidate_id),
        )
        for row in rows
    )
    names = {row.interview.schedule.candidate_id: row.interview.schedule.candidate.name for row in rows}
    for attendee, times in candidates.items():
        yield names[attendee.pk], times
