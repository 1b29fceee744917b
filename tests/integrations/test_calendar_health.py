"""A calendar connection while it works and while it does not: pause, mail, resume, warnings, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations import calendar_health, tasks
from integrations.base import CredentialsRejected, Retryable
from integrations.calendar_calls import call
from integrations.calendars import CalendarRef
from integrations.models import CalendarConnection
from integrations.people import forget
from organizations.models import AuditEvent, Membership
from organizations.trail import Trail
from scheduling.models import MemberCalendar
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.integrations.fake_calendar import KIND, PASSWORD, World, fake_calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with fake_calendar() as world:
        world.calendars = [CalendarRef("main", "Work", is_main=True, can_write=True)]
        yield world


def connect(client: Client, team: Team, work: Work, *, is_own: bool = False) -> CalendarConnection:
    place = "profile" if is_own else "integrations"
    with work():
        client.post(team.url(f"settings/{place}/calendars/{KIND}/connect/"), {"user": "dana", "password": PASSWORD})
    return CalendarConnection.objects.get()


def reject(connection: CalendarConnection, world: World, work: Work) -> None:
    """Work meets a rejection; the closer look after it meets the same."""
    world.problem = CredentialsRejected("key_rejected")
    with work(), pytest.raises(CredentialsRejected):
        call(connection, lambda calendar: calendar.list_rooms())


def state() -> tuple[str, str]:
    found = CalendarConnection.objects.get()
    return found.state, found.problem_code


def test_a_rejection_pauses_and_tells_the_admins_once(
    as_admin: Client, as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    connection = connect(as_admin, team, work)
    reject(connection, world, work)
    assert state() == ("paused", "key_rejected")
    assert [message.to for message in mail.outbox] == [[team.admin.user.email]]
    assert mail.outbox[0].subject == "Acme Calendar stopped working for Acme"
    calendar_health.mail_open_problems()
    calendar_health.check(connection.pk)
    assert len(mail.outbox) == 1
    home = unescape(as_admin.get(team.url("home/")).content.decode())
    assert "Acme Calendar is paused: members' busy times are unknown." in home
    assert "Acme Calendar is paused" not in unescape(as_interviewer.get(team.url("home/")).content.decode())


def test_the_owner_alone_is_told_of_their_own(
    as_admin: Client, as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    reject(connect(as_interviewer, team, work, is_own=True), world, work)
    assert [message.to for message in mail.outbox] == [[team.interviewer.user.email]]
    assert mail.outbox[0].subject == "Your Acme Calendar is no longer connected"
    home = unescape(as_interviewer.get(team.url("home/")).content.decode())
    assert "Your Acme Calendar is paused: your busy times are unknown." in home
    assert "is paused" not in unescape(as_admin.get(team.url("home/")).content.decode())
    sentences = Trail(events := list(AuditEvent.objects.order_by("id")))
    assert sentences.sentence(events[-1]) == (
        f"Paused the Acme Calendar of {team.interviewer.user.name}: Acme Calendar did not accept the credentials."
    )


def test_it_resumes_once_it_works_again(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connection = connect(as_admin, team, work)
    reject(connection, world, work)
    world.problem = None
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert calendar_health.due() == [connection.pk]
        calendar_health.check(connection.pk)
    assert state() == ("connected", "")


def test_one_that_works_is_checked_daily(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connection = connect(as_admin, team, work)
    assert calendar_health.due() == []
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        assert calendar_health.due() == [connection.pk]
        with work():
            tasks.check_calendars()
        assert calendar_health.due() == []
    assert world.calls.count("check") == 2


def test_a_vendor_that_is_away_pauses_nothing(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connection = connect(as_admin, team, work)
    world.problem = Retryable("unreachable")
    calendar_health.check(connection.pk)
    assert state() == ("connected", "")
    page = unescape(as_admin.get(team.url(f"settings/integrations/calendars/{KIND}/")).content.decode())
    assert "did not finish. Acme Calendar could not be reached." in page
    assert mail.outbox == []


def test_a_permission_that_is_taken_away_pauses(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connection = connect(as_admin, team, work)
    world.missing = ["calendar.events"]
    calendar_health.check(connection.pk)
    assert state() == ("paused", "permission_missing")
    assert "calendar.events" in mail.outbox[0].body


def test_one_of_a_deactivated_member_rests(as_interviewer: Client, team: Team, world: World, work: Work) -> None:
    connect(as_interviewer, team, work, is_own=True)
    user = team.interviewer.user
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    tasks.sweep()
    assert state() == ("paused", "owner_inactive")
    assert mail.outbox == []
    type(user).objects.filter(pk=user.pk).update(is_active=True)
    tasks.sweep()
    assert state() == ("connected", "")


def test_one_whose_credentials_cant_be_read_rests(
    as_admin: Client, team: Team, world: World, work: Work, settings: Settings
) -> None:
    connect(as_admin, team, work)
    keys = list(settings.FERNET_KEYS)
    settings.FERNET_KEYS = ["4xWtAPgDyB2mcmwCgkwY8TC9Ye2fR6GpCLbSQxK7gEk="]
    tasks.sweep()
    assert state() == ("paused", "key_unreadable")
    settings.FERNET_KEYS = keys
    tasks.sweep()
    assert state() == ("connected", "")


def test_disconnecting_forgets_what_was_read_and_revokes(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    connection = connect(as_interviewer, team, work, is_own=True)
    assert MemberCalendar.objects.count() == 1
    with work():
        as_interviewer.post(team.url(f"settings/profile/calendars/{connection.pk}/disconnect/"))
    assert not MemberCalendar.objects.exists()
    found = CalendarConnection.objects.get()
    assert (found.state, found.credentials, found.found, found.revoke_until) == ("disconnected", "", [], None)
    assert [one["password"] for one in world.revoked] == [PASSWORD]


def test_a_vendor_that_does_not_revoke_is_asked_for_an_hour(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    connection = connect(as_interviewer, team, work, is_own=True)
    world.revoke_problem = Retryable("unreachable")
    with work():
        as_interviewer.post(team.url(f"settings/profile/calendars/{connection.pk}/disconnect/"))
    assert CalendarConnection.objects.get().credentials != ""
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        tasks.sweep()
    assert CalendarConnection.objects.get().credentials == ""


def test_a_secret_that_expires_is_warned_of(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connect(as_admin, team, work)
    soon = timezone.localdate() + timedelta(days=9)
    CalendarConnection.objects.update(expires_on=soon)
    page = unescape(as_admin.get(team.url("settings/integrations/")).content.decode())
    assert "The secret expires on" in page
    CalendarConnection.objects.update(expires_on=date(2020, 1, 31))
    assert "the secret expired on" in unescape(as_admin.get(team.url("settings/integrations/")).content.decode())


def test_acting_as_a_deactivated_member_is_warned_of(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connect(as_admin, team, work)
    user = team.recruiter.user
    CalendarConnection.objects.update(entered={"admin": user.email})
    page = team.url(f"settings/integrations/calendars/{KIND}/")
    assert "whose account here is deactivated" not in as_admin.get(page).content.decode()
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert "whose account here is deactivated" in as_admin.get(page).content.decode()


def test_who_leaves_takes_their_calendars_along(as_interviewer: Client, team: Team, world: World, work: Work) -> None:
    connect(as_interviewer, team, work, is_own=True)
    Membership.objects.get(pk=team.interviewer.pk).delete()
    assert not CalendarConnection.objects.exists() and not MemberCalendar.objects.exists()


def test_who_is_erased_is_nowhere_in_connections(as_admin: Client, team: Team, world: World, work: Work) -> None:
    connect(as_admin, team, work)
    email = team.admin.user.email
    CalendarConnection.objects.update(entered={"admin": email, "tenant": "acme"}, account_name=email)
    forget(team.admin.user, team.organization, False)
    found = CalendarConnection.objects.get()
    assert (found.entered, found.account_name, found.state) == ({"tenant": "acme"}, "", "connected")
