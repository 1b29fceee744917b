"""For the home page: times that clash by now, people who are missing, and calls that nobody can open.

People change their days off, leave, and are booked elsewhere after an interview was scheduled; nobody is asked then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from organizations.bidi import isolated
from scheduling.attention_line import Line, listed, quoted, way_to
from scheduling.attention_read import NEAR, Assigned, InterviewSnapshot, Upcoming
from scheduling.checks import lacks_address

_MOMENT = timedelta(microseconds=1)
Found = Iterator[tuple[int, Line]]


def time_lines(upcoming: Upcoming, access: Access) -> Found:
    """By schedule: people in two interviews at once or on a day off, interviews without people or an address."""
    interviews = list(upcoming.coming())
    yield from _twice(interviews, access)
    yield from _off(interviews, access)
    yield from _alone(interviews, upcoming, access)
    yield from _nowhere(interviews, upcoming, access)


def _twice(interviews: Sequence[InterviewSnapshot], access: Access) -> Found:
    """Interviewers, and candidates, who are in two interviews at the same time."""
    booked: dict[tuple[str, int], list[InterviewSnapshot]] = {}
    names: dict[tuple[str, int], str] = {}
    for interview in interviews:
        people = [("interviewer", person.pk, person.name) for person in interview.people.values()]
        for sort, pk, name in [*people, ("candidate", interview.schedule.candidate, interview.schedule.name)]:
            booked.setdefault((sort, pk), []).append(interview)
            names[sort, pk] = name
    for key, theirs in booked.items():
        for first, second in overlapping(theirs):
            text = _("%(person)s is booked twice at the same time") % {"person": isolated(names[key])}
            detail = _("%(one)s with %(candidate)s and %(other)s with %(second)s") % {
                "one": quoted(first),
                "candidate": isolated(first.schedule.name),
                "other": quoted(second),
                "second": isolated(second.schedule.name),
            }
            address, action = way_to([second], access)
            at = second.starts_at
            yield second.schedule.pk, Line("calendar-x", "warning", text, detail, address, action, at)


def overlapping(interviews: Iterable[InterviewSnapshot]) -> Iterator[tuple[InterviewSnapshot, InterviewSnapshot]]:
    """Those that begin while an earlier one goes on, each with it. Wants them in order of their beginning."""
    longest: InterviewSnapshot | None = None
    for interview in interviews:
        if longest is not None and interview.starts_at < longest.ends_at:
            yield longest, interview
        if longest is None or interview.ends_at > longest.ends_at:
            longest = interview


def _off(interviews: Sequence[InterviewSnapshot], access: Access) -> Found:
    """Interviewers who have taken the day off, by the clocks where they are: one line for each person and day."""
    days: dict[tuple[int, int, str], list[InterviewSnapshot]] = {}
    for interview in interviews:
        for person in interview.people.values():
            if words := _day_off(interview, person):
                days.setdefault((interview.schedule.pk, person.pk, words), []).append(interview)
    for (schedule, _person, words), found in days.items():
        address, action = way_to(found, access)
        detail = listed([quoted(interview) for interview in found])
        yield schedule, Line("calendar-x", "warning", words, detail, address, action, found[0].starts_at)


def _day_off(interview: InterviewSnapshot, person: Assigned) -> str:
    if not person.off:
        return ""
    place = ZoneInfo(person.zone)
    ends = (interview.starts_at.astimezone(place), (interview.ends_at - _MOMENT).astimezone(place))
    day = next((end.date() for end in ends if end.date() in person.off), None)
    if day is None:
        return ""
    note = person.off[day]
    values = {"person": isolated(person.name), "day": date_format(day, "D j M"), "note": isolated(note)}
    return (_("%(person)s is off on %(day)s (%(note)s)") if note else _("%(person)s is off on %(day)s")) % values


def _alone(interviews: Sequence[InterviewSnapshot], upcoming: Upcoming, access: Access) -> Found:
    """Interviews with nobody to interview: never chosen, or gone since."""
    for found in _by_schedule(one for one in interviews if not one.people):
        text = ngettext("%(interview)s has no interviewer", "%(number)d interviews have no interviewer", len(found)) % {
            "interview": quoted(found[0]),
            "number": len(found),
        }
        yield found[0].schedule.pk, _line("user-question", text, found, upcoming, access)


def _nowhere(interviews: Sequence[InterviewSnapshot], upcoming: Upcoming, access: Access) -> Found:
    """Video calls of which nobody knows the address."""
    for found in _by_schedule(one for one in interviews if lacks_address(one.kind, one.place)):
        text = ngettext(
            "%(interview)s is a video call without an address",
            "%(number)d video calls have no address",
            len(found),
        ) % {"interview": quoted(found[0]), "number": len(found)}
        yield found[0].schedule.pk, _line("video", text, found, upcoming, access)


def _by_schedule(interviews: Iterable[InterviewSnapshot]) -> Iterator[list[InterviewSnapshot]]:
    found: dict[int, list[InterviewSnapshot]] = {}
    for interview in interviews:
        found.setdefault(interview.schedule.pk, []).append(interview)
    return iter(found.values())


def _line(icon: str, text: str, found: Sequence[InterviewSnapshot], upcoming: Upcoming, access: Access) -> Line:
    """One line for one interview or several of a schedule; red where the first is near."""
    address, action = way_to(found, access)
    tone = "danger" if found[0].starts_at < upcoming.now + NEAR else "warning"
    detail = listed([quoted(interview) for interview in found]) if len(found) > 1 else ""
    return Line(icon, tone, text, detail, address, action, found[0].starts_at)
