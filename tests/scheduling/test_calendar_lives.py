"""Random lives of events while calendars change under them: each ends in one right event, or a person is told.

Each seed gives the same life every time. A longer search: `LIVES_SEED=1000 LIVES_SEEDS=500 pytest` of this file.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from integrations.base import CredentialsRejected, Refused, Retryable, ToolError
from integrations.calendar_connections import disconnect
from integrations.calendars import Answer, Occurrence
from integrations.hooks.calendars import announce
from integrations.models import CalendarConnection
from organizations.models import Membership
from scheduling import tasks
from scheduling.availability import connected_calendars, snapshots
from scheduling.calendar_events import left
from scheduling.models import CalendarEvent, EventState, Interview, MemberCalendar, Schedule
from scheduling.schedules import services
from scheduling.schedules.interviews import InterviewDetails, details_of, edit_interview
from tests.conftest import Team
from tests.scheduling.calendars import Crash, Vendor, connect_calendars, entry
from tests.scheduling.test_calendar_events import HOUR, NO_REASON, later, move, scheduled
from tests.thorough import mostly

pytestmark = pytest.mark.django_db

FIRST = int(os.environ.get("LIVES_SEED", "1"))
SEEDS = int(os.environ.get("LIVES_SEEDS", "40"))
ALWAYS = 4
STEPS = 40
FAULTS: list[Callable[[], ToolError]] = [
    lambda: Retryable("server_error"),
    lambda: Retryable("rate_limited", retry_after=1, rate_limited=True),
    lambda: CredentialsRejected("key_rejected"),
    lambda: Refused("read_only"),
]


class Life:
    """Two interviewers with two calendars each, and whatever may happen to their interviews."""

    def __init__(self, team: Team, vendor: Vendor, seed: int) -> None:
        self.team, self.vendor, self.dice = team, vendor, random.Random(seed)
        self.people = [team.interviewer, team.recruiter]
        self.foreign: list[tuple[str, Occurrence]] = []
        for member in self.people:
            connection = connect_calendars(member, for_all=False)
            names = [f"{member.pk}-main", f"{member.pk}-other"]
            found = [{"id": name, "name": name, "owner": "", "is_main": at == 0, "can_write": True}
                     for at, name in enumerate(names)]  # fmt: skip
            CalendarConnection.objects.filter(pk=connection.pk).update(found=found)
            announce("connected", CalendarConnection.objects.select_related("membership").get(pk=connection.pk))
            for name in names:
                self.foreign.append((name, entry(timezone.now() + timedelta(days=1))))
                vendor.book(name).put(self.foreign[-1][1])

    # --- what people do here --------------------------------------------------------------------------------------

    def plan(self) -> None:
        if Schedule.objects.count() < 3:
            scheduled(self.team, self.dice.choice(self.people))

    def move(self) -> None:
        if interview := self._interview():
            move(interview, self.team, self.dice.choice([-1, 1, 2]) * HOUR)

    def swap(self) -> None:
        if interview := self._interview():
            people = tuple(self.dice.sample(self.people, self.dice.choice([1, 2])))
            details = InterviewDetails(**{**vars(details_of(interview)), "interviewers": people})
            edit_interview(interview=interview, details=details, actor=self.team.recruiter.user, reason=NO_REASON)

    def cancel(self) -> None:
        if interview := self._interview():
            services.cancel_schedule(schedule=interview.schedule, actor=self.team.recruiter.user, reason=NO_REASON)

    def delete(self) -> None:
        for schedule in Schedule.objects.filter(state=Schedule.State.CANCELLED).order_by("pk")[:1]:
            services.delete_schedule(schedule=schedule, actor=self.team.recruiter.user, skip_notification=True)

    def _interview(self) -> Interview | None:
        rows = list(Interview.objects.filter(state=Interview.State.SCHEDULED).order_by("pk"))
        return self.dice.choice(rows) if rows else None

    # --- what owners do with their calendars ----------------------------------------------------------------------

    def choose(self) -> None:
        member = self.dice.choice(self.people)
        rows = list(MemberCalendar.objects.filter(membership=member).order_by("pk").values_list("pk", flat=True))
        written = self.dice.choice([*rows, None])
        connected_calendars.choose(membership=member, read=rows, written=written, actor=member.user)

    def disconnect_one(self) -> None:
        connection = self._connection()
        if connection.is_connected:
            disconnect(connection=connection, actor=self.team.admin.user)

    def connect_all(self) -> None:
        for connection in CalendarConnection.objects.select_related("membership").exclude(state="connected"):
            was_paused, member = connection.state == "paused", connection.membership
            assert member is not None
            names = [f"{member.pk}-main", f"{member.pk}-other"]
            found = [{"id": name, "name": name, "owner": "", "is_main": at == 0, "can_write": True}
                     for at, name in enumerate(names)]  # fmt: skip
            CalendarConnection.objects.filter(pk=connection.pk).update(
                state="connected", credentials='{"secret": "s"}', found=found, revoke_until=None
            )
            connection.refresh_from_db()
            announce("resumed" if was_paused else "connected", connection)

    def change_by_hand(self) -> None:
        ours = [(name, one) for name in self.vendor.books for one in self._ours(name)]
        if not ours:
            return
        name, one = self.dice.choice(ours)
        what = self.dice.choice(["move", "decline", "delete"])
        if what == "delete":
            self.vendor.book(name).remove(one.id)
        elif what == "decline":
            self.vendor.book(name).put(replace(one, answer=Answer.DECLINED))
        else:
            self.vendor.book(name).put(replace(one, starts_at=one.starts_at + HOUR, ends_at=one.ends_at + HOUR))

    def _connection(self) -> CalendarConnection:
        return self.dice.choice(list(CalendarConnection.objects.order_by("pk")))

    def _ours(self, name: str) -> list[Occurrence]:
        return [one for one in self.vendor.book(name).occurrences.values() if one.our_id]

    # --- workers ---------------------------------------------------------------------------------------------------

    def work(self) -> None:
        later()
        for pk in CalendarEvent.objects.filter(next_attempt_at__lte=timezone.now()).values_list("pk", flat=True):
            try:
                tasks.write_calendar_event(pk)
            except Crash:
                continue

    def work_in_trouble(self) -> None:
        if self.dice.random() < 0.5:
            self.vendor.faults.append(self.dice.choice(FAULTS)())
        else:
            self.vendor.fates.append(self.dice.choice(["lost", "crash", "late"]))
        if self.dice.random() < 0.3:
            self.vendor.during = self._once(self.dice.choice([self.move, self.cancel, self.swap, self.choose]))
        self.work()
        self.vendor.faults.clear()
        self.vendor.fates.clear()
        self.vendor.during = None

    def _once(self, act: Callable[[], None]) -> Callable[[], None]:
        def during() -> None:
            self.vendor.during = None
            act()

        return during

    def die(self) -> None:
        """A worker has claimed a row, and calls nobody any more."""
        waiting = CalendarEvent.objects.filter(next_attempt_at__isnull=False, claim="").order_by("pk")[:1]
        claimed = {"claim": "dead", "claimed_at": timezone.now(), "next_attempt_at": timezone.now() + HOUR}
        CalendarEvent.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(**claimed)

    def land(self) -> None:
        """Changes that were late arrive at the vendor."""
        while self.vendor.late:
            self.vendor.late.pop(0)()

    def read(self) -> None:
        for pk in MemberCalendar.objects.filter(is_read=True).order_by("pk").values_list("pk", flat=True):
            snapshots.mark_due([pk])
            snapshots.read(pk)
        for pk in CalendarEvent.objects.filter(check_at__isnull=False).order_by("pk").values_list("pk", flat=True):
            tasks.check_calendar_event(pk)

    def follow(self) -> None:
        tasks.follow_calendars(self.team.organization.pk)

    # --- the end ---------------------------------------------------------------------------------------------------

    def live(self) -> None:
        steps = [
            *[self.plan, self.move, self.swap, self.cancel, self.delete, self.choose, self.change_by_hand] * 2,
            *[self.work, self.work_in_trouble] * 4,
            *[self.disconnect_one, self.connect_all, self.die, self.land, self.read, self.follow],
        ]
        self.plan()
        for _step in range(STEPS):
            self.dice.choice(steps)()
            self.check_foreign()

    def end(self) -> None:
        """End all trouble, and let time pass."""
        self.land()
        self.connect_all()
        for _round in range(6):
            CalendarEvent.objects.update(sent_at=F("sent_at") - HOUR)
            MemberCalendar.objects.update(sync_token="")
            self.follow()
            self.work()
            self.read()
        self.check_foreign()

    def check_foreign(self) -> None:
        for name, one in self.foreign:
            assert self.vendor.book(name).occurrences[one.id] == one

    def check_events(self) -> None:
        wanted = {}
        for interview in Interview.objects.filter(state=Interview.State.SCHEDULED).order_by("pk"):
            for member in interview.interviewers.order_by("pk"):
                if row := MemberCalendar.objects.filter(membership=member, is_written=True).first():
                    wanted[interview.pk, member.pk] = row.external_id
                    self.check_event(interview, member, row)
        there = sorted((name, one.our_id) for name in self.vendor.books for one in self._ours(name))
        right = {(event.calendar_external_id, event.our_id) for event in self._events(wanted)}
        said = {(one.calendar_external_id, one.our_id) for one in left.waiting(CalendarEvent.objects.all())}
        assert set(there) <= right | said, "an event is left in a calendar, and nobody is told"

    def _events(self, wanted: dict[tuple[int, int], str]) -> list[CalendarEvent]:
        rows = CalendarEvent.objects.filter(state__in=[EventState.READY, EventState.FAILED]).order_by("pk")
        return [row for row in rows if (row.interview_id, row.membership_id) in wanted]

    def check_event(self, interview: Interview, member: Membership, calendar: MemberCalendar) -> None:
        [event] = CalendarEvent.objects.filter(interview=interview, membership=member).exclude(state="cancelled")
        if event.state == EventState.FAILED:
            assert event.problem_code, "it hangs without a word"
            return
        assert event.state == EventState.READY, f"{event.get_state_display()} at the end"
        assert event.calendar_external_id == calendar.external_id
        found = self.vendor.book(calendar.external_id).occurrences.get(event.our_id)
        if found is None:
            assert event.deleted_at is not None, "its owner deleted it, and nobody is told"
            return
        expected: datetime = event.moved_starts_at or interview.starts_at
        assert found.starts_at == expected, "its time differs, and nobody is told"
        assert event.answer == found.answer
        assert event.deleted_at is None


@pytest.mark.parametrize("seed", mostly(range(FIRST, FIRST + SEEDS), ALWAYS))
def test_each_life_ends_in_one_right_event_or_a_word(team: Team, calendar_vendor: Vendor, seed: int) -> None:
    life = Life(team, calendar_vendor, seed)
    life.live()
    life.end()
    life.check_events()
