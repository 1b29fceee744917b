"""Everything about a schedule's messages, read from the database once, and who has to be notified of what.

Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from django.utils import timezone

from integrations.models import MeetingServer
from organizations.compiled import Compiled
from organizations.mail import look_of
from organizations.mail_page import Look
from organizations.models import Membership
from scheduling.calendar_events.answer_lines import AnswerLine, answer_lines, comment_lines
from scheduling.calendar_events.shown import EventSeen, events_of
from scheduling.join_links.meetings import servers_of
from scheduling.messages.default_texts import TemplateText, template_texts
from scheduling.messages.snapshot import (
    InterviewSnapshot,
    Recipient,
    ScheduleSnapshot,
    cancelled_interviews,
    differences,
    digest_of,
    interviewer,
    last_notified,
    load_snapshot,
)
from scheduling.models.messages import STAYED, Audience, CalendarEntry, Message, MessageKind, MessageState

# A recipient of one schedule's messages: audience and membership id.
RecipientKey = tuple[str, int | None]


@dataclass(frozen=True)
class MessageContext:
    """A schedule's snapshot with its messages by recipient, in order of id.

    `messages` are those of their own. `mails` are all that were or will be sent: also further mails with calendar
    events, and withdrawals from former addresses.
    """

    snapshot: ScheduleSnapshot
    messages: dict[RecipientKey, list[Message]]
    mails: dict[RecipientKey, list[Message]]
    look: Look
    # The events in calendars, where they were read, or made, just now.
    written: Mapping[int, Sequence[EventSeen]] | None = None

    @cached_property
    def entries(self) -> dict[RecipientKey, list[CalendarEntry]]:
        """The calendar entries with their answers by mail, by recipient, in order of id.

        Read when a message is composed or shown: a draft needs none.
        """
        found: dict[RecipientKey, list[CalendarEntry]] = {}
        for entry in _ENTRIES.all(self.snapshot.schedule.pk):
            found.setdefault((entry.audience, entry.membership_id), []).append(entry)
        return found

    @cached_property
    def events(self) -> Mapping[int, Sequence[EventSeen]]:
        """The events in interviewers' calendars, by membership, in order of time (`shown.events_of`)."""
        return events_of(self.snapshot.schedule.pk) if self.written is None else self.written

    def answers(self, key: RecipientKey) -> Sequence[AnswerLine]:
        """Return a recipient's answers by mail, in order of time, then those in their calendar that have a comment."""
        times = {one.pk: (one.starts_at, one.ends_at) for one in self.snapshot.interviews}
        events = self.events.get(key[1], ()) if key[0] == Audience.INTERVIEWER and key[1] is not None else ()
        return [*answer_lines(self.entries.get(key, ()), times), *comment_lines(events)]

    @cached_property
    def servers(self) -> Mapping[str, MeetingServer]:
        """The organization's servers for video calls. Read when a message is composed, where an interview is on one."""
        meetings = [interview.meeting for interview in self.snapshot.interviews]
        return servers_of(self.snapshot.organization.pk, meetings)

    def in_calendar(self, key: RecipientKey) -> bool:
        """Whether an interviewer needs no mail: each of their coming interviews is, or will be, in their calendar, and
        nothing else is that can't be removed now."""
        if key[0] != Audience.INTERVIEWER or key[1] is None:
            return False
        now = timezone.now()
        coming = {one.interview_id for one in self.interviews(key) if one.ends_at > now}
        return bool(coming) and self._told(key) >= coming and not self._stale(key).keys() - coming

    def _told(self, key: RecipientKey) -> set[int]:
        """The interviews that an interviewer knows by their calendar."""
        return {event.interview for event in self.events.get(key[1] or 0, ()) if event.is_told}

    def _stale(self, key: RecipientKey) -> dict[int, tuple[datetime, datetime]]:
        """The times at which an interviewer's calendar shows interviews wrongly, because it can't be written now."""
        events = self.events.get(key[1] or 0, ()) if key[0] == Audience.INTERVIEWER else ()
        shown = {event.interview: event.shows for event in events if event.is_stale and event.shows is not None}
        return {pk: times for pk, times in shown.items() if times[1] > timezone.now()}

    def is_behind(self, key: RecipientKey) -> bool:
        """Whether an interviewer's calendar shows something wrongly, until it can be written again."""
        return bool(self._stale(key))

    def is_in_a_calendar(self, key: RecipientKey, interviews: Iterable[int]) -> bool:
        """Whether an interviewer's calendar has the events of these interviews: a mail must not bring a second one."""
        return key[0] == Audience.INTERVIEWER and {(one, key[1]) for one in interviews} <= self.snapshot.in_calendars

    @cached_property
    def texts(self) -> dict[MessageKind, TemplateText]:
        """The organization's templates. Read when a message is composed."""
        return template_texts(self.snapshot.organization)

    def recipient(self, key: RecipientKey) -> Recipient | None:
        """Return the recipient, also when they take no part any more; None when they left the organization."""
        if key[0] == Audience.CANDIDATE:
            return self.snapshot.candidate
        for recipient in self.snapshot.recipients:
            if recipient.key == key:
                return recipient
        members = [message.membership for message in self.messages.get(key, []) if message.membership is not None]
        member = members[0] if members else self._former.get(key[1]) if key[1] is not None else None
        return interviewer(member) if member is not None else None

    def recipient_keys(self) -> list[RecipientKey]:
        """Return everybody who takes part, was ever written to, or is only in their calendar: in this order."""
        taking_part = [recipient.key for recipient in self.snapshot.recipients]
        shown: list[RecipientKey] = [(Audience.INTERVIEWER.value, member) for member in self.events]
        stale = [key for key in shown if self._stale(key)]
        return list(dict.fromkeys([*taking_part, *self.messages, *stale]))

    @cached_property
    def _former(self) -> Mapping[int, Membership]:
        """Members who take no part any more, while their calendars still say so."""
        members = [member for member in self.events if self._stale((Audience.INTERVIEWER.value, member))]
        rows = Membership.objects.filter(pk__in=members, organization=self.snapshot.organization)
        return {member.pk: member for member in rows.select_related("user")} if members else {}

    def interviews(self, key: RecipientKey) -> list[InterviewSnapshot]:
        return self.snapshot.interviews_for(Audience(key[0]), key[1])

    def last_notified(self, key: RecipientKey) -> list[InterviewSnapshot] | None:
        """Return what the recipient was last told, by mail, else by a calendar that can't be written now; None when
        nothing ever was."""
        mailed = self.last_mailed(key)
        return self._shown(key) if mailed is None else mailed

    def last_mailed(self, key: RecipientKey) -> list[InterviewSnapshot] | None:
        """Return what was last sent to the recipient's address of today; None when nothing ever was."""
        recipient = self.recipient(key)
        return last_notified(
            message
            for message in self.mails.get(key, [])
            if message.part_of_id is None and (recipient is None or _goes_to(message, recipient))
        )

    def _shown(self, key: RecipientKey) -> list[InterviewSnapshot] | None:
        """Return the interviews as an interviewer's calendar shows them; None where nothing in it is wrong."""
        stale = self._stale(key)
        if not stale:
            return None
        now, told = {one.interview_id: one for one in self.interviews(key)}, self._told(key)
        known = now | {one.interview_id: one for one in cancelled_interviews(stale.keys() - now.keys())}
        wrong = [replace(known[pk], starts_at=at[0], ends_at=at[1]) for pk, at in stale.items() if pk in known]
        return [*(one for pk, one in now.items() if pk in told), *wrong]


def load_message_context(schedule_id: int) -> MessageContext:
    """Read a schedule and its message context. Raises Schedule.DoesNotExist."""
    return message_context_of(load_snapshot(schedule_id))


def message_context_of(snapshot: ScheduleSnapshot) -> MessageContext:
    """Read the messages around a snapshot that was just taken."""
    messages: dict[RecipientKey, list[Message]] = {}
    mails: dict[RecipientKey, list[Message]] = {}
    for message in _MESSAGES.all(snapshot.schedule.pk):
        mails.setdefault(key_of(message), []).append(message)
        if message.part_of_id is None and not message.is_withdrawal:
            messages.setdefault(key_of(message), []).append(message)
    return MessageContext(snapshot, messages, mails, look_of(snapshot.organization))


_ENTRIES: Final = Compiled(
    lambda schedule: (
        CalendarEntry.objects.filter(schedule=schedule)
        .select_related("mail_answer")
        .defer("mail_answer__token")
        .order_by("id")
    ),
    int,
)
_MESSAGES: Final = Compiled(
    lambda schedule: (
        Message.objects.filter(schedule=schedule)
        .select_related("membership__user", "sent_by")
        .defer("text", "html")
        .order_by("id")
    ),
    int,
)


def key_of(message: Message) -> RecipientKey:
    return (message.audience, message.membership_id)


def needed(context: MessageContext, key: RecipientKey) -> MessageKind | None:
    """Return the kind of message that a recipient has to be sent; None when they know everything, or have left.

    Those who have it in their calendars know everything.
    A recipient with a new address is invited there. A message that is queued, failed or was not sent counts as long as
    it is current.
    """
    if context.recipient(key) is None or context.in_calendar(key):
        return None
    waiting = unsent(context, key)
    if waiting is not None and is_current(context, waiting):
        return None
    missing = occasion(context.last_notified(key) or [], context.interviews(key))
    return MessageKind(f"{key[0]}_{missing}") if missing else None


def occasion(notified: Sequence[InterviewSnapshot], now: Sequence[InterviewSnapshot]) -> str:
    """Return the occasion of the next message: `invitation`, `update`, `cancellation`, or nothing ("").

    `notified` is what was last sent to the recipient's address of today. Once all of both has ended, nothing is needed.
    """
    if _is_over([*notified, *now]):
        return ""
    if not now:
        return "cancellation" if notified else ""
    if not notified:
        return "invitation"
    return "update" if differences(notified, now) else ""


def _is_over(interviews: Sequence[InterviewSnapshot]) -> bool:
    now = timezone.now()
    return all(interview.ends_at <= now for interview in interviews)


def unsent(context: MessageContext, key: RecipientKey) -> Message | None:
    """Return the recipient's newest message when it is queued, failed or was not sent."""
    newest = context.messages.get(key, [])[-1:]
    return next((m for m in newest if m.state in {MessageState.QUEUED, *STAYED}), None)


def is_current(context: MessageContext, message: Message) -> bool:
    """Whether a message says what is true now, and goes to the recipient's address of today."""
    key = key_of(message)
    recipient = context.recipient(key)
    if recipient is None or not (message.is_copy or _goes_to(message, recipient)):
        return False
    return message.interviews_digest == digest_of(context.interviews(key))


def _goes_to(message: Message, recipient: Recipient) -> bool:
    return message.to_email.lower() == recipient.email.lower()
