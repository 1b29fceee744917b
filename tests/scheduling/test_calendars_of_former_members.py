"""A member who leaves: their own calendar is let go at once, here and at its vendor, with what Panelist wrote there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from integrations import calendar_health
from integrations.base import CredentialsRejected, Retryable
from integrations.calendar_connections import REVOKE_WITHIN
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from integrations.views.calendar_places import everyones
from organizations import members
from organizations.access import Access
from organizations.erasure import accounts
from organizations.models import AuditEvent, Membership
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.models import CalendarEvent, CalendarTime, EventState, MemberCalendar
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.scheduling.calendars import HOUR, Vendor, calendar_for, connect_calendars, entry
from tests.scheduling.test_calendar_events import home_of, later, scheduled, work
from tests.scheduling.test_calendar_events_removed import google

__all__ = ["google"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def own(team: Team, calendar_vendor: Vendor, settings: Settings) -> MemberCalendar:
    """The interviewer's own calendar: watched, read, and with an interview in it."""
    settings.BASE_URL = "https://panelist.acme.org"
    row = calendar_for(team.interviewer, connect_calendars(team.interviewer, for_all=False))
    MemberCalendar.objects.filter(pk=row.pk).update(is_written=True)
    calendar_vendor.book(row.external_id).put(entry(timezone.now() + 2 * HOUR))
    tasks.watch_calendars(row.connection_id)
    assert snapshots.read(row.pk) and CalendarTime.objects.exists() and calendar_vendor.watches
    scheduled(team, team.interviewer)
    work()
    assert ours(calendar_vendor, row)
    return row


def ours(vendor: Vendor, row: MemberCalendar) -> list[str]:
    return [one.title for one in vendor.book(row.external_id).occurrences.values() if one.our_id]


def remove(team: Team) -> None:
    answer = team.client(team.admin).post(team.url(f"settings/members/{team.interviewer.pk}/remove/"))
    assert answer.status_code == 302 and not Membership.objects.filter(pk=team.interviewer.pk).exists()


def erase(team: Team) -> None:
    accounts.erase(user=team.interviewer.user, actor=team.interviewer.user)


def by_directory(team: Team) -> None:
    members.remove_member(membership=team.interviewer, actor=None)


def swept() -> None:
    """Do as beat does within the next minutes."""
    later()
    work()
    calendar_health.revoke_waiting()


@pytest.mark.parametrize("leave", [remove, erase, by_directory])
def test_all_of_it_goes_at_once(
    team: Team, calendar_vendor: Vendor, own: MemberCalendar, committed: Work, leave: Callable[[Team], None]
) -> None:
    with committed():
        leave(team)
    assert not MemberCalendar.objects.exists() and not CalendarTime.objects.exists()
    swept()
    assert not CalendarConnection.objects.exists(), "with its credentials"
    assert ours(calendar_vendor, own) == [] and calendar_vendor.watches == {}
    assert len(calendar_vendor.book(own.external_id).occurrences) == 1, "what is theirs stays"
    assert AuditEvent.objects.filter(action="own_calendar.disconnected").count() == 1


def test_nothing_is_read_or_written_while_the_vendor_is_away(
    team: Team, calendar_vendor: Vendor, own: MemberCalendar, committed: Work
) -> None:
    calendar_vendor.faults = [Retryable("server_error")]
    with committed():
        remove(team)
    kept = CalendarConnection.objects.get()
    assert (kept.state, kept.membership, kept.account_id) == ("disconnected", None, "")
    asked = len(calendar_vendor.calls)
    tasks.read_calendars(kept.pk)
    tasks.find_calendars(kept.pk)
    assert calendar_health.due() == []
    assert calendar_vendor.calls[asked:] == []
    swept()
    assert ours(calendar_vendor, own) == [] and not CalendarConnection.objects.exists()


def test_the_credentials_go_within_an_hour_whatever_the_vendor_says(
    team: Team, calendar_vendor: Vendor, own: MemberCalendar, committed: Work
) -> None:
    """The event that stays is on Home, as its owner alone can delete it now."""
    calendar_vendor.faults = [CredentialsRejected("key_rejected")] * 20
    with committed():
        remove(team)
    for _sweep in range(3):
        swept()
    assert CalendarConnection.objects.get().credentials
    with time_machine.travel(timezone.now() + REVOKE_WITHIN + timedelta(minutes=1)):
        calendar_health.revoke_waiting()
        assert not CalendarConnection.objects.exists()
        later()
        work()
    assert CalendarEvent.objects.get().state == EventState.CANCELLING
    assert "“Coding” is still in the calendar of a former member" in home_of(team)
    assert len(ours(calendar_vendor, own)) == 1


def test_it_is_not_taken_for_everybodys(
    team: Team, calendar_vendor: Vendor, own: MemberCalendar, committed: Work
) -> None:
    """While the vendor is still asked to end it, everybody's may be connected: it is another row."""
    calendar_vendor.faults = [Retryable("server_error")] * 2
    with committed():
        remove(team)
    assert CalendarConnection.objects.get().membership is None
    assert not list(everyones(Access(team.organization, team.admin.user, team.admin)).connections())
    everybodys = connect_calendars(team.admin)
    calendar_vendor.faults = []
    swept()
    assert CalendarConnection.objects.get() == everybodys


def test_a_calendar_that_everybodys_connection_reads_is_only_forgotten(
    team: Team, calendar_vendor: Vendor, committed: Work
) -> None:
    row = calendar_for(team.interviewer)
    MemberCalendar.objects.filter(pk=row.pk).update(is_written=True)
    scheduled(team, team.interviewer)
    work()
    with committed():
        remove(team)
    assert CalendarConnection.objects.get().state == "connected"
    assert ours(calendar_vendor, row) == [] and not MemberCalendar.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_consent_is_revoked_after_the_event_is_out(team: Team, google: Sandbox) -> None:
    token = json.loads(CalendarConnection.objects.get().credentials)["refresh_token"]
    address = team.interviewer.user.email
    scheduled(team, team.interviewer)
    later()
    work()
    assert len(google.calendars.live(address)) == 1
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    calendar_health.revoke_waiting()
    assert CalendarConnection.objects.get().credentials, "its event is still there"
    swept()
    assert google.calendars.live(address) == []
    assert not CalendarConnection.objects.exists()
    assert not google.google.accounts.forget(token), "it is revoked"
