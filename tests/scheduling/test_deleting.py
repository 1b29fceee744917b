"""Interviews that people were invited to are not deleted silently: they are notified first, or knowingly not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from organizations.models import AuditEvent
from scheduling.messages import delivery as message_delivery
from scheduling.models import Schedule
from scheduling.schedules import services as schedule_services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding")


def delete(client: Client, team: Team, schedule: Schedule, **data: str) -> tuple[int, str]:
    answer = client.post(team.url(f"schedules/{schedule.pk}/delete/"), data, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def dialog(client: Client, team: Team, schedule: Schedule) -> str:
    return client.get(team.url(f"schedules/{schedule.pk}/delete/")).content.decode()


def cancel(schedule: Schedule, team: Team) -> None:
    schedule_services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=GivenReason("Filled"))


def test_what_nobody_was_told_of_goes_at_once(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    propose(schedule, team)
    queue(schedule, team)  # on its way, and not there yet
    assert "Nobody was invited" in dialog(as_recruiter, team, schedule)
    assert delete(as_recruiter, team, schedule)[0] == 200
    assert not Schedule.objects.exists()


def test_what_people_expect_is_cancelled_first(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    link = make_link(schedule.interviews.get(), connect(team), "ready")
    send(schedule, team)
    shown = dialog(as_recruiter, team, schedule)
    assert "2 people expect this schedule" in shown
    assert "Ada Osei" in shown and "Interviewer Acme" in shown
    assert f"schedules/{schedule.pk}/cancel/" in shown and "Delete permanently" not in shown
    status, page = delete(as_recruiter, team, schedule, skip_notification="on")
    assert (status, "2 people expect this schedule" in page) == (422, True)
    link.refresh_from_db()
    assert link.is_live and Schedule.objects.exists()


def test_after_the_cancellations_it_goes(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    send(schedule, team)
    cancel(schedule, team)
    status, page = delete(as_recruiter, team, schedule)
    assert status == 422
    assert "2 people haven't been told about the cancellation" in page
    assert f"schedules/{schedule.pk}/communications/#messages" in page
    send(schedule, team)
    assert "haven't been told" not in dialog(as_recruiter, team, schedule)
    assert delete(as_recruiter, team, schedule)[0] == 200
    assert not Schedule.objects.exists()


def test_where_no_message_gets_through_it_goes_knowingly(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    send(schedule, team)
    cancel(schedule, team)
    assert delete(as_recruiter, team, schedule, skip_notification="on")[0] == 200
    assert AuditEvent.objects.get(action="schedule.deleted").detail["not_notified"] == 2


def test_who_was_taken_out_and_not_told_still_expects_it(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    send(schedule, team)
    schedule.interviews.get().assignments.all().delete()
    assert "Interviewer Acme" in dialog(as_recruiter, team, schedule)


def test_what_is_over_is_expected_by_nobody(team: Team, schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    send(schedule, team)
    assert schedule.messages.filter(state="sent").count() == 2
    later = timezone.now() + timedelta(days=7)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert delete(team.client(team.recruiter), team, schedule)[0] == 200


def test_a_worker_that_comes_too_late_does_nothing(team: Team, schedule: Schedule, mailoutbox: list[object]) -> None:
    propose(schedule, team)
    queued = queue(schedule, team)
    schedule_services.delete_schedule(schedule=schedule, actor=team.recruiter.user)
    for message in queued:
        message_delivery.deliver(message.pk)
    assert mailoutbox == []
