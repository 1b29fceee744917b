"""The CodeSignal dialog: removing, trying again, choosing, what happened, and who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from scheduling.coding_links.history import link_story
from scheduling.models import CodingLink, LinkEvent, Schedule
from tests.conftest import Team
from tests.scheduling.clicks import add, click, dialog, plan_of
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db


def test_removing_deletes_at_the_vendor_in_the_background(team: Team, as_recruiter: Client) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "ready")
    status, answer = click(as_recruiter, team, link, "remove")
    link.refresh_from_db()
    assert (status, link.state) == (200, "cancelling")
    assert "Removing" in text_of(answer)
    assert "data-busy" in answer


def test_what_is_in_progress_is_not_removed(team: Team, as_recruiter: Client) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "active")
    status, answer = click(as_recruiter, team, link, "remove")
    link.refresh_from_db()
    assert (status, link.state) == (422, "active")
    assert "can't be removed now" in text_of(answer)


def test_trying_again_after_a_failure(team: Team, as_recruiter: Client) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "failed", problem_code="refused")
    status, answer = click(as_recruiter, team, link, "retry")
    link.refresh_from_db()
    assert (status, link.state, link.problem_code) == (200, "pending", "")
    assert "Generating" in text_of(answer)


CHOICES = [
    {"id": "a", "url": "https://cs.example/a", "status": "waiting"},
    {"id": "b", "url": "https://cs.example/b", "status": "active"},
]


def ambiguous(team: Team) -> CodingLink:
    return make_link(
        make_loop(team, "Coding").interviews.get(),
        connect(team),
        "unknown",
        problem_code="ambiguous",
        next_attempt_at=None,
        choices=CHOICES,
    )


def test_what_cant_be_told_is_shown_with_one_click_to_choose(team: Team, as_recruiter: Client) -> None:
    link = ambiguous(team)
    assert link.interview is not None
    page = dialog(as_recruiter, team, link.interview.schedule)
    assert "https://cs.example/a" in page
    assert "https://cs.example/b" in page
    assert "None of these, generate a new link" in page
    status, answer = click(as_recruiter, team, link, "choose", external_id="b")
    link.refresh_from_db()
    assert (status, link.state, link.url) == (200, "ready", "https://cs.example/b")
    assert "Ready" in text_of(answer)


def test_none_of_these_makes_a_new_one(team: Team, as_recruiter: Client) -> None:
    link = ambiguous(team)
    assert click(as_recruiter, team, link, "choose", external_id="")[0] == 200
    link.refresh_from_db()
    assert (link.state, link.choices) == ("pending", [])


def test_a_choice_that_was_not_offered_is_refused(team: Team, as_recruiter: Client) -> None:
    link = ambiguous(team)
    status, answer = click(as_recruiter, team, link, "choose", external_id="zzz")
    link.refresh_from_db()
    assert (status, link.state) == (422, "unknown")
    assert "not one of the links to choose from" in text_of(answer)


def test_an_older_link_that_could_not_be_deleted_is_shown_beside_the_new_one(team: Team, as_recruiter: Client) -> None:
    schedule, integration = make_loop(team, "Coding"), connect(team)
    interview = schedule.interviews.get()
    old = make_link(interview, integration, "cancelling", problem_code="refused", next_attempt_at=None)
    make_link(interview, integration, "ready")
    page = dialog(as_recruiter, team, schedule)
    assert "An earlier link could not be deleted in CodeSignal" in page
    assert team.url(f"links/{old.pk}/retry/") in page
    click(as_recruiter, team, old, "retry")
    old.refresh_from_db()
    assert (old.state, old.problem_code) == ("cancelling", "")


def test_what_happened_is_told_in_sentences_newest_first(team: Team, as_recruiter: Client) -> None:
    connect(team)
    interview = make_loop(team, "Coding").interviews.get()
    add(as_recruiter, team, interview)
    link = CodingLink.objects.get()
    click(as_recruiter, team, link, "remove")
    words = text_of(as_recruiter.get(team.url(f"interviews/{interview.pk}/links/history/")).content.decode())
    assert words.index("Removed.") < words.index("Link requested.")
    assert words.count("Recruiter Acme") == 2


def test_a_move_without_a_sentence_of_its_own_names_the_state(team: Team) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "pending")
    event = LinkEvent.objects.create(link=link, to_state="ready", code="new-code", params={"text": "Said so."})
    line = link_story(event)
    assert (line.text, line.actor, line.note) == ("Ready", "", "Said so.")


def test_the_dialog_costs_the_same_for_one_interview_and_for_many(
    team: Team, as_recruiter: Client, django_assert_max_num_queries: object
) -> None:
    schedule, integration = make_loop(team, *[f"Round {number}" for number in range(30)]), connect(team)
    for interview in schedule.interviews.all():
        make_link(interview, integration, "failed", problem_code="key_rejected")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert dialog(as_recruiter, team, schedule).count("Try again") >= 30


@pytest.mark.parametrize("rest", ["remove", "retry", "choose"])
def test_who_may_change_a_link(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client, rest: str
) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "pending")
    before = CodingLink.objects.values().get()
    assert click(as_interviewer, team, link, rest)[0] == 403
    assert click(as_outsider, team, link, rest)[0] == 404
    assert as_outsider.post(f"/o/globex/links/{link.pk}/{rest}/").status_code == 404
    page = as_recruiter.get(team.url(f"links/{link.pk}/{rest}/"))["Location"]
    assert page == team.url(f"schedules/{Schedule.objects.get().pk}/communications/")
    assert CodingLink.objects.values().get() == before
    assert click(as_recruiter, team, link, rest)[0] == 200


@pytest.mark.parametrize(
    "rest", ["interviews/{interview}/links/codesignal/add/", "schedules/{schedule}/links/codesignal/add/"]
)
def test_who_may_add_links(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client, rest: str
) -> None:
    connect(team)
    schedule = make_loop(team, "Coding")
    plan_of(schedule.interviews.get(), link_tool="codesignal")
    path = rest.format(interview=schedule.interviews.get().pk, schedule=schedule.pk)
    assert as_interviewer.post(team.url(path)).status_code == 403
    assert as_outsider.post(team.url(path)).status_code == 404
    assert as_outsider.post(f"/o/globex/{path}").status_code == 404
    assert as_recruiter.get(team.url(path))["Location"] == team.url(f"schedules/{schedule.pk}/communications/")
    assert not CodingLink.objects.exists()
    assert as_recruiter.post(team.url(path)).status_code == 200
    assert CodingLink.objects.count() == 1


def test_who_may_read_what_happened(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    path = f"interviews/{make_loop(team, 'Coding').interviews.get().pk}/links/history/"
    assert as_recruiter.get(team.url(path)).status_code == 200
    assert as_interviewer.get(team.url(path)).status_code == 403
    assert as_outsider.get(team.url(path)).status_code == 404
    assert as_outsider.get(f"/o/globex/{path}").status_code == 404


def test_a_link_of_a_deleted_interview_is_not_there(team: Team, as_recruiter: Client) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "ready")
    CodingLink.objects.update(interview=None)
    assert click(as_recruiter, team, link, "remove")[0] == 404


def test_history_dates_do_not_depend_on_the_order_of_ids(team: Team, as_recruiter: Client) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "ready")
    now = timezone.now()
    LinkEvent.objects.create(link=link, to_state="ready", code="made", at=now)
    LinkEvent.objects.create(link=link, to_state="pending", code="asked", at=now - timedelta(minutes=1))
    assert link.interview_id
    words = text_of(as_recruiter.get(team.url(f"interviews/{link.interview_id}/links/history/")).content.decode())
    assert words.index("Created in CodeSignal.") < words.index("Link requested.")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_link(team: Team) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's database in memory does not let two threads write; this runs on PostgreSQL")
    connect(team)
    interview = make_loop(team, "Coding").interviews.get()
    both = Barrier(4)

    def press() -> int:
        client = team.client(team.recruiter)
        both.wait()
        try:
            return add(client, team, interview)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        answers = [people.submit(press) for _ in range(4)]
        assert [answer.result() for answer in answers] == [200] * 4
    assert CodingLink.objects.count() == 1
