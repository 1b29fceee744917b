"""Cc: who reads along, what they get, and that nobody's own join link reaches them."""

from __future__ import annotations

import html
import re
from email.message import EmailMessage

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from organizations import limits
from organizations.erasure import accounts
from organizations.models import AuditEvent, Organization
from scheduling.erasure import services as erasure
from scheduling.messages import delivery, repeats
from scheduling.messages.copies import MOST, joined, parse, split
from scheduling.messages.queueing import NotQueued
from scheduling.messages.readers import forget_readers
from scheduling.messages.services import edit_draft
from scheduling.models import JoinLink, Message, MessageState, MessageTemplate, Schedule
from tests.conftest import Team
from tests.mails import part
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    composed,
    deliver_all,
    move,
    parsed,
    propose,
    queue,
    send,
    staffed_loop,
    states,
)

pytestmark = pytest.mark.django_db

HANA, OLU = "hana@acme.example", "olu@agency.example"
HTMX = {"HX-Request": "true"}
KIND = "settings/templates/candidate_invitation/"


@pytest.fixture
def schedule(team: Team) -> Schedule:
    made = staffed_loop(team, "Coding", "System design")
    make_link(made.interviews.get(name="Coding"), connect(team), "ready")
    return made


def copied(schedule: Schedule, team: Team, cc: str = f"{HANA}, {OLU}") -> list[EmailMessage]:
    """Send the candidate's invitation with these addresses in Cc. Return the mails about it: theirs, then copies."""
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate", state="draft")
    body = "Hello {first_name},\n\n{interviews}\n\nJoin: {join_link}"
    edit_draft(message=draft, actor=team.recruiter.user, subject="Interview", body=body, cc=cc)
    before = len(mail.outbox)
    queue(schedule, team)
    deliver_all(schedule)
    mails = [one for one in mail.outbox[before:] if "ada@example.com" in one.to[0]]
    return [parsed(one.message().as_bytes()) for one in mails]


def words(page: bytes | str) -> str:
    text = page.decode() if isinstance(page, bytes) else page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_all_headers_name_the_same_and_each_goes_to_one(team: Team, schedule: Schedule) -> None:
    mails = copied(schedule, team)
    assert [one.recipients() for one in mail.outbox if "ada@example.com" in one.to[0]] == [
        ["ada@example.com"],
        [HANA],
        [OLU],
    ]
    for one in mails:
        assert str(one["To"]) == "Ada Osei <ada@example.com>"
        assert [address.addr_spec for address in one["Cc"].addresses] == [HANA, OLU]
        assert str(one["Reply-To"]) == "Recruiter Acme <recruiter@acme.example>"
    assert len({str(one["Message-ID"]) for one in mails}) == 3
    assert {str(one["References"]) for one in mails[1:]} == {str(mails[0]["Message-ID"])}


def test_a_copy_has_no_join_link_and_no_event(team: Team, schedule: Schedule) -> None:
    own, *others = copied(schedule, team)
    tokens = [link.token for link in JoinLink.objects.all()]
    assert any(token in part(own, "text/plain") for token in tokens)
    for copy in others:
        whole = copy.as_string() + part(copy, "text/plain") + part(copy, "text/html")
        assert not any(token in whole for token in tokens)
        assert "Join coding interview" not in whole
        assert part(copy, "text/plain").startswith(
            "Copy of an e-mail to Ada Osei, without personal join links.\n\nHello Ada,"
        )
        assert "10:00–11:00" in part(copy, "text/plain")
        assert [leaf for leaf in copy.walk() if "calendar" in leaf.get_content_type() or leaf.get_filename()] == []


def test_a_join_link_that_was_pasted_is_left_out_too(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    link = JoinLink.objects.filter(membership=None).first()
    assert link is not None
    draft = schedule.messages.get(audience="candidate")
    pasted = f"Come: http://testserver/join/{link.token}/"
    edit_draft(message=draft, actor=team.recruiter.user, subject="Interview", body=pasted, cc=HANA)
    MessageTemplate.objects.create(
        organization=team.organization, kind="interviewer_invitation", subject="x", body=pasted, cc=OLU
    )
    queue(schedule, team, overridden=True)
    deliver_all(schedule)
    to_candidate = [one for one in mail.outbox if one.recipients() == ["ada@example.com"]]
    assert link.token in str(to_candidate[0].body)
    readers = [one for one in mail.outbox if one.recipients() in ([HANA], [OLU])]
    assert len(readers) == 3
    assert [one for one in readers if link.token in one.message().as_string() + str(one.body)] == []


def test_the_preview_shows_who_reads_along_and_what(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    edit = team.url(f"messages/{draft.pk}/edit/")
    form = {"subject": "Interview", "body": "Hello {first_name}", "cc": f"Hana <{HANA}>; {OLU.upper()}"}
    assert as_recruiter.post(edit, form, headers=HTMX).status_code == 204
    page = words(as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX).content)
    assert f"Cc {HANA} OLU@agency.example They get a copy without join links and calendar event." in page
    assert "Copy of an e-mail to Ada Osei, without personal join links. Hello Ada" in page
    row = words(as_recruiter.get(team.url(f"messages/{draft.pk}/row/"), headers=HTMX).content)
    assert f"Cc: {HANA}, OLU@agency.example" in row
    queue(schedule, team)
    deliver_all(schedule)
    sent = words(as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX).content)
    assert "Copy of an e-mail to Ada Osei, without personal join links. Hello Ada" in sent
    body = next(str(one.body) for one in mail.outbox if one.recipients() == [HANA])
    assert body in html.unescape(as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers=HTMX).content.decode())


def test_what_was_changed_since_the_preview_is_not_sent(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    digest = composed(schedule, team)[draft.pk].digest
    MessageTemplate.objects.create(
        organization=team.organization, kind="candidate_invitation", subject="", body="", cc=HANA
    )
    assert composed(schedule, team)[draft.pk].digest != digest


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("hana", "“hana” is no e-mail address. Correct or remove it."),
        (f"{HANA}, olu@", "“olu@” is no e-mail address. Correct or remove it."),
        (", ".join(f"p{number}@x.example" for number in range(11)), "A message has 10 addresses in Cc at most."),
    ],
)
def test_what_is_no_address_is_an_error_beside_the_field(
    team: Team, schedule: Schedule, as_recruiter: Client, typed: str, says: str
) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    form = {"subject": "Hi", "body": "Hello", "cc": typed}
    answer = as_recruiter.post(team.url(f"messages/{draft.pk}/edit/"), form, headers=HTMX)
    assert answer.status_code == 422 and says in words(answer.content)
    assert typed in html.unescape(answer.content.decode())


def test_addresses_are_read_as_people_type_them() -> None:
    assert parse(f"Hana Sato <{HANA}>; {OLU}\n{HANA}") == [HANA, OLU]
    assert parse("") == [] and split("") == [] and split(joined([HANA, OLU])) == [HANA, OLU]
    with pytest.raises(ValidationError):
        parse(", ".join(f"p{number}@x.example" for number in range(MOST + 1)))


def test_a_template_has_a_cc_of_its_own_and_keeps_the_default_text(team: Team, as_admin: Client) -> None:
    page = as_admin.get(team.url(KIND)).content.decode()
    subject = re.search(r'name="subject" value="([^"]*)"', page)
    body = re.search(r'<textarea[^>]*name="body"[^>]*>\s?(.*?)</textarea>', page, re.DOTALL)
    assert subject and body
    form = {"subject": html.unescape(subject[1]), "body": html.unescape(body[1]), "cc": HANA}
    assert as_admin.post(team.url(KIND), form).status_code == 302
    row = MessageTemplate.objects.get()
    assert (row.subject, row.body, row.cc) == ("", "", HANA)
    assert HANA in as_admin.get(team.url(KIND)).content.decode()
    assert words(as_admin.get(team.url("settings/templates/")).content).count("Default") == 6
    schedule = staffed_loop(team, "Design")
    sent = send(schedule, team)
    assert [str(one["Cc"]) for one in sent if one["Cc"]] == [HANA, HANA]


def test_a_template_that_is_reset_keeps_its_cc(team: Team, as_admin: Client) -> None:
    as_admin.post(team.url(KIND), {"subject": "Come", "body": "Come, {candidate}!", "cc": HANA})
    as_admin.post(team.url(f"{KIND}reset/"))
    row = MessageTemplate.objects.get()
    assert (row.subject, row.body, row.cc) == ("", "", HANA)
    assert "Hi {first_name}" in as_admin.get(team.url(KIND)).content.decode()


def test_whoever_read_along_is_told_of_changes(team: Team, schedule: Schedule) -> None:
    copied(schedule, team, HANA)
    move(schedule.interviews.get(name="Coding"), days=1)
    send(schedule, team)
    copies = Message.objects.filter(is_copy=True, kind="candidate_update")
    assert [(one.to_email, one.state) for one in copies] == [(HANA, "sent")]


def test_nobody_gets_a_copy_of_their_own_mail(team: Team, schedule: Schedule) -> None:
    assert len(copied(schedule, team, "Ada@Example.com")) == 1


def test_one_that_fails_is_seen_and_sent_again(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    copied(schedule, team, HANA)
    Message.objects.filter(is_copy=True).update(state=MessageState.FAILED, sent_at=None)
    draft = schedule.messages.get(audience="candidate", is_copy=False)
    page = words(as_recruiter.get(team.url(f"messages/{draft.pk}/row/"), headers=HTMX).content)
    assert f"Copy to {HANA} Failed" in page
    copy = schedule.messages.get(is_copy=True)
    assert repeats.send_again(message=copy, actor=team.recruiter.user) == "queued"
    delivery.deliver(copy.pk)
    assert mail.outbox[-1].recipients() == [HANA]
    copy.refresh_from_db()
    assert copy.state == "sent"


def test_a_repeated_message_is_copied_again(team: Team, schedule: Schedule) -> None:
    copied(schedule, team, HANA)
    sent = schedule.messages.get(audience="candidate", is_copy=False)
    repeats.send_again(message=sent, actor=team.recruiter.user)
    deliver_all(schedule)
    assert [one.recipients() for one in mail.outbox].count([HANA]) == 2


def test_one_address_gets_so_many_copies_an_hour(team: Team, schedule: Schedule) -> None:
    """The attack: a stranger in the Cc of message after message, in any spelling."""
    for _number in range(limits.MESSAGES_IN_CC.most):
        limits.note(limits.MESSAGES_IN_CC, team.organization.pk, OLU)
    with pytest.raises(NotQueued) as caught:
        copied(schedule, team, f"{HANA}, {OLU.upper()}")
    [objection] = caught.value.objections
    assert "100 copies went to this address within an hour." in objection.reasons[0]
    assert set(states(schedule)) == {"draft"} and not caught.value.can_override


def test_the_trail_knows_copies_and_no_addresses(team: Team, schedule: Schedule, as_admin: Client) -> None:
    copied(schedule, team)
    rows = AuditEvent.objects.filter(organization=team.organization)
    assert [row.detail["part"] for row in rows if row.detail.get("part")] == ["copy", "copy"]
    assert not [row for row in rows if HANA in f"{row.detail}{row.texts}"]
    assert "Sent: Invitation to the candidate (Ada Osei), copy in Cc" in words(
        as_admin.get(team.url("settings/security/"), follow=True).content
    )


def test_an_erased_reader_is_named_nowhere(team: Team, schedule: Schedule) -> None:
    copied(schedule, team)
    MessageTemplate.objects.create(
        organization=team.organization, kind="candidate_update", subject="", body="", cc=f"{OLU}, {HANA}"
    )
    forget_readers([HANA.upper()], team.organization)
    assert not Message.objects.filter(cc__icontains=HANA).exists()
    assert not Message.objects.filter(to_email=HANA).exists()
    assert MessageTemplate.objects.get().cc == OLU


def test_a_colleague_whose_account_goes_leaves_each_cc(team: Team, schedule: Schedule) -> None:
    reader = team.add("recruiter").user
    copied(schedule, team, f"{reader.email}, {OLU}")
    forget_readers([OLU], Organization.objects.create(name="Other", slug="other-one"))
    assert Message.objects.filter(cc__icontains=OLU).exists()
    accounts.erase(user=reader, actor=reader)
    accounts.finish(reader.pk)
    assert not Message.objects.filter(cc__icontains=reader.email).exists()
    assert not Message.objects.filter(to_email__iexact=reader.email).exists()


def test_a_deleted_candidate_leaves_the_cc_of_others(team: Team, schedule: Schedule) -> None:
    other = staffed_loop(team, "Design", email="yuki@example.com")
    propose(other, team)
    draft = other.messages.get(audience="candidate")
    edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body="Hello", cc=f"ada@example.com, {HANA}")
    erasure.delete_candidate(candidate=schedule.candidate, actor=team.recruiter.user)
    draft.refresh_from_db()
    assert draft.cc == HANA


def test_the_sender_is_a_person_of_the_organization(team: Team, schedule: Schedule) -> None:
    own, *_copies = copied(schedule, team)
    assert own["From"].addresses[0].display_name == "Recruiter Acme (Acme)"
    Organization.objects.filter(pk=team.organization.pk).update(sender_name="Acme Hiring")
    move(schedule.interviews.get(name="Coding"), days=1)
    assert {one["From"].addresses[0].display_name for one in send(schedule, team)} == {"Acme Hiring"}
