"""Addresses to which invitations by mail are answered: one for each calendar entry, with a token that nobody guesses.

The token stands behind a plus sign: `answers+0f3c...@example.com`. Whoever answers had the invitation, whatever the
sender's address says. Events are stored with the plain address; the token is put in as the mail is built.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings

from scheduling.calendar_events.ics import Event, Person
from scheduling.join_links.services import hash_of
from scheduling.models import Audience, CalendarEntry, MailAnswer, Schedule

#: Letters and digits that survive a program that writes addresses in small letters.
_TOKEN_BYTES = 16
#: More addresses in one mail are no answer to one invitation.
_MOST_TOKENS = 5


def own_address() -> str:
    """Return the plain address; empty where no mailbox is set up, and answers go to people."""
    return str(settings.IMAP_REPLY_ADDRESS) if settings.IMAP_HOST else ""


def make_missing(entry: CalendarEntry, event: Event) -> None:
    """Give an entry its token, where its event is answered to the mailbox and it has none."""
    if not own_address() or event.organizer.email != own_address():
        return
    token = secrets.token_hex(_TOKEN_BYTES)
    interview = entry.interview_ids[0] if entry.audience == Audience.INTERVIEWER and entry.interview_ids else None
    MailAnswer.objects.get_or_create(
        entry=entry,
        defaults={
            "organization_id": entry.organization_id,
            "schedule_id": entry.schedule_id,
            "interview_id": interview,
            "membership_id": entry.membership_id,
            "token": token,
            "token_hash": hash_of(token),
        },
    )


def put_in(event: Event) -> Event:
    """Return the event with its own address as organizer; unchanged where it has none, or its token can't be read."""
    found = MailAnswer.objects.filter(entry__uid=event.uid).only("token").first()
    if found is None or not found.token:
        return event
    local, _at, domain = event.organizer.email.rpartition("@")
    return replace(event, organizer=Person(event.organizer.name, f"{local}+{found.token}@{domain}"))


def tokens_in(texts: Iterable[str]) -> list[str]:
    """Return the tokens of addresses of the mailbox in texts, each once."""
    local, _at, domain = own_address().rpartition("@")
    pattern = re.compile(rf"{re.escape(local)}\+([0-9a-f]{{32}})@{re.escape(domain)}(?![\w.-])", re.IGNORECASE)
    found = [match[1].lower() for text in texts for match in pattern.finditer(text)]
    return list(dict.fromkeys(found))[:_MOST_TOKENS]


def find(token: str) -> MailAnswer | None:
    """Return the row of a token with its entry; its schedule is locked. Needs a transaction."""
    rows = MailAnswer.objects.select_related("entry").filter(token_hash=hash_of(token))
    schedule = rows.values_list("schedule", flat=True).first()
    if schedule is None or Schedule.objects.select_for_update(of=("self",)).filter(pk=schedule).first() is None:
        return None
    return rows.first()
