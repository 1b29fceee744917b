"""`manage.py demo_data`: create Acme Corp, the demo organization, unless it exists. Calls no vendor, sends no mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from integrations.calendar_registry import CALENDARS
from integrations.registry import TOOLS
from jobs.models import InterviewKind, InterviewPlan, Job, PlanInterview, Stage
from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import AuditEvent, DayOff, Membership, Organization, User
from scheduling.demo import calendars, content
from scheduling.join_links import services as join_link_services
from scheduling.models import Candidate, Interview, InterviewerAssignment, Room, Schedule

Times = dict[str, list[tuple[datetime, datetime]]]

MADE = "demo.made"
ZONE = ZoneInfo(content.TIME_ZONE)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


def is_demo() -> bool:
    """Whether this database was filled by this command."""
    return AuditEvent.objects.filter(action=MADE).exists()


def working_day(start: date, distance: int) -> date:
    """The day `distance` working days after `start`, or before it when negative; never a weekend."""
    day = start
    step = timedelta(days=1 if distance >= 0 else -1)
    while day.isoweekday() > 5:
        day += step
    for _ in range(abs(distance)):
        day += step
        while day.isoweekday() > 5:
            day += step
    return day


@dataclass
class BusyInterviewers:
    """The busy times of each interviewer, so that the demo books nobody twice.

    `calendars`: those of their calendars, by address, at which it books only where nobody else is left.
    """

    members: list[Membership]
    calendars: Times = field(default_factory=dict)
    busy: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def book(self, count: int, starts: datetime, ends: datetime) -> list[Membership]:
        """Book `count` free people: first those at work, then those with the fewest interviews."""

        def order(member: Membership) -> tuple[bool, bool, int, int]:
            is_away = not at_work(member, starts, ends)
            is_busy = _overlap(self.calendars.get(member.user.email, []), starts, ends)
            return is_away or is_busy, is_away, len(self.busy.get(member.pk, [])), member.pk

        free = [member for member in self.members if not _overlap(self.busy.get(member.pk, []), starts, ends)]
        chosen = sorted(free, key=order)[:count]
        for member in chosen:
            self.busy.setdefault(member.pk, []).append((starts, ends))
        return chosen


@dataclass
class Meeting:
    """How people meet: by `video`, a kind of `integrations.meetings`, or else at a typed address; on site in `rooms`.

    `taken`: the times at which rooms are not free, by address.
    """

    video: str = ""
    rooms: list[Room] = field(default_factory=list)
    taken: Times = field(default_factory=dict)

    def of(self, planned: PlanInterview, starts: datetime, ends: datetime) -> dict[str, Any]:
        """The columns of an interview that say where it is. One that is over has no call any more."""
        if planned.needs_room:
            free = (room for room in self.rooms if not _overlap(self.taken.get(room.external_id, []), starts, ends))
            return {"room": next(free, None)}
        if planned.kind != InterviewKind.VIDEO:
            return {}
        if planned.meeting and ends > timezone.now():
            return {"meeting": planned.meeting}
        return {"place": content.MEETING.format(number=1000 + planned.pk)}


def _overlap(times: list[tuple[datetime, datetime]], starts: datetime, ends: datetime) -> bool:
    return any(begin < ends and starts < end for begin, end in times)


def at_work(member: Membership, starts: datetime, ends: datetime) -> bool:
    zone = ZoneInfo(member.user.time_zone)
    first, last = starts.astimezone(zone), ends.astimezone(zone)
    same_day = first.date() == last.date() and str(first.isoweekday()) in member.work_days
    return same_day and member.work_from <= first.time() and last.time() <= member.work_until


def soon(now: datetime, people: Sequence[Membership], taken: Times) -> tuple[Membership, datetime]:
    """Choose one of `people`, and a full quarter within the hour at which they have an hour's time. The first ones win.

    At least a quarter of an hour is left to sign in and look around.
    """
    first = now.replace(minute=0, second=0, microsecond=0)
    quarters = [at for number in range(9) if now + QUARTER <= (at := first + number * QUARTER) <= now + HOUR]
    ways = ((one, at) for one in people for at in quarters)
    free = (way for way in ways if not _overlap(taken.get(way[0].user.email, []), way[1], way[1] + HOUR))
    return next(free, (people[0], quarters[0]))


def make_soon(
    candidate: Candidate, stage: Stage, now: datetime, members: Sequence[Membership], taken: Times, meeting: Meeting
) -> None:
    """Schedule an interview that begins within the hour, with somebody who signs in. It asks for a coding link."""
    host, starts = soon(now, [member for member in members if member.user.has_usable_password()], taken)
    schedule = make_schedule(candidate, stage, starts, BusyInterviewers([host]), meeting, host.user)
    tool = next((kind for kind, entry in TOOLS.items() if entry.trial_key()), None)
    schedule.interviews.update(link_tool=tool)


@transaction.atomic
def keep_one_soon(now: datetime) -> None:
    """Schedule one more such interview in a demo that was made earlier, unless somebody who signs in has one soon."""
    made = AuditEvent.objects.filter(action=MADE).select_related("organization").order_by("pk").first()
    signed_in = [person.email for person in content.PEOPLE if person.signs_in]
    people = Membership.objects.filter(user__email__in=signed_in).select_related("user").order_by("pk")
    members = [one for one in people if made is not None and one.organization_id == made.organization_id]
    theirs = InterviewerAssignment.objects.filter(
        membership__in=members, interview__state=Interview.State.SCHEDULED, interview__ends_at__gt=now
    )
    columns = ("membership__user__email", "interview__starts_at", "interview__ends_at")
    coming = list(theirs.order_by("pk").values_list(*columns))
    candidate = _idle_candidate(members[0].organization_id, now) if members else None
    if candidate is None or candidate.stage is None or any(starts <= now + HOUR for _whose, starts, _ends in coming):
        return
    taken = calendar_times(signed_in, now.date()) if settings.DEMO_CALENDARS and calendars.stand_in_kind() else {}
    for email, starts, ends in coming:
        taken.setdefault(email, []).append((starts, ends))
    make_soon(candidate, candidate.stage, now, members, taken, Meeting())
    after_commit("scheduling.follow_calendars", candidate.organization_id)


def _idle_candidate(organization: int, now: datetime) -> Candidate | None:
    """Return a candidate at the stage of today's interview who has nothing to come; None where each of them has."""
    coming = Schedule.objects.filter(candidate=OuterRef("pk"), last_ends_at__gt=now)
    stages = [(title, step) for _name, title, step, distance, _hour in content.SCHEDULES if distance == 0]
    rows = Candidate.objects.filter(~Exists(coming), organization=organization, job__title__in=dict(stages))
    rows = rows.filter(stage__name__in=dict(stages).values(), stage__plan__isnull=False, erase_asked_at=None)
    rows = rows.annotate(earlier=Count("schedules")).order_by("earlier", "pk")
    return rows.select_related("stage__plan", "organization").first()


def make_people(organization: Organization) -> list[Membership]:
    """Three people who can sign in, with the password `demo`, and interviewers who can't."""
    password = make_password(content.PASSWORD)
    members = []
    for person in content.PEOPLE:
        user = User.objects.create(
            email=person.email,
            name=person.name,
            time_zone=person.zone,
            password=password if person.signs_in else make_password(None),
            is_staff=person.role == "admin",
            is_superuser=person.role == "admin",
        )
        members.append(Membership.objects.create(organization=organization, user=user, role=person.role))
    return members


def make_jobs(organization: Organization, meeting: Meeting) -> dict[tuple[str, str], Stage]:
    """The stages by job title and stage name, each with its plan, which says how people meet."""
    stages = {}
    for title, location, steps in content.JOBS:
        job = Job.objects.create(organization=organization, title=title, location=location)
        for position, (name, interviews) in enumerate(steps):
            stage = Stage.objects.create(organization=organization, job=job, name=name, position=position)
            plan = InterviewPlan.objects.create(organization=organization, stage=stage)
            PlanInterview.objects.bulk_create(
                planned_interview(plan, order, interview, meeting) for order, interview in enumerate(interviews)
            )
            stages[title, name] = stage
    return stages


def planned_interview(
    plan: InterviewPlan, order: int, interview: content.DemoInterview, meeting: Meeting
) -> PlanInterview:
    in_room = interview.in_room and bool(meeting.rooms)
    kind = InterviewKind.ON_SITE if in_room else interview.kind
    return PlanInterview(
        organization=plan.organization,
        plan=plan,
        position=order,
        name=interview.name,
        minutes=interview.minutes,
        interviewer_count=interview.interviewers,
        kind=kind,
        meeting=meeting.video if kind == InterviewKind.VIDEO else "",
        needs_room=in_room,
    )


def make_candidates(organization: Organization, stages: dict[tuple[str, str], Stage]) -> dict[str, Candidate]:
    made = {}
    for name, email, phone, zone, title, step in content.CANDIDATES:
        stage = stages[title, step]
        made[name] = Candidate.objects.create(
            organization=organization, name=name, email=email, phone=phone, time_zone=zone, job=stage.job, stage=stage
        )
    return made


def make_schedule(
    candidate: Candidate,
    stage: Stage,
    starts: datetime,
    interviewers: BusyInterviewers,
    meeting: Meeting,
    creator: User,
) -> Schedule:
    """The stage's plan from a moment on, one interview after the other with a quarter of an hour between them."""
    organization = candidate.organization
    schedule = Schedule.objects.create(
        organization=organization,
        candidate=candidate,
        job=stage.job,
        stage=stage,
        time_zone=candidate.time_zone,
        created_by=creator,
    )
    schedule.first_starts_at = starts
    for planned in stage.plan.interviews.order_by("position", "id"):
        ends = starts + timedelta(minutes=planned.minutes)
        interview = Interview.objects.create(
            organization=organization,
            schedule=schedule,
            plan_interview=planned,
            position=planned.position,
            name=planned.name,
            kind=planned.kind,
            starts_at=starts,
            ends_at=ends,
            **meeting.of(planned, starts, ends),
        )
        for member in interviewers.book(planned.interviewer_count, starts, ends):
            InterviewerAssignment.objects.create(interview=interview, membership=member)
        schedule.last_ends_at = ends
        starts = ends + timedelta(minutes=15)
    schedule.save()
    join_link_services.make_missing(schedule.pk)
    return schedule


def calendar_times(addresses: Iterable[str], today: date) -> Times:
    """The times of the coming two months at which members and rooms are busy in their calendars."""
    starts = datetime.combine(today, time(0), UTC)
    return calendars.stand_in_times(addresses, starts, starts + timedelta(weeks=8))


def connect_calendars(organization: Organization, members: list[Membership], today: date) -> tuple[Times, Meeting]:
    """Connect everybody's calendars and rooms, where this installation has a stand-in for them.

    Return the times at which people and rooms are not free, and how people meet.
    """
    admin = next(member.user for member in members if member.user.is_superuser)
    connection = calendars.connect_stand_in(organization, admin)
    if connection is None:
        return {}, Meeting()
    rooms = calendars.make_rooms(connection)
    taken = calendar_times([*(member.user.email for member in members), *(room.external_id for room in rooms)], today)
    return taken, Meeting(CALENDARS[connection.kind].info.meeting.value, rooms, taken)


@transaction.atomic
def make_demo(*, today: date, with_calendars: bool = False, now: datetime | None = None) -> Organization:
    """Create the demo, and the audit row by which `is_demo` recognizes it.

    `with_calendars`: its people's calendars are connected, where this installation has a stand-in for them. `now`: one
    of its interviews begins within the hour, so that there is something to join at any time of day.
    """
    organization = Organization.objects.create(
        name="Acme Corp", slug="acme", time_zone=content.TIME_ZONE, sender_name="Acme Corp Recruiting"
    )
    members = make_people(organization)
    taken, meeting = connect_calendars(organization, members, today) if with_calendars else ({}, Meeting())
    interviewers = BusyInterviewers(
        [member for member in members if member.role == Membership.Role.INTERVIEWER], calendars=taken
    )
    stages = make_jobs(organization, meeting)
    candidates = make_candidates(organization, stages)
    recruiter = next(member.user for member in members if member.role == Membership.Role.RECRUITER)
    for name, title, step, distance, hour in content.SCHEDULES:
        candidate, stage = candidates[name], stages[title, step]
        if now is not None and distance == 0:
            make_soon(candidate, stage, now, members, taken, meeting)
            continue
        starts = datetime.combine(working_day(today, distance), time(hour), ZONE).astimezone(UTC)
        make_schedule(candidate, stage, starts, interviewers, meeting, recruiter)
    DayOff.objects.create(membership=interviewers.members[-1], day=working_day(today, 5), note="Holiday")
    record(
        organization=organization,
        actor=None,
        action=MADE,
        subject=organization,
    )
    return organization


class Command(BaseCommand):
    help = "Creates the demo organization, unless it exists."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_demo():
            now = timezone.now()
            make_demo(today=now.astimezone(ZONE).date(), with_calendars=settings.DEMO_CALENDARS, now=now)
        else:
            keep_one_soon(timezone.now())
