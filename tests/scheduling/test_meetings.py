"""How people meet: video calls made with a calendar event, own rooms, and what messages and pages say of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.base import OutcomeUnknown, Retryable
from integrations.models import CalendarConnection, MeetingServer
from jobs import duplicates, services
from jobs.models import PlanInterview
from organizations.models import Membership, User
from scheduling.join_links.services import join_link
from scheduling.models import CalendarEvent, EventState, Interview, JoinLink, Message, Schedule
from scheduling.schedules.interviews import details_of, edit_interview
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for
from tests.scheduling.message_steps import composed, send
from tests.scheduling.stand_ins import read_all
from tests.scheduling.test_calendar_events import later, scheduled, work

pytestmark = pytest.mark.django_db

MEET, OWN = "google_meet", "own_room"
NO_REASON = GivenReason()


@pytest.fixture
def calendar(team: Team, calendar_vendor: Vendor) -> Vendor:
    """The interviewer's calendar receives interviews."""
    write_into(team.interviewer)
    return calendar_vendor


def write_into(member: Membership) -> None:
    row = calendar_for(member, CalendarConnection.objects.first())
    row.is_written = True
    row.save()


def meeting(team: Team, kind: str, *people: Membership) -> Interview:
    """Schedule one interview that takes place as a video call of this kind."""
    schedule = scheduled(team, *people)
    return change(schedule.interviews.get(), team, meeting=kind, place="")


def change(interview: Interview, team: Team, **changes: object) -> Interview:
    details = replace(details_of(interview), **changes)  # type: ignore[arg-type]
    edit_interview(interview=interview, details=details, actor=team.recruiter.user, reason=NO_REASON)
    interview.refresh_from_db()
    return interview


def soon(interview: Interview) -> Interview:
    """Let the interview begin in a few minutes."""
    start = timezone.now() + timedelta(minutes=5)
    Interview.objects.filter(pk=interview.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    interview.refresh_from_db()
    return interview


def page(interview: Interview, membership: Membership | None = None) -> str:
    return Client().get(f"/join/{join_link(interview=interview, membership=membership).token}/").content.decode()


def enter(interview: Interview, membership: Membership | None = None) -> str:
    """Return where the join link's video call leads to."""
    token = join_link(interview=interview, membership=membership).token
    return str(Client().get(f"/join/{token}/meet/").headers["Location"])


def draft(schedule: Schedule, kind: str) -> Message:
    return Message.objects.get(schedule=schedule, kind=kind, state="draft")


def home(client: Client, team: Team) -> str:
    client.force_login(team.recruiter.user)
    return client.get(f"/o/{team.organization.slug}/home/").content.decode()


def details(client: Client, team: Team, interview: Interview) -> str:
    client.force_login(team.recruiter.user)
    return client.get(f"/o/{team.organization.slug}/schedules/{interview.schedule_id}/").content.decode()


# --- made with a calendar event ------------------------------------------------------------------------------------


def test_a_call_is_made_with_the_event_and_everybody_reaches_it_by_their_join_link(
    client: Client, team: Team, calendar: Vendor
) -> None:
    interview = meeting(team, MEET, team.interviewer, team.recruiter)
    assert "Being created" in details(client, team, interview)
    work()
    interview.refresh_from_db()
    [url] = calendar.book(f"cal-{team.interviewer.pk}").calls.values()
    assert interview.meeting_url == url
    assert url in details(client, team, interview)
    soon(interview)
    assert [enter(interview), enter(interview, team.interviewer), enter(interview, team.recruiter)] == [url] * 3
    assert "Join video call" in page(interview)
    assert url not in page(interview)


def test_a_call_that_somebody_removes_in_the_calendar_is_seen_by_the_next_read(
    client: Client, team: Team, calendar: Vendor
) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    read_all()
    [one] = (book := calendar.book(f"cal-{team.interviewer.pk}")).occurrences.values()
    asked = calendar.calls.count("fetch")
    read_all()
    assert calendar.calls.count("fetch") == asked, "nothing has changed"
    book.calls[one.id] = None
    book.put(one)
    read_all()
    interview.refresh_from_db()
    assert (interview.meeting_url, interview.meeting_problem, interview.meeting_number) == ("", "removed", 1)
    assert "Google Meet was removed in the calendar. Put it back, or choose another way to meet." in home(client, team)
    book.calls[one.id] = "https://call.example/again"
    book.put(one)
    read_all()
    interview.refresh_from_db()
    assert (interview.meeting_url, interview.meeting_problem) == ("https://call.example/again", "")
    assert "no coding link yet" not in page(interview)


def test_it_is_joined_from_its_row_on_home(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    soon(interview)
    own, others = team.client(team.interviewer), team.client(team.recruiter)
    address = team.url(f"interviews/{interview.pk}/join/")
    assert f'href="{address}?enter=call"' in own.get(team.url("home/")).content.decode()
    assert address not in others.get(team.url("home/")).content.decode()
    entered = own.get(own.get(f"{address}?enter=call")["Location"])
    assert entered["Location"] == interview.meeting_url
    # With a coding link beside the call, the way leads to the page that has both.
    Interview.objects.update(link_tool="codesignal")
    home = own.get(team.url("home/")).content.decode()
    assert f'href="{address}"' in home and "?enter=" not in home
    # Before it opens, to the page that says when.
    start = timezone.now() + timedelta(hours=3)
    Interview.objects.update(starts_at=start, ends_at=start + timedelta(hours=1))
    early = own.get(own.get(f"{address}?enter=call")["Location"])
    assert early["Location"].startswith("/join/") and "/meet/" not in early["Location"]


def test_messages_have_the_join_link_and_never_the_calls_own_address(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer, team.recruiter)
    work()
    own = {link.membership_id: f"/join/{link.token}/" for link in JoinLink.objects.filter(interview=interview)}
    mails = {str(mail["To"]): mail for mail in send(interview.schedule, team)}
    for address, member in (("ada@example.com", None), (team.recruiter.user.email, team.recruiter.pk)):
        [mail] = [one for to, one in mails.items() if address in to]
        bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert len(bodies) == 3
        for body in bodies:
            text = body.replace("\r\n ", "")
            assert own[member] in text
            assert "call.example" not in text


def test_the_mails_calendar_file_has_the_join_link_as_its_place(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    send(interview.schedule, team)
    [event] = Message.objects.get(schedule=interview.schedule, audience="candidate").calendar
    link = JoinLink.objects.get(interview=interview, membership=None)
    assert event["location"].endswith(f"/join/link-{link.pk}/")
    assert "Google Meet: " in event["description"]


def test_it_is_made_while_nobody_waits_and_the_page_says_so(team: Team, calendar: Vendor) -> None:
    calendar.calls_pending = 2
    interview = soon(meeting(team, MEET, team.interviewer))
    work()
    assert "is being prepared" in page(interview)
    assert enter(interview).startswith("/join/")
    later()
    work()
    assert "is being prepared" in page(interview)
    later()
    work()
    assert "Join video call" in page(interview)
    event = CalendarEvent.objects.get()
    assert (event.state, event.next_attempt_at) == (EventState.READY, None)
    assert calendar.calls.count("put") == 1


def test_a_lost_answer_makes_no_second_call(team: Team, calendar: Vendor) -> None:
    calendar.calls_pending = 1
    interview = meeting(team, MEET, team.interviewer)
    calendar.faults = [OutcomeUnknown("timeout")]
    work()
    later()
    work()
    calendar.faults = [Retryable("server_error")]
    later()
    work()
    later()
    work()
    interview.refresh_from_db()
    assert interview.meeting_url in calendar.book(f"cal-{team.interviewer.pk}").calls.values()
    assert interview.meeting_number == 0


@pytest.mark.parametrize("how", ["refuses", "no"])
def test_a_vendor_that_makes_none_is_said_and_the_event_stays(
    client: Client, team: Team, calendar: Vendor, how: str
) -> None:
    calendar.makes_calls = how
    interview = meeting(team, MEET, team.interviewer)
    work()
    assert CalendarEvent.objects.get().state == EventState.READY
    sentence = "Google Meet could not be created. Choose another way to meet."
    for text in (details(client, team, interview), home(client, team)):
        assert sentence in text
        assert "Choose how to meet" in text
    assert "no video call yet" in page(soon(interview))


def test_a_vendor_that_never_comes_to_an_end_is_given_up(client: Client, team: Team, calendar: Vendor) -> None:
    calendar.calls_pending = 1000
    interview = meeting(team, MEET, team.interviewer)
    for _round in range(20):
        work()
        later()
    assert "Google Meet could not be created" in details(client, team, interview)
    assert not CalendarEvent.objects.filter(next_attempt_at__isnull=False).exists()


def test_nobody_with_such_a_calendar_is_said_with_one_action(client: Client, team: Team) -> None:
    interview = meeting(team, MEET, team.interviewer)
    sentence = "No interviewer has a connected calendar for Google Meet."
    for text in (details(client, team, interview), home(client, team)):
        assert sentence in text
        assert "Choose how to meet" in text
    change(interview, team, meeting="", place="https://meet.example/typed")
    assert sentence not in details(client, team, interview)
    assert sentence not in home(client, team)


def test_moved_it_stays_the_same_call(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    interview.refresh_from_db()
    url = interview.meeting_url
    hour = timedelta(hours=1)
    change(interview, team, starts_at=interview.starts_at + hour, ends_at=interview.ends_at + hour)
    work()
    interview.refresh_from_db()
    assert (interview.meeting_url, interview.meeting_number) == (url, 0)


def test_another_interviewer_beside_the_owner_changes_nothing(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    write_into(team.recruiter)
    interview.refresh_from_db()
    url = interview.meeting_url
    change(interview, team, interviewers=(team.recruiter, team.interviewer))
    work()
    interview.refresh_from_db()
    assert (interview.meeting_url, interview.meeting_number) == (url, 0)
    assert CalendarEvent.objects.filter(meeting=MEET).count() == 1


def test_it_goes_on_while_the_calendar_is_paused(team: Team, calendar: Vendor) -> None:
    """An expired secret is no reason to take a call away that works."""
    interview = meeting(team, MEET, team.interviewer)
    work()
    interview.refresh_from_db()
    url, number = interview.meeting_url, interview.meeting_number
    assert url
    CalendarConnection.objects.update(state=CalendarConnection.State.PAUSED)
    for name in ("Coding, part 1", "Coding, part 2"):
        change(interview, team, name=name)
        assert (interview.meeting_url, interview.meeting_problem, interview.meeting_number) == (url, "", number)
    change(interview, team, interviewers=(team.recruiter,))
    assert (interview.meeting_url, interview.meeting_problem) == ("", "nobody")


def test_once_its_owner_leaves_it_is_made_anew_and_messages_say_so(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    send(interview.schedule, team)
    write_into(team.recruiter)
    interview.refresh_from_db()
    change(interview, team, interviewers=(team.recruiter,))
    work()
    interview.refresh_from_db()
    [url] = calendar.book(f"cal-{team.recruiter.pk}").calls.values()
    assert interview.meeting_url == url
    assert calendar.book(f"cal-{team.interviewer.pk}").calls == {}
    update = draft(interview.schedule, "candidate_update")
    text = composed(interview.schedule, team)[update.pk].rendered.text
    assert "Google Meet → a new video call, behind the same join link" in text


def test_once_nobody_can_host_it_any_more_it_is_said(client: Client, team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    change(interview, team, interviewers=(team.recruiter,))
    work()
    interview.refresh_from_db()
    assert interview.meeting_url == ""
    assert "No interviewer has a connected calendar for Google Meet." in home(client, team)


# --- an interviewer's own room -------------------------------------------------------------------------------------


def give_room(member: Membership, room: str) -> None:
    User.objects.filter(pk=member.user_id).update(video_room=room)


def test_an_own_room_follows_the_interviewer(client: Client, team: Team) -> None:
    give_room(team.interviewer, "https://rooms.example/ivy")
    give_room(team.recruiter, "https://rooms.example/rita")
    interview = soon(meeting(team, OWN, team.interviewer))
    assert enter(interview) == "https://rooms.example/ivy"
    change(interview, team, interviewers=(team.recruiter,))
    assert enter(interview) == "https://rooms.example/rita"
    give_room(team.recruiter, "")
    assert enter(interview).startswith("/join/")
    sentence = "No interviewer has a room of their own."
    for text in (details(client, team, interview), home(client, team)):
        assert sentence in text
        assert "Choose how to meet" in text


def test_everybody_sets_their_own_room_in_their_profile(client: Client, team: Team) -> None:
    client.force_login(team.interviewer.user)
    address = f"/o/{team.organization.slug}/settings/profile/"
    form = client.get(address).context["name_form"]
    values = {"name": form["name"].value(), "language": "", "time_zone": "Europe/Berlin", "work_days": ["1"]}
    values |= {"work_from": "09:00", "work_until": "17:00"}
    refused = client.post(address, values | {"video_room": "javascript:alert(1)"}).content.decode()
    assert "Enter a web address" in refused
    client.post(address, values | {"video_room": "https://rooms.example/ivy"})
    team.interviewer.user.refresh_from_db()
    assert team.interviewer.user.video_room == "https://rooms.example/ivy"


# --- an own server -------------------------------------------------------------------------------------------------

SERVER, SECRET = "jitsi", "s" * 40


def server_page(team: Team) -> str:
    return f"/o/{team.organization.slug}/settings/integrations/video/{SERVER}/"


@pytest.fixture
def server(client: Client, team: Team) -> MeetingServer:
    client.force_login(team.admin.user)
    client.post(server_page(team), {"host": "https://meet.acme.example/"})
    return MeetingServer.objects.get()


def test_an_own_server_needs_only_its_address_and_its_room_survives_moves(
    client: Client, team: Team, server: MeetingServer
) -> None:
    assert server.host == "https://meet.acme.example"
    interview = soon(meeting(team, SERVER, team.interviewer))
    address = enter(interview)
    assert re.fullmatch(r"https://meet\.acme\.example/interview-[0-9a-f]{32}", address)
    assert address in details(client, team, interview)
    hour = timedelta(minutes=10)
    change(interview, team, starts_at=interview.starts_at + hour, interviewers=(team.recruiter,))
    assert enter(interview, team.recruiter) == address


def test_a_token_is_signed_as_somebody_enters_and_names_nobody(
    client: Client, team: Team, server: MeetingServer
) -> None:
    client.post(server_page(team), {"host": server.host, "app_id": "panelist", "secret": SECRET})
    interview = soon(meeting(team, SERVER, team.interviewer))
    found = {}
    for member in (None, team.interviewer):
        room, _mark, token = enter(interview, member).partition("?jwt=")
        found[member] = jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi", issuer="panelist")
        assert found[member]["room"] == room.rpartition("/")[2]
        assert found[member]["sub"] == "meet.acme.example"
        assert found[member]["exp"] >= interview.ends_at.timestamp()
        assert "Ada" not in str(found[member])
        assert "@" not in str(found[member])
    assert [one["context"]["user"]["moderator"] for one in found.values()] == [False, True]
    assert "?jwt=" not in page(interview)
    assert "https://meet.acme.example" not in details(client, team, interview)


def test_the_secret_is_stored_encrypted_kept_and_never_shown(client: Client, team: Team, server: MeetingServer) -> None:
    values = {"host": server.host, "app_id": "panelist"}
    assert "Enter the secret of this app ID." in client.post(server_page(team), values).content.decode()
    short = client.post(server_page(team), values | {"secret": "short"}).content.decode()
    assert "Use a secret of at least 32 characters." in short
    client.post(server_page(team), values | {"secret": SECRET})
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_meetingserver")
        assert SECRET.encode() not in bytes(cursor.fetchone()[0])
    shown = client.get(server_page(team)).content.decode()
    assert SECRET not in shown
    assert "Stored. Leave empty to keep it." in shown
    client.post(server_page(team), values)
    assert MeetingServer.objects.get().secret == SECRET
    client.post(server_page(team), {"host": server.host})
    assert MeetingServer.objects.get().secret == ""


@pytest.mark.parametrize("host", ["meet.example", "http://meet.example", "https://meet.example/?x=1", "javascript:x"])
def test_an_address_that_is_none_is_refused(client: Client, team: Team, host: str) -> None:
    client.force_login(team.admin.user)
    answer = client.post(server_page(team), {"host": host})
    assert answer.status_code == 422
    assert not MeetingServer.objects.exists()


def test_a_server_that_is_removed_is_said(client: Client, team: Team, server: MeetingServer) -> None:
    interview = soon(meeting(team, SERVER, team.interviewer))
    client.post(f"{server_page(team)}remove/")
    assert enter(interview).startswith("/join/")
    for text in (details(client, team, interview), home(client, team)):
        assert "Jitsi is not set up" in text
        assert "Choose how to meet" in text


@pytest.mark.parametrize("role", ["recruiter", "interviewer"])
def test_only_admins_set_up_a_server(client: Client, team: Team, other_team: Team, role: str) -> None:
    client.force_login(getattr(team, role).user)
    assert client.get(server_page(team)).status_code == 403
    assert client.post(f"{server_page(team)}remove/").status_code == 403
    client.force_login(other_team.admin.user)
    assert client.get(server_page(team)).status_code == 404
    client.force_login(team.admin.user)
    assert client.get(server_page(team).replace(SERVER, "nothing")).status_code == 404


# --- plans -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def planned(team: Team) -> PlanInterview:
    job = services.create_job(organization=team.organization, actor=team.recruiter.user, title="Engineer", location="")
    stage = services.add_stage(job=job, actor=team.recruiter.user, name="Onsite")
    values: dict[str, Any] = {"name": "Coding", "minutes": 60, "interviewer_count": 1, "kind": "video", "meeting": OWN}
    return services.add_plan_interview(stage=stage, actor=team.recruiter.user, **values)


def test_a_plan_says_how_people_meet_and_a_copy_says_the_same(team: Team, planned: PlanInterview) -> None:
    job = duplicates.duplicate_job(job=planned.plan.stage.job, actor=team.recruiter.user, title="Another")
    assert PlanInterview.objects.get(plan__stage__job=job).meeting == OWN
    stage = duplicates.duplicate_stage(stage=planned.plan.stage, actor=team.recruiter.user, name="Again")
    assert PlanInterview.objects.get(plan__stage=stage).meeting == OWN


def test_the_dialog_offers_what_the_organization_can_use(
    client: Client, team: Team, planned: PlanInterview, calendar_vendor: Vendor
) -> None:
    client.force_login(team.recruiter.user)
    address = f"/o/{team.organization.slug}/jobs/interviews/{planned.pk}/edit/"

    def offered() -> list[str]:
        return [value for value, _name in client.get(address).context["form"]["meeting"].field.widget.choices]

    assert offered() == ["", OWN]
    calendar_for(team.interviewer)
    assert offered() == ["", MEET, OWN]
    values = {"name": "Coding", "minutes": 60, "interviewer_count": 1, "kind": "video", "meeting": MEET, "place": "x"}
    client.post(address, values)
    planned.refresh_from_db()
    assert (planned.meeting, planned.place) == (MEET, "")
    client.post(address, values | {"kind": "on_site"})
    planned.refresh_from_db()
    assert (planned.meeting, planned.place) == ("", "x")


def test_a_new_schedule_takes_over_what_the_plan_says(client: Client, team: Team, planned: PlanInterview) -> None:
    client.force_login(team.recruiter.user)
    stage = planned.plan.stage
    address = f"/o/{team.organization.slug}/schedules/new/?job={stage.job_id}&stage={stage.pk}"
    shown = client.get(address).content.decode()
    assert '<option value="own_room" selected>' in shown


# --- what keeps one organization's from another's ------------------------------------------------------------------


def test_a_join_link_that_is_early_cancelled_or_revoked_leads_to_no_call(team: Team, calendar: Vendor) -> None:
    interview = meeting(team, MEET, team.interviewer)
    work()
    assert enter(interview).startswith("/join/")
    soon(interview)
    assert enter(interview).startswith("https://")
    token = join_link(interview=interview).token
    JoinLink.objects.filter(interview=interview).update(revoked_at=timezone.now())
    assert Client().get(f"/join/{token}/meet/").headers["Location"] == f"/join/{token}/"
    assert Client().get("/join/nothing-of-the-kind/meet/").status_code == 404
