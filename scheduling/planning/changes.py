"""Small changes of one interview, another person or another time: whom to choose, who is told, and taking them back.

`booking.change_interview` saves them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.models import Membership
from scheduling.availability.conflict_kinds import Conflict, Severity
from scheduling.availability.conflicts import first_conflicts, how_free
from scheduling.availability.load import interviews_in_week
from scheduling.models import Interview, Message
from scheduling.planning import booking
from scheduling.planning.booking import Booked, Booking, Undecided
from scheduling.planning.movable import version_of
from scheduling.planning.plan_outcome import mailed
from scheduling.schedules.interviews import InterviewDetails, details_of
from scheduling.schedules.trail_rows import GivenReason

#: How long a change can be taken back. The page offers it for ten seconds.
TAKEN_BACK_WITHIN = timedelta(minutes=10)
_SALT = "scheduling.planning.changes"


@dataclass(frozen=True)
class PersonChoice:
    """A member who could interview. `against` is the message of a conflict, "" for somebody who is free then.

    `number` of interviews in that week.
    """

    member: Membership
    against: str
    number: int


def people_for(access: Access, interview: Interview, members: Sequence[Membership]) -> list[PersonChoice]:
    """Return the members who are not in the interview: free ones first, then interviewers, the least loaded on top.

    `members` come by name. Five queries at most.
    """
    there = {assignment.membership_id for assignment in interview.assignments.all()}
    others = [member for member in members if member.pk not in there]
    zone = interview.schedule.time_zone
    planned = booking.planned_of("0", replace(details_of(interview), interviewers=()), interview)
    asked = {member.pk: member for member in others}
    against = first_conflicts(access=access, planned=planned, others=[], people=list(asked), zone=zone, members=asked)
    load = interviews_in_week(access, interview.starts_at, zone)
    messages = {pk: conflict.message for pk, conflict in against.items()}
    found = [PersonChoice(one, messages.get(one.pk, ""), load.get(one.pk, 0)) for one in others]
    is_other = {one.pk: one.role != Membership.Role.INTERVIEWER for one in others}
    return sorted(found, key=lambda one: (how_free(against.get(one.member.pk)), is_other[one.member.pk], one.number))


def with_person(details: InterviewDetails, gone: Membership | None, new: Membership) -> InterviewDetails:
    """Return the details with `new` in place of `gone`, or beside everybody where nobody goes."""
    people = [new if gone is not None and one.pk == gone.pk else one for one in details.interviewers]
    return replace(details, interviewers=tuple(people if gone is not None else [*people, new]))


def accepted(found: Collection[Conflict], person: Membership | None) -> dict[str, str]:
    """Return the tokens of conflicts that the interview has anyway, whoever of them: none is about `person`."""
    return {
        one.token: ""
        for one in found
        if one.severity == Severity.OVERRIDABLE and (person is None or one.user != person.user_id)
    }


def told_of_person(interview: Interview, gone: Membership | None, new: Collection[int]) -> int:
    """Return how many messages a change of one person needs: one query at most.

    The candidate gets one, and each interviewer who stays and has no event of it in a calendar. Whoever goes gets one
    if they were invited by mail. One of `new` comes: that is one message, unless all of them have calendars.
    """
    leaving = {gone.pk} if gone is not None else set()
    staying = {one.membership_id for one in interview.assignments.all()} - leaving
    told = mailed(interview.schedule, {*staying, *new}, leaving)
    return 1 + len(told - set(new)) + bool(told & set(new))


def told_of_time(interview: Interview) -> int:
    """Return how many messages another time needs: those of the candidate, and of interviewers without a calendar."""
    return 1 + len(mailed(interview.schedule, {one.membership_id for one in interview.assignments.all()}, set()))


# --- taking back ---------------------------------------------------------------------------------------------------


class NotTakenBack(Exception):
    """The change stays. The text says why."""


def receipt(access: Access, before: InterviewDetails, after: Interview, overridden: Collection[str]) -> str:
    """Return a signed text with which `take_back` restores `before`.

    `overridden` are the tokens of conflicts that the interview had before; `after` is as saved.
    """
    values = {
        "interview": after.pk,
        "member": access.membership.pk,
        "version": version_now(after),
        "at": timezone.now().isoformat(),
        "times": [before.starts_at.isoformat(), before.ends_at.isoformat()],
        "people": [person.pk for person in before.interviewers],
        "overridden": sorted(overridden),
    }
    return signing.dumps(values, salt=_SALT, compress=True)


def take_back(*, access: Access, interview: Interview, signed: str) -> Booked:
    """Give an interview the time and the people back that it had before a change. Raises NotTakenBack.

    Only the member who changed it, only for a while, and only as long as nobody changed it again or was told.
    """
    values = _read(access, interview, signed)
    if Message.objects.filter(schedule=interview.schedule_id, queued_at__gt=values["at"]).exists():
        raise NotTakenBack(_("Not undone: messages were sent since."))
    people = access.all(Membership).select_related("user").filter(pk__in=values["people"])
    starts_at, ends_at = (parse_datetime(at) for at in values["times"])
    if starts_at is None or ends_at is None or len(people) < len(values["people"]):
        raise NotTakenBack(_("Not undone: this changed since."))
    details = replace(details_of(interview), starts_at=starts_at, ends_at=ends_at, interviewers=tuple(people))
    return _booked(access, interview, Booking(details, dict.fromkeys(values["overridden"], "")), values["version"])


def _booked(access: Access, interview: Interview, wanted: Booking, version: str) -> Booked:
    reason = GivenReason(_("Undone"))
    try:
        result = booking.change_interview(
            access=access, interview=interview, booking=wanted, reason=reason, version=version
        )
    except booking.NotBooked as refusal:
        raise NotTakenBack(_("Not undone: this changed since.")) from refusal
    if isinstance(result, Undecided):
        raise NotTakenBack(_("Not undone: somebody else was booked at that time."))
    return result


def _read(access: Access, interview: Interview, signed: str) -> dict[str, Any]:
    try:
        values: dict[str, Any] = signing.loads(signed, salt=_SALT, max_age=TAKEN_BACK_WITHIN)
    except signing.BadSignature as refusal:
        raise NotTakenBack(_("Not undone: too much time has passed.")) from refusal
    if (values["interview"], values["member"]) != (interview.pk, access.membership.pk):
        raise NotTakenBack(_("Not undone: this changed since."))
    return values


def version_now(interview: Interview) -> str:
    """Return the version of an interview as the database has it."""
    return version_of([Interview.objects.prefetch_related("assignments").get(pk=interview.pk)])
