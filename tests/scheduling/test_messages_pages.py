"""The messages on the Communications tab: who sees them, what they say, what the buttons do."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from organizations.models import AuditEvent, Organization
from scheduling.messages import delivery as message_delivery
from scheduling.messages import services as message_services
from scheduling.models import Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import composed, move, propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


@pytest.fixture
def draft(team: Team, schedule: Schedule) -> Message:
    """The candidate's invitation; both interviewers have one too."""
    propose(schedule, team)
    return schedule.messages.get(audience="candidate")


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?bdi[^>]*>", "", page))).split())


def section(client: Client, team: Team, schedule: Schedule) -> str:
    return client.get(team.url(f"schedules/{schedule.pk}/messages/"), headers=HTMX).content.decode()


def picks_in(page: str) -> list[str]:
    return re.findall(r'name="message"\s+value="([^"]+)"', page)


def post(client: Client, team: Team, rest: str, **data: object) -> tuple[int, str, dict[str, object]]:
    response = client.post(team.url(rest), data, headers=HTMX)
    trigger = response.headers.get("HX-Trigger", "{}")
    return response.status_code, response.content.decode(), json.loads(trigger)


# --- who may -------------------------------------------------------------------------------------------------------


def addresses(message: Message) -> list[tuple[str, str]]:
    schedule = message.schedule_id
    return [
        ("get", f"schedules/{schedule}/messages/"),
        ("post", f"schedules/{schedule}/messages/prepare/"),
        ("post", f"schedules/{schedule}/messages/send/"),
        ("get", f"messages/{message.pk}/"),
        ("get", f"messages/{message.pk}/row/"),
        ("get", f"messages/{message.pk}/html/"),
        ("get", f"messages/{message.pk}/edit/"),
        ("post", f"messages/{message.pk}/edit/"),
        ("post", f"messages/{message.pk}/again/"),
        ("post", f"messages/{message.pk}/arrived/"),
        ("post", f"messages/{message.pk}/discard/"),
    ]


@pytest.mark.parametrize("number", range(11))
def test_recruiters_and_admins_may_interviewers_and_outsiders_may_not(
    team: Team,
    other_team: Team,
    draft: Message,
    number: int,
    as_recruiter: Client,
    as_admin: Client,
    as_interviewer: Client,
    as_outsider: Client,
    client: Client,
) -> None:
    method, rest = addresses(draft)[number]
    assert getattr(as_interviewer, method)(team.url(rest), headers=HTMX).status_code == 403
    assert getattr(as_outsider, method)(team.url(rest), headers=HTMX).status_code == 404
    assert getattr(as_outsider, method)(other_team.url(rest), headers=HTMX).status_code == 404
    assert getattr(client, method)(team.url(rest), headers=HTMX).status_code == 401
    draft.refresh_from_db()
    assert draft.state == MessageState.DRAFT
    assert getattr(as_admin, method)(team.url(rest), headers=HTMX).status_code in {200, 204, 422}
    if "discard" not in rest:
        assert getattr(as_recruiter, method)(team.url(rest), headers=HTMX).status_code in {200, 204, 422}


def test_without_htmx_the_section_leads_to_its_tab(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    response = as_recruiter.get(team.url(f"schedules/{schedule.pk}/messages/"))
    assert response["Location"] == team.url(f"schedules/{schedule.pk}/communications/")


# --- the section ---------------------------------------------------------------------------------------------------


def test_it_says_who_does_not_know_and_prepares_their_messages(
    team: Team, schedule: Schedule, as_recruiter: Client
) -> None:
    shown = text_of(section(as_recruiter, team, schedule))
    assert "3 people haven't been told yet." in shown
    assert "Ada Osei Candidate Invitation: 2 interviews, " in shown
    assert "No message yet" in shown
    assert "Send 3" not in shown
    _status, page, _trigger = post(as_recruiter, team, f"schedules/{schedule.pk}/messages/prepare/")
    assert "do not know" not in text_of(page)
    assert "Send 3 messages" in text_of(page)
    assert len(picks_in(page)) == 3
    assert schedule.messages.filter(state=MessageState.DRAFT).count() == 3


def test_a_schedule_without_interviews_says_what_to_do(team: Team, as_recruiter: Client) -> None:
    assert "No recipients yet" in text_of(section(as_recruiter, team, make_loop(team)))


def test_one_click_sends_what_was_shown(team: Team, schedule: Schedule, draft: Message, as_recruiter: Client) -> None:
    page = section(as_recruiter, team, schedule)
    rest = f"schedules/{schedule.pk}/messages/send/"
    status, page, trigger = post(as_recruiter, team, rest, message=picks_in(page))
    assert (status, trigger["notice"]) == (200, "Sending to 3 people.")
    assert text_of(page).count("Queued") == 3
    assert "data-busy" in page
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
    row = as_recruiter.get(team.url(f"messages/{draft.pk}/row/"), headers=HTMX).content.decode()
    assert "Sent" in text_of(row)
    assert "to ada@example.com" in text_of(row)
    assert "data-busy" not in row


def test_what_a_colleague_has_sent_is_not_sent_again_and_said(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client, as_admin: Client
) -> None:
    rest, both = f"schedules/{schedule.pk}/messages/send/", section(as_recruiter, team, schedule)
    post(as_admin, team, rest, message=picks_in(section(as_admin, team, schedule)))
    before = list(schedule.messages.order_by("id").values("state", "sent_by", "queued_at"))
    status, _page, trigger = post(as_recruiter, team, rest, message=picks_in(both))
    assert (status, trigger["notice"]) == (200, "These messages are already queued. Nothing was sent twice.")
    assert list(schedule.messages.order_by("id").values("state", "sent_by", "queued_at")) == before


def test_a_box_that_was_cleared_stays_cleared(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    pick = next(value for value in picks_in(section(as_recruiter, team, schedule)) if value.startswith(f"{draft.pk}:"))
    shown = [str(pk) for pk in schedule.messages.order_by("id").values_list("pk", flat=True)]
    page = as_recruiter.get(
        team.url(f"schedules/{schedule.pk}/messages/"), {"message": [pick], "shown": shown}, headers=HTMX
    ).content.decode()
    assert page.count("checked") == 1
    assert "Send 1 message" in text_of(page)


def test_a_warning_needs_a_second_word(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    make_link(schedule.interviews.get(name="Coding"), connect(team), "failed", problem_code="refused")
    propose(schedule, team)
    page = section(as_recruiter, team, schedule)
    assert "Warning: The coding link of “Coding” failed." in text_of(page)
    rest = f"schedules/{schedule.pk}/messages/send/"
    status, page, _trigger = post(as_recruiter, team, rest, message=picks_in(page))
    assert status == 422
    assert "Nothing was sent." in text_of(page)
    assert "select “Send anyway”" in text_of(page)
    status, page, _trigger = post(as_recruiter, team, rest, message=picks_in(page), override="on")
    assert status == 200
    assert set(schedule.messages.values_list("state", flat=True)) == {"queued"}


def test_what_blocks_can_not_be_picked(team: Team, schedule: Schedule, draft: Message, as_recruiter: Client) -> None:
    schedule.candidate.email = ""
    schedule.candidate.save()
    page = section(as_recruiter, team, schedule)
    assert "Can't be sent: The e-mail address is missing." in text_of(page)
    assert f'href="{team.url(f"candidates/{schedule.candidate_id}/")}"' in page
    assert "Send 2 messages" in text_of(page)
    status, page, _trigger = post(
        as_recruiter, team, f"schedules/{schedule.pk}/messages/send/", message=picks_in(page), override="on"
    )
    assert status == 422
    assert schedule.messages.filter(state="draft").count() == 3


def test_a_change_since_the_page_was_shown_sends_nothing_and_says_so(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    page = section(as_recruiter, team, schedule)
    move(schedule.interviews.get(name="Coding"), hours=-1)
    rest = f"schedules/{schedule.pk}/messages/send/"
    status, page, _trigger = post(as_recruiter, team, rest, message=picks_in(page))
    assert status == 422
    assert "Ada Osei: This changed since you opened it" in text_of(page)
    status, _page, _trigger = post(as_recruiter, team, rest, message=picks_in(page))
    assert status == 200


def test_nonsense_in_a_form_harms_nothing(team: Team, schedule: Schedule, draft: Message, as_recruiter: Client) -> None:
    rest = f"schedules/{schedule.pk}/messages/send/"
    status, _page, trigger = post(as_recruiter, team, rest, message=["x", "", "1", "99999:abc"], shown=["y"])
    assert status in {200, 422}
    assert schedule.messages.filter(state="draft").count() == 3
    assert not schedule.messages.filter(state="queued").exists()
    assert trigger == {} or "notice" in trigger


def test_an_update_shows_what_changed_and_earlier_messages_stay_readable(
    team: Team, schedule: Schedule, as_recruiter: Client
) -> None:
    send(schedule, team)
    move(schedule.interviews.get(name="Coding"), hours=-1)
    assert "2 people haven't been told yet" in text_of(section(as_recruiter, team, schedule))
    propose(schedule, team)
    shown = text_of(section(as_recruiter, team, schedule))
    assert "Update to the candidate" in shown
    assert "1 earlier message" in shown


def test_a_failure_says_why_and_can_be_sent_again(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    queue(schedule, team)
    Message.objects.filter(pk=draft.pk).update(state="failed", problem="The mail server refused the message: 550 no")
    page = section(as_recruiter, team, schedule)
    assert "Failed" in text_of(page)
    assert "550 no" in text_of(page)
    _status, page, trigger = post(as_recruiter, team, f"messages/{draft.pk}/again/")
    assert trigger["notice"] == "Sending it again."
    draft.refresh_from_db()
    assert draft.state == MessageState.QUEUED


def test_what_may_have_been_sent_asks_a_person(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    queue(schedule, team)
    Message.objects.filter(pk=draft.pk).update(state="unknown", problem="It may have been sent.")
    page = section(as_recruiter, team, schedule)
    assert "May have been sent" in text_of(page)
    assert "may get it twice" in page
    post(as_recruiter, team, f"messages/{draft.pk}/arrived/")
    draft.refresh_from_db()
    assert draft.state == MessageState.SENT


def test_a_discarded_draft_is_gone_and_its_person_is_still_named(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    page, notice, _state = discard(as_recruiter, team, draft)
    assert notice == "Draft discarded."
    assert "1 person hasn't been told yet" in text_of(page)


def discard(client: Client, team: Team, draft: Message) -> tuple[str, str, str]:
    """Discard a draft. Returns the page, the notice, and what its "Undo" sends."""
    _status, page, trigger = post(client, team, f"messages/{draft.pk}/discard/")
    notice: Any = trigger["notice"]
    assert notice["undo"]["address"] == team.url(f"schedules/{draft.schedule_id}/messages/restore/")
    kept = re.search(rf'id="{notice["undo"]["kept_in"]}"\s+data-state="([^"]+)"', page)
    assert kept is not None
    return page, notice["value"], kept[1]


def test_a_discarded_draft_is_restored_with_its_own_text(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    text = "See you soon. " * 400
    message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Soon", body=text)
    draft.refresh_from_db()
    _page, _notice, state = discard(as_recruiter, team, draft)
    restore = f"schedules/{schedule.pk}/messages/restore/"
    status, _nothing, trigger = post(as_recruiter, team, restore, state=state)
    assert (status, trigger) == (204, {"messagesChanged": True, "notice": "Draft restored."})
    again = Message.objects.get(state="draft", audience=draft.audience, membership=draft.membership)
    assert (again.subject_source, again.body_source) == ("Soon", draft.body_source)
    assert (again.kind, again.edited_at, again.interviews_digest) == (
        draft.kind,
        draft.edited_at,
        draft.interviews_digest,
    )
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions)[-2:] == ["message.discarded", "message.restored"]
    for wrong in (state, "x", ""):
        assert post(as_recruiter, team, restore, state=wrong)[2]["notice"] == "Not restored: this changed since."
    assert Message.objects.filter(state="draft", audience=draft.audience).count() == 1


def test_a_draft_that_nobody_needs_any_more_is_not_restored(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    """Nor one of another schedule."""
    _page, _notice, state = discard(as_recruiter, team, draft)
    other = staffed_loop(team, "Talk", email="bo@example.com")
    elsewhere = post(as_recruiter, team, f"schedules/{other.pk}/messages/restore/", state=state)
    assert elsewhere[2]["notice"] == "Not restored: this changed since."
    schedule.interviews.update(state="cancelled")
    post(as_recruiter, team, f"schedules/{schedule.pk}/messages/restore/", state=state)
    assert not Message.objects.filter(state="draft", audience=draft.audience, schedule=schedule).exists()


# --- preview and edit ----------------------------------------------------------------------------------------------


def test_the_preview_is_what_is_sent(team: Team, schedule: Schedule, draft: Message, as_recruiter: Client) -> None:
    before = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX).content.decode()
    shown = as_recruiter.get(team.url(f"messages/{draft.pk}/html/")).content.decode()
    assert "ada@example.com" in text_of(before)
    assert "Adds this event to the calendar" in text_of(before)
    assert re.search(r"When \w+, \d+ \w+ \d{4}, 10:00–12:00 \(UTC\)", text_of(before))
    queue(schedule, team)
    draft.refresh_from_db()
    assert draft.html == shown
    assert html.escape(draft.text) in before
    after = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX).content.decode()
    assert html.escape(draft.text) in after
    assert as_recruiter.get(team.url(f"messages/{draft.pk}/html/")).content.decode() == draft.html


def test_the_html_may_style_itself_and_nothing_else(team: Team, draft: Message, as_recruiter: Client) -> None:
    response = as_recruiter.get(team.url(f"messages/{draft.pk}/html/"))
    policy = {part.split()[0]: part.split()[1:] for part in response["Content-Security-Policy"].split("; ")}
    assert policy["default-src"] == ["'none'"]
    assert policy["style-src"] == ["'unsafe-inline'"]
    assert policy["img-src"] == ["data:"]
    assert policy["frame-ancestors"] == ["'self'"]
    assert policy["sandbox"] == []
    assert "script-src" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    page = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX)
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert "sandbox" in page.content.decode()


def test_a_draft_can_be_edited_and_taken_back(
    team: Team, schedule: Schedule, draft: Message, as_recruiter: Client
) -> None:
    rest = f"messages/{draft.pk}/edit/"
    assert "Hi {first_name}" in as_recruiter.get(team.url(rest), headers=HTMX).content.decode()
    status, page, _trigger = post(as_recruiter, team, rest, subject="Hi", body="Hello {candidte} {reason}")
    assert status == 422
    assert "“{candidte}” is not a placeholder" in text_of(page)
    assert "“{reason}” is for interviewers only" in text_of(page)
    assert "Hello {candidte} {reason}" in page
    status, _page, trigger = post(as_recruiter, team, rest, subject="Hi {candidate}", body="Bring\ncake.")
    assert (status, trigger["closeDialog"], trigger["messagesChanged"]) == (204, True, True)
    content = composed(schedule, team)[draft.pk]
    assert (content.rendered.subject, content.rendered.text) == ("Hi Ada Osei", "Bring\ncake.\n")
    assert "· edited" in text_of(section(as_recruiter, team, schedule))
    post(as_recruiter, team, rest, reset="1")
    assert composed(schedule, team)[draft.pk].rendered.text.startswith("Hi Ada,")


def test_a_sent_message_can_not_be_edited(team: Team, schedule: Schedule, draft: Message, as_recruiter: Client) -> None:
    queue(schedule, team)
    assert as_recruiter.get(team.url(f"messages/{draft.pk}/edit/"), headers=HTMX).status_code == 404
    assert not message_services.discard_draft(message=draft, actor=team.recruiter.user)


def test_a_candidates_name_can_not_break_the_page(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    schedule.candidate.name = "<script>alert(1)</script>"
    schedule.candidate.save()
    Organization.objects.filter(pk=team.organization.pk).update(name="A & <b>")
    propose(schedule, team)
    message = schedule.messages.get(audience="candidate")
    for rest in (f"schedules/{schedule.pk}/messages/", f"messages/{message.pk}/", f"messages/{message.pk}/html/"):
        page = as_recruiter.get(team.url(rest), headers=HTMX).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_the_section_takes_as_many_queries_for_many_people(
    team: Team, schedule: Schedule, as_recruiter: Client, django_assert_max_num_queries: object
) -> None:
    from tests.scheduling.message_steps import assign, colleague

    make_link(schedule.interviews.get(name="Coding"), connect(team), "ready")
    for number in range(10):
        assign(schedule.interviews.get(name="Coding"), colleague(team, f"P{number}"))
    send(schedule, team)
    move(schedule.interviews.get(name="Coding"), hours=-1)
    propose(schedule, team)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        section(as_recruiter, team, schedule)
