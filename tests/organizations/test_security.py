"""The "Audit log" page: who changed members, keys, plans and templates, for whoever may know."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from organizations import members
from organizations.audit import record
from organizations.models import AuditEvent, Membership, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db

HERE = "settings/security/"


def page(client: Client, team: Team, **search: str) -> str:
    response = client.get(team.url(HERE), search)
    assert response.status_code == 200
    text = unescape(response.content.decode())
    return text[text.index("<main") : text.index("</main>")]


def note(team: Team, job: str, action: str = "job.created") -> None:
    record(
        organization=team.organization,
        actor=team.admin.user,
        action=action,
        subject=team.organization,
        detail={"job": job, "interview": job, "stage": job, "kind": job, "company": job, "tool": "codesignal"},
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
    note(team, "Ours")
    note(other_team, "Theirs")
    text = page(as_admin, team)
    assert "Created the job “Ours”" in text
    assert "Theirs" not in text


@pytest.mark.parametrize(
    ("about", "action"),
    [
        ("integrations", "integration.key_replaced"),
        ("jobs", "plan_interview.moved"),
        ("texts", "messagetemplate.changed"),
    ],
)
def test_narrowed_to_a_subject(team: Team, as_admin: Client, about: str, action: str) -> None:
    note(team, "The one", action)
    for choice in ("people", "integrations", "jobs", "texts", "candidates", "schedules"):
        assert ("The one" in page(as_admin, team, about=choice)) == (choice == about)
    assert "The one" in page(as_admin, team, about="nonsense")


def test_narrowed_to_a_kind_of_action(team: Team, as_admin: Client) -> None:
    note(team, "New")
    note(team, "Old", "job.deleted")
    text = page(as_admin, team, act="removed")
    assert "Deleted the job “Old”" in text
    assert "New" not in text.partition("Deleted the job")[2]
    assert "Created the job “New”" in page(as_admin, team, act="added")


def test_narrowed_to_a_person_by_whom_or_about_whom(team: Team, as_admin: Client) -> None:
    note(team, "Cook")
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    about = page(as_admin, team, person=str(team.interviewer.pk))
    assert "Changed the role of Interviewer Acme" in about and "Cook" not in about
    by = page(as_admin, team, person=str(team.admin.pk))
    assert "Changed the role of Interviewer Acme" in by and "Cook" in by


def test_narrowed_to_days_of_the_reader(team: Team, as_admin: Client) -> None:
    """Half past eleven in the evening in UTC is the next day in Tokyo."""
    User.objects.filter(pk=team.admin.user_id).update(time_zone="Asia/Tokyo")
    AuditEvent.objects.create(
        organization=team.organization,
        action="job.created",
        subject_type="job",
        subject_id=1,
        detail={"job": "Cook"},
        created_at=datetime(2027, 3, 1, 23, 30, tzinfo=UTC),
    )
    assert "Cook" in page(as_admin, team, day_from="2027-03-02", day_until="2027-03-02")
    assert "Cook" not in page(as_admin, team, day_until="2027-03-01")
    assert "Cook" not in page(as_admin, team, day_from="2027-03-03")


def test_searched_by_what_and_by_whom(team: Team, as_admin: Client) -> None:
    note(team, "Cook")
    for words in ("cook", "created cook", "admin acme", "acme created"):
        assert "Created the job “Cook”" in page(as_admin, team, q=words)
    text = page(as_admin, team, q="baker")
    assert "Cook" not in text
    assert "No activity matches" in text


@pytest.mark.parametrize("words", ["elodie", "ÉLODIE", "Élodie", "oneill élodie", "elodie role", "straße", "STRASSE"])
def test_searched_as_people_write(team: Team, as_admin: Client, words: str) -> None:
    """Without accents and case, in any order, on every database; words of the sentence and of names together."""
    team.interviewer.user.name = "Élodie O’Neill Straße"
    team.interviewer.user.save()
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    members.change_role(membership=team.recruiter, role=Membership.Role.ADMIN, actor=team.admin.user)
    text = page(as_admin, team, q=words)
    assert "Changed the role of Élodie O’Neill" in text
    assert "Changed the role of Recruiter" not in text


def test_a_renamed_person_is_found_by_the_new_name(team: Team, as_admin: Client) -> None:
    for name in ("Ina Former", "Zoë Quast"):
        team.interviewer.user.name = name
        team.interviewer.user.save()
        members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    assert "Changed the role of Zoë Quast" in page(as_admin, team, q="zoe quast")
    assert "No activity matches" in page(as_admin, team, q="former")


def test_no_row_holds_a_name(team: Team, as_admin: Client) -> None:
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    for event in AuditEvent.objects.values():
        assert "Acme" not in str(event)
    team.interviewer.user.delete()
    text = page(as_admin, team)
    assert "Removed a removed person" not in text
    assert "Removed somebody who was erased" in text


def test_a_person_who_is_gone_is_not_taken_for_panelist(team: Team, as_admin: Client) -> None:
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.recruiter.user)
    team.recruiter.user.delete()
    event = AuditEvent.objects.get()
    assert event.actor_id is not None
    assert "somebody who was erased" in page(as_admin, team)


def test_a_search_asks_one_query_more(
    team: Team, as_admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    note(team, "Cook")
    page(as_admin, team)
    with CaptureQueriesContext(connection) as without:
        page(as_admin, team)
    # One more: where the newest entries begin that words are searched in.
    with django_assert_num_queries(len(without) + 1):
        assert "Created the job “Cook”" in page(as_admin, team, q="cook")


def test_an_action_without_words_is_refused(team: Team) -> None:
    with pytest.raises(ValueError, match=r"job\.exploded"):
        note(team, "Cook", "job.exploded")


def test_newest_first_or_oldest_first_in_pages_of_fifty(team: Team, as_admin: Client) -> None:
    for number in range(51):
        note(team, f"Job {number:02}.")
    first = page(as_admin, team)
    assert first.index("Job 50.") < first.index("Job 01.")
    assert "Job 00." not in first
    assert "Job 00." in page(as_admin, team, page="2")
    assert "Job 50." not in page(as_admin, team, order="when")


def test_without_anything_it_says_what_comes_next(team: Team, as_admin: Client) -> None:
    assert "No activity yet" in page(as_admin, team)
