""" "Organization Settings" > "Templates": an organization's own words, and errors before they reach an inbox."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from organizations.models import AuditEvent, User
from scheduling.models import MessageTemplate
from tests.conftest import Team
from tests.scheduling.message_steps import composed, propose, staffed_loop

pytestmark = pytest.mark.django_db
KIND = "settings/templates/candidate_invitation/"


def text_of(page: bytes) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.decode())).split())


def test_the_list_has_every_kind_and_whose_words_it_uses(team: Team, as_recruiter: Client) -> None:
    page = text_of(as_recruiter.get(team.url("settings/templates/")).content)
    assert page.count("Default") == 6
    assert "Cancellation to an interviewer" in page


def test_own_words_are_used_from_then_on(team: Team, as_admin: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    response = as_admin.post(team.url(KIND), {"subject": "Hi {candidate}", "body": "Come, {candidate}!"})
    assert response.status_code == 302
    (content,) = [one for one in composed(schedule, team).values() if one.kind == "candidate_invitation"]
    assert (content.rendered.subject, content.rendered.text) == ("Hi Ada Osei", "Come, Ada Osei!\n")
    assert AuditEvent.objects.filter(action="messagetemplate.changed").count() == 1
    as_admin.post(team.url(f"{KIND}reset/"))
    assert not MessageTemplate.objects.exists()


def test_an_unknown_placeholder_is_an_error_at_saving_and_loses_nothing(team: Team, as_admin: Client) -> None:
    response = as_admin.post(team.url(KIND), {"subject": "Hi {name}", "body": "Come,\n{candidat}!"})
    assert response.status_code == 422
    page = text_of(response.content)
    assert "“{name}” is not a placeholder. Use one of {recipient}, {first_name}, {candidate}" in page
    assert "“{candidat}” is not a placeholder" in page
    assert "Come,\n{candidat}!" in response.content.decode()
    assert not MessageTemplate.objects.exists()


def test_what_is_for_interviewers_is_refused_for_candidates(team: Team, as_admin: Client) -> None:
    words = {"subject": "Hi", "body": "{candidate_phone}"}
    assert "for interviewers only" in text_of(as_admin.post(team.url(KIND), words).content)
    other = team.url("settings/templates/interviewer_invitation/")
    assert as_admin.post(other, words).status_code == 302


@pytest.mark.parametrize(("subject", "body"), [("", "x"), ("x", " \n "), ("x" * 201, "x")])
def test_empty_or_endless_words_are_refused(team: Team, as_admin: Client, subject: str, body: str) -> None:
    assert as_admin.post(team.url(KIND), {"subject": subject, "body": body}).status_code == 422
    assert not MessageTemplate.objects.exists()


def test_every_placeholder_is_explained_with_a_button(team: Team, as_admin: Client) -> None:
    page = as_admin.get(team.url(KIND)).content.decode()
    assert 'data-insert="{interviews}"' in page
    assert 'data-insert="{candidate_email}"' not in page
    assert "The candidate&#x27;s name" in page


def test_an_example_reads_as_a_message_would(team: Team, as_recruiter: Client) -> None:
    response = as_recruiter.post(
        team.url(f"{KIND}example/"), {"subject": "Hi {candidate}", "body": "{job}, {stage}\n{interviews}"}
    )
    page = text_of(response.content)
    assert "Hi Ada Lovelace Backend Engineer, Onsite " in page
    assert "Video call: https://meet.example/abc" in page
    assert "Times in Berlin, GMT+1 Monday, 8 March 2027 10:00–11:00 Live coding" in page
    wrong = as_recruiter.post(team.url(f"{KIND}example/"), {"subject": "Hi", "body": "{interview}"})
    assert "“{interview}” is not a placeholder" in text_of(wrong.content)


@pytest.mark.parametrize(
    ("kind", "reader", "zone"),
    [
        ("interviewer_invitation", "Recruiter Acme", "London, GMT"),
        ("candidate_invitation", "Ada Lovelace", "Berlin, GMT+1"),
    ],
)
def test_an_example_is_in_its_readers_time_zone(
    team: Team, as_recruiter: Client, kind: str, reader: str, zone: str
) -> None:
    User.objects.filter(pk=team.recruiter.user_id).update(time_zone="Europe/London")
    words = {"subject": "Hi", "body": "{recipient} {interviews}"}
    page = text_of(as_recruiter.post(team.url(f"settings/templates/{kind}/example/"), words).content)
    assert f"{reader} Times in {zone} Monday" in page
    assert ("Sign in to CodeSignal as interviewer first" in page) == (reader != "Ada Lovelace")


@pytest.mark.parametrize("kind", ["candidate_update", "interviewer_update", "interviewer_cancellation"])
def test_each_kind_has_its_page_with_an_example(team: Team, as_admin: Client, kind: str) -> None:
    page = text_of(as_admin.get(team.url(f"settings/templates/{kind}/")).content)
    assert ("Hi Ada," if kind.startswith("candidate") else "Ada Lovelace") in page
    assert as_admin.get(team.url("settings/templates/nonsense/")).status_code == 404


def test_admins_change_recruiters_read_others_do_neither(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    words = {"subject": "Hi", "body": "x"}
    assert as_recruiter.get(team.url(KIND)).status_code == 200
    assert "Save template" not in as_recruiter.get(team.url(KIND)).content.decode()
    assert as_recruiter.post(team.url(KIND), words).status_code == 403
    assert as_recruiter.post(team.url(f"{KIND}reset/")).status_code == 403
    for client, status in ((as_interviewer, 403), (as_outsider, 404)):
        for rest in ("settings/templates/", KIND):
            assert client.get(team.url(rest)).status_code == status
        for rest in (KIND, f"{KIND}reset/", f"{KIND}example/"):
            assert client.post(team.url(rest), words).status_code == status
    assert not MessageTemplate.objects.exists()
