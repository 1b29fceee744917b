"""Every mail that there is, as it leaves: messages of a real schedule, and the product's own from all their texts."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import timezone

from organizations.mail import Mailbox, write_from
from scheduling.models import Candidate, Interview, Schedule
from scheduling.schedules import services as schedule_services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import move, parsed, send, staffed_loop

TEXTS = Path(settings.BASE_DIR) / "templates" / "emails"
TOKEN = "kJ4hVb2mQ9xT7cRwL5nZ8sPdYf3gAe6u"


def part(found: EmailMessage, kind: str) -> str:
    """The text of the mail's part of a type, as it is read."""
    leaf = next(leaf for leaf in found.walk() if leaf.get_content_type() == kind)
    body = leaf.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")


def every_mail(team: Team) -> dict[str, EmailMessage]:
    """All mails, by the names of their kinds."""
    return {**messages(team), **own_mails(team)}


def a_loop(team: Team) -> Schedule:
    """Four interviews with links, a room, a telephone, and a note that people typed beside an address."""
    schedule = staffed_loop(team, "Coding: algorithms", "System design", "Values and team", "Lunch")
    Interview.objects.filter(name="Values and team").update(kind="on_site", place="Room 4.12, Torstraße 1, Berlin")
    Interview.objects.filter(name="Lunch").update(place="https://meet.example/lunch?pwd=a%3D (passcode 1234)")
    make_link(schedule.interviews.get(name="Coding: algorithms"), connect(team), "ready")
    return schedule


def messages(team: Team) -> dict[str, EmailMessage]:
    """Mails about a schedule: planned, moved, addressed anew, cancelled."""
    schedule = a_loop(team)
    found: dict[str, EmailMessage] = {}
    team.organization.invitation_grouping = "interview"
    team.organization.save()

    def noted(mails: list[EmailMessage]) -> None:
        for mail in mails:
            message = schedule.messages.get(message_id=str(mail["Message-ID"]))
            found.setdefault(f"{message.kind}{'_part' if message.part_of_id else ''}", mail)

    noted(send(schedule, team))
    move(schedule.interviews.get(name="System design"), days=1)
    noted(send(schedule, team))
    Candidate.objects.filter(pk=schedule.candidate_id).update(email="ada@new.example")
    noted(send(schedule, team))
    schedule_services.cancel_schedule(
        schedule=Schedule.objects.get(pk=schedule.pk), actor=team.recruiter.user, reason=GivenReason()
    )
    noted(send(schedule, team))
    return found


def own_mails(team: Team) -> dict[str, EmailMessage]:
    """Every text in `templates/emails`, with a value for all that they name."""
    site = "https://panelist.example"
    user, organization = team.admin.user, team.organization
    user.pending_email = "admin@new.example"
    context: dict[str, Any] = {
        "user": user,
        "name": user.get_short_name(),
        "organization": organization,
        "what": SimpleNamespace(
            organization=organization.name,
            role="Recruiter",
            step="a passkey",
            device="Firefox on Linux",
            place="192.0.2.0",
        ),
        "at": "4 Dec 2026, 12:30, Berlin (GMT+1)",
        "address": f"{site}/password/new/{TOKEN}/",
        "new_password": f"{site}/password/forgotten/",
        "link": f"{site}/join-organization/{TOKEN}{TOKEN}/",
        "invitation": SimpleNamespace(
            invited_by="Robin Becker", get_role_display="Recruiter", expires_at=timezone.now() + timedelta(days=7)
        ),
        "hours": 24,
        "is_taken": False,
        "tool": "CodeSignal",
        "problem": "The API key was refused.",
        "risks": [
            {"text": f"Coding with Ada Osei, Thu 3 Dec, {hour}:30", "address": f"{site}/o/acme/schedules/{hour}/"}
            for hour in (10, 12, 14)
        ],
        "more": 2,
        "left": ["Coding with Ada Osei (CodeSignal 4711)"],
        "months": 12,
        "day": "4 January 2027",
        "number": 3,
    }
    found: dict[str, EmailMessage] = {}
    for path in sorted(TEXTS.rglob("*.text")):
        name = path.relative_to(TEXTS).with_suffix("").as_posix()
        values = {**context, "organization": organization.name} if name == "retention" else context
        mail = write_from(name, values, to=[Mailbox(user.name, user.email)], organization=organization)
        found[name.replace("/", "_")] = parsed(mail.message().as_bytes())
    return found
