"""Accounts, sessions, links and addresses of before django-allauth go on after it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from config import settings as real_settings
from integrations.models import Integration
from organizations import throttle
from organizations.models import AuditEvent, Invitation, Membership, User
from organizations.trail import Trail
from scheduling.models import CodingLink, Message, VendorEvent
from tests.upgrade.before import NOW, rows_of_before, stored, upgraded

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]

OLD = "an-old-password-7"
LINK = re.compile(r'href="(/o/acme/(?:schedules|candidates|jobs|settings)/[^"?#]*)"')
#: Sessions are kept elsewhere, and what was looked up at the vendor is looked up anew.
MOVED = {"django_session", "scheduling_vendorsnapshot"}


@pytest.fixture(scope="module")
def known(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock(), upgraded() as found:
        yield found


@pytest.fixture(autouse=True)
def as_in_real_use(known: dict[str, Any], settings: Settings) -> None:
    settings.PASSWORD_HASHERS = real_settings.PASSWORD_HASHERS
    settings.ADMIN_SECOND_STEP = True


def path(address: str) -> str:
    return address.removeprefix("http://testserver")


def sign_in(email: str, password: str) -> tuple[Client, bool]:
    client = Client()
    answer = client.post("/sign-in/", {"login": email, "password": password})
    return client, answer.status_code == 302


def text_of(client: Client, address: str) -> str:
    page = client.get(address, follow=True)
    assert page.status_code == 200, address
    return re.sub("[\u2066-\u2069]", "", unescape(re.sub(r"<[^>]+>", "", page.content.decode())))


def test_no_row_is_lost() -> None:
    now = stored()
    before = {table: len(rows) for table, rows in rows_of_before().items() if table not in MOVED}
    assert {table: len(now[table]) for table in before} == before | {
        # Of two spellings of one address the account that is told apart is told of.
        "organizations_auditevent": before["organizations_auditevent"] + 1,
    }
    assert len(now["organizations_session"]) == len(rows_of_before()["django_session"])
    assert now["django_session"] == []


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("admin@example.com", "demo"),
        ("recruiter@example.com", "demo"),
        ("admin@globex.example", OLD),
        ("Upper.Case@Acme.example", OLD),
        ("upper.case@acme.example", OLD),
        ("wide\uff41@acme.example", OLD),
        ("widea@acme.example", OLD),
        ("anna@straße.example", OLD),
        ("anna@xn--strae-oqa.example", OLD),
        ("in@new.example", OLD),
    ],
)
def test_old_passwords_sign_in_and_are_hashed_anew(email: str, password: str) -> None:
    client, is_in = sign_in(email, password)
    assert is_in
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.password.startswith("argon2")
    assert user.check_password(password)
    assert client.get("/", follow=True).status_code == 200


def test_of_two_accounts_of_one_address_each_keeps_its_own() -> None:
    older, newer = User.objects.filter(name__startswith="Anna").order_by("created_at")
    assert older.email == "anna@xn--strae-oqa.example"
    assert newer.email == f"anna+{newer.pk}@xn--strae-oqa.example"
    assert sign_in(newer.email, OLD)[1]


def test_whoever_was_inactive_stays_out() -> None:
    assert not sign_in("gone@acme.example", OLD)[1]


def test_a_wrong_password_stays_wrong() -> None:
    assert not sign_in("admin@example.com", "demo2")[1]


def test_a_session_goes_on(known: dict[str, Any]) -> None:
    client = Client()
    client.cookies["sessionid"] = known["cookies"]["sessionid"]
    page = client.get("/o/acme/home/")
    assert page.status_code == 200
    assert "Robin Becker" in page.content.decode()
    assert client.get("/o/globex/home/").status_code == 200


def test_a_known_browser_stays_known(known: dict[str, Any]) -> None:
    for _ in range(6):
        sign_in("recruiter@example.com", "wrong")
    assert not sign_in("recruiter@example.com", "demo")[1]
    mine = Client()
    mine.cookies[throttle.COOKIE] = known["cookies"]["known_browser"]
    assert mine.post("/sign-in/", {"login": "recruiter@example.com", "password": "demo"}).status_code == 302


def test_open_invitations_are_accepted(known: dict[str, Any]) -> None:
    for name, email in (("invitation", "open@new.example"), ("odd_invitation", "odd@xn--strae-oqa.example")):
        client, address = Client(), path(known[name])
        assert email.partition("@")[0] in text_of(client, address)
        joined = client.post(
            address, {"name": "Oda Open", "password": "Hammock-Violin-42", "time_zone": "Europe/Oslo"}, follow=True
        )
        assert joined.status_code == 200
        assert Membership.objects.filter(user__email=email, organization__slug="acme").exists()
        assert not Invitation.objects.filter(email=email, accepted_at__isnull=True).exists()


def test_an_expired_invitation_says_what_to_do(known: dict[str, Any]) -> None:
    page = Client().get(path(known["expired_invitation"]))
    assert page.status_code in {200, 404, 410}
    assert "invitation" in page.content.decode()
    assert '<form method="post"' not in page.content.decode()


def test_a_link_to_a_new_password_goes_on(known: dict[str, Any]) -> None:
    """Its address was made in another way."""
    client = Client()
    form = client.get(known["password_link"], follow=True)
    assert "Set a new password" in form.content.decode() or "password1" in form.content.decode()
    words = dict.fromkeys(("password1", "password2"), "Hammock-Violin-42")
    client.post(form.redirect_chain[-1][0], words)
    assert sign_in("recruiter@globex.example", "Hammock-Violin-42")[1]


@pytest.mark.parametrize("link", ["/password/MTE/wrong/", "/password/x/y/", "/password/LTE/y/", "/password/\u4e2d/y/"])
def test_a_wrong_link_to_a_new_password_says_what_to_do(link: str) -> None:
    assert "It was used or has expired. Ask for a new one." in text_of(Client(), link)


def test_join_addresses_that_were_sent_go_on(known: dict[str, Any]) -> None:
    for name in ("join", "join_of_interviewer"):
        assert "Coding" in text_of(Client(), known[name])


def test_sent_messages_read_as_they_were_sent(known: dict[str, Any]) -> None:
    sent = Message.objects.filter(to_email="told@x.example", kind="candidate_invitation").order_by("id")[0]
    recruiter, _ = sign_in("recruiter@example.com", "demo")
    page = recruiter.get(f"/o/acme/messages/{sent.pk}/html/")
    assert page.status_code == 200
    assert known["join"] not in "".join((sent.text, sent.html, str(sent.calendar)))


def test_links_are_where_they_were() -> None:
    before = {row["id"]: (row["state"], row["url"]) for row in rows_of_before()["scheduling_codinglink"]}
    assert {link.pk: (link.state, link.url) for link in CodingLink.objects.all()} == before


def test_a_webhook_is_accepted_at_its_old_address(known: dict[str, Any], settings: Settings) -> None:
    hook = known["webhook"]
    url, event, at = f"http://testserver{hook['path']}", "liveInterviewFinished", int(NOW.timestamp() * 1000)
    signature = hmac.new(hook["secret"].encode(), f"{url}{event}{at}".encode(), hashlib.sha256).hexdigest()
    body = {"event": event, "triggeredOn": at, "payload": {"interviewId": hook["external_id"]}}
    answer = Client().post(
        hook["path"], body, content_type="application/json", headers={"X-CodeSignal-Signature": signature}
    )
    assert answer.json() == {"event": "taken"}
    assert VendorEvent.objects.filter(trusted=True, external_id=hook["external_id"]).exists()


def test_secrets_are_readable(known: dict[str, Any]) -> None:
    integration = Integration.objects.get(organization__slug="acme")
    assert integration.api_key == known["api_key"]
    assert integration.webhook_token == known["webhook"]["path"].split("/")[3]
    assert integration.webhook_secret == known["webhook"]["secret"]


def test_the_trail_tells_its_old_rows_with_names() -> None:
    admin, _ = sign_in("admin@example.com", "demo")
    page = text_of(admin, "/o/acme/settings/security/")
    for sentence in (
        "Ina In joined as Interviewer",
        "Changed the role of Ina In from Interviewer to Recruiter",
        "Removed Gus Gone",
        "Invited open@new.example as Recruiter",
        "Created the job “Night Baker”",
        "Added Nils Neu",
        "Sent: Invitation to the candidate (Ada Osei)",
        "Sent: Invitation to an interviewer (Ines Duarte)",
        "Cancelled “Design”",
    ):
        assert sentence in page, sentence


def test_each_row_of_the_trail_has_a_sentence() -> None:
    events = list(AuditEvent.objects.order_by("id"))
    trail = Trail(events)
    assert [event.action for event in events if not trail.sentence(event)] == []


def test_every_page_of_an_admin_opens() -> None:
    admin, _ = sign_in("admin@example.com", "demo")
    recruiter, _ = sign_in("recruiter@example.com", "demo")
    seen: set[str] = set()
    for client in (admin, recruiter):
        to_open = ["/o/acme/home/", "/o/acme/settings/profile/"]
        while to_open:
            address = to_open.pop()
            if address in seen:
                continue
            seen.add(address)
            page = client.get(address, follow=True)
            assert page.status_code == 200, address
            if not page.streaming:
                # What stands in a template is no link yet: it gets the id of a row.
                text = re.sub(r"<template\b.*?</template>", "", page.content.decode(), flags=re.DOTALL)
                links = re.findall(r'href="(/o/acme/(?:schedules|candidates|jobs|settings|outbox)/[^"?#]*)"', text)
                to_open += [link for link in links if not link.endswith("export/")]
    assert len(seen) > 60


def test_the_superuser_of_the_django_admin_signs_in() -> None:
    admin, _ = sign_in("admin@example.com", "demo")
    page = admin.get("/admin/", follow=True)
    assert page.status_code == 200
