"""Messages without a mail server, and their one click once there is one, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import expect
from pytest_django import Settings

from scheduling.models import Schedule
from tests.browser.visitor import Visitor
from tests.conftest import Team
from tests.scheduling.message_steps import deliver_all, interview, move, propose, staffed_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


def test_messages_wait_for_a_mail_server_and_leave_by_one_click(
    visitor: Visitor, team: Team, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    page, schedule = visitor.page, loop_of_two_days(team)
    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    messages = page.get_by_role("region", name="Messages")
    expect(messages.get_by_text("No mail server is set up.")).to_be_visible()
    messages.get_by_role("button", name="Send 3 messages").click()
    expect(page.get_by_text("Not sent: no mail server. You can send the messages once there is one.")).to_be_visible()
    deliver_all(schedule)
    expect(messages.get_by_text("Not sent: no mail server", exact=True)).to_have_count(3)
    visitor.check()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page.reload()
    expect(messages.get_by_text("3 messages weren't sent: no mail server.")).to_be_visible()
    messages.get_by_role("button", name="Send 3 messages").click()
    expect(page.get_by_text("Sending to 3 people.")).to_be_visible()
    deliver_all(schedule)
    expect(messages.get_by_text("Sent", exact=True)).to_have_count(3)
    # The candidate's two days are two mails.
    assert len(mail.outbox) == 4
    messages.get_by_role("button", name="View Ada Osei").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Calendar 2").click()
    expect(dialog.get_by_text("Sent as 2 e-mails with one calendar event each")).to_be_visible()
    expect(dialog.get_by_text("Adds this event to the calendar")).to_have_count(2)
    dialog.get_by_text("E-mail with this event").click()
    expect(dialog.get_by_text("This event is added to your calendar:")).to_be_visible()
    visitor.check()


def loop_of_two_days(team: Team) -> Schedule:
    schedule = staffed_loop(team, "Coding", "Design")
    move(interview(schedule, "Design"), days=1)
    propose(schedule, team)
    return schedule
