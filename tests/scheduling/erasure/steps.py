"""A candidate who left traces in every table, and what of them stands anywhere in the database."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.models import Integration
from scheduling.coding_links.transitions import record_event
from scheduling.models import Candidate, CodingLink, FormDraft, JoinLink, Schedule, VendorEvent, VendorSnapshot
from scheduling.schedules import interviews as interview_services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.loops import make_link
from tests.scheduling.message_steps import send, staffed_loop

NAME, EMAIL, PHONE = "Zuzanna Quill-Übelacker", "zuzanna.quill@example.com", "+44 20 7946 0123"
NOTE, ROOM, VERDICT = "Caught the flu on Tuesday.", "Flat 7, Quillhouse", "Strong in recursion, shy in talk."
PERSON = {"name": NAME, "email": EMAIL, "phone": PHONE, "time_zone": "Europe/London", "job": "", "stage": ""}
#: Their name, in capital letters or not, as JSON writes it, and as forms send it.
TRACES = [NAME, NAME.lower(), NAME.encode("ascii", "backslashreplace").decode(), quote_plus(NAME), EMAIL]
TRACES += [quote_plus(EMAIL), PHONE, NOTE, ROOM, VERDICT, "Quill", "quill"]


def well_known(team: Team, client: Client, integration: Integration) -> Schedule:
    """Make a candidate through the product's pages, and leave something of them in every table that can hold it."""
    added = client.post(team.url("candidates/new/"), PERSON | {"once": "token-of-a-form"})
    assert added.status_code == 302
    candidate = Candidate.objects.get(email=EMAIL)
    schedule = staffed_loop(team, f"Talk with {NAME}", "Coding")
    unused, schedule.candidate = schedule.candidate, candidate
    schedule.save()
    unused.delete()
    schedule.interviews.update(place=ROOM)
    for interview, state in zip(schedule.interviews.order_by("id"), ("finished", "ready"), strict=True):
        link = make_link(
            interview,
            integration,
            state,
            candidate=candidate,
            candidate_name=NAME,
            candidate_email=EMAIL,
            candidate_key=EMAIL,
            feedback=[{"author": "Ines", "notes": VERDICT}],
        )
        record_event(link, code="made")
        VendorEvent.objects.create(
            integration=integration, event="seen", external_id=link.external_id, triggered_at=timezone.now()
        )
    VendorSnapshot.objects.create(integration=integration, candidate_key=EMAIL, taken_at=timezone.now())
    send(schedule, team)
    interview_services.cancel_interview(
        interview=schedule.interviews.get(name="Coding"), actor=team.recruiter.user, reason=GivenReason("Ill", NOTE)
    )
    send(schedule, team)
    content = f"candidate={candidate.pk}&interviews-0-name=Coding"
    other = f"candidate_name={quote_plus(NAME)}&candidate_email={quote_plus(EMAIL)}"
    for page, text in (("schedule-new", content), ("schedule-new?stage=1", other)):
        FormDraft.objects.create(
            organization=team.organization, membership=team.recruiter, page=page, form="0", sequence=1, content=text
        )
    uploads = [f"name,email\n{NAME},{EMAIL}\n".encode(), f"Wer;Post\n{NAME};{EMAIL}\n".encode("utf-16")]
    for data in uploads:
        file = SimpleUploadedFile("people.csv", data)
        assert client.post(team.url("candidates/import/"), {"file": file}).status_code == 302
    assert JoinLink.objects.filter(membership=None).exists()
    return schedule


def confirm(link: CodingLink) -> None:
    """Let the tool confirm that it has deleted an interview."""
    from scheduling.coding_links.transitions import transition

    assert transition(link, "cancelled", code="deleted", next_attempt_at=None)


def dump() -> str:
    """Every column of every table as text."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                found.append(f"{table}: " + " | ".join(map(_as_text, row)))
    return "\n".join(found)


def _as_text(value: object) -> str:
    if isinstance(value, memoryview):
        value = value.tobytes()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") + value.decode("utf-16", "replace")
    return str(value)


def found_in(text: str) -> list[str]:
    """The lines in which something of the candidate stands."""
    return [line for line in text.splitlines() if any(trace in line for trace in TRACES)]


def mails_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))
