"""Find people who haven't been told of changes, and messages that were not sent, for Home."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from organizations.bidi import isolated
from organizations.mail_server import can_leave
from scheduling.home.items import AttentionItem, Finding, listed
from scheduling.home.upcoming import NEAR, Upcoming, UpcomingInterview, UpcomingMessage, UpcomingSchedule
from scheduling.home.upcoming_queries import SOON
from scheduling.messages.message_context import RecipientKey, occasion
from scheduling.messages.snapshot import InterviewSnapshot, differences, digest_of, from_json
from scheduling.models import MessageState
from scheduling.models.coding_links import HAD
from scheduling.models.messages import NOTIFIED, STAYED, TROUBLED, Audience

_WAITING = {MessageState.QUEUED, *STAYED}


@dataclass(frozen=True, slots=True)
class NotNotified:
    """A person who needs a message. `at`: the first upcoming interview that they have wrong or no news of."""

    key: RecipientKey
    name: str
    occasion: str
    at: datetime | None


def message_findings(schedule: UpcomingSchedule, upcoming: Upcoming, access: Access) -> Iterator[Finding]:
    """At most one finding for people who haven't been told, and one for each state of messages in trouble."""
    people = not_notified(schedule, upcoming)
    soon = [one for one in people if one.at is not None and one.at < upcoming.now + SOON]
    if soon:
        at = min(one.at for one in soon if one.at is not None)
        severity = "danger" if at < upcoming.now + NEAR else "warning"
        yield Finding(schedule.pk, severity, at, partial(_not_told, schedule, soon, len(people), severity, access))
    yield from _trouble(schedule, upcoming, {one.key for one in people}, access)


def _address(schedule: UpcomingSchedule, access: Access) -> str:
    return f"{access.url('schedule-communications', pk=schedule.pk)}#messages-section"


def _not_told(
    schedule: UpcomingSchedule, people: Sequence[NotNotified], number: int, severity: str, access: Access
) -> AttentionItem:
    """People who haven't been told; `number` also counts those whose interviews are further ahead."""
    if all(one.occasion == "cancellation" for one in people):
        text = ngettext(
            "%(number)d person hasn't been told about the cancellation",
            "%(number)d people haven't been told about the cancellation",
            len(people),
        )
    else:
        text = ngettext(
            "%(number)d person hasn't been told yet", "%(number)d people haven't been told yet", len(people)
        )
    detail = listed(isolated(one.name) for one in people)
    text %= {"number": len(people)}
    if can_leave():
        action = ngettext("Send %(number)d message", "Send %(number)d messages", number)
    else:
        action = ngettext("Prepare %(number)d message", "Prepare %(number)d messages", number)
    action %= {"number": number}
    post = access.url("messages-dialog", pk=schedule.pk)
    return AttentionItem("send", severity, text, detail, _address(schedule, access), action, post=post, asks=True)


def _trouble(
    schedule: UpcomingSchedule, upcoming: Upcoming, known: set[RecipientKey], access: Access
) -> Iterator[Finding]:
    """Messages that failed or may not have arrived, unless their recipient needs another one anyway."""
    ahead = [one.starts_at for one in schedule.interviews if one.ends_at > upcoming.now]
    if not ahead:
        return
    newest = [(key, rows[-1]) for key, rows in schedule.messages.items()]
    newest += [(key, message) for key, rows in schedule.event_mails.items() for message in rows]
    stalled = [
        message for key, message in newest if message.state in TROUBLED and not message.is_replaced and key not in known
    ]
    for state, label in _TROUBLE_LABELS:
        if found := [message for message in stalled if message.state == state]:
            yield Finding(schedule.pk, "danger", min(ahead), partial(_stalled, schedule, found, label, access))


def _stalled(
    schedule: UpcomingSchedule, found: Sequence[UpcomingMessage], label: Callable[[int], str], access: Access
) -> AttentionItem:
    detail = listed(isolated(message.to_name) for message in found)
    text = label(len(found)) % {"number": len(found)}
    dialog = access.url("messages-dialog", pk=schedule.pk)
    return AttentionItem("mail", "danger", text, detail, _address(schedule, access), _("Open messages"), dialog)


def _failed(number: int) -> str:
    return ngettext("%(number)d message failed", "%(number)d messages failed", number)


def _unknown(number: int) -> str:
    return ngettext("%(number)d message may not have arrived", "%(number)d messages may not have arrived", number)


def _no_server(number: int) -> str:
    return ngettext(
        "%(number)d message wasn't sent: no mail server", "%(number)d messages weren't sent: no mail server", number
    )


_TROUBLE_LABELS = (
    (MessageState.FAILED, _failed),
    (MessageState.UNKNOWN, _unknown),
    (MessageState.NOT_SENT, _no_server),
)


# --- `message_context.needed` for many schedules at once ----------------------------------------------


def not_notified(schedule: UpcomingSchedule, upcoming: Upcoming) -> list[NotNotified]:
    """People for whom `message_context.needed` is true, current participants first."""
    planned = [interview for interview in schedule.interviews if not interview.is_cancelled]
    people = _taking_part(schedule, planned, upcoming)
    found = []
    for key in [*people, *(key for key in schedule.messages if key not in people)]:
        if key not in people:
            if key == (Audience.INTERVIEWER, None):
                continue  # has left the organization
            newest = schedule.messages[key][-1]
            people[key] = (newest.to_name, newest.email if key[1] else schedule.email)
        name, email = people[key]
        theirs = planned if key[1] is None else [one for one in planned if key[1] in one.people]
        stale = _stale(key, schedule, upcoming)
        if not stale and _in_calendar(key[1], theirs, upcoming.now):
            continue
        now = [_snapshot(one, key, upcoming) for one in theirs]
        shown = [*_told(key[1], theirs, now), *stale] if stale else []
        if one := _needed(key, name, email, schedule, now, shown, upcoming.now):
            found.append(one)
    return found


def _taking_part(
    schedule: UpcomingSchedule, planned: Sequence[UpcomingInterview], upcoming: Upcoming
) -> dict[RecipientKey, tuple[str, str]]:
    """Names and addresses of the candidate, of interviewers, and of those who are only so by their calendars."""
    people: dict[RecipientKey, tuple[str, str]] = {}
    if planned:
        people[Audience.CANDIDATE.value, None] = (schedule.name, schedule.email)
    for interview in planned:
        for person in interview.people.values():
            people[Audience.INTERVIEWER.value, person.pk] = (person.name, person.email)
    for interview in schedule.interviews:
        for member, event in interview.stale.items():
            if event.ends_at > upcoming.now:
                people.setdefault((Audience.INTERVIEWER.value, member), (event.name, event.email))
    return people


def _in_calendar(member: int | None, theirs: Sequence[UpcomingInterview], moment: datetime) -> bool:
    """Like `message_context.MessageContext.in_calendar`; `theirs` are the interviews of the recipient."""
    if member is None:
        return False
    told = [one.people[member].is_told for one in theirs if one.ends_at > moment]
    return bool(told) and all(told)


def _stale(key: RecipientKey, schedule: UpcomingSchedule, upcoming: Upcoming) -> list[InterviewSnapshot]:
    """The interviews that an interviewer's calendar shows wrongly, as it shows them."""
    if key[1] is None:
        return []
    events = [(one, one.stale[key[1]]) for one in schedule.interviews if key[1] in one.stale]
    return [
        replace(_snapshot(one, key, upcoming), starts_at=event.starts_at, ends_at=event.ends_at)
        for one, event in events
        if event.ends_at > upcoming.now
    ]


def _told(
    member: int | None, theirs: Sequence[UpcomingInterview], now: Sequence[InterviewSnapshot]
) -> list[InterviewSnapshot]:
    """The interviews that an interviewer's calendar tells them of rightly, out of `now`."""
    return [shot for one, shot in zip(theirs, now, strict=True) if member in one.people and one.people[member].is_told]


def _snapshot(interview: UpcomingInterview, key: RecipientKey, upcoming: Upcoming) -> InterviewSnapshot:
    """Like `snapshot.ScheduleSnapshot.interviews_for`, without names of people, which are not compared."""
    has_link = any(link.state in HAD for link in interview.links)
    join_link = upcoming.join_links.get((interview.pk, key[1]), 0)
    return InterviewSnapshot(
        interview_id=interview.pk,
        name=interview.name,
        kind=interview.kind,
        location=interview.location,
        room=interview.room.where if interview.room else "",
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        people=tuple((pk, "") for pk in interview.people),
        join_link_id=join_link if has_link else 0,
        meeting=interview.meeting,
        meeting_link_id=join_link if interview.meeting else 0,
        meeting_number=interview.meeting_number if interview.meeting else 0,
    )


def _needed(
    key: RecipientKey,
    name: str,
    email: str,
    schedule: UpcomingSchedule,
    now: list[InterviewSnapshot],
    shown: list[InterviewSnapshot],
    moment: datetime,
) -> NotNotified | None:
    waiting = next((one for one in schedule.messages.get(key, [])[-1:] if one.state in _WAITING), None)
    sent = (one for one in reversed(schedule.mails.get(key, [])) if one.state in NOTIFIED)
    last = next((one for one in sent if _is_to(one, email)), None)
    # Nearly always one of them has it all: then no JSON is parsed.
    told = [one for one in (waiting, last if now else None) if one is not None and _is_to(one, email)]
    if told and digest_of(now) in {one.interviews_digest for one in told}:
        return None
    notified = from_json(json.loads(last.interviews)) if last is not None else shown
    missing = occasion(notified, now)
    if not missing:
        return None
    changes = differences(notified, now)
    known = [interview for one in changes for interview in (one.old, one.new) if interview is not None]
    starts = [interview.starts_at for interview in known if interview.ends_at > moment]
    return NotNotified(key, name, missing, min(starts, default=None))


def _is_to(message: UpcomingMessage, email: str) -> bool:
    return message.to_email.lower() == email.lower()
