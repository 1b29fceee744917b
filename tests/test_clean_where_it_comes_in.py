"""Every way in cleans what is typed, and exactly the clean values leave: in mails, at the mail server, in calendars."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import get_resolver

from organizations.fields import AddressColumn, AddressField, LineColumn, LineField, LinesField, PhoneColumn, PhoneField
from organizations.models import Invitation, Membership, Organization, User
from scheduling.messages import delivery as message_delivery
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import calendars, parsed, propose, queue, send, staffed_loop
from tests.scheduling.smtp_server import MailServer, box
from tests.scheduling.test_ics import lines_named

__all__ = ["box"]
pytestmark = pytest.mark.django_db

OVERRIDE = "\u202e"
NAME = "علی\u200cرضا"
PERSON = {"name": "Ada", "email": "", "phone": "", "time_zone": "UTC", "job": "", "stage": ""}

#: Text that is no words of a person: secrets, searches, ids, zones, whole files.
NOT_CLEANED = {
    "api_key", "candidate", "candidate_name", "candidate_zone", "digest", "password",
    "password1", "password2", "pasted", "people", "q", "entry_zone", "login", "zone", "oldpassword", "code",
    "credential", "old_password", "new_password1", "new_password2", "client_secret",
    "service_account", "secret", "room",
}  # fmt: skip
#: What columns are called that hold what somebody typed.
TYPED = {
    "email", "location", "name", "note", "phone", "place", "reply_to", "sender_name", "subject", "text", "title",
    "to_email", "to_name",
}  # fmt: skip
#: Put together of what is clean already, or a hash.
RENDERED = {"Message.subject", "Attempt.place", "Session.place", "Domain.name"}


def forms_of_the_product() -> Iterator[type[forms.BaseForm]]:
    get_resolver().url_patterns  # noqa: B018 - imports every view, and so every form
    waiting = list(forms.BaseForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.partition(".")[0] in {"organizations", "integrations", "jobs", "scheduling"}:
            yield form


def test_every_field_for_words_cleans_them() -> None:
    plain = {
        name
        for form in forms_of_the_product()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, LineField | LinesField | PhoneField | AddressField)
    }
    assert plain - NOT_CLEANED == set()


def test_every_column_for_words_cleans_them() -> None:
    plain = {
        f"{model.__name__}.{field.name}"
        for app in ("organizations", "jobs", "scheduling")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField)
        and not isinstance(field, LineColumn | AddressColumn | PhoneColumn)
        and field.name in TYPED
    }
    assert plain == RENDERED


def test_a_candidate_is_cleaned_and_shown_readably(team: Team, as_recruiter: Client) -> None:
    sent = PERSON | {
        "name": f"Zoe\u0308 {OVERRIDE}Case",
        "email": "\u200bAda@Straße.example\u202c",
        "phone": "\u202a+44 20 1\u202c",
    }
    as_recruiter.post(team.url("candidates/new/"), sent)
    person = Candidate.objects.get()
    assert (person.name, person.email, person.phone) == ("Zoë Case", "Ada@xn--strae-oqa.example", "+44 20 1")
    assert "Ada@straße.example" in as_recruiter.get(team.url(f"candidates/{person.pk}/")).content.decode()
    assert 'value="Ada@straße.example"' in as_recruiter.get(team.url(f"candidates/{person.pk}/edit/")).content.decode()


@pytest.mark.parametrize("email", ["jürgen@x.example", '"a b"@x.example', "a@x.example, b@x.example", "a @x.example"])
def test_an_address_that_can_not_be_used_is_refused_and_stays_typed(
    team: Team, as_recruiter: Client, email: str
) -> None:
    answer = as_recruiter.post(team.url("candidates/new/"), PERSON | {"email": email})
    assert answer.status_code == 422
    assert answer.context["form"]["email"].value() == email
    assert not Candidate.objects.exists()


def test_a_name_of_nothing_but_invisible_signs_is_missing(team: Team, as_recruiter: Client) -> None:
    assert as_recruiter.post(team.url("candidates/new/"), PERSON | {"name": "\u200b\u2060\u3164"}).status_code == 422
    assert not Candidate.objects.exists()


def test_an_invitation_goes_to_the_clean_address_and_signs_in_with_it(team: Team, as_admin: Client) -> None:
    invite = team.url("settings/members/invite/")
    as_admin.post(invite, {"email": "Nia <nia@Straße.example>\u200b", "role": "recruiter"})
    as_admin.post(invite, {"email": "nia@xn--strae-oqa.example", "role": "recruiter"})
    assert [each.email for each in Invitation.objects.all()] == ["nia@xn--strae-oqa.example"]
    User.objects.create_user("nia@straße.example\ufeff", "demo-demo-9", name="Nia")
    signed_in = Client().post("/sign-in/", {"login": "nia@straße.example\u200b", "password": "demo-demo-9"})
    assert signed_in.status_code == 302


def test_the_first_admin_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "NAME": f"{OVERRIDE}Vera\u00a0Lang",
        "EMAIL": "\u200bVera@Straße.example",
        "PASSWORD": "tall-ships-sail-9",
        "ORGANIZATION": "Harbour\u00a0Works\u200b",
    }.items():
        monkeypatch.setenv(f"FIRST_ADMIN_{name}", value)
    call_command("first_admin")
    member = Membership.objects.select_related("user", "organization").get()
    assert (member.user.name, member.user.email) == ("Vera Lang", "vera@xn--strae-oqa.example")
    assert (member.organization.name, member.organization.slug) == ("Harbour Works", "harbour-works")


def test_the_django_admin_cleans(team: Team) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    new = {
        "email": "Nia@Straße.example\u200b",
        "name": f"{OVERRIDE}Nia",
        "password1": "tall-ships-9",
        "password2": "tall-ships-9",
    }
    assert client.post("/admin/organizations/user/add/", new).status_code == 302
    assert User.objects.get(name="Nia").email == "nia@xn--strae-oqa.example"


def with_candidate(team: Team, name: str, email: str) -> Schedule:
    schedule = staffed_loop(team, "Coding")
    Candidate.objects.filter(pk=schedule.candidate_id).update(name=name, email=email)
    return schedule


def test_exactly_what_is_stored_leaves(team: Team) -> None:
    schedule = with_candidate(team, NAME, "Ada@straße.example\u200b")
    [mail] = [each for each in send(schedule, team) if "xn--" in str(each["To"])]
    [to] = mail["To"].addresses
    assert (to.display_name, to.addr_spec) == (NAME, "Ada@xn--strae-oqa.example")
    [ics] = calendars(mail)
    [attendee] = lines_named(ics, "ATTENDEE")
    assert attendee.endswith(":mailto:Ada@xn--strae-oqa.example")
    assert f'CN="{NAME}"' in attendee


def test_no_override_reaches_a_subject_or_a_calendar(team: Team) -> None:
    schedule = with_candidate(team, f"Ada {OVERRIDE}Case", "ada@example.com")
    Organization.objects.filter(pk=team.organization.pk).update(name=f"Ac{OVERRIDE}me")
    for mail in send(schedule, team):
        assert OVERRIDE not in str(mail["Subject"]) + str(mail["To"]) + str(mail["From"])
        assert all(OVERRIDE not in ics.decode() for ics in calendars(mail))


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_mail_server_is_told_the_right_domain(team: Team, box: MailServer) -> None:
    schedule = with_candidate(team, "Ada", "ada@straße.example")
    propose(schedule, team)
    queue(schedule, team)
    message_delivery.deliver(schedule.messages.get(audience="candidate").pk)
    [taken] = box.taken
    assert taken.rcpt_tos == ["ada@xn--strae-oqa.example"]
    assert isinstance(taken.content, bytes)
    assert "ada@xn--strae-oqa.example" in str(parsed(taken.content)["To"])
