"""The tab "History": the trail of a schedule, its interviews and their links, newest first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations import audit
from organizations.models import AuditEvent
from scheduling.models import LinkEvent
from scheduling.planning.default_times import Length, PlanZones, propose
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db


def test_the_trail_and_the_links_moves_are_one_list(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    other = make_loop(team, "Elsewhere")
    interview = schedule.interviews.get()
    link = make_link(interview, connect(team), "ready")
    start = datetime(2027, 1, 1, tzinfo=UTC)
    for number, (subject, words) in enumerate([(schedule, "First"), (interview, "Third"), (other, "Not here")]):
        AuditEvent.objects.create(
            organization=team.organization,
            actor=team.recruiter.user,
            action="interview.moved",
            subject_type=subject._meta.model_name or "",
            subject_id=subject.pk,
            detail={"from": "nonsense", "changes": {"strange": 1}},
            texts={"interview": words},
            created_at=start + timedelta(hours=2 * number),
        )
    LinkEvent.objects.create(
        link=link,
        from_state="creating",
        to_state="ready",
        code="made",
        params={"text": "Second"},
        at=start + timedelta(hours=1),
    )
    page = as_recruiter.get(team.url(f"schedules/{schedule.pk}/history/")).content.decode()
    assert page.index("Third") < page.index("Second") < page.index("First")
    assert "Not here" not in page
    assert "Coding link of “Coding”: Created in CodeSignal." in page
    assert "Recruiter Acme" in page


def test_what_happened_at_once_is_one_line(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Design")
    integration, start = connect(team), datetime(2027, 1, 1, tzinfo=UTC)

    def sent(at: datetime, person: int) -> None:
        AuditEvent.objects.create(
            organization=team.organization,
            actor=team.recruiter.user,
            action="message.sent",
            subject_type="schedule",
            subject_id=schedule.pk,
            person_type="candidate",
            person_id=person,
            created_at=at,
        )

    sent(start, 1)
    for number in range(3):
        sent(start + timedelta(hours=1, seconds=number), number)
    for interview in schedule.interviews.order_by("pk"):
        link = make_link(interview, integration, "ready")
        for second, (code, state) in enumerate([("sent", "creating"), ("made", "ready")]):
            at = start + timedelta(hours=2, seconds=second)
            LinkEvent.objects.create(link=link, from_state="", to_state=state, code=code, at=at)
    page = as_recruiter.get(team.url(f"schedules/{schedule.pk}/history/")).content.decode()
    heads = [
        re.sub(r"<[^>]+>", "", head) for head in re.findall(r'<span class="fw-bold[^"]*">(.*?)</span>', page, re.S)
    ]
    assert heads == ["Coding links of 2 interviews", "Sent 3 messages", heads[2]]
    assert heads[2].startswith("Sent: ")
    assert re.findall(r"(\d+) entr", page) == ["4", "3"]
    assert "Coding link of “Design”: Created in CodeSignal." in page


def test_it_is_paged_and_costs_the_same(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    link = make_link(schedule.interviews.get(), connect(team), "ready")

    def add(count: int) -> None:
        for number in range(count):
            audit.record(
                organization=team.organization,
                actor=team.recruiter.user,
                action="message.sent",
                subject=schedule,
                person=audit.Person("candidate", schedule.candidate_id + number),
            )
            LinkEvent.objects.create(link=link, from_state="", to_state="ready", code="x")

    add(1)
    address = team.url(f"schedules/{schedule.pk}/history/")
    with CaptureQueriesContext(connection) as few:
        as_recruiter.get(address)
    add(40)
    with CaptureQueriesContext(connection) as many:
        page = as_recruiter.get(address).content.decode()
    assert "1 to 50 of 82" in page
    assert "51 to 82 of 82" in as_recruiter.get(address + "?page=2").content.decode()
    assert len(many) == len(few) <= 12


def test_proposed_times_fill_working_days() -> None:
    friday = datetime(2027, 2, 26, 12, tzinfo=UTC)
    proposed = propose([Length(minutes) for minutes in (60, 60, 240, 600, 30)], PlanZones("Europe/Berlin"), friday)
    assert [f"{at.astimezone(ZoneInfo('Europe/Berlin')):%a %H:%M}" for at in proposed] == [
        "Mon 10:00",
        "Mon 11:15",
        "Mon 12:30",
        "Tue 10:00",
        "Wed 10:00",
    ]
