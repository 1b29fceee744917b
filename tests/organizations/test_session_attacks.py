"""Sessions that would outlive what ended them, or lie around where somebody finds them."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from organizations import members
from organizations.models import Membership, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def is_in(client: Client, team: Team) -> bool:
    return client.get(team.url("settings/profile/")).status_code == 200


def switch(user: User, *, on: bool) -> None:
    account = User.objects.get(pk=user.pk)
    account.is_active = on
    account.save()


def test_an_account_that_was_off_does_not_find_its_old_sessions(as_interviewer: Client, team: Team) -> None:
    assert is_in(as_interviewer, team)
    switch(team.interviewer.user, on=False)
    switch(team.interviewer.user, on=True)
    assert not is_in(as_interviewer, team)


def test_who_left_the_last_organization_does_not_find_the_old_session_on_coming_back(
    as_interviewer: Client, team: Team
) -> None:
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    Membership.objects.create(organization=team.organization, user=team.interviewer.user, role="interviewer")
    assert not is_in(as_interviewer, team)


def test_who_is_still_elsewhere_stays_signed_in(as_interviewer: Client, team: Team, other_team: Team) -> None:
    Membership.objects.create(organization=other_team.organization, user=team.interviewer.user, role="interviewer")
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    assert as_interviewer.get(other_team.url("settings/profile/")).status_code == 200
    assert as_interviewer.get(team.url("settings/profile/")).status_code == 404


def test_a_new_password_leaves_only_the_session_that_chose_it(team: Team, as_admin: Client) -> None:
    here, elsewhere = team.client(team.interviewer), team.client(team.interviewer)
    new = {"oldpassword": "demo", "password1": "a-long-new-one-7", "password2": "a-long-new-one-7"}
    assert here.post(team.url("settings/profile/password/"), new).status_code == 302
    # Also where the old password comes back: the hash in the session would fit again.
    User.objects.filter(pk=team.interviewer.user.pk).update(password=team.interviewer.user.password)
    assert not is_in(elsewhere, team)
    assert is_in(as_admin, team)


def test_a_copy_of_the_database_signs_nobody_in(as_admin: Client, team: Team) -> None:
    assert is_in(as_admin, team)
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert team.admin.user.email in dump.getvalue()
    assert as_admin.cookies["sessionid"].value not in dump.getvalue()


@pytest.mark.parametrize("path", ["home/", "candidates/", "settings/members/", "settings/profile/", "jobs/new/"])
def test_pages_of_members_are_kept_in_no_cache(path: str, as_admin: Client, team: Team) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        assert "no-store" in as_admin.get(team.url(path), headers=headers)["Cache-Control"]


def test_what_says_how_long_it_is_kept_stays_so(as_admin: Client, client: Client) -> None:
    assert "no-store" in as_admin.get("/")["Cache-Control"]
    assert client.get("/healthz").headers.get("Cache-Control", "") == ""
