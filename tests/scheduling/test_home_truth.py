"""The home page never says that nothing needs attention while something does: one fixture for each kind of trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from integrations.models import Integration
from jobs.models import PlanInterview
from organizations.models import DayOff, Organization
from scheduling.messages import services as message_services
from scheduling.models import CodingLink, Interview, InterviewerAssignment, Message, Schedule
from scheduling.schedules.interviews import cancel_interview
from scheduling.schedules.services import cancel_schedule
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.home_steps import NOTHING, good_loop, linked_loop, shift, with_tool, words_of
from tests.scheduling.loops import connect, make_link

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
Trouble = Callable[[Team, Schedule], None]


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """With links, and all is well with it."""
    return linked_loop(team, connect(team), "Coding", "Pairing")


def coding(schedule: Schedule) -> Interview:
    return schedule.interviews.get(name="Coding")


def nobody_asked(_team: Team, schedule: Schedule) -> None:
    CodingLink.objects.filter(interview=coding(schedule)).delete()


def link_in(state: str, **fields: object) -> Trouble:
    def make(_team: Team, schedule: Schedule) -> None:
        usable = {} if state in {"cancelled", "expired", "cancelling", "ready"} else {"external_id": "", "url": ""}
        CodingLink.objects.filter(interview=coding(schedule)).update(state=state, **(usable | fields))

    return make


def late(_team: Team, schedule: Schedule) -> None:
    for interview in schedule.interviews.order_by("id"):
        shift(interview, hours=-28)
    link_in("pending", created_at=NOON - timedelta(minutes=11))(_team, schedule)


def paused(team: Team, _schedule: Schedule) -> None:
    Integration.objects.filter(organization=team.organization).update(state="paused", problem_code="key_rejected")


def held(team: Team, schedule: Schedule) -> None:
    paused(team, schedule)
    link_in("pending")(team, schedule)


def disconnected(team: Team, _schedule: Schedule) -> None:
    Integration.objects.filter(organization=team.organization).update(state="disconnected")


def orphaned(team: Team, _schedule: Schedule) -> None:
    link = make_link(coding(_schedule), Integration.objects.get(), "cancelling", problem_code="x")
    CodingLink.objects.filter(pk=link.pk).update(interview=None)


def not_told(_team: Team, schedule: Schedule) -> None:
    Message.objects.filter(schedule=schedule).delete()


def discarded(team: Team, schedule: Schedule) -> None:
    shift(coding(schedule), hours=-2)
    for draft in message_services.propose_updates(schedule=schedule, actor=team.recruiter.user):
        message_services.discard_draft(message=draft, actor=team.recruiter.user)


def moved_far_away(team: Team, schedule: Schedule) -> None:
    """Move it far away: people still expect it in two days."""
    for interview in schedule.interviews.order_by("id"):
        shift(interview, days=40)


def cancelled(team: Team, schedule: Schedule) -> None:
    cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=GivenReason())
    Message.objects.filter(state="draft").delete()


def one_cancelled(team: Team, schedule: Schedule) -> None:
    cancel_interview(interview=coding(schedule), actor=team.recruiter.user, reason=GivenReason())
    Message.objects.filter(state="draft").delete()


def message_in(state: str) -> Trouble:
    def make(_team: Team, schedule: Schedule) -> None:
        pk = schedule.messages.filter(audience="candidate").order_by("id")[0].pk
        Message.objects.filter(pk=pk).update(state=state, sent_at=None, problem="Refused.", problem_code="refused")

    return make


def failed_far_away(team: Team, _schedule: Schedule) -> None:
    message_in("failed")(team, good_loop(team, "Talk", hours_ahead=24 * 30))


def link_failed_far_away(team: Team, _schedule: Schedule) -> None:
    far = good_loop(team, "Talk", hours_ahead=24 * 30)
    make_link(far.interviews.get(), Integration.objects.get(), "failed", problem_code="refused")


def twice(_team: Team, schedule: Schedule) -> None:
    InterviewerAssignment.objects.filter(interview__name="Pairing").update(
        membership=coding(schedule).assignments.get().membership
    )
    shift(coding(schedule), minutes=30)


def day_off(_team: Team, schedule: Schedule) -> None:
    DayOff.objects.create(membership=coding(schedule).assignments.get().membership, day=date(2027, 3, 11))


def alone(_team: Team, schedule: Schedule) -> None:
    coding(schedule).assignments.all().delete()


def nowhere(_team: Team, schedule: Schedule) -> None:
    schedule.interviews.filter(name="Coding").update(place="")


TROUBLES: dict[str, tuple[Trouble, str]] = {
    "nobody asked for the link": (nobody_asked, "“Coding” has no CodeSignal link"),
    "the link was removed": (link_in("cancelled"), "“Coding” has no CodeSignal link"),
    "the link expired": (link_in("expired"), "“Coding” has no CodeSignal link"),
    "the link is being removed": (link_in("cancelling"), "“Coding” has no CodeSignal link"),
    "the link is late": (late, "“Coding” is still waiting for its CodeSignal link"),
    "the link is held": (held, "“Coding” is still waiting for its CodeSignal link"),
    "the link failed": (link_in("failed", problem_code="x"), "Action needed: link for “Coding”"),
    "several links": (link_in("unknown", problem_code="ambiguous"), "Action needed: link for “Coding”"),
    "the link can't be deleted": (link_in("cancelling", next_attempt_at=None), "Action needed: link for “Coding”"),
    "a link was left": (orphaned, "1 link of a deleted schedule is still in CodeSignal"),
    "a link failed far away": (link_failed_far_away, "Action needed: link for “Talk”"),
    "the tool is paused": (paused, "CodeSignal is paused: new links wait. CodeSignal did not accept the API key."),
    "the tool is not connected": (disconnected, "CodeSignal is not connected."),
    "nobody was told": (not_told, "3 people haven't been told yet"),
    "the drafts were discarded": (discarded, "haven't been told yet"),
    "it was moved far away": (moved_far_away, "3 people haven't been told yet"),
    "it was cancelled": (cancelled, "3 people haven't been told about the cancellation"),
    "one was cancelled": (one_cancelled, "haven't been told yet"),
    "a message failed": (message_in("failed"), "1 message failed"),
    "a message may not have arrived": (message_in("unknown"), "1 message may not have arrived"),
    "a message had no server": (message_in("not_sent"), "1 message wasn't sent: no mail server"),
    "a message failed far away": (failed_far_away, "1 message failed"),
    "booked twice": (twice, "is booked twice at the same time"),
    "a day off": (day_off, "is off on Thu 11 Mar"),
    "nobody interviews": (alone, "“Coding” has no interviewer"),
    "no address": (nowhere, "“Coding” is a video call without a meeting link"),
}


def test_all_is_well_with_what_they_start_from(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    assert words_of(as_recruiter, team).endswith(NOTHING)


@pytest.mark.parametrize("name", TROUBLES)
def test_each_kind_of_trouble_is_said_to_its_own_organization(
    team: Team, other_team: Team, schedule: Schedule, as_recruiter: Client, as_outsider: Client, name: str
) -> None:
    good_loop(other_team, "Talk")
    make, sentence = TROUBLES[name]
    make(team, schedule)
    words = words_of(as_recruiter, team)
    assert NOTHING not in words
    assert sentence in words
    assert NOTHING in words_of(as_outsider, other_team)


def test_without_a_mail_server_everybody_who_sends_is_told(
    team: Team, schedule: Schedule, as_admin: Client, as_recruiter: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    notice = "No mail server is set up, so no messages are sent."
    assert f"{notice} Set EMAIL_URL on the server" in words_of(as_admin, team)
    assert f"{notice} Ask Admin Acme to set it up." in words_of(as_recruiter, team)
    page = as_admin.get(team.url("home/")).content.decode()
    assert page.count("no messages are sent") == 1


def test_a_plan_that_asks_for_links_is_enough_to_say_that_no_tool_is_connected(
    team: Team, as_admin: Client, as_recruiter: Client
) -> None:
    schedule = good_loop(team)
    assert NOTHING in words_of(as_recruiter, team)
    with_tool(schedule)
    assert "CodeSignal is not connected. 1 interview in the next 14 days needs a link." in words_of(as_admin, team)
    schedule.interviews.update(plan_interview=None)
    words = words_of(as_recruiter, team)
    assert "CodeSignal is not connected. No links can be generated. Ask Admin Acme to connect it." in words
    PlanInterview.objects.update(link_tool="")
    assert NOTHING in words_of(as_recruiter, team)


def test_a_new_organization_reads_what_comes_next(team: Team, as_admin: Client) -> None:
    """Where the checklist, which says the same, is hidden."""
    Organization.objects.update(checklist_hidden=True)
    assert "Next: create a job with its interview plan. Open jobs" in words_of(as_admin, team)
    schedule = good_loop(team, notified=False)
    with_tool(schedule, tool="")
    assert "Next:" not in words_of(as_admin, team)
    schedule.delete()
    assert "Next: schedule a candidate. New schedule" in words_of(as_admin, team)
    team.organization.candidates.all().delete()
    assert "Next: add a candidate. Open candidates" in words_of(as_admin, team)
    assert NOTHING not in words_of(as_admin, team)


def test_an_organization_whose_schedules_are_over_has_nothing_to_see_to(team: Team, as_recruiter: Client) -> None:
    good_loop(team, hours_ahead=-48, notified=False)
    assert NOTHING in words_of(as_recruiter, team)
