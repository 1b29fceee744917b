"""From "Connect" to a calendar connection: each end of a check, as an admin or a member reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from integrations import calendar_checks
from integrations.base import CredentialsRejected, Refused, Retryable
from integrations.calendars import CalendarRef
from integrations.models import CalendarCheck, CalendarConnection
from organizations.models import AuditEvent
from organizations.trail import Trail
from scheduling.models import MemberCalendar
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.integrations.fake_calendar import CODE, KIND, PASSWORD, World, fake_calendar

pytestmark = pytest.mark.django_db

EVERYONES = f"settings/integrations/calendars/{KIND}/"
OWN = f"settings/profile/calendars/{KIND}/"


@pytest.fixture
def world() -> Iterator[World]:
    with fake_calendar() as world:
        world.calendars = [
            CalendarRef("main", "Dana's calendar", "dana@acme.example", is_main=True, can_write=True),
            CalendarRef("family", "Family", "dana@acme.example"),
        ]
        yield world


def text(client: Client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return unescape(response.content.decode())


def enter(client: Client, team: Team, work: Work, place: str, password: str = PASSWORD, query: str = "") -> str:
    """Enter credentials, let the worker check them, and follow the page as the browser does. Returns its text."""
    with work():
        response = client.post(team.url(f"{place}connect/{query}"), {"user": "dana", "password": password})
    assert response.status_code == 302, unescape(response.content.decode())
    return text(client, response["Location"])


def test_an_admin_connects_everybody(as_admin: Client, team: Team, world: World, work: Work) -> None:
    page = enter(as_admin, team, work, EVERYONES)
    assert "Acme Calendar is connected." in page and "Acme Workspace" in page
    connection = CalendarConnection.objects.get()
    assert (connection.state, connection.membership, connection.account_name) == ("connected", None, "Acme Workspace")
    assert PASSWORD in connection.credentials and connection.entered == {"user": "dana"}
    assert CalendarCheck.objects.get().credentials == ""
    assert PASSWORD not in page
    cards = text(as_admin, team.url("settings/integrations/"))
    assert "Account: Acme Workspace" in re.sub(r"<[^>]+>|\s+", " ", cards).replace("  ", " ")


def test_members_are_found_once_everybody_is_connected(as_admin: Client, team: Team, world: World, work: Work) -> None:
    email = team.interviewer.user.email
    world.people = {email: CalendarRef(email, "Their calendar", email, is_main=True, can_write=True)}
    enter(as_admin, team, work, EVERYONES)
    calendar = MemberCalendar.objects.get()
    assert (calendar.membership, calendar.is_written) == (team.interviewer, True)
    page = text(as_admin, team.url("settings/integrations/members/calendars/"))
    assert team.interviewer.user.name in page
    none = text(as_admin, team.url("settings/integrations/members/calendars/?calendars=none"))
    assert f"<bdi>{team.interviewer.user.name}</bdi>" not in none and team.admin.user.name in none


def test_a_member_sees_that_everybodys_connection_is_paused(
    as_admin: Client, as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    email = team.interviewer.user.email
    world.people = {email: CalendarRef(email, "Their calendar", email, is_main=True, can_write=True)}
    enter(as_admin, team, work, EVERYONES)
    MemberCalendar.objects.update(read_at=timezone.now())
    own = team.url("settings/profile/calendars/")
    assert "Read now" in text(as_interviewer, own)
    CalendarConnection.objects.update(state="paused", problem_code="consent_expired")
    page = text(as_interviewer, own)
    assert "Acme Calendar is paused: your busy times are unknown." in page and "Read now" not in page
    assert f"Ask {team.admin.user.name} to fix it." in page and "Connect it again" not in page
    calendar = MemberCalendar.objects.get()
    calendar.pk, calendar.membership = None, team.admin
    calendar.save(force_insert=True)
    page = text(as_admin, own)
    assert "Acme Calendar no longer accepts the connection. Connect it again." in page
    assert team.url("settings/integrations/calendars/fake/") in page


@pytest.mark.parametrize("role", ["interviewer", "read_only", "coordinator", "recruiter"])
def test_each_member_connects_their_own(role: str, team: Team, world: World, work: Work) -> None:
    member = team.add(role)
    page = enter(team.client(member), team, work, OWN)
    assert "Acme Calendar is connected." in page and "Family" in page
    assert CalendarConnection.objects.get().membership == member
    calendars = MemberCalendar.objects.order_by("pk").values_list("name", "is_read", "is_written")
    assert list(calendars) == [("Dana's calendar", True, True), ("Family", False, False)]


def test_what_was_typed_is_kept_but_the_password(as_admin: Client, team: Team, world: World, work: Work) -> None:
    page = enter(as_admin, team, work, EVERYONES, "a-wrong-one-of-theirs")
    assert "Acme Calendar did not accept the credentials." in page and "Nothing was saved." in page
    assert 'value="dana"' in page and "a-wrong-one-of-theirs" not in page
    assert not CalendarConnection.objects.exists()
    assert CalendarCheck.objects.get().credentials == ""


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Refused("no_calendar"), "The account has no calendar that can be read."),
        (Retryable("unreachable"), "Acme Calendar could not be reached."),
        (Retryable("timeout"), "Acme Calendar did not answer in time."),
        (CredentialsRejected("consent_expired"), "Acme Calendar no longer accepts the connection."),
        (CredentialsRejected("permission_missing", missing=["calendar.write"]), "calendar.write"),
        (Refused("something_new"), "Something went wrong while talking to Acme Calendar."),
    ],
)
def test_each_problem_is_said(
    problem: Refused, words: str, as_admin: Client, team: Team, world: World, work: Work
) -> None:
    world.problem = problem
    assert words in enter(as_admin, team, work, EVERYONES)
    assert not CalendarConnection.objects.exists()


def test_a_missing_scope_is_named(as_admin: Client, team: Team, world: World, work: Work) -> None:
    world.missing = ["calendar.events"]
    page = enter(as_admin, team, work, EVERYONES)
    assert "A permission is missing in Acme Calendar: calendar.events." in page


def test_it_stands_in_the_trail_without_an_account(as_admin: Client, team: Team, world: World, work: Work) -> None:
    enter(as_admin, team, work, OWN, "wrong-password")
    enter(as_admin, team, work, OWN)
    events = list(AuditEvent.objects.filter(action__startswith="own_calendar").order_by("id"))
    name = team.admin.user.name
    assert [Trail(events).sentence(event) for event in events] == [
        "Entered their own Acme Calendar, to be checked",
        f"The Acme Calendar of {name} was not accepted: Acme Calendar did not accept the credentials.",
        "Entered their own Acme Calendar, to be checked",
        "Connected their own Acme Calendar",
    ]
    assert "dana" not in str([event.detail for event in events])


def test_the_same_account_is_connected_again_with_its_choices(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    enter(as_interviewer, team, work, OWN)
    family, main = MemberCalendar.objects.get(name="Family"), MemberCalendar.objects.get(name="Dana's calendar")
    with work():
        as_interviewer.post(team.url("settings/profile/calendars/"), {"read": [family.pk], "written": main.pk})
    assert "Your answers there are not seen." in text(as_interviewer, team.url("settings/profile/calendars/"))
    connection = CalendarConnection.objects.get()
    enter(as_interviewer, team, work, OWN, query=f"?connection={connection.pk}")
    assert CalendarConnection.objects.get().credentials_version == 2
    chosen = MemberCalendar.objects.order_by("pk").values_list("name", "is_read", "is_written")
    assert list(chosen) == [("Dana's calendar", False, True), ("Family", True, False)]


def test_another_account_does_not_take_the_place_of_one(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    enter(as_interviewer, team, work, OWN)
    connection = CalendarConnection.objects.get()
    world.account_id, world.account_name = "other", "other@acme.example"
    page = enter(as_interviewer, team, work, OWN, query=f"?connection={connection.pk}")
    assert "These credentials belong to another account:" in page and "other@acme.example" in page
    assert CalendarConnection.objects.get().account_id == "acme"


def test_nobody_reaches_another_members_check_or_connection(
    as_recruiter: Client, as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    enter(as_interviewer, team, work, OWN)
    check, connection = CalendarCheck.objects.get(), CalendarConnection.objects.get()
    for path in (f"checks/{check.pk}/", f"{connection.pk}/disconnect/", f"{KIND}/connect/?connection={connection.pk}"):
        assert as_recruiter.get(team.url(f"settings/profile/calendars/{path}")).status_code == 404
    assert as_recruiter.post(team.url(f"settings/profile/calendars/{connection.pk}/disconnect/")).status_code == 404


def test_only_offered_calendars_are_chosen(as_interviewer: Client, team: Team, world: World, work: Work) -> None:
    """Family can't be written to, and a stranger's calendar is nobody's choice."""
    enter(as_interviewer, team, work, OWN)
    family = MemberCalendar.objects.get(name="Family")
    as_interviewer.post(team.url("settings/profile/calendars/"), {"read": [family.pk, "x"], "written": family.pk})
    assert not MemberCalendar.objects.filter(is_written=True).exists()
    assert MemberCalendar.objects.get(is_read=True) == family


def test_a_calendar_that_was_found_since_the_page_was_opened_keeps_counting(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    """The form can't have it: unticked, its owner would look free."""
    enter(as_interviewer, team, work, OWN)
    address = team.url("settings/profile/calendars/")
    found = re.findall(r'name="shown" value="(\d+)"', text(as_interviewer, address))
    family, main = MemberCalendar.objects.get(name="Family"), MemberCalendar.objects.get(name="Dana's calendar")
    assert sorted(map(int, found)) == sorted([family.pk, main.pk])
    as_interviewer.post(address, {"shown": [family.pk], "read": [family.pk], "written": ""})
    chosen = MemberCalendar.objects.order_by("pk").values_list("name", "is_read", "is_written")
    assert list(chosen) == [("Dana's calendar", True, True), ("Family", True, False)]
    as_interviewer.post(address, {"shown": [family.pk, main.pk], "read": [], "written": ""})
    assert not MemberCalendar.objects.filter(Q(is_read=True) | Q(is_written=True)).exists()


def test_a_check_that_nobody_finishes_ends(as_admin: Client, team: Team, world: World) -> None:
    response = as_admin.post(team.url(f"{EVERYONES}connect/"), {"user": "dana", "password": PASSWORD})
    later = timezone.now() + timedelta(seconds=30)
    with time_machine.travel(later):
        assert "Background work isn't running" in text(as_admin, response["Location"])
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        calendar_checks.sweep()
    check = CalendarCheck.objects.get()
    assert (check.state, check.problem_code, check.credentials) == ("failed", "too_late", "")
    assert "did not end within ten minutes" in text(as_admin, response["Location"])


def test_attempts_are_limited(as_interviewer: Client, team: Team, world: World, work: Work) -> None:
    for _attempt in range(30):
        as_interviewer.post(team.url(f"{OWN}connect/"), {"user": "dana", "password": "wrong-password"})
    response = as_interviewer.post(team.url(f"{OWN}connect/"), {"user": "dana", "password": "wrong-password"})
    assert response.status_code == 422
    assert "You tried to connect 30 times within an hour." in unescape(response.content.decode())


def consent(client: Client, team: Team) -> dict[str, str]:
    """Begin a consent. Returns what the vendor is told."""
    led = client.get(team.url(f"{OWN}consent/"))
    assert led.status_code == 302 and led["Location"].startswith("https://calendar.example/consent?")
    return {name: values[0] for name, values in parse_qs(urlsplit(led["Location"]).query).items()}


def test_consent_connects_and_a_worker_exchanges_the_code(
    as_interviewer: Client, team: Team, world: World, work: Work
) -> None:
    asked = consent(as_interviewer, team)
    assert asked["redirect_uri"].endswith(f"/calendars/{KIND}/back/") and len(asked["code_challenge"]) == 43
    with work():
        back = as_interviewer.get(f"/calendars/{KIND}/back/", {"state": asked["state"], "code": CODE})
        assert world.calls == []
    assert back.status_code == 302
    assert "Acme Calendar is connected." in text(as_interviewer, back["Location"])
    assert CalendarConnection.objects.get().membership == team.interviewer


def test_consent_that_is_denied_is_said(as_interviewer: Client, team: Team, world: World) -> None:
    asked = consent(as_interviewer, team)
    page = text(as_interviewer, f"/calendars/{KIND}/back/?state={asked['state']}&error=access_denied")
    assert "You didn't allow access, so nothing was connected." in page


@pytest.mark.parametrize("state", ["", "x" * 43, "ä"])
def test_an_answer_that_nobody_asked_for_is_refused(
    state: str, as_interviewer: Client, team: Team, world: World
) -> None:
    consent(as_interviewer, team)
    response = as_interviewer.get(f"/calendars/{KIND}/back/", {"state": state, "code": CODE})
    assert response.status_code == 403 and "began in another browser" in response.content.decode()
    assert not CalendarCheck.objects.exists()


def test_an_answer_counts_once_and_for_its_account(
    as_interviewer: Client, as_recruiter: Client, team: Team, world: World
) -> None:
    answer = {"state": consent(as_interviewer, team)["state"], "code": CODE}
    assert as_recruiter.get(f"/calendars/{KIND}/back/", answer).status_code == 403
    assert as_interviewer.get(f"/calendars/{KIND}/back/", answer).status_code == 302
    assert as_interviewer.get(f"/calendars/{KIND}/back/", answer).status_code == 403


def test_without_a_client_only_admins_are_told(
    as_admin: Client, as_interviewer: Client, team: Team, world: World
) -> None:
    world.is_client_set = False
    assert as_interviewer.get(team.url(f"{OWN}consent/")).status_code == 404
    assert as_admin.get(team.url(f"settings/profile/calendars/{KIND}/consent/")).status_code == 404
