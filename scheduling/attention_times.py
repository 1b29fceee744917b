"""Provider of the home page about times that clash by now: overruled knowingly, or come about since.

People change their days off, leave, and are booked elsewhere after an interview was scheduled; nobody is asked then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organizations.access import Access
from scheduling.attention_item import MOST, Attention, address_of, more_of
from scheduling.models import Interview

# Clashes are looked for as far ahead.
SOON = timedelta(days=14)
_MOMENT = timedelta(microseconds=1)

Item = tuple[datetime, Attention]


@dataclass(frozen=True, slots=True)
class _Sitter:
    """An interviewer of an interview, with those of their days off that are near it, and their notes."""

    pk: int
    name: str
    zone: str
    off: dict[date, str]


@dataclass(slots=True)
class _Interview:
    name: str
    starts_at: datetime
    ends_at: datetime
    schedule: int
    candidate: tuple[int, str]
    is_planned: bool
    sitters: dict[int, _Sitter]


def clashes(access: Access) -> list[Attention]:
    """People in two interviews at once, on a day off, and interviews in which nobody sits; the next ones first."""
    interviews = _read(access, timezone.now())
    found = [*_twice(interviews, access), *_off(interviews, access), *_alone(interviews, access)]
    items = [item for _at, item in sorted(found, key=lambda pair: pair[0])]
    if len(items) > MOST:
        more = more_of(access, _("There are more times that clash. They appear here as you settle the first ones."))
        return [*items[:MOST], more]
    return items


def _read(access: Access, now: datetime) -> list[_Interview]:
    """The interviews that go on or begin soon, in order, in one query: a row for each seat and day off."""
    near = (now.date() - timedelta(days=2), (now + SOON).date() + timedelta(days=2))
    days_off = FilteredRelation(
        "seats__membership__days_off", condition=Q(seats__membership__days_off__day__range=near)
    )
    rows = (
        access.all(Interview)
        .filter(state=Interview.State.SCHEDULED, ends_at__gt=now, starts_at__lt=now + SOON)
        .annotate(off=days_off)
        .order_by("starts_at", "id", "seats__id")
        .values_list(
            "pk", "name", "starts_at", "ends_at", "schedule_id", "plan_interview_id",
            "schedule__candidate_id", "schedule__candidate__name",
            "seats__membership_id", "seats__membership__user__name", "seats__membership__user__email",
            "seats__membership__user__time_zone", "off__day", "off__note",
        )
    )  # fmt: skip
    found: dict[int, _Interview] = {}
    for pk, name, start, end, schedule, plan, candidate, called, member, person, email, zone, day, note in rows:
        interview = found.setdefault(
            pk, _Interview(name, start, end, schedule, (candidate, called), plan is not None, {})
        )
        if member is not None:
            sitter = interview.sitters.setdefault(member, _Sitter(member, person or email, zone, {}))
            if day is not None:
                sitter.off[day] = note
    return list(found.values())


def _twice(interviews: Sequence[_Interview], access: Access) -> Iterator[Item]:
    """Interviewers, and candidates, who are in two interviews at the same time."""
    booked: dict[tuple[str, int], list[_Interview]] = {}
    names: dict[tuple[str, int], str] = {}
    for interview in interviews:
        people = [("interviewer", sitter.pk, sitter.name) for sitter in interview.sitters.values()]
        for sort, pk, name in [*people, ("candidate", *interview.candidate)]:
            booked.setdefault((sort, pk), []).append(interview)
            names[sort, pk] = name
    for key, theirs in booked.items():
        for first, second in overlapping(theirs):
            yield _clash(names[key], first, second, access)


def overlapping(interviews: Iterable[_Interview]) -> Iterator[tuple[_Interview, _Interview]]:
    """Those that begin while an earlier one goes on, each with it. Wants them in order of their beginning."""
    longest: _Interview | None = None
    for interview in interviews:
        if longest is not None and interview.starts_at < longest.ends_at:
            yield longest, interview
        if longest is None or interview.ends_at > longest.ends_at:
            longest = interview


def _clash(name: str, first: _Interview, second: _Interview, access: Access) -> Item:
    text = _("%(person)s is booked twice at the same time") % {"person": name}
    detail = _("%(one)s with %(candidate)s and %(other)s with %(second)s") % {
        "one": first.name,
        "candidate": first.candidate[1],
        "other": second.name,
        "second": second.candidate[1],
    }
    return _item(second, "calendar-x", text, detail, access)


def _off(interviews: Sequence[_Interview], access: Access) -> Iterator[Item]:
    """Interviewers who have taken the day off, by the clocks where they are."""
    for interview in interviews:
        for sitter in interview.sitters.values():
            place = ZoneInfo(sitter.zone)
            ends = (interview.starts_at.astimezone(place), (interview.ends_at - _MOMENT).astimezone(place))
            day = next((end.date() for end in ends if end.date() in sitter.off), None)
            if day is not None:
                values = {"person": sitter.name, "day": date_format(day, "j F Y"), "note": sitter.off[day]}
                words = (
                    _("%(person)s is off on %(day)s (%(note)s)")
                    if values["note"]
                    else _("%(person)s is off on %(day)s")
                )
                yield _item(interview, "calendar-x", words % values, _which(interview), access)


def _alone(interviews: Sequence[_Interview], access: Access) -> Iterator[Item]:
    """Interviews in which, by their plan, somebody should sit, and nobody does: also after somebody left."""
    for interview in interviews:
        if interview.is_planned and not interview.sitters:
            yield _item(interview, "users", _("Nobody interviews"), _which(interview), access)


def _which(interview: _Interview) -> str:
    return _("%(interview)s with %(candidate)s, %(when)s") % {
        "interview": interview.name,
        "candidate": interview.candidate[1],
        "when": date_format(timezone.localtime(interview.starts_at), "DATETIME_FORMAT"),
    }


def _item(interview: _Interview, icon: str, text: str, detail: str, access: Access) -> Item:
    address = address_of(access, "schedule", pk=interview.schedule)
    return interview.starts_at, Attention(icon, "warning", text, detail, address, _("Open the schedule"))
