"""Changes to several rows of a list at once: who may make them, to which rows, and the answer for each."""

from __future__ import annotations

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.messages.services import propose_updates
from scheduling.models import Candidate, CodingLink, InterviewerAssignment, Message, MessageState, Schedule
from scheduling.schedules.selected import MOST
from tests.conftest import Team
from tests.scheduling.loops import connect, make_loop

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def loop(team: Team, name: str, tool: str = "codesignal") -> Schedule:
    """A schedule of one interview, whose plan asks for a link of the tool."""
    job = Job.objects.create(organization=team.organization, title=f"Job of {name}")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    planned = PlanInterview.objects.create(
        organization=team.organization, plan=plan, name="Coding", minutes=60, link_tool=tool
    )
    schedule = make_loop(team, "Coding")
    schedule.interviews.update(plan_interview=planned)
    InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    Candidate.objects.filter(pk=schedule.candidate_id).update(name=name, email=f"{name.lower()}@example.com")
    Schedule.objects.filter(pk=schedule.pk).update(job=job, stage=stage)
    return Schedule.objects.select_related("candidate", "job").get(pk=schedule.pk)


def post(client: Client, team: Team, address: str, **data: object) -> str:
    return client.post(team.url(address), data, headers=HTMX).content.decode()


def test_links_are_added_to_all_that_lack_one(team: Team, as_recruiter: Client) -> None:
    connect(team)
    both = [loop(team, "Ada"), loop(team, "Ben")]
    ids = [one.pk for one in both]
    asked = post(as_recruiter, team, "schedules/selected/links/", schedule=ids)
    assert "Add 2 coding links" in asked
    assert not CodingLink.objects.exists()  # it only asked
    done = post(as_recruiter, team, "schedules/selected/links/", schedule=ids, confirmed="yes")
    assert "2 links are being added." in done
    assert CodingLink.objects.count() == 2
    again = post(as_recruiter, team, "schedules/selected/links/", schedule=ids, confirmed="yes")
    assert "2 rows were not changed:" in again and "No link is missing." in again
    assert CodingLink.objects.count() == 2


def test_a_tool_that_is_not_connected_is_named(team: Team, as_recruiter: Client) -> None:
    schedule = loop(team, "Ada")
    asked = post(as_recruiter, team, "schedules/selected/links/", schedule=schedule.pk)
    assert "CodeSignal is not connected." in asked
    assert "btn-primary" not in asked


def test_messages_are_sent_as_they_were_shown(team: Team, as_recruiter: Client) -> None:
    both = [loop(team, "Ada", tool=""), loop(team, "Ben", tool="")]
    for one in both:
        propose_updates(schedule=one, actor=team.recruiter.user)
    ids = [one.pk for one in both]
    response = as_recruiter.post(team.url("schedules/selected/messages/"), {"schedule": ids}, headers=HTMX)
    plans = response.context["plans"]
    picks = [draft.pick for plan in plans for draft in plan.drafts]
    assert response.context["number"] == len(picks) == 4, [plan.problem for plan in plans]
    assert "Send 4 messages to 3 people" in response.content.decode()
    # One of them changes after it was shown.
    Candidate.objects.filter(pk=both[1].candidate_id).update(name="Benjamin")
    done = post(as_recruiter, team, "schedules/selected/messages/", schedule=ids, message=picks, confirmed="yes")
    assert "Sending 2 messages." in done
    assert "This changed since you opened it." in done
    states = set(Message.objects.values_list("schedule", "state"))
    assert states == {(ids[0], MessageState.QUEUED), (ids[1], MessageState.DRAFT)}


def test_who_was_told_already_gets_no_message(team: Team, as_recruiter: Client) -> None:
    schedule = loop(team, "Ada")
    assert "Everyone has been told." in post(as_recruiter, team, "schedules/selected/messages/", schedule=schedule.pk)


def test_the_selected_schedules_are_exported(team: Team, as_recruiter: Client) -> None:
    ids = [loop(team, name).pk for name in ("=Ada", "Ben", "Cem")]
    response = as_recruiter.post(team.url("schedules/selected/export/"), {"schedule": ids[:2]})
    assert isinstance(response, StreamingHttpResponse)
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith('"\'=Ada","Job of =Ada","On site","Scheduled"')  # no spreadsheet runs it
    assert AuditEvent.objects.get(action="schedules.exported").detail == {"count": 2}


def test_the_selected_candidates_are_exported(team: Team, as_recruiter: Client) -> None:
    ada, _ben = (loop(team, name) for name in ("Ada", "Ben"))
    response = as_recruiter.post(team.url("candidates/export/"), {"candidate": [ada.candidate_id]})
    assert isinstance(response, StreamingHttpResponse)
    assert len(response.getvalue().decode("utf-8-sig").splitlines()) == 2


def test_the_selected_candidates_are_deleted(team: Team, as_recruiter: Client) -> None:
    ada, ben, cem = (loop(team, name) for name in ("Ada", "Ben", "Cem"))
    ids = [ada.candidate_id, ben.candidate_id]
    asked = post(as_recruiter, team, "candidates/selected/delete/", candidate=ids)
    assert "Delete 2 candidates" in asked and "Their 2 schedules are deleted, too." in asked
    assert Candidate.objects.count() == 3
    done = post(as_recruiter, team, "candidates/selected/delete/", candidate=ids, confirmed="yes")
    assert "2 candidates deleted." in done
    assert list(Candidate.objects.values_list("pk", flat=True)) == [cem.candidate_id]


@pytest.mark.parametrize(
    "address", ["schedules/selected/links/", "schedules/selected/messages/", "candidates/selected/delete/"]
)
def test_too_many_and_none_are_refused(address: str, team: Team, as_recruiter: Client) -> None:
    name = address.partition("s/")[0]
    many = as_recruiter.post(team.url(address), {name: list(range(1, MOST + 2))}, headers=HTMX)
    assert many.status_code == 422
    assert "Select at most 100 rows at once." in many.content.decode()
    for data in ({}, {name: "x"}, {name: "-1"}, {name: str(2**80)}, {name: "999999"}):
        none = as_recruiter.post(team.url(address), data, headers=HTMX)
        assert none.status_code == 422
        assert "Nothing is selected that is still there." in none.content.decode()


def test_rows_of_others_are_left_out(team: Team, other_team: Team) -> None:
    connect(team)
    mine, foreign, theirs = loop(team, "Ada"), loop(other_team, "Ben"), loop(team, "Cem")
    coordinator = team.add("coordinator")
    assert mine.job is not None
    JobCoordinator.objects.create(job=mine.job, membership=coordinator)
    client = team.client(coordinator)
    ids = [mine.pk, foreign.pk, theirs.pk]
    done = post(client, team, "schedules/selected/links/", schedule=ids, confirmed="yes")
    assert "1 link is being added." in done
    assert CodingLink.objects.get().interview == mine.interviews.get()
    propose_updates(schedule=theirs, actor=None)
    picks = [f"{one.pk}:x" for one in Message.objects.all()]
    post(client, team, "schedules/selected/messages/", schedule=ids, message=picks, confirmed="yes")
    assert not Message.objects.exclude(state=MessageState.DRAFT).exists()
    assert client.post(team.url("schedules/selected/export/"), {"schedule": ids}).status_code == 403
    assert client.post(team.url("candidates/selected/delete/"), {"candidate": [1]}).status_code == 403
