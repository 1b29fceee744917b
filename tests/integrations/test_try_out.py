"""The stand-in, connected with one click where the installation has one."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from integrations.models import Integration, KeyCheck
from tests.conftest import Team
from tests.scheduling.loops import connect

pytestmark = pytest.mark.django_db
TRY = "settings/integrations/codesignal/try/"


def test_one_click_checks_the_key_of_the_stand_in(
    team: Team, as_admin: Client, as_recruiter: Client, as_outsider: Client, settings: Settings
) -> None:
    settings.CODESIGNAL_TRIAL_KEY = "key-of-the-stand-in"
    assert "Connect the stand-in" in as_admin.get(team.url("home/")).content.decode()
    shown = as_admin.post(team.url(TRY)).content.decode()
    assert "Checking the key with CodeSignal" in shown and "key-of-the-stand-in" not in shown
    assert KeyCheck.objects.get().api_key == "key-of-the-stand-in"
    assert as_recruiter.post(team.url(TRY)).status_code == 403
    assert as_outsider.post(team.url(TRY)).status_code == 404


def test_without_a_stand_in_nobody_is_offered_one(team: Team, as_admin: Client) -> None:
    assert "Connect the stand-in" not in as_admin.get(team.url("home/")).content.decode()
    assert as_admin.post(team.url(TRY)).status_code == 404
    assert not KeyCheck.objects.exists()


def test_it_never_takes_the_place_of_a_connection(team: Team, as_admin: Client, settings: Settings) -> None:
    settings.CODESIGNAL_TRIAL_KEY = "key-of-the-stand-in"
    connect(team)
    assert as_admin.post(team.url(TRY)).status_code == 404
    assert Integration.objects.get().state == Integration.State.CONNECTED and not KeyCheck.objects.exists()
