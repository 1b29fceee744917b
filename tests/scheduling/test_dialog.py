"""The CodeSignal dialog: what it offers in each state, and adding links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from integrations.models import Integration
from scheduling.models import CodingLink, Interview, Schedule
from tests.conftest import Team
from tests.scheduling.clicks import add, dialog, plan_of
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.test_communications import seen_in, text_of

pytestmark = pytest.mark.django_db


@time_machine.travel(datetime(2027, 1, 15, 12, tzinfo=UTC), tick=False)
def test_times_have_their_zone_by_its_city_with_the_offset_of_that_day(team: Team) -> None:
    team.recruiter.user.time_zone = "Europe/Berlin"
    team.recruiter.user.save()
    client = team.client(team.recruiter)
    assert "13:00–14:00 Berlin (GMT+1)" in text_of(dialog(client, team, make_loop(team, "Coding", hours_ahead=24)))
    assert "14:00–15:00 Berlin (GMT+2)" in text_of(
        dialog(client, team, make_loop(team, "Coding", hours_ahead=24 * 180))
    )


@pytest.mark.parametrize(
    ("state", "fields", "there", "not_there"),
    [
        ("pending", {}, ["Generating", "Remove"], ["Copy", "Try again", "+ Add CodeSignal link"]),
        ("ready", {}, ["Ready", "Copy", "Open", "Remove", "deleted in CodeSignal"], ["+ Add CodeSignal link"]),
        ("active", {}, ["In progress", "Copy", "Open"], ["Remove", "+ Add CodeSignal link"]),
        ("finished", {}, ["Finished", "Copy", "+ Add CodeSignal link"], ["Remove"]),
        (
            "failed",
            {"problem_code": "refused"},
            ["Action needed", "CodeSignal refused the request.", "Try again", "Remove"],
            ["Copy", "+ Add CodeSignal link"],
        ),
        ("expired", {}, ["Expired", "+ Add CodeSignal link"], ["Copy", "Remove"]),
        ("cancelled", {}, ["Removed", "+ Add CodeSignal link"], ["Copy", "Try again"]),
        (
            "cancelling",
            {"problem_code": "refused", "next_attempt_at": None},
            ["Action needed", "It may still be open in CodeSignal.", "Try again"],
            ["Copy", "Remove "],
        ),
    ],
)
def test_each_state_offers_what_can_be_done(
    team: Team, as_recruiter: Client, state: str, fields: dict[str, object], there: list[str], not_there: list[str]
) -> None:
    schedule = make_loop(team, "Coding")
    make_link(schedule.interviews.get(), connect(team), state, **fields)
    words = text_of(dialog(as_recruiter, team, schedule))
    assert [word for word in there if word not in words] == []
    assert [word for word in not_there if word in words] == []


def test_it_says_who_is_connected_and_which_template_was_used(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding")
    make_link(schedule.interviews.get(), connect(team), "ready", template_name="Graphs", template_locked=True)
    words = text_of(dialog(as_recruiter, team, schedule))
    assert "Connected to CodeSignal as Acme Hiring" in words
    assert "Template: Graphs · locked" in words


def test_without_a_connection_it_says_why_and_who_can(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    schedule = make_loop(team, "Coding")
    words = text_of(dialog(as_recruiter, team, schedule))
    assert "CodeSignal is not connected" in words
    assert "Ask Admin Acme to connect it." in words
    assert "+ Add CodeSignal link" not in words
    assert "Ask Admin Acme" not in text_of(dialog(as_admin, team, schedule))


def test_while_paused_it_says_what_that_means(team: Team, as_recruiter: Client) -> None:
    connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    words = text_of(dialog(as_recruiter, team, make_loop(team, "Coding")))
    assert "CodeSignal did not accept the API key." in words
    assert "New links and removals wait." in words
    assert words.count("CodeSignal is paused") == 1
    assert "Connected to CodeSignal" not in words
    assert "Ask Admin Acme to replace the key." in words
    assert "+ Add CodeSignal link" in words


def test_an_interview_that_is_over_or_cancelled_gets_no_link(team: Team, as_recruiter: Client) -> None:
    connect(team)
    past = make_loop(team, "Coding", hours_ahead=-30)
    off = make_loop(team, "Coding")
    off.interviews.update(state=Interview.State.CANCELLED)
    for schedule in (past, off):
        assert "+ Add CodeSignal link" not in text_of(dialog(as_recruiter, team, schedule))
        status, answer = add(as_recruiter, team, schedule.interviews.get())
        assert status == 422
        assert "This interview is" in text_of(answer)
    assert not CodingLink.objects.exists()


def test_adding_asks_for_a_link_and_shows_progress_at_once(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", "Culture")
    connect(team)
    interview = schedule.interviews.get(name="Coding")
    status, answer = add(as_recruiter, team, interview, template_id="t1", template_locked="on")
    link = CodingLink.objects.get()
    assert (link.interview, link.state, link.requested_by) == (interview, "pending", team.recruiter.user)
    assert (link.template_id, link.template_name, link.template_locked) == ("t1", "Graphs", True)
    assert status == 200
    assert f'id="link-row-{interview.pk}"' in answer
    assert "data-busy" in answer
    assert answer.count('name="seen"') == 2  # the row's and the head's
    assert "Coding: Generating." in text_of(answer)


def test_a_second_click_finds_the_first_ones_link(team: Team, as_recruiter: Client) -> None:
    connect(team)
    interview = make_loop(team, "Coding").interviews.get()
    add(as_recruiter, team, interview)
    assert add(as_recruiter, team, interview)[0] == 200
    assert CodingLink.objects.count() == 1


def test_the_plans_template_is_chosen_beforehand(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding")
    plan_of(schedule.interviews.get(), template_id="t9", template_name="Old favourite", template_locked=True)
    page = dialog(as_recruiter, team, schedule)
    assert '<option value="t9" selected>Old favourite</option>' in page
    assert "checked" in page


def test_a_template_that_is_gone_is_said_and_nothing_is_made(team: Team, as_recruiter: Client) -> None:
    connect(team)
    status, answer = add(as_recruiter, team, make_loop(team, "Coding").interviews.get(), template_id="gone")
    assert status == 422
    assert "That template no longer exists. Choose another one." in text_of(answer)
    assert not CodingLink.objects.exists()


def test_a_lock_without_a_template_means_nothing(team: Team, as_recruiter: Client) -> None:
    connect(team)
    add(as_recruiter, team, make_loop(team, "Coding").interviews.get(), template_locked="on")
    assert CodingLink.objects.get().template_locked is False


def test_adding_after_a_disconnect_is_said(team: Team, as_recruiter: Client) -> None:
    status, answer = add(as_recruiter, team, make_loop(team, "Coding").interviews.get())
    assert status == 422
    assert "no longer connected, so no link was added" in text_of(answer)


def add_all(client: Client, team: Team, schedule: Schedule, **data: object) -> tuple[int, str]:
    answer = client.post(team.url(f"schedules/{schedule.pk}/links/codesignal/add/"), data)
    return answer.status_code, answer.content.decode()


def asked_for() -> list[tuple[str, str]]:
    """Names and templates of the interviews whose links were asked for, in order."""
    asked = CodingLink.objects.filter(state="pending").order_by("interview__position")
    return [(link.interview.name, link.template_id) for link in asked if link.interview]


@pytest.fixture
def loop(team: Team) -> Schedule:
    """Two coding interviews without a link, one whose link was removed and one that has its link, and two others."""
    schedule = make_loop(team, "Coding", "Arrays", "Removed", "Made", "Manager", "Design")
    integration = connect(team)
    for name, state in (("Coding", ""), ("Arrays", ""), ("Removed", "cancelled"), ("Made", "ready")):
        interview = schedule.interviews.get(name=name)
        template = {"template_id": "t2", "template_name": "Arrays", "template_locked": True} if name == "Arrays" else {}
        plan_of(interview, link_tool="codesignal", **template)
        if state:
            make_link(interview, integration, state)
    plan_of(schedule.interviews.get(name="Manager"))
    return schedule


def test_links_are_added_to_the_coding_interviews_and_their_number_is_said(
    team: Team, as_recruiter: Client, loop: Schedule
) -> None:
    """Not to those that others are about, and not where a person took the link away."""
    words = text_of(dialog(as_recruiter, team, loop))
    assert "Add links to 2 coding interviews" in words
    assert "2 other interviews without a link Interviews to add links to Manager Design Add links to" in words
    status, answer = add_all(as_recruiter, team, loop)
    assert status == 200
    assert asked_for() == [("Coding", ""), ("Arrays", "t2")]
    assert "coding interview" not in text_of(answer)
    assert "2 other interviews without a link" not in text_of(answer)
    assert "Select interviews to add links to" in text_of(answer)


def test_others_get_a_link_when_they_are_picked(team: Team, as_recruiter: Client, loop: Schedule) -> None:
    manager, made = loop.interviews.get(name="Manager"), loop.interviews.get(name="Made")
    status, answer = add_all(as_recruiter, team, loop, pick="", interview=[manager.pk, made.pk, "x"])
    assert (status, asked_for()) == (200, [("Manager", "")])
    assert "1 other interview without a link" in text_of(answer)
    assert "Add links to 2 coding interviews" in text_of(answer)


def test_picking_nothing_asks_for_a_choice(team: Team, as_recruiter: Client, loop: Schedule) -> None:
    status, answer = add_all(as_recruiter, team, loop, pick="")
    assert (status, asked_for()) == (422, [])
    assert "Select at least one interview." in text_of(answer)


def test_one_coding_interview_and_one_other(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding", "Manager")
    plan_of(schedule.interviews.get(name="Coding"), link_tool="codesignal")
    words = text_of(dialog(as_recruiter, team, schedule))
    assert "Add link to 1 coding interview 1 other interview without a link" in words


def test_where_no_plan_asks_for_a_link_there_is_a_choice(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding", "Manager")
    words = text_of(dialog(as_recruiter, team, schedule))
    assert "Select interviews to add links to" in words
    assert "coding interview" not in words
    assert add_all(as_recruiter, team, schedule)[0] == 200
    assert asked_for() == []


def test_adding_several_is_not_offered_for_one(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding")
    assert "Select interviews" not in text_of(dialog(as_recruiter, team, schedule))
    plan_of(schedule.interviews.get(), link_tool="codesignal")
    assert "coding interview" not in text_of(dialog(as_recruiter, team, schedule))


def test_what_is_being_chosen_is_not_redrawn_by_news_of_other_rows(
    team: Team, as_recruiter: Client, loop: Schedule
) -> None:
    page = dialog(as_recruiter, team, loop)
    seen = seen_in(page)
    CodingLink.objects.filter(state="ready").update(state="active")
    path = team.url(f"schedules/{loop.pk}/communications/progress/")
    answer = as_recruiter.get(path, {"seen": seen, "place": "dialog", "tool": "codesignal"}).content.decode()
    assert "In progress" in text_of(answer)
    assert "link-dialog-head" not in answer
    add(as_recruiter, team, loop.interviews.get(name="Manager"))
    assert (
        "link-dialog-head"
        in as_recruiter.get(path, {"seen": seen, "place": "dialog", "tool": "codesignal"}).content.decode()
    )


def test_an_early_link_says_when_it_will_be_made(team: Team, as_recruiter: Client) -> None:
    connect(team)
    schedule = make_loop(team, "Coding", hours_ahead=24 * 20)
    _status, answer = add(as_recruiter, team, schedule.interviews.get())
    day = timezone.localtime(CodingLink.objects.get().not_before)
    assert f"Will be generated on {day:%-d %b %Y}" in text_of(answer)
    assert "data-busy" not in answer
