"""Candidates: the list, the page, and adding, changing and removing a person."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import Job, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, ChangeReason, CodingLink, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db

PERSON = {"name": "Grace Lin", "email": "grace@example.com", "phone": "", "time_zone": "Asia/Tokyo"}


@pytest.mark.parametrize(
    "path",
    [
        "candidates/",
        "candidates/new/",
        "candidates/{pk}/",
        "candidates/{pk}/edit/",
        "candidates/{pk}/remove/",
        "settings/scheduling/",
    ],
)
def test_only_recruiters_and_admins(team: Team, other_team: Team, path: str) -> None:
    person = Candidate.objects.create(organization=team.organization, name="Ada Osei")
    address = path.format(pk=person.pk)
    assert team.client(team.admin).get(team.url(address)).status_code == 200
    assert team.client(team.recruiter).get(team.url(address)).status_code == 200
    assert team.client(team.interviewer).get(team.url(address)).status_code == 403
    outsider = other_team.client(other_team.admin)
    assert outsider.get(team.url(address)).status_code == 404
    if "{pk}" in path:
        assert outsider.get(other_team.url(address)).status_code == 404
        # A page that is only read takes no POST, whatever its id.
        refused = 405 if path == "candidates/{pk}/" else 404
        assert outsider.post(other_team.url(address), PERSON).status_code == refused
        person.refresh_from_db()
        assert person.name == "Ada Osei"
    assert Client().get(team.url(address)).status_code == 302


def test_a_person_is_added_and_found(team: Team, as_recruiter: Client) -> None:
    answer = as_recruiter.post(team.url("candidates/new/"), PERSON, headers={"HX-Request": "true"})
    person = Candidate.objects.get()
    assert answer["HX-Redirect"] == team.url(f"candidates/{person.pk}/")
    assert AuditEvent.objects.get(action="candidate.added").subject_id == person.pk
    for words, there in (("GRACE", True), ("grace@", True), ("nobody", False)):
        page = as_recruiter.get(team.url("candidates/"), {"q": words}).content.decode()
        assert ("Grace Lin" in page) is there


def test_mistakes_are_said_and_nothing_is_lost(team: Team, as_recruiter: Client) -> None:
    answer = as_recruiter.post(team.url("candidates/new/"), PERSON | {"email": "grace@", "time_zone": "Mars/Base"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not an e-mail address." in page
    assert "is not a time zone" in page
    assert 'value="Grace Lin"' in page
    assert not Candidate.objects.exists()


def test_a_stage_of_another_job_is_refused(team: Team, other_team: Team, as_recruiter: Client) -> None:
    jobs = [Job.objects.create(organization=team.organization, title=title) for title in ("A", "B")]
    stage = Stage.objects.create(organization=team.organization, job=jobs[1], name="Screen")
    foreign = Job.objects.create(organization=other_team.organization, title="C")
    wrong = as_recruiter.post(team.url("candidates/new/"), PERSON | {"job": jobs[0].pk, "stage": stage.pk})
    assert "belongs to another job" in wrong.content.decode()
    assert as_recruiter.post(team.url("candidates/new/"), PERSON | {"job": foreign.pk}).status_code == 422
    # A stage says which job it is.
    as_recruiter.post(team.url("candidates/new/"), PERSON | {"stage": stage.pk})
    assert Candidate.objects.get().job == jobs[1]


def test_links_follow_a_new_address(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    link = make_link(interview, connect(team), "ready", candidate_name="Ada Osei", candidate_email="ada@example.com")
    as_recruiter.post(team.url(f"candidates/{schedule.candidate_id}/edit/"), PERSON)
    link.refresh_from_db()
    assert link.edit_due
    event = AuditEvent.objects.get(action="candidate.changed")
    assert event.detail == {"fields": ["name", "email", "time_zone"]}


def test_removing_says_what_goes_and_lets_links_go(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Culture")
    link = make_link(schedule.interviews.get(name="Coding"), connect(team), "ready")
    address = team.url(f"candidates/{schedule.candidate_id}/remove/")
    dialog = as_recruiter.get(address).content.decode()
    words = " ".join(dialog.split())
    assert "1 schedule" in words and "2 upcoming interviews, which are cancelled" in words
    assert "Nobody was invited, so nobody needs a message." in words
    assert as_recruiter.post(address, headers={"HX-Request": "true"})["HX-Redirect"] == team.url("candidates/")
    assert not Candidate.objects.exists()
    assert not Schedule.objects.exists()
    assert not CodingLink.objects.get(pk=link.pk).is_live


def test_the_lists_cost_the_same_for_few_and_many(team: Team, as_recruiter: Client) -> None:
    person = make_loop(team, "Coding").candidate
    counts = []
    for _round in range(2):
        for path in ("candidates/", f"candidates/{person.pk}/"):
            with CaptureQueriesContext(connection) as queries:
                as_recruiter.get(team.url(path))
            counts.append(len(queries))
        for number in range(60):
            Candidate.objects.create(organization=team.organization, name=f"Person {number}")
            Schedule.objects.create(organization=team.organization, candidate=person)
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12


def test_admins_change_the_reasons_and_recruiters_read_them(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    address = team.url("settings/scheduling/")
    assert "The candidate asked for it" in as_recruiter.get(address).content.decode()
    assert as_recruiter.post(address, {"reasons": "Mine"}).status_code == 403
    assert as_admin.post(address, {"reasons": " \n "}).status_code == 422
    assert as_admin.post(address, {"reasons": "x" * 121}).status_code == 422
    assert as_admin.post(address, {"reasons": "Snow\n\nStrike\nSnow "}).status_code == 302
    assert [reason.text for reason in ChangeReason.objects.order_by("position")] == ["Snow", "Strike"]
    schedule = make_loop(team, "Coding")
    dialog = as_recruiter.get(team.url(f"schedules/{schedule.pk}/cancel/")).content.decode()
    assert "Strike" in dialog
    assert "The candidate asked for it" not in dialog


def test_a_new_person_is_first_taken_to_be_where_the_organization_is(team: Team, as_recruiter: Client) -> None:
    chosen = 'value="Europe/Berlin"'
    assert chosen in as_recruiter.get(team.url("candidates/new/")).content.decode()
    sent = {"part": "form", "changed": "candidate", "candidate": "new", "time_zone": "Asia/Tokyo"}
    assert chosen in as_recruiter.post(team.url("schedules/new/"), sent).content.decode()
    kept = as_recruiter.post(team.url("schedules/new/"), sent | {"new-time_zone": "Asia/Seoul"}).content.decode()
    assert 'value="Asia/Seoul"' in kept


def test_a_corrected_address_says_that_the_old_ones_join_links_still_work(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    Schedule.objects.filter(pk=schedule.pk).update(last_ends_at=schedule.interviews.get().ends_at)
    address = team.url(f"candidates/{schedule.candidate_id}/")
    sent = {"name": "Ada Osei", "email": "ada@right.example", "time_zone": "UTC", "phone": "", "job": "", "stage": ""}

    def page_after(email: str) -> str:
        assert (
            as_recruiter.post(f"{address}edit/", sent | {"email": email}, headers={"HX-Request": "true"})["HX-Redirect"]
            == address
        )
        return as_recruiter.get(address).content.decode()

    assert "still work" not in page_after("ada@wrong.example")
    make_link(schedule.interviews.get(), connect(team), "ready")
    send(schedule, team)
    assert "still work" not in page_after("Ada@wrong.example")
    assert "The join links sent to Ada@wrong.example still work." in page_after("ada@right.example")


def test_an_empty_list_says_what_was_searched(team: Team, as_recruiter: Client) -> None:
    page = as_recruiter.get(team.url("candidates/"), {"q": "ann"}).content.decode()
    assert "No candidates match “<bdi>ann</bdi>”" in page
    assert "Check the spelling or clear the filter." in page
