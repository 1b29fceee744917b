"""The demo's "Outbox": every mail with its parts, to those of the organization, and only in the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import send_mail
from django.test import Client

from organizations import address_change, invitations, passwords
from scheduling.messages import delivery as message_delivery
from scheduling.models import Message
from tests.conftest import Team
from tests.scheduling.message_steps import propose, queue, staffed_loop
from tests.scheduling.test_ics import lines_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO = True
    settings.EMAIL_BACKEND = "scheduling.demo.outbox.OutboxBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture
def sent(team: Team, outbox: Path) -> Message:
    """The candidate's invitation, beside the interviewer's."""
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
    return schedule.messages.get(audience="candidate")


def names(outbox: Path) -> list[str]:
    return sorted(path.stem for path in outbox.glob("*.eml"))


def test_each_mail_is_listed_with_its_parts_and_files(
    team: Team, sent: Message, outbox: Path, as_recruiter: Client
) -> None:
    page = as_recruiter.get(team.url("outbox/")).content.decode()
    assert sent.subject in page
    assert "ada@example.com" in page
    name = next(
        name for name in names(outbox) if sent.subject in as_recruiter.get(team.url(f"outbox/{name}/")).content.decode()
    )
    mail = as_recruiter.get(team.url(f"outbox/{name}/")).content.decode()
    for piece in (
        "text/plain",
        "text/html",
        "text/calendar; method=REQUEST",
        "invite.ics",
        "Message-ID",
        "BEGIN:VEVENT",
    ):
        assert piece in mail
    file = as_recruiter.get(team.url(f"outbox/{name}/4/"))
    assert file["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert lines_named(file.content, "METHOD") == ["METHOD:REQUEST"]
    framed = as_recruiter.get(team.url(f"outbox/{name}/html/"))
    assert framed.content.decode().replace("\r\n", "\n").strip() == sent.html.strip()
    assert "sandbox" in framed["Content-Security-Policy"]
    assert as_recruiter.get(team.url(f"outbox/{name}/9/")).status_code == 404


def test_an_empty_outbox_says_what_to_do(team: Team, outbox: Path, as_recruiter: Client) -> None:
    assert "No e-mails yet" in as_recruiter.get(team.url("outbox/")).content.decode()


def test_the_products_own_mails_to_members_are_there(team: Team, outbox: Path, as_admin: Client) -> None:
    send_mail("The key stopped working", "x", None, [team.admin.user.email])
    send_mail("For somebody else", "x", None, ["stranger@example.com"])
    page = as_admin.get(team.url("outbox/")).content.decode()
    assert "The key stopped working" in page
    assert "For somebody else" not in page


def test_a_mail_to_somebody_invited_is_there_for_who_invited(
    team: Team, other_team: Team, outbox: Path, as_admin: Client, as_recruiter: Client, as_outsider: Client
) -> None:
    for email in ("newbie@new.example", other_team.recruiter.user.email):
        invitation = invitations.invite(
            organization=team.organization, email=email, role="recruiter", actor=team.admin.user
        )
        invitations.mail(invitation.pk)
    page = as_admin.get(team.url("outbox/")).content.decode()
    assert "newbie@new.example" in page
    assert other_team.recruiter.user.email not in page
    assert "newbie@new.example" not in as_recruiter.get(team.url("outbox/")).content.decode()
    assert "newbie@new.example" not in as_outsider.get(other_team.url("outbox/")).content.decode()


def test_nobody_reads_the_link_to_another_persons_password(
    team: Team, outbox: Path, as_admin: Client, as_recruiter: Client
) -> None:
    """With it a recruiter would be the admin (finding B34)."""
    passwords.mail(team.admin.user.pk)
    (name,) = names(outbox)
    assert name in as_admin.get(team.url("outbox/")).content.decode()
    assert as_admin.get(team.url(f"outbox/{name}/")).status_code == 200
    assert name not in as_recruiter.get(team.url("outbox/")).content.decode()
    for rest in ("", "html/", "1/"):
        assert as_recruiter.get(team.url(f"outbox/{name}/{rest}")).status_code == 404


def test_a_new_address_is_confirmed_by_whoever_it_is_to_be(
    team: Team, outbox: Path, as_admin: Client, as_recruiter: Client
) -> None:
    address_change.ask(user=team.recruiter.user, email="ruth@new.example")
    address_change.mail(team.recruiter.user.pk)
    found = {name for name in names(outbox) if name in as_recruiter.get(team.url("outbox/")).content.decode()}
    assert found == set(names(outbox)) and found
    assert not [name for name in found if name in as_admin.get(team.url("outbox/")).content.decode()]


def test_asking_for_another_persons_address_shows_none_of_their_mails(
    team: Team, outbox: Path, as_recruiter: Client
) -> None:
    passwords.mail(team.admin.user.pk)
    address_change.ask(user=team.recruiter.user, email=team.admin.user.email)
    assert names(outbox)[0] not in as_recruiter.get(team.url("outbox/")).content.decode()
    assert as_recruiter.get(team.url(f"outbox/{names(outbox)[0]}/")).status_code == 404


def test_only_the_mails_of_the_page_are_read(team: Team, sent: Message, outbox: Path, as_recruiter: Client) -> None:
    """The mails of other pages are empty files here, so nothing of them could have been read."""
    for number in range(120):
        send_mail(f"Number {number}", "x", None, [team.recruiter.user.email])
    shown = names(outbox)[-50:]
    for name in set(names(outbox)) - set(shown):
        (outbox / f"{name}.eml").write_bytes(b"")
    page = as_recruiter.get(team.url("outbox/")).content.decode()
    assert "Page 1 of 3" in page
    assert sum(name in page for name in shown) == 50
    assert "Page 3 of 3" in as_recruiter.get(team.url("outbox/?page=9")).content.decode()


def test_mails_stored_before_names_said_to_whom_are_still_found(team: Team, outbox: Path, as_admin: Client) -> None:
    send_mail("From before", "x", None, [team.admin.user.email])
    (name,) = names(outbox)
    (outbox / f"{name}.eml").rename(outbox / f"{name.rpartition('-')[0]}.eml")
    assert "From before" in as_admin.get(team.url("outbox/")).content.decode()
    assert as_admin.get(team.url(f"outbox/{name.rpartition('-')[0]}/")).status_code == 200


def test_another_organizations_mails_do_not_exist(
    team: Team, other_team: Team, sent: Message, outbox: Path, as_outsider: Client
) -> None:
    assert sent.subject not in as_outsider.get(other_team.url("outbox/")).content.decode()
    for name in names(outbox):
        for rest in (f"outbox/{name}/", f"outbox/{name}/html/", f"outbox/{name}/1/"):
            assert as_outsider.get(other_team.url(rest)).status_code == 404
            assert as_outsider.get(team.url(rest)).status_code == 404


def test_interviewers_may_not_and_outside_the_demo_nobody_finds_it(
    team: Team, sent: Message, outbox: Path, settings: Any, as_interviewer: Client, as_admin: Client
) -> None:
    rests = ["outbox/", *(f"outbox/{name}{rest}" for name in names(outbox) for rest in ("/", "/html/", "/1/"))]
    for rest in rests:
        assert as_interviewer.get(team.url(rest)).status_code == 403
        assert as_admin.get(team.url(rest)).status_code == 200
    assert "Outbox" in as_admin.get(team.url("settings/templates/")).content.decode()
    settings.DEMO = False
    for rest in rests:
        assert as_admin.get(team.url(rest)).status_code == 404
    assert "Outbox" not in as_admin.get(team.url("settings/templates/")).content.decode()


@pytest.mark.parametrize("name", ["nonsense", "20260101000000-000000000000-0000000000000000"])
def test_only_stored_mails_are_found(team: Team, outbox: Path, as_admin: Client, name: str) -> None:
    assert as_admin.get(team.url(f"outbox/{name}/")).status_code == 404
