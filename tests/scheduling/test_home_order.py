"""The home page's list: by schedule, the most urgent first, with a true count of what is not shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from integrations.models import Integration
from scheduling.models import CodingLink, Interview, Message, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import good_loop, linked_loop, page_of, section, words_of
from tests.scheduling.loops import connect, make_link
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def named(schedule: Schedule, name: str) -> Schedule:
    schedule.candidate.name = name
    schedule.candidate.save()
    return schedule


def without_address(team: Team, name: str, hours_ahead: float) -> Schedule:
    """One that has a single fault."""
    schedule = named(good_loop(team, notified=False, hours_ahead=hours_ahead), name)
    Interview.objects.filter(schedule=schedule).update(kind="phone", place="")
    Interview.objects.filter(schedule=schedule).first().assignments.all().delete()  # type: ignore[union-attr]
    Message.objects.create(
        organization=team.organization, schedule=schedule, audience="candidate", kind="candidate_invitation"
    )
    return schedule


def heads(client: Client, team: Team) -> list[str]:
    """The names of the schedules in the list, in their order."""
    return re.findall(r"<h3.*?<bdi>(.*?)</bdi>", section(page_of(client, team)), re.DOTALL)


def test_a_missing_link_that_is_near_comes_first_then_what_comes_first(team: Team, as_recruiter: Client) -> None:
    integration = connect(team)
    without_address(team, "Later", 72)
    without_address(team, "Soon", 30)
    near = named(linked_loop(team, integration, hours_ahead=20), "Near link")
    far = named(linked_loop(team, integration, hours_ahead=48), "Far link")
    CodingLink.objects.filter(interview__schedule__in=[near, far]).delete()
    assert heads(as_recruiter, team) == ["Near link", "Soon", "Far link", "Later"]


def test_all_that_is_wrong_with_a_schedule_stands_together(team: Team, as_recruiter: Client) -> None:
    schedule = linked_loop(team, connect(team), "Coding", "Pairing")
    CodingLink.objects.filter(interview__name="Pairing").delete()
    schedule.interviews.filter(name="Coding").update(place="")
    page = section(page_of(as_recruiter, team))
    assert page.count("<h3") == 1
    words = text_of(page)
    assert words.startswith("3 things need attention Tomorrow, 18:00 Ada Osei Engineer · Onsite ")
    places = [
        words.index(said) for said in ("without a meeting link", "haven't been told yet", "has no CodeSignal link")
    ]
    assert places == sorted(places)


def test_the_ten_most_urgent_are_shown_and_the_others_counted(team: Team, as_recruiter: Client) -> None:
    for number in range(12):
        without_address(team, f"Person {number:02}", 30 + 2 * number)
    page = page_of(as_recruiter, team)
    assert heads(as_recruiter, team) == [f"Person {number:02}" for number in range(10)]
    assert "24 things need attention" in text_of(page)
    assert f'href="{team.url("home/")}?attention=all"' in page
    assert "Show 2 more schedules" in text_of(page)
    everything = words_of(as_recruiter, team, "?attention=all")
    assert everything.count("has no interviewer") == 12
    assert "more schedule" not in everything


def test_what_no_page_shows_is_counted(team: Team, as_recruiter: Client) -> None:
    first = without_address(team, "Person", 30)
    rows = [
        Schedule(organization=team.organization, candidate=first.candidate, last_ends_at=first.last_ends_at)
        for _ in range(100)
    ]
    like = {"organization": team.organization, "name": "Talk", "kind": "phone"}
    starts, ends = NOON + timedelta(days=3), NOON + timedelta(days=3, hours=1)
    Interview.objects.bulk_create(
        Interview(schedule=row, starts_at=starts, ends_at=ends, **like) for row in Schedule.objects.bulk_create(rows)
    )
    words = words_of(as_recruiter, team, "?attention=all")
    assert "1 more schedule needs attention. It appears here once others are resolved." in words


@pytest.mark.parametrize("value", ["", "ALL", "²", "9" * 5000, "%00"])
def test_any_other_word_in_the_address_shows_the_first_ones(team: Team, as_recruiter: Client, value: str) -> None:
    without_address(team, "Person", 30)
    assert "“Coding” has no interviewer" in words_of(as_recruiter, team, f"?attention={value}")


def test_a_link_that_was_used_is_no_missing_one(team: Team, as_recruiter: Client) -> None:
    schedule = linked_loop(team, connect(team))
    CodingLink.objects.update(state="finished")
    assert "has no CodeSignal link" not in words_of(as_recruiter, team)
    CodingLink.objects.update(state="cancelled")
    make_link(schedule.interviews.get(), connect_again(), "pending", not_before=NOON)
    assert "CodeSignal link" not in words_of(as_recruiter, team)


def connect_again() -> Integration:
    return CodingLink.objects.get().integration


@pytest.mark.parametrize("hours_ahead", [30, 335.5])
@pytest.mark.parametrize("states", [[], ["cancelled"], ["cancelling"], ["finished", "cancelled"], ["failed"]])
def test_home_and_the_schedule_agree_on_what_is_missing(
    team: Team, as_recruiter: Client, states: list[str], hours_ahead: float
) -> None:
    """Also where a link can't be made yet: a link lives for 336 hours and has to outlive its interview by one."""
    integration = connect(team)
    schedule = linked_loop(team, integration, hours_ahead=hours_ahead)
    CodingLink.objects.all().delete()
    for state in states:
        make_link(schedule.interviews.get(), integration, state)
    is_missing = states not in (["finished", "cancelled"], ["failed"])
    page = text_of(as_recruiter.get(team.url(f"schedules/{schedule.pk}/communications/")).content.decode())
    assert ("“Coding” has no CodeSignal link" in words_of(as_recruiter, team)) == is_missing
    assert ("The interview plan asks for a coding link." in page) == is_missing


def test_without_a_connection_the_way_leads_to_connecting(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    integration = connect(team)
    linked_loop(team, integration, hours_ahead=1)
    CodingLink.objects.all().delete()
    integration.delete()
    page = section(page_of(as_admin, team))
    assert f'href="{team.url("settings/integrations/")}">Connect CodeSignal</a>' in page
    assert "“Coding” has no CodeSignal link" in text_of(page)
    assert "Connect CodeSignal" not in words_of(as_recruiter, team)


def test_names_from_the_right_keep_their_place(team: Team, as_recruiter: Client) -> None:
    schedule = named(good_loop(team, "שיחה"), "محمد")
    schedule.interviews.update(place="")
    page = section(page_of(as_recruiter, team))
    assert "<bdi>محمد</bdi>" in page
    assert "“\u2068שיחה\u2069” is a video call without a meeting link" in page
