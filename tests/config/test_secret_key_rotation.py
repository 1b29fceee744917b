"""A new SECRET_KEY with the old one in SECRET_KEY_FALLBACKS: what was signed before stays good."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from organizations import invitations, passwords
from organizations.models import Membership
from tests.conftest import Team

NEW = "the-key-that-comes-after-it"


@pytest.mark.parametrize("kept", [True, False])
def test_sessions_and_links_of_before_stay_good(kept: bool, client: Client, team: Team, settings: Settings) -> None:
    client.force_login(team.recruiter.user)
    home = f"/o/{team.organization.slug}/home/"
    invitation = invitations.invite(
        organization=team.organization, actor=team.admin.user, email="new@acme.example", role=Membership.Role.RECRUITER
    )
    invited = invitations.link(invitation).removeprefix("http://testserver")
    passwords.mail(team.recruiter.user.pk)
    reset = next(line for line in str(mail.outbox[-1].body).split() if "/password/" in line)
    reset = reset.removeprefix("http://testserver")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = NEW
    assert client.get(home).status_code == (200 if kept else 302)
    answer = Client().get(reset, follow=True).content.decode()
    assert ("no longer valid" in answer) is not kept
    # Invitations are looked up by what the database has of them.
    assert Client().get(invited).status_code == 200


@pytest.mark.parametrize("kept", [True, False])
def test_links_of_invitations_are_shown_and_mailed_as_before(kept: bool, team: Team, settings: Settings) -> None:
    invitation = invitations.invite(
        organization=team.organization, actor=team.admin.user, email="new@acme.example", role=Membership.Role.RECRUITER
    )
    invitations.show_link(invitation=invitation, actor=team.admin.user)
    links = invitations.link(invitation), invitations.handed_link(invitation)
    assert all(links)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = NEW
    after = invitations.link(invitation), invitations.handed_link(invitation)
    assert after == (links if kept else ("", ""))
    assert invitations.is_valid(invitation) is kept
