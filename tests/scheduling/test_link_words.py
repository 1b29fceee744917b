"""A link's label, and what each reader can do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Integration
from organizations.access import Access
from organizations.models import Membership
from scheduling.coding_links.display import LinkView, link_view
from scheduling.coding_links.rows import link_rows
from scheduling.models import CodingLink, Interview
from tests.conftest import Team
from tests.scheduling.clicks import plan_of
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db


def reader(membership: Membership) -> Access:
    return Access(membership.organization, membership.user, membership)


def interview_of(team: Team) -> Interview:
    return make_loop(team, "Coding").interviews.get()


@pytest.mark.parametrize(
    ("state", "fields", "word", "busy"),
    [
        ("pending", {}, "Generating", True),
        ("creating", {}, "Generating", True),
        ("unknown", {}, "Checking with CodeSignal", True),
        ("unknown", {"problem_code": "ambiguous"}, "Action needed", False),
        ("failed", {"problem_code": "refused"}, "Action needed", False),
        ("ready", {}, "Ready", False),
        ("ready", {"edit_due": True}, "Ready", True),
        ("active", {}, "In progress", False),
        ("finished", {}, "Finished", False),
        ("cancelling", {}, "Removing", True),
        ("cancelled", {}, "Removed", False),
        ("expired", {}, "Expired", False),
    ],
)
def test_each_state_has_its_word(team: Team, state: str, fields: dict[str, object], word: str, busy: bool) -> None:
    link = make_link(interview_of(team), connect(team), state, **fields)
    view = link_view(link, reader(team.recruiter))
    assert (view.word, view.busy) == (word, busy)
    assert view.icon


def test_no_link_can_be_added_by_a_recruiter_only(team: Team) -> None:
    assert link_view(None, reader(team.recruiter)) == LinkView("No link", "circle-dashed", "secondary", can_add=True)
    assert not link_view(None, reader(team.interviewer)).can_add


def test_a_link_that_is_too_early_says_when_in_the_readers_zone(team: Team) -> None:
    late_evening = timezone.now().replace(hour=23, minute=30) + timedelta(days=5)
    link = make_link(interview_of(team), connect(team), "pending", not_before=late_evening)
    with timezone.override("Asia/Tokyo"):
        view = link_view(link, reader(team.recruiter))
        assert view.word == f"Will be generated on {timezone.localtime(late_evening):%-d %b %Y}"
    assert not view.busy
    assert view.can_remove


def test_a_recruiter_is_not_told_to_paste_a_key(team: Team) -> None:
    integration = connect(team)
    link = make_link(interview_of(team), integration, "failed", problem_code="key_rejected")
    view = link_view(link, reader(team.recruiter))
    assert view.problem == "CodeSignal did not accept the API key."
    assert view.next_step.text.startswith(f"Ask {team.admin.user.name} to replace the key.")
    assert view.next_step.address == ""
    assert link_view(link, reader(team.admin)).next_step.label == "Replace key"


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("email_refused", "Correct the candidate's e-mail address"),
        ("template_refused", "Remove the link, then add it again with another template"),
        ("bad_address", "Ask whoever runs this server"),
        ("refused", "Try again."),
    ],
)
def test_a_failure_says_what_to_do(team: Team, code: str, start: str) -> None:
    link = make_link(interview_of(team), connect(team), "failed", problem_code=code)
    view = link_view(link, reader(team.recruiter))
    assert view.next_step.text.startswith(start)
    assert view.can_retry
    assert not link_view(link, reader(team.interviewer)).can_retry


def test_what_waits_for_a_paused_connection_says_so(team: Team) -> None:
    integration = connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    view = link_view(make_link(interview_of(team), integration, "pending"), reader(team.recruiter))
    assert (view.word, view.icon, view.severity) == ("Waiting for CodeSignal", "hourglass", "warning")
    assert view.detail == "It continues once the connection to CodeSignal works again."
    # Who can mend the connection stands once on its page.
    assert (view.problem, view.next_step.text) == ("", "")


@pytest.mark.parametrize("days", [0, 10])
def test_what_waits_for_a_connection_says_so_also_when_it_is_not_due_yet(team: Team, days: int) -> None:
    integration = connect(team, state=Integration.State.DISCONNECTED, api_key="", key_last4="")
    due = timezone.now() + timedelta(days=days)
    view = link_view(make_link(interview_of(team), integration, "pending", not_before=due), reader(team.recruiter))
    assert (view.word, view.icon, view.severity) == ("Waiting for CodeSignal to be connected", "hourglass", "warning")
    assert view.detail == "It will be generated once CodeSignal is connected again."
    assert (view.next_step.text, view.busy) == ("", False)
    assert (view.can_remove, view.removal) == (True, "The request is cancelled.")


def test_a_pause_does_not_change_what_is_not_due_yet(team: Team) -> None:
    later = timezone.now() + timedelta(days=10)
    link = make_link(interview_of(team), connect(team, state=Integration.State.PAUSED), "pending", not_before=later)
    assert link_view(link, reader(team.recruiter)).word.startswith("Will be generated on")


def test_a_link_that_is_deleted_after_the_disconnect_is_on_its_way(team: Team) -> None:
    integration = connect(team, state=Integration.State.DISCONNECTED)
    link = make_link(interview_of(team), integration, "cancelling")
    view = link_view(link, reader(team.recruiter))
    assert (view.word, view.icon, view.busy, view.detail) == ("Removing", "loader-2", True, "")


@pytest.mark.parametrize(
    ("state", "word"), [("", "No link"), ("cancelled", "Removed"), ("expired", "Expired"), ("finished", "Finished")]
)
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("ahead", [24, -48])
def test_a_link_that_the_plan_asks_for_and_that_is_not_there_is_red(
    team: Team, state: str, word: str, asked: bool, ahead: float
) -> None:
    """A colour and words; a used link is not missing, and nothing is missing once the interview is over."""
    interview = make_loop(team, "Coding", hours_ahead=ahead).interviews.get()
    plan_of(interview, link_tool="codesignal" if asked else "")
    if state:
        make_link(interview, connect(team), state)
    interview = Interview.objects.get(pk=interview.pk)
    [row] = link_rows([interview], reader(team.recruiter))
    is_red = asked and ahead > 0 and state != "finished"
    assert row.view.word == word
    assert (row.view.severity == "danger", row.view.icon == "alert-triangle") == (is_red, is_red)
    assert ("The interview plan asks for a coding link." in row.view.detail) == is_red


def test_the_digest_changes_with_what_is_seen(team: Team) -> None:
    link = make_link(interview_of(team), connect(team), "pending")
    before = link_view(link, reader(team.recruiter)).digest
    assert link_view(link, reader(team.recruiter)).digest == before
    link.state = "creating"  # also "Generating": nothing to redraw
    assert link_view(link, reader(team.recruiter)).digest == before
    link.state = "failed"
    assert link_view(link, reader(team.recruiter)).digest != before


def test_rows_show_the_live_link_and_what_could_not_be_cleaned_up(team: Team) -> None:
    interview, integration = interview_of(team), connect(team)
    undeleted = make_link(interview, integration, "cancelling", problem_code="unreachable")
    live = make_link(interview, integration, "pending")
    make_link(interview, integration, "cancelled")
    [row] = link_rows([interview], reader(team.recruiter))
    assert row.link == live
    [(old, view)] = row.undeleted
    assert (old, view.can_retry, view.problem) == (undeleted, True, "CodeSignal could not be reached.")


def test_rows_cost_the_same_for_one_and_for_many(team: Team, django_assert_max_num_queries: object) -> None:
    integration = connect(team)
    schedule = make_loop(team, *[f"Round {n}" for n in range(12)])
    for interview in schedule.interviews.all():
        make_link(interview, integration, "failed", problem_code="key_rejected")
    assert CodingLink.objects.count() == 12
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert len(link_rows(schedule.interviews.all(), reader(team.recruiter))) == 12
