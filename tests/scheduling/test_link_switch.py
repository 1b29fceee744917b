"""The switch "</>" of one interview: on Details, in the builder's rows and on "Edit plan"."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.coding_links.defaults import without_a_link
from scheduling.models import Candidate, CodingLink, Interview, Schedule
from tests.conftest import Team
from tests.scheduling.clicks import plan_of
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.test_communications import text_of
from tests.scheduling.test_plan import opened
from tests.scheduling.test_schedules_new import ada, clock, stage, typed  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def coding(team: Team) -> Interview:
    """An interview whose plan asks for a link."""
    interview = make_loop(team, "Coding").interviews.get()
    plan_of(interview, link_tool="codesignal", template_id="t1", template_name="Graphs")
    return interview


def press(client: Client, team: Team, interview: Interview, **sent: str) -> str:
    answer = client.post(team.url(f"interviews/{interview.pk}/link/"), sent, follow=True)
    return text_of(answer.content.decode())


def test_a_link_is_switched_off_and_on_again(team: Team, coding: Interview, as_recruiter: Client) -> None:
    integration = connect(team)
    assert list(without_a_link(integration)) == [coding]
    assert "“Coding” gets no coding link." in press(as_recruiter, team, coding, switch="off")
    coding.refresh_from_db()
    assert coding.link_tool == "" and not without_a_link(integration).exists()
    assert "“Coding” gets a CodeSignal link." in press(as_recruiter, team, coding, switch="on")
    coding.refresh_from_db()
    assert coding.link_tool is None
    link = CodingLink.objects.get()
    assert (link.interview, link.template_id, link.by_default) == (coding, "t1", True)
    events = AuditEvent.objects.filter(action__startswith="interview.").order_by("pk")
    assert [event.action for event in events] == ["interview.link_switched_off", "interview.link_switched_on"]


def test_one_without_a_plan_gets_a_link(team: Team, as_recruiter: Client) -> None:
    talk = make_loop(team, "Talk").interviews.get()
    integration = connect(team)
    assert "gets a CodeSignal link" in press(as_recruiter, team, talk, switch="on")
    talk.refresh_from_db()
    assert talk.link_tool == "codesignal"
    CodingLink.objects.update(state="cancelled")
    assert list(without_a_link(integration)) == [talk]
    page = as_recruiter.get(team.url(f"schedules/{talk.schedule_id}/communications/")).content.decode()
    assert "A coding link is switched on here." in text_of(page)


def test_without_a_tool_it_is_remembered(team: Team, as_recruiter: Client) -> None:
    talk = make_loop(team, "Talk").interviews.get()
    assert "CodeSignal is not connected, so no link is generated yet." in press(as_recruiter, team, talk, switch="on")
    assert list(without_a_link(connect(team))) == [talk]


@pytest.mark.parametrize(("answer", "state"), [("keep", "ready"), ("remove", "cancelling")])
def test_what_becomes_of_a_link_is_asked(
    team: Team, coding: Interview, as_recruiter: Client, answer: str, state: str
) -> None:
    link = make_link(coding, connect(team), "ready")
    address = team.url(f"interviews/{coding.pk}/link/")
    assert "Keep it, or remove it in CodeSignal as well?" in text_of(as_recruiter.get(address).content.decode())
    assert as_recruiter.post(address, {"switch": "off"}).status_code == 422
    coding.refresh_from_db()
    assert coding.link_tool is None
    press(as_recruiter, team, coding, switch="off", link=answer)
    link.refresh_from_db()
    assert Interview.objects.get(pk=coding.pk).link_tool == ""
    assert link.state == state


def test_a_link_in_progress_stays(team: Team, coding: Interview, as_recruiter: Client) -> None:
    link = make_link(coding, connect(team), "active")
    page = text_of(as_recruiter.get(team.url(f"interviews/{coding.pk}/link/")).content.decode())
    assert "Its CodeSignal link stays" in page and "and remove the link" not in page
    press(as_recruiter, team, coding, switch="off", link="remove")
    link.refresh_from_db()
    assert link.state == "active"


def test_a_second_press_changes_nothing(team: Team, coding: Interview, as_recruiter: Client) -> None:
    assert "Nothing changed." in press(as_recruiter, team, coding, switch="on")
    assert as_recruiter.post(team.url(f"interviews/{coding.pk}/link/"), {"switch": "maybe"}).status_code == 422
    Interview.objects.filter(pk=coding.pk).update(state="cancelled")
    assert "This interview is cancelled. Nothing was saved." in press(as_recruiter, team, coding, switch="off")
    assert not AuditEvent.objects.filter(action__startswith="interview.link").exists()


def test_an_interviewer_sees_no_switch(team: Team, coding: Interview) -> None:
    coding.assignments.create(membership=team.interviewer)
    address = team.url(f"schedules/{coding.schedule_id}/")
    assert "detail-switch" in team.client(team.recruiter).get(address).content.decode()
    assert "detail-switch" not in team.client(team.interviewer).get(address).content.decode()


def test_a_new_schedule_follows_its_rows(
    team: Team,
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    connect(team)
    sent = typed(stage, str(ada.pk)) | {"part": "form", "do": ["link:0:off", "link:1:codesignal"]}
    page = as_recruiter.post(team.url("schedules/new/"), sent).content.decode()
    assert 'value="link:0:"' in page and 'value="link:1:"' in page
    assert "Coding link switched off" in text_of(page) and "CodeSignal link switched on" in text_of(page)
    assert "1 coding link will be generated" in text_of(page)
    links = {"rows-0-link": "off", "rows-1-link": "codesignal"}
    as_recruiter.post(team.url("schedules/new/"), typed(stage, str(ada.pk)) | links)
    first, second = Schedule.objects.get().interviews.order_by("position")
    assert (first.link_tool, second.link_tool) == ("", "codesignal")
    assert [link.interview for link in CodingLink.objects.all()] == [second]
    PlanInterview.objects.update(link_tool="codesignal")
    first.refresh_from_db()
    assert first.asked_tool == ""


def test_a_setting_that_is_none_is_refused(
    team: Team,
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    answer = as_recruiter.post(
        team.url("schedules/new/"), typed(stage, str(ada.pk)) | {"rows-0-link": "carrier pigeon"}
    )
    assert answer.status_code == 422 and not Schedule.objects.exists()


def test_edit_plan_switches_with_the_other_changes(team: Team, coding: Interview, as_recruiter: Client) -> None:
    link = make_link(coding, connect(team), "ready")
    schedule = coding.schedule
    address = team.url(f"schedules/{schedule.pk}/plan/")
    sent: dict[str, Any] = opened(as_recruiter, team, schedule)
    page = text_of(as_recruiter.post(address, sent | {"part": "form", "do": "link:0:off"}).content.decode())
    assert "Its CodeSignal link stays as it is, unless you have it removed." in page
    assert "Save 1 change" in page and "will be removed" not in page and "messages will be prepared" not in page
    sent |= {"rows-0-link": "off", "rows-0-unlink": "on"}
    page = text_of(as_recruiter.post(address, sent | {"part": "conflicts"}).content.decode())
    assert "1 coding link will be removed" in page
    assert as_recruiter.post(address, sent).status_code == 302
    coding.refresh_from_db()
    link.refresh_from_db()
    assert (coding.link_tool, link.state) == ("", "cancelling")

    sent = opened(as_recruiter, team, schedule) | {"rows-0-link": ""}
    page = text_of(as_recruiter.post(address, sent | {"part": "conflicts"}).content.decode())
    assert "1 coding link will be generated" in page
    assert as_recruiter.post(address, sent).status_code == 302
    assert CodingLink.objects.filter(state="pending", interview=coding).count() == 1


def test_moving_keeps_the_setting(team: Team, coding: Interview, as_recruiter: Client) -> None:
    Interview.objects.filter(pk=coding.pk).update(link_tool="")
    address = team.url(f"interviews/{coding.pk}/edit/")
    page = as_recruiter.get(address).content.decode()
    assert 'name="rows-0-link" value="off"' in page
