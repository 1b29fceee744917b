"""The tab "Communications", and the progress that it and the dialog ask for."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client

from integrations.models import Integration
from scheduling.models import CodingLink, Interview, Schedule
from tests.conftest import Team
from tests.scheduling.clicks import dialog, plan_of
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db


def text_of(page: str) -> str:
    """The words of a page, without tags and extra space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?bdi[^>]*>", "", page))).split())


def seen_in(page: str) -> list[str]:
    return re.findall(r'name="seen"\s+value="([^"]+)"', page)


def tab(team: Team, schedule: Schedule) -> str:
    return team.url(f"schedules/{schedule.pk}/communications/")


def progress(team: Team, schedule: Schedule) -> str:
    return team.url(f"schedules/{schedule.pk}/communications/progress/")


def test_each_interview_has_a_line_with_its_link(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Culture", "Algorithms", "Off", "Stalled")
    integration = connect(team)
    link = make_link(schedule.interviews.get(name="Coding"), integration, "ready")
    for name in ("Algorithms", "Off", "Stalled"):
        plan_of(schedule.interviews.get(name=name), link_tool="codesignal")
    make_link(schedule.interviews.get(name="Off"), integration, "cancelled")
    make_link(schedule.interviews.get(name="Stalled"), integration, "cancelling", next_attempt_at=None)
    schedule.interviews.filter(name__in=["Off", "Stalled"]).update(state=Interview.State.CANCELLED)
    page = as_recruiter.get(tab(team, schedule)).content.decode()
    assert f'data-copy="{link.url}"' in page
    assert "Coding" in text_of(page)
    assert "Ready" in text_of(page)
    assert "Created " in text_of(page)
    assert "data-busy" not in page
    # Missing where the plan asks for one, and still at the vendor though its interview is cancelled.
    lines = re.findall(r'<tr id="page-link-\d+"(.*?)</tr>', page, re.S)
    shown = [re.search(r"<bdi>(\w+)</bdi>", line)[1] for line in lines if "d-none" not in line]  # type: ignore[index]
    assert shown == ["Coding", "Algorithms", "Stalled"]
    assert "No link The interview plan asks for a coding link." in text_of(page)
    assert "No coding links yet" not in page


def test_a_line_comes_in_where_there_was_none(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Off")
    integration = connect(team)
    schedule.interviews.filter(name="Off").update(state=Interview.State.CANCELLED)
    page = as_recruiter.get(tab(team, schedule)).content.decode()
    assert "No coding links yet Add them with “CodeSignal” above." in text_of(page)
    seen = seen_in(page)
    assert as_recruiter.get(progress(team, schedule), {"seen": seen, "place": "page"}).status_code == 204
    make_link(schedule.interviews.get(name="Coding"), integration, "ready")
    answer = as_recruiter.get(progress(team, schedule), {"seen": seen, "place": "page"}).content.decode()
    assert "No coding links yet" not in answer
    assert "Ready" in text_of(answer)
    assert 'id="page-links-none"' in answer


def test_in_the_dialog_a_cancelled_interview_has_a_row_only_for_what_is_left(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Off")
    integration = connect(team)
    off = schedule.interviews.get(name="Off")
    schedule.interviews.filter(name="Off").update(state=Interview.State.CANCELLED)
    page = dialog(as_recruiter, team, schedule)
    assert re.findall(r'-name"><bdi>(\w+)</bdi>', page) == ["Coding"]
    # An interview that the page does not show is no news for it.
    assert (
        as_recruiter.get(
            progress(team, schedule), {"seen": seen_in(page), "place": "dialog", "tool": "codesignal"}
        ).status_code
        == 204
    )
    make_link(off, integration, "cancelling")
    assert "Removing" in text_of(dialog(as_recruiter, team, schedule))


def test_all_cancelled_and_nobody_told_is_said(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding")
    schedule.interviews.update(state=Interview.State.CANCELLED)
    Schedule.objects.update(state=Schedule.State.CANCELLED)
    page = text_of(as_recruiter.get(tab(team, schedule)).content.decode())
    assert "All interviews are cancelled They need no coding links." in page
    section = as_recruiter.get(team.url(f"schedules/{schedule.pk}/messages/"), headers={"HX-Request": "true"})
    words = text_of(section.content.decode())
    assert "No messages needed The interviews were cancelled before anyone was told." in words
    assert "Add an interview" not in words


def test_a_schedule_without_interviews_asks_for_one(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team)
    section = as_recruiter.get(team.url(f"schedules/{schedule.pk}/messages/"), headers={"HX-Request": "true"})
    assert "No recipients yet" in section.content.decode()


def test_a_tool_that_is_not_connected_is_said_to_each_reader(
    team: Team, as_admin: Client, as_recruiter: Client
) -> None:
    schedule = make_loop(team, "Coding")
    assert "Ask Admin Acme to connect it." in text_of(as_recruiter.get(tab(team, schedule)).content.decode())
    shown = text_of(as_admin.get(tab(team, schedule)).content.decode())
    assert "Ask Admin Acme" not in shown
    assert "Connect it once for the whole organization. Connect CodeSignal" in shown


def test_a_schedule_without_interviews_says_what_to_do(team: Team, as_recruiter: Client) -> None:
    page = as_recruiter.get(tab(team, make_loop(team))).content.decode()
    assert "This schedule has no interviews" in page


def test_the_dialog_opens_by_itself_when_the_address_says_so(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    assert 'hx-trigger="click, load"' in as_recruiter.get(tab(team, schedule) + "?open=codesignal").content.decode()
    assert 'hx-trigger="click, load"' not in as_recruiter.get(tab(team, schedule)).content.decode()


def test_progress_answers_nothing_until_something_changed(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Culture")
    integration = connect(team)
    coding, _culture = schedule.interviews.all()
    link = make_link(coding, integration, "pending")
    page = as_recruiter.get(tab(team, schedule)).content.decode()
    assert "data-busy" in page
    seen = seen_in(page)
    assert len(seen) == 2
    assert as_recruiter.get(progress(team, schedule), {"seen": seen, "place": "page"}).status_code == 204

    CodingLink.objects.filter(pk=link.pk).update(state="ready", external_id="e1", url="https://cs.example/1")
    answer = as_recruiter.get(progress(team, schedule), {"seen": seen, "place": "page"})
    changed = answer.content.decode()
    assert f'id="page-link-{coding.pk}"' in changed
    assert changed.count('name="seen"') == 1  # the other card did not change
    assert "data-busy" not in changed
    assert "Coding: Ready." in text_of(changed)
    assert "HX-Trigger" not in answer


def test_progress_in_the_dialog_also_refreshes_the_page_behind_it(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    make_link(interview, connect(team), "ready")
    answer = as_recruiter.get(
        progress(team, schedule), {"seen": f"{interview.pk}.old", "place": "dialog", "tool": "codesignal"}
    )
    assert json.loads(answer["HX-Trigger"]) == {"linksChanged": True}
    assert f'id="link-row-{interview.pk}"' in answer.content.decode()


def test_garbage_in_seen_only_redraws(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    answer = as_recruiter.get(progress(team, schedule), {"seen": ["", ".", "x.y.z", "é"]})
    assert answer.status_code == 200
    assert answer.content.decode().count('name="seen"') == 1


@pytest.mark.parametrize("place", ["page", "dialog"])
def test_progress_costs_six_queries_at_most(
    team: Team, as_recruiter: Client, place: str, django_assert_max_num_queries: object
) -> None:
    schedule = make_loop(team, *[f"Round {number}" for number in range(20)])
    integration = connect(team)
    for interview in schedule.interviews.all():
        make_link(interview, integration, "pending", candidate_key=f"candidate {interview.pk}")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        changed = as_recruiter.get(progress(team, schedule), {"place": place, "tool": "codesignal"})
    seen = seen_in(changed.content.decode())
    assert len(seen) == 20 + (place == "dialog")  # the dialog's head too
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert (
            as_recruiter.get(progress(team, schedule), {"seen": seen, "place": place, "tool": "codesignal"}).status_code
            == 204
        )


def test_a_paused_tool_is_said_once(team: Team, as_recruiter: Client) -> None:
    connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    shown = text_of(as_recruiter.get(tab(team, make_loop(team, "Coding"))).content.decode())
    assert shown.count("CodeSignal is paused") == 1
    assert "Admin Acme" in shown


@pytest.mark.parametrize("rest", ["communications/", "communications/progress/", "links/codesignal/"])
def test_who_may_open_it(
    team: Team, as_recruiter: Client, as_admin: Client, as_interviewer: Client, as_outsider: Client, rest: str
) -> None:
    schedule = make_loop(team, "Coding")
    address = team.url(f"schedules/{schedule.pk}/{rest}")
    assert as_recruiter.get(address).status_code == 200
    assert as_admin.get(address).status_code == 200
    assert as_interviewer.get(address).status_code == 403
    assert as_outsider.get(address).status_code == 404
    assert as_outsider.get(f"/o/globex/schedules/{schedule.pk}/{rest}").status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in/")
