"""Addresses of links from before they named their tool: pages that are open during an upgrade still ask for them."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import CodingLink
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schedules/{schedule}/codesignal/", "schedules/{schedule}/links/codesignal/"),
        (
            "schedules/{schedule}/codesignal/progress/?place=dialog&seen=1.x",
            "schedules/{schedule}/communications/progress/?place=dialog&seen=1.x&tool=codesignal",
        ),
        ("interviews/{interview}/codesignal/history/", "interviews/{interview}/links/history/?tool=codesignal"),
    ],
)
def test_pages_lead_on(team: Team, as_recruiter: Client, old: str, new: str) -> None:
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    make_link(interview, connect(team), "pending")
    ids = {"schedule": schedule.pk, "interview": interview.pk}
    answer = as_recruiter.get(team.url(old.format(**ids)))
    assert (answer.status_code, answer["Location"]) == (308, team.url(new.format(**ids)))
    assert as_recruiter.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("old", ["interviews/{interview}/codesignal/add/", "schedules/{schedule}/codesignal/add/"])
def test_what_is_sent_to_them_arrives(team: Team, as_recruiter: Client, old: str) -> None:
    schedule = make_loop(team, "Coding")
    connect(team)
    interview = schedule.interviews.get().pk
    address = team.url(old.format(schedule=schedule.pk, interview=interview))
    answer = as_recruiter.post(address, {"pick": "", "interview": str(interview)}, follow=True)
    assert answer.status_code == 200
    assert CodingLink.objects.get().interview_id == interview


def test_who_may_not_see_the_page_does_not_see_it_this_way(
    team: Team, as_interviewer: Client, as_outsider: Client
) -> None:
    address = team.url(f"schedules/{make_loop(team, 'Coding').pk}/codesignal/")
    assert as_interviewer.get(address, follow=True).status_code == 403
    assert as_outsider.get(address, follow=True).status_code == 404


def test_a_tool_that_there_is_not_is_not_led_on(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    assert as_recruiter.get(team.url(f"schedules/{schedule.pk}/nothing/")).status_code == 404
    assert as_recruiter.get(team.url(f"schedules/{schedule.pk}/links/nothing/")).status_code == 404
    assert as_recruiter.get(team.url(f"schedules/{schedule.pk}/communications/?open=nothing")).status_code == 200
