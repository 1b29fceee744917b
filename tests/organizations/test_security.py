"""The "Security" page: who changed members, keys, plans and templates, for whoever may know."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from organizations import members
from organizations.audit import record
from organizations.models import Membership
from tests.conftest import Team

pytestmark = pytest.mark.django_db

HERE = "settings/security/"


def page(client: Client, team: Team, **search: str) -> str:
    response = client.get(team.url(HERE), search)
    assert response.status_code == 200
    return unescape(response.content.decode())


def note(team: Team, action: str, summary: str) -> None:
    record(
        organization=team.organization, actor=team.admin.user, action=action, subject=team.organization, summary=summary
    )


def test_a_changed_role_stands_there_with_its_author(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    for client in (as_admin, as_recruiter):
        text = page(client, team)
        assert "Changed the role of Interviewer Acme from Interviewer to Recruiter" in text
        assert "Admin Acme" in text


def test_an_interviewer_may_not_and_an_outsider_finds_nothing(
    team: Team, as_interviewer: Client, as_outsider: Client, client: Client
) -> None:
    assert as_interviewer.get(team.url(HERE)).status_code == 403
    assert as_outsider.get(team.url(HERE)).status_code == 404
    assert client.get(team.url(HERE)).status_code == 302


def test_only_this_organizations_trail_is_there(team: Team, other_team: Team, as_admin: Client) -> None:
    note(team, "integration.connected", "Connected ours")
    note(other_team, "integration.connected", "Connected theirs")
    text = page(as_admin, team)
    assert "Connected ours" in text
    assert "Connected theirs" not in text


def test_what_happens_to_schedules_stands_on_their_own_history(team: Team, as_admin: Client) -> None:
    note(team, "schedule.created", "Scheduled 3 interviews")
    assert "Scheduled 3 interviews" not in page(as_admin, team)


@pytest.mark.parametrize(
    ("about", "action"),
    [
        ("people", "member.joined"),
        ("people", "organization.changed"),
        ("integrations", "integration.key_replaced"),
        ("jobs", "plan_interview.moved"),
        ("texts", "messagetemplate.changed"),
    ],
)
def test_narrowed_to_a_subject(team: Team, as_admin: Client, about: str, action: str) -> None:
    note(team, action, "The one")
    for choice in ("people", "integrations", "jobs", "texts"):
        assert ("The one" in page(as_admin, team, about=choice)) == (choice == about)
    assert "The one" in page(as_admin, team, about="nonsense")


def test_searched_by_what_and_by_whom(team: Team, as_admin: Client) -> None:
    note(team, "job.created", "Added the job Cook")
    assert "Added the job Cook" in page(as_admin, team, q="cook")
    assert "Added the job Cook" in page(as_admin, team, q="admin acme")
    text = page(as_admin, team, q="baker")
    assert "Added the job Cook" not in text
    assert "No changes match" in text


@pytest.mark.parametrize("words", ["elodie", "ÉLODIE", "Élodie", "oneill élodie", "elodie admin", "straße", "STRASSE"])
def test_searched_as_people_write(team: Team, as_admin: Client, words: str) -> None:
    """Without accents and case, in any order, on every database; words of the summary and of the name together."""
    note(team, "member.joined", "Élodie O’Neill joined from Straße")
    note(team, "member.joined", "Zoë joined")
    assert "Élodie O’Neill joined" in page(as_admin, team, q=words)
    assert "Zoë joined" not in page(as_admin, team, q=words)


def test_a_search_asks_no_more_queries(
    team: Team, as_admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    note(team, "member.joined", "Élodie joined")
    page(as_admin, team)
    with CaptureQueriesContext(connection) as without:
        page(as_admin, team)
    with django_assert_num_queries(len(without)):
        assert "Élodie joined" in page(as_admin, team, q="elodie")


def test_the_whole_summary_is_searched(team: Team, as_admin: Client) -> None:
    note(team, "job.created", f"{'a ' * 140}needle")
    assert "needle" in page(as_admin, team, q="needle").partition("needle")[2]


def test_newest_first_or_oldest_first_in_pages_of_fifty(team: Team, as_admin: Client) -> None:
    for number in range(51):
        note(team, "job.created", f"Added job {number:02}.")
    first = page(as_admin, team)
    assert first.index("Added job 50.") < first.index("Added job 01.")
    assert "Added job 00." not in first
    assert "Added job 00." in page(as_admin, team, page="2")
    assert "Added job 50." not in page(as_admin, team, order="oldest")


def test_without_anything_it_says_what_comes_next(team: Team, as_admin: Client) -> None:
    assert "No changes yet" in page(as_admin, team)
