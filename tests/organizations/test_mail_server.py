"""Without a mail server an admin reads on every page that no messages are sent."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from organizations.mail_server import can_leave
from tests.conftest import Team

BACKENDS = "django.core.mail.backends"
WORDS = "No mail server is set up, so no messages are sent."
PAGES = ["schedules/", "candidates/", "jobs/", "settings/", "settings/members/", "settings/profile/"]


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        (f"{BACKENDS}.smtp.EmailBackend", True),
        ("scheduling.demo.outbox.OutboxBackend", True),
        (f"{BACKENDS}.filebased.EmailBackend", False),
        (f"{BACKENDS}.console.EmailBackend", False),
        (f"{BACKENDS}.dummy.EmailBackend", False),
    ],
)
def test_only_what_somebody_can_read_counts(settings: Settings, backend: str, expected: bool) -> None:
    settings.EMAIL_BACKEND = backend
    assert can_leave() is expected


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_an_admin_reads_it_on_every_page(
    team: Team, as_admin: Client, as_recruiter: Client, settings: Settings, page: str
) -> None:
    assert WORDS not in as_admin.get(team.url(page)).content.decode()
    settings.EMAIL_BACKEND = f"{BACKENDS}.filebased.EmailBackend"
    assert as_admin.get(team.url(page)).content.decode().count(WORDS) == 1
    assert WORDS not in as_recruiter.get(team.url(page)).content.decode()
