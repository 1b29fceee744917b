"""The page after signing in: what needs attention, and the interviews of today and the next days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from integrations.models import Integration
from jobs.models import PlanInterview
from scheduling.join_links import services as join_links
from scheduling.models import CodingLink, Interview, InterviewerAssignment, LinkState, Message, Schedule
from tests.conftest import Team
from tests.scheduling.home_steps import NOTHING, good_loop, with_tool, words_of
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import colleague
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def home(client: Client, team: Team) -> str:
    return client.get(team.url("home/")).content.decode()


def days(client: Client, team: Team) -> list[str]:
    """The parts of the page that have today's and tomorrow's interviews."""
    return agenda(home(client, team)).split('id="day-2"')


def agenda(page: str) -> str:
    """The part of the page that has the interviews."""
    end = page.find('id="attention"')
    return page[page.index('id="day-1"') : end if end > 0 else None]


def failed_loop(team: Team, integration: Integration, name: str = "Coding", **fields: object) -> Schedule:
    schedule = make_loop(team, name, hours_ahead=2)
    given: dict[str, object] = {"problem_code": "refused"} | fields
    make_link(schedule.interviews.get(), integration, "failed", **given)
    return schedule


def test_a_failed_link_is_tried_again_on_home(team: Team, as_recruiter: Client) -> None:
    schedule = failed_loop(team, connect(team))
    page = home(as_recruiter, team)
    assert "Action needed: link for “Coding”" in page
    link = CodingLink.objects.get(interview__schedule=schedule)
    address = team.url(f"links/{link.pk}/retry/")
    assert f'hx-post="{address}"' in page
    answer = as_recruiter.post(address, {"place": "home"})
    assert answer.status_code == 204 and "linksChanged" in answer["HX-Trigger"]
    link.refresh_from_db()
    assert link.state == LinkState.PENDING
    assert "Action needed" not in home(as_recruiter, team)
    # Where it can't be done, the notice says why.
    CodingLink.objects.update(state=LinkState.CANCELLED)
    answer = as_recruiter.post(address, {"place": "home"})
    assert answer.status_code == 204 and json.loads(answer["HX-Trigger"])["linksChanged"]


def test_a_missing_link_is_added_on_home_from_the_template_of_its_plan(team: Team, as_recruiter: Client) -> None:
    """Only to the interviews that the button counts; also after somebody removed one, unlike "Add links"."""
    integration = connect(team)
    schedule = good_loop(team, "Coding", "Pairing", "Talk")
    with_tool(schedule)
    coding, pairing, talk = schedule.interviews.order_by("position")
    PlanInterview.objects.filter(name=coding.name).update(template_id="t-1", template_name="Graphs")
    PlanInterview.objects.filter(name=talk.name).update(link_tool="")
    make_link(pairing, integration, "cancelled")
    page = home(as_recruiter, team)
    assert "2 interviews have no CodeSignal link" in page and "Add 2 links" in page
    address = team.url(f"schedules/{schedule.pk}/links/codesignal/add/")
    assert f'hx-post="{address}"' in page
    answer = as_recruiter.post(address, {"place": "home", "pick": "", "interview": [coding.pk, pairing.pk]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert json.loads(answer["HX-Trigger"]) == {"linksChanged": True, "notice": "2 links requested."}
    made = CodingLink.objects.filter(state=LinkState.PENDING)
    assert {link.interview: link.template_id for link in made} == {coding: "t-1", pairing: ""}
    assert "have no CodeSignal link" not in home(as_recruiter, team)


def test_messages_are_read_and_sent_in_a_dialog_on_home(
    team: Team, as_recruiter: Client, as_read_only: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    schedule = good_loop(team, notified=False)
    address = team.url(f"schedules/{schedule.pk}/messages/dialog/")
    assert f'hx-post="{address}"' in home(as_recruiter, team) and "Send 2 messages" in home(as_recruiter, team)
    assert "Send 2 messages" not in home(as_read_only, team)
    assert "Send 2 messages" not in text_of(as_recruiter.get(address).content.decode())
    assert not Message.objects.exists()
    shown = as_recruiter.post(address).content.decode()
    assert "Send 2 messages" in text_of(shown) and "Messages about" in shown
    assert set(Message.objects.values_list("state", flat=True)) == {"draft"}
    for client, status in ((as_read_only, 403), (as_interviewer, 403), (as_outsider, 404)):
        assert client.post(address).status_code == status


def test_a_failure_that_is_mended_elsewhere_leads_there(team: Team, as_admin: Client) -> None:
    failed_loop(team, connect(team), problem_code="key_rejected")
    assert f'href="{team.url("settings/integrations/codesignal/")}">Replace key</a>' in home(as_admin, team)


def test_interviews_that_are_over_need_nobody(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", hours_ahead=-3)
    make_link(schedule.interviews.get(), connect(team), "failed", problem_code="refused")
    assert NOTHING in words_of(as_recruiter, team)


def test_a_broken_connection_is_said_once_to_each_reader(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    """On other pages it stands above; here it is in the list, and not above it as well."""
    connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    shown = text_of(home(as_recruiter, team))
    assert "CodeSignal is paused: new links wait. CodeSignal did not accept the API key. Ask Admin Acme" in shown
    assert "Ask Admin Acme to replace the key." in shown
    assert shown.count("CodeSignal is paused") == 1
    assert f'href="{team.url("settings/integrations/codesignal/")}">Replace key</a>' in home(as_admin, team)
    assert "CodeSignal is paused: new links wait." in as_admin.get(team.url("jobs/")).content.decode()


def test_a_tool_that_was_connected_once_is_missed(team: Team, as_recruiter: Client) -> None:
    connect(team, state=Integration.State.DISCONNECTED)
    good_loop(team)
    assert NOTHING in words_of(as_recruiter, team)
    Integration.objects.update(connected_at=NOON)
    assert "CodeSignal is not connected. No links can be generated." in words_of(as_recruiter, team)


def test_days_are_the_readers_days(team: Team, as_recruiter: Client) -> None:
    # 23:30 UTC today is tomorrow in Berlin; 11 hours before it is today in both.
    make_loop(team, "Late", hours_ahead=11.5)
    make_loop(team, "Early", hours_ahead=1)
    today, tomorrow = days(as_recruiter, team)
    assert "Early" in today
    assert "Late" in today
    team.recruiter.user.time_zone = "Europe/Berlin"
    team.recruiter.user.save()
    today, tomorrow = days(as_recruiter, team)
    assert "Late" not in today
    assert "00:30" in tomorrow
    assert "Times in Berlin (GMT+1)" in home(as_recruiter, team)


def test_yesterday_the_day_after_and_cancelled_ones_are_not_there(team: Team, as_recruiter: Client) -> None:
    make_loop(team, "Gone", hours_ahead=-20)
    make_loop(team, "Far", hours_ahead=40)
    make_loop(team, "Off", hours_ahead=1).interviews.update(state=Interview.State.CANCELLED)
    page = home(as_recruiter, team)
    assert page.count("No interviews.") == 2


def test_an_interviewer_sees_own_interviews_and_no_chores(team: Team, as_interviewer: Client) -> None:
    schedule = failed_loop(team, connect(team))
    other = make_loop(team, "Culture", hours_ahead=3)
    InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    page = home(as_interviewer, team)
    assert "Coding" in page
    assert "Culture" not in page
    assert "attention" not in text_of(page)
    assert f"/schedules/{other.pk}/" not in page
    assert "/communications/" not in page


def test_who_may_open_it(
    team: Team, as_admin: Client, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    for client in (as_admin, as_recruiter, as_interviewer):
        assert client.get(team.url("home/")).status_code == 200
    assert as_outsider.get(team.url("home/")).status_code == 404
    assert Client().get(team.url("home/"))["Location"].startswith("/sign-in/")


def test_the_line_of_now_stands_between_what_is_over_and_what_is_to_come(team: Team, as_recruiter: Client) -> None:
    for name, ahead in (("Before", -3), ("During", -0.5), ("Soon", 0.25), ("Later", 5)):
        make_loop(team, name, hours_ahead=ahead)
    today = text_of(days(as_recruiter, team)[0])
    places = [today.index(word) for word in ("Before", "During", "Now: 12:00", "Soon", "Later")]
    assert places == sorted(places)
    for said in ("09:00–10:00 done", "11:30–12:30 now", "12:15–13:15 in 15 minutes"):
        assert said in today, today
    assert "in " not in today[today.index("17:00") :]


def test_days_without_interviews_are_left_out_but_today_and_tomorrow(team: Team, as_recruiter: Client) -> None:
    make_loop(team, "Next week", hours_ahead=24 * 6)
    make_loop(team, "Too far", hours_ahead=24 * 7)
    shown = text_of(agenda(home(as_recruiter, team)))
    assert "Today" in shown and "Tomorrow , Thursday, 11 March" in shown
    assert "Tuesday, 16 March" in shown and "Next week" in shown
    assert "Too far" not in shown and "Friday" not in shown


def test_the_interviewer_enters_with_one_click(team: Team, as_interviewer: Client, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Coding", hours_ahead=0.1)
    interview = schedule.interviews.get()
    link = make_link(interview, connect(team), "ready", expires_at=interview.ends_at + timedelta(days=2))
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    join_links.make_missing(schedule.pk)
    address = team.url(f"interviews/{interview.pk}/join/") + "?enter=now"
    assert f'href="{address}"' in home(as_interviewer, team)
    entered = as_interviewer.get(as_interviewer.get(address)["Location"])
    assert entered["Location"] == link.url
    # Whoever only plans it hands the link on.
    page = home(as_recruiter, team)
    assert address not in page and f'data-copy="{link.url}"' in page
    # Before it opens, the way leads to the page that says when.
    Interview.objects.update(starts_at=NOON + timedelta(hours=3), ends_at=NOON + timedelta(hours=4))
    early = as_interviewer.get(as_interviewer.get(address)["Location"])
    assert early["Location"].startswith("/join/") and "/enter/" not in early["Location"]


def test_a_video_call_is_joined_from_its_row(team: Team, as_interviewer: Client, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Talk", hours_ahead=1)
    Interview.objects.update(kind="video", place="https://meet.example.com/1")
    InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    assert 'href="https://meet.example.com/1"' in agenda(home(as_interviewer, team))
    assert "meet.example.com" not in agenda(home(as_recruiter, team))


def test_a_recruiter_can_read_only_their_own_interviews(team: Team, as_recruiter: Client) -> None:
    make_loop(team, "Culture", hours_ahead=1)
    mine = make_loop(team, "Coding", hours_ahead=2)
    InterviewerAssignment.objects.create(interview=mine.interviews.get(), membership=team.recruiter)
    everything = agenda(home(as_recruiter, team))
    assert "Culture" in everything and "Coding" in everything
    own = agenda(as_recruiter.get(team.url("home/"), {"show": "mine"}).content.decode())
    assert "Culture" not in own and "Coding" in own
    other = as_recruiter.get(team.url("home/"), {"show": "yours"}).content.decode()
    assert "Culture" in agenda(other)


def test_many_interviewers_are_counted_and_still_read_aloud(team: Team, as_recruiter: Client) -> None:
    interview = make_loop(team, "Panel", hours_ahead=1).interviews.get()
    for name in ("Ana Lima", "Bo Ek", "Cy Young", "Di Pol"):
        InterviewerAssignment.objects.create(interview=interview, membership=colleague(team, name))
    shown = text_of(days(as_recruiter, team)[0])
    assert "AL BE Ana Lima , Bo Ek +2 , Cy Young , Di Pol" in shown.replace(",", " ,").replace("  ", " "), shown


def test_a_dialog_on_home_closes_and_leaves_the_page(team: Team, as_recruiter: Client) -> None:
    """The schedule's own page gets its interviews drawn anew; Home has none of its parts."""
    interview = make_loop(team, "Coding", hours_ahead=2).interviews.get()
    address = team.url(f"interviews/{interview.pk}/cancel/")
    data = {"reason": "The candidate asked for it"}
    on_home = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{team.url('home/')}?show=mine"}
    answer = as_recruiter.post(address, data, headers=on_home)
    assert answer.status_code == 204 and json.loads(answer["HX-Trigger"])["closeDialog"]
    elsewhere = {
        "HX-Request": "true",
        "HX-Current-URL": f"http://testserver{team.url(f'schedules/{interview.schedule_id}/')}",
    }
    assert as_recruiter.post(address, data, headers=elsewhere)["HX-Retarget"] == "#details"


def test_another_organizations_interviews_are_not_there(team: Team, other_team: Team, as_outsider: Client) -> None:
    failed_loop(team, connect(team))
    assert "Ada" not in home(as_outsider, other_team)


@pytest.mark.parametrize("count", [1, 60])
def test_it_costs_the_same_for_one_interview_and_for_many(
    team: Team, as_recruiter: Client, count: int, django_assert_max_num_queries: object
) -> None:
    integration = connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    schedules = [
        failed_loop(team, integration, f"Round {number}", problem_code="key_rejected") for number in range(count)
    ]
    for schedule in schedules:
        InterviewerAssignment.objects.create(interview=schedule.interviews.get(), membership=team.interviewer)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = home(as_recruiter, team)
    assert agenda(page).count("Interviewer Acme") == count


def test_a_day_with_more_than_a_page_says_so(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team)
    start = NOON + timedelta(hours=1)
    Interview.objects.bulk_create(
        Interview(
            organization=team.organization,
            schedule=schedule,
            name=f"Round {number}",
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
        )
        for number in range(101)
    )
    page = home(as_recruiter, team)
    assert agenda(page).count("data-starts=") == 100
    assert "See “Schedules” for all interviews." in page


def test_later_days_of_a_busy_organization_wait_for_a_click(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team)
    Interview.objects.bulk_create(
        Interview(
            organization=team.organization,
            schedule=schedule,
            name=f"Round {number}",
            starts_at=NOON + timedelta(days=1 + number // 30, minutes=number % 30),
            ends_at=NOON + timedelta(days=1 + number // 30, hours=1),
        )
        for number in range(62)
    )
    page = agenda(home(as_recruiter, team))
    assert (
        page.count("data-starts=") == 30 + schedule.interviews.filter(starts_at__lt=NOON + timedelta(hours=12)).count()
    )
    assert "Show 32 later interviews" in page
    assert 'href="?days=all#day-3"' in page
    everything = as_recruiter.get(team.url("home/"), {"days": "all", "show": "mine", "x": "1"}).content.decode()
    assert 'home/?show=mine&amp;days=all"' in everything, "it stays so when the page asks for news"
    everything = agenda(as_recruiter.get(team.url("home/"), {"days": "all"}).content.decode())
    assert everything.count("Round ") == 62
    assert "later interview" not in everything


def test_a_week_with_few_interviews_is_shown_at_once(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team)
    Interview.objects.bulk_create(
        Interview(
            organization=team.organization,
            schedule=schedule,
            name=f"Round {number}",
            starts_at=NOON + timedelta(days=number % 6),
            ends_at=NOON + timedelta(days=number % 6, hours=1),
        )
        for number in range(24)
    )
    page = agenda(home(as_recruiter, team))
    assert page.count("Round ") == 24
    assert "later" not in page
