"""Members who only read: they see states, and no way into an interview."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from organizations.models import Membership
from scheduling.join_links.services import renew
from scheduling.models import CodingLink, InterviewerAssignment, JoinLink, Message, Schedule
from tests.conftest import Team
from tests.scheduling.loops import MEETING, connect, make_link, make_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(team: Team) -> Membership:
    return team.add("read_only")


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """One interview tomorrow with a coding link, a join link, and a message that was sent."""
    made = make_loop(team, "Coding")
    interview = made.interviews.get()
    make_link(interview, connect(team), "ready")
    renew(link=JoinLink.objects.create(organization=team.organization, interview=interview, token_hash="0"), actor=None)
    Message.objects.create(
        organization=team.organization,
        schedule=made,
        audience="candidate",
        kind="candidate_invitation",
        state="sent",
        sent_at=timezone.now(),
        to_name="Ada Osei",
        to_email="ada@example.com",
        subject="Your interview",
        text="Join: https://acme.example/join/secret",
        html="Join: https://acme.example/join/secret",
    )
    return made


def texts(client: Client, team: Team, schedule: Schedule) -> dict[str, str]:
    pages = ["", "communications/", "communications/progress/", "join-links/", "history/", "messages/"]
    found = {}
    for page in pages:
        address = team.url(f"schedules/{schedule.pk}/{page}")
        response = client.get(address, headers={"HX-Request": "true"} if page == "messages/" else {})
        assert response.status_code == 200, page
        found[page] = response.content.decode()
    return found


def test_they_see_states_and_no_way_in(team: Team, reader: Membership, schedule: Schedule) -> None:
    pages = texts(team.client(reader), team, schedule)
    link, tokens = CodingLink.objects.get(), [str(row.token) for row in JoinLink.objects.all() if row.token]
    assert tokens
    for name, page in pages.items():
        for address in (str(link.url), MEETING, "/join/", *tokens):
            assert address not in page, (name, address)
    assert "Ready" in pages["communications/"]
    assert "Not used yet" in pages["join-links/"]
    assert "Sent" in pages["messages/"]


def test_recruiters_see_the_ways_in(team: Team, as_recruiter: Client, schedule: Schedule) -> None:
    pages = texts(as_recruiter, team, schedule)
    assert MEETING in pages[""]
    assert CodingLink.objects.get().url in pages["communications/"]
    assert "/join/" in pages["join-links/"]


def test_who_interviews_gets_into_their_own_interview(team: Team, reader: Membership, schedule: Schedule) -> None:
    interview = schedule.interviews.get()
    InterviewerAssignment.objects.create(interview=interview, membership=reader)
    client = team.client(reader)
    assert MEETING in client.get(team.url(f"schedules/{schedule.pk}/")).content.decode()
    JoinLink.objects.create(
        organization=team.organization, interview=interview, membership=reader, token_hash="1", token="their-own"
    )
    assert client.get(team.url(f"interviews/{interview.pk}/join/"))["Location"] == "/join/their-own/"


def test_a_place_that_is_no_address_is_shown(team: Team, as_read_only: Client) -> None:
    schedule = make_loop(team, "Lunch")
    schedule.interviews.update(place="Canteen, 2nd floor", kind="on_site")
    assert "Canteen, 2nd floor" in as_read_only.get(team.url(f"schedules/{schedule.pk}/")).content.decode()


def test_home_says_what_is_wrong_and_offers_nothing(team: Team, as_read_only: Client) -> None:
    schedule = make_loop(team, "Coding")
    make_link(schedule.interviews.get(), connect(team), "failed", problem_code="template_refused")
    page = as_read_only.get(team.url("home/")).content.decode()
    assert "need attention" in page or "needs attention" in page
    assert "Open schedule" not in page and "Open interview" not in page
    assert "?open=" not in page


def test_an_empty_organization_asks_them_for_nothing(team: Team, as_read_only: Client) -> None:
    page = as_read_only.get(team.url("home/")).content.decode()
    assert "Next:" not in page
    assert "Nothing needs your attention." in page
