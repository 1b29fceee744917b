"""Messages while there is no mail server: never "Sent", and sent by one click once there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from organizations.models import AuditEvent
from organizations.trail import Trail
from scheduling.messages import delivery as message_delivery
from scheduling.messages import repeats as message_repeats
from scheduling.messages import services as message_services
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import CalendarEntry, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import in_trouble, interview, move, propose, queue, send, staffed_loop, states

pytestmark = pytest.mark.django_db
WORDS = "Not sent: no mail server"


@pytest.fixture
def no_server(settings: Settings, tmp_path: Path) -> Settings:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return settings


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


def try_to_send(schedule: Schedule, team: Team) -> None:
    propose(schedule, team)
    for message in queue(schedule, team):
        message_delivery.deliver(message.pk)


def server_is_there(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def test_nothing_is_sent_and_the_files_are_there_to_look_at(
    team: Team, schedule: Schedule, no_server: Settings
) -> None:
    try_to_send(schedule, team)
    assert states(schedule) == ["not_sent"] * 3
    assert not schedule.messages.filter(sent_at__isnull=False).exists()
    # Of two connections in one second the files may have one name: Django takes the object's place in memory for it.
    lines = [line for path in Path(no_server.EMAIL_FILE_PATH).iterdir() for line in path.read_bytes().splitlines()]
    assert sum(line.startswith(b"Message-ID: ") for line in lines) == 3
    assert in_trouble(team).count() == 3
    actions = AuditEvent.objects.filter(subject_type="schedule", subject_id=schedule.pk).values_list(
        "action", flat=True
    )
    assert "message.sent" not in actions
    events = AuditEvent.objects.filter(action="message.not_sent")
    assert [Trail(events).sentence(event).startswith(WORDS) for event in events] == [True] * 3


def test_a_retry_never_says_sent_without_a_server(team: Team, schedule: Schedule, no_server: Settings) -> None:
    try_to_send(schedule, team)
    message_repeats.send_all_that_had_no_server(schedule=schedule, actor=team.recruiter.user)
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
    assert states(schedule) == ["not_sent"] * 3


def test_nobody_counts_as_told(team: Team, schedule: Schedule, no_server: Settings) -> None:
    try_to_send(schedule, team)
    assert message_services.still_invited(Schedule.objects.all()) == {}
    move(interview(schedule, "Design"), hours=1)
    drafts = propose(schedule, team)
    assert {draft.kind for draft in drafts} == {"candidate_invitation", "interviewer_invitation"}


def test_one_click_sends_them_all_once_there_is_a_server(
    team: Team, schedule: Schedule, no_server: Settings, as_recruiter: Client
) -> None:
    try_to_send(schedule, team)
    server_is_there(no_server)
    page = as_recruiter.get(
        team.url(f"schedules/{schedule.pk}/messages/"), headers={"HX-Request": "true"}
    ).content.decode()
    assert "3 messages weren't sent: no mail server." in page
    answer = as_recruiter.post(team.url(f"schedules/{schedule.pk}/messages/send-kept/"), headers={"HX-Request": "true"})
    assert "Sending to 3 people." in answer["HX-Trigger"]
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
    assert states(schedule) == ["sent"] * 3
    assert len(mail.outbox) == 3
    assert in_trouble(team).count() == 0
    context = load_message_context(schedule.pk)
    assert [needed(context, key) for key in context.recipient_keys()] == [None] * 3
    again = as_recruiter.post(team.url(f"schedules/{schedule.pk}/messages/send-kept/"), headers={"HX-Request": "true"})
    assert "Nothing was sent." in again["HX-Trigger"]
    assert len(mail.outbox) == 3


def test_what_changed_since_is_a_draft_to_look_at(
    team: Team, schedule: Schedule, no_server: Settings, as_recruiter: Client
) -> None:
    try_to_send(schedule, team)
    server_is_there(no_server)
    move(interview(schedule, "Design"), hours=1)
    answer = as_recruiter.post(team.url(f"schedules/{schedule.pk}/messages/send-kept/"), headers={"HX-Request": "true"})
    assert "Sending to 1 person. 2 messages have changed and are drafts again." in answer["HX-Trigger"]
    assert sorted(states(schedule)) == ["draft", "draft", "queued"]


def test_the_calendar_starts_anew_without_a_gap_that_matters(
    team: Team, schedule: Schedule, no_server: Settings
) -> None:
    try_to_send(schedule, team)
    server_is_there(no_server)
    message_repeats.send_all_that_had_no_server(schedule=schedule, actor=team.recruiter.user)
    candidate = schedule.messages.get(audience="candidate")
    assert [event["method"] for event in candidate.calendar] == ["REQUEST"]
    assert CalendarEntry.objects.filter(schedule=schedule, audience="candidate").count() == 1


def test_an_event_that_never_left_is_no_change_to_who_reads_of_it_first(
    team: Team, schedule: Schedule, no_server: Settings
) -> None:
    move(interview(schedule, "Design"), days=1)
    try_to_send(schedule, team)
    server_is_there(no_server)
    message_repeats.send_all_that_had_no_server(schedule=schedule, actor=team.recruiter.user)
    further = schedule.messages.get(audience="candidate", part_of__isnull=False)
    assert "This event is added to your calendar:" in further.text
    assert "Updated" not in further.subject


@pytest.mark.parametrize("place", ["messages", "message", "history", "home"])
def test_every_page_says_so_and_none_says_sent(
    team: Team, schedule: Schedule, no_server: Settings, as_recruiter: Client, place: str
) -> None:
    try_to_send(schedule, team)
    message = schedule.messages.get(audience="candidate")
    address = {
        "messages": f"schedules/{schedule.pk}/messages/",
        "message": f"messages/{message.pk}/",
        "history": f"schedules/{schedule.pk}/history/",
        "home": "home/",
    }[place]
    headers = {"HX-Request": "true"} if place.startswith("message") else {}
    page = as_recruiter.get(team.url(address), headers=headers).content.decode()
    if place == "home":
        assert "3 messages weren&#x27;t sent: no mail server" in page
    else:
        assert WORDS in page
    assert "circle-check" not in page or place == "home"


def test_the_page_of_messages_warns_before_somebody_sends(
    team: Team, schedule: Schedule, no_server: Settings, as_recruiter: Client
) -> None:
    propose(schedule, team)
    address = team.url(f"schedules/{schedule.pk}/messages/")
    page = as_recruiter.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "No mail server is set up." in page
    server_is_there(no_server)
    assert "no mail server" not in as_recruiter.get(address, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("backend", ["console", "dummy"])
def test_what_only_prints_or_drops_mail_is_no_server(
    team: Team, schedule: Schedule, settings: Settings, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    try_to_send(schedule, team)
    assert states(schedule) == [MessageState.NOT_SENT] * 3


def test_a_server_that_is_there_is_believed(team: Team, schedule: Schedule) -> None:
    assert len(send(schedule, team)) == 3
    assert states(schedule) == ["sent"] * 3
