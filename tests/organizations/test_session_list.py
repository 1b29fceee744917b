"""Where a person is signed in: the list, its ends, and the limits that end a session without anybody's doing."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from organizations.models import AuditEvent, Session
from tests.conftest import Team

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
PAGE, END, OTHERS = (f"settings/profile/sessions/{end}" for end in ("", "end/", "end-others/"))


def signed_in(email: str, browser: str = FIREFOX, ip: str = "203.0.113.77") -> Client:
    client = Client(headers={"User-Agent": browser}, REMOTE_ADDR=ip)
    assert client.post("/sign-in/", {"login": email, "password": "demo"}).status_code == 302
    return client


def shown(client: Client, team: Team) -> str:
    return unescape(client.get(team.url(PAGE)).content.decode())


def is_in(client: Client, team: Team) -> bool:
    return client.get(team.url("settings/profile/")).status_code == 200


def test_a_person_sees_their_devices_and_no_whole_address(team: Team, as_admin: Client) -> None:
    desk = signed_in("recruiter@acme.example")
    phone = signed_in("recruiter@acme.example", SAFARI, "2001:db8:1:2::3")
    page = shown(desk, team)
    assert "2 devices" in page
    assert page.index("Firefox on Windows") < page.index("This device") < page.index("Safari on iPhone")
    assert page.count("This device") == 1
    assert "203.0.113.x" in page and "2001:db8:1::…" in page
    assert "203.0.113.77" not in page and "2001:db8:1:2" not in page
    assert shown(phone, team).index("Safari on iPhone") < shown(phone, team).index("This device")
    assert "203.0.113" not in "".join(map(str, Session.objects.values_list("place", flat=True))).replace("113.x", "")


def test_one_device_is_signed_out(team: Team) -> None:
    desk, phone = signed_in("recruiter@acme.example"), signed_in("recruiter@acme.example", SAFARI)
    away = Session.objects.get(browser=SAFARI)
    assert desk.post(team.url(END), {"session": away.pk})["Location"] == team.url(PAGE)
    assert is_in(desk, team)
    assert not is_in(phone, team)
    assert "1 device" in shown(desk, team)
    assert desk.post(team.url(END), {"session": away.pk}).status_code == 302
    assert AuditEvent.objects.filter(action="member.sessions_ended", actor=team.recruiter.user).count() == 1


@pytest.mark.parametrize("sent", ["", "²", "0", "9" * 30, "x\x00"])
def test_a_device_that_is_none_changes_nothing(sent: str, team: Team) -> None:
    desk = signed_in("recruiter@acme.example")
    assert desk.post(team.url(END), {"session": sent}).status_code == 302
    assert is_in(desk, team)


def test_nobody_ends_the_sessions_of_somebody_else(team: Team, as_admin: Client) -> None:
    desk = signed_in("recruiter@acme.example")
    as_admin.post(team.url(END), {"session": Session.objects.get(browser=FIREFOX).pk})
    as_admin.post(team.url(OTHERS))
    assert is_in(desk, team)


def test_all_other_devices_are_signed_out(team: Team, as_admin: Client) -> None:
    desk, *others = [signed_in("recruiter@acme.example") for _ in range(3)]
    page = desk.post(team.url(OTHERS), follow=True)
    assert "Signed out on 2 other devices." in page.content.decode()
    assert [is_in(client, team) for client in (desk, *others, as_admin)] == [True, False, False, True]


def test_an_admin_signs_a_member_out_everywhere(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    everywhere = [signed_in("interviewer@acme.example") for _ in range(2)]
    address = team.url(f"settings/members/{team.interviewer.pk}/sign-out/")
    assert as_recruiter.post(address).status_code == 403
    assert is_in(everywhere[0], team)
    page = as_admin.post(address, follow=True).content.decode()
    assert "Interviewer Acme is signed out everywhere." in page
    assert [is_in(client, team) for client in (*everywhere, as_admin)] == [False, False, True]
    assert AuditEvent.objects.filter(action="member.signed_out", actor=team.admin.user).count() == 1
    assert as_admin.post(team.url(f"settings/members/{team.admin.pk}/sign-out/"))["Location"] == "/sign-in/"
    assert not is_in(as_admin, team)


def test_a_session_that_nobody_uses_ends(team: Team, settings: Settings) -> None:
    settings.SESSION_IDLE = timedelta(hours=8)
    desk = signed_in("recruiter@acme.example")
    Session.objects.update(seen_at=timezone.now() - timedelta(hours=7, minutes=59))
    assert is_in(desk, team)
    Session.objects.update(seen_at=timezone.now() - timedelta(hours=8, minutes=1))
    assert not is_in(desk, team)
    assert "weren't active for a while" in unescape(desk.get("/sign-in/").content.decode())


def test_no_session_lives_longer_than_its_days(team: Team, settings: Settings) -> None:
    """Using it, and changing it, makes it no longer."""
    settings.SESSION_COOKIE_AGE = 86400 * 3
    desk = signed_in("recruiter@acme.example")
    end = Session.objects.get().ends_at
    assert timedelta(days=2, hours=23) < end - timezone.now() <= timedelta(days=3)
    store = desk.session
    store.set_expiry(86400 * 30)
    store.save()
    assert abs(Session.objects.get().ends_at - end) < timedelta(seconds=2)
    new = {"oldpassword": "demo", "password1": "a-long-new-one-7", "password2": "a-long-new-one-7"}
    desk.post(team.url("settings/profile/password/"), new)
    assert abs(Session.objects.get().ends_at - end) < timedelta(seconds=2)
    assert is_in(desk, team)
    Session.objects.update(ends_at=timezone.now())
    assert not is_in(desk, team)


def test_use_is_written_now_and_then_and_not_for_what_a_page_asks_on_its_own(team: Team) -> None:
    """The one write of a page that is read: after its answer, at most every five minutes. See `SEEN_EVERY`."""
    desk = signed_in("recruiter@acme.example")
    for minutes, headers, is_use in (
        (4, {}, False),
        (6, {"HX-Request": "true"}, False),
        (6, {}, True),
    ):
        before = timezone.now() - timedelta(minutes=minutes)
        Session.objects.update(seen_at=before)
        desk.get(team.url("candidates/"), headers=headers)
        assert (Session.objects.get().seen_at > before) is is_use
    Session.objects.update(seen_at=before)
    desk.post(team.url("settings/profile/"), {"name": "Robin"}, headers={"HX-Request": "true"})
    assert Session.objects.get().seen_at > before


def test_the_dialog_says_that_the_session_was_ended_elsewhere(team: Team) -> None:
    desk, phone = signed_in("recruiter@acme.example"), signed_in("recruiter@acme.example", SAFARI)
    desk.post(team.url(OTHERS))
    assert phone.get(team.url("candidates/"), headers={"HX-Request": "true"}).status_code == 401
    dialog = unescape(phone.get("/sign-in/again/", headers={"HX-Request": "true"}).content.decode())
    assert "You were signed out elsewhere" in dialog
    phone.post("/sign-in/", {"login": "recruiter@acme.example", "password": "demo"})
    phone.get("/")
    phone.post("/sign-out/")
    assert "You were signed out" not in unescape(phone.get("/sign-in/").content.decode())


def test_a_session_that_ends_while_its_request_is_answered_is_not_brought_back(team: Team) -> None:
    desk = signed_in("recruiter@acme.example")
    store = desk.session
    assert store["signed_in"]["browser"] == FIREFOX
    Session.objects.all().delete()
    store["late"] = "write"
    with pytest.raises(Exception) as refused:
        store.save()
    assert type(refused.value).__name__ == "UpdateError"
    assert not Session.objects.exists()


def test_an_id_that_the_server_did_not_give_is_not_taken_over(team: Team) -> None:
    client = Client()
    client.cookies["sessionid"] = chosen = "chosen-by-somebody-else"
    assert client.post("/sign-in/", {"login": "admin@acme.example", "password": "demo"}).status_code == 302
    assert client.cookies["sessionid"].value != chosen
    assert is_in(client, team)


def test_sessions_of_the_version_before_go_on_and_leave_no_id_behind(team: Team) -> None:
    old = DjangosStore()
    new = team.client(team.recruiter).session
    old.update({key: value for key, value in new.items() if key.startswith("_auth")})
    old.save()
    gone = DjangosStore()
    gone["_auth_user_id"] = "987654"
    gone.save()
    Session.objects.all().delete()
    import_module("organizations.migrations.0012_move_sessions").move(apps, None)
    client = Client()
    client.cookies["sessionid"] = str(old.session_key)
    assert is_in(client, team)
    moved = Session.objects.get()
    assert moved.user == team.recruiter.user
    assert abs(moved.ends_at - timezone.now() - timedelta(days=14)) < timedelta(minutes=1)
    assert not apps.get_model("sessions", "Session").objects.exists()
    assert "Unknown browser" in shown(client, team)
