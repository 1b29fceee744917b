"""A mailbox for answers in the settings, and a loop whose people were invited by mail."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from scheduling.models import Schedule
from tests.conftest import Team
from tests.scheduling.mail_answers.mails import ADDRESS
from tests.scheduling.message_steps import send, staffed_loop


@pytest.fixture(autouse=True)
def mailbox(settings: Settings) -> None:
    settings.IMAP_HOST, settings.IMAP_SECURITY, settings.IMAP_PORT = "127.0.0.1", "none", 9
    settings.IMAP_USER, settings.IMAP_PASSWORD = "demouser", "demopass"
    settings.IMAP_REPLY_ADDRESS = ADDRESS


@pytest.fixture
def loop(team: Team, mailbox: None) -> Schedule:
    """Two interviews on one day; the team's interviewer has the first, the recruiter the second. All are invited."""
    schedule = staffed_loop(team, "Coding", "Design")
    send(schedule, team)
    return schedule
