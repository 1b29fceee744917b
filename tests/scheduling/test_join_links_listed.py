"""Recruiters see the join links of a schedule, and renew them."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.join_links import services as join_link_services
from scheduling.models import Interview, InterviewerAssignment, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.test_join import clock, interview, ready  # noqa: F401

pytestmark = pytest.mark.django_db


def test_recruiters_see_state_and_uses(as_recruiter: Client, team: Team, interview: Interview) -> None:  # noqa: F811
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    make_link(interview, connect(team), "ready")
    join_link_services.count_use(join_link_services.join_link(interview=interview))
    html = as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/join-links/")).content.decode()
    assert "Used once" in html
    assert "Interviewer Acme" in html and "Created with the first message" in html


@pytest.mark.parametrize(
    ("state", "cancelled", "shown"),
    [
        ("ready", False, True),
        ("pending", False, True),
        ("finished", False, True),
        ("expired", False, True),
        ("", False, False),
        ("cancelled", False, False),
        ("ready", True, False),
    ],
)
def test_only_interviews_with_a_coding_link_are_listed(
    as_recruiter: Client,
    team: Team,
    interview: Interview,  # noqa: F811
    state: str,
    cancelled: bool,
    shown: bool,
) -> None:
    if state:
        make_link(interview, connect(team), state)
    join_link_services.join_link(interview=interview)
    if cancelled:
        Interview.objects.update(state=Interview.State.CANCELLED)
    html = as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/join-links/")).content.decode()
    assert ("Not used yet" in html, "<tbody>" in html) == (shown, shown)


@pytest.mark.parametrize(("who", "status"), [("as_interviewer", 403), ("as_outsider", 404), ("client", 302)])
def test_join_links_are_the_recruiters(
    request: pytest.FixtureRequest,
    team: Team,
    interview: Interview,  # noqa: F811
    who: str,
    status: int,
) -> None:
    visitor: Client = request.getfixturevalue(who)
    link = join_link_services.join_link(interview=interview)
    base = team.url(f"schedules/{interview.schedule_id}/join-links/")
    assert visitor.get(base).status_code == status
    assert visitor.post(f"{base}{link.pk}/revoke/").status_code == status
    link.refresh_from_db()
    assert link.revoked_at is None


def test_another_organizations_join_link_can_not_be_changed(
    as_recruiter: Client,
    team: Team,
    other_team: Team,
    interview: Interview,  # noqa: F811
) -> None:
    theirs = make_loop(other_team, "Coding").interviews.get()
    link = join_link_services.join_link(interview=theirs)
    base = team.url(f"schedules/{interview.schedule_id}/join-links/{link.pk}/revoke/")
    assert as_recruiter.post(base).status_code == 404
    assert Schedule.objects.count() == 2
