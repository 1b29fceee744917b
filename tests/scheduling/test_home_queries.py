"""Home asks at most twelve questions, also with each kind of trouble of interviews at once, and when opened first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from integrations.base import Refused
from integrations.calendars import Answer
from integrations.models import CalendarConnection, Integration
from jobs.models import Job, JobCoordinator
from scheduling.erasure.services import delete_candidate
from scheduling.models import (
    CalendarEvent,
    CodingLink,
    Interview,
    LinkRun,
    LinkRunItem,
    MailAnswer,
    Message,
    Room,
    Schedule,
)
from scheduling.schedules import services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling import calendars
from tests.scheduling.calendars import HOUR
from tests.scheduling.home_steps import with_tool
from tests.scheduling.loops import connect, make_link
from tests.scheduling.mail_answers.mails import ADDRESS
from tests.scheduling.message_steps import send, staffed_loop
from tests.scheduling.test_calendar_events import work
from tests.scheduling.test_rooms import aurora, connection, scheduled
from tests.test_query_counts import MOST, first_view, one_with_role, writes

__all__ = ["aurora", "connection"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_morning() -> Iterator[None]:
    """Late in the evening the second interview of a loop would be on another day."""
    with time_machine.travel(timezone.now().replace(hour=8), tick=True):
        yield


@pytest.fixture
def crowded(team: Team, aurora: Room, connection: CalendarConnection, settings: Settings) -> None:
    """Everything that people do to events, answers and calls, beside trouble with links and messages."""
    settings.IMAP_HOST, settings.IMAP_USER, settings.IMAP_PASSWORD = "127.0.0.1", "demouser", "demopass"
    settings.IMAP_REPLY_ADDRESS = ADDRESS
    answers(team)
    events(team, aurora)
    calls(team)
    links(team)
    paused(team)


def paused(team: Team) -> None:
    """A paused key, paused calendars of everyone and of each member, and deletions that wait for a person."""
    for _number in range(3):
        waits = staffed_loop(team, "Coding", hours_ahead=48)
        send(waits, team)
        delete_candidate(candidate=waits.candidate, actor=team.admin.user, tell=True)
    Message.objects.filter(schedule__candidate__erase_asked_at__isnull=False).update(state="failed")
    Integration.objects.update(state="paused", problem_code="key_refused", problem_since=timezone.now())
    CalendarConnection.objects.update(state="paused", problem_code="credentials_refused")
    for member in team.organization.memberships.all():
        own = CalendarConnection(organization=team.organization, membership=member, kind="caldav", state="paused")
        own.problem_code, own.problem_since = "credentials_refused", timezone.now()
        own.save()


def answers(team: Team) -> None:
    """Two answers by mail: the candidate declines, and the interviewer proposes another time."""
    loop = staffed_loop(team, "Coding", "Design", hours_ahead=2)
    send(loop, team)
    by_mail = MailAnswer.objects.filter(schedule=loop)
    for answer in by_mail.order_by("id"):
        starts, ends = (loop.interviews.order_by(name)[0] for name in ("starts_at", "-ends_at"))
        if answer.membership_id == team.interviewer.pk:
            ends = starts
        elif answer.membership_id == team.recruiter.pk:
            starts = ends
        MailAnswer.objects.filter(pk=answer.pk).update(
            answer=Answer.DECLINED, starts_at=starts.starts_at, ends_at=ends.ends_at
        )
    proposed = {"proposed_starts_at": timezone.now() + 9 * HOUR, "proposed_ends_at": timezone.now() + 10 * HOUR}
    by_mail.filter(membership=team.interviewer).update(**proposed)


def events(team: Team, aurora: Room) -> None:
    """Events that were declined, moved, deleted, answered with another time, without their room, and not removed."""
    for number in range(6):
        scheduled(team, aurora, 2 * number, name=f"C{number}")
    work()
    first = CalendarEvent.objects.order_by("starts_at")[0]
    times = [timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=1, hours=1)]
    changes: list[dict[str, object]] = [
        {"answer": Answer.DECLINED},
        {"moved_starts_at": times[0], "moved_ends_at": times[1]},
        {"deleted_at": timezone.now()},
        {"proposed_starts_at": times[0], "proposed_ends_at": times[1]},
        {"room_answer": Answer.DECLINED},
    ]
    for event, change in zip(CalendarEvent.objects.order_by("starts_at"), changes, strict=False):
        CalendarEvent.objects.filter(pk=event.pk).update(**change)
    assert first.starts_at is not None
    last = Schedule.objects.get(candidate__name="C5")
    services.cancel_schedule(schedule=last, actor=team.recruiter.user, reason=GivenReason())
    calendars.VENDOR.faults = [Refused("read_only")]
    work()


def calls(team: Team) -> None:
    """Calls that can't be made, by each way to meet, and one on a server that is not set up."""
    for kind, problem in (("google_meet", "refused"), ("jitsi", ""), ("own_room", ""), ("google_meet", "nobody")):
        loop = staffed_loop(team, f"Call {kind}", hours_ahead=4)
        loop.interviews.update(meeting=kind, meeting_problem=problem, place="")


def links(team: Team) -> None:
    """Links in trouble, one without its interview, and a run of a job that paused."""
    integration = connect(team)
    loop = staffed_loop(team, "Pairing", "Debugging", hours_ahead=1)
    with_tool(loop)
    make_link(loop.interviews.order_by("id")[0], integration, "failed", problem_code="refused")
    orphan = make_link(loop.interviews.order_by("id")[1], integration, "cancelling", problem_code="x")
    CodingLink.objects.filter(pk=orphan.pk).update(interview=None)
    job = Job.objects.create(organization=team.organization, title="Platform")
    run = LinkRun.objects.create(
        organization=team.organization, job=job, state="paused", paused_because="failing", total=1
    )
    interview = scheduled(team, None, 30, name="R")
    of_run = make_link(interview, integration, "failed", problem_code="refused")
    LinkRunItem.objects.create(run=run, interview=interview, link=of_run)


SAID = (
    "declined “Coding”",
    "moved “Coding” to",
    "deleted “Coding” from their calendar",
    "proposes",
    "Aurora declined",
    "is still in the calendar of",
    "declined “Coding” and “Design”",
    "Google Meet could not be created",
    "No interviewer has a connected calendar for Google Meet",
    "Jitsi is not set up",
    "No interviewer has a room of their own",
    "paused: many in a row failed",
    "CodeSignal is paused",
    "your busy times are unknown",
)
SAID_TO_ADMINS = ("3 candidates are not deleted yet", "members' busy times are unknown")


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("role", ["admin", "recruiter", "coordinator", "interviewer", "read_only"])
@pytest.mark.parametrize("query", ["", "?attention=all&days=all", "?show=mine"])
def test_it_asks_at_most_twelve_questions_with_all_of_it_at_once(team: Team, role: str, query: str) -> None:
    if role == "coordinator":
        Schedule.objects.filter(job=None).update(job=Job.objects.order_by("id")[0])
    known = {"admin": team.admin, "recruiter": team.recruiter, "interviewer": team.interviewer}
    client = team.client(known[role]) if role in known else one_with_role(team.organization, role)
    assert (role == "coordinator") is JobCoordinator.objects.exists()
    view = first_view(client, team.url(f"home/{query}"))
    assert view.response.status_code == 200
    assert writes(view.texts) == []
    assert len(view.asked) <= MOST, "\n".join(one[-300:] for one in view.texts)
    home = view.body.decode().replace("&#x27;", "'").replace(chr(0x2068), "").replace(chr(0x2069), "")
    if "attention=all" in query and role in {"admin", "recruiter"}:
        said = [*SAID, *(SAID_TO_ADMINS if role == "admin" else ("Ask Admin Acme",))]
        assert [words for words in said if words not in home] == []
    assert Interview.objects.count() > 10
