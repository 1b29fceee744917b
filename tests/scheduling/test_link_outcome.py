"""A link's outcome on "Details": how far it is, the feedback, its readers, and the way to a join link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import Membership, User
from scheduling.join_links import services as join_links
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db

NINE = datetime(2027, 3, 1, 9, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, tzinfo=UTC)
SAID: dict[str, Any] = {
    "author": "Grace <Hopper>",
    "notes": "Clear from the start.\n<script>alert(1)</script>" + "wide" * 200,
    "evaluation": "strong_yes",
    "recommended_level": "Senior",
    "categories": [
        {
            "name": "Problem solving",
            "attributes": [
                {"name": "Decomposition", "score": 4.0, "notes": "Took it apart well."},
                {"name": "Testing", "score": 3.5, "notes": ""},
                {"name": "Left open", "score": None, "notes": ""},
            ],
        },
        {"name": "Nothing in it", "attributes": []},
    ],
}


@pytest.fixture
def loop(team: Team) -> Schedule:
    User.objects.update(time_zone="UTC")
    return make_loop(team, "Coding", "Culture")


def interview(loop: Schedule, name: str = "Coding") -> Interview:
    return loop.interviews.get(name=name)


def page(team: Team, member: Membership, loop: Schedule) -> str:
    response = team.client(member).get(team.url(f"schedules/{loop.pk}/"))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("state", "times", "words"),
    [
        ("ready", {}, ["Not started"]),
        ("active", {"started_at": NINE}, ["In progress", "Started Mon 1 Mar 2027, 09:00"]),
        ("finished", {"started_at": NINE, "finished_at": TEN}, ["Finished", "Finished Mon 1 Mar 2027, 10:00"]),
        ("finished", {}, ["Finished"]),
    ],
)
def test_details_show_how_far_each_interview_is(
    team: Team, loop: Schedule, state: str, times: dict[str, datetime], words: list[str]
) -> None:
    make_link(interview(loop), connect(team), state, **times)
    shown = page(team, team.recruiter, loop)
    for word in words:
        assert word in shown
    others = {"Not started", "In progress", "Finished"} - set(words)
    assert [word for word in others if word in shown] == []


@pytest.mark.parametrize("state", ["pending", "creating", "failed", "cancelled", "expired"])
def test_without_a_link_to_use_nothing_has_begun_or_not(team: Team, loop: Schedule, state: str) -> None:
    make_link(interview(loop), connect(team), state)
    assert "Not started" not in page(team, team.recruiter, loop)


def test_feedback_is_readable_and_escaped(team: Team, loop: Schedule) -> None:
    make_link(interview(loop), connect(team), "finished", feedback=[SAID, {"author": "Nobody", "categories": []}])
    shown = page(team, team.recruiter, loop)
    for words in (
        "Feedback from 1 interviewer",
        "Grace &lt;Hopper&gt;",
        "Strong yes",
        "Recommended level: Senior",
        "Clear from the start.<br>&lt;script&gt;alert(1)",
        "Problem solving",
        "– score 4 ",
        "Took it apart well.",
        "– score 3.5",
    ):
        assert words in shown, words
    for words in ("Nobody", "Left open", "Nothing in it", "<script>alert"):
        assert words not in shown, words


def test_feedback_of_a_link_that_was_replaced_stays(team: Team, loop: Schedule) -> None:
    integration = connect(team)
    make_link(interview(loop), integration, "finished", feedback=[SAID])
    make_link(interview(loop), integration, "ready")
    shown = page(team, team.recruiter, loop)
    assert "Not started" in shown
    assert "Took it apart well." in shown


def test_feedback_is_for_recruiters_admins_and_the_interviews_own_interviewers(team: Team, loop: Schedule) -> None:
    integration = connect(team)
    link = make_link(interview(loop), integration, "finished", feedback=[SAID])
    other = make_link(interview(loop, "Culture"), integration, "ready")
    assert "Took it apart well." in page(team, team.admin, loop)
    InterviewerAssignment.objects.create(interview=interview(loop, "Culture"), membership=team.interviewer)
    shown = page(team, team.interviewer, loop)
    assert "Not started" in shown
    assert "Took it apart well." not in shown
    assert "Finished" not in shown
    CodingLink.objects.filter(pk__in=[link.pk, other.pk]).update(interview=interview(loop, "Culture"))
    assert "Took it apart well." in page(team, team.interviewer, loop)


def test_one_comes_to_ones_own_join_link(team: Team, other_team: Team, loop: Schedule) -> None:
    mine, others = interview(loop), interview(loop, "Culture")
    InterviewerAssignment.objects.create(interview=mine, membership=team.interviewer)
    join_links.make_missing(loop.pk)
    address = team.url(f"interviews/{mine.pk}/join/")
    assert address in page(team, team.interviewer, loop)
    assert address not in page(team, team.recruiter, loop)

    response = team.client(team.interviewer).get(address)
    link = JoinLink.objects.get(interview=mine, membership=team.interviewer)
    assert response["Location"] == f"/join/{link.token}/"
    assert response["Cache-Control"] == "no-store"
    assert team.client(team.interviewer).get(address)["Location"] == f"/join/{link.token}/"
    assert team.client(team.interviewer).get(team.url(f"interviews/{others.pk}/join/")).status_code == 404
    assert team.client(team.recruiter).get(address).status_code == 404
    outsider = other_team.client(other_team.admin)
    assert outsider.get(address).status_code == 404
    assert outsider.get(other_team.url(f"interviews/{mine.pk}/join/")).status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in/")


def test_opening_ones_own_join_link_makes_none(team: Team, loop: Schedule) -> None:
    """Each interviewer has one. Where a row came in beside the product, the page says who can help."""
    InterviewerAssignment.objects.create(interview=interview(loop), membership=team.interviewer)
    client = team.client(team.interviewer)
    answer = client.get(team.url(f"interviews/{interview(loop).pk}/join/"), follow=True)
    assert "You have no join link yet. Ask a recruiter" in answer.content.decode()
    assert JoinLink.objects.count() == 0


def test_who_was_revoked_does_not_renew_it_by_a_click(team: Team, loop: Schedule) -> None:
    InterviewerAssignment.objects.create(interview=interview(loop), membership=team.interviewer)
    link = join_links.join_link(interview=interview(loop), membership=team.interviewer)
    join_links.revoke(link=link, actor=team.recruiter.user)
    client = team.client(team.interviewer)
    address = team.url(f"interviews/{interview(loop).pk}/join/")
    assert client.get(address)["Location"] == f"/join/{link.token}/"
    renewed = join_links.renew(link=link, actor=team.recruiter.user)
    assert client.get(address)["Location"] == f"/join/{renewed.token}/"


def test_details_take_the_same_queries_for_few_and_many(team: Team, as_interviewer: Client) -> None:
    integration = connect(team)

    def count(*names: str) -> int:
        schedule = make_loop(team, *names)
        for one in schedule.interviews.all():
            make_link(one, integration, "finished", feedback=[SAID])
            InterviewerAssignment.objects.create(interview=one, membership=team.interviewer)
        with CaptureQueriesContext(connection) as queries:
            response = as_interviewer.get(team.url(f"schedules/{schedule.pk}/"))
        assert response.content.decode().count("Took it apart well.") == len(names)
        return len(queries)

    few = count("One")
    assert count(*(f"Many {number}" for number in range(12))) == few
    assert few <= 12
