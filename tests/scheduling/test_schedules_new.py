""" "New schedule": from a plan to interviews with people and times, and what keeps it from being saved."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, CodingLink, Interview, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 2, 26, 12, tzinfo=UTC)  # a Friday


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stage(team: Team) -> Stage:
    """A plan of two: 60 minutes with a coding link and two interviewers, 45 minutes with one."""
    job = Job.objects.create(organization=team.organization, title="Compiler engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    for position, (name, minutes, people, tool) in enumerate([("Coding", 60, 2, "codesignal"), ("Culture", 45, 1, "")]):
        PlanInterview.objects.create(
            organization=team.organization,
            plan=plan,
            position=position,
            name=name,
            minutes=minutes,
            interviewer_count=people,
            link_tool=tool,
        )
    return stage


@pytest.fixture
def ada(team: Team) -> Candidate:
    return Candidate.objects.create(
        organization=team.organization, name="Ada Osei", email="ada@example.com", time_zone="America/New_York"
    )


def typed(stage: Stage, candidate: str, **changes: str | list[str]) -> dict[str, Any]:
    """The values that the page sends for the stage's plan on Monday, 1 March 2027, in Berlin's time."""
    rows: dict[str, Any] = {}
    for index, plan in enumerate(stage.plan.interviews.order_by("position")):
        rows |= {
            f"rows-{index}-plan_interview": str(plan.pk),
            f"rows-{index}-name": plan.name,
            f"rows-{index}-kind": "video",
            f"rows-{index}-minutes": str(plan.minutes),
            f"rows-{index}-date": "2027-03-01",
            f"rows-{index}-time": f"{14 + index * 2}:00",
            f"rows-{index}-place": "https://meet.example/1",
        }
    head = {
        "candidate": candidate,
        "job": str(stage.job_id),
        "stage": str(stage.pk),
        "time_zone": "Europe/Berlin",
        "rows-count": "2",
    }
    return head | rows | changes


@pytest.mark.parametrize("path", ["schedules/new/", "candidates/find/"])
def test_only_recruiters_and_admins(team: Team, as_outsider: Client, path: str) -> None:
    assert team.client(team.admin).get(team.url(path)).status_code == 200
    assert team.client(team.recruiter).get(team.url(path)).status_code == 200
    assert team.client(team.interviewer).get(team.url(path)).status_code == 403
    assert as_outsider.get(team.url(path)).status_code == 404
    assert Client().get(team.url(path)).status_code == 302


def test_choosing_a_stage_proposes_its_plan(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    sent = {"part": "form", "changed": "job", "candidate": str(ada.pk), "job": str(stage.job_id)}
    page = as_recruiter.post(team.url("schedules/new/"), sent | {"time_zone": "Europe/Berlin"}).content.decode()
    # The job's only stage is taken; the next working day, one after the other with a break, by day in New York too.
    assert 'value="Coding"' in page
    assert 'value="2027-03-01"' in page
    assert 'value="14:00"' in page
    assert 'value="15:15"' in page
    assert "0 of 2" in page
    assert "For the candidate: Mon 1 Mar 2027, 08:00–09:00" in page
    assert "is-invalid" not in page


def test_saving_makes_interviews_and_asks_for_links(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    connect(team)
    people = {"rows-0-interviewers": [str(team.interviewer.pk), str(team.admin.pk), ""]}
    answer = as_recruiter.post(team.url("schedules/new/"), typed(stage, str(ada.pk), **people))
    schedule = Schedule.objects.get()
    assert answer["Location"] == team.url(f"schedules/{schedule.pk}/")
    coding, culture = schedule.interviews.order_by("position")
    assert coding.starts_at == datetime(2027, 3, 1, 13, tzinfo=UTC)
    assert culture.ends_at == datetime(2027, 3, 1, 15, 45, tzinfo=UTC)
    assert {assignment.membership for assignment in coding.assignments.all()} == {team.interviewer, team.admin}
    assert (schedule.first_starts_at, schedule.last_ends_at) == (coding.starts_at, culture.ends_at)
    assert [link.interview for link in CodingLink.objects.all()] == [coding]
    assert AuditEvent.objects.get(action="schedule.created").actor == team.recruiter.user


def test_without_a_connection_it_is_saved_all_the_same(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    assert as_recruiter.post(team.url("schedules/new/"), typed(stage, str(ada.pk))).status_code == 302
    assert Schedule.objects.count() == 1
    assert not CodingLink.objects.exists()


def test_somebody_new_comes_with_the_schedule(team: Team, stage: Stage, as_recruiter: Client) -> None:
    new = {"new-name": "Grace Lin", "new-email": "grace@example.com", "new-time_zone": "Africa/Lagos"}
    sent = typed(stage, "new", **{key: value for key, value in new.items() if key != "new-name"})
    refused = as_recruiter.post(team.url("schedules/new/"), sent)
    assert refused.status_code == 422
    assert "grace@example.com" in refused.content.decode()
    assert not Candidate.objects.exists()
    assert as_recruiter.post(team.url("schedules/new/"), sent | new).status_code == 302
    grace = Candidate.objects.get()
    assert (grace.name, grace.time_zone, grace.stage) == ("Grace Lin", "Africa/Lagos", stage)
    assert Schedule.objects.get().candidate == grace


def test_errors_lose_nothing_that_was_typed(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    sent = typed(stage, str(ada.pk), **{"rows-0-minutes": "many", "rows-1-place": "Room <7>", "rows-1-date": ""})
    answer = as_recruiter.post(team.url("schedules/new/"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a whole number." in page
    assert "Choose a date." in page
    assert 'value="many"' in page
    assert 'value="Room &lt;7&gt;"' in page
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("field", ["candidate", "job", "stage"])
def test_another_organizations_rows_are_none(
    team: Team, other_team: Team, stage: Stage, ada: Candidate, field: str
) -> None:
    mine = typed(stage, str(ada.pk))
    theirs = other_team.client(other_team.recruiter)
    assert theirs.post(other_team.url("schedules/new/"), mine).status_code == 422
    assert not Schedule.objects.exists()
    del mine[field]
    assert team.client(team.recruiter).post(team.url("schedules/new/"), mine).status_code == 422


def test_another_organizations_people_cannot_be_chosen(
    team: Team, other_team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    sent = typed(stage, str(ada.pk), **{"rows-0-interviewers": str(other_team.interviewer.pk)})
    assert as_recruiter.post(team.url("schedules/new/"), sent).status_code == 422
    assert not Interview.objects.exists()


def test_a_conflict_is_said_and_overridden(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    early: dict[str, str | list[str]] = {
        "rows-0-time": "07:00",
        "rows-0-interviewers": [str(team.interviewer.pk), str(team.admin.pk)],
    }
    team.interviewer.user.time_zone = team.admin.user.time_zone = "Europe/Berlin"
    team.interviewer.user.save()
    team.admin.user.save()
    sent = typed(stage, str(ada.pk), **early)
    part = as_recruiter.post(team.url("schedules/new/"), sent | {"part": "conflicts"}).content.decode()
    assert "Outside Interviewer Acme's hours: 09:00–17:00 in Berlin" in unescape(part)
    assert 'hx-swap-oob="true"' in part
    assert as_recruiter.post(team.url("schedules/new/"), sent).status_code == 422
    assert not Schedule.objects.exists()
    when = "2027-03-01T06:00:00+00:00"
    ticked = [f"outside_hours:{team.interviewer.pk}@{when}"]
    # One of two is not both.
    assert as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-override": ticked}).status_code == 422
    ticked.append(f"outside_hours:{team.admin.pk}@{when}")
    assert as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-override": ticked}).status_code == 422
    ticked.append(f"candidate_night:{when}")
    assert as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-override": ticked}).status_code == 302
    overridden = AuditEvent.objects.get(action="schedule.created").detail["overridden"]
    assert len(overridden) == 3
    assert overridden[0] == {"conflict": "outside_hours", "user": team.interviewer.user_id}
    assert overridden[2] == {"conflict": "candidate_night"}
    history = as_recruiter.get(team.url(f"schedules/{Schedule.objects.get().pk}/history/")).content.decode()
    assert "Scheduled anyway: Coding: Outside" in history


def test_what_was_overridden_for_another_time_does_not_count(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    sent = typed(
        stage, str(ada.pk), **{"rows-0-date": "2027-02-01", "rows-0-override": "past:2027-02-02T13:00:00+00:00"}
    )
    assert as_recruiter.post(team.url("schedules/new/"), sent).status_code == 422
    sent["rows-0-override"] = "past:2027-02-01T13:00:00+00:00"
    assert as_recruiter.post(team.url("schedules/new/"), sent).status_code == 302


def test_a_time_that_does_not_exist_offers_the_nearest(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    sent = typed(stage, str(ada.pk), **{"rows-0-date": "2027-03-28", "rows-0-time": "02:30"})
    refused = as_recruiter.post(team.url("schedules/new/"), sent)
    assert refused.status_code == 422
    assert 'value="nearest:0:2027-03-28T03:00:00"' in refused.content.decode()
    pressed = sent | {"part": "form", "do": "nearest:0:2027-03-28T03:00:00"}
    page = as_recruiter.post(team.url("schedules/new/"), pressed).content.decode()
    assert 'value="03:00"' in page
    assert "does not exist" not in page


def test_a_time_that_comes_twice_asks_which(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    sent = typed(stage, str(ada.pk), **{"rows-0-date": "2027-10-31", "rows-0-time": "02:30"})
    refused = as_recruiter.post(team.url("schedules/new/"), sent)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "02:30 (GMT+2)" in page
    assert "02:30 (GMT+1)" in page
    when = "2027-10-31T01:30:00+00:00"  # Saturday evening in New York
    sent["rows-0-override"] = [f"candidate_night:{when}", f"candidate_weekend:{when}"]
    assert as_recruiter.post(team.url("schedules/new/"), sent | {"rows-0-fold": "1"}).status_code == 302
    assert Interview.objects.get(name="Coding").starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_rows_are_added_and_removed_without_losing_others(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    sent = typed(stage, str(ada.pk), **{"rows-1-place": "Room 7"})
    page = as_recruiter.post(team.url("schedules/new/"), sent | {"part": "form", "do": "remove:0"}).content.decode()
    assert 'name="rows-count" value="1"' in " ".join(page.split())
    assert 'value="Coding"' not in page
    assert 'value="Room 7"' in page
    page = as_recruiter.post(team.url("schedules/new/"), sent | {"part": "form", "do": "add"}).content.decode()
    assert 'name="rows-count" value="3"' in " ".join(page.split())
    # After the last one: 16:00 and 45 minutes, and a break; that is late, so it is the next morning.
    assert 'value="2027-03-02"' in page
    # It is open, to be given a name.
    assert re.findall(r'name="rows-(\d)-open" value="yes"', " ".join(page.split())) == ["2"]


def test_rows_are_moved_with_their_people_and_times(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    people: dict[str, str | list[str]] = {"rows-0-interviewers": str(team.admin.pk), "rows-1-place": "Room 7"}
    sent = typed(stage, str(ada.pk), **people)
    third = {f"rows-2-{name}": sent[f"rows-1-{name}"] for name in ("kind", "minutes", "date", "time")}
    sent |= third | {"rows-2-name": "Lunch", "rows-count": "3"}

    def order(*buttons: str) -> list[str]:
        return re.findall(r'name="rows-\d-name" value="(\w*)"', redrawn(as_recruiter, team, sent, do=list(buttons)))

    assert order("move:0:2") == ["Culture", "Lunch", "Coding"]
    assert order("move:2:0") == ["Lunch", "Coding", "Culture"]
    assert order("move:1:2", "remove:0") == ["Lunch", "Culture"]
    for nonsense in ("move:0:3", "move:7:0", "move:0", "move:0:x", "move:0:-1"):
        assert order(nonsense) == ["Coding", "Culture", "Lunch"]
    page = redrawn(as_recruiter, team, sent, do="move:0:1")
    assert f'name="rows-1-interviewers" value="{team.admin.pk}"' in page
    assert 'name="rows-1-time" value="14:00"' in page
    assert 'name="rows-0-place" value="Room 7"' in page


def redrawn(client: Client, team: Team, sent: dict[str, Any], **more: str | list[str]) -> str:
    """Send these choices and buttons. Return the form's HTML, with its spaces made one."""
    answer = client.post(team.url("schedules/new/"), sent | {"part": "form"} | more)
    return " ".join(answer.content.decode().split())


def test_all_buttons_pressed_since_the_page_was_drawn_count(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    """Their numbers are those of the rows that were shown, whatever another of them takes away."""
    sent = typed(stage, str(ada.pk), **{"rows-1-place": "Room 7"})
    page = redrawn(as_recruiter, team, sent, do=["remove:0", "move:1:0", "add", "remove:0", "add"])
    assert 'name="rows-count" value="3"' in page
    assert 'value="Coding"' not in page
    assert page.index('value="Culture"') < page.index('value="Room 7"') < page.index('id="row-1"')


def test_a_choice_made_again_takes_back_nothing_typed(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    ada.job, ada.stage = stage.job, stage
    ada.save()
    sent = {"candidate": str(ada.pk), "time_zone": "Europe/Berlin"}
    page = redrawn(as_recruiter, team, sent, changed="candidate")
    assert f'name="rows-stage" value="{stage.pk}"' in page
    filled = typed(stage, str(ada.pk), **{"rows-stage": str(stage.pk), "rows-0-place": "Room 7"})
    for choices in (["job"], ["stage"], ["candidate", "job", "stage"], ["time_zone"]):
        assert 'value="Room 7"' in redrawn(as_recruiter, team, filled, changed=choices)
    other = Stage.objects.create(organization=team.organization, job=stage.job, name="Last", position=1)
    assert 'value="Room 7"' not in redrawn(as_recruiter, team, filled | {"stage": str(other.pk)}, changed="stage")


def test_another_job_lets_go_of_the_stage(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Linker engineer")
    stages = [Stage.objects.create(organization=team.organization, job=job, name=name) for name in ("One", "Two")]
    sent = typed(stage, str(ada.pk), **{"rows-stage": str(stage.pk), "job": str(job.pk)})
    assert "Choose a job and a stage" in redrawn(as_recruiter, team, sent, changed="job")
    # Both chosen before the page could answer.
    both = redrawn(as_recruiter, team, sent | {"stage": str(stages[1].pk)}, changed=["job", "stage"])
    assert f'<option value="{stages[1].pk}" selected>' in both


def test_job_and_stage_follow_the_candidate_until_they_are_chosen(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    ada.job, ada.stage = stage.job, stage
    ada.save()
    job = Job.objects.create(organization=team.organization, title="Linker engineer")
    other = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    grace = Candidate.objects.create(organization=team.organization, name="Grace Lin", job=job, stage=other)
    page = redrawn(as_recruiter, team, {"candidate": str(ada.pk)}, changed="candidate")
    assert 'name="job-from-candidate" value="yes"' in page
    first = typed(stage, str(grace.pk), **{"rows-stage": str(stage.pk)})
    assert f'<option value="{job.pk}" selected>' in redrawn(
        as_recruiter, team, first, changed="candidate", **{"job-from-candidate": "yes"}
    )
    assert f'<option value="{stage.job_id}" selected>' in redrawn(as_recruiter, team, first, changed="candidate")
    chosen = redrawn(as_recruiter, team, first, changed="stage", **{"job-from-candidate": "yes"})
    assert 'name="job-from-candidate" value=""' in chosen


def test_nonsense_is_no_error_of_ours(team: Team, stage: Stage, ada: Candidate, as_recruiter: Client) -> None:
    for part in ("form", "conflicts", ""):
        for sent in (
            {},
            {"rows-count": "999999"},
            {"rows-count": "-1", "do": "remove:x"},
            {"rows-count": "1", "do": "nearest:0:never", "time_zone": "Nowhere/At_all"},
            {"candidate": "9" * 40, "job": "9" * 40, "stage": "x", "changed": "stage"},
            typed(stage, str(ada.pk), **{"rows-0-date": "9999-12-31", "rows-0-minutes": "600"}),
            typed(stage, str(ada.pk), **{"rows-0-date": "0001-01-01"}),
            typed(stage, str(ada.pk), **{"rows-0-plan_interview": "9" * 40, "do": "seat:99", "rows-0-fold": "7"}),
        ):
            answer = as_recruiter.post(team.url("schedules/new/"), sent | {"part": part})
            assert answer.status_code in {200, 422}
    assert not Schedule.objects.exists()


def test_candidates_are_found_by_name_or_address(
    team: Team, ada: Candidate, as_recruiter: Client, other_team: Team
) -> None:
    Candidate.objects.create(organization=team.organization, name="Grace Lin", email="grace@example.com")
    Candidate.objects.create(organization=other_team.organization, name="Adam Other")

    def found(query: str) -> str:
        return as_recruiter.get(team.url("candidates/find/") + query).content.decode()

    assert "Ada Osei" in found("?q=ada")
    assert "Adam Other" not in found("?q=ada")
    assert "Grace Lin" not in found("?q=ada")
    assert "Grace Lin" in found("?q=GRACE@")
    # The chosen one stays, whatever is searched.
    kept = found(f"?q=grace&candidate={ada.pk}")
    assert "Ada Osei" in kept
    assert "checked" in kept


def test_a_candidate_who_is_deleted_just_now_is_said(
    team: Team, stage: Stage, ada: Candidate, as_recruiter: Client
) -> None:
    """After the form was read, and before the candidate is locked."""

    def delete_before_it_begins(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"scheduling_candidate"."id" AS "pk"' in sql and deletions:
            deletions.pop()()
        return execute(sql, params, many, context)

    deletions = [ada.delete]

    sent = typed(stage, str(ada.pk))
    with connection.execute_wrapper(delete_before_it_begins):
        answer = as_recruiter.post(team.url("schedules/new/"), sent)
    assert answer.status_code == 422
    assert "This candidate was deleted. Choose another." in answer.content.decode()
    assert not Schedule.objects.exists()
