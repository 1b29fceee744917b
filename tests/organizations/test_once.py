"""A form that creates, sent twice, creates once: one after the other, and two at the same moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, models
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from integrations.models import Integration, KeyCheck
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent, DayOff, Invitation, Submission
from scheduling.models import Candidate, CandidateImport, Interview, JoinLink, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

Values = dict[str, str]
HTMX = {"HX-Request": "true"}
#: Where a form is drawn, where it goes, what is typed, what it creates, and whether htmx sends it.
Case = tuple[str, str, Values, type[models.Model], bool]

INTERVIEW = {
    "rows-count": "1",
    "rows-0-name": "Lunch",
    "rows-0-kind": "on_site",
    "rows-0-minutes": "45",
    "rows-0-date": "2027-03-01",
    "rows-0-time": "12:15",
}


@pytest.fixture
def case(request: pytest.FixtureRequest, team: Team) -> Case:
    make: Callable[[Team], Case] = request.param
    return make(team)


def candidate(_team: Team) -> Case:
    return "candidates/new/", "candidates/new/", {"name": "Ada", "time_zone": "Europe/Berlin"}, Candidate, True


def job(_team: Team) -> Case:
    return "jobs/new/", "jobs/new/", {"title": "Baker"}, Job, True


def a_job(team: Team) -> Job:
    return Job.objects.create(organization=team.organization, title="Baker")


def a_stage(team: Team) -> Stage:
    stage = Stage.objects.create(organization=team.organization, job=a_job(team), name="On site")
    InterviewPlan.objects.create(organization=team.organization, stage=stage)
    return stage


def stage(team: Team) -> Case:
    address = f"jobs/{a_job(team).pk}/stages/new/"
    return address, address, {"name": "Phone"}, Stage, True


def planned(team: Team) -> Case:
    address = f"jobs/stages/{a_stage(team).pk}/interviews/new/"
    typed = {"name": "Talk", "minutes": "60", "interviewer_count": "1", "kind": "video"}
    return address, address, typed, PlanInterview, True


def interview(team: Team) -> Case:
    address = f"schedules/{make_loop(team, 'Coding').pk}/interviews/new/"
    return address, address, INTERVIEW, Interview, True


def schedule(team: Team) -> Case:
    place = a_stage(team)
    person = Candidate.objects.create(organization=team.organization, name="Ada")
    head = {"candidate": str(person.pk), "job": str(place.job_id), "stage": str(place.pk), "time_zone": "Europe/Berlin"}
    return "schedules/new/", "schedules/new/", head | {"rows-stage": str(place.pk)} | INTERVIEW, Schedule, False


def invitation(_team: Team) -> Case:
    typed = {"email": "new@acme.example", "role": "recruiter"}
    return "settings/members/", "settings/members/invite/", typed, Invitation, False


def days_off(team: Team) -> Case:
    address = f"settings/members/{team.interviewer.pk}/days-off/"
    typed = {"first_day": "2027-05-03", "last_day": "2027-05-05"}
    return f"settings/members/{team.interviewer.pk}/", address, typed, DayOff, False


def upload(_team: Team) -> Case:
    return "candidates/import/", "candidates/import/", {"pasted": "name,email\nAda,a@x.example"}, CandidateImport, False


def join_link(team: Team) -> Case:
    loop = make_loop(team, "Coding")
    make_link(loop.interviews.get(), connect(team), "ready")
    link = JoinLink.objects.create(
        organization=team.organization, interview=loop.interviews.get(), token_hash="2" * 64, token="t"
    )
    address = f"schedules/{loop.pk}/join-links/{link.pk}/renew/"
    return f"schedules/{loop.pk}/join-links/", address, {}, JoinLink, True


def key(_team: Team) -> Case:
    address = "settings/integrations/codesignal/connect/"
    return address, address, {"api_key": "k" * 30}, KeyCheck, True


CREATES = [candidate, job, stage, planned, interview, schedule, invitation, days_off, upload, join_link, key]
every_form = pytest.mark.parametrize("case", CREATES, indirect=True, ids=lambda make: make.__name__)


def token_in(page: str, address: str) -> str:
    """The token of the form that goes to this address."""
    forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL)
    form = next((form for form in forms if address in form), page)
    found = re.search(r'name="once" value="([^"]+)"', form)
    assert found is not None, f"the form for {address} has no token"
    return found[1]


def drawn(client: Client, team: Team, case: Case) -> Values:
    """The values that the form sends as it is on the page now."""
    page, address, typed, _model, htmx = case
    shown = client.get(team.url(page), headers=HTMX if htmx else {}).content.decode()
    return typed | {"once": token_in(shown, team.url(address))}


def send(client: Client, team: Team, case: Case, values: Values) -> HttpResponse:
    return client.post(team.url(case[1]), values, headers=HTMX if case[4] else {})  # type: ignore[return-value]


def leads(response: HttpResponse) -> tuple[int, str, str]:
    return response.status_code, response.headers.get("Location", ""), response.headers.get("HX-Redirect", "")


@every_form
@pytest.mark.django_db
def test_sent_twice_it_creates_once_and_answers_alike(case: Case, team: Team, as_admin: Client) -> None:
    values, before = drawn(as_admin, team, case), case[3]._default_manager.count()
    first = send(as_admin, team, case, values)
    created, noted = case[3]._default_manager.count() - before, AuditEvent.objects.count()
    assert created >= 1, first.content.decode()[:3000]
    second = send(as_admin, team, case, values)
    assert case[3]._default_manager.count() - before == created
    assert AuditEvent.objects.count() == noted
    assert leads(second) == leads(first)
    # What the first one only drew on its page, the second draws anew.
    assert leads(first)[1:] != ("", "") or second.headers["HX-Refresh"] == "true"


@every_form
@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_create_once(case: Case, team: Team) -> None:
    values, before = drawn(team.client(team.admin), team, case), case[3]._default_manager.count()
    barrier = Barrier(2)

    def click(client: Client) -> HttpResponse:
        try:
            barrier.wait(20)
            return send(client, team, case, values)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(click, [team.client(team.admin), team.client(team.admin)])
    assert leads(one) == leads(other)
    created = case[3]._default_manager.count() - before
    assert created == (3 if case[3] is DayOff else 1)
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_the_second_answer_says_what_the_first_said(team: Team, as_admin: Client) -> None:
    case = candidate(team)
    values = drawn(as_admin, team, case)
    send(as_admin, team, case, values)
    other = Client()
    other.force_login(team.admin.user)
    again = send(other, team, case, values)
    page = other.get(again.headers["HX-Redirect"]).content.decode()
    assert "Ada added." in page


@pytest.mark.django_db
def test_a_form_that_was_refused_can_be_corrected(team: Team, as_recruiter: Client) -> None:
    case = candidate(team)
    values = drawn(as_recruiter, team, case)
    refused = send(as_recruiter, team, case, values | {"name": ""})
    assert refused.status_code == 422
    assert token_in(refused.content.decode(), team.url(case[1])) != values["once"]
    assert Submission.objects.count() == 0
    assert send(as_recruiter, team, case, values).status_code == 200
    assert Candidate.objects.count() == 1


@pytest.mark.django_db
def test_a_form_that_came_back_as_a_page_used_nothing_up(team: Team, as_admin: Client) -> None:
    case = invitation(team)
    values = drawn(as_admin, team, case)
    assert send(as_admin, team, case, values | {"email": "nonsense"}).status_code == 200
    assert send(as_admin, team, case, values).status_code == 302
    assert Invitation.objects.count() == 1


@pytest.mark.django_db
def test_what_is_asked_for_while_typing_uses_nothing_up(team: Team, as_recruiter: Client) -> None:
    case = schedule(team)
    values = drawn(as_recruiter, team, case)
    for part in ("form", "conflicts"):
        assert send(as_recruiter, team, case, values | {"part": part}).status_code == 200
    assert send(as_recruiter, team, case, values).status_code == 302
    assert Schedule.objects.count() == 1


@pytest.mark.django_db
def test_forms_drawn_apart_create_apart(team: Team, as_recruiter: Client) -> None:
    case = candidate(team)
    for _person in range(2):
        send(as_recruiter, team, case, drawn(as_recruiter, team, case))
    assert Candidate.objects.count() == 2


@pytest.mark.django_db
def test_a_token_is_its_owners_and_its_forms(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    first, second = candidate(team), job(team)
    token = {"once": drawn(as_recruiter, team, first)["once"]}
    for client, case in ((as_recruiter, first), (as_admin, first), (as_recruiter, second)):
        assert send(client, team, case, case[2] | token).status_code == 200
    assert (Candidate.objects.count(), Job.objects.count()) == (2, 1)


@pytest.mark.django_db
def test_what_failed_is_tried_again(team: Team, as_recruiter: Client) -> None:
    case = interview(team)
    values = drawn(as_recruiter, team, case)
    Schedule.objects.update(state="cancelled")
    assert send(as_recruiter, team, case, values).status_code == 422
    Schedule.objects.update(state="scheduled")
    assert send(as_recruiter, team, case, values).status_code == 200
    assert Interview.objects.filter(name="Lunch").count() == 1


@pytest.mark.django_db
def test_what_was_sent_long_ago_is_forgotten(team: Team, as_recruiter: Client) -> None:
    Submission.objects.create(key="0" * 64, created_at=timezone.now() - timedelta(days=3))
    case = candidate(team)
    send(as_recruiter, team, case, drawn(as_recruiter, team, case))
    assert not Submission.objects.filter(key="0" * 64).exists()
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_no_key_of_an_integration_is_kept(team: Team, as_admin: Client) -> None:
    case = key(team)
    send(as_admin, team, case, drawn(as_admin, team, case))
    kept = Submission.objects.get()
    assert "kkk" not in f"{kept.key} {kept.answer}"
    assert not Integration.objects.filter(state="connected").exists()
