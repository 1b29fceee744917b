"""A stolen account takes out no file after file: all exports of a person count together."""

from __future__ import annotations

import pytest
import time_machine

from organizations import limits
from organizations.models import AuditEvent
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def test_exports_of_one_person_are_counted_together(team: Team) -> None:
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        client = team.client(team.admin)
        pages = {
            team.url("candidates/export/"): {},
            team.url("settings/security/export/"): {"format": "csv"},
        }
        for number in range(limits.EXPORTS.most):
            address, sent = list(pages.items())[number % 2]
            assert client.post(address, sent).status_code == 200
        recorded = AuditEvent.objects.count()
        for address, sent in pages.items():
            refused = client.post(address, sent, follow=True)
            assert refused.redirect_chain
            assert "You exported 30 files within an hour. Export the next at 13:00." in refused.content.decode()
        assert AuditEvent.objects.count() == recorded
        assert team.client(team.recruiter).post(team.url("candidates/export/")).status_code == 200
        clock.shift(limits.HOUR)
        assert client.post(team.url("candidates/export/")).status_code == 200
